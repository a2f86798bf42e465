"""Run the command line in this process, or in its own where exit codes, streams and signals are what is tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checks.cli import run

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
USER_CLAIM = HERE / "user_claim.py"


@dataclass(frozen=True)
class Said:
    """What the command line answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout; fails if there is anything else, or a NaN."""
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))

    @property
    def complaint(self) -> str:
        """The one sentence a wrong request gets: exit 2, nothing on stdout, one line on stderr."""
        assert (self.code, self.out) == (2, ""), self
        (line,) = self.err.splitlines()
        assert line.startswith("theorems: ") and "Traceback" not in line
        return line


Cli = Callable[..., Said]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """cli("prove", ...) -> Said, in this process."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def shell() -> Cli:
    """shell("prove", ..., cwd=, path=) -> Said, in a process of its own; `path` holds modules that shadow others."""

    def call(*arguments: object, cwd: Path = ROOT, path: Path | None = None) -> Said:
        folders = os.pathsep.join(str(p) for p in (path, ROOT) if p)
        environment = {**os.environ, "PYTHONPATH": folders, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", "from checks.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
        return Said(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def claim_file(tmp_path: Path) -> Callable[..., Path]:
    """claim_file(name, (old, new), ...) writes the user's claim with these changes; each must change something."""

    def write(name: str, *changes: tuple[str, str], tail: str = "") -> Path:
        text = USER_CLAIM.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text + tail, encoding="utf-8")
        return path

    return write


@pytest.fixture
def false_claim(claim_file: Callable[..., Path]) -> Path:
    """Young's inequality with half of what it needs: false, and refuted by its own witness too."""
    return claim_file("false_young.py", ("b**2 / c)", "b**2 / (2 * c))"))


@pytest.fixture
def user_claim() -> Path:
    """The complete small lemma the README shows."""
    return USER_CLAIM
