"""The README's lemma is a file that works as it stands, and the files it names exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from checks.arithmetic import TorchArithmetic
from checks.battery.run import Battery
from checks.registry import select
from theory.core import check_claim

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS, LEMMA = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_lemma_of_the_readme_is_proved_and_holds(tmp_path):
    file = tmp_path / "young.py"
    file.write_text(LEMMA, encoding="utf-8")
    (entry,) = select([str(file)])
    assert check_claim(entry.claim).verdict == "proved"
    assert Battery(entry.check, TorchArithmetic(), batches=3).run().verdict == "holds"


def test_the_readmes_hyperparameters_are_those_it_names(capsys):
    exec(NUMBERS, {})
    found = ast.literal_eval(capsys.readouterr().out)
    assert {"lr", "beta1", "eps", "weight_decay", "rate"} <= set(found)
    assert 0 < found["beta1"] <= found["beta2_least"] <= found["beta2_most"] < 1 and 0 < found["lr"] < found["rate"]


def test_the_lemma_made_false_is_neither_proved_nor_held(tmp_path):
    file = tmp_path / "false_young.py"
    file.write_text(LEMMA.replace("b**2 / c)", "b**2 / (2 * c))"), encoding="utf-8")
    (entry,) = select([str(file)])
    assert check_claim(entry.claim).verdict == "unproved"
    assert Battery(entry.check, TorchArithmetic(), batches=3).run().verdict == "refuted"


def test_the_files_the_readme_names_exist():
    named = set(re.findall(r"`((?:theory|checks|reports)/[\w/.]*\w)`", README)) | set(re.findall(r"\]\((\S+)\)", README))
    missing = [n for n in named if not (ROOT / n).exists() and not n.startswith("reports/html")]
    assert named and not missing
