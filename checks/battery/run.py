"""The battery: the same questions, in the same order, asked of every claim; what was not run is never a pass."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np

from checks.arithmetic import TorchArithmetic
from checks.battery.check import Approached, Attained, Check, Defining, Exact, Inputs, Measure, Searched, Unknown, Unneeded
from checks.battery.climb import STEPS, climb
from checks.battery.instances import dump
from checks.battery.mutate import strengthen
from checks.battery.property import (
    Refuted,
    SamplerFault,
    Tally,
    Undecided,
    examine,
    explore,
    relative_margin,
    require_hypotheses,
    side_ratio,
)
from checks.battery.slack import slack
from checks.battery.worst import kept
from checks.errors import RequestError
from checks.evaluate import Evaluation
from checks.margins import Margins
from checks.referee import REFUTED as FAILS
from checks.referee import decide
from theory.core import Session, check_claim
from theory.core.claim import Part
from theory.core.verdicts import UNPROVED, ClaimReport
from theory.proofs.check import proved_without, undefined_without

HOLDS, REFUTED, NOT_RUN = "holds", "refuted", "not_run"
UNKNOWN = "unknown"  # the answer of a question that may stay open; its stage is recorded as not run
STRONGER = Fraction(1, 10**6)
BATCHES = 20  # Hypothesis examples a part, each one batch


@dataclass(frozen=True)
class Stage:
    """One question's answer."""

    name: str
    verdict: str
    detail: str
    seconds: float = 0.0
    unknown: bool = False  # an honest "not known": recorded as not run, but no obstacle


@dataclass
class Battery:
    """One run over one claim: the check, where it runs, and what was found."""

    check: Check
    arithmetic: TorchArithmetic
    seed: int = 0
    batches: int = BATCHES
    tick: Callable[[str], None] = lambda message: None
    stages: list[Stage] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    necessity: dict[str, tuple[str, str]] = field(default_factory=dict)
    tightness: dict[str, tuple[str, float, str]] = field(default_factory=dict)
    slack: dict[str, dict[str, float]] = field(default_factory=dict)
    refutation: dict[str, Any] | None = None
    session: Session = field(default_factory=Session)  # claims already proved, so that none is proved twice
    proof: ClaimReport | None = None
    search_seconds: float = 0.0

    # -- running -------------------------------------------------------------------------------------------------------

    def run(self) -> Battery:
        """Ask every question; a stage that cannot run says so and the rest go on."""
        require_complete(self.check)
        self._stage("proof", self._proof)
        for part in self.check.claim.parts:
            self._stage(f"property: {part.name}", partial(self._property, part))
        for part in self.check.claim.parts:
            if self.check.climb and isinstance(self.check.tightness[part.name], Searched):
                self._stage(f"gradient search: {part.name}", partial(self._climb, part))
        for part in self.check.claim.parts:
            self._stage(f"tightness: {part.name}", partial(self._tightness, part))
        for name in self.check.necessity:
            self._stage(f"necessity: {name}", partial(self._necessity, name))
        for number, (part_name, inputs) in enumerate(self.check.pinned, start=1):
            self._stage(f"pinned {number}", partial(self._pinned, part_name, inputs))
        for name, experiment in self.check.experiments.items():
            self._stage(f"experiment: {name}", partial(self._experiment, experiment))
        return self

    def _stage(self, name: str, question: Callable[[], tuple[str, str]]) -> None:
        self.tick(name)
        started = time.perf_counter()
        try:
            verdict, detail = question()
        except Refuted as found:
            verdict, detail = REFUTED, found.detail
            self.refutation = self.refutation or {"part": found.part.name, "inputs": dump(found.inputs), "detail": detail}
        except SamplerFault as fault:
            verdict, detail = REFUTED, f"the check is wrong: {fault}"
        except (Undecided, RequestError) as problem:
            verdict, detail = NOT_RUN, str(problem)
        except Exception as problem:  # whatever a sampler or measurement raises is its author's to mend; the rest go on
            verdict, detail = NOT_RUN, f"the check raised {_where(problem)}"
        open_ = verdict == UNKNOWN
        self.stages.append(Stage(name, NOT_RUN if open_ else verdict, detail, time.perf_counter() - started, open_))

    @property
    def verdict(self) -> str:
        """holds only if every stage that must answer did, with yes; unknown tightness or necessity is allowed."""
        if any(s.verdict == REFUTED for s in self.stages):
            return REFUTED
        open_questions = [s for s in self.stages if s.verdict == NOT_RUN and not s.unknown]
        return NOT_RUN if open_questions or not self.stages else HOLDS

    # -- the questions -------------------------------------------------------------------------------------------------

    def _proof(self) -> tuple[str, str]:
        self.proof = check_claim(self.check.claim, self.session)
        if self.proof.verdict == UNPROVED:
            return NOT_RUN, "unproved; `theorems prove` says where"
        cited = f", modulo {', '.join(self.proof.cited)}" if self.proof.cited else ""
        return HOLDS, f"{self.proof.verdict}{cited}"

    def _property(self, part: Part) -> tuple[str, str]:
        started = time.perf_counter()
        try:
            tally = explore(self.check, part, self.arithmetic, self.seed, self.batches, lambda: self.tick(part.name))
        finally:
            self.search_seconds += time.perf_counter() - started
        self.tallies[part.name] = tally
        if not tally.examples or not tally.nontrivial:
            return NOT_RUN, "vacuous: no instance was decided, or both sides were always zero"
        return HOLDS, (f"{tally.examples} instances in {tally.batches} batches; {tally.close} within rounding, "
                       f"{tally.refereed} sent to the referee, {tally.close - tally.refereed + tally.undecided} not counted")

    def _climb(self, part: Part) -> tuple[str, str]:
        found = climb(self.check, part, self.arithmetic, self.seed, tick=lambda: self.tick(f"climbing, {part.name}"))
        random = self.tallies.setdefault(part.name, Tally())
        before = random.max_ratio
        random.merge(found)
        if not found.examples:
            return NOT_RUN, "vacuous: rounding leaves every instance that the search ended at undecided"
        return HOLDS, (f"{found.examples} instances, each the best of {STEPS} steps of gradient ascent: largest ratio "
                       f"{found.max_ratio:.6g}, beside {before:.6g} by random search")

    def _tightness(self, part: Part) -> tuple[str, str]:
        given = self.check.tightness[part.name]
        if isinstance(given, Exact):
            self.tightness[part.name] = ("exact", 1.0, given.detail)
            return HOLDS, given.detail
        if isinstance(given, (Attained, Approached)):
            return self._attained(part, given) if isinstance(given, Attained) else self._approached(part, given)
        tally = self.tallies.setdefault(part.name, Tally())
        if (known := kept(self.check.claim, part)) is not None:
            longer = Tally()
            examine(self.check, part, known, self.arithmetic, longer)
            tally.merge(longer)
        found = tally.max_ratio
        self.tightness[part.name] = ("searched", found, given.detail)
        if tally.worst is not None:
            self.slack[part.name] = slack(self.check, part, tally.worst, self.arithmetic)
        return UNKNOWN, f"unknown; largest ratio found {found:.6g}; {given.detail}"

    def _attained(self, part: Part, given: Attained) -> tuple[str, str]:
        inputs = given.inputs()
        evaluation, margins = self._at(part, inputs)
        gap = float(relative_margin(margins, self.check).min())
        if strengthen(evaluation.term(part.conclusion), STRONGER) is None:
            return REFUTED, "the conclusion has no inequality; its tightness is Exact"
        if abs(gap) > given.gap:
            return REFUTED, f"the witness leaves a relative gap of {gap:.3g}; {given.gap:g} was promised"
        if not self._stronger_fails(part, evaluation, given.gap):
            return REFUTED, "a slightly stronger claim still holds at the witness, so it does not show tightness"
        ratio = side_ratio(margins)
        value = float(np.nanmax(ratio)) if ratio is not None and np.isfinite(ratio).any() else 1.0
        self.tightness[part.name] = ("attained", value, f"gap {gap:.2g} at the witness; the claim with its right side "
                                     f"smaller by {float(STRONGER):g} of itself fails there")
        return HOLDS, self.tightness[part.name][2]

    def _stronger_fails(self, part: Part, evaluation: Evaluation, gap: float) -> bool:
        """Whether the claim with its right side smaller by a millionth (or four gaps) fails: of itself, or where that
        is zero, of one."""
        share = max(STRONGER, Fraction(gap) * 4)
        for relative in (True, False):
            margins = evaluation.statement(strengthen(evaluation.term(part.conclusion), share, relative))
            if float(relative_margin(margins, self.check).min()) < -self.check.tolerance.value:
                return True
        return False

    def _approached(self, part: Part, given: Approached) -> tuple[str, str]:
        ratios = []
        for inputs in given.inputs():
            ratio = side_ratio(self._at(part, inputs)[1])
            ratios.append(float(np.nanmax(ratio)) if ratio is not None and np.isfinite(ratio).any() else float("nan"))
        self.tightness[part.name] = ("approached", ratios[-1], given.detail)
        rises = len(ratios) > 1 and all(a < b for a, b in pairwise(ratios))
        if not rises or not ratios[-1] >= given.at_least:
            return REFUTED, f"ratios {ratios} do not rise to {given.at_least}"
        return HOLDS, f"ratio rises to {ratios[-1]:.6g}: {given.detail}"

    def _at(self, part: Part, inputs: Inputs) -> tuple[Evaluation, Margins]:
        """The claim evaluated at inputs that must satisfy every hypothesis."""
        evaluation = Evaluation(self.check.claim, self.check.measure(inputs, self.arithmetic), self.arithmetic)
        require_hypotheses(self.check, part, evaluation, inputs)
        ruling = decide(self.check.claim, [part.conclusion], inputs, self.check.measure)
        if ruling.verdict == FAILS:
            raise Refuted(part, inputs, f"{part.name} fails at its own witness, says {ruling.by}")
        return evaluation, evaluation.statement(part.conclusion)

    def _necessity(self, name: str) -> tuple[str, str]:
        given = self.check.necessity[name]
        if isinstance(given, Unknown):
            self.necessity[name] = ("unknown", given.tried)
            return UNKNOWN, f"unknown; tried: {given.tried}"
        part = self.check.claim.part(given.part)
        if isinstance(given, Unneeded):
            self.necessity[name] = ("unneeded", f"the proof of {part.name} goes through without it")
            return (HOLDS, self.necessity[name][1]) if proved_without(self.check.claim, part, name, self.session) else (
                REFUTED, f"without '{name}' the proof of {part.name} no longer goes through")
        if isinstance(given, Defining):
            reason = undefined_without(self.check.claim, part, name)
            self.necessity[name] = ("definition", f"without it {part.name} is not defined: {reason}")
            return (HOLDS, self.necessity[name][1]) if reason else (REFUTED, f"{part.name} is defined without '{name}'")
        inputs, measure = given.inputs(), given.measure or self.check.measure
        evaluation = Evaluation(self.check.claim, measure(inputs, self.arithmetic), self.arithmetic)
        if evaluation.batch != 1:
            raise RequestError(f"the instance for '{name}' is a batch of {evaluation.batch}; give a batch of one.")
        require_hypotheses(self.check, part, evaluation, inputs, but=name)
        dropped = self.check.claim.all_hypotheses(part)[name]
        broken = evaluation.statement(dropped)
        if not self._violated(broken):
            return REFUTED, f"the instance does not break '{name}'"
        by = self._fails(part, evaluation, inputs, measure)
        if not by:
            return REFUTED, f"without '{name}' the conclusion of {part.name} still holds at the instance"
        self.necessity[name] = ("necessary", f"without it {part.name} fails at an instance, {by}")
        return HOLDS, self.necessity[name][1]

    def _violated(self, margins: Margins) -> bool:
        relative_margin(margins, self.check)  # refuses NaN, which would be neither true nor false
        return not margins.satisfied(self.check.tolerance.value).all()

    def _fails(self, part: Part, evaluation: Evaluation, inputs: Inputs, measure: Measure) -> str:
        """By whom the conclusion is found false at the inputs ('' if it is not)."""
        ruling = decide(self.check.claim, [part.conclusion], inputs, measure)
        if ruling.verdict == FAILS:
            return f"by {ruling.by}"
        margin = float(relative_margin(evaluation.statement(part.conclusion), self.check).min())
        far = margin < -100 * self.check.tolerance.value
        return f"by floats (relative margin {margin:.3g})" if far and ruling.verdict != HOLDS else ""

    def _pinned(self, part_name: str, inputs: Callable[[], Inputs]) -> tuple[str, str]:
        part = self.check.claim.part(part_name)
        tally = Tally()
        examine(self.check, part, inputs(), self.arithmetic, tally)
        if tally.undecided or not tally.examples:
            return NOT_RUN, f"rounding leaves {part_name} undecided at a past failure"
        return HOLDS, f"{part_name} holds at a past failure"

    def _experiment(self, experiment: Callable[..., Any]) -> tuple[str, str]:
        finding = experiment(self.arithmetic, self.seed)
        numbers = "; ".join(f"{label} {value:.4g}" for label, value in finding.numbers.items())
        return HOLDS if finding.agrees else REFUTED, f"{finding.detail} ({numbers})" if numbers else finding.detail


def require_complete(check: Check) -> None:
    """Every part needs a tightness and every hypothesis a necessity; RequestError names what is missing."""
    parts = {part.name for part in check.claim.parts}
    names = {name for part in check.claim.parts for name in check.claim.all_hypotheses(part)}
    for what, wanted, given in (("tightness", parts, set(check.tightness)), ("necessity", names, set(check.necessity))):
        if wanted != given:
            odd = ", ".join(sorted(wanted ^ given))
            raise RequestError(f"the check of {check.claim.id} and its claim disagree on the {what} of: {odd}; mend the check.")


def _where(problem: Exception) -> str:
    """The error and the line it came from, in the last file that is the project's or the user's own."""
    lines = traceback.extract_tb(problem.__traceback__)
    own = [line for line in lines if "site-packages" not in line.filename] or lines
    return f"{type(problem).__name__}: {problem} (in {Path(own[-1].filename).name}, line {own[-1].lineno})"


def default_batches() -> int:
    """Batches a part in the tests: as many as the profile `deep` has examples, else half of the command's default."""
    deep = hypothesis.settings.get_current_profile_name() == "deep"
    return hypothesis.settings.get_profile("deep").max_examples if deep else BATCHES // 2


__all__ = ["Battery", "HOLDS", "NOT_RUN", "REFUTED", "Stage", "default_batches", "require_complete"]
