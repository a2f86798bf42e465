"""Every counterexample is shown, prints and records itself, and answers bad requests in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from checks.errors import RequestError
from counterexamples import Counterexample, above, below, close, equal, table
from counterexamples.command import load, main, names, report, run_and_record


def test_the_scripts_are_found() -> None:
    assert {"large_weight_decay", "momentum_order", "sparse_gradient"} <= set(names())
    assert not {"command", "decay_runs"} & set(names())


@pytest.mark.parametrize("name", names())
def test_each_is_shown_and_recorded_with_its_figure(name: str, tmp_path: Path) -> None:
    finished: list[float] = []
    result, path = run_and_record(name, tmp_path, seed=1, progress=finished.append)
    assert [number.label for number in result.numbers if not number.holds] == []
    assert result.verdict == "shown"
    assert finished == sorted(finished) and finished[-1] == 1
    evidence = json.loads(path.read_text(encoding="utf-8"))
    assert path == tmp_path / "counterexample" / f"{name}.json"
    assert evidence["verdict"] == "shown" and len(evidence["numbers"]) == len(result.numbers)
    parts = {name, *getattr(load(name), "HELPERS", ())}  # evidence grows stale with any of them
    assert set(evidence["sources"]) == {f"counterexamples/{part}.py" for part in parts}
    for figure in evidence["figures"]:
        assert "<svg" in (path.parent / figure["file"]).read_text(encoding="utf-8")
    assert "Verdict: shown." in report(result)


def test_one_number_off_its_prediction_means_not_shown() -> None:
    good, bad = equal("a", 2, 2), close("b", 1.0, 2.0, 0.5)
    assert Counterexample("t", "c", [good], "why").verdict == "shown"
    assert Counterexample("t", "c", [good, bad], "why").verdict == "not_shown"
    assert Counterexample("t", "c", [], "why").verdict == "not_shown"
    assert table([good, bad]).splitlines()[-1].endswith("disagrees")


@pytest.mark.parametrize(
    "number",
    [
        close("nan", float("nan"), 0, 1),
        close("beyond", 1.0, 0.0, 0.999),
        below("equal", 1, 1),
        below("nan", float("nan"), 1),
        above("equal", 1, 1),
        above("nan", float("nan"), 0),
        equal("near", 1.0000001, 1),
    ],
)
def test_disagreement_is_seen(number: object) -> None:
    assert not number.holds  # type: ignore[attr-defined]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(RequestError, match="momentum_order"):
        load("momentum_oder")


def test_an_unwritable_folder_is_refused_before_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    assert main("sparse_gradient", ["--out", str(blocked)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "Traceback" not in error


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device that the test asks for in vain")
def test_a_missing_device_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in names():
        assert main(name, ["--device", "cuda", "--out", str(tmp_path)]) == 2
    assert "Traceback" not in capsys.readouterr().err
