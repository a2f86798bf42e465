"""Normal forms of what binds a variable, and of means.

A sum runs from 0, is taken monomial by monomial, and what does not hold its variable stands before
it. A mean is linear; what is not random, or is fixed by the history, stands before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from theory.recheck.contexts import Context
from theory.recheck.polynomials import (
    UNIT,
    Mono,
    Poly,
    as_term,
    atom,
    constant,
    from_term,
    number,
    plus,
)
from theory.recheck.terms import (
    ENDS,
    INF,
    NEGINF,
    ONE,
    OWN,
    ZERO,
    Number,
    Term,
    add,
    close,
    le,
    make,
    mul,
    num,
    open_,
    power,
    var,
)

if TYPE_CHECKING:
    from theory.recheck.normal import Normal

WRITTEN_OUT = 200
TAKEN_OUT, FEW = 40, 3


def fresh(form: Normal, *terms: Term) -> str:
    """A variable of the checker's own, deeper than those in use: their order keeps."""
    used = [int(n[1:]) for t in terms for n, _ in t.uses if n.startswith(OWN) and n[1:].isdigit()]
    depth = form.context.own if form.context is not None else 0
    return f"{OWN}{max([depth, *used]) + 1:02d}"


def inside(form: Normal, name: str, kind: str, lower: Term, upper: Term) -> Normal:
    """Normal forms where a variable of the range is opened."""
    from theory.recheck.normal import normal

    if form.context is None:
        return form
    return normal(form.context.open(name, kind, lower, upper), form.mode)


# -- sums and products -----------------------------------------------------------------------------


def gathered(form: Normal, term: Term) -> Poly:
    """A sum or product over integers."""
    low, high = (form.poly(end) for end in term.args[:2])
    first, last = number(low), number(high)
    whole = form.is_whole(low) and form.is_whole(high)
    if first is not None and last is not None and whole and last - first < WRITTEN_OUT:
        return _written_out(form, term, int(first), int(last))
    if form.context is None:
        return _plain(form, term, as_term(low), as_term(high))
    if any(map(form.context.is_random, term.args[:2])):
        return atom(term)  # no one value of the variable can be looked at
    if not whole:
        return _body(form, term, as_term(low), as_term(high), ZERO)
    upper = plus(high, low, -1)
    count = _certain(form, upper, high.get(UNIT, 0))
    if count:
        return _taken_out(form, term, high, count)
    if (length := number(upper)) is not None and length < WRITTEN_OUT:
        steps = (open_(term, as_term(plus(low, constant(n)))) for n in range(int(length) + 1))
        return _together(form, term.op, [form.poly(step) for step in steps])
    return _body(form, term, ZERO, as_term(upper), as_term(low))


def _together(form: Normal, op: str, parts: list[Poly]) -> Poly:
    total = constant(int(op == "prod"))
    for part in parts:
        total = plus(total, part) if op == "sum" else form.times(total, part)
    return total


def _written_out(form: Normal, term: Term, first: int, last: int) -> Poly:
    bodies = (open_(term, num(n)) for n in range(first, last + 1))
    return _together(form, term.op, [form.poly(body) for body in bodies])


def _plain(form: Normal, term: Term, low: Term, high: Term) -> Poly:
    name = fresh(form, term)
    body = form.poly(open_(term, var(name)))
    if term.op == "prod":
        return atom(make("prod", None, (low, high, close(as_term(body), name))))
    return _linear(form, low, high, body, name, None)


def _certain(form: Normal, upper: Poly, offset: Number) -> int:
    """How many last terms to take out, which are certainly there."""
    if number(upper) is not None:
        return 0
    wanted = {"least": FEW, "written": min(int(offset), TAKEN_OUT), "kept": 0}[form.mode]
    count = 0
    while count < wanted and form.nonneg(plus(upper, constant(-count))):
        count += 1
    return count


def _taken_out(form: Normal, term: Term, high: Poly, count: int) -> Poly:
    rest = plus(high, constant(-count))
    shorter = make(term.op, None, (term.args[0], as_term(rest), term.args[2]))
    lasts = (open_(term, as_term(plus(rest, constant(n)))) for n in range(1, count + 1))
    return _together(form, term.op, [form.poly(shorter), *map(form.poly, lasts)])


def _body(form: Normal, term: Term, low: Term, high: Term, shift: Term) -> Poly:
    name = fresh(form, term, low, high)
    index = var(name) if shift is ZERO else add(var(name), shift)
    within = inside(form, name, "int", low, high)
    body = within.poly(open_(term, index))
    if term.op == "prod":
        if body == constant(1):
            return body
        return atom(make("prod", None, (low, high, close(as_term(body), name))))
    count = None
    if low is ZERO and form.is_whole(from_term(high)):
        count = plus(from_term(high), constant(1))
        count = count if form.nonneg(count) else None
    return _linear(form, low, high, _detached(within, body, name), name, count)


def _linear(
    form: Normal, low: Term, high: Term, body: Poly, name: str, count: Poly | None
) -> Poly:
    """Monomial by monomial, with what does not hold the variable before the sum."""
    grouped: dict[Mono, Poly] = {}
    for mono, value in body.items():
        held = tuple(pair for pair in mono if (name, 0) in pair[0].uses)
        free = tuple(pair for pair in mono if (name, 0) not in pair[0].uses)
        grouped[held] = plus(grouped.get(held, {}), {free: value})
    total: Poly = {}
    for held, factor in grouped.items():
        if held or count is None:
            inner = close(as_term({held: 1}), name)
            total = plus(total, form.times(factor, atom(make("sum", None, (low, high, inner)))))
        else:
            total = plus(total, form.times(factor, count))
    return total


def _detached(form: Normal, body: Poly, name: str) -> Poly:
    """b^(x+y) as b^x b^y where x holds the variable and y and b do not: b^y goes before the sum."""
    return {_detach(form, mono, name): value for mono, value in body.items()}


def _detach(form: Normal, mono: Mono, name: str) -> Mono:
    found: list[tuple[Term, int]] = []
    for term, e in mono:
        held = term.op == "pow" and (name, 0) in term.args[1].uses
        if not held or (name, 0) in term.args[0].uses:
            found.append((term, e))
            continue
        base, exponent = from_term(term.args[0]), from_term(term.args[1])
        with_it = {m: c for m, c in exponent.items() if any((name, 0) in t.uses for t, _ in m)}
        without = plus(exponent, with_it, -1)
        parts = with_it, without
        fine = form.nonzero(base) and all(map(form.is_whole, parts)) or form.positive(base)
        if not without or not fine:
            found.append((term, e))
        else:
            found += [(power(term.args[0], as_term(part)), e) for part in parts]
    merged: dict[Term, int] = {}
    for term, e in found:
        merged[term] = merged.get(term, 0) + e
    return tuple(sorted(merged.items(), key=lambda pair: pair[0].number))


def analytic(form: Normal, term: Term) -> Term:
    """An integral or a limit, with its body and ends in normal form; its range grants nothing."""
    name = fresh(form, term)
    body = inside(form, name, "real", NEGINF, INF).poly(open_(term, var(name)))
    outer = tuple(end if end.op in ENDS else as_term(form.poly(end)) for end in term.args[:-1])
    return make(term.op, term.data, (*outer, close(as_term(body), name)))


# -- means -----------------------------------------------------------------------------------------


def mean(form: Normal, term: Term) -> Poly:
    """E of a sum of products; inside it nothing may be used that holds on some samples only."""
    from theory.recheck.normal import normal

    body, step = term.args[0], tuple(as_term(form.poly(s)) for s in term.args[1:])
    if form.context is None:
        return atom(make("mean", None, (as_term(form.poly(body)), *step)))
    if any(map(form.context.is_random, step)):
        return atom(term)
    sure = normal(form.context.sure, form.mode)
    total: Poly = {}
    for mono, value in sure.poly(body).items():
        total = plus(total, _mean_of(sure, mono, step), value)
    return total if sure is form else _again(form, total)


def _again(form: Normal, poly: Poly) -> Poly:
    """The factors outside of means, in the normal form of where the mean stands."""
    total: Poly = {}
    for mono, value in poly.items():
        part = constant(value)
        for term, e in mono:
            kept = term.op == "mean" or term.op == "sum" and term.means
            one = atom(term) if kept else form.poly(term)
            part = form.times(part, form.whole_power(one, e))
        total = plus(total, part)
    return total


def _mean_of(form: Normal, mono: Mono, step: tuple[Term, ...]) -> Poly:
    context = form.context
    assert context is not None

    def outside(term: Term) -> bool:
        return not context.is_random(term) or bool(step) and fixed(context, term, step[0], form)

    before: Poly = {tuple(pair for pair in mono if outside(pair[0])): 1}
    rest = tuple(pair for pair in mono if not outside(pair[0]))
    if not rest:
        return before
    return form.times(before, _tower(form, rest, step) or _into_sum(form, rest, step)
                      or atom(make("mean", None, (as_term({rest: 1}), *step))))  # fmt: skip


def _into_sum(form: Normal, rest: Mono, step: tuple[Term, ...]) -> Poly | None:
    """E(y Σ x) = Σ E(y x)."""
    sums = [(term, e) for term, e in rest if term.op == "sum"]
    if len(sums) != 1 or sums[0][1] != 1:
        return None
    term = sums[0][0]
    assert form.context is not None
    if any(map(form.context.is_random, term.args[:2])):
        return None
    others = as_term({tuple(pair for pair in rest if pair[0] is not term): 1})
    name = fresh(form, term, others, *step)
    body = open_(term, var(name))
    inner = make("mean", None, (body if others is ONE else mul(others, body), *step))
    return form.poly(make("sum", None, (*term.args[:2], close(inner, name))))


def _tower(form: Normal, rest: Mono, step: tuple[Term, ...]) -> Poly | None:
    """E(y E(x, k)) = E(y x) if y is fixed by the history before k, which holds that of the step."""
    assert form.context is not None and form.facts is not None
    for term, e in rest:
        if term.op != "mean" or e != 1 or len(term.args) != 2:
            continue
        x, k = term.args
        others = tuple(pair for pair in rest if pair[0] is not term)
        if step and not form.facts.holds(le(step[0], k)):
            continue
        if form.context.is_random(k):
            continue
        if all(fixed(form.context, other, k, form) for other, _ in others):
            body = x if not others else mul(as_term({others: 1}), x)
            return form.poly(make("mean", None, (body, *step)))
    return None


def fixed(context: Context, term: Term, step: Term, form: Normal) -> bool:
    """Whether the history before a step fixes a term."""
    if not context.is_random(term):
        return True
    facts = form.facts
    assert facts is not None
    if term.op == "entry":
        declared = context.declared[term.data]
        if declared.time is None or any(map(context.is_random, term.args)):
            return False
        return facts.holds(le(add(term.args[declared.time], num(declared.lag)), step))
    if term.op == "var":
        return False
    if term.op == "mean":
        return not context.is_random(term.args[1]) and facts.holds(le(term.args[1], step))
    if term.op in ("sum", "prod"):
        if any(map(context.is_random, term.args[:2])):
            return False
        name = fresh(form, term, step)
        within = inside(form, name, "int", *term.args[:2])
        assert within.context is not None
        return fixed(within.context, open_(term, var(name)), step, within)
    return term.op in ("add", "mul", "pow", "fn") and all(
        fixed(context, arg, step, form) for arg in term.args
    )
