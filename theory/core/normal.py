"""Normal forms: two expressions with the same normal form are equal wherever both are defined.

The only rewriting is: expansion of products, linearity of finite sums, splitting off last terms, b^(e+c) = b^c b^e, the
logarithm of positive factors, renaming of bound variables, and (on request) linearity of expectations. Side conditions
(e ≥ 0 or b ≠ 0; enough terms in a sum) go to `holds`, which the checker supplies; where it says no, nothing is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core.language import Always, E, free_atoms, freshen, range_facts, rename


class Powered(sp.Function):
    """b^e with a symbolic exponent, kept apart so that SymPy does not merge b·b^n back into b^(n+1)."""

    nargs = 2

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_positive else None

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0].is_nonnegative else None


Holds = Callable[[Boolean, Sequence[Boolean]], bool]


def never(goal: Boolean, facts: Sequence[Boolean]) -> bool:
    """No side condition is granted."""
    return goal is sp.true


class Normalizer:
    """Normal forms under side conditions decided by `holds(goal, range facts)`.

    `random`: symbols and bases that expectations average over; None leaves expectations untouched.
    `known(expr, k)`: whether expr is determined by the history before step k (for conditional expectations).
    """

    def __init__(self, holds: Holds = never, random: frozenset | None = None, known: Callable | None = None,
                 memory: dict | None = None) -> None:
        self.holds = holds
        self.random = random
        self.known = known
        self.memory = {} if memory is None else memory  # share one only between normalizers that agree on all the above

    def expression(self, expr: sp.Expr, ranges: tuple[Boolean, ...] = ()) -> sp.Expr:
        """Normal form of a scalar expression under the given range facts."""
        key = (expr, ranges)
        if key not in self.memory:
            self.memory[key] = self._expression(expr, ranges)
        return self.memory[key]

    def _expression(self, expr: sp.Expr, ranges: tuple[Boolean, ...]) -> sp.Expr:
        if isinstance(expr, sp.Indexed):
            return expr.base[tuple(self.expression(index, ranges) for index in expr.indices)]
        if isinstance(expr, sp.Sum):
            result = expr.args[0]
            for number, limit in enumerate(expr.limits):  # SymPy lists the innermost limit first
                outer = tuple(f for other in expr.limits[number + 1:] for f in range_facts(other))
                result = self._sum(result, limit, ranges + outer)
            return result
        if isinstance(expr, sp.Integral) and len(expr.limits) == 1:  # renaming its variable changes nothing
            variable = expr.limits[0][0]
            return expr.xreplace({variable: sp.Symbol("_integral", **variable.assumptions0)})
        if isinstance(expr, (sp.Integral, sp.Limit)) or not expr.args:
            return expr
        args = [self.expression(arg, ranges) if isinstance(arg, sp.Expr) else arg for arg in expr.args]
        if isinstance(expr, (sp.Pow, Powered)):
            return self._power(args[0], args[1], ranges)
        if isinstance(expr, sp.log):
            return _expand(sp.expand_log(sp.log(sp.factor_terms(args[0]))))
        if isinstance(expr, E):
            return self._expectation(args)
        return _expand(expr.func(*args))

    def _power(self, base: sp.Expr, exponent: sp.Expr, ranges: tuple[Boolean, ...]) -> sp.Expr:
        offset, rest = exponent.as_coeff_Add()
        if offset.is_Integer and offset != 0 and rest != 0 and exponent.is_integer:
            nonzero = base.is_nonzero or self.holds(sp.Ne(base, 0), ranges)
            if nonzero or (offset > 0 and self.holds(sp.Ge(rest, 0), ranges)):
                return _expand(base**offset * Powered(base, rest))
        return Powered(base, exponent) if exponent.free_symbols and base != sp.E else _expand(base**exponent)

    def _sum(self, body: sp.Expr, limit: sp.Tuple, ranges: tuple[Boolean, ...]) -> sp.Expr:
        index, lower, upper = limit
        lower, upper = self.expression(lower, ranges), self.expression(upper, ranges)
        count = _expand(upper - lower + 1)
        if count.is_Integer and count >= 0:
            terms = [self.expression(body.subs(index, lower + j), ranges) for j in range(int(count))]
            return _expand(sp.Add(*terms))
        tail, rest = upper.as_coeff_Add()
        last: list[sp.Expr] = []
        if tail.is_Integer and tail > 0 and rest != 0 and self.holds(sp.Ge(rest, lower - 1), ranges):
            last = [self.expression(body.subs(index, rest + j), ranges) for j in range(1, int(tail) + 1)]
            upper = rest
        inside = ranges + tuple(range_facts((index, lower, upper)))
        return _expand(self._linear_sum(self.expression(body, inside), index, lower, upper) + sp.Add(*last))

    def _linear_sum(self, body: sp.Expr, index: sp.Symbol, lower: sp.Expr, upper: sp.Expr) -> sp.Expr:
        total = []
        for term in sp.Add.make_args(_expand(body)):
            outside, inside = term.as_independent(index, as_Add=False)
            if inside == 1:
                total.append(outside * (upper - lower + 1))
            else:
                name = sp.Symbol(f"_{_height(inside) + 1}", **index.assumptions0)
                total.append(outside * sp.Sum(inside.xreplace({index: name}), (name, lower, upper)))
        return _expand(sp.Add(*total))

    def _expectation(self, args: list[sp.Expr]) -> sp.Expr:
        if self.random is None:
            return E(*args)
        total = []
        for term in sp.Add.make_args(_expand(args[0])):
            fixed, rest = self._split(term, args[1:])
            ends = [end for limit in rest.limits for end in limit[1:]] if isinstance(rest, sp.Sum) else []
            if isinstance(rest, sp.Sum) and not self.is_random(sp.Tuple(*ends)):
                inside = self._expectation([rest.args[0], *args[1:]])
                for limit in rest.limits:  # SymPy merges nested sums and lists the innermost limit first
                    inside = self._linear_sum(inside, *limit)
                total.append(fixed * inside)
            else:
                total.append(fixed if rest == 1 else fixed * E(rest, *args[1:]))
        return _expand(sp.Add(*total))

    def _split(self, term: sp.Expr, history: list[sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
        """Factors that the expectation may pull out, and the rest."""
        fixed: list[sp.Expr] = []
        rest: list[sp.Expr] = []
        for factor in sp.Mul.make_args(term):
            pull = not self.is_random(factor) or (history and self.known is not None and self.known(factor, history[0]))
            (fixed if pull else rest).append(factor)
        return sp.Mul(*fixed), sp.Mul(*rest)

    def is_random(self, expr: sp.Basic) -> bool:
        """Whether expr varies with the sample; an unconditional expectation inside it does not."""
        hidden = expr.replace(lambda e: isinstance(e, E) and len(e.args) == 1, lambda e: sp.Dummy())
        return bool(free_atoms(hidden) & (self.random or frozenset()))

    def statement(self, prop: Boolean, ranges: tuple[Boolean, ...] = (), depth: int = 0) -> tuple:
        """Hashable normal form of a relation, a combination of relations, or an `Always` under `depth` bound variables."""
        if isinstance(prop, Always):
            prop = _canonical_names(freshen(prop), depth)
            depth += len(prop.limits)
            inner = ranges + tuple(f for limit in prop.limits for f in range_facts(limit))
            limits = tuple((v, *(self.expression(e, inner) for e in (a, b))) for v, a, b in prop.limits)
            return ("always", limits, self.statement(prop.body, inner, depth))
        if isinstance(prop, (sp.Ge, sp.Gt)):
            prop = sp.Le(prop.rhs, prop.lhs, evaluate=False) if isinstance(prop, sp.Ge) else sp.Lt(
                prop.rhs, prop.lhs, evaluate=False)
        if isinstance(prop, (sp.Le, sp.Lt, sp.Eq, sp.Ne)):
            margin = self.expression(prop.rhs - prop.lhs, ranges)
            if isinstance(prop, (sp.Eq, sp.Ne)):
                margin = max(margin, _expand(-margin), key=sp.default_sort_key)
            return (type(prop).__name__, margin)
        if isinstance(prop, (sp.And, sp.Or)):
            return (type(prop).__name__, frozenset(self.statement(arg, ranges, depth) for arg in prop.args))
        return (type(prop).__name__, *(self.statement(arg, ranges, depth) for arg in prop.args))


def _canonical_names(prop: Always, depth: int) -> Always:
    """Bound variables of a freshened `Always` by position below `depth` others, so that renaming does not matter."""
    names = {v: sp.Symbol(f"_q{n}", **v.assumptions0) for n, v in enumerate(prop.variables, start=depth)}
    body = rename(prop.body, names)
    limits = [tuple(rename(part, names) for part in limit) for limit in prop.limits]
    if isinstance(body, Always):  # an inner quantifier keeps its own dummies; nesting is flattened
        shifted = Always(body.body, *limits, *body.limits)
        return _canonical_names(freshen(shifted), depth)
    return Always(body, *limits)


def _expand(expr: sp.Expr) -> sp.Expr:
    """Multiply out products and integer powers; nothing that needs an assumption."""
    return sp.expand(expr, deep=False, power_base=False, power_exp=False, log=False, trig=False, complex=False)


def _height(expr: sp.Expr) -> int:
    """How deep sums are nested in expr."""
    return max((len(s.limits) + _height(s.args[0]) for s in expr.atoms(sp.Sum)), default=0)
