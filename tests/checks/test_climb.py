"""Gradient search finds what random search misses; slack and need are read off the claim's own proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import pytest
import sympy as sp
import torch

from checks.arithmetic import Arithmetic, TorchArithmetic
from checks.battery import worst
from checks.battery.check import Check, Climb, Searched, Tolerance, Unknown, Unneeded, column
from checks.battery.climb import climb
from checks.battery.property import Refuted, SamplerFault, Tally, explore
from checks.battery.run import HOLDS, NOT_RUN, REFUTED, Battery
from theory.core import Claim, Part, Source, Step, Var
from theory.core.rules import Polynomial

a, b, c = (sp.Symbol(name, positive=True) for name in "abc")
ENOUGH = sp.Rational(3, 2)  # the constant 1 would do
CHAIN = sp.Le(2 * a * b, a**2 + b**2)


def claim(constant: sp.Rational = ENOUGH) -> Claim:
    """2ab ≤ (2 + constant)(a² + b²)/3 by way of a² + b², for a ≤ b + 1 (not needed) and c = 1."""
    conclusion = sp.Le(2 * a * b, (2 + constant) / 3 * (a**2 + b**2))
    steps = [Step("chain", CHAIN, Polynomial()), Step("end", conclusion, Polynomial("chain"))]
    return Claim("user/product", "Product", "A product is below the squares.", Source("user", "1", "none"), "derived",
                 [Var(a, "first"), Var(b, "second"), Var(c, "one")], {"order": sp.Le(a, b + 1), "one": sp.Eq(c, 1)},
                 [Part("product", conclusion, steps)])


def draw(generator: torch.Generator, batch: int, part: str, spread: float) -> dict[str, Any]:
    """a far below b, where the two sides are far apart."""
    u = torch.rand(batch, generator=generator, dtype=torch.float64)
    return {"gap": 20 + spread * u, "b": 1 + u, "share": u, "c": torch.ones_like(u)}


def build(free: Mapping[str, Any]) -> dict[str, Any]:
    return {"a": free["b"] / (1 + free["gap"]), "b": free["b"], "c": free["c"]}


def measure(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
    return {name: arithmetic.array(value) for name, value in inputs.items()}


CLIMB = Climb(draw, build, {"gap": "positive", "b": "real", "share": "unit"}, [{"spread": 1.0}], batch=4)
CHECK = Check(
    claim=claim(), space={"spread": st.floats(0, 1)},
    sample=lambda generator, batch, part, spread: build(draw(generator, batch, part, spread)), measure=measure,
    tolerance=Tolerance(1e-14, "a handful of roundings"), tightness={"product": Searched("two numbers far apart")},
    necessity={"order": Unneeded("product"), "one": Unneeded("product")}, climb=CLIMB, batch=16,
)
ARITHMETIC = TorchArithmetic()


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(worst, "FOLDER", tmp_path)


def battery(check: Check) -> Battery:
    return Battery(check, ARITHMETIC, batches=2).run()


def test_the_climb_reaches_the_largest_ratio_there_is() -> None:
    """At a = b the sides are as 6 to 7, and the ascent slows down there; a lies 20 times below b at the start."""
    part = CHECK.claim.parts[0]
    assert explore(CHECK, part, ARITHMETIC, 0, 2).max_ratio < 0.1
    assert climb(CHECK, part, ARITHMETIC, 0, steps=200).max_ratio == pytest.approx(6 / 7, rel=1e-2)


def test_a_claim_false_only_far_from_what_is_drawn_is_refuted_by_the_climb() -> None:
    false = replace(CHECK, claim=claim(sp.Rational(9, 10)))
    assert explore(false, false.claim.parts[0], ARITHMETIC, 0, 4).examples == 64
    with pytest.raises(Refuted):
        climb(false, false.claim.parts[0], ARITHMETIC, 0, steps=200)


def test_a_climb_out_of_the_hypotheses_is_the_checks_fault() -> None:
    """A knob that the hypotheses bind must not be turned: here c leaves 1."""
    loose = replace(CHECK, climb=replace(CLIMB, build=lambda free: {**build(free), "c": free["c"] * free["b"]}))
    with pytest.raises(SamplerFault, match="one"):
        climb(loose, loose.claim.parts[0], ARITHMETIC, 0, steps=5)


def test_the_unit_interval_is_never_left_and_its_ends_are_reached() -> None:
    seen = []

    def kept(free: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(free["share"].detach())
        return {**build(free), "a": free["b"] * (0.1 + 0.5 * free["share"])}

    climb(replace(CHECK, climb=replace(CLIMB, build=kept)), CHECK.claim.parts[0], ARITHMETIC, 0, steps=60)
    values = torch.stack(seen)
    assert bool(((values >= 0) & (values <= 1)).all()) and bool((values == 1).any())


def test_an_unknown_kind_of_knob_is_refused() -> None:
    with pytest.raises(TypeError, match="odd"):
        Climb(draw, build, {"gap": "odd"}, [])


def test_the_battery_counts_the_climb_and_says_where_the_bound_is_lost() -> None:
    found = battery(CHECK)
    assert found.verdict == HOLDS, found.stages
    assert found.tightness["product"][1] == found.tallies["product"].max_ratio > 0.5
    used = found.slack["product"]
    assert used["end"] == pytest.approx(6 / 7 * used["chain"], rel=1e-9) and used["product"] == used["end"]


def test_a_climb_that_decides_no_instance_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.battery.run.climb", lambda *given, **more: Tally())
    found = battery(CHECK)
    assert found.verdict == NOT_RUN
    assert [s.name for s in found.stages if s.verdict == NOT_RUN and not s.unknown] == ["gradient search: product"]


def test_the_worst_instance_kept_is_looked_at_and_must_still_hold() -> None:
    part, inputs = CHECK.claim.parts[0], {"a": column(1.0), "b": column(1.0), "c": column(1.0)}
    worst.file_of(CHECK.claim, part).write_text(worst.replay_text(CHECK.claim, part, inputs))
    assert battery(replace(CHECK, climb=None)).tightness["product"][1] == pytest.approx(6 / 7, rel=1e-12)
    assert battery(replace(CHECK, climb=None, claim=claim(sp.Rational(1, 2)))).verdict == REFUTED


def test_not_needed_is_believed_only_if_the_proof_goes_through_without() -> None:
    assert battery(CHECK).necessity["order"][0] == "unneeded"
    part = CHECK.claim.parts[0]
    leaning = [Step("chain", CHAIN, Polynomial("order")), part.proof[1]]
    used = replace(CHECK, climb=None, claim=replace(CHECK.claim, parts=[replace(part, proof=leaning)]))
    assert [s.name for s in battery(used).stages if s.verdict == REFUTED] == ["necessity: order"]
    assert battery(replace(used, necessity={**used.necessity, "order": Unknown("not tried")})).verdict == HOLDS
