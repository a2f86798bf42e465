"""Short scripts, each showing one thing that is false: its numbers beside the predicted ones, and a picture.

Every script has a `run(seed, device, progress)` that returns a `Counterexample`. `python -m
counterexamples.NAME` prints it, draws it and writes its evidence (see `counterexamples.command`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from checks.picture import Picture

Progress = Callable[[float], None]
"""Called with the finished share of the work, between 0 and 1."""


def silent(done: float) -> None:
    """The progress callback that shows nothing."""


@dataclass(frozen=True)
class Number:
    """One computed value beside what the mathematics predicts, and whether the two agree.

    Build it with `equal`, `close`, `below` or `above`, which decide `holds` from the value itself.
    """

    label: str
    computed: str | float
    predicted: str | float
    holds: bool


def equal(label: str, computed: object, predicted: object) -> Number:
    """Exact equality, for rationals and whole numbers; both are kept as text so that nothing is rounded."""
    return Number(label, str(computed), str(predicted), computed == predicted)


def close(label: str, computed: float, predicted: float, within: float) -> Number:
    """Agreement up to the error `within`, whose reason stands where it is chosen. NaN never agrees."""
    return Number(label, float(computed), float(predicted), abs(computed - predicted) <= within)


def below(label: str, computed: float, bound: float) -> Number:
    """The value lies strictly below the bound."""
    return Number(label, float(computed), f"< {bound:.6g}", bool(computed < bound))


def above(label: str, computed: float, bound: float) -> Number:
    """The value lies strictly above the bound."""
    return Number(label, float(computed), f"> {bound:.6g}", bool(computed > bound))


@dataclass(frozen=True)
class Counterexample:
    """What one script found.

    title: what it shows; claim: the false statement; numbers: computed beside predicted, in the order of the
    mathematics; text: why it is false; pictures: its figures, drawn when the result is recorded.
    """

    title: str
    claim: str
    numbers: list[Number]
    text: str
    pictures: list[Picture] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """`shown` when there are numbers and every one agrees with its prediction, else `not_shown`."""
        return "shown" if self.numbers and all(number.holds for number in self.numbers) else "not_shown"

    def fields(self) -> dict[str, Any]:
        """The evidence fields of a counterexample, figures aside."""
        numbers = [asdict(number) for number in self.numbers]
        return {
            "title": self.title,
            "claim": self.claim,
            "numbers": numbers,
            "verdict": self.verdict,
            "text": self.text,
        }


def table(numbers: list[Number]) -> str:
    """The numbers as aligned lines: label, computed, predicted, and a mark for those that disagree."""
    rows = [("", "computed", "predicted", "")]
    rows += [(n.label, show(n.computed), show(n.predicted), "" if n.holds else "  <- disagrees") for n in numbers]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}{row[3]}" for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def show(value: str | float) -> str:
    """Text as it is, numbers to six significant digits."""
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if math.isfinite(value) else str(value)
