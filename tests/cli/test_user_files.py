"""A claim file of the user's own: proved, checked, refuted, replayed elsewhere, and every way it can be broken."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
MEASURE = "measure=lambda inputs, arithmetic: {name: arithmetic.array(value) for name, value in inputs.items()}"


def check(cli, file, *more):
    return cli("check", file, "--batches", 2, "--json", "--evidence", file.parent / "evidence", *more)


def stage(said, name):
    (claim,) = said.json["claims"]
    return next(s for s in claim["stages"] if s["name"] == name)


def test_the_readme_shows_this_claim(user_claim):
    assert user_claim.read_text(encoding="utf-8") in README.read_text(encoding="utf-8")


def test_a_true_claim_is_proved_and_holds(cli, user_claim, tmp_path):
    proved = cli("prove", user_claim, "--evidence", tmp_path / "evidence", "--json")
    assert proved.code == 0 and proved.json["summary"] == {"total": 1, "proved": 1}
    (step,) = proved.json["claims"][0]["steps"]
    assert (step["name"], step["rule"], step["verdict"]) == ("square", "polynomial", "proved") and "z3" in step["by"]
    assert not (tmp_path / "evidence").exists()  # nothing of the user's goes among the project's evidence
    held = cli("check", user_claim, "--batches", 2, "--evidence", tmp_path / "evidence")
    assert held.code == 0 and held.out.startswith("✓ mine/young: holds")
    assert not list(tmp_path.rglob("*.json"))


def test_a_false_claim_is_unproved_with_values_that_break_it(cli, false_claim):
    said = cli("prove", false_claim)
    assert said.code == 1 and said.out.startswith("✗ mine/young: unproved") and "z3 found values that break it" in said.out


def test_a_false_claim_is_refuted_by_search_and_replayed_from_elsewhere(cli, shell, false_claim, tmp_path):
    said = cli("check", false_claim, "--batches", 2, "--evidence", tmp_path / "evidence")
    assert said.code == 1 and "✗ property: young: young fails" in said.out and "fails at a = " in said.out
    (replay,) = tmp_path.rglob("*.replay")
    assert f"theorems replay {replay}" in said.out
    again = shell("replay", replay, "--json", cwd=Path("/"))
    (found,) = again.json["claims"]
    assert again.code == 1 and found["verdict"] == "refuted" and found["by"] == "rational" and found["margin"] < 0


def test_a_refutation_holds_no_more_once_the_claim_is_mended(cli, false_claim, tmp_path):
    check(cli, false_claim)
    (replay,) = tmp_path.rglob("*.replay")
    false_claim.write_text(false_claim.read_text().replace("(2 * c)", "c"))
    assert cli("replay", replay).code == 0


def test_a_replay_file_finds_the_claim_file_beside_it(cli, false_claim, tmp_path):
    check(cli, false_claim)
    (replay,) = tmp_path.rglob("*.replay")
    moved = tmp_path / "other machine"
    moved.mkdir()
    replay = replay.rename(moved / replay.name)
    false_claim.rename(moved / "elsewhere.py")
    assert "copy it beside" in cli("replay", replay).complaint
    (moved / "elsewhere.py").rename(moved / false_claim.name)
    assert cli("replay", replay).code == 1


def test_a_claim_with_a_projects_id_leaves_the_projects_evidence_alone(cli, claim_file, tmp_path):
    evidence = tmp_path / "evidence"
    assert cli("check", "l1_rate/norm_sandwich", "--batches", 1, "--evidence", evidence).code == 0
    before = {path: path.read_bytes() for path in evidence.rglob("*.json")}
    double = claim_file("double.py", ("mine/young", "l1_rate/norm_sandwich"), ("b**2 / c)", "b**2 / (2 * c))"))
    said = cli("check", "l1_rate/norm_sandwich", double, "--batches", 1, "--evidence", evidence, "--json")
    assert [claim["verdict"] for claim in said.json["claims"]] == ["holds", "refuted"] and said.code == 1
    after = {path: path.read_bytes() for path in evidence.rglob("*.json")}
    assert before.keys() == after.keys() and len(before) == 1
    assert all(json.loads(after[path])["verdict"] == "holds" for path in after)
    assert not (evidence / "refutations" / "l1_rate__norm_sandwich.replay").exists()


@pytest.mark.parametrize(("text", "words"), [
    ("x = (1,\ny = 2\n", "broken.py, line 1: '(' was never closed"),
    ("x = 1\n", "defines no CLAIM"),
    ("CLAIM = 'a sentence'\n", "defines no CLAIM"),
    ("import no_such_package\n", "line 1: ModuleNotFoundError: No module named 'no_such_package'"),
    ("x = 1\nraise RuntimeError('two\\nlines')\n", "line 2: RuntimeError: two lines"),
    ("import sys\nsys.exit(0)\n", "line 2: SystemExit"),
    ("from theory.core import Claim\nCLAIM = Claim('a', 'b')\n", "line 2: TypeError"),
])
@pytest.mark.parametrize("command", ["prove", "check"])
def test_a_file_that_cannot_be_loaded(cli, tmp_path, command, text, words):
    file = tmp_path / "broken.py"
    file.write_text(text)
    assert words in cli(command, file).complaint


STEPS = '[Step("square", young, Polynomial())]'


@pytest.mark.parametrize(("changes", "words"), [
    ([("young = sp.Le(2 * a * b, c * a**2 + b**2 / c)", "young = True")], "step square must be a SymPy relation"),
    ([("young, " + STEPS, "'2ab <= c', " + STEPS)], "conclusion of young must be a SymPy relation"),
    ([(STEPS, "[young]")], "each of the proof of young must be a Step"),
    ([("hypotheses={},", "hypotheses=[a <= b],")], "hypotheses of mine/young must be a dictionary"),
    ([("hypotheses={},", "hypotheses={'h': 'a <= b'},")], "hypothesis h of mine/young must be a SymPy relation"),
    ([('Var(c, "the weight")', "c")], "each of the variables of mine/young must be a Var"),
    ([('Source("mine", "Lemma 1", "")', '"Lemma 1"')], "source of mine/young must be a Source"),
    ([('parts=[Part("young", young, ' + STEPS + ")]", "parts=[]")], "no parts"),
    ([('"mine/young"', '"../young"')], "words and slashes"),
    ([('"stated"', '"guessed"')], "use one of stated, restored, derived"),
    ([("sample=sample", "sample=None")], "must be functions"),
    ([("necessity={}", "necessity=None")], "necessity of a check must be a Mapping"),
    ([('Tolerance(1e-14, "a handful of roundings of 2^-53")', "1e-14")], "tolerance of a check must be a Tolerance"),
])
def test_a_claim_or_check_of_the_wrong_shape_is_refused_with_its_line(cli, claim_file, changes, words):
    complaint = cli("check", claim_file("odd.py", *changes)).complaint
    assert words in complaint and re.search(r"odd.py cannot be loaded \(line \d+: ", complaint)


@pytest.mark.parametrize("rule", ["None", "'polynomial'", "Polynomial", "Polynomial('no such fact')"])
def test_a_step_without_a_rule_of_the_checker_is_unproved(cli, claim_file, rule):
    said = cli("prove", claim_file("odd.py", ("Polynomial())", rule + ")")), "--json")
    assert said.code == 1 and said.json["claims"][0]["verdict"] == "unproved" and said.json["claims"][0]["steps"][0]["reason"]


@pytest.mark.parametrize("name", ["missing.py", "folder.py", "notes.txt"])
def test_a_path_that_is_no_claim_file(cli, tmp_path, name):
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "notes.txt").write_text("CLAIM")
    assert str(tmp_path / name) in cli("prove", tmp_path / name).complaint


@pytest.mark.parametrize(("changes", "words"), [
    ([("CHECK =", "CHECKS =")], "no CHECK for mine/young"),
    ([("CHECK = Check(", "CHECK = dict(")], "assign a checks.battery.check.Check"),
    ([('tightness={"young": ', 'tightness={"old": ')], "disagree on the tightness of: old, young"),
    ([("claim=CLAIM", "claim=__import__('dataclasses').replace(CLAIM, id='mine/other')")], "of another claim, mine/other"),
])
def test_a_check_that_cannot_be_used(cli, claim_file, changes, words):
    assert words in check(cli, claim_file("odd.py", *changes)).complaint


@pytest.mark.parametrize(("changes", "words"), [
    ([(MEASURE, "measure=lambda inputs, arithmetic: {**inputs, 'a': inputs['a'] / 0}")], "NaN or infinity"),
    ([(MEASURE, "measure=lambda inputs, arithmetic: {'a': inputs['a'], 'b': inputs['b']}")], "gives no c"),
    ([(MEASURE, "measure=lambda inputs, arithmetic: {**inputs, 'a': inputs['a'][:, None]}")], "a is a scalar: give shape (B,)"),
    ([(MEASURE, "measure=lambda inputs, arithmetic: {k: v[:0] for k, v in inputs.items()}")], "give all of them one batch"),
    ([(MEASURE, "measure=lambda inputs, arithmetic: {**inputs, 'a': inputs['a'][:1]}")], "give all of them one batch"),
    ([(MEASURE, "measure=lambda inputs, arithmetic: inputs['no such input']")], "KeyError"),
    ([("def sample(generator, batch, part, spread)", "def sample(generator, batch, part)")], "TypeError"),
    ([("torch.randn(3, batch,", "torch.randn(2, batch,")], "ValueError"),
    ([('{"a": a * 10**spread', '{"a": None and a * 10**spread')], "use tensors"),
])
def test_a_broken_check_is_not_run_and_says_why(cli, claim_file, changes, words):
    """The other questions are still answered, so a broken check is a verdict and no wrong request."""
    said = check(cli, claim_file("odd.py", *changes))
    found = stage(said, "property: young")
    assert said.code == 1 and found["verdict"] == "not_run" and words in found["detail"] and "\n" not in found["detail"]
    assert stage(said, "proof")["verdict"] == "holds" and said.json["claims"][0]["verdict"] in ("not_run", "refuted")


def test_a_sampler_outside_the_hypotheses_is_the_checks_fault(cli, claim_file):
    file = claim_file("odd.py", ("hypotheses={},", 'hypotheses={"small": sp.Le(a, 1)},'),
                      ("necessity={},", 'necessity={"small": Unknown("the claim does not need it")},'),
                      ("import Attained, Check,", "import Attained, Check, Unknown,"))
    found = stage(check(cli, file), "property: young")
    assert found["verdict"] == "refuted" and "the check is wrong: the hypothesis 'small'" in found["detail"]


def test_what_a_users_file_prints_stays_out_of_the_results(cli, claim_file):
    noisy = claim_file("noisy.py", (MEASURE, "measure=lambda inputs, arithmetic: print('measuring') or inputs"),
                       tail="print('loading')\n")
    said = check(cli, noisy)
    assert said.json["summary"] == {"total": 1, "holds": 1}
    assert "loading" in said.err and "measuring" in said.err
