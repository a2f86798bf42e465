"""Claims are found by id, last word, the paper's number, pattern or path; a wrong name gets a sentence that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.errors import RequestError
from checks.registry import Entry, entries, select

ROOT = Path(__file__).parents[2]
SIZE = "implicit_bias/update_size_bound"

GOOD = """
import sympy as sp
from theory.core import Claim, Part, Source, Step, Var
from theory.core.rules import Polynomial

x = sp.Symbol("x", real=True)
square = sp.Ge(x**2, 2 * x - 1)
CLAIM = Claim("mine/square", "Square", "A square is above its tangent.", Source("mine", "Lemma 1", ""), "derived",
              [Var(x, "a number")], {}, [Part("main", square, [Step("square", square, Polynomial())])])
"""

CHECK = """
import hypothesis.strategies as st
import torch
from checks.battery.check import Attained, Check, Tolerance, column

CHECK = Check(claim=CLAIM, space={}, measure=lambda inputs, arithmetic: {"x": arithmetic.array(inputs["x"])},
              sample=lambda generator, batch, part: {"x": torch.randn(batch, generator=generator, dtype=torch.float64)},
              tolerance=Tolerance(1e-15, "one product"), tightness={"main": Attained(lambda: {"x": column(1.0)})}, necessity={})
"""


def ids(*wanted: str) -> list[str]:
    return [entry.claim.id for entry in select(list(wanted))]


def test_every_claim_is_found_by_its_id_and_is_its_files() -> None:
    assert ids() == sorted(entries()) and len(ids()) > 3
    for name, entry in entries().items():
        assert ids(name) == [name]
        assert entry.sources[0] == ROOT / "theory" / f"{name}.py"


@pytest.mark.parametrize("name", [SIZE, "update_size_bound", "Lemma 4.2", "lemma 4.2", f"theory/{SIZE}.py",
                                  f"checks/{SIZE}.py", "*/update_size_b*"])
def test_one_claim_by_many_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (entry,) = select([name])
    assert entry.claim.id == SIZE and entry.check is not None and not entry.own
    assert [path.relative_to(ROOT).parts[0] for path in entry.sources] == ["theory", "checks"]


def test_a_number_with_a_remark_is_found_without_it() -> None:
    found = [entry for entry in entries().values() if entry.claim.source.number == "Section 1 (norm comparison)"]
    assert [entry.claim.id for entry in found] == ["l1_rate/norm_sandwich"]


def test_a_number_two_claims_share_is_ambiguous_and_both_are_named() -> None:
    with pytest.raises(RequestError, match=r"could be l1_rate/kkt_score.*l1_rate/norm_sandwich.*give one"):
        select(["Section 1"])


def test_patterns_and_repetitions_give_each_claim_once() -> None:
    folder = [name for name in ids() if name.startswith("l1_rate/")]
    assert len(folder) > 1 and ids("l1_rate/*") == folder
    assert ids("l1_rate/*", "norm_sandwich", SIZE) == [*folder, SIZE]


@pytest.mark.parametrize(("name", "help_"), [
    ("update_size_bond", f"did you mean {SIZE}"),
    ("l1_rate/norm_sandwitch", "did you mean l1_rate/norm_sandwich"),
    ("Lemma 4.2.", f"did you mean {SIZE}"),
    ("zzzz", "theorems list"),
    ("l1_rate/zz*", "no claim matches 'l1_rate/zz\\*'; `theorems list`"),
    ("", "theorems list"),
])
def test_a_wrong_name_gets_the_nearest_one_or_the_list(name: str, help_: str) -> None:
    with pytest.raises(RequestError, match=help_):
        select([name])


def own(folder: Path, text: str, name: str = "mine.py") -> Entry:
    path = folder / name
    path.write_text(text)
    (entry,) = select([str(path)])
    return entry


def test_a_users_own_claim_with_and_without_a_check(tmp_path: Path) -> None:
    bare, full = own(tmp_path, GOOD), own(tmp_path, GOOD + CHECK, "with_check.py")
    assert bare.claim.id == full.claim.id == "mine/square" and bare.own and full.own
    assert bare.check is None and full.check is not None and full.check.claim is full.claim
    assert "mine/square" not in entries()


@pytest.mark.parametrize(("text", "sentence"), [
    ("x = = 1\n", r"mine.py, line 1: .*mend the syntax"),
    ("x = 1\n", r"mine.py defines no CLAIM"),
    ("CLAIM = 'a claim'\n", r"mine.py defines no CLAIM"),
    ("a = 1\nb = a / 0\n", r"cannot be loaded \(line 2: ZeroDivisionError: division by zero\)"),
    ("import no_such_module\n", r"cannot be loaded \(line 1: ModuleNotFoundError"),
    ("raise SystemExit(0)\n", r"cannot be loaded \(line 1: SystemExit"),
])
def test_a_users_file_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        own(tmp_path, text)


@pytest.mark.parametrize(("text", "sentence"), [
    (GOOD + "CHECK = 3\n", "defines no CHECK; assign"),
    (GOOD + CHECK + GOOD, "is of another claim"),
])
def test_a_check_that_is_none_or_of_another_claim_is_refused_when_asked_for(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        _ = own(tmp_path, text).check


def test_a_missing_file_and_a_file_that_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "claim.txt").write_text(GOOD)
    for name, sentence in (("none.py", "there is no file"), ("claim.txt", "is not a Python file")):
        with pytest.raises(RequestError, match=sentence):
            select([str(tmp_path / name)])


def test_two_files_of_one_name_are_two_claims(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, second = own(tmp_path, GOOD), own(tmp_path / "other", GOOD.replace("x**2, 2", "x**2 + 1, 2"))
    assert first.claim.parts[0].conclusion != second.claim.parts[0].conclusion
    assert len(select([str(e.sources[0]) for e in (first, second)])) == 2
