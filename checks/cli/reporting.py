"""`theorems report`: render the evidence as one HTML page; with --run, gather the evidence first."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from checks.cli.common import EVIDENCE, GLYPHS, AsJson, Device, Evidence, Seed, arithmetic_for, bar, emit, finish
from checks.errors import RequestError
from checks.measurements import NAMES
from checks.registry import entries

if TYPE_CHECKING:
    from theory.core import Session

NAME = "report"
PAGE = Path("reports/html/index.html")


def command(
    run: Annotated[bool, typer.Option("--run", help="Prove, check, run counterexamples and measurements first.")] = False,
    as_json: AsJson = False,
    device: Device = "auto",
    seed: Seed = 0,
    evidence: Evidence = EVIDENCE,
    out: Annotated[Path, typer.Option(help="The page to write.")] = PAGE,
) -> None:
    """Write the HTML report; exit 1 if what was run does not all hold."""
    from reports.evidence import ROOT, ensure_writable
    from reports.render import render

    ensure_writable(evidence)
    ensure_writable(out.parent)
    if out.is_dir():
        raise RequestError(f"{out} is a folder; give the page a file name, --out {out / 'index.html'}.")
    where = str(arithmetic_for(device).device)
    found = gather(where, seed, evidence) if run else []
    page = render(evidence, out, ROOT, entries())
    emit(as_json, found, [*map(_line, found), f"Report: {page.resolve()}"], page=str(page.resolve()))
    finish([f["verdict"] for f in found], ("proved", "proved_modulo", "holds", "shown", "recorded"))


def _line(found: dict[str, Any]) -> str:
    words = f"{GLYPHS[found['verdict']]} {found['what']} {found['id']}: {found['verdict'].replace('_', ' ')}"
    return f"{words} ({found['seconds']:.1f} s)" + (f"; {found['reason']}" if found.get("reason") else "")


def gather(device: str, seed: int, evidence: Path) -> list[dict[str, Any]]:
    """Run everything, claims side by side on the machine's cores, a bar for each phase."""
    workers = len(os.sched_getaffinity(0))
    with _pool(workers) as pool:
        # The claims with most proof steps first, so that no core is left with a long one at the end.
        claims = sorted(entries(), key=lambda i: -sum(len(part.proof) for part in entries()[i].claim.parts))
        found = _phase(pool, "claims", _claim, [(i, device, seed, evidence) for i in claims])
        from counterexamples.command import names

        found += _phase(pool, "counterexamples", _counterexample, [(n, device, seed, evidence) for n in names()])
        found += _phase(pool, "measurements", _measurement, [(n, device, seed, evidence) for n in NAMES])
    return found


def _phase(pool: ProcessPoolExecutor, title: str, work: Callable[..., Any], jobs: Iterable[tuple]) -> list[dict[str, Any]]:
    futures = {pool.submit(work, *job): job[0] for job in jobs}
    found = []
    if not sys.stderr.isatty():  # no bar there: one line a phase, so that a log shows how far the work is
        print(f"theorems: {title} ({len(futures)}) ...", file=sys.stderr, flush=True)
    with bar(title, len(futures)) as progress:
        for future in as_completed(futures):
            progress.say(futures[future])
            found += [{"what": title, **result} for result in _results(future, futures[future])]
            progress.advance()
    return sorted(found, key=lambda f: (f["id"], f["what"]))


def _results(future: Future, id: str) -> list[dict[str, Any]]:
    """What a job found; a refused one is not run, says why, and leaves the others alone."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise RequestError(f"a worker process died at {id}, perhaps for want of memory; run it alone.") from None
    except RequestError as problem:
        return [{"id": id, "verdict": "not_run", "seconds": 0.0, "reason": str(problem)}]


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes; an interruption drops the jobs not yet begun instead of waiting for all of them."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_quiet)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _quiet() -> None:
    """A worker computes on one thread, prints to stderr only, and ends at once on Ctrl-C; evidence is written atomically."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout = sys.stderr
    torch.set_num_threads(1)


def _claim(claim: str, device: str, seed: int, evidence: Path) -> list[dict[str, Any]]:
    """Prove a claim, then run its battery on that proof."""
    from checks.cli.checking import check
    from checks.cli.proving import prove

    entry = entries()[claim]
    proof = prove(entry, _session(), evidence)[1]
    if entry.check is None:
        battery: dict[str, Any] = {"id": claim, "verdict": "not_run", "seconds": 0.0, "reason": "there is no CHECK for it yet"}
    else:
        battery = check(entry, arithmetic_for(device), seed, None, evidence, session=_session())
    keys = ("id", "verdict", "seconds", "reason")
    return [{"what": what, **{k: record[k] for k in keys if k in record}} for what, record in (("proof", proof),
                                                                                            ("battery", battery))]


@functools.cache
def _session() -> Session:
    """The claims this worker has proved, which later ones may use."""
    from theory.core import Session

    return Session()


def _counterexample(name: str, device: str, seed: int, evidence: Path) -> list[dict[str, Any]]:
    import time

    from counterexamples.command import run_and_record

    started = time.perf_counter()
    result, _ = run_and_record(name, evidence, seed, device)
    return [{"id": name, "verdict": result.verdict, "seconds": time.perf_counter() - started}]


def _measurement(name: str, device: str, seed: int, evidence: Path) -> list[dict[str, Any]]:
    import time

    from checks.cli.measuring import run_and_record

    started = time.perf_counter()
    run_and_record(name, evidence, seed, device)
    return [{"id": name, "verdict": "recorded", "seconds": time.perf_counter() - started}]
