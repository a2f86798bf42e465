"""`theorems attack`: gradient ascent on left/right from many starts, for the claims whose tightness is not known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from checks.cli.common import EVIDENCE, GLYPHS, AsJson, Bar, Claims, Device, Evidence, Seed, arithmetic_for, bar, emit, finish
from checks.errors import RequestError
from checks.registry import Entry, select

if TYPE_CHECKING:
    from checks.arithmetic import TorchArithmetic
    from theory.core.claim import Part

NAME = "attack"
NOTICEABLE = 1.001  # a kept instance gives way only to one that is clearly worse


def command(
    claims: Claims = None,
    as_json: AsJson = False,
    device: Device = "auto",
    seed: Seed = 0,
    steps: Annotated[int, typer.Option(help="Steps of gradient ascent from each instance.", min=1)] = 300,
    batch: Annotated[int, typer.Option(help="Instances for each kind of start.", min=1)] = 32,
    keep: Annotated[bool, typer.Option("--keep", help="Keep what is worse than the kept instance in checks/worst.")] = False,
    evidence: Evidence = EVIDENCE,
) -> None:
    """Look for the instance that uses most of a bound; exit 1 if one breaks it."""
    from reports.evidence import ensure_writable

    chosen, arithmetic = [entry for entry in select(claims or []) if entry.check and entry.check.climb], arithmetic_for(device)
    if not chosen:
        raise RequestError("none of these claims has knobs to turn; give its CHECK a Climb (see checks/battery/check.py).")
    ensure_writable(evidence)
    found = []
    with bar("attacking", sum(len(entry.claim.parts) for entry in chosen)) as progress:
        for entry in chosen:
            for part in entry.claim.parts:
                found.append(attack(entry, part, arithmetic, seed, steps, batch, keep, evidence, progress))
                progress.advance()
    emit(as_json, found, [_line(f) for f in found])
    finish([f["verdict"] for f in found], ("holds",))


def attack(
    entry: Entry, part: Part, arithmetic: TorchArithmetic, seed: int, steps: int, batch: int, keep: bool, evidence: Path,
    progress: Bar,
) -> dict[str, Any]:
    """Climb from every kind of start; write the worst instance down, and keep it if it is the worst known."""
    from dataclasses import replace

    from checks.battery.climb import climb
    from checks.battery.property import Refuted, Tally, examine
    from checks.battery.worst import file_of, kept, replay_text
    from reports.evidence import replace_text

    check = entry.check
    assert check is not None and check.climb is not None
    deep, before = replace(check, climb=replace(check.climb, starts=check.climb.deeper or check.climb.starts)), Tally()
    if (old := kept(entry.claim, part)) is not None:
        examine(check, part, old, arithmetic, before)
    result: dict[str, Any] = {"id": entry.claim.id, "part": part.name, "verdict": "holds", "detail": "",
                              "kept_ratio": before.max_ratio}
    try:
        tally = climb(deep, part, arithmetic, seed, steps, batch, lambda: progress.say(f"{entry.claim.id}, {part.name}"))
        result |= {"examples": tally.examples, "max_ratio": tally.max_ratio}
        worst = tally.worst
    except Refuted as refuted:
        result |= {"verdict": "refuted", "detail": refuted.detail}
        worst = refuted.inputs
    if worst is not None:
        file = evidence / "worst" / file_of(entry.claim, part).name
        replace_text(file, replay_text(entry.claim, part, worst))
        result["replay"] = f"theorems replay {file}"
        if keep and result["verdict"] == "holds" and not result["max_ratio"] <= NOTICEABLE * before.max_ratio:
            replace_text(file_of(entry.claim, part), replay_text(entry.claim, part, worst))
    return result


def _line(found: dict[str, Any]) -> str:
    known = "none kept" if found["kept_ratio"] != found["kept_ratio"] else f"kept {found['kept_ratio']:.6g}"
    words = found["detail"] or f"largest ratio {found['max_ratio']:.6g} over {found['examples']} instances ({known})"
    return f"{GLYPHS[found['verdict']]} {found['id']}, {found['part']}: {words}\n    {found.get('replay', '')}".rstrip()
