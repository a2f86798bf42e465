"""Evidence files: written whole or not at all, refused when malformed, stale when their sources change."""
from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch

from checks.errors import RequestError
from reports import evidence


def test_what_is_written_is_read_back(world) -> None:
    path = world.check("l1_rate/norm_sandwich")
    assert path == world.folder / "check" / "l1_rate" / "norm_sandwich.json"
    found = evidence.read(path)
    assert found["examples"] == 120_000 and found["tolerance"]["value"] == 1e-9
    assert evidence.read_all(world.folder) == [found]


def test_header_fills_in_versions_and_time(world) -> None:
    started = datetime.now(UTC)
    top = evidence.header("check", "a/b", [world.source("a/b")], 3, "cpu", "float64", started, world.root)
    assert top["sources"] == ["theory/a/b.py"] and top["seed"] == 3
    assert set(top["versions"]) == {"python", *evidence.PACKAGES}
    assert top["versions"]["torch"] == torch.__version__
    assert 0 <= top["seconds"] < 60
    assert datetime.fromisoformat(top["created"]) <= datetime.now(UTC)


def test_absolute_and_relative_sources_have_one_fingerprint(world) -> None:
    name = world.source("a/b")
    one = evidence.fingerprint([name], world.root)
    assert one == evidence.fingerprint([world.root / name], world.root)
    assert one != evidence.fingerprint([name, world.source("a/c")], world.root)


@pytest.mark.parametrize("change", ["edited", "renamed", "removed"])
def test_changed_sources_make_evidence_stale(world, change: str) -> None:
    found = evidence.read(world.prove("l1_rate/norm_sandwich"))
    source = world.root / found["sources"][0]
    assert not evidence.stale(found, world.root)
    if change == "edited":
        source.write_text("CLAIM = 2\n")
    elif change == "renamed":
        source.rename(source.with_name("other.py"))
        found["sources"] = ["theory/l1_rate/other.py"]
    else:
        source.unlink()
    assert evidence.stale(found, world.root)


def test_evidence_without_sources_is_stale(world) -> None:
    found = {**evidence.read(world.check("a/b")), "sources": [], "fingerprint": evidence.fingerprint([])}
    assert evidence.stale(found, world.root)


def test_scalars_of_other_libraries_and_infinities_are_kept(world) -> None:
    worst = {"x": torch.tensor([1.5, math.nan])}
    path = world.check("a/b", max_ratio=float("inf"), examples=np.int64(5), worst=worst)
    assert "Infinity" not in path.read_text() and "NaN" not in path.read_text()
    found = evidence.read(path)
    assert found["max_ratio"] == "inf" and found["examples"] == 5
    assert found["worst"] == {"x": [1.5, "nan"]}


def test_an_interrupted_write_leaves_the_old_file(world, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.check("a/b")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evidence.os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        world.check("a/b", examples=1)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["b.json"]


def test_a_folder_that_cannot_be_written_is_a_sentence(world) -> None:
    world.root.joinpath("evidence").write_text("a file where the folder should be")
    with pytest.raises(RequestError, match="choose a folder that can be written"):
        evidence.ensure_writable(world.folder)
    with pytest.raises(RequestError, match="choose a folder that can be written"):
        world.check("a/b")


MALFORMED = {
    "not json": ("{", "is not valid JSON"),
    "no kind": ("{}", "needs a 'kind'"),
    "a list": ("[]", "needs a 'kind'"),
    "missing verdict": ({"verdict": None}, "verdict"),
    "made-up verdict": ({"verdict": "passed"}, "verdict"),
    "id out of the folder": ({"id": "../x"}, "'id' is wrong"),
    "negative time": ({"seconds": -1}, "'seconds' is wrong"),
    "no date": ({"created": "yesterday"}, "'created' is wrong"),
    "holds over a refuted stage": ({"stages": [{"name": "property", "verdict": "refuted"}]}, "is refuted or"),
    "holds over nothing run": ({"stages": [{"name": "property", "verdict": "not_run"}]}, "or none holds"),
    "holds over no stage": ({"stages": []}, "refuted or none holds"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_evidence_is_a_sentence_that_mends(world, case: str) -> None:
    content, expected = MALFORMED[case]
    path = world.check("a/b")
    if isinstance(content, dict):
        content = json.dumps({**json.loads(path.read_text()), **content})
    path.write_text(content)
    with pytest.raises(RequestError, match=expected) as refused:
        evidence.read_all(world.folder)
    sentence = str(refused.value)
    assert "again" in sentence and "\n" not in sentence and str(path) in sentence


@pytest.mark.parametrize("verdict", ["unproved", "cited", "skipped", "not_run", "proved_modulo"])
def test_proved_over_a_step_that_is_not_is_refused(world, verdict: str) -> None:
    """Also deep inside: the step is a child of the induction."""
    path = world.prove("a/b")
    found = json.loads(path.read_text())
    found["parts"][0]["steps"][1]["children"][0]["verdict"] = verdict
    with pytest.raises(RequestError, match="called proved"):
        evidence.write(found, world.folder)


@pytest.mark.parametrize(
    ("claim", "part"),
    [({"parts": []}, {}), ({"cited": ["somebody"]}, {}), ({}, {"verdict": "unproved"}), ({}, {"steps": []})],
)
def test_a_claim_proved_beyond_its_parts_is_refused(world, claim: dict, part: dict) -> None:
    found = json.loads(world.prove("a/b").read_text())
    found["parts"][0].update(part)
    found.update(claim)
    with pytest.raises(RequestError, match="called proved"):
        evidence.write(found, world.folder)


def test_a_refused_write_keeps_the_old_file(world) -> None:
    path = world.check("a/b")
    before = path.read_bytes()
    with pytest.raises(RequestError):
        world.check("a/b", verdict="holds", stages=[])
    assert path.read_bytes() == before


def test_evidence_at_the_wrong_place_is_refused(world) -> None:
    path = world.check("a/b")
    path.rename(path.with_name("c.json"))
    with pytest.raises(RequestError, match="move or delete it"):
        evidence.read_all(world.folder)


def test_a_source_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="nowhere.py cannot be read"):
        evidence.fingerprint(["nowhere.py"], tmp_path)
