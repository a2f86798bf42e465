"""`theorems check`: run the battery over claims; every refutation is written down for `theorems replay`."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from checks.cli.common import (
    EVIDENCE,
    GLYPHS,
    AsJson,
    Bar,
    Claims,
    Device,
    Evidence,
    Seed,
    arithmetic_for,
    bar,
    emit,
    finish,
)
from checks.errors import RequestError
from checks.registry import Entry, select
from theory.core import Session

if TYPE_CHECKING:
    from checks.arithmetic import TorchArithmetic
    from checks.battery.run import Battery

NAME = "check"
READABLE = 12  # numbers an input may have to be shown in a line


def command(
    claims: Claims = None,
    as_json: AsJson = False,
    device: Device = "auto",
    seed: Seed = 0,
    batches: Annotated[int | None, typer.Option(help="Batches of generated instances for each part.", min=1)] = None,
    evidence: Evidence = EVIDENCE,
) -> None:
    """Exercise claims on generated instances; exit 1 if one is refuted or was not run."""
    from checks.battery.run import require_complete
    from reports.evidence import ensure_writable

    chosen, arithmetic = select(claims or []), arithmetic_for(device)
    if all(entry.check is None for entry in chosen):
        ids = ", ".join(entry.claim.id for entry in chosen)
        raise RequestError(f"no CHECK for {ids}; write one (see CONTRIBUTING.md) or use `theorems prove`.")
    for entry in chosen:
        if entry.check:
            require_complete(entry.check)
    ensure_writable(evidence)
    records, session = [], Session()
    with bar("checking", len(chosen)) as progress:
        for entry in chosen:
            found = check(entry, arithmetic, seed, batches, evidence, progress, session) if entry.check else unchecked(entry)
            records.append(found)
            progress.advance()
    emit(as_json, [summary(r) for r in records], [line for r in records for line in lines(r)])
    finish([r["verdict"] for r in records], ("holds",))


def unchecked(entry: Entry) -> dict[str, Any]:
    """What is said of a claim without a check, when others that have one were asked for too."""
    return {"id": entry.claim.id, "verdict": "not_run", "stages": [
        {"name": "check", "verdict": "not_run", "detail": "there is no CHECK for this claim yet", "seconds": 0.0}]}


def check(
    entry: Entry, arithmetic: TorchArithmetic, seed: int, batches: int | None, evidence: Path, progress: Bar | None = None,
    session: Session | None = None,
) -> dict[str, Any]:
    """Run the battery over one claim and write its evidence, and its refutation if there is one."""
    from checks.battery.run import BATCHES, Battery
    from reports.claims import check_record
    from reports.evidence import ROOT, write

    assert entry.check is not None
    started = datetime.now(UTC)
    say = (lambda message: progress.say(f"{entry.claim.id}, {message}")) if progress else (lambda message: None)
    battery = Battery(entry.check, arithmetic, seed, batches or BATCHES, say, session=session or Session()).run()
    record = check_record(battery, entry, started, ROOT)
    if entry.own:
        record["replay"] = f"theorems check {shlex.quote(str(entry.sources[0]))} --seed {seed}"
    if battery.refutation:
        record["replay"] = f"theorems replay {shlex.quote(str(write_refutation(entry, battery, evidence)))}"
    if not entry.own:
        write(record, evidence)
    return record


def write_refutation(entry: Entry, battery: Battery, evidence: Path) -> Path:
    """The refuting instance as a small file another machine can replay."""
    from reports.evidence import replace_text

    name = entry.claim.id.replace("/", "__") if not entry.own else f"own__{entry.sources[0].stem}"
    path = evidence / "refutations" / f"{name}.replay"
    own = {"file": str(entry.sources[0])} if entry.own else {}
    assert battery.refutation is not None
    replace_text(path, json.dumps({"claim": entry.claim.id, **own, **battery.refutation}, indent=1) + "\n")
    return path


def summary(record: dict[str, Any]) -> dict[str, Any]:
    """The JSON form of one verdict."""
    keys = ("id", "verdict", "examples", "examples_per_second", "max_ratio", "worst", "stages", "hypotheses", "tightness",
            "device", "dtype", "seed", "seconds", "replay")
    return {k: record.get(k) for k in keys}


def lines(record: dict[str, Any]) -> list[str]:
    """The text form: one line a claim, one line a stage."""
    found = [f"{GLYPHS[record['verdict']]} {record['id']}: {record['verdict'].replace('_', ' ')}"]
    if "examples" in record:
        ratio = f", largest ratio {record['max_ratio']:.6g}" if record["max_ratio"] is not None else ""
        found[0] += f"  ({record['examples']} examples{ratio}, {record['seconds']:.1f} s on {record['device']})"
    found += [f"    {GLYPHS[s['verdict']]} {s['name']}: {s['detail']}" for s in record["stages"]]
    if record["verdict"] == "refuted":
        found += [f"    fails at {values}" for values in [instance(record["worst"])] if values]
        found.append(f"    {record['replay']}")
    return found


def instance(worst: dict[str, Any] | None) -> str:
    """A small instance in decimals, `a = 1.5, x = [0.0, 2.0]`; '' for one too large to read."""
    shown = []
    for name, value in (worst or {"inputs": {}})["inputs"].items():
        numbers = [float.fromhex(x) for x in value["hex"]] if isinstance(value, dict) else value
        if isinstance(numbers, list) and len(numbers) > READABLE:
            return ""
        shown.append(f"{name} = {numbers[0] if isinstance(numbers, list) and len(numbers) == 1 else numbers}")
    return ", ".join(shown)
