"""How verdicts, numbers and times read on the page: a glyph, words and a tone for each status."""
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Badge:
    """A status in three channels: glyph, words, and a tone that the style sheet colours."""

    glyph: str
    words: str
    tone: str


BADGES = {
    "proved": Badge("✓", "proved", "good"),
    "proved_modulo": Badge("◐", "proved modulo", "half"),
    "unproved": Badge("✗", "unproved", "bad"),
    "vacuous": Badge("∅", "vacuous", "bad"),
    "rechecked": Badge("✓", "read again", "good"),
    "differs": Badge("✗", "read otherwise", "bad"),
    "holds": Badge("✓", "holds", "good"),
    "refuted": Badge("✗", "refuted", "bad"),
    "not_run": Badge("○", "not run", "none"),
    "skipped": Badge("–", "skipped", "skipped"),
    "cited": Badge("¶", "cited", "cite"),
    "stale": Badge("!", "stale", "stale"),
    "shown": Badge("✓", "shown", "good"),
    "not_shown": Badge("✗", "not shown", "bad"),
    "recorded": Badge("•", "recorded", "plain"),
    "exact": Badge("≡", "exact", "plain"),
    "attained": Badge("=", "attained", "plain"),
    "approached": Badge("→", "approached", "plain"),
    "searched": Badge("≥", "found by search", "plain"),
    "unknown": Badge("?", "unknown", "none"),
    "necessary": Badge("✓", "necessary", "good"),
    "unneeded": Badge("∅", "not needed", "plain"),
    "definition": Badge("≔", "part of the definition", "plain"),
}

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def badge(status: str) -> Badge:
    """The badge of a status; one not known here is shown as it is, in the tone of what was not run."""
    return BADGES.get(status, Badge("?", status, "none"))


def number(value: Any) -> str:
    """Four digits, powers of ten raised, thousands separated; exact numbers (text) stay."""
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1e4 and abs(value) < 1e15 and value == int(value):
        return f"{int(value):,}"
    if 0 < abs(value - 1) < 5e-5:  # a ratio just short of its bound must not read as the bound
        return f"1 {'+' if value > 1 else '−'} {number(abs(value - 1))}"
    digits, _, power = f"{value:.4g}".partition("e")
    digits = digits.replace("-", "−")
    return f"{digits}×10{str(int(power)).translate(_RAISED)}" if power else digits


def duration(seconds: float | None) -> str:
    """Seconds in the unit that reads best."""
    if seconds is None:
        return "–"
    if seconds < 0.001:
        return "< 1 ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def moment(iso: str) -> str:
    """A time of day as people write it: `2026-11-20 09:30 UTC`."""
    day, _, time = iso.partition("T")
    zone = " UTC" if time.endswith(("+00:00", "Z")) else time[8:]
    return f"{day} {time[:5]}{zone}" if time else day


def shortened(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis when it is longer than `length` characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def anchor(id: str) -> str:
    """The fragment a claim's, counterexample's or run's section is reached by."""
    return id.replace("/", "--")
