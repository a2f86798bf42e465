"""Measurements: runs whose numbers and pictures the report shows beside the theory, without a verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checks.picture import Picture

Progress = Callable[[float], None]
"""Called with the finished share of the work, between 0 and 1."""

NAMES = ("rates", "breast_cancer", "digits")
"""Modules of this package that have a `run(seed, device, progress)`, the slowest first; also the ids of their evidence.

A module with a larger scale has `run(..., full)`; `SOURCES` names further files its evidence depends on.
"""


def silent(done: float) -> None:
    """The progress callback that shows nothing."""


@dataclass(frozen=True)
class Measurement:
    """What one run measured.

    numbers: (label, value) in the order of the text; details: the arrays behind them, by name; pictures: its
    figures.
    """

    title: str
    numbers: list[tuple[str, float | str]]
    text: str
    pictures: list[Picture] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The evidence fields of a measurement, figures aside."""
        numbers = [{"label": label, "value": value} for label, value in self.numbers]
        return {"title": self.title, "numbers": numbers, "text": self.text}
