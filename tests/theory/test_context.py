"""A context knows its names, keeps random ranges out, and tells integers and random quantities by form."""

from __future__ import annotations

import pytest

from theory.core.context import Context, Declared, Rejected
from theory.core.term import INF, ONE, add, entry, le, mean, mul, num, power, var

ROOT = Context({
    "N": Declared("int", "positive"), "a": Declared("real"), "X": Declared("real", random=True),
    "Z": Declared("real", ranges=((ONE, var("N")),), random=True, time=0, lag=1),
})


def test_a_range_may_not_be_random_and_a_name_is_opened_once():
    inside = ROOT.open("i", "int", ONE, var("N"))
    assert inside.within(ROOT) and not ROOT.within(inside)
    assert inside.ranges() == [le(ONE, var("i")), le(var("i"), var("N"))]
    assert ROOT.open("j", "real", ONE, INF).ranges() == [le(ONE, var("j"))]
    assert ROOT.open("i", "int", ONE, var("N")) is inside
    for name, end, why in (("i", var("X"), "random"), ("a", ONE, "already in use"), ("i", var("b"), "not declared")):
        with pytest.raises(Rejected, match=why):
            ROOT.open(name, "int", ONE, end)


def test_what_is_assumed_is_known_in_the_child_only():
    prop = le(var("a"), num(3))
    assert ROOT.assume(prop).ranges() == [prop] and ROOT.ranges() == []
    with pytest.raises(Rejected, match="b is not declared"):
        ROOT.assume(le(var("b"), ONE))


def test_a_mean_is_not_random_and_a_conditional_one_is():
    mixed = add(var("a"), entry("Z", ONE))
    assert ROOT.is_random(mixed) and ROOT.is_random(mean(mixed, var("N")))
    assert not ROOT.is_random(mean(mixed)) and not ROOT.is_random(var("a"))


def test_integers_are_told_by_form():
    assert ROOT.is_whole(add(mul(num(2), var("N")), power(var("N"), num(2))))
    assert not ROOT.is_whole(mul(var("a"), var("N")))
    assert not ROOT.is_whole(power(var("N"), num(-1)))
