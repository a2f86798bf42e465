"""The worst instances long searches have found, kept as replay files in checks/worst and looked at in every battery run."""

from __future__ import annotations

import json
from pathlib import Path

from checks.battery.check import Inputs
from checks.battery.instances import dump, read_replay
from theory.core.claim import Claim, Part

FOLDER = Path(__file__).parent.parent / "worst"


def file_of(claim: Claim, part: Part) -> Path:
    """Where the instance of a part is kept; claims of the user's own have none."""
    return FOLDER / f"{claim.id.replace('/', '__')}__{part.name}.replay"


def kept(claim: Claim, part: Part) -> Inputs | None:
    """The kept instance, or None; RequestError if the file cannot be read."""
    file = file_of(claim, part)
    return read_replay(file)["inputs"] if file.exists() else None


def replay_text(claim: Claim, part: Part, inputs: Inputs) -> str:
    """A replay file's text for one instance."""
    return json.dumps({"claim": claim.id, "part": part.name, "inputs": dump(inputs)}, indent=1) + "\n"
