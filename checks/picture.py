"""A figure described but not yet drawn: what to draw on which axes, without a plotting style or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Picture:
    """One figure of a result.

    file: its file name, ending in .svg; caption: what it shows, in a sentence or two; draw: called with the
    axes (an array of axes when `subplots` asks for several panes); width, height: inches; subplots: arguments
    of matplotlib's `Figure.subplots`.
    """

    file: str
    caption: str
    draw: Callable[[Any], None]
    width: float = 6.4
    height: float = 3.4
    subplots: dict[str, Any] = field(default_factory=dict)
