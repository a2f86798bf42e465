"""Evidence files: small JSON records of what was proved, exercised or shown, which the report is made from.

A file lies at `<folder>/<kind>/<id>.json`, its figures beside it. Writing goes through a temporary file and
`os.replace`, so an interrupted run leaves either the old file or the new one, never half of one.
"""
from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from checks.errors import RequestError
from reports.schema import MODELS

KINDS = tuple(MODELS)
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("torch", "sympy", "z3-solver", "cvc5", "python-flint", "cvxpy", "hypothesis")
_MEND = {"prove": "theorems prove", "recheck": "theorems recheck", "check": "theorems check",
         "counterexample": "theorems counterexample", "measurement": "theorems measure"}

Record = dict[str, Any]


def fingerprint(paths: Iterable[str | Path], root: Path = ROOT) -> str:
    """SHA-256 of the named files: their names relative to `root` and their contents, in sorted order.

    Raises RequestError when a file cannot be read.
    """
    digest = hashlib.sha256()
    for name in sorted(relative(path, root) for path in paths):
        try:
            content = (root / name).read_bytes()
        except OSError as error:
            raise RequestError(f"source {name} cannot be read ({error.strerror}); name another") from None
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


def relative(path: str | Path, root: Path = ROOT) -> str:
    """The path as evidence names it: relative to `root`, or absolute for a file outside it."""
    top = root.absolute()
    full = Path(os.path.normpath(top / path))
    return (full.relative_to(top) if full.is_relative_to(top) else full).as_posix()


def header(
    kind: str,
    id: str,
    sources: Iterable[str | Path],
    seed: int | None,
    device: str,
    dtype: str,
    started: datetime,
    root: Path = ROOT,
) -> Record:
    """The fields every evidence file begins with; `started` is an aware datetime, `seconds` count from it."""
    names = sorted({relative(path, root) for path in sources})
    return {
        "kind": kind,
        "id": id,
        "fingerprint": fingerprint(names, root),
        "sources": names,
        "created": started.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 3),
        "seed": seed,
        "device": device,
        "dtype": dtype,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Python and the packages a verdict depends on; a missing one says so."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def stale(evidence: Mapping[str, Any], root: Path = ROOT) -> bool:
    """True when a source has changed since, or is gone, or when the evidence names no source at all."""
    if not evidence["sources"]:
        return True
    try:
        return fingerprint(evidence["sources"], root) != evidence["fingerprint"]
    except RequestError:
        return True


def path_for(folder: Path, kind: str, id: str) -> Path:
    """Where the evidence of this kind and id lies."""
    return folder / kind / f"{id}.json"


def validate(evidence: Mapping[str, Any], where: str = "evidence") -> Record:
    """The evidence with every optional field filled in; RequestError names the first thing wrong with it."""
    if not isinstance(evidence, Mapping) or evidence.get("kind") not in MODELS:
        raise RequestError(f"{where} needs a 'kind', one of {', '.join(KINDS)}; write it again")
    kind = evidence["kind"]
    try:
        return MODELS[kind].model_validate(dict(evidence)).model_dump()
    except ValidationError as error:
        raise RequestError(f"{where}: {_complaint(error)}; {_mend(kind, evidence.get('id'))}") from None


def _complaint(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"'{place}' is wrong ({message})" if place else message


def _mend(kind: str, id: object) -> str:
    return f"run `{_MEND[kind]} {id}` again" if kind in _MEND and id else "delete it and run that part again"


def write(evidence: Mapping[str, Any], folder: Path) -> Path:
    """Validate and write one evidence file under `folder`, return its path. Infinity and NaN become text."""
    checked = validate(plain(evidence))
    path = path_for(folder, checked["kind"], checked["id"])
    replace_text(path, json.dumps(plain(checked), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    return path


def plain(value: Any) -> Any:
    """JSON's own types: numpy and torch scalars become Python's, non-finite floats become text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy and torch, scalars and arrays
        return plain(value.tolist())
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def replace_text(path: Path, text: str) -> None:
    """Write a whole text file or leave the old one as it was; RequestError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".", suffix=".part", delete=False, encoding="utf-8"
        ) as part:
            try:
                part.write(text)
                part.flush()
                os.chmod(part.name, 0o644)
                os.replace(part.name, path)
            except BaseException:
                os.unlink(part.name)
                raise
    except OSError as error:
        raise RequestError(
            f"cannot write {path} ({error.strerror}); choose a folder that can be written, or free it"
        ) from None


def ensure_writable(folder: Path) -> None:
    """Raise RequestError now, before hours of work, when `folder` cannot be created or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RequestError(
            f"cannot write to {folder} ({error.strerror}); choose a folder that can be written"
        ) from None


def read(path: Path) -> Record:
    """One evidence file, validated; RequestError says what is wrong with it."""
    try:
        evidence = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not valid JSON"
        raise RequestError(f"{path} cannot be read ({reason}); delete it and run that part again") from None
    return validate(evidence, str(path))


def read_all(folder: Path) -> list[Record]:
    """All evidence under `folder`, sorted by kind and id; RequestError for a malformed or misplaced file."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        evidence = read(path)
        if path != path_for(folder, evidence["kind"], evidence["id"]):
            raise RequestError(f"{path} speaks of {evidence['kind']} {evidence['id']}; move or delete it")
        found.append(evidence)
    return sorted(found, key=lambda evidence: (KINDS.index(evidence["kind"]), evidence["id"]))
