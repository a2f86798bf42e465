"""`theorems show`: what a claim says, read from the terms that are proved and evaluated."""

from __future__ import annotations

from typing import Any

from checks.cli.common import AsJson, Claims, emit
from checks.registry import select
from theory.core import Claim

NAME = "show"


def command(claims: Claims = None, as_json: AsJson = False) -> None:
    """Show what claims assume and conclude, formula by formula."""
    rows = [stated(entry.claim) for entry in select(claims or [])]
    emit(as_json, rows, [line for row in rows for line in lines(row)])


def stated(claim: Claim) -> dict[str, Any]:
    """A claim's declarations, hypotheses and conclusions as text."""
    from reports.formulas import declarations, formula

    parts = [
        {
            "name": part.name,
            "conclusion": formula(part.conclusion, claim)["text"],
            "hypotheses": {
                name: formula(prop, claim)["text"] for name, prop in part.hypotheses.items()
            },
        }
        for part in claim.parts
    ]
    return {
        "id": claim.id,
        "title": claim.title,
        "number": claim.source.number,
        "verdict": "listed",
        "declared": [found["text"] for found in declarations(claim)],
        "hypotheses": {
            name: formula(prop, claim)["text"] for name, prop in claim.hypotheses.items()
        },
        "parts": parts,
    }


def lines(row: dict[str, Any]) -> list[str]:
    """What is declared, what is assumed, and each conclusion with the assumptions it adds."""
    found = [
        f"{row['id']}: {row['title']}" + (f" ({row['number']})" if row["number"] else ""),
        "  declared",
    ]
    found += [f"      {line}" for line in row["declared"]]
    found += ["  assumed"] if row["hypotheses"] else []
    found += [f"      {name}: {prop}" for name, prop in row["hypotheses"].items()]
    for part in row["parts"]:
        found.append(f"  {part['name']}" + (", assuming moreover" if part["hypotheses"] else ""))
        found += [f"      {name}: {prop}" for name, prop in part["hypotheses"].items()]
        found.append(f"    ⊢ {part['conclusion']}")
    return found
