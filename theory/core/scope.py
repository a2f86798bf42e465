"""Where a proof step stands: declared symbols, variables in scope, known facts; and whether an expression is defined there."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from theory.core.claim import Fixed, Var
from theory.core.language import BINDERS, Always, E, free_atoms, freshen, outermost_first, range_facts, substitute
from theory.core.normal import Normalizer
from theory.core.read import Unreadable, printed_name, read
from theory.core.rules import At, Reference
from theory.core.solvers import Answer, entails

LANGUAGE = (sp.Rational, sp.NumberSymbol, sp.Symbol, sp.Indexed, sp.Add, sp.Mul, sp.Pow, sp.Function, sp.Max, sp.Min, sp.Sum,
            sp.Product, sp.Integral, sp.Limit, Always, sp.Rel, sp.And, sp.Or, sp.Not, sp.Implies, sp.Equivalent, sp.Xor,
            BooleanTrue, BooleanFalse)
FUNCTIONS = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.exp, E, sp.Integral, sp.Limit)


class Rejected(Exception):
    """The step does not check; the message says why."""


@dataclass(frozen=True)
class Scope:
    """Facts by name, the variables opened so far, and `ambient`: relations usable for side conditions everywhere."""

    variables: Mapping[sp.Basic, Var]
    facts: Mapping[str, Boolean]
    ambient: tuple[Boolean, ...] = ()
    opened: tuple[sp.Symbol, ...] = ()
    history: Mapping[sp.Basic, Fixed] = field(default_factory=dict)
    memory: dict = field(default_factory=dict)

    # -- what follows here ---------------------------------------------------------------------------------------------

    def holds(self, goal: Boolean, facts: Sequence[Boolean] = ()) -> bool:
        """Whether a side condition follows from the ambient facts and the given ones."""
        key = (goal, tuple(facts), self.ambient)
        if key not in self.memory:
            plain = Normalizer(memory=self.memory.setdefault("plain", {}))
            self.memory[key] = goal is sp.true or _follows_from_one(goal, (*self.ambient, *facts)) or any(
                entails((*known, *facts), goal, plain, second_opinion=False).proved for known in self._ambient_first_few())
        return self.memory[key]

    def contradictory(self, hypotheses: Iterable[Boolean]) -> bool:
        """Whether z3 finds that the unquantified hypotheses and the declared domains cannot all hold."""
        plain = [h for h in hypotheses if not h.has(Always)]
        signs = [c for s in self.variables if isinstance(s, sp.Symbol) for c in domain_conditions(s, s)]
        wrong = sp.Lt(sp.S.Zero, sp.S.Zero, evaluate=False)
        return bool(plain) and entails([*signs, *plain], wrong, self.normal, second_opinion=False).proved

    def _ambient_first_few(self) -> Iterator[tuple[Boolean, ...]]:
        """The ambient facts that are cheap to reason with, then, if there are more, all of them: fewer facts prove less,
        never more, and mostly enough."""
        few = tuple(fact for fact in self.ambient if _is_plain(fact))
        yield few
        if len(few) < len(self.ambient):
            yield self.ambient

    @property
    def normal(self) -> Normalizer:
        return Normalizer(self.holds, memory=self.memory.setdefault(("normal", self.ambient), {}))

    @property
    def random(self) -> frozenset[sp.Basic]:
        return frozenset(symbol for symbol, var in self.variables.items() if var.random)

    def varies(self, expr: sp.Basic) -> bool:
        """Whether an expression depends on the sample (an unconditional expectation in it does not)."""
        return Normalizer(random=self.random).is_random(expr)

    def known_before(self, expr: sp.Expr, step: sp.Expr) -> bool:
        """Whether every random entry in expr is fixed by the history before `step` (see `Claim.history`)."""
        entries = {e for e in expr.atoms(sp.Indexed) if e.base in self.random}
        plain = free_atoms(expr) & self.random - {e.base for e in entries}
        hiding = expr.atoms(Always, *BINDERS, sp.Limit, E)  # entries at indices not in scope
        inside = any(free_atoms(part) & self.random for part in hiding)
        if plain or inside or any(e.base not in self.history for e in entries):
            return False
        fixed = [(e.indices[self.history[e.base].time], self.history[e.base].lag) for e in entries]
        return all(self.holds(sp.Le(time, step - lag)) for time, lag in fixed)

    def same(self, one: Boolean, other: Boolean) -> bool:
        """Whether two statements have one normal form here."""
        return self._statement(one) == self._statement(other)

    def _statement(self, prop: Boolean) -> tuple:
        key = ("statement", prop, self.ambient)
        if key not in self.memory:
            self.memory[key] = self.normal.statement(prop)
        return self.memory[key]

    def polynomial(self, goal: Boolean, using: Sequence[Reference]) -> Answer:
        """Prove a relation, a conjunction or a quantified one by arithmetic from the named facts."""
        if isinstance(goal, Always):
            scope, body = self.open(goal)
            return scope.polynomial(body, using)
        if isinstance(goal, sp.And) and goal.has(Always):
            answers = [self.polynomial(part, using) for part in goal.args]
            return next((a for a in answers if not a.proved), answers[0])
        facts = [self.lookup(reference) for reference in using]
        for fact in facts:
            if fact.has(Always):
                raise Rejected("a quantified fact inside a formula cannot go to the solver; name it with At(...)")
        for known in self._ambient_first_few():
            answer = entails([*known, *facts], goal, self.normal)
            if answer.proved:
                return answer
        return self._whole_numbers([*self.ambient, *facts], goal) or answer

    def _whole_numbers(self, facts: Sequence[Boolean], goal: Boolean) -> Answer | None:
        """A second look in which integer symbols of the goal avoid (-1, 0) and (0, 1); None if that does not help."""
        whole = [s for s in sorted(goal.free_symbols, key=str) if isinstance(s, sp.Symbol) and s.is_integer]
        gaps = [sp.Or(sp.Le(n, low), sp.Ge(n, low + 1)) for n in whole if not n.is_positive for low in (-1, 0)]
        answer = entails([*gaps, *facts], goal, self.normal) if gaps else None
        return answer if answer is not None and answer.proved else None

    # -- scope ---------------------------------------------------------------------------------------------------------

    def open(self, goal: Always) -> tuple[Scope, Boolean]:
        """Take the bound variables as fixed but arbitrary; a name already in use is refused."""
        for variable in goal.variables:
            if variable in self.variables or variable in self.opened:
                raise Rejected(f"the bound variable {variable} is already in use")
        if any(self.varies(end) for limit in goal.limits for end in limit[1:]):
            raise Rejected("a range may not be random: what holds inside it would hold on some samples only")
        ranges = tuple(f for limit in goal.limits for f in range_facts(limit))
        return replace(self, opened=self.opened + goal.variables, ambient=self.ambient + ranges), goal.body

    def with_fact(self, name: str, prop: Boolean) -> Scope:
        """The scope after a fact is established; a relation also serves as side condition."""
        return replace(self, facts={**self.facts, name: prop})

    def lookup(self, reference: Reference) -> Boolean:
        """The proposition a reference stands for, at particular values where it is quantified."""
        name, values = (reference.fact, reference.values) if isinstance(reference, At) else (reference, {})
        if name not in self.facts:
            raise Rejected(f"there is no fact '{name}' here; there are {', '.join(self.facts)}")
        fact = self.facts[name]
        if not isinstance(fact, Always):
            if values:
                raise Rejected(f"'{name}' is not quantified, so it has no value to take")
            return fact
        return self.instance(fact, values, name)

    def instance(self, fact: Always, values: Mapping[sp.Symbol, Any], name: str) -> Boolean:
        """A quantified fact at given values, which must lie in the variables' ranges and domains."""
        if unknown := set(values) - set(fact.variables):
            raise Rejected(f"'{name}' does not quantify over {', '.join(map(str, unknown))}")
        missing = [v for v in fact.variables if v not in values and v not in self.opened and v not in self.variables]
        if missing:
            raise Rejected(f"'{name}' needs a value for {', '.join(map(str, missing))}")
        mapping = {v: sp.sympify(values.get(v, v)) for v in fact.variables}
        if fact.has(E) and any(self.varies(value) for value in mapping.values()):
            raise Rejected(f"'{name}' speaks of expectations, so its variables cannot take random values")
        fresh = freshen(fact)
        renamed = dict(zip(fresh.variables, mapping.values(), strict=True))
        for (variable, value) in renamed.items():
            self.require_known_symbols(value)
            self.require_defined(value)
            self.require_domain(variable, value, f"value of {variable} in '{name}'")
        for limit in fresh.limits:
            for condition in range_facts(limit):
                inside = substitute(condition, renamed)
                if not self.holds(inside):
                    raise Rejected(f"cannot show {inside}, needed to take '{name}' at {renamed[limit[0]]}")
        return substitute(fresh.body, renamed)

    # -- domains -------------------------------------------------------------------------------------------------------

    def require_domain(self, symbol: sp.Basic, value: sp.Expr, what: str, facts: Sequence[Boolean] = ()) -> None:
        """The symbol's assumptions must be provable of the value put in its place."""
        if symbol.is_integer and not value.is_integer:
            raise Rejected(f"the {what} must be an integer, but {value} is not known to be one")
        for condition in domain_conditions(symbol, value):
            if not self.holds(condition, facts):
                raise Rejected(f"cannot show {condition}, the domain of the {what}")

    def require_known_symbols(self, expr: sp.Basic) -> None:
        """Every free symbol is declared by the claim or opened by a quantifier, and no bound name hides one."""
        allowed = set(self.variables) | set(self.opened)
        if unknown := free_atoms(expr) - allowed:
            raise Rejected(f"{', '.join(sorted(map(str, unknown)))} is not declared by the claim (same name, same domain)")
        labels = {base.label for base in allowed if isinstance(base, sp.IndexedBase)}
        refuse_shadowing(expr, frozenset(allowed | labels))
        try:
            read(expr, {symbol: printed_name(symbol) for symbol in allowed})
        except Unreadable as problem:
            raise Rejected(str(problem)) from problem

    def require_defined(self, expr: sp.Basic, facts: tuple[Boolean, ...] = ()) -> None:
        """Every division, root, logarithm, power, sum and sequence entry in expr must be defined here."""
        for condition, where in obligations(expr, facts, self.variables):
            if not self.holds(condition, where):
                raise Rejected(f"{condition} is needed for the statement to make sense and cannot be shown")


def _follows_from_one(goal: Boolean, facts: Sequence[Boolean]) -> bool:
    """Whether a ≤ b follows from one fact c ≤ d with b - a ≥ d - c by the symbols' domains: most index ranges do."""
    if not isinstance(goal, (sp.Le, sp.Ge)) or not _is_plain(goal):
        return False
    margin = goal.gts - goal.lts
    known = (fact for fact in facts if isinstance(fact, (sp.Le, sp.Ge)) and _is_plain(fact))
    return any(sp.expand(margin - fact.gts + fact.lts).is_nonnegative is True for fact in known)


@functools.cache
def _is_plain(fact: Boolean) -> bool:
    """A relation between polynomials in scalar symbols: no entries, sums, functions or roots."""
    simple = (sp.Symbol, sp.Integer, sp.Rational, sp.Add, sp.Mul, sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq, sp.Ne)
    return all(isinstance(node, simple) or isinstance(node, sp.Pow) and node.exp.is_Integer
               for node in sp.preorder_traversal(fact))


def refuse_shadowing(expr: sp.Basic, active: frozenset[sp.Basic]) -> None:
    """A bound variable may not reuse a name in force around it, nor take a name reserved for normal forms."""
    if isinstance(expr, (Always, *BINDERS, sp.Limit)):
        limits = [expr.args[1:2]] if isinstance(expr, sp.Limit) else expr.limits
        for limit in limits if isinstance(expr, Always) else reversed(limits):
            if limit[0] in active or (limit[0].name.startswith("_") and not isinstance(limit[0], sp.Dummy)):
                raise Rejected(f"the bound variable {limit[0]} hides one that is already in use")
            if not has_plain_domain(limit[0]):
                raise Rejected(f"declare the bound variable {limit[0]} as real=True or integer=True, with at most a sign")
            active |= {limit[0]}
    for arg in expr.args:
        if not isinstance(expr, (Always, *BINDERS, sp.Limit)) or arg not in active and not isinstance(arg, sp.Tuple):
            refuse_shadowing(arg, active)


def has_plain_domain(symbol: sp.Symbol) -> bool:
    """Whether a symbol is real and restricted by nothing but a sign and integrality (no parity, no primes, no infinity)."""
    names = ("real", "integer", "positive", "negative", "nonnegative", "nonpositive", "nonzero")
    given = {name: True for name in names if symbol.assumptions0.get(name) is True}
    return given.get("real", False) and sp.Dummy("plain", **given).assumptions0 == symbol.assumptions0


def domain_conditions(symbol: sp.Basic, value: sp.Expr) -> list[Boolean]:
    """The sign condition a symbol's assumptions put on a value."""
    entry = symbol[tuple(sp.Dummy(integer=True) for _ in range(1))] if isinstance(symbol, sp.IndexedBase) else symbol
    signs = (("is_positive", sp.Gt), ("is_negative", sp.Lt), ("is_nonnegative", sp.Ge), ("is_nonpositive", sp.Le),
             ("is_nonzero", sp.Ne))
    for name, relation in signs:
        if getattr(entry, name) is True:
            condition = relation(value, 0)
            return [] if condition is sp.true else [condition]
    return []


def obligations(
    expr: sp.Basic, facts: tuple[Boolean, ...], variables: Mapping[sp.Basic, Var]
) -> Iterator[tuple[Boolean, tuple[Boolean, ...]]]:
    """Conditions under which expr is defined, each with the local facts it may be proved from."""
    if not isinstance(expr, LANGUAGE):
        raise Rejected(f"{expr} ({type(expr).__name__}) is not part of the language")
    if isinstance(expr, sp.Indexed):
        yield from _entry_obligations(expr, facts, variables)
        return
    if isinstance(expr, (sp.Sum, sp.Product, Always)):
        for variable, lower, upper in outermost_first(expr):
            for end in (lower, upper):
                if not (isinstance(expr, Always) and end in (sp.oo, -sp.oo)):
                    yield from obligations(end, facts, variables)
            if variable.is_integer:  # a declared sign must not shorten the range
                if variable.is_nonzero and not variable.is_positive or variable.is_nonpositive:
                    raise Rejected(f"the bound variable {variable} may be declared positive or nonnegative, nothing else")
                yield from ((condition, facts) for condition in domain_conditions(variable, lower))
            if not isinstance(expr, Always):
                _refuse_open_product(expr, lower, upper)
                if not (lower.is_integer and upper.is_integer and variable.is_integer):
                    raise Rejected(f"the sum over {variable} needs integer limits")
                yield sp.Ge(upper - lower + 1, 0), facts
            facts = facts + tuple(range_facts((variable, lower, upper)))
        yield from obligations(expr.args[0], facts, variables)
        return
    if isinstance(expr, sp.Implies):
        yield from obligations(expr.args[0], facts, variables)
        yield from obligations(expr.args[1], (*facts, expr.args[0]), variables)
        return
    if isinstance(expr, sp.Pow):
        yield from ((condition, facts) for condition in _power_conditions(expr, facts))
    elif isinstance(expr, (sp.log, sp.gamma)):
        yield sp.Gt(expr.args[0], 0), facts
    elif isinstance(expr, sp.Function) and not isinstance(expr, FUNCTIONS):
        raise Rejected(f"the function {expr.func} is not one the checker knows")
    if isinstance(expr, E):
        if any(variables[atom].random for atom in free_atoms(sp.Tuple(*expr.args[1:])) if atom in variables):
            raise Rejected(f"the step that {expr} is taken at must not be random")
        if not any(variables[atom].random for atom in free_atoms(expr.args[0]) if atom in variables):
            raise Rejected(f"nothing in {expr} is random; declare what varies with Var(..., random=True)")
    if isinstance(expr, (sp.Integral, sp.Limit)):
        return  # given a meaning only by the calculus rules
    for arg in expr.args:
        yield from obligations(arg, facts, variables)


def _refuse_open_product(expr: sp.Basic, lower: sp.Expr, upper: sp.Expr) -> None:
    """SymPy takes an empty product of zeros for 0, and no rule here speaks of products: they are written out or refused."""
    if isinstance(expr, sp.Product) and not (lower.is_Integer and upper.is_Integer and lower <= upper):
        raise Rejected(f"no rule proves anything of {expr}; write the product as a sequence P[t] = P[t-1]·factor")


def _entry_obligations(entry: sp.Indexed, facts: tuple, variables: Mapping) -> Iterator:
    for index in entry.indices:
        yield from obligations(index, facts, variables)
    declared = variables[entry.base].over if entry.base in variables else ()
    if len(declared) != len(entry.indices):
        raise Rejected(f"{entry} does not match the declared index ranges of {entry.base}")
    for index, (lower, upper) in zip(entry.indices, declared, strict=True):
        if not index.is_integer:
            raise Rejected(f"the index {index} of {entry} is not known to be an integer")
        yield sp.Le(lower, index), facts
        if upper != sp.oo:
            yield sp.Le(index, upper), facts


def _power_conditions(expr: sp.Pow, facts: tuple) -> list[Boolean]:
    base, exponent = expr.args
    if base == sp.E or exponent.is_Integer and exponent > 0:
        return []
    if exponent.is_Integer:
        return [sp.Ne(base, 0)]
    if exponent.is_Rational:
        return [sp.Ge(base, 0) if exponent > 0 else sp.Gt(base, 0)]
    if exponent.is_integer:
        return [] if base.is_nonzero else [sp.Or(sp.Ne(base, 0), sp.Ge(exponent, 0))]
    return [sp.Gt(base, 0)]
