"""One instance out of a batch, and instances as JSON that another machine reads back bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from checks.battery.check import Inputs
from checks.errors import RequestError


def select(inputs: Inputs, index: int) -> Inputs:
    """The instance at `index` as a batch of one; Python numbers are common to the batch."""
    return {k: v[index : index + 1].clone() if isinstance(v, torch.Tensor) and v.ndim else v for k, v in inputs.items()}


def dump(inputs: Inputs) -> dict[str, Any]:
    """JSON form: tensors as shape and hexadecimal floats, which lose nothing."""
    return {name: _dump(value) for name, value in inputs.items()}


def _dump(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().to(torch.float64).reshape(-1).tolist()
        kind = {} if value.dtype == torch.float64 else {"dtype": str(value.dtype).removeprefix("torch.")}
        return {"shape": list(value.shape), "hex": [float(x).hex() for x in flat], **kind}
    if isinstance(value, (int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_dump(item) for item in value]
    raise RequestError(f"an input of type {type(value).__name__} cannot be written down; use tensors, numbers and lists.")


def require_portable(inputs: Inputs) -> None:
    """Every input can be written down, so that a refutation can be; RequestError names the type that cannot."""
    dump({name: value[:0] if isinstance(value, torch.Tensor) and value.ndim else value for name, value in inputs.items()})


def load(data: Mapping[str, Any]) -> Inputs:
    """The inputs back from their JSON form."""
    return {name: _load(value) for name, value in data.items()}


def _load(value: Any) -> Any:
    if isinstance(value, Mapping):
        numbers = [float.fromhex(x) for x in value["hex"]]
        dtype = getattr(torch, value.get("dtype", "float64"))
        return torch.tensor(numbers, dtype=torch.float64).to(dtype).reshape(value["shape"])
    return [_load(item) for item in value] if isinstance(value, list) else value


def read_replay(path: Path) -> dict[str, Any]:
    """A replay file: {"claim", "part", "inputs", ...}; RequestError if it is not one."""
    try:
        data = json.loads(path.read_text())
        if data.get("kind") == "check":  # the evidence of a battery run holds its worst instance
            data = data["worst"] or {}
        if not all(isinstance(data[key], str) for key in ("claim", "part")):
            raise TypeError("its claim or part is no name")
        return {**data, "inputs": load(data["inputs"]), "claim": data["claim"], "part": data["part"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as problem:
        raise RequestError(f"{path} is not a replay file ({problem}); give one that `theorems check` wrote.") from None
