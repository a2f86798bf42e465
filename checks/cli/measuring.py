"""`theorems measure`: run measurements by name, print their numbers, keep numbers and pictures as evidence."""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from checks.cli.common import EVIDENCE, AsJson, Bar, Device, Evidence, Seed, arithmetic_for, bar, emit
from checks.errors import RequestError
from checks.measurements import NAMES, Measurement, Progress, silent

NAME = "measure"


def _forward(progress: Bar, before: int, share: float) -> None:
    progress.to(before + share)


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Names of measurements; all if none is given.")] = None,
    as_json: AsJson = False,
    device: Device = "auto",
    seed: Seed = 0,
    evidence: Evidence = EVIDENCE,
    full: Annotated[bool, typer.Option("--full", help="At the full scale, meant for a GPU: rates only.")] = False,
) -> None:
    """Measure what the theory speaks of, with numbers and pictures; there is no verdict."""
    chosen = names or list(NAMES)
    for name in chosen:
        options(load(name), full)
    where, found, text = str(arithmetic_for(device).device), [], []
    with bar("measurements", len(chosen)) as progress:
        for number, name in enumerate(chosen):
            progress.say(name)
            result, path = run_and_record(name, evidence, seed, where, functools.partial(_forward, progress, number), full)
            found.append({"id": name, "verdict": "recorded", **result.fields(), "evidence": str(path)})
            text += [*lines(result), f"Written: {path}", ""]
    emit(as_json, found, text)


def load(name: str) -> Any:
    """The module of this name; RequestError, with the nearest name, when there is none."""
    if name not in NAMES:
        nearest = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.3) or NAMES
        raise RequestError(f"there is no measurement {name!r}; did you mean {nearest[0]!r}? All: {', '.join(NAMES)}.")
    return importlib.import_module(f"checks.measurements.{name}")


def options(module: Any, full: bool) -> dict[str, bool]:
    """Further arguments of the module's `run`; RequestError when it has no full scale and one is asked for."""
    if not full:
        return {}
    if "full" not in inspect.signature(module.run).parameters:
        raise RequestError(f"{module.__name__.rpartition('.')[2]} has one scale only; measure it without --full.")
    return {"full": True}


def run_and_record(
    name: str, folder: Path = EVIDENCE, seed: int = 0, device: str = "cpu", progress: Progress = silent, full: bool = False
) -> tuple[Measurement, Path]:
    """Run one measurement and write its evidence and figures under `folder`; returns the result and the file."""
    from reports.evidence import ensure_writable
    from reports.record import record

    module = load(name)
    further = options(module, full)
    ensure_writable(folder)
    started = datetime.now(UTC)
    result = module.run(seed=seed, device=device, progress=progress, **further)
    sources = [str(module.__file__), *getattr(module, "SOURCES", ())]
    return result, record(result, "measurement", name, sources, started, folder, seed, device)


def lines(result: Measurement) -> list[str]:
    """The result as text: title, the numbers in aligned lines, and what they mean."""
    width = max((len(label) for label, _ in result.numbers), default=0)
    values = [(label, value if isinstance(value, str) else f"{value:.6g}") for label, value in result.numbers]
    shown = [f"  {label:<{width}}  {value}" for label, value in values]
    return [result.title, *shown, result.text]
