"""What only a process of its own shows: signals, missing packages, terminals, and the words for a wrong command line."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

SANDWICH = "l1_rate/norm_sandwich"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("arguments", "words"), [
    (["prov"], "no such command 'prov'"),
    (["prove", "--jsn"], "--jsn"),
    (["check", "--seed", "three"], "'--seed'"),
    (["replay"], "missing argument"),
    (["report", "--out"], "--out"),
])
def test_a_wrong_command_line_is_one_sentence(cli, arguments, words):
    complaint = cli(*arguments).complaint
    assert words in complaint.lower() and "--help` shows what there is." in complaint


def test_nothing_asked_for_shows_what_there_is(cli):
    said = cli()
    assert said.code == 2 and said.out == "" and said.err.startswith("Usage: theorems") and "counterexample" in said.err


@pytest.mark.parametrize("command", ["list", "prove", "check", "attack", "replay", "counterexample", "measure", "report"])
def test_every_command_has_help(cli, command):
    said = cli(command, "--help")
    assert said.code == 0 and said.out.startswith(f"Usage: theorems {command}") and said.err == ""


@pytest.mark.parametrize(("module", "package"), [("z3", "z3-solver"), ("cvc5", "cvc5")])
def test_a_missing_solver_says_how_to_get_it(shell, tmp_path, module, package):
    raised = f"raise ModuleNotFoundError(\"No module named '{module}'\", name='{module}')\n"
    (tmp_path / f"{module}.py").write_text(raised)
    assert f"pip install {package}" in shell("prove", SANDWICH, "--evidence", tmp_path, path=tmp_path).complaint


def test_a_package_that_breaks_at_import_says_so(shell, tmp_path):
    (tmp_path / "flint.py").write_text("raise ImportError('libflint.so.20: cannot open shared object file')\n")
    complaint = shell("check", SANDWICH, "--evidence", tmp_path, path=tmp_path).complaint
    assert "libflint.so.20" in complaint and "pip install -e ." in complaint


def test_interruption_keeps_what_was_written(shell, claim_file, tmp_path):
    """The second claim presses Ctrl-C in the middle of its battery; the first one's evidence is there and whole."""
    pressed = "measure=lambda inputs, arithmetic: __import__('signal').raise_signal(2)"
    measure = "measure=lambda inputs, arithmetic: {name: arithmetic.array(value) for name, value in inputs.items()}"
    file = claim_file("interrupted.py", (measure, pressed))
    said = shell("check", SANDWICH, file, SANDWICH, "--batches", 1, "--json", "--evidence", tmp_path / "evidence")
    assert (said.code, said.out) == (130, "") and said.err.split("\n")[-2].startswith("theorems: interrupted")
    assert "Traceback" not in said.err
    (written,) = (tmp_path / "evidence").rglob("*.*")
    assert json.loads(written.read_text())["verdict"] == "holds"


def test_a_bar_on_a_terminal_and_the_results_on_stdout(tmp_path):
    """On a terminal stderr shows progress; with stderr elsewhere (every other test here) it stays empty."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    command = [sys.executable, "-c", "from checks.cli import main; main()", "prove", SANDWICH, "--evidence", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True) as process:
        os.close(theirs)
        out, _ = process.communicate(timeout=60)
    with os.fdopen(ours, "rb") as terminal:
        shown = terminal.read1(1 << 16).decode()
    assert process.returncode == 0 and out.startswith(f"✓ {SANDWICH}: proved") and "\x1b" not in out
    assert "proving" in shown and "1/1" in shown


def test_a_terminal_without_the_glyphs_still_gets_its_verdicts(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", "from checks.cli import main; main()", "prove", SANDWICH, "--evidence", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0 and f"{SANDWICH}: proved" in done.stdout and not done.stderr


def test_listing_and_proving_do_without_torch(shell, tmp_path):
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')\n")
    assert shell("list", path=tmp_path).code == 0
    assert shell("prove", SANDWICH, "--evidence", tmp_path / "evidence", path=tmp_path).code == 0
