"""Find claims and their checks: by id, by the paper's number, by folder or pattern, or in a file of the user's own.

A check is imported when it is first asked for: it brings torch, which listing and proving do without.
"""

from __future__ import annotations

import contextlib
import difflib
import fnmatch
import functools
import hashlib
import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import checks
import theory
from checks.errors import RequestError
from theory.core import Claim

if TYPE_CHECKING:
    from checks.battery.check import Check


@dataclass(frozen=True)
class Entry:
    """A claim, how to get its check if it has one, and the source files both are written in."""

    claim: Claim
    sources: tuple[Path, ...]
    load_check: Callable[[], Check] | None = None
    own: bool = False  # in a file of the user's, outside the project

    @functools.cached_property
    def check(self) -> Check | None:
        """The claim's check, imported now; None if it has none."""
        return self.load_check() if self.load_check else None


@functools.cache
def entries() -> dict[str, Entry]:
    """Every claim of the project by id, in order of id."""
    found = {}
    for info in pkgutil.walk_packages(theory.__path__, "theory."):
        if not info.ispkg and not info.name.startswith("theory.core"):
            if entry := _in_module(info.name):
                found[entry.claim.id] = entry
    return dict(sorted(found.items()))


@functools.cache
def _in_module(name: str) -> Entry | None:
    """The claim of one module of theory/, with the check at the same path in checks/; None if it has no CLAIM."""
    module = importlib.import_module(name)
    claim, path = getattr(module, "CLAIM", None), name.removeprefix("theory.")
    if not isinstance(claim, Claim):
        return None
    if claim.id != path.replace(".", "/"):
        raise RequestError(f"{name} names its claim {claim.id}; name it {path.replace('.', '/')}.")
    sources, file = (Path(str(module.__file__)),), _file_in(checks, path)
    if not file.exists():
        return Entry(claim, sources)
    return Entry(claim, (*sources, file), lambda: _check_of(importlib.import_module(f"checks.{path}"), claim))


def _file_in(package: ModuleType, path: str) -> Path:
    return Path(str(package.__path__[0]), *path.split(".")).with_suffix(".py")


def _check_of(module: ModuleType, claim: Claim) -> Check:
    """The module's CHECK, if it is one and speaks of this claim."""
    from checks.battery.check import Check

    check = getattr(module, "CHECK", None)
    if not isinstance(check, Check):
        raise RequestError(f"{module.__file__} defines no CHECK; assign a checks.battery.check.Check to that name.")
    if check.claim is not claim:
        raise RequestError(f"the CHECK in {module.__file__} is of another claim, {check.claim.id}; give it claim=CLAIM.")
    return check


def select(wanted: list[str]) -> list[Entry]:
    """Entries for ids, paper numbers ("Lemma 4.2"), folders and patterns ("l1_rate/*") or paths; all claims if none is named."""
    if not wanted:
        return list(entries().values())
    found = [entry for name in wanted for entry in _matching(name)]
    return list({(entry.claim.id, entry.sources): entry for entry in found}.values())


def _matching(name: str) -> list[Entry]:
    if name.endswith(".py") or Path(name).is_file():
        return [_from_path(Path(name))]
    if re.fullmatch(r"\w+(/\w+)+", name) and _file_in(theory, name.replace("/", ".")).exists():
        if entry := _in_module("theory." + name.replace("/", ".")):  # the others need not be loaded
            return [entry]
    known = entries()
    if folder := [e for i, e in known.items() if i.startswith(name.rstrip("/") + "/")]:
        return folder
    if any(c in name for c in "*?["):
        if found := [e for i, e in known.items() if fnmatch.fnmatchcase(i, name)]:
            return found
        raise RequestError(f"no claim matches '{name}'; `theorems list` shows them all.")
    meant = [e for i, e in known.items() if i.split("/")[-1] == name] or [e for e in known.values() if _numbered(e, name)]
    if len(meant) > 1:
        raise RequestError(f"'{name}' could be {', '.join(e.claim.id for e in meant)}; give one of these ids.")
    return meant or _unknown(name)


def _unknown(name: str) -> list[Entry]:
    words = {i: (i, i.split("/")[-1], e.claim.source.number) for i, e in entries().items()}
    near = difflib.get_close_matches(name, [word for group in words.values() for word in group], n=1, cutoff=0.5)
    hint = "`theorems list` shows them all."
    if near:
        meant = next(i for i, group in words.items() if near[0] in group)
        hint = f"did you mean {meant}, {entries()[meant].claim.source.number}?"
    raise RequestError(f"there is no claim '{name}'; {hint}")


def _numbered(entry: Entry, name: str) -> bool:
    """Whether the name is one of the numbers the claim has in its paper, whatever its case and spaces."""
    return _normal(name) in map(_normal, entry.claim.source.number.split(","))


def _normal(number: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"\(.*", "", number)).lower()


def _from_path(path: Path) -> Entry:
    """A claim of the project, if the file is one of its own; else a module of the user's with a CLAIM, and maybe a CHECK."""
    if not path.exists():
        raise RequestError(f"there is no file {path}; give the path of a claim module, or an id from `theorems list`.")
    if not path.is_file() or path.suffix != ".py":
        raise RequestError(f"{path} is not a Python file; give the path of a claim module, or an id from `theorems list`.")
    file = path.resolve()
    for package in (theory, checks):
        if file.is_relative_to(Path(package.__path__[0]).resolve()):
            for entry in entries().values():
                if file in (source.resolve() for source in entry.sources):
                    return entry
    return _own(_load(path, file), path, file)


def _own(module: ModuleType, path: Path, file: Path) -> Entry:
    claim = getattr(module, "CLAIM", None)
    if not isinstance(claim, Claim):
        raise RequestError(f"{path} defines no CLAIM; assign a theory.core.Claim to that name.")
    load = (lambda: _check_of(module, claim)) if hasattr(module, "CHECK") else None
    return Entry(claim, (file,), load, own=True)


def _load(path: Path, file: Path) -> ModuleType:
    """Run a user's module; what it prints goes to stderr, what it raises becomes a sentence."""
    name = f"user_claim_{path.stem}_{hashlib.sha256(str(file).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RequestError(f"{path} cannot be loaded as Python; give a .py file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(module)
    except SyntaxError as problem:
        raise RequestError(f"{path}, line {problem.lineno}: {problem.msg}; mend the syntax and try again.") from None
    except (Exception, SystemExit) as problem:  # whatever a user's module raises while loading is theirs to mend
        raise RequestError(f"{path} cannot be loaded ({_where(problem, file)}); mend it and try again.") from None
    return module


def _where(problem: BaseException, file: Path) -> str:
    """The exception in one line, with the last line of the user's file it passed through."""
    line, trace = 0, problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    words = " ".join(str(problem).split())
    return f"line {line}: {type(problem).__name__}: {words}" if line else f"{type(problem).__name__}: {words}"
