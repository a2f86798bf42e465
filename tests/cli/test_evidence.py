"""What the commands write and read: evidence that is kept, folders that cannot be written, files that are no evidence."""

from __future__ import annotations

import json

import pytest
import torch

from checks.measurements import breast_cancer

SANDWICH, SPARSE = "l1_rate/norm_sandwich", "sparse_gradient"


@pytest.fixture
def evidence(cli, tmp_path):
    """A folder with the proof and the battery of one claim in it."""
    folder = tmp_path / "evidence"
    assert cli("prove", SANDWICH, "--evidence", folder).code == 0
    assert cli("check", SANDWICH, "--batches", 1, "--evidence", folder).code == 0
    return folder


def test_prove_as_json_has_the_fields_of_the_design(cli, tmp_path):
    said = cli("prove", SANDWICH, "--json", "--evidence", tmp_path)
    assert said.err == "" and set(said.json) == {"claims", "summary"} and said.json["summary"] == {"total": 1, "proved": 1}
    (claim,) = said.json["claims"]
    assert {"id", "source", "provenance", "verdict", "steps", "cited"} <= set(claim) and claim["cited"] == []
    assert all({"name", "rule", "by", "verdict", "seconds"} <= set(step) for step in claim["steps"])
    assert {step["part"] for step in claim["steps"]} == {"lower", "upper"}


def test_check_as_json_has_the_fields_of_the_design(cli, tmp_path):
    said = cli("check", SANDWICH, "--json", "--batches", 2, "--seed", 7, "--device", "cpu", "--evidence", tmp_path)
    (claim,) = said.json["claims"]
    assert said.err == "" and claim["verdict"] == "holds" and said.json["summary"] == {"total": 1, "holds": 1}
    assert claim["examples"] > 1000 and 0.5 < claim["max_ratio"] <= 1
    assert (claim["device"], claim["dtype"], claim["seed"]) == ("cpu", "float64", 7)
    assert claim["worst"]["part"] in ("lower", "upper") and {"d", "x"} == set(claim["worst"]["inputs"])


def test_another_seed_draws_other_instances_and_the_same_seed_the_same(cli, tmp_path):
    def worst(seed):
        said = cli("check", SANDWICH, "--json", "--batches", 3, "--seed", seed, "--evidence", tmp_path)
        return said.json["claims"][0]["worst"]

    assert worst(1) == worst(1) != worst(2)


def test_batches_decide_how_many_instances(cli, tmp_path):
    def batches(count):
        said = cli("check", SANDWICH, "--json", "--batches", count, "--evidence", tmp_path)
        return next(s["detail"] for s in said.json["claims"][0]["stages"] if s["name"] == "property: lower")

    assert "in 1 batches" in batches(1) and "in 3 batches" in batches(3)
    assert "--batches" in cli("check", SANDWICH, "--batches", 0).complaint


def test_the_worst_instance_of_a_battery_replays_from_its_evidence(cli, evidence):
    file = evidence / "check" / f"{SANDWICH}.json"
    said = cli("replay", file, "--json")
    (found,) = said.json["claims"]
    assert said.code == 0 and found["verdict"] == "holds"
    assert found["ratio"] == pytest.approx(json.loads(file.read_text())["max_ratio"], rel=1e-12)


def test_an_instance_written_by_hand(cli, tmp_path):
    inputs = {"d": 2, "x": {"shape": [1, 2], "hex": [(3.0).hex(), (4.0).hex()]}}
    path = tmp_path / "one.replay"
    path.write_text(json.dumps({"claim": SANDWICH, "part": "upper", "inputs": inputs}))
    assert cli("replay", path).code == 0
    path.write_text(json.dumps({"claim": SANDWICH, "part": "upper", "inputs": {**inputs, "d": 1.0}}))
    assert "Python int" in cli("replay", path).complaint


@pytest.mark.parametrize(("text", "words"), [
    ("", "is not a replay file"),
    ("[]", "is not a replay file"),
    ("{}", "is not a replay file"),
    ("\0\xff", "is not a replay file"),
    ('{"claim": "l1_rate/norm_sandwich", "part": "upper", "inputs": {"x": {"shape": [9], "hex": ["0x1p0"]}}}', "is not a"),
    ('{"claim": "l1_rate/norm_sandwich", "part": "upper", "inputs": {}}', "the check of l1_rate/norm_sandwich has changed"),
    ('{"claim": "l1_rate/norm_sandwich", "part": "middle", "inputs": {}}', "no part 'middle'"),
    ('{"claim": "l1_rate/norm_sand", "part": "upper", "inputs": {}}', "did you mean l1_rate/norm_sandwich"),
    ('{"claim": "l1_rate", "part": "upper", "inputs": {}}', "no single claim"),
    ('{"claim": 3, "part": "upper", "inputs": {}}', "is not a replay file"),
    ('{"kind": "check", "worst": null}', "is not a replay file"),
])
def test_a_file_that_cannot_be_replayed(cli, tmp_path, text, words):
    path = tmp_path / "odd.replay"
    path.write_text(text, encoding="latin-1")
    assert words in cli("replay", path).complaint


def test_a_replay_file_that_is_not_there(cli, tmp_path):
    assert "none.replay" in cli("replay", tmp_path / "none.replay").complaint


@pytest.mark.parametrize("command", [("prove", SANDWICH), ("check", SANDWICH), ("counterexample", SPARSE),
                                     ("measure", "digits"), ("report",)])
def test_a_folder_that_cannot_be_written(cli, tmp_path, command):
    (tmp_path / "file").write_text("kept")
    complaint = cli(*command, "--evidence", tmp_path / "file" / "evidence").complaint
    assert "choose a folder that can be written" in complaint and (tmp_path / "file").read_text() == "kept"


def test_the_page_is_written_from_the_evidence_alone(cli, evidence, tmp_path):
    page = tmp_path / "html" / "index.html"
    said = cli("report", "--evidence", evidence, "--out", page, "--json")
    assert said.code == 0 and said.json == {"claims": [], "summary": {"total": 0, "page": str(page)}}
    assert SANDWICH in page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_leaves_the_evidence(cli, evidence, tmp_path):
    (tmp_path / "file").write_text("")
    before = sorted(evidence.rglob("*"))
    assert "can be written" in cli("report", "--evidence", evidence, "--out", tmp_path / "file" / "index.html").complaint
    assert "is a folder" in cli("report", "--evidence", evidence, "--out", evidence).complaint
    assert sorted(evidence.rglob("*")) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": "check"}', '{"kind": "prove", "id": "l1_rate/norm_sandwich"}', "\xff"])
def test_corrupt_evidence_is_named_and_the_old_page_stays(cli, evidence, tmp_path, text):
    page = tmp_path / "index.html"
    page.write_text("old")
    file = evidence / "prove" / f"{SANDWICH}.json"
    file.write_text(text, encoding="latin-1")
    assert str(file) in cli("report", "--evidence", evidence, "--out", page).complaint
    assert page.read_text() == "old"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("command", [("check", SANDWICH), ("counterexample", SPARSE), ("report", "--run")])
def test_a_device_this_machine_does_not_have(cli, tmp_path, command, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the report's page would go
    complaint = cli(*command, "--device", "cuda", "--evidence", tmp_path).complaint
    assert "no CUDA device" in complaint and "'cpu'" in complaint
    assert not list(tmp_path.rglob("*.json"))


def test_a_device_there_is_not(cli, tmp_path):
    assert "auto, cpu or cuda" in cli("check", SANDWICH, "--device", "tpu", "--evidence", tmp_path).complaint


def test_a_counterexample_shows_its_numbers_and_records_them(cli, tmp_path):
    said = cli("counterexample", SPARSE, "--json", "--evidence", tmp_path)
    (found,) = said.json["claims"]
    assert said.code == 0 and (found["id"], found["verdict"]) == (SPARSE, "shown")
    assert all({"label", "computed", "predicted"} <= set(number) for number in found["numbers"])
    assert (tmp_path / "counterexample" / f"{SPARSE}.json").exists()


def test_a_counterexample_there_is_not(cli):
    assert "did you mean 'momentum_order'" in cli("counterexample", "momentum_ordr").complaint


def test_a_measurement_shows_its_numbers_and_records_them_with_its_pictures(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(breast_cancer.run, "__defaults__", (*breast_cancer.run.__defaults__[:-1], 20))  # 20 steps
    said = cli("measure", "breast_cancer", "--json", "--evidence", tmp_path)
    (found,) = said.json["claims"]
    assert said.code == 0 and (found["id"], found["verdict"]) == ("breast_cancer", "recorded")
    record = json.loads((tmp_path / "measurement" / "breast_cancer.json").read_text(encoding="utf-8"))
    assert record["numbers"] == found["numbers"] and record["numbers"]
    assert all((tmp_path / "measurement" / figure["file"]).exists() for figure in record["figures"])


def test_a_measurement_there_is_not(cli):
    assert "did you mean 'digits'" in cli("measure", "digitz").complaint


def test_a_full_scale_there_is_not(cli, tmp_path):
    assert "without --full" in cli("measure", "digits", "--full", "--evidence", tmp_path).complaint
