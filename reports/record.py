"""Write a result with numbers and pictures (counterexample, measurement) as evidence with figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import matplotlib

from checks.picture import Picture
from reports.evidence import header, path_for, write
from reports.figures import STYLE, figure, save

EVIDENCE = Path("reports") / "evidence"
"""Where evidence goes unless a folder is named."""


class Result(Protocol):
    """What can be recorded."""

    @property
    def pictures(self) -> list[Picture]:
        """The figures, still to be drawn."""
        ...

    def fields(self) -> dict[str, Any]:
        """The evidence fields of this kind of result (title, numbers, text, ...), without figures."""
        ...


def draw(picture: Picture, path: Path) -> Path:
    """Draw one picture in the report's style and save it as SVG at `path`."""
    made, axes = figure(picture.width, picture.height, **picture.subplots)
    with matplotlib.rc_context(STYLE):
        picture.draw(axes)
    return save(made, path)


def record(
    result: Result,
    kind: str,
    id: str,
    sources: Iterable[str | Path],
    started: datetime,
    folder: Path = EVIDENCE,
    seed: int = 0,
    device: str = "cpu",
    dtype: str = "float64",
) -> Path:
    """Save the figures beside the evidence file, then the file itself; returns the file's path.

    started: an aware datetime, taken before the run. RequestError when `folder` cannot be written.
    """
    place = path_for(folder, kind, id)
    for picture in result.pictures:
        draw(picture, place.parent / picture.file)
    figures = [{"file": picture.file, "caption": picture.caption} for picture in result.pictures]
    about = header(kind, id, sources, seed, device, dtype, started)
    return write({**about, **result.fields(), "figures": figures}, folder)
