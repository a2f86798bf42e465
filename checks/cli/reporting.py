"""`theorems report`: render the evidence as one HTML page; with --run, gather the evidence first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from checks.cli.common import EVIDENCE, GLYPHS, AsJson, Device, Evidence, Seed, arithmetic_for, emit, finish
from checks.errors import RequestError
from checks.registry import entries

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
    from checks.cli.gathering import gather
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
    finish([f["verdict"] for f in found], ("proved", "proved_modulo", "rechecked", "holds", "shown", "recorded"))


def _line(found: dict[str, Any]) -> str:
    words = f"{GLYPHS[found['verdict']]} {found['what']} {found['id']}: {found['verdict'].replace('_', ' ')}"
    return f"{words} ({found['seconds']:.1f} s)" + (f"; {found['reason']}" if found.get("reason") else "")
