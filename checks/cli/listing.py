"""`theorems list`: every claim with its number, provenance, and whether it has a check."""

from __future__ import annotations

from typing import Any

from checks.cli.common import AsJson, Claims, emit
from checks.registry import select

NAME = "list"


def command(claims: Claims = None, as_json: AsJson = False) -> None:
    """Show the claims there are."""
    chosen = select(claims or [])
    rows: list[dict[str, Any]] = [{"id": e.claim.id, "title": e.claim.title, "source": {"paper": e.claim.source.paper,
             "number": e.claim.source.number, "arxiv": e.claim.source.arxiv}, "provenance": e.claim.provenance,
             "parts": [p.name for p in e.claim.parts], "has_check": e.load_check is not None,
             "verdict": "listed"} for e in chosen]
    width = max((len(row["id"]) for row in rows), default=0)
    emit(as_json, rows, [f"{r['id']:<{width}}  {r['source']['number']:<28} {r['provenance']:<9} {r['title']}"
                         + ("" if r["has_check"] else "  (no check)") for r in rows])
