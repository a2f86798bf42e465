"""Every claim through the whole battery: `pytest -m theorems`, one test a claim, named by its id.

    pytest -m theorems -k update_size_bound --device cuda --hypothesis-profile deep
"""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.arithmetic import TorchArithmetic
from checks.battery.run import HOLDS, Battery, default_batches
from checks.registry import Entry, entries
from theory.core import Session

ROOT = Path(__file__).parents[1]
SESSION = Session()  # of this worker: a claim that others use is proved once
GLYPHS = {"holds": "✓", "refuted": "✗", "not_run": "–"}


def report(battery: Battery) -> str:
    """What stands in the way, one line a stage, and the command that shows the rest."""
    claim = battery.check.claim
    lines = [f"  {GLYPHS[s.verdict]} {s.name}: {s.detail}" for s in battery.stages if s.verdict != HOLDS and not s.unknown]
    again = f"  again: theorems check {claim.id} --seed {battery.seed} --batches {battery.batches}"
    return "\n".join([f"{claim.id} ({claim.source.number}): {battery.verdict.replace('_', ' ')}", *lines, again])


@pytest.mark.theorems
@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in entries().items()])
def test_claim(entry: Entry, device: str) -> None:
    if entry.check is None:
        pytest.fail(f"{entry.claim.id} has no CHECK: write checks/{entry.claim.id}.py (see CONTRIBUTING.md).", pytrace=False)
    battery = Battery(entry.check, TorchArithmetic(device), batches=default_batches(), session=SESSION).run()
    if battery.verdict != HOLDS:
        pytest.fail(report(battery), pytrace=False)


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in entries().items()])
def test_claim_says_what_it_is_and_where_it_comes_from(entry: Entry) -> None:
    claim = entry.claim
    paper, name = claim.id.split("/")
    told = {"title": claim.title, "summary": claim.summary, "number": claim.source.number, "paper": claim.source.paper}
    assert not [what for what, text in told.items() if not text.strip()]
    assert claim.source.paper == paper and claim.summary.endswith(".")
    assert bool(claim.source.arxiv) == (paper != "foundations")
    assert claim.parts and all(part.proof for part in claim.parts), "a part without a proof is no claim of this project"
    assert len({part.name for part in claim.parts}) == len(claim.parts)
    assert all(var.meaning.strip() for var in claim.variables)


def modules(package: str, name: str) -> set[str]:
    """Modules of a package's claim folders that assign `name` at the top level."""
    files = (ROOT / package).glob("*/*.py")
    return {f.relative_to(ROOT / package).as_posix() for f in files if f"\n{name} = " in f.read_text()}


def test_every_claim_has_a_check_at_the_same_path_and_every_check_a_claim() -> None:
    claims, checks = modules("theory", "CLAIM"), modules("checks", "CHECK")
    assert claims == {f"{name}.py" for name in entries()}
    assert claims == checks, f"without a check: {sorted(claims - checks)}; without a claim: {sorted(checks - claims)}"
