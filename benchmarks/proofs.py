"""Proves every claim of the project in one process and says where the time goes: our own code, z3, cvc5.

Beside it stand the figures of the checker that worked on SymPy's objects, which this kernel replaced, as measured then
on a core of another machine and on one like this. With `--recheck`, the certificates are read again by the second reader.

    python -m benchmarks.proofs [--recheck]
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

from checks.registry import entries
from theory.core import ClaimReport, Session, check_claim, solving
from theory.core.theorem import nodes
from theory.proofs.certificate import certificate
from theory.recheck import Recheck, recheck_claim

BEFORE = {  # seconds of one core for the 25 claims
    "the checker on SymPy's objects": "73 s on a fast core: 40 SymPy, 27 cvc5, 5 z3; 137 s on a slow one",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recheck", action="store_true")
    args = parser.parse_args()
    claims = [entry.claim for entry in entries().values()]
    session, started = Session(), time.perf_counter()
    reports = [check_claim(claim, session) for claim in claims]
    elapsed = time.perf_counter() - started
    ours = resource.getrusage(resource.RUSAGE_SELF)
    for solver in (solving.Z3, solving.CVC5):
        solver.stop()  # so that its time is counted
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    proved = sum(report.verdict == "proved" for report in reports)
    print(f"{proved} of {len(claims)} claims proved, {inferences(reports):,} inferences, {elapsed:.1f} s")
    print(f"  this process  {ours.ru_utime + ours.ru_stime:6.1f} s of a core, imports included")
    print(f"  z3 and cvc5   {theirs.ru_utime + theirs.ru_stime:6.1f} s of a core")
    for what, figure in BEFORE.items():
        print(f"  before: {what}: {figure}")
    if args.recheck:
        reread(reports)


def inferences(reports: list[ClaimReport]) -> int:
    """How many inferences the proofs are made of."""
    return sum(1 for report in reports for part in report.parts if part.theorem is not None for _ in nodes(part.theorem))


def reread(reports: list[ClaimReport]) -> None:
    """The second reader's verdicts and time."""
    certificates: dict[str, dict[str, Any]] = {report.claim.id: certificate(report) for report in reports}
    done: dict[str, Recheck] = {}
    started = time.perf_counter()
    found = [recheck_claim(one, certificates, done) for one in certificates.values()]
    agreed, elapsed = sum(one.ok for one in found), time.perf_counter() - started
    print(f"{agreed} of {len(found)} certificates read again, {sum(one.nodes for one in found):,} inferences, {elapsed:.1f} s")


if __name__ == "__main__":
    main()
