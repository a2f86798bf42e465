"""Gathers all evidence for the report on the machine's cores: proofs, batteries, counterexamples, measurements."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checks.cli.common import Bar, arithmetic_for, bar
from checks.errors import RequestError
from checks.measurements import NAMES
from checks.registry import entries

if TYPE_CHECKING:
    from theory.core import Claim, Session
    from theory.core.verdicts import Brief
    from theory.recheck import Recheck

Found = list[dict[str, Any]]
Known = dict[str, "Brief"]
"""What is known of claims, by id."""


def gather(device: str, seed: int, evidence: Path) -> Found:
    """Run everything, with a bar for each phase; every claim is proved once, before the claims that use it."""
    from counterexamples.command import names

    with _pool(len(os.sched_getaffinity(0))) as pool:
        found, known = _proofs(pool, evidence)
        common = (device, seed, evidence)
        found += _rechecks(pool, evidence, [f["id"] for f in found if f["verdict"] in ("proved", "proved_modulo")])
        found += _phase(pool, "batteries", "battery", _battery, [(i, *common, _below(i, known)) for i in _longest_first()])
        found += _phase(pool, "counterexamples", "counterexample", _counterexample, [(name, *common) for name in names()])
        found += _phase(pool, "measurements", "measurement", _measurement, [(name, *common) for name in NAMES])
    return found


def _longest_first() -> list[str]:
    """The claims with most proof steps first, so that no core is left with a long one at the end."""
    return sorted(entries(), key=lambda i: -sum(len(part.proof) for part in entries()[i].claim.parts))


def _proofs(pool: ProcessPoolExecutor, evidence: Path) -> tuple[Found, Known]:
    """Prove every claim as soon as all it uses are done, whichever worker did them."""
    known: Known = {}
    found: Found = []

    def begin(claim: str) -> Future:
        return pool.submit(_proof, claim, evidence, _below(claim, known))

    for claim, result in _in_order("proofs", _longest_first(), begin):
        known |= {claim: result.pop("brief")} if "brief" in result else {}
        found.append({"what": "proof", **result})
    return sorted(found, key=lambda f: f["id"]), known


def _rechecks(pool: ProcessPoolExecutor, evidence: Path, proved: list[str]) -> Found:
    """Read every certificate again, once, after those that it rests on."""
    done: dict[str, Recheck] = {}
    found: Found = []

    def begin(claim: str) -> Future:
        return pool.submit(_recheck, claim, evidence, {used.id: done[used.id] for used in _used(claim) if used.id in done})

    for claim, result in _in_order("certificates", proved, begin):
        done |= {claim: result.pop("recheck")} if "recheck" in result else {}
        found.append({"what": "certificate", **result})
    return sorted(found, key=lambda f: f["id"])


def _in_order(title: str, claims: list[str], begin: Callable[[str], Future]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each claim's result; one is begun when all that it uses are done."""
    waiting, running = list(claims), dict[Future, str]()
    with _progress(title, len(waiting)) as progress:
        while waiting or running:
            for claim in [i for i in waiting if all(used.id not in (*waiting, *running.values()) for used in _used(i))]:
                waiting.remove(claim)
                running[begin(claim)] = claim
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                claim = running.pop(future)
                progress.say(claim)
                progress.advance()
                yield claim, _result(future, claim)


def _used(claim: str) -> list[Claim]:
    """The claims of the project that a claim rests on, directly or not."""
    direct = [used for used in entries()[claim].claim.uses if used.id in entries()]
    return [*direct, *(further for used in direct for further in _used(used.id))]


def _below(claim: str, known: Known) -> Known:
    """What is known of a claim and of those it rests on."""
    return {i: known[i] for i in (claim, *(used.id for used in _used(claim))) if i in known}


def _phase(pool: ProcessPoolExecutor, title: str, what: str, work: Callable[..., Any], jobs: Iterable[tuple]) -> Found:
    futures = {pool.submit(work, *job): job[0] for job in jobs}
    found, running = [], set(futures)
    with _progress(title, len(futures)) as progress:
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                progress.say(futures[future])
                progress.advance()
                found.append({"what": what, **_result(future, futures[future])})
    return sorted(found, key=lambda f: f["id"])


@contextmanager
def _progress(title: str, total: int) -> Iterator[Bar]:
    """A bar; where there is no terminal, one line a phase, so that a log shows how far the work is."""
    if not sys.stderr.isatty():
        print(f"theorems: {title} ({total}) ...", file=sys.stderr, flush=True)
    with bar(title, total) as progress:
        yield progress


def _result(future: Future, id: str) -> dict[str, Any]:
    """What a job found; a refused one is not run, says why, and leaves the others alone."""
    try:
        return future.result()
    except BrokenProcessPool:
        raise RequestError(f"a worker process died at {id}, perhaps for want of memory; run it alone.") from None
    except RequestError as problem:
        return {"id": id, "verdict": "not_run", "seconds": 0.0, "reason": str(problem)}


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


def _session(known: Known) -> Session:
    """A session that has what other workers found of the claims named."""
    from theory.core import Session

    session = Session()
    for claim, brief in known.items():
        session.learn(entries()[claim].claim, brief)
    return session


def _brief(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in ("id", "verdict", "seconds", "reason") if key in record}


def _proof(claim: str, evidence: Path, known: Known) -> dict[str, Any]:
    from checks.cli.proving import prove

    report, record = prove(entries()[claim], _session(known), evidence)
    return {**_brief(record), "brief": report.brief()}


def _recheck(claim: str, evidence: Path, done: dict[str, Recheck]) -> dict[str, Any]:
    from checks.cli.rechecking import recheck

    record = recheck(entries()[claim], evidence, done=done)
    return {**_brief(record), **({"recheck": done[claim]} if claim in done else {})}


def _battery(claim: str, device: str, seed: int, evidence: Path, known: Known) -> dict[str, Any]:
    from checks.cli.checking import check

    if entries()[claim].check is None:
        return {"id": claim, "verdict": "not_run", "seconds": 0.0, "reason": "there is no CHECK for it yet"}
    return _brief(check(entries()[claim], arithmetic_for(device), seed, None, evidence, session=_session(known)))


def _counterexample(name: str, device: str, seed: int, evidence: Path) -> dict[str, Any]:
    from counterexamples.command import run_and_record

    started = time.perf_counter()
    result, _ = run_and_record(name, evidence, seed, device)
    return {"id": name, "verdict": result.verdict, "seconds": time.perf_counter() - started}


def _measurement(name: str, device: str, seed: int, evidence: Path) -> dict[str, Any]:
    from checks.cli.measuring import run_and_record

    started = time.perf_counter()
    run_and_record(name, evidence, seed, device)
    return {"id": name, "verdict": "recorded", "seconds": time.perf_counter() - started}
