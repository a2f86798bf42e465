"""Find a counterexample by name, run, print and record it: `python -m counterexamples.NAME`."""

from __future__ import annotations

import argparse
import difflib
import importlib
import pkgutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import counterexamples
from checks.arithmetic import TorchArithmetic
from checks.errors import RequestError
from counterexamples import Counterexample, Progress, silent, table
from reports.evidence import ensure_writable
from reports.record import EVIDENCE, record

HELPERS = {"command", "decay_runs"}


def names() -> list[str]:
    """The names of all counterexamples, sorted."""
    return sorted({found.name for found in pkgutil.iter_modules(counterexamples.__path__)} - HELPERS)


def load(name: str) -> ModuleType:
    """The script of this name; RequestError, with the nearest name, when there is none."""
    if name not in names():
        nearest = difflib.get_close_matches(name, names(), n=1, cutoff=0.3) or names()
        raise RequestError(
            f"there is no counterexample {name!r}; did you mean {nearest[0]!r}? All: {', '.join(names())}."
        )
    return importlib.import_module(f"counterexamples.{name}")


def run_and_record(
    name: str, folder: Path = EVIDENCE, seed: int = 0, device: str = "cpu", progress: Progress = silent
) -> tuple[Counterexample, Path]:
    """Run one counterexample and write its evidence and figures under `folder`; returns the result and the
    file.
    """
    script = load(name)
    ensure_writable(folder)
    TorchArithmetic(device)  # refuses a device that this machine does not have
    started = datetime.now(UTC)
    result = script.run(seed=seed, device=device, progress=progress)
    sources = [Path("counterexamples") / f"{part}.py" for part in (name, *getattr(script, "HELPERS", ()))]
    return result, record(result, "counterexample", name, sources, started, folder, seed, device)


def report(result: Counterexample) -> str:
    """The result as text: title, the false statement, the numbers in aligned lines, verdict and reason."""
    return "\n".join(
        [
            result.title,
            f"False: {result.claim}",
            "",
            table(result.numbers),
            "",
            f"Verdict: {result.verdict}.",
            result.text,
        ]
    )


def main(name: str, arguments: list[str] | None = None) -> int:
    """The command line of one script. Exit code 0: shown; 1: not shown; 2: the request was wrong."""
    parser = argparse.ArgumentParser(prog=f"python -m counterexamples.{name}", description=load(name).__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--out", type=Path, default=EVIDENCE, help="folder for evidence and figures (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    try:
        result, path = run_and_record(name, options.out, options.seed, options.device)
    except RequestError as error:
        print(error, file=sys.stderr)
        return 2
    print(report(result))
    for line in [*(path.with_name(picture.file) for picture in result.pictures), path]:
        print(f"Written: {line}")
    return 0 if result.verdict == "shown" else 1
