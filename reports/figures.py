"""One matplotlib style for every figure, saved as SVG: the same numbers give the same bytes."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure

from reports.evidence import replace_text

COLOURS = ("#0b5394", "#b45309", "#2f7d32", "#8e2f8a", "#5b6470")
"""Told apart in print and by colour-blind readers; still vary dashes or markers where two lines can cross."""

STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: small files, searchable, readable to a screen reader
    "svg.hashsalt": "adamw-theorems",  # without it element ids are random
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "sans-serif"],  # ships with matplotlib, so layout is the same anywhere
    "font.size": 10,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#5b6470",
    "axes.labelcolor": "#20262e",
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e6e8eb",
    "grid.linewidth": 0.8,
    "xtick.color": "#454d57",
    "ytick.color": "#454d57",
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "legend.frameon": False,
    "path.simplify": True,
    "path.simplify_threshold": 0.5,  # half a pixel: nothing visible is lost, long runs stay small
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
}


def figure(width: float = 6.4, height: float = 3.4, **subplots: Any) -> tuple[Figure, Any]:
    """A figure of `width` x `height` inches and its axes, in the shared style.

    Further arguments go to `Figure.subplots` (`nrows`, `ncols`, `sharex`, ...); with more than one pane the
    second value is an array of axes. The style becomes matplotlib's default for the process, because titles
    and legends read it only when they are added. No display is opened and nothing has to be closed.
    """
    matplotlib.rcParams.update(STYLE)
    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots(**subplots)


def save(fig: Figure, path: str | Path) -> Path:
    """Write the figure as SVG, the same bytes for the same figure; RequestError when it cannot be written."""
    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    replace_text(Path(path), buffer.getvalue())
    return Path(path)
