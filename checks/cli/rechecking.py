"""`theorems recheck`: read proofs again, from their certificates, with code that shares none with the kernel."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.cli.common import EVIDENCE, GLYPHS, AsJson, Claims, Evidence, bar, emit, finish
from checks.cli.proving import certificate_path, prove
from checks.errors import RequestError
from checks.registry import Entry, select
from theory.core import Claim, Session
from theory.recheck import Recheck, recheck_claim

NAME = "recheck"


def command(claims: Claims = None, as_json: AsJson = False, evidence: Evidence = EVIDENCE) -> None:
    """Read proofs again with other code; what has no certificate is proved first. Exit 1 if one reads otherwise."""
    from reports.evidence import ensure_writable

    chosen = select(claims or [])
    if not all(entry.own for entry in chosen):
        ensure_writable(evidence)
    records: list[dict[str, Any]] = []
    session, done = Session(), dict[str, Recheck]()
    with bar("rechecking", len(chosen)) as progress:
        for entry in chosen:
            progress.say(entry.claim.id)
            records.append(recheck(entry, evidence, session, done))
            progress.advance()
    emit(as_json, records, [line(record) for record in records])
    finish([record["verdict"] for record in records], ("rechecked",))


def recheck(entry: Entry, evidence: Path, session: Session | None = None, done: dict[str, Recheck] | None = None
            ) -> dict[str, Any]:
    """What the second reader says of a claim's certificate, as evidence; written down unless the claim is a user's own.

    `done` holds what it said of other claims in this run, and takes what it says now.
    """
    from reports.claims import proof_sources
    from reports.evidence import ROOT, header, write

    started = datetime.now(UTC)
    certificates = collect(entry, evidence, session or Session())
    claim = entry.claim.id
    if claim not in certificates:
        reason = f"{claim} is not proved, so there is no certificate to read"
        return {"id": claim, "verdict": "not_run", "seconds": 0.0, "reason": reason}
    found = recheck_claim(certificates[claim], certificates, done)
    sources = [*proof_sources(entry, ROOT), *sorted((ROOT / "theory" / "recheck").glob("*.py"))]
    record = header("recheck", claim, sources, None, "cpu", "exact", started, ROOT) | {
        "verdict": "rechecked" if found.ok else "differs", "reason": found.problem, "nodes": found.nodes,
        "by": dict(found.by), "cited": list(found.cited)}
    if not entry.own:
        write(record, evidence)
    return record


def collect(entry: Entry, evidence: Path, session: Session) -> dict[str, dict[str, Any]]:
    """The certificates of a claim and of all it rests on, each of the statement as it is now."""
    found: dict[str, dict[str, Any]] = {}
    for claim in {used.id: used for used in _lineage(entry.claim)}.values():
        stored = None if entry.own and claim is entry.claim else _stored(claim, evidence)
        stored = stored or _made(claim, entry, evidence, session)
        if stored is not None:
            found[claim.id] = stored
    return found


def _lineage(claim: Claim) -> list[Claim]:
    return [*(further for used in claim.uses for further in _lineage(used)), claim]


def _stored(claim: Claim, evidence: Path) -> dict[str, Any] | None:
    """The certificate that was written, if its proof is younger than all it was made from."""
    from reports.evidence import path_for, read, stale

    path, proof = certificate_path(claim.id, evidence), path_for(evidence, "prove", claim.id)
    if not path.exists() or not proof.exists() or stale(read(proof)):
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise RequestError(f"{path} cannot be read ({problem}); delete it and prove {claim.id} again") from None
    return found if isinstance(found, dict) else None


def _made(claim: Claim, entry: Entry, evidence: Path, session: Session) -> dict[str, Any] | None:
    """The certificate of a proof made now."""
    from theory.core import check_claim
    from theory.proofs.certificate import certificate

    own = entry.own or claim is not entry.claim
    report = check_claim(claim, session) if own else prove(entry, session, evidence)[0]
    return certificate(report) if report.verdict in ("proved", "proved_modulo") else None


def line(record: dict[str, Any]) -> str:
    """One claim in words."""
    words = f"{GLYPHS[record['verdict']]} {record['id']}: "
    if record["verdict"] != "rechecked":
        return words + record["reason"]
    how = ", ".join(f"{many} {means}" for means, many in record["by"].items())
    cited = f"; cited: {', '.join(record['cited'])}" if record["cited"] else ""
    return f"{words}{record['nodes']} inferences read again ({how}){cited}  ({record['seconds']:.1f} s)"
