"""Where a proof stands: the kernel's context, the facts by name, and what SymPy's symbols are called.

`prove` finds a proof of a side condition: a fact as it stands, signs and linear arithmetic, normal
forms, then the solvers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from theory.core import theorem as kernel
from theory.core.context import Context, Rejected
from theory.core.defined import obligations
from theory.core.grants import of
from theory.core.instance import Refused
from theory.core.language import Always
from theory.core.latex import text
from theory.core.read import Unreadable, printed_name, read, read_function, read_number
from theory.core.rules import At, Reference
from theory.core.term import INF, NEGINF, Function, Term, le, open_, subterms, var
from theory.core.theorem import Theorem
from theory.proofs import bounds

Finish = Callable[[Theorem], Theorem]
MILLISECONDS = (10_000, 1_000)  # for z3 and cvc5
SIDE = (2_000, 500)  # for side conditions


@dataclass(frozen=True)
class Place:
    """A context with facts; `names` says what symbols are called, `symbols` who is called so."""

    context: Context
    names: Mapping[sp.Basic, str]
    facts: Mapping[str, Theorem] = field(default_factory=dict)
    symbols: Mapping[str, frozenset[sp.Basic]] = field(default_factory=dict)
    bound: Mapping[str, frozenset[sp.Basic]] = field(default_factory=dict)  # by a fact's quantifiers

    # -- reading ---------------------------------------------------------------------------------

    def read(self, expr: Any) -> Term:
        """A statement or a number as a term."""
        return self._entered(lambda: read(expr, self.names))

    def number(self, expr: Any) -> Term:
        return self._entered(lambda: read_number(expr, self.names))

    def function(self, value: Any, arity: int) -> Function:
        return self._entered(lambda: read_function(value, self.names, arity))

    def _entered(self, reader: Callable[[], Any]) -> Any:
        try:
            return reader()
        except Unreadable as problem:
            raise Rejected(str(problem)) from problem

    def knowing(self, *exprs: Any) -> Place:
        """The place with the symbols of these expressions known by their names."""
        symbols = {name: set(known) for name, known in self.symbols.items()}
        for expr in exprs:
            for symbol in _symbols(expr):
                symbols.setdefault(printed_name(symbol), set()).add(symbol)
        return replace(self, symbols={name: frozenset(known) for name, known in symbols.items()})

    # -- moving ----------------------------------------------------------------------------------

    def at(self, context: Context) -> Place:
        """The same place in a child of its context; opened variables can be read by their names."""
        names = dict(self.names)
        for here in context.chain():
            if here is self.context:
                break
            if here.opened is not None:
                names |= dict.fromkeys(self.symbols.get(here.opened[0], ()), here.opened[0])
        return replace(self, context=context, names=names)

    def opened(self, goal: Term, fresh: bool = False) -> tuple[Place, Term, Finish]:
        """Inside a quantified statement: its variable fixed but arbitrary."""
        low, high, _ = goal.args
        name = goal.hint or "x"
        while fresh and name in self.context.declared:
            name += "'"
        inside = self.context.open(name, goal.data, low, high)
        return self.at(inside), open_(goal, var(name)), kernel.generalise

    def assuming(self, goal: Term) -> tuple[Place, Term, Finish]:
        """Inside an implication: its premise assumed."""
        inside = self.context.assume(goal.args[0])
        return replace(self, context=inside), goal.args[1], kernel.discharge

    def with_fact(self, name: str, fact: Theorem, statement: Any = None) -> Place:
        """The place after a fact; its statement says which symbols it may be taken at."""
        bound = dict(self.bound)
        if statement is not None:
            bound[name] = bound_symbols(statement)
        return replace(self, facts={**self.facts, name: fact}, bound=bound)

    # -- facts -----------------------------------------------------------------------------------

    def fact(self, name: str) -> Theorem:
        if name not in self.facts:
            raise Rejected(f"there is no fact '{name}' here; there are {', '.join(self.facts)}")
        return self.facts[name]

    def lookup(self, reference: Reference) -> Theorem:
        """The fact a reference stands for, at particular values where it is quantified."""
        name, given = (reference.fact, reference.values) if isinstance(reference, At) else (
            reference, {})
        fact = self.fact(name)
        if fact.prop.op != "all" and given:
            raise Rejected(f"'{name}' is not quantified, so it has no value to take")
        if unknown := set(given) - self.bound.get(name, frozenset(given)):
            raise Rejected(f"'{name}' does not quantify over {', '.join(map(str, unknown))}")
        values = {printed_name(symbol): self.number(value) for symbol, value in given.items()}
        while fact.prop.op == "all":
            variable = fact.prop.hint
            if variable not in values and variable not in self.context.declared:
                raise Rejected(f"'{name}' needs a value for {variable}")
            fact = self.instance(fact, values.get(variable, var(variable)), name)
        return fact

    def instance(self, fact: Theorem, value: Term, name: str) -> Theorem:
        """A quantified fact at one value, shown to be in range and, if its variable has a sign, to
        have it.
        """
        low, high, _ = fact.prop.args
        self.require_defined(value)
        wanted = ([] if low == NEGINF else [le(low, value)]) + (
            [] if high == INF else [le(value, high)])
        inside = []
        for condition in wanted:
            if (shown := self.shown(condition)) is None:
                raise Rejected(f"cannot show {text(condition)}, needed to take '{name}' "
                               f"at {text(value)}")
            inside.append(shown)
        try:
            found = kernel.instance(self.context, fact, value, inside)
        except Rejected as problem:
            raise Rejected(f"'{name}' at {text(value)}: {problem}") from problem
        if found.prop.op == "implies" and fact.prop.data == "real":
            premise = self.shown(found.prop.args[0]) if is_sign(found.prop.args[0], value) else None
            found = found if premise is None else kernel.modus_ponens(self.context, found, premise)
        return found

    # -- side conditions -------------------------------------------------------------------------

    def require_defined(self, term: Term, using: Iterable[Theorem] = ()) -> None:
        """Each division, root, logarithm, power, sum and entry in the term makes sense here."""
        for context, condition in obligations(term, self.context):
            shown = self.at(context).shown(condition, using)
            if shown is not None:
                self.context.root.memory.setdefault("definedness", []).append(shown)
            else:
                raise Rejected(f"{text(condition)} is needed for the statement to make sense "
                               "and cannot be shown")

    def shown(self, prop: Term, using: Iterable[Theorem] = ()) -> Theorem | None:
        """A theorem that says so, or None."""
        using = tuple(using)
        memory = self.context.memory.setdefault("shown", {})
        about = bounds.about_entries(self, prop)  # which may come to be known later
        facts = len(self.facts) if any(part.op in ("sum", "prod") for part in prop.args[-1:]) else 0
        key = (prop, facts, tuple(fact.prop for fact in (*using, *about)))
        if key not in memory:
            try:
                memory[key] = self.prove(prop, using)
            except (Rejected, Refused):
                memory[key] = None
        return memory[key]

    def prove(self, prop: Term, using: Sequence[Theorem] = ()) -> Theorem:
        """A proof from the context and the given facts; `Rejected` says why there is none."""
        context = self.context
        for fact in using:
            if fact.prop == prop and context.within(fact.context):
                return kernel.same(context, fact, prop)
        if of(context).holds(prop):
            return kernel.trivial(context, prop)
        if prop.op in ("all", "implies"):
            place, inner, finish = (self.opened(prop, fresh=True) if prop.op == "all"
                                    else self.assuming(prop))
            return finish(place.prove(inner, using))
        if prop.op == "and":
            return kernel.conjoin(context, *(self.prove(part, using) for part in prop.args))
        return self.solved(prop, using, SIDE)

    def solved(self, prop: Term, using: Sequence[Theorem], limits: tuple[int, int] = MILLISECONDS
               ) -> Theorem:
        """By the solvers, from the given facts and what is cheap to reason with, then from all that
        the context says; then with shifted sums alike, then with integer variables as integers.
        """
        if of(self.context).holds(prop):
            return kernel.trivial(self.context, prop)
        try:
            return kernel.identity(self.context, prop)
        except Rejected:
            pass
        if not using and (shown := bounds.gathered(self, prop)) is not None:
            return shown
        plain, rest = self.ambient()
        few, every = (*plain, *using), (*plain, *rest, *using)
        terms = [part for fact in (*every,) for part in subterms(fact.prop)] + [*subterms(prop)]
        sums = any(part.op in ("sum", "prod") for part in terms)
        whole = any(part.op == "var" and self.context.is_whole(part) for part in subterms(prop))
        tries = [(few, SIDE, "written", False), (few, SIDE, "kept", False) if sums else None,
                 (every, SIDE, "written", False) if rest else None,
                 (every, SIDE, "least", False) if sums else None,
                 (every, SIDE, "written", True) if whole else None]
        if limits != SIDE:
            tries += [(few, limits, "written", False), (every, limits, "written", False)]
        first: kernel.Unproved | None = None
        broken = set()  # what values break needs no longer look
        for attempt in filter(None, tries):
            facts, time_limits, mode, integers = attempt
            if (facts is few, mode, integers) in broken:
                continue
            try:
                return kernel.arithmetic(self.context, prop, facts, time_limits, mode, integers)
            except kernel.Unproved as problem:
                first = first or problem
                if problem.opinion.answer == "sat":
                    first = problem
                    broken.add((facts is few, mode, integers))
        assert first is not None
        if known := bounds.instances(self, prop):
            return kernel.arithmetic(self.context, prop, [*every, *known], SIDE)
        raise first

    def ambient(self) -> tuple[list[Theorem], list[Theorem]]:
        """What the context says without quantifiers: polynomials in scalars, and the rest."""
        memory = self.context.memory
        if "ambient" not in memory:
            found = [kernel.hypothesis(self.context, name)
                     for name, prop in self.context.root.hypotheses.items() if is_plain(prop)]
            found += [kernel.given(self.context, prop) for here in reversed([*self.context.chain()])
                      for prop in here.ranges() if is_plain(prop)]
            few = [fact for fact in found if is_simple(fact.prop)]
            memory["ambient"] = few, [fact for fact in found if fact not in few]
        return memory["ambient"]


def bound_symbols(statement: Any) -> frozenset[sp.Basic]:
    """The symbols that the quantifiers at the front of a statement bind."""
    found: frozenset[sp.Basic] = frozenset()
    while isinstance(statement, Always):
        found, statement = found | set(statement.variables), statement.body
    return found


def is_plain(prop: Term) -> bool:
    """Whether there is no quantifier in a proposition."""
    return all(part.op not in ("all", "integral", "limit") for part in subterms(prop))


def is_simple(prop: Term) -> bool:
    """A relation between polynomials in scalars."""
    return prop.op in ("le", "lt", "eq", "ne") and all(
        part.op in ("num", "var", "add", "mul", "pow", "le", "lt", "eq", "ne") and
        (part.op != "pow" or part.args[1].op == "num" and isinstance(part.args[1].data, int))
        for part in subterms(prop))


def is_sign(prop: Term, value: Term) -> bool:
    """Whether a proposition says the sign of a value."""
    return prop.op in ("le", "lt", "ne") and value in prop.args and any(
        arg.op == "num" and arg.data == 0 for arg in prop.args)


def _symbols(expr: Any) -> set[sp.Basic]:
    """All symbols in what an author gave, bound ones too."""
    if isinstance(expr, sp.Basic):
        return expr.atoms(sp.Symbol, sp.Dummy)
    if isinstance(expr, Mapping):
        return _symbols([*expr.keys(), *expr.values()])
    if isinstance(expr, (tuple, list)):
        return set().union(*map(_symbols, expr)) if expr else set()
    if isinstance(expr, At):
        return _symbols(expr.values)
    return set()
