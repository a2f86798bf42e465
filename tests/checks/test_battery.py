"""Planted errors: each must be caught by the battery, beside a true sibling that passes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
import sympy as sp
import torch

from checks.arithmetic import Arithmetic, TorchArithmetic
from checks.battery.check import Approached, Attained, Check, Exact, Finding, Necessary, Searched, Tolerance, Unknown, column
from checks.battery.instances import dump, load
from checks.battery.mutate import strengthen
from checks.battery.run import HOLDS, NOT_RUN, REFUTED, Battery, Stage
from checks.errors import RequestError
from checks.implicit_bias import update_size_bound
from checks.optimizers import PYTORCH, Adam, run
from checks.referee import decide
from theory.core import Claim, Part, Source, Step, Var
from theory.core.rules import Polynomial
from theory.core.term import ONE, both, eq, fn, forall, le, lt, mul, ne, num, sub, var

p, q = sp.symbols("p q", real=True)


def claim(constant: sp.Rational = sp.S.Half, **parts: Any) -> Claim:
    """pq ≤ (p² + q²)/2 for 0 ≤ p ≤ q, with another constant at will (p ≤ q and 0 ≤ p are not needed)."""
    statement = sp.Le(p * q, constant * (p**2 + q**2))
    conclusions = parts or {"mean": statement}
    return Claim("user/mean", "Mean", "A product is below the mean square.", Source("user", "Lemma 1", "none"), "derived",
                 [Var(p, "first"), Var(q, "second")], {"order": sp.Le(p, q), "sign": sp.Ge(p, 0)},
                 [Part(name, s, [Step("direct", s, Polynomial("order", "sign"))]) for name, s in conclusions.items()])


def sample(generator: torch.Generator, batch: int, part: str, scale: float) -> dict[str, Any]:
    pair = torch.rand(batch, 2, generator=generator, dtype=torch.float64).sort(dim=1).values * scale
    return {"p": pair[:, 0], "q": pair[:, 1]}


def measure(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
    return {name: arithmetic.array(value) for name, value in inputs.items()}


def pair(first: float, second: float) -> Any:
    return lambda: {"p": column(first), "q": column(second)}


CHECK = Check(
    claim=claim(), space={"scale": st.floats(0.5, 2)}, sample=sample, measure=measure,
    tolerance=Tolerance(1e-14, "three operations of 2^-53 each"),
    tightness={"mean": Attained(pair(1, 1))},
    necessity={"order": Unknown("symmetry in p and q"), "sign": Unknown("the difference is a square")}, batch=64,
)


def battery(check: Check, batches: int = 5) -> Battery:
    return Battery(check, TorchArithmetic(), batches=batches).run()


def stage(found: Battery, name: str) -> Stage:
    (one,) = [s for s in found.stages if s.name == name]
    return one


def test_the_true_claim_holds_though_its_hypotheses_needs_are_unknown() -> None:
    found = battery(CHECK)
    assert found.verdict == HOLDS, found.stages
    assert stage(found, "necessity: order").verdict == NOT_RUN
    assert stage(found, "tightness: mean").verdict == HOLDS
    assert found.necessity["order"] == ("unknown", "symmetry in p and q")
    assert found.tallies["mean"].max_ratio == pytest.approx(1, abs=0.02)


def test_a_constant_too_small_by_one_percent_is_refuted_and_replays_exactly() -> None:
    false = claim(sp.Rational(99, 200))
    found = battery(replace(CHECK, claim=false))
    assert found.verdict == REFUTED and stage(found, "property: mean").verdict == REFUTED
    written = json.dumps(found.refutation)
    again = json.loads(written)
    inputs = load(again["inputs"])
    assert dump(inputs) == again["inputs"] and len(inputs["p"]) == 1
    assert decide(false, [false.parts[0].conclusion], inputs, measure).verdict == REFUTED
    assert decide(CHECK.claim, [CHECK.claim.parts[0].conclusion], inputs, measure).verdict == HOLDS


def test_the_search_depends_on_nothing_but_the_seed() -> None:
    first, second = battery(CHECK).tallies["mean"], battery(CHECK).tallies["mean"]
    assert dump(first.worst or {}) == dump(second.worst or {}) and first.max_ratio == second.max_ratio
    other = Battery(CHECK, TorchArithmetic(), seed=1, batches=5).run().tallies["mean"]
    assert dump(other.worst or {}) != dump(first.worst or {})


def test_a_violation_below_the_tolerance_is_found_by_the_referee() -> None:
    """A constant too small by 1e-18 of itself, with p = q drawn often."""
    def tied(generator: torch.Generator, batch: int, part: str, scale: float) -> dict[str, Any]:
        inputs = sample(generator, batch, part, scale)
        return {**inputs, "q": torch.where(torch.arange(batch) == 7, inputs["p"], inputs["q"])}

    false = claim(sp.S.Half - sp.Rational(1, 10**18))
    assert battery(replace(CHECK, claim=false, sample=tied)).verdict == REFUTED
    assert battery(replace(CHECK, sample=tied)).verdict == HOLDS


def test_a_false_equation_within_rounding_elsewhere_is_refuted() -> None:
    """Beside an equation, an inequality is still held to being clear of rounding."""
    both = claim(both=sp.And(sp.Eq(p + q, q + p, evaluate=False), sp.Le(p * q, sp.Rational(99, 200) * (p**2 + q**2))))
    found = battery(replace(CHECK, claim=both, tightness={"both": Searched("nothing")}))
    assert stage(found, "property: both").verdict == REFUTED


@pytest.mark.parametrize("lapse", [lambda x: {**x, "p": x["q"], "q": x["p"]}, lambda x: {**x, "p": -x["p"]}])
def test_a_sampler_outside_the_hypotheses_is_the_checks_fault(lapse: Any) -> None:
    check = replace(CHECK, sample=lambda generator, batch, part, scale: lapse(sample(generator, batch, part, scale)))
    found = stage(battery(check), "property: mean")
    assert found.verdict == REFUTED and found.detail.startswith("the check is wrong: the hypothesis")


def test_a_large_failure_just_outside_the_hypotheses_does_not_pass() -> None:
    """p ≤ q up to 1e-16 of itself, never exactly: the false claim q < p/2 or q > 2p may not hide behind that."""
    def above(generator: torch.Generator, batch: int, part: str, scale: float) -> dict[str, Any]:
        p = sample(generator, batch, part, scale)["p"] + 1
        return {"p": p, "q": torch.nextafter(p, torch.zeros_like(p))}

    false = claim(far=sp.Le(3 * p, 2 * q))
    found = battery(replace(CHECK, claim=false, sample=above, tightness={"far": Searched("nothing")}))
    assert stage(found, "property: far").verdict == NOT_RUN and "outside the hypotheses" in stage(found, "property: far").detail
    assert found.verdict != HOLDS


def zeros(generator: torch.Generator, batch: int, part: str, scale: float) -> dict[str, Any]:
    return {"p": torch.zeros(batch, dtype=torch.float64), "q": torch.zeros(batch, dtype=torch.float64)}


def nobody(generator: torch.Generator, batch: int, part: str, scale: float) -> dict[str, Any]:
    return sample(generator, 0, part, scale)


@pytest.mark.parametrize("vacuous", [zeros, nobody])
def test_a_search_over_nothing_is_not_run(vacuous: Any) -> None:
    found = battery(replace(CHECK, sample=vacuous))
    assert stage(found, "property: mean").verdict == NOT_RUN and found.verdict == NOT_RUN


def test_nan_is_never_a_pass() -> None:
    def nan(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
        values = measure(inputs, arithmetic)
        return {**values, "p": values["p"] * float("nan")} if isinstance(arithmetic, TorchArithmetic) else values

    found = battery(replace(CHECK, measure=nan))
    assert found.verdict == NOT_RUN and "NaN" in stage(found, "property: mean").detail


def test_a_value_that_is_undefined_within_the_statement_is_never_a_pass() -> None:
    undefined = claim(root=sp.Le(sp.sqrt(p - q), q))
    found = battery(replace(CHECK, claim=undefined, tightness={"root": Searched("nothing")}))
    assert stage(found, "property: root").verdict == NOT_RUN and "finite" in stage(found, "property: root").detail


def test_a_witness_must_attain() -> None:
    short = stage(battery(replace(CHECK, tightness={"mean": Attained(pair(1, 2))})), "tightness: mean")
    assert short.verdict == REFUTED and "gap" in short.detail
    trivial = stage(battery(replace(CHECK, tightness={"mean": Attained(pair(0, 0))})), "tightness: mean")
    assert trivial.verdict == REFUTED
    outside = stage(battery(replace(CHECK, tightness={"mean": Attained(pair(-1, -1))})), "tightness: mean")
    assert outside.verdict == REFUTED and "hypothesis 'sign'" in outside.detail


def test_a_witness_that_breaks_the_claim_by_less_than_its_gap_refutes_it() -> None:
    found = battery(replace(CHECK, claim=claim(sp.S.Half - sp.Rational(1, 10**12))))
    assert stage(found, "tightness: mean").verdict == REFUTED


def test_an_approaching_family_must_rise_to_what_it_promises() -> None:
    def family(*seconds: float) -> Any:
        return lambda: [pair(1, s)() for s in seconds]

    rising = Approached(family(4, 2, 1.1), 0.99, "q falls to p")
    assert stage(battery(replace(CHECK, tightness={"mean": rising})), "tightness: mean").verdict == HOLDS
    zigzag, alone = replace(rising, inputs=family(1.1, 2, 1.01)), replace(rising, inputs=family(1.1))
    for bad in (replace(rising, at_least=0.9999), zigzag, alone):
        assert stage(battery(replace(CHECK, tightness={"mean": bad})), "tightness: mean").verdict == REFUTED


def test_an_unknown_tightness_is_told_but_does_not_fail() -> None:
    found = battery(replace(CHECK, tightness={"mean": Searched("only sampling")}))
    assert stage(found, "tightness: mean").verdict == NOT_RUN and found.verdict == HOLDS
    status, ratio, _ = found.tightness["mean"]
    assert status == "searched" and 0.9 < ratio <= 1 + 1e-12


NEEDY = replace(CHECK, claim=claim(least=sp.Le(p**2, q**2)), tightness={"least": Attained(pair(1, 1))})


@pytest.mark.parametrize(("order", "sign", "verdict"), [
    (Necessary("least", pair(2, 1)), Necessary("least", pair(-2, 1)), HOLDS),
    (Necessary("least", pair(1, 2)), Unknown("none"), REFUTED),  # breaks no hypothesis
    (Necessary("least", pair(-1, -2)), Unknown("none"), REFUTED),  # breaks two
    (Unknown("none"), Necessary("least", pair(-1, 2)), REFUTED),  # leaves the conclusion true
])
def test_a_necessity_instance_breaks_one_hypothesis_and_the_conclusion(order: Any, sign: Any, verdict: str) -> None:
    found = battery(replace(NEEDY, necessity={"order": order, "sign": sign}))
    assert found.verdict == verdict, found.stages


def test_a_necessity_instance_of_a_false_claim_that_breaks_no_hypothesis_is_refused() -> None:
    false = replace(NEEDY, claim=claim(least=sp.Le(q, p)), tightness={"least": Attained(pair(1, 1))})
    found = battery(replace(false, necessity={**CHECK.necessity, "order": Necessary("least", pair(1, 2))}))
    assert "does not break" in stage(found, "necessity: order").detail


def test_pinned_instances_are_asked_again() -> None:
    false = replace(CHECK, claim=claim(sp.Rational(99, 200)), pinned=[("mean", pair(1, 1)), ("mean", pair(1, 8))])
    found = battery(false)
    assert stage(found, "pinned 1").verdict == REFUTED and stage(found, "pinned 2").verdict == HOLDS
    assert stage(battery(replace(CHECK, pinned=[("mean", pair(1, 1))])), "pinned 1").verdict == HOLDS


def test_an_experiment_that_disagrees_refutes() -> None:
    for agrees in (True, False):
        experiment = {"limit": lambda arithmetic, seed, agrees=agrees: Finding(agrees, "compared", {"gap": 0.5})}
        found = stage(battery(replace(CHECK, experiments=experiment)), "experiment: limit")
        assert (found.verdict, found.detail) == (HOLDS if agrees else REFUTED, "compared (gap 0.5)")


def test_an_error_in_the_check_is_told_with_its_line_and_the_rest_runs() -> None:
    def broken(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
        return {"p": inputs["r"]}

    found = battery(replace(CHECK, measure=broken))
    assert "KeyError: 'r' (in test_battery.py, line" in stage(found, "property: mean").detail
    assert found.verdict == NOT_RUN and len(found.stages) == 5


def test_a_claim_without_proof_never_holds() -> None:
    unproved = replace(CHECK.claim, parts=[replace(CHECK.claim.parts[0], proof=[
        Step("wrong reason", CHECK.claim.parts[0].conclusion, Polynomial("no such fact"))])])
    found = battery(replace(CHECK, claim=unproved))
    assert stage(found, "property: mean").verdict == HOLDS and found.verdict == NOT_RUN


@pytest.mark.parametrize("gap", ["tightness", "necessity"])
def test_a_check_that_leaves_out_an_answer_is_refused(gap: str) -> None:
    with pytest.raises(RequestError, match=f"disagree on the {gap}"):
        battery(replace(CHECK, **{gap: {}}))


def verdict_of(*stages: Stage) -> str:
    return Battery(CHECK, TorchArithmetic(), stages=list(stages)).verdict


def test_the_verdict_is_the_worst_answer() -> None:
    yes, no, open_ = Stage("a", HOLDS, ""), Stage("b", REFUTED, ""), Stage("c", NOT_RUN, "unknown hardware")
    assert verdict_of() == NOT_RUN and verdict_of(yes) == HOLDS
    assert verdict_of(yes, open_) == NOT_RUN and verdict_of(open_, no, yes) == REFUTED
    assert verdict_of(yes, replace(open_, unknown=True)) == HOLDS


def test_an_exact_part_needs_no_witness_and_an_equation_no_attained() -> None:
    equal = claim(same=sp.Eq((p - q) ** 2, p**2 - 2 * p * q + q**2))
    assert battery(replace(CHECK, claim=equal, tightness={"same": Exact()})).verdict == HOLDS
    found = battery(replace(CHECK, claim=equal, tightness={"same": Attained(pair(1, 1))}))
    assert stage(found, "tightness: same").verdict == REFUTED


# -- a real claim measured with the wrong optimizer: hypotheses tie the measurement to the algorithm ---------------------

SIZE = update_size_bound.CHECK


def wrong_adam(**changed: Any) -> Any:
    """update_size_bound's measurement with an optimizer that differs in one respect; symbols keep the true values."""
    def altered(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
        true = update_size_bound.measure(inputs, arithmetic)
        values = {k: arithmetic.array(inputs[k]) for k in ("beta1", "beta2", "g", "v0", "m0", "eta")}
        settings = {"lr": values["eta"], "beta1": values["beta1"], "beta2": values["beta2"], "eps": 0}
        settings |= {k: v(values) if callable(v) else v for k, v in changed.items()}
        start = arithmetic.zeros((len(values["g"]), 1))
        path = run(Adam(**settings), start, lambda x, t: values["g"][:, t - 1, None], inputs["T"], arithmetic,
                   m0=values["m0"][:, None], v0=values["v0"][:, None])
        return {**true, "m": path.m[..., 0], "v": path.v[..., 0]}

    return altered


def size_stage(measure: Any) -> Stage:
    check = replace(SIZE, measure=measure, batch=64)
    question = Battery(check, TorchArithmetic(), batches=5)
    question._stage("property", lambda: question._property(check.claim.part("average")))
    return question.stages[0]


def test_the_true_adam_passes_as_measured_here() -> None:
    assert size_stage(wrong_adam()).verdict == HOLDS


@pytest.mark.parametrize("changed", [
    {"beta1": lambda v: v["beta2"], "beta2": lambda v: v["beta1"]},
    {"beta1": lambda v: v["beta1"] * 0 + 0.5},
    {"beta2": lambda v: v["beta2"] * 0 + 0.999},
], ids=["betas swapped", "beta1 ignored", "beta2 ignored"])
def test_a_wrong_adam_is_caught(changed: dict[str, Any]) -> None:
    found = size_stage(wrong_adam(**changed))
    assert found.verdict == REFUTED, found.detail


def test_eps_outside_the_root_with_bias_correction_is_caught() -> None:
    """PyTorch's convention: the update m̂/(√v̂ + ε) need not obey the bound on m/√v; a claim about it would be refuted."""
    def measured(inputs: Mapping[str, Any], arithmetic: Arithmetic) -> dict[str, Any]:
        true = update_size_bound.measure(inputs, arithmetic)
        g, eta = arithmetic.array(inputs["g"]), arithmetic.array(inputs["eta"])
        adam = Adam(lr=eta, beta1=true["beta1"], beta2=true["beta2"], eps=1e-8, convention=PYTORCH)
        path = run(adam, arithmetic.zeros((len(g), 1)), lambda x, t: g[:, t - 1, None], inputs["T"], arithmetic)
        direction = path.update[..., 0]  # what is added to x, over lr
        m = torch.cat([true["m"][:, :1], -direction * true["v"][:, 1:].sqrt()], 1)
        return {**true, "m": m}

    assert size_stage(measured).verdict == REFUTED


def test_a_conjunction_is_made_stronger_in_every_inequality():
    a, b = var("a"), var("b")
    twice, quarter = eq(a, mul(num(2), b)), num(Fraction(1, 4))
    assert strengthen(both(le(a, b), twice), Fraction(1, 4)) == both(le(a, sub(b, mul(quarter, fn("abs", b)))), twice)
    assert strengthen(forall("t", "int", ONE, b, lt(a, b)), Fraction(1, 4), relative=False) == (
        forall("t", "int", ONE, b, lt(a, sub(b, mul(quarter, ONE)))))
    assert strengthen(both(eq(a, b), ne(a, num(0))), Fraction(1, 4)) is None
