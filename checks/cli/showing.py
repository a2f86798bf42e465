"""`theorems counterexample`: run counterexample scripts by name."""

from __future__ import annotations

import functools
from typing import Annotated

import typer

from checks.cli.common import EVIDENCE, AsJson, Bar, Device, Evidence, Seed, arithmetic_for, bar, emit, finish

NAME = "counterexample"


def _forward(progress: Bar, before: int, share: float) -> None:
    progress.to(before + share)


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Names of counterexamples; all if none is given.")] = None,
    as_json: AsJson = False,
    device: Device = "auto",
    seed: Seed = 0,
    evidence: Evidence = EVIDENCE,
) -> None:
    """Show what is false, with its numbers; exit 1 if a prediction is missed."""
    from counterexamples.command import load, report, run_and_record
    from counterexamples.command import names as known

    chosen = names or known()
    for name in chosen:
        load(name)
    where, found, text = str(arithmetic_for(device).device), [], []
    with bar("counterexamples", len(chosen)) as progress:
        for number, name in enumerate(chosen):
            progress.say(name)
            result, path = run_and_record(name, evidence, seed, where, functools.partial(_forward, progress, number))
            found.append({"id": name, **result.fields(), "evidence": str(path)})
            text += [report(result), f"Written: {path}", ""]
    emit(as_json, found, text)
    finish([f["verdict"] for f in found], ("shown",))
