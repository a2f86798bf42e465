"""Turn a proof report and a battery run into evidence records, formulas and all, from the claim's own objects."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from checks.registry import Entry
from reports.evidence import Record, header
from reports.formulas import declarations, domain, formula, symbol
from theory.core import Claim, ClaimReport, Part
from theory.core.rules import At, By
from theory.core.verdicts import StepReport

if TYPE_CHECKING:
    from checks.battery.run import Battery, Stage

TIGHTNESS = ("unknown", "searched", "approached", "attained", "exact")  # from weakest to strongest


def proof_sources(entry: Entry, root: Path) -> list[Path]:
    """Files a proof verdict rests on: the claim, the claims it uses, and the checker."""
    kernel = [file for room in ("core", "calculus", "proofs") for file in sorted((root / "theory" / room).glob("*.py"))]
    return [*entry.sources[:1], *_used_files(entry.claim, root), *kernel]


def check_sources(entry: Entry, root: Path) -> list[Path]:
    """Files a battery verdict rests on: the claim, its check, what they are proved by, the engine and the battery."""
    engine = [*sorted((root / "checks" / "battery").glob("*.py")), *sorted((root / "checks" / "optimizers").glob("*.py"))]
    return [*proof_sources(entry, root), *entry.sources[1:], *engine,
            *(root / "checks" / f"{name}.py" for name in ("evaluate", "reading", "frames", "powers", "calculus"))]


def _used_files(claim: Claim, root: Path) -> list[Path]:
    """Source files of all claims a claim rests on, directly or not."""
    return [file for used in claim.uses for file in (root / "theory" / f"{used.id}.py", *_used_files(used, root))
            if file.exists()]


def prove_record(report: ClaimReport, entry: Entry, started: datetime, root: Path) -> Record:
    """Evidence of kind `prove`."""
    claim = entry.claim
    record = header("prove", claim.id, proof_sources(entry, root), None, "cpu", "exact", started, root)
    convention = dataclasses.asdict(claim.convention) if claim.convention else {}
    symbols = [{"name": str(v.symbol), "mathml": symbol(v), "meaning": v.meaning, "domain": domain(v)} for v in claim.variables]
    return record | {
        "seconds": report.seconds, "title": claim.title, "source": dataclasses.asdict(claim.source),
        "provenance": claim.provenance, "summary": " ".join(filter(None, (claim.summary, claim.note))),
        "convention": convention, "symbols": symbols, "declarations": declarations(claim),
        "hypotheses": _hypotheses(claim),
        "uses": [used.id for used in claim.uses], "verdict": report.verdict, "cited": list(report.cited),
        "reason": report.reason,
        "parts": [_part(claim, part, report) for part in claim.parts],
    }


def _hypotheses(claim: Claim) -> list[Record]:
    named = {n: h for part in claim.parts for n, h in claim.all_hypotheses(part).items()}
    return [{"name": name, **formula(prop, claim)} for name, prop in named.items()]


def _part(claim: Claim, part: Part, report: ClaimReport) -> Record:
    found = next((p for p in report.parts if p.part is part), None)
    return {
        "name": part.name, "hypotheses": list(claim.all_hypotheses(part)), "conclusion": formula(part.conclusion, claim),
        "verdict": found.verdict if found else "unproved", "reason": found.reason if found else report.reason,
        "unused": list(found.unused) if found else [],
        "steps": [_step(step, claim) for step in (found.steps if found else ())],
    }


def _step(report: StepReport, claim: Claim) -> Record:
    rule = report.step.rule
    using = [r.fact if isinstance(r, At) else r for r in getattr(rule, "using", ())]
    if isinstance(rule, By):
        using.append(rule.claim.id)
    return {
        "name": report.step.name, "rule": getattr(rule, "label", type(rule).__name__), "by": report.by, "verdict": report.verdict,
        "seconds": report.seconds, "using": using, "reason": report.reason, **formula(report.goal or report.step.prop, claim),
        "children": [_step(child, claim) for child in report.children],
    }


def check_record(battery: Battery, entry: Entry, started: datetime, root: Path) -> Record:
    """Evidence of kind `check`."""
    from checks.battery.instances import dump  # brings torch, which proofs do without

    claim, arithmetic = entry.claim, battery.arithmetic
    record = header("check", claim.id, check_sources(entry, root), battery.seed, device_name(battery), str(arithmetic.dtype)[6:],
                    started, root)
    examples = sum(t.examples for t in battery.tallies.values())
    best = max(battery.tallies.items(), key=lambda item: _finite(item[1].max_ratio), default=None)
    speed = examples / battery.search_seconds if battery.search_seconds else None
    worst = None
    if best is not None and best[1].worst is not None:
        worst = {"claim": claim.id, "part": best[0], "inputs": dump(best[1].worst)}
    if battery.refutation:  # what breaks the claim is worse than any ratio
        worst = {"claim": claim.id, **battery.refutation}
    return record | {
        "verdict": battery.verdict, "examples": examples, "examples_per_second": speed,
        "max_ratio": None if best is None or math.isnan(best[1].max_ratio) else best[1].max_ratio, "worst": worst,
        "stages": [_stage(stage) for stage in battery.stages],
        "hypotheses": [{"name": n, "necessity": v, "detail": d} for n, (v, d) in battery.necessity.items()],
        "tightness": _tightness(battery),
        "slack": [{"part": p, "step": s, "ratio": r} for p, steps in battery.slack.items() for s, r in steps.items()],
        "tolerance": dataclasses.asdict(battery.check.tolerance),
        "replay": f"theorems check {claim.id} --seed {battery.seed}",
    }


def device_name(battery: Battery) -> str:
    """cpu, or the GPU's own name."""
    import torch

    device = battery.arithmetic.device
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def _stage(stage: Stage) -> Record:
    return {"name": stage.name, "verdict": stage.verdict, "detail": stage.detail, "seconds": stage.seconds}


def _finite(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def _tightness(battery: Battery) -> Record:
    """The weakest part's status, with every part's in the detail."""
    if not battery.tightness:
        return {"status": "unknown", "ratio": None, "detail": ""}
    weakest = min(battery.tightness.values(), key=lambda found: TIGHTNESS.index(found[0]))
    detail = "; ".join(f"{name}: {status} ({words})" for name, (status, _, words) in battery.tightness.items())
    ratio = None if math.isnan(weakest[1]) else weakest[1]
    return {"status": weakest[0], "ratio": ratio, "detail": detail}
