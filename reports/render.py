"""Renders evidence files into one HTML page that opens from disk: the same evidence gives the same bytes."""
from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from checks.errors import RequestError
from reports import graph, status, wording
from reports.evidence import KINDS, Record, path_for, read, read_all, replace_text
from reports.mathml import safe_mathml
from reports.svg import embed

LIMIT = 2_000_000
"""Bytes a page may have, so that it can be mailed and opens at once."""


def render(evidence_dir: Path, out_file: Path, root: Path, expected: Iterable[str] = ()) -> Path:
    """Write to `out_file` the page for the evidence under `evidence_dir` and under `root/reports/recorded`.

    root: the folder that `sources` in evidence are relative to; a source changed since makes evidence stale.
    expected: ids of claims that should appear even when nothing was run for them (shown as not run).
    Returns `out_file`. RequestError for missing or malformed evidence, a page over LIMIT, a folder that
    cannot be written; a page written earlier is then left as it was.
    """
    evidence, expected = read_all(evidence_dir), list(expected)
    if not evidence and not expected:
        raise RequestError(f"there is no evidence in {evidence_dir}; gather it with `theorems report --run`")
    context = _context(evidence, evidence_dir, root, expected)
    page = _page(context, compact=False)
    if len(page.encode()) > LIMIT:
        page = _page(context, compact=True)
    if len(page.encode()) > LIMIT:
        raise RequestError(_too_large(context, len(page.encode())))
    replace_text(out_file, page)
    return out_file


def _page(context: Mapping[str, Any], compact: bool) -> str:
    """The page; a compact one leaves out the formulas of single proof steps, and says so."""
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        math=lambda markup: Markup(safe_mathml(markup)),
        badge=wording.badge,
        number=wording.number,
        duration=wording.duration,
        moment=wording.moment,
        anchor=wording.anchor,
        shortened=wording.shortened,
        pretty=lambda value: json.dumps(value, indent=1, ensure_ascii=False, default=str),
    )
    source = environment.get_template("script.js.j2").render()
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return environment.get_template("page.html.j2").render(
        **context, compact=compact, script=Markup(source), script_hash=digest
    )


def _context(evidence: list[Record], evidence_dir: Path, root: Path, expected: list[str]) -> Record:
    claims = status.claim_statuses(evidence, root, expected)
    shown = [_with_figures(record, evidence_dir, root) for record in evidence if "figures" in record]
    recorded, unread = _recorded(root / "reports" / "recorded", root)
    return {
        "claims": list(claims.values()),
        "papers": sorted({claim.paper for claim in claims.values()}),
        "graph": graph.layout(claims),
        "box": (graph.BOX_WIDTH, graph.BOX_HEIGHT),
        "counterexamples": [entry for entry in shown if entry["kind"] == "counterexample"],
        "measurements": [entry for entry in shown if entry["kind"] == "measurement"],
        "recorded": recorded,
        "unread": unread,
        "counts": _counts(claims.values(), shown),
        "runs": _runs(evidence),
        "order": {name: place for place, name in enumerate(wording.BADGES)},
    }


def _with_figures(record: Record, evidence_dir: Path, root: Path) -> Record:
    """The evidence with its status and its figures as SVG for the page."""
    folder = path_for(evidence_dir, record["kind"], record["id"]).parent
    figures = _drawn(record, folder, evidence_dir, wording.anchor(record["id"]))
    return {**record, "figures": figures, "status": status.freshness(record, root)}


def _drawn(record: Record, folder: Path, inside: Path, name: str) -> list[Record]:
    """The record's figures in `folder`, none of them outside `inside`; `name` keeps their ids apart from all others."""
    drawn = []
    for place, figure in enumerate(record["figures"]):
        path = folder / figure["file"]
        if not path.resolve().is_relative_to(inside.resolve()):
            raise RequestError(f"figure {figure['file']} of {record['id']} is outside its folder; move it")
        caption = figure["caption"] or record["title"]
        drawn.append({"svg": Markup(embed(path, f"{name}-{place}-", caption)), "caption": figure["caption"]})
    return drawn


def _recorded(folder: Path, root: Path) -> tuple[dict[str, list[Record]], list[str]]:
    """Kept evidence from other machines, by device; and the names of JSON files there of any other kind."""
    by_device: dict[str, list[Record]] = {}
    unread = []
    for path in sorted(folder.rglob("*.json")):
        if not _is_evidence(path):
            unread.append(path.relative_to(root).as_posix())
            continue
        record = read(path)
        entry = {**record, "status": status.freshness(record, root), "anchor": wording.anchor(_place(path, folder))}
        if "figures" in record:
            entry["figures"] = _drawn(record, path.parent, folder, entry["anchor"])
        by_device.setdefault(record["device"] or "unknown device", []).append(entry)
    return dict(sorted(by_device.items())), unread


def _place(path: Path, folder: Path) -> str:
    """A recorded file's place without its ending, which tells it from all others."""
    return re.sub(r"[^\w./-]", "-", f"recorded/{path.relative_to(folder).with_suffix('').as_posix()}")


def _is_evidence(path: Path) -> bool:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True  # let `read` say what is wrong with it
    return isinstance(content, dict) and content.get("kind") in KINDS


def _counts(claims: Iterable[status.ClaimStatus], shown: list[Record]) -> dict[str, dict[str, int]]:
    """How many of each status, for proofs, batteries and the rest, in the order of `wording.BADGES`."""
    claims = list(claims)
    tallies = {
        "Proofs": Counter(claim.proof for claim in claims),
        "Batteries": Counter(claim.battery for claim in claims),
        "Counterexamples": Counter(entry["status"] for entry in shown if entry["kind"] == "counterexample"),
        "Measurements": Counter(entry["status"] for entry in shown if entry["kind"] == "measurement"),
    }
    return {
        name: {word: tally[word] for word in wording.BADGES if tally[word]}
        for name, tally in tallies.items()
        if tally
    }


def _runs(evidence: list[Record]) -> Record:
    """When, on what and with which versions and seeds the evidence was made."""
    packages = sorted({name for record in evidence for name in record["versions"]})
    return {
        "first": min((record["created"] for record in evidence), default=""),
        "last": max((record["created"] for record in evidence), default=""),
        "seconds": sum(record["seconds"] for record in evidence),
        "devices": _distinct(record["device"] for record in evidence),
        "dtypes": _distinct(record["dtype"] for record in evidence),
        "seeds": _distinct(record["seed"] for record in evidence if record["seed"] is not None),
        "versions": {name: _distinct(r["versions"].get(name, "") for r in evidence) for name in packages},
    }


def _distinct(values: Iterable[Any]) -> list[str]:
    return [str(value) for value in sorted({value for value in values if value != ""})]


def _too_large(context: Mapping[str, Any], size: int) -> str:
    figures = [
        (len(figure["svg"]), entry["id"])
        for entry in [*context["counterexamples"], *context["measurements"], *sum(context["recorded"].values(), [])]
        for figure in entry.get("figures", [])
    ]
    largest = max(figures, default=(0, "no figure"))
    return (
        f"the page would have {size:,} bytes, over {LIMIT:,}; draw fewer points in the figures "
        f"(the largest, of {largest[1]}, has {largest[0]:,})"
    )
