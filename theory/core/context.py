"""What a proof may rest on where it stands: declared names with their domains, hypotheses, ranges and assumptions.

A context is immutable. `open` fixes a new variable of a range, `assume` adds a proposition; both give a child, and what is
shown in a context holds in its children. Signs and integrality are facts here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from theory.core.term import INF, NEGINF, ZERO, Term, le, lt, ne, var

SIGNS = ("", "positive", "nonnegative", "negative", "nonpositive", "nonzero")


class Rejected(Exception):
    """An inference does not apply; the message says why."""


@dataclass(frozen=True)
class Declared:
    """A name's domain: integers or reals, a sign, for a sequence the ranges of its indices; whether it is random, and
    then (`time`, `lag`): the entry at time j is fixed by the history before step k if and only if j ≤ k - lag."""

    kind: str
    sign: str = ""
    ranges: tuple[tuple[Term, Term], ...] = ()
    random: bool = False
    time: int | None = None
    lag: int = 0

    @property
    def is_sequence(self) -> bool:
        return bool(self.ranges)


def sign_fact(sign: str, value: Term) -> Term | None:
    """What a sign says of a value."""
    facts = {"positive": lt(ZERO, value), "nonnegative": le(ZERO, value), "negative": lt(value, ZERO),
             "nonpositive": le(value, ZERO), "nonzero": ne(value, ZERO)}
    return facts.get(sign)


@dataclass(eq=False)
class Context:
    """Names in force, hypotheses by name, and for a child what it adds to its parent."""

    declared: Mapping[str, Declared]
    hypotheses: Mapping[str, Term] = field(default_factory=dict)
    parent: Context | None = None
    opened: tuple[str, str, Term, Term] | None = None
    assumed: Term | None = None
    surely: bool = False  # what is assumed holds on every sample
    memory: dict = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)  # hypotheses that a normal form or a range was shown from
    _children: dict = field(default_factory=dict)

    @property
    def root(self) -> Context:
        return self if self.parent is None else self.parent.root

    def chain(self) -> Iterator[Context]:
        """This context and those around it, innermost first."""
        here: Context | None = self
        while here is not None:
            yield here
            here = here.parent

    def within(self, other: Context) -> bool:
        """Whether this context is `other` or a child of it."""
        return any(here is other for here in self.chain())

    def open(self, name: str, kind: str, lower: Term, upper: Term) -> Context:
        """A child in which `name` is an arbitrary number of the range, which must not be random."""
        key = (name, kind, lower, upper)
        if key not in self._children:
            if name in self.declared:
                raise Rejected(f"the bound variable {name} is already in use")
            for end in (lower, upper):
                self.require_known(end)
                if self.is_random(end):
                    raise Rejected("a range may not be random: what holds inside it would hold on some samples only")
            declared = {**self.declared, name: Declared(kind)}
            self._children[key] = Context(declared, self.hypotheses, self, key, None, touched=self.touched)
        return self._children[key]

    def assume(self, prop: Term, surely: bool = False) -> Context:
        """A child in which prop holds: on the samples looked at, or, `surely`, on every sample."""
        key = (prop, surely)
        if key not in self._children:
            self.require_known(prop)
            self._children[key] = Context(self.declared, self.hypotheses, self, None, prop, surely, touched=self.touched)
        return self._children[key]

    @property
    def sure(self) -> Context:
        """This context without what it assumes of some samples only: all that may be used inside a mean."""
        if self.parent is None:
            return self
        around = self.parent.sure
        if self.opened is not None:
            return self if around is self.parent else around.open(*self.opened)
        assert self.assumed is not None
        if self.is_random(self.assumed) and not (self.surely and around is self.parent):
            return around  # what holds "surely" below such an assumption holds on its samples only
        return self if around is self.parent else around.assume(self.assumed, self.surely)

    @property
    def depth(self) -> int:
        """How many variables are opened around here."""
        return sum(here.opened is not None for here in self.chain())

    def require_known(self, term: Term) -> None:
        """Every free name is declared, as the scalar or the sequence that it is used as; nothing is left unbound."""
        if term.loose or term.free - self.declared.keys():
            unknown = ", ".join(sorted(term.free - self.declared.keys())) or "a bound variable"
            raise Rejected(f"{unknown} is not declared by the claim (same name, same domain)")

    def ranges(self) -> list[Term]:
        """What this child adds: the ends of its variable's range, or what it assumes."""
        if self.assumed is not None:
            return [self.assumed]
        if self.opened is None:
            return []
        name, _, lower, upper = self.opened
        low = [] if lower == NEGINF else [le(lower, var(name))]
        return low if upper == INF else [*low, le(var(name), upper)]

    # -- what is random ------------------------------------------------------------------------------------------------

    def is_random(self, term: Term) -> bool:
        """Whether a term varies with the sample; an unconditional expectation inside it does not."""
        if not any(self.declared[name].random for name in term.free if name in self.declared):
            return False
        if term.op == "mean" and len(term.args) == 1:
            return False
        if term.op in ("var", "entry") and self.declared[term.data].random:
            return True
        return any(self.is_random(arg) for arg in term.args)

    def is_whole(self, term: Term) -> bool:
        """Whether a term is an integer by its form and the declared domains."""
        if term.op == "num":
            return isinstance(term.data, int)
        if term.op in ("var", "entry"):
            return self.declared[term.data].kind == "int"
        if term.op in ("add", "mul") or (term.op == "fn" and term.data in ("abs", "sign", "max", "min")):
            return all(self.is_whole(arg) for arg in term.args)
        if term.op == "pow":
            base, exponent = term.args
            return self.is_whole(base) and exponent.op == "num" and isinstance(exponent.data, int) and exponent.data >= 0
        return False


def has_mean(term: Term) -> bool:
    """Whether an expectation is taken anywhere in a term."""
    return term.op == "mean" or any(has_mean(arg) for arg in term.args)
