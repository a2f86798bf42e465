"""`theorems replay`: evaluate one recorded instance again, in floats and in exact arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from checks.cli.common import GLYPHS, AsJson, Device, arithmetic_for, aside, emit, finish
from checks.errors import RequestError
from checks.registry import Entry, select

NAME = "replay"


def command(
    file: Annotated[Path, typer.Argument(help="A .replay file, or the evidence file of a check (its worst instance).")],
    as_json: AsJson = False,
    device: Device = "auto",
) -> None:
    """Replay an instance; exit 1 if it refutes the claim."""
    with aside():
        result = replay(file, device)
    words = "undecided" if result["verdict"] == "not_run" else result["verdict"]
    ratio = "" if result["ratio"] is None else f", ratio {result['ratio']:.6g}"
    line = (f"{GLYPHS[result['verdict']]} {result['id']}, {result['part']}: {words} at this instance; "
            f"relative margin {result['margin']:.6g}{ratio}; decided by {result['by']}")
    emit(as_json, [result], [line])
    finish([result["verdict"]], ("holds",))


def replay(file: Path, device: str) -> dict[str, Any]:
    """The verdict on the recorded instance; floats decide only where exact arithmetic cannot and they are clear."""
    from checks.battery.instances import read_replay

    data = read_replay(file)
    entry = _entry(file, data)
    arithmetic = arithmetic_for(device)
    try:
        return _measure(entry, data, arithmetic)
    except RequestError:
        raise
    except Exception as problem:  # the check's own code, on inputs that it may no longer understand
        reason = f"{type(problem).__name__}: {problem}"
        raise RequestError(f"{file} cannot be measured again ({reason}); the check of {entry.claim.id} has changed since, "
                           "so run `theorems check` anew.") from problem


def _entry(file: Path, data: dict[str, Any]) -> Entry:
    """The claim the instance is of; a user's own claim file may also lie beside the replay file."""
    where = data["claim"]
    if own := data.get("file"):
        places = [Path(own), file.parent / Path(own).name]
        found = next((place for place in places if place.exists()), None)
        if found is None:
            raise RequestError(f"the claim file {own} is not here; copy it beside {file} and replay again.")
        where = str(found)
    entry, *others = select([where])
    if others:
        raise RequestError(f"{file} names no single claim but '{where}'; give a file that `theorems check` wrote.")
    if entry.check is None:
        raise RequestError(f"{entry.claim.id} has no CHECK any more, so its instances cannot be measured again; write one.")
    return entry


def _measure(entry: Entry, data: dict[str, Any], arithmetic: Any) -> dict[str, Any]:
    import numpy as np

    from checks.battery.property import relative_margin, side_ratio
    from checks.evaluate import Evaluation
    from checks.referee import UNDECIDED, decide

    assert entry.check is not None
    check, name = entry.check, data["part"]
    part = next((p for p in entry.claim.parts if p.name == name), None)
    if part is None:
        raise RequestError(f"{entry.claim.id} has no part '{name}' any more; run `theorems check {entry.claim.id}` anew.")
    margins = Evaluation(entry.claim, check.measure(data["inputs"], arithmetic), arithmetic).statement(part.conclusion)
    margin, ratio = float(relative_margin(margins, check).min()), side_ratio(margins)
    ruling = decide(entry.claim, [part.conclusion], data["inputs"], check.measure)
    verdict, by = ruling.verdict, ruling.by
    if verdict == UNDECIDED:
        clear = abs(margin) > check.tolerance.value
        verdict, by = ("not_run" if not clear else "holds" if margin > 0 else "refuted"), "floats"
    return {"id": entry.claim.id, "part": part.name, "verdict": verdict, "by": by, "margin": margin,
            "ratio": None if ratio is None or np.isnan(ratio[0]) else float(ratio[0]), "device": str(arithmetic.device)}
