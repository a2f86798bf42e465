"""Whether a proposition holds in a context, or follows from another one, and by which means.

Means, the simplest first: 'literal', 'normal form', 'linear' (facts, multiplied by what has a
sign, add up), 'cvc5'.
None: not shown. Every function is about one sample: what holds on some samples only is used inside
no mean, as contexts see to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial

from theory.recheck.abstract import abstracted
from theory.recheck.contexts import Context
from theory.recheck.normal import MODES, Normal, Reader, normal
from theory.recheck.polynomials import Poly, leading, number, plus
from theory.recheck.products import follows_by_products
from theory.recheck.question import QUICK, ROUNDS, Rounds, asks
from theory.recheck.signs import known
from theory.recheck.terms import (
    ENDS,
    INF,
    NEGINF,
    OWN,
    RELATIONS,
    Term,
    has_all,
    le,
    open_,
    var,
)

MEANS = ("literal", "normal form", "linear", "cvc5")
Found = str | None
SUMS = ("written", "least", "kept")  # how sums may be read


def weakest(found: Iterable[Found]) -> Found:
    """The least simple of several means that are all needed."""
    place = 0
    for one in found:
        if one is None:
            return None
        place = max(place, MEANS.index(one))
    return MEANS[place]


def first(ways: Iterable[Callable[[], Found]]) -> Found:
    return next((found for way in ways if (found := way()) is not None), None)


def with_premises(context: Context, premises: Iterable[Term]) -> Context:
    """The context with what was shown in it, or around it, among its facts."""
    for premise in premises:
        context = context.assume(premise, surely=not context.unsure)
    return context


def opened(context: Context, prop: Term) -> tuple[Context, Term]:
    """A quantified proposition at an arbitrary number of its range, which may be random here."""
    name = f"{OWN}{context.own + 1:02d}"
    low, high, _ = prop.args
    here = var(name)
    if any(end.op not in ENDS and context.is_random(end) for end in (low, high)):
        context = context.open(name, prop.data, NEGINF, INF)
        context = context if low is NEGINF else context.assume(le(low, here))
        context = context if high is INF else context.assume(le(here, high))
    else:
        context = context.open(name, prop.data, low, high)
    return context, open_(prop, here)


# -- a proposition by itself -----------------------------------------------------------------------


def shows(context: Context, prop: Term) -> Found:
    """Whether the facts of a context give a proposition."""
    if any(prop is fact for fact in context.facts()):
        return "literal"
    if prop.op == "and":
        return weakest(shows(context, arg) for arg in prop.args)
    if prop.op == "all":
        return shows(*opened(context, prop))
    if prop.op == "implies":
        return shows(context.assume(prop.args[0]), prop.args[1])
    if prop.op not in RELATIONS:
        return _arithmetic(context, prop)
    return first((
        *(partial(_by_form, normal(context, mode), prop) for mode in SUMS),
        partial(_arithmetic, context, prop),
    ))  # fmt: skip


def _by_form(form: Normal, relation: Term) -> Found:
    """A relation whose margin is a number."""
    left, right = map(form.poly, relation.args)
    margin = plus(right, left, -1)
    value = number(margin)
    if value is None and relation.op in ("eq", "le") and form.zero(margin):
        value = 0
    if value is None:
        return None
    right_way = {"eq": value == 0, "ne": value != 0, "le": value >= 0, "lt": value > 0}
    return "normal form" if right_way[relation.op] else None


def _arithmetic(context: Context, prop: Term) -> Found:
    return first((
        *(partial(_linear, context, MODES[mode], prop) for mode in SUMS),
        partial(_products, context, MODES["written"], [], prop),
        partial(_cvc5, context, MODES["written"], [], prop),
    ))  # fmt: skip


def arithmetic(
    context: Context, premises: list[Term], prop: Term, modes: Sequence[str] = SUMS
) -> Found:
    """Whether a proposition follows from premises by arithmetic over atoms in normal form."""
    inner = with_premises(context, premises)
    first_mode = MODES[modes[0]]
    ways: list[Callable[[], Found]] = []
    if prop.op in RELATIONS:
        ways.append(partial(_by_form, first_mode.form(inner), prop))
    ways += [partial(_linear, inner, MODES[mode], prop) for mode in modes]
    ways += [partial(_products, inner, first_mode, premises, prop)]
    ways += [partial(_abstractly, context, premises, prop, first_mode, more) for more in (False, True)]
    ways += [partial(_cvc5, context, first_mode, premises, prop, QUICK)]
    ways += [partial(_products, inner, MODES[mode], premises, prop) for mode in modes[1:]]
    ways += [partial(_cvc5, context, MODES[mode], premises, prop) for mode in modes]
    ways += [partial(_products, inner, first_mode, premises, prop, True)]
    return first(ways)


def _abstractly(
    context: Context, premises: list[Term], prop: Term, read: Reader, defined: bool
) -> Found:
    """With numbers in place of composite bases, what they stand for said or not."""
    found = abstracted(context, [*premises, prop], read.form(context))
    if found is None:
        return None
    outer, (*given, goal), meaning = found
    given += meaning if defined else []
    inside = outer
    for premise in given:  # of the sample looked at: the numbers that stand in are not random
        inside = inside.assume(premise)
    return first((partial(_products, inside, read, given, goal),
                  partial(_cvc5, outer, read, given, goal, QUICK)))  # fmt: skip


def _linear(context: Context, read: Reader, prop: Term) -> Found:
    return "linear" if known(context, read).holds(prop) else None


def _products(
    context: Context, read: Reader, premises: list[Term], prop: Term, patient: bool = False
) -> Found:
    shown = follows_by_products(known(context, read), premises, prop, patient)
    return "linear" if shown else None


def _cvc5(
    context: Context, read: Reader, premises: list[Term], prop: Term, rounds: Rounds = ROUNDS
) -> Found:
    return "cvc5" if asks(context, read, premises, prop, rounds) else None


# -- a proposition from another one ----------------------------------------------------------------


def follows(context: Context, given: Term, prop: Term) -> Found:
    """Whether one proposition gives another, part by part."""
    if given is prop:
        return "literal"
    if prop.op == "and":
        return weakest(follows(context, given, arg) for arg in prop.args)
    if prop.op == "all":
        return _quantified(context, given, prop)
    if prop.op == "implies":
        return _implied(context, given, prop)
    if prop.op == given.op == "not":
        return follows(context, prop.args[0], given.args[0])
    if prop.op == given.op == "iff":
        return _equivalent(context, given, prop)
    if given.op == "and":
        return first(partial(follows, context, part, prop) for part in given.args)
    if prop.op == "or" or given.op == "or":
        return _cases(context, given, prop)
    if given.op in RELATIONS and prop.op in RELATIONS:
        found = first(partial(_same, normal(context, mode), given, prop) for mode in SUMS)
        if found:
            return found
    return None if has_all(given) or has_all(prop) else arithmetic(context, [given], prop)


def _quantified(context: Context, given: Term, prop: Term) -> Found:
    if given.op != "all" or given.data != prop.data and given.data == "int":
        return None
    inner, body = opened(context, prop)
    here = var(f"{OWN}{context.own + 1:02d}")
    ranges = [] if given.args[0] is NEGINF else [le(given.args[0], here)]
    ranges += [] if given.args[1] is INF else [le(here, given.args[1])]
    inside = [shows(inner, relation) for relation in ranges]
    return weakest([*inside, follows(inner, open_(given, here), body)])


def _implied(context: Context, given: Term, prop: Term) -> Found:
    inner = context.assume(prop.args[0])
    if given.op != "implies":
        return follows(inner, given, prop.args[1])
    back = follows(context, prop.args[0], given.args[0])
    return back and weakest([back, follows(inner, given.args[1], prop.args[1])])


def _equivalent(context: Context, given: Term, prop: Term) -> Found:
    def both(one: Term, other: Term) -> Found:
        return weakest([follows(context, one, other), follows(context, other, one)])

    (a, b), (c, d) = given.args, prop.args
    return weakest([both(a, c), both(b, d)]) or weakest([both(a, d), both(b, c)])


def _cases(context: Context, given: Term, prop: Term) -> Found:
    """Each case that is given gives one of those wanted."""
    cases = given.args if given.op == "or" else (given,)
    wanted = prop.args if prop.op == "or" else (prop,)
    found = weakest(
        first(partial(follows, context, case, want) for want in wanted) for case in cases
    )
    return found or (None if has_all(given) or has_all(prop) else arithmetic(context, [given], prop))


def _same(form: Normal, given: Term, prop: Term) -> Found:
    """A relation whose margin is that of the other, up to a factor that is > 0 (for = and ≠: any
    number other than 0).
    """
    one, other = (_margin(form, relation) for relation in (given, prop))
    fine = {"le": ("le",), "lt": ("lt", "le", "ne"), "eq": ("eq", "le"), "ne": ("ne",)}
    if prop.op not in fine[given.op]:
        return None
    value = number(other)
    if value is not None and (value > 0 and prop.op != "eq" or value == 0 and prop.op != "lt"):
        return "normal form" if prop.op != "ne" or value else None
    for factor in _factors(form, one, other):
        if prop.op == "ne":
            right = form.nonzero(factor)
        else:
            right = given.op == "eq" or form.nonneg(factor, True)
        if right and form.zero(plus(other, form.times(factor, one), -1)):
            return "normal form"
    return None


def _margin(form: Normal, relation: Term) -> Poly:
    left, right = map(form.poly, relation.args)
    return plus(right, left, -1)


def _factors(form: Normal, one: Poly, other: Poly) -> Iterable[Poly]:
    """What the second margin may be as a multiple of the first: judged by single monomials."""
    if not one or not other:
        return
    last = leading(one)
    below = form.inverse({last: one[last]})
    shared = next((m for m in one if m in other), None)
    if shared is not None:
        ratio = Fraction(other[shared]) / one[shared]
        yield {(): int(ratio) if ratio.denominator == 1 else ratio}
    yield form.times({leading(other): other[leading(other)]}, below)
