"""`theorems prove`: check every step of the claims' proofs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.cli.common import EVIDENCE, GLYPHS, AsJson, Claims, Evidence, bar, emit, finish
from checks.registry import Entry, select
from theory.core import ClaimReport, Session, check_claim

NAME = "prove"


def command(claims: Claims = None, as_json: AsJson = False, evidence: Evidence = EVIDENCE) -> None:
    """Prove claims step by step; exit 1 if a step is open."""
    from reports.evidence import ensure_writable

    chosen = select(claims or [])
    if not all(entry.own for entry in chosen):
        ensure_writable(evidence)
    session, records = Session(), []
    with bar("proving", len(chosen)) as progress:
        for entry in chosen:
            progress.say(entry.claim.id)
            records.append(prove(entry, session, evidence)[1])
            progress.advance()
    emit(as_json, [summary(r) for r in records], [line for r in records for line in lines(r)])
    finish([r["verdict"] for r in records], ("proved", "proved_modulo"))


def prove(entry: Entry, session: Session, evidence: Path) -> tuple[ClaimReport, dict[str, Any]]:
    """Check one claim's proof and write it down, unless the claim is in a file of the user's own."""
    from reports.claims import prove_record
    from reports.evidence import ROOT, replace_text, write
    from theory.proofs.certificate import certificate

    started = datetime.now(UTC)
    report = check_claim(entry.claim, session)
    record = prove_record(report, entry, started, ROOT)
    if not entry.own:
        write(record, evidence)
        if report.verdict in ("proved", "proved_modulo"):
            replace_text(certificate_path(entry.claim.id, evidence), written(certificate(report)))
    return report, record


def certificate_path(claim: str, evidence: Path) -> Path:
    """Where the proof of a claim lies, written out."""
    return evidence / "certificate" / f"{claim}.certificate"


def written(found: dict[str, Any]) -> str:
    """A certificate as text."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


def flat(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps with those inside them."""
    return [inner for step in steps for inner in (step, *flat(step["children"]))]


def summary(record: dict[str, Any]) -> dict[str, Any]:
    """The JSON form of one verdict."""
    steps = [{"part": part["name"], **{k: step[k] for k in ("name", "rule", "by", "verdict", "seconds", "reason")}}
             for part in record["parts"] for step in flat(part["steps"])]
    keys = ("id", "source", "provenance", "verdict", "cited", "seconds", "reason")
    return {**{k: record[k] for k in keys}, "steps": steps,
            "parts": [{"name": p["name"], "verdict": p["verdict"], "reason": p["reason"]} for p in record["parts"]]}


def lines(record: dict[str, Any]) -> list[str]:
    """The text form: a line a claim and part, and every step that is not proved with its reason."""
    found = [f"{GLYPHS[record['verdict']]} {record['id']}: {record['verdict'].replace('_', ' ')}"
             f"{' ' + ', '.join(record['cited']) if record['cited'] else ''}  ({record['seconds']:.1f} s)"]
    if record["reason"]:
        found.append(f"    {record['reason']}")
    for part in record["parts"]:
        steps = flat(part["steps"])
        found.append(f"  {GLYPHS[part['verdict']]} {part['name']}: {len(steps)} step{'' if len(steps) == 1 else 's'}"
                     + (f"; {part['reason']}" if part["reason"] else ""))
        if part["unused"]:
            found.append(f"      no step uses {', '.join(part['unused'])}")
        found += [f"      {GLYPHS[s['verdict']]} {s['name']} [{s['rule']}] {s['reason'] or s['by']}"
                  for s in steps if s["verdict"] != "proved"]
    return found
