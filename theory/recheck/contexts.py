"""Contexts: declared names, hypotheses, opened variables and assumptions, and what they say.

What is `assumed` holds on the samples looked at, what is `surely` so on every one that satisfies the
assumptions around. A context is `unsure` if something random is assumed around: then what holds in
it holds on some samples only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from theory.recheck.terms import (
    INF,
    NEGINF,
    OWN,
    PROPOSITIONS,
    Malformed,
    Term,
    has_all,
    le,
    names,
    parts_of,
    sign_fact,
    var,
)


@dataclass(frozen=True)
class Declared:
    """A name's domain. An entry at time j is fixed by the history before step k iff j ≤ k - lag."""

    kind: str
    sign: str = ""
    ranges: tuple[tuple[Term, Term], ...] = ()
    random: bool = False
    time: int | None = None
    lag: int = 0


@dataclass(eq=False)
class Context:
    """A child adds an opened variable (name, kind, ends) or a proposition to its parent."""

    declared: Mapping[str, Declared]
    hypotheses: Mapping[str, Term] = field(default_factory=dict)
    parent: Context | None = None
    opened: tuple[str, str, Term, Term] | None = None
    assumed: Term | None = None
    surely: bool = False
    unsure: bool = False
    own: int = 0  # how many of the checker's own variables are opened around
    memory: dict[Any, Any] = field(default_factory=dict)
    children: dict[Any, Context] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scope = frozenset((name, len(d.ranges)) for name, d in self.declared.items())
        root = self if self.parent is None else self.parent.root
        self.root: Context = root

    def chain(self) -> Iterator[Context]:
        """This context and those around it, innermost first."""
        here: Context | None = self
        while here is not None:
            yield here
            here = here.parent

    def within(self, other: Context) -> bool:
        return any(here is other for here in self.chain())

    def require_known(self, term: Term, prop: bool | None = None) -> None:
        """The term stands alone and every name is declared, as what it is used as."""
        if term.loose or not term.uses <= self.scope:
            unknown = ", ".join(sorted(name for name, _ in term.uses - self.scope))
            raise Malformed(f"{unknown or 'a bound variable'} is not declared where it is used")
        if prop is not None and (prop != (term.op in PROPOSITIONS) or term in (INF, NEGINF)):
            raise Malformed(f"a {'proposition' if prop else 'number'} was expected")

    def open(self, name: str, kind: str, lower: Term, upper: Term) -> Context:
        """A child with an arbitrary number of a range, which must not be random."""
        key = (name, kind, lower, upper)
        if key not in self.children:
            if name in self.declared:
                raise Malformed(f"the variable {name} is already in use")
            if lower is INF or upper is NEGINF or kind not in ("int", "real"):
                raise Malformed(f"{name} is opened over no range")
            for end in {lower, upper} - {INF, NEGINF}:
                self.require_known(end, False)
                if self.is_random(end):
                    raise Malformed(f"the range of {name} is random")
            child = Context({**self.declared, name: Declared(kind)}, self.hypotheses, self, key)
            child.unsure, child.own = self.unsure, self.own + name.startswith(OWN)
            self.children[key] = child
        return self.children[key]

    def assume(self, prop: Term, surely: bool = False) -> Context:
        """A child in which a proposition holds."""
        key = (prop, surely)
        if key not in self.children:
            self.require_known(prop, True)
            child = Context(self.declared, self.hypotheses, self, None, prop, surely)
            child.unsure = self.unsure or not surely and self.is_random(prop)
            child.own = self.own
            self.children[key] = child
        return self.children[key]

    @property
    def sure(self) -> Context:
        """This context without what is assumed of some samples only: what may be used inside E."""
        if not self.unsure or self.parent is None:
            return self
        around = self.parent.sure
        if self.opened is not None:
            return around.open(*self.opened)
        assert self.assumed is not None
        if self.is_random(self.assumed):  # below such an assumption, "surely" is on its samples
            return around
        return around.assume(self.assumed, self.surely)

    def given(self) -> list[Term]:
        """The facts that this child adds."""
        if self.assumed is not None:
            return [self.assumed]
        if self.opened is None:
            return []
        name, _, lower, upper = self.opened
        low = [] if lower is NEGINF else [le(lower, var(name))]
        return low if upper is INF else [*low, le(var(name), upper)]

    def facts(self) -> list[Term]:
        """All that is known here without a quantifier, innermost first."""
        if "facts" not in self.memory:
            if self.parent is None:
                signs = (sign_fact(d.sign, var(n)) for n, d in self.declared.items() if not d.ranges)
                found = [*self.hypotheses.values(), *(s for s in signs if s is not None)]
                around: list[Term] = []
            else:
                found, around = self.given(), self.parent.facts()
            parts = [part for prop in found for part in parts_of(prop) if not has_all(part)]
            self.memory["facts"] = parts + around
        facts: list[Term] = self.memory["facts"]
        return facts

    # -- what is random, what is whole -------------------------------------------------------------

    def is_random(self, term: Term) -> bool:
        """Whether a term varies with the sample."""
        memory = self.root.memory
        if ("random", term) not in memory:
            memory["random", term] = self._is_random(term)
        return bool(memory["random", term])

    def _is_random(self, term: Term) -> bool:
        declared = self.root.declared
        if not any(declared[name].random for name in names(term) if name in declared):
            return False
        if term.op == "mean" and len(term.args) == 1:
            return False
        if term.op in ("var", "entry") and declared[term.data].random:
            return True
        return any(map(self.is_random, term.args))

    def is_whole(self, term: Term) -> bool:
        """Whether a number is an integer by its form and the declared kinds."""
        if term.op == "num":
            return bool(term.data.denominator == 1)
        if term.op in ("var", "entry"):
            return term.data in self.declared and self.declared[term.data].kind == "int"
        keeps = ("abs", "sign", "max", "min")
        if term.op in ("add", "mul") or term.op == "fn" and term.data in keeps:
            return all(map(self.is_whole, term.args))
        if term.op == "pow":
            base, exponent = term.args
            small = exponent.op == "num" and exponent.data.denominator == 1 and exponent.data >= 0
            return small and self.is_whole(base)
        return False
