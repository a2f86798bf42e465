"""Find claims and their checks: by id, by the paper's number, by pattern, or in a file of the user's own."""

from __future__ import annotations

import difflib
import fnmatch
import functools
import importlib
import importlib.util
import pkgutil
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import checks
import theory
from checks.battery.check import Check
from checks.errors import RequestError
from theory.core import Claim


@dataclass(frozen=True)
class Entry:
    """A claim, its check if there is one, and the source files both are written in."""

    claim: Claim
    check: Check | None
    sources: tuple[Path, ...]
    own: bool = False  # in a file of the user's, outside the project


@functools.cache
def entries() -> dict[str, Entry]:
    """Every claim of the project by id, in order of id."""
    found = {}
    for info in pkgutil.walk_packages(theory.__path__, "theory."):
        if info.ispkg or info.name.startswith("theory.core"):
            continue
        module = importlib.import_module(info.name)
        if isinstance(getattr(module, "CLAIM", None), Claim):
            found[module.CLAIM.id] = _entry(module)
    return dict(sorted(found.items()))


def _entry(module: ModuleType) -> Entry:
    path = module.__name__.removeprefix("theory.")
    if module.CLAIM.id != path.replace(".", "/"):
        raise RequestError(f"{module.__name__} names its claim {module.CLAIM.id}; name it {path.replace('.', '/')}.")
    name = f"checks.{path}"
    check_module = importlib.import_module(name) if _exists(name) else None
    sources = [Path(str(m.__file__)) for m in (module, check_module) if m is not None]
    return Entry(module.CLAIM, getattr(check_module, "CHECK", None), tuple(sources))


def _exists(name: str) -> bool:
    package = Path(str(checks.__path__[0]))
    return (package / Path(*name.split(".")[1:])).with_suffix(".py").exists()


def select(wanted: list[str]) -> list[Entry]:
    """Entries for ids, paper numbers ("Lemma 4.2"), patterns ("l1_rate/*") or paths; all claims if none is named."""
    if not wanted:
        return list(entries().values())
    chosen: dict[str, Entry] = {}
    for name in wanted:
        for entry in _matching(name):
            chosen[entry.claim.id] = entry
    return list(chosen.values())


def _matching(name: str) -> list[Entry]:
    known = entries()
    if name.endswith(".py"):
        return [_from_file(Path(name))]
    if name in known:
        return [known[name]]
    if any(c in name for c in "*?["):
        if found := [e for i, e in known.items() if fnmatch.fnmatchcase(i, name)]:
            return found
        raise RequestError(f"no claim matches '{name}'; `theorems list` shows them all.")
    numbered = [e for e in known.values() if _normal(name) in map(_normal, e.claim.source.number.split(","))]
    if len(numbered) > 1:
        ids = ", ".join(e.claim.id for e in numbered)
        raise RequestError(f"'{name}' could be {ids}; give one of these ids.")
    if numbered:
        return numbered
    short = [e for i, e in known.items() if i.split("/")[-1] == name]
    if len(short) == 1:
        return short
    near = difflib.get_close_matches(name, [*known, *(i.split("/")[-1] for i in known)], n=1, cutoff=0.3)
    hint = f"did you mean {near[0]}?" if near else "`theorems list` shows them all."
    raise RequestError(f"there is no claim '{name}'; {hint}")


def _normal(number: str) -> str:
    return re.sub(r"\s*\(.*", "", number).strip().lower()


def _from_file(path: Path) -> Entry:
    """A user's own module with a CLAIM and, if it likes, a CHECK."""
    if not path.exists():
        raise RequestError(f"there is no file {path}; give the path of a claim module, or an id from `theorems list`.")
    spec = importlib.util.spec_from_file_location(f"user_claim_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise RequestError(f"{path} cannot be loaded as Python; give a .py file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except SyntaxError as problem:
        raise RequestError(f"{path}, line {problem.lineno}: {problem.msg}; mend the syntax and try again.") from None
    except Exception as problem:  # whatever a user's module raises while loading is theirs to mend
        reason = f"{type(problem).__name__}: {problem}"
        raise RequestError(f"{path} cannot be loaded ({reason}); mend it and try again.") from None
    if not isinstance(getattr(module, "CLAIM", None), Claim):
        raise RequestError(f"{path} defines no CLAIM; assign a theory.core.Claim to that name.")
    check = getattr(module, "CHECK", None)
    return Entry(module.CLAIM, check if isinstance(check, Check) else None, (path.resolve(),), own=True)
