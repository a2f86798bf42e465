"""An inequality on a box with rational corners: on ever smaller pieces, by enclosures of both sides.

An enclosure is a ball of Arb that holds every value of a term on a piece. Where a piece has none
(a denominator that may be 0, a logarithm of what may not be > 0), it is halved like any other.
"""

from __future__ import annotations

from fractions import Fraction

import flint

from theory.recheck.terms import OWN, Malformed, Number, Term, open_, var

Box = list[tuple[Fraction, Fraction]]
LARGEST_POWER = 1000


class NoEnclosure(Exception):
    """There is no enclosure on this piece."""


def holds_on_box(goal: Term, pieces: int) -> bool:
    """Whether L ≤ R or L < R is seen on the whole box within so many pieces."""
    box: Box = []
    while goal.op == "all":
        low, high = goal.args[:2]
        if goal.data != "real" or low.op != "num" or high.op != "num":
            raise Malformed("the range of a variable is no interval with rational ends")
        box.append((Fraction(low.data), Fraction(high.data)))
        goal = open_(goal, var(f"{OWN}{len(box)}"))
    if goal.op not in ("le", "lt") or any(not name.startswith(OWN) for name, _ in goal.uses):
        raise Malformed("it is no inequality in its quantified variables alone")
    todo = [box] if all(low <= high for low, high in box) else []
    while todo:
        piece, pieces = todo.pop(), pieces - 1
        if pieces < 0:
            return False
        if not _holds(goal, piece):
            todo += _halves(piece)
    return True


def _holds(relation: Term, piece: Box) -> bool:
    values = {f"{OWN}{n + 1}": _ball(*side) for n, side in enumerate(piece)}
    try:
        left, right = (enclosure(side, values) for side in relation.args)
    except NoEnclosure:
        return False
    margin = right - left
    return bool(margin > 0 or relation.op == "le" and margin >= 0)


def _halves(piece: Box) -> list[Box]:
    widest = max(range(len(piece)), key=lambda n: piece[n][1] - piece[n][0], default=None)
    if widest is None:
        return [piece]
    low, high = piece[widest]
    middle = (low + high) / 2
    return [
        [*piece[:widest], half, *piece[widest + 1 :]] for half in ((low, middle), (middle, high))
    ]


def _ball(low: Number, high: Number) -> flint.arb:
    ends = (flint.arb(flint.fmpq(end.numerator, end.denominator)) for end in (low, high))
    return _hull(*ends)


def _hull(low: flint.arb, high: flint.arb) -> flint.arb:
    return low.union(high)


def enclosure(term: Term, values: dict[str, flint.arb]) -> flint.arb:
    found = _enclosure(term, values)
    if not found.is_finite():
        raise NoEnclosure
    return found


def _enclosure(term: Term, values: dict[str, flint.arb]) -> flint.arb:
    if term.op == "num":
        return _ball(term.data, term.data)
    if term.op == "var":
        return values[term.data]
    if term.op == "const":
        return flint.arb.pi()
    if term.op not in ("add", "mul", "pow", "fn"):
        raise Malformed(f"{term.op} has no enclosure")
    if term.op == "pow" and term.args[1].op == "num":
        return _power(enclosure(term.args[0], values), Fraction(term.args[1].data))
    args = [enclosure(arg, values) for arg in term.args]
    if term.op == "pow":
        return (args[1] * _positive(args[0]).log()).exp()
    if term.op == "fn":
        return _function(term.data, args)
    total = flint.arb(int(term.op == "mul"))
    for arg in args:
        total = total + arg if term.op == "add" else total * arg
    return total


def _function(name: str, args: list[flint.arb]) -> flint.arb:
    first = args[0]
    if name in ("max", "min"):
        lows, highs = [a.lower() for a in args], [a.upper() for a in args]
        return _hull(_extreme(lows, name == "max"), _extreme(highs, name == "max"))
    if name == "abs":
        return _hull(first.abs_lower(), first.abs_upper())
    if name == "sign":
        exact = flint.arb(1) if first > 0 else flint.arb(-1) if first < 0 else None
        return _hull(flint.arb(-1), flint.arb(1)) if exact is None else exact
    if name == "exp":
        return first.exp()
    return _positive(first).log() if name == "log" else _positive(first).gamma()


def _extreme(values: list[flint.arb], largest: bool) -> flint.arb:
    found = values[0]
    for value in values[1:]:
        if (value > found) == largest and value != found:
            found = value
    return found


def _power(base: flint.arb, exponent: Fraction) -> flint.arb:
    """b^(p/q) is (b^(1/q))^p; the root of a number < 0 is 0."""
    if max(abs(exponent.numerator), exponent.denominator) > LARGEST_POWER:
        raise Malformed("an exponent is too large")
    if exponent.denominator > 1:
        ends = (base.lower(), base.upper())
        base = _hull(*(e.root(exponent.denominator) if e > 0 else flint.arb(0) for e in ends))
    if exponent < 0:
        if not (base > 0 or base < 0):
            raise NoEnclosure
        base = 1 / base
    count = abs(exponent.numerator)
    ends = (base.abs_lower(), base.abs_upper()) if count % 2 == 0 else (base.lower(), base.upper())
    low, high = flint.arb(1), flint.arb(1)
    for _ in range(count):
        low, high = low * ends[0], high * ends[1]
    return _hull(low, high)


def _positive(ball: flint.arb) -> flint.arb:
    if not ball > 0:
        raise NoEnclosure
    return ball
