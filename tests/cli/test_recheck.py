"""`theorems recheck` reads certificates again: a right one agrees, a corrupted one does not, and says where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SANDWICH = "l1_rate/norm_sandwich"
AGREE = (0, "rechecked")


def written(shell: Any, evidence: Path) -> Path:
    """The certificate of a proof made now."""
    assert shell("prove", SANDWICH, "--evidence", evidence).code == 0
    return evidence / "certificate" / f"{SANDWICH}.certificate"


def test_a_proof_is_written_out_and_read_again(shell, tmp_path):
    path = written(shell, tmp_path)
    before = path.read_text()
    said = shell("recheck", SANDWICH, "--json", "--evidence", tmp_path)
    record = json.loads(said.out)["claims"][0]
    assert (said.code, record["verdict"]) == AGREE and record["nodes"] == sum(record["by"].values())
    assert path.read_text() == before
    assert json.loads((tmp_path / "recheck" / f"{SANDWICH}.json").read_text())["verdict"] == "rechecked"


def test_without_a_certificate_the_claim_is_proved_first(shell, tmp_path):
    assert shell("recheck", SANDWICH, "--evidence", tmp_path).code == 0
    assert (tmp_path / "certificate" / f"{SANDWICH}.certificate").exists()


@pytest.mark.parametrize("corrupt", ["node", "conclusion", "rule", "json"])
def test_a_corrupted_certificate_reads_otherwise(shell, tmp_path, corrupt):
    path = written(shell, tmp_path)
    found = json.loads(path.read_text())
    part = found["parts"][0]
    if corrupt == "node":  # the last inference says something else
        part["nodes"][part["last"]]["prop"] = part["nodes"][0]["prop"]
    elif corrupt == "conclusion":
        part["conclusion"] = part["nodes"][0]["prop"]
    elif corrupt == "rule":
        part["nodes"][part["last"]] |= {"rule": "trivial", "premises": []}
    path.write_text("{" if corrupt == "json" else json.dumps(found))
    said = shell("recheck", SANDWICH, "--evidence", tmp_path)
    if corrupt == "json":
        assert said.code == 2 and "delete it" in said.complaint
    else:
        assert said.code == 1 and "✗" in said.out
