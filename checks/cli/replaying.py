"""`theorems replay`: evaluate one recorded instance again, in floats and in exact arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from checks.battery.instances import read_replay
from checks.battery.property import relative_margin, side_ratio
from checks.battery.run import HOLDS
from checks.cli.common import GLYPHS, AsJson, Device, arithmetic_for, emit, finish
from checks.errors import RequestError
from checks.evaluate import Evaluation
from checks.referee import UNDECIDED, decide
from checks.registry import select

NAME = "replay"


def command(
    file: Annotated[Path, typer.Argument(help="A .replay file, or the evidence file of a check (its worst instance).")],
    as_json: AsJson = False,
    device: Device = "auto",
) -> None:
    """Replay an instance; exit 1 if it refutes the claim."""
    result = replay(file, device)
    words = "undecided" if result["verdict"] == "not_run" else result["verdict"]
    line = (f"{GLYPHS[result['verdict']]} {result['id']}, {result['part']}: {words} at this instance; "
            f"relative margin {result['margin']:.6g}, ratio {result['ratio']}; decided by {result['by']}")
    emit(as_json, [result], [line])
    finish([result["verdict"]], (HOLDS,))


def replay(file: Path, device: str) -> dict[str, Any]:
    """The verdict on the recorded instance; floats decide only where exact arithmetic cannot and they are clear."""
    data = read_replay(file)
    (entry,) = select([data.get("file", data["claim"])])
    if entry.check is None:
        raise RequestError(f"{entry.claim.id} has no CHECK any more, so its instances cannot be measured again.")
    check, arithmetic = entry.check, arithmetic_for(device)
    try:
        part = entry.claim.part(data["part"])
    except KeyError as problem:
        raise RequestError(f"{file}: {problem.args[0]}; the claim has changed since.") from None
    margins = Evaluation(entry.claim, check.measure(data["inputs"], arithmetic), arithmetic).statement(part.conclusion)
    margin, ratio = float(relative_margin(margins, check).min()), side_ratio(margins)
    ruling = decide(entry.claim, [part.conclusion], data["inputs"], check.measure)
    verdict, by = ruling.verdict, ruling.by
    if verdict == UNDECIDED:
        clear = abs(margin) > check.tolerance.value
        verdict, by = ("not_run" if not clear else HOLDS if margin > 0 else "refuted"), "floats"
    return {"id": entry.claim.id, "part": part.name, "verdict": verdict, "by": by, "margin": margin,
            "ratio": None if ratio is None else float(ratio[0]), "device": str(arithmetic.device)}
