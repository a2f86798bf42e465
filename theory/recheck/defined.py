"""Whether a statement speaks of no value that is there by convention only: no x/0, no root or
logarithm of what has none, no entry outside its ranges, no sum over a reversed range.

What is needed at a place is shown from the facts there: hypotheses before it, ranges of binders,
premises of implications.
"""

from __future__ import annotations

from theory.recheck import entail
from theory.recheck.certificate import Part
from theory.recheck.contexts import Context
from theory.recheck.nodes import short, wrong
from theory.recheck.terms import (
    ENDS,
    INF,
    NEGINF,
    ONE,
    OWN,
    ZERO,
    Term,
    add,
    le,
    lt,
    make,
    mul,
    num,
    open_,
    var,
)

FAR = num(10**6)


def require_statement(part: Part) -> None:
    """Each hypothesis under those before it, the conclusion under all."""
    before: dict[str, Term] = {}
    for name, prop in part.root.hypotheses.items():
        require_defined(Context(part.root.declared, dict(before)), prop, f"hypothesis '{name}'")
        before[name] = prop
    require_defined(part.root, part.conclusion, "the conclusion")


def require_defined(context: Context, term: Term, where: str) -> None:
    if term.op == "implies":
        require_defined(context, term.args[0], where)
        return require_defined(context.assume(term.args[0]), term.args[1], where)
    if term.op in ("sum", "prod", "all", "integral", "limit"):
        return _binder(context, term, where)
    if term.op == "mean":
        if any(map(context.is_random, term.args[1:])) or not _random_inside(context, term.args[0]):
            wrong(f"{where}: nothing in a mean is random, or its step is: {short(term)}")
        for step in term.args[1:]:
            require_defined(context, step, where)
        return require_defined(context.sure, term.args[0], where)
    for arg in term.args:
        require_defined(context, arg, where)
    for condition in _conditions(context, term, where):
        if entail.shows(context, condition) is None:
            wrong(f"{where}: {short(condition)} is not shown, which {short(term)} needs")
    return None


def _random_inside(context: Context, term: Term) -> bool:
    declared = context.root.declared
    return any(name in declared and declared[name].random for name, _ in term.uses)


def _conditions(context: Context, term: Term, where: str) -> list[Term]:
    if term.op == "entry":
        for index in term.args:
            _require_whole(context, index, where)
        ranges = context.declared[term.data].ranges
        pairs = zip(term.args, ranges, strict=True)
        return [c for i, (low, high) in pairs for c in _between(i, low, high)]
    if term.op == "pow":
        return _power(context, *term.args)
    if term.op == "fn" and term.data in ("log", "gamma"):
        return [lt(ZERO, term.args[0])]
    return []


def _between(index: Term, low: Term, high: Term) -> list[Term]:
    return [le(low, index)] if high is INF else [le(low, index), le(index, high)]


def _power(context: Context, base: Term, exponent: Term) -> list[Term]:
    nonzero = make("ne", None, (base, ZERO))
    if exponent.op == "num":
        if exponent.data.denominator == 1:
            return [nonzero] if exponent.data < 0 else []
        return [le(ZERO, base) if exponent.data > 0 else lt(ZERO, base)]
    if context.is_whole(exponent):
        return [make("or", None, (nonzero, le(ZERO, exponent)))]
    return [lt(ZERO, base)]


def _require_whole(context: Context, term: Term, where: str) -> None:
    if not context.is_whole(term):
        wrong(f"{where}: {short(term)} is not an integer by its form")


def _binder(context: Context, term: Term, where: str) -> None:
    for end in term.args[:-1]:
        if end.op not in ENDS:
            require_defined(context, end, where)
            if term.op in ("sum", "prod") or term.op == "all" and term.data == "int":
                _require_whole(context, end, where)
    if term.op == "limit":
        return _limit(context, term, where)
    if term.op in ("sum", "prod"):
        low, high = term.args[:2]
        if entail.shows(context, le(low, add(high, ONE))) is None:
            wrong(f"{where}: the range from {short(low)} to {short(high)} may be reversed")
    kind = {"all": term.data, "integral": "real"}.get(term.op, "int")
    quantified = make("all", kind, term.args)
    inner, body = entail.opened(context, quantified)
    if term.op == "integral":
        here = var(f"{OWN}{context.own + 1:02d}")
        low, high = term.args[:2]
        inner = inner if low is NEGINF else inner.assume(lt(low, here))
        inner = inner if high is INF else inner.assume(lt(here, high))
    return require_defined(inner, body, where)


def _limit(context: Context, term: Term, where: str) -> None:
    """The body is defined near the target: beyond ±10⁶, or closer to it than 10⁻⁶."""
    target, here = term.args[0], var(f"{OWN}{context.own + 1:02d}")
    around = context.open(here.data, "real", NEGINF, INF)
    body, near = open_(term, here), make("pow", None, (FAR, num(-1)))
    if target is INF or target is NEGINF:
        far = le(FAR, here) if target is INF else le(here, mul(num(-1), FAR))
        return require_defined(around.assume(far), body, where)
    for side in term.data:
        step = near if side == "+" else mul(num(-1), near)
        ends = (target, add(target, step))[:: 1 if side == "+" else -1]
        inner = around.assume(lt(ends[0], here)).assume(lt(here, ends[1]))
        require_defined(inner, body, where)
    return None
