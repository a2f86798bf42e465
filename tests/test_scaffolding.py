"""The repository's own promises: pinned versions without addresses, registered profiles, one-way imports."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*")
FORBIDDEN = {
    "theory": {"checks", "counterexamples", "reports", "tests", "torch"},
    "checks": {"counterexamples", "reports", "tests"},
    "counterexamples": {"reports", "tests"},
    "reports": {"counterexamples", "tests"},
}
# The command lines sit on top of everything: they run all of it and write the evidence down.
TOP = ("checks/cli/", "counterexamples/command.py")


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.lower().split("==") for line in lines if not line.startswith("#"))


def test_constraints_are_exact_public_versions() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines and all(PIN.fullmatch(line) for line in lines)
    assert _pins()["torch"] == "2.13.0"


def test_every_declared_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["test"]
    names = {re.split(r"[<>=!~]", entry)[0].lower() for entry in declared}
    assert names <= set(_pins()), f"not in constraints.txt: {sorted(names - set(_pins()))}"


@pytest.mark.parametrize("name", ["dev", "ci", "deep"])
def test_hypothesis_profiles_have_no_deadline(name: str) -> None:
    assert settings.get_profile(name).deadline is None


def test_ci_profile_is_repeatable() -> None:
    assert settings.get_profile("ci").derandomize


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_imports_point_one_way(package: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): bad
        for path in (ROOT / package).rglob("*.py")
        if (bad := _imported(path) & FORBIDDEN[package]) and not path.relative_to(ROOT).as_posix().startswith(TOP)
    }
    assert not wrong


def test_nothing_below_imports_the_command_line() -> None:
    files = [path for package in FORBIDDEN for path in (ROOT / package).rglob("*.py")]
    below = [path for path in files if not path.relative_to(ROOT).as_posix().startswith(TOP)]
    imports = re.compile(r"^\s*(from|import) checks\.cli\b", re.MULTILINE)
    assert below and not [path for path in below if imports.search(path.read_text())]
