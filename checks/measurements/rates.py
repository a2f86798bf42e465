"""The rates measured: mean gradient norms of AdamW, Adam, NAdamW and SGD against K, d, σ_s, L and D, beside the theorems' bounds.

The functions have exactly the L, D and σ_s that the schedules are given: f = (L/2)‖x - c‖² with all coordinates alike, and
cosine wells started where they are concave. x¹ stands at the theorems' bound on ‖x¹‖∞ and c next to it, far from 0, and the
weight decay at its bound, so that it pulls as hard as the theorems allow. NAdamW has τ = θ.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

from checks.arithmetic import TorchArithmetic
from checks.l1_rate import long_runs
from checks.measurements import Measurement, Progress, rate_means, silent
from checks.measurements.rate_means import (
    ERROR,
    FULL,
    GAMMA,
    SHOWN,
    SQUARES,
    USUAL,
    Exponent,
    Mean,
    Means,
    Point,
    Scale,
    exponents,
    factors,
    grid,
    largest_share,
    measured,
    varied,
)
from checks.picture import Picture

SOURCES = (long_runs.__file__, rate_means.__file__)
"""Further files that what is measured depends on."""
COLOURS, MARKERS = ("#0b5394", "#b45309", "#2f7d32"), ("o", "s", "^")
LETTERS = {"sigma_s": "σₛ"}


def run(
    seed: int = 0, device: str = "cpu", progress: Progress = silent, full: bool = False, scale: Scale | None = None
) -> Measurement:
    """Measure, fit the exponents, describe. full: d up to 10⁴ and K up to 10⁵, many minutes on a CPU.

    details: "means" (a `Mean` for each `Point`), "exponents".
    """
    TorchArithmetic(device)  # refuses a device that this machine does not have
    chosen = scale or (FULL if full else USUAL)
    return described(measured(chosen, seed, device, progress), chosen)


def described(means: Means, scale: Scale) -> Measurement:
    """Numbers, text and pictures of the means at all points of a scale."""
    slopes = exponents(means, scale)
    return Measurement(
        title="Rates of AdamW, Adam, NAdamW and SGD",
        numbers=[*shares(means), *fitted(means, scale), *exponent_rows(slopes)],
        text=text(scale),
        pictures=pictures(means, slopes, scale),
        details={"means": means, "exponents": slopes},
    )


# -- numbers -----------------------------------------------------------------------------------------------------------


def shares(means: Means) -> list[tuple[str, float | str]]:
    """How near a mean may be to its bound, and how sure that is."""
    rows: list[tuple[str, float | str]] = [
        (f"{method}: largest upper confidence bound over the proved bound", _rounded(largest_share(means, method, "quadratic")))
        for method in SHOWN]
    rows.append(("AdamW in cosine wells: the same", _rounded(largest_share(means, "AdamW", "wells"))))
    return [*rows, ("probability that any confidence interval fails", ERROR)]


def _rounded(share: float) -> float:
    """To six digits: SGD attains its bound without noise, but for rounding."""
    return float(f"{share:.6g}")


def fitted(means: Means, scale: Scale) -> list[tuple[str, float | str]]:
    """The means over K as the sum of the two terms of the rate, for the methods in the l1 norm."""
    rows: list[tuple[str, float | str]] = []
    for method in SHOWN[:3]:
        noisy, slow = factors(means, scale, method)
        rows.append((f"{method}: means over K, least squares", f"{noisy:.2f} √d(σₛ²LD/K)^¼ + {slow:.2f} √(dLD/K)"))
    return rows


def exponent_rows(slopes: list[Exponent]) -> list[tuple[str, float | str]]:
    """Exponents measured and of the bound; those of d, L and D without noise share a row, being exact."""
    rows: list[tuple[str, float | str]] = []
    for (method, noisy, _), group in groupby(slopes, lambda e: (e.method, e.noisy, e.noisy or e.parameter == "K")):
        together = list(group)
        for some in [[found] for found in together] if noisy else [together]:
            names = ", ".join(letter(found.parameter) for found in some)
            title = f"{method}, exponent{'s' if len(some) > 1 else ''} of {names} {'with' if noisy else 'without'} noise"
            rows.append((title, exponent_words(some)))
    return rows


def exponent_words(some: list[Exponent]) -> str:
    """What was measured, the bound's slope between the same points, and its limit."""
    words = "; ".join(f"{title} {', '.join(parts)}" for title, parts in (
        ("measured", [_with_interval(found) for found in some]), ("bound", [f"{found.bound:.3f}" for found in some]),
        ("tends to", [str(found.limit) for found in some])))
    return words.removeprefix("measured ").replace("-", "−").replace("−0.000", "0.000")


def _with_interval(found: Exponent) -> str:
    half = max(found.upper - found.measured, found.measured - found.lower)
    return f"{found.measured:.3f}" + (f" ± {half:.3f}" if found.noisy else "")


def letter(parameter: str) -> str:
    """The parameter as the text writes it."""
    return LETTERS.get(parameter, parameter)


def text(scale: Scale) -> str:
    """How it was measured, and what to make of it."""
    return (
        "f = (L/2)‖x − c‖² with d coordinates alike, sign noise of equal σᵢ = σₛ/√d, and every parameter from the schedules "
        f"(γ = {GAMMA:g}, β = √θ, s = {long_runs.S:g}, weight decay and ‖x¹‖∞ at their bounds, τ = θ). Shown is the mean of "
        "‖∇f‖₁ over the K steps; for SGD the root of the mean of ‖∇f‖₂², which is at least the mean of ‖∇f‖₂. L = D = 1 and "
        f"σₛ = 1, or σₛ = 0, but for the parameter that varies; then d = {scale.dim:,} and K = {scale.steps_apart:,} "
        f"({scale.squares_apart:,} for SGD, whose squares ask for more paths as K grows). "
        f"{scale.paths:,} independent paths of one coordinate stand for all of them ({scale.paths * SQUARES:,} for SGD). The "
        "intervals are rigorous for bounded independent samples (empirical Bernstein, Hoeffding), with a bound on |∇ᵢf| that "
        "holds on every path; those of the "
        "exponents follow from them. Without noise there is one path and no error. By hand: without noise Adam walks √(8K) "
        "steps to the minimum, so its mean is near 2√(dLD/K); with noise it then moves about with a mean near "
        "½√(√2/π)·√d(σₛ²LD/K)^¼, and the way there adds a term in K^−½ that fades slowly. d, L and D only set the scale of this "
        "instance: its exponents of d, L and D without noise are exact."
    )


# -- pictures ----------------------------------------------------------------------------------------------------------


def pictures(means: Means, slopes: list[Exponent], scale: Scale) -> list[Picture]:
    """Means against K with noise and without, and the exponents."""
    captions = (
        "With noise, σₛ = 1: measured means (marks, with intervals where they can be seen) and the proved bounds (dashed). "
        "Crosses: AdamW in cosine wells.",
        "Without noise. SGD's bound is attained: its line and its bound coincide, for every d.",
        "Exponents: measured (marks with intervals), of the bound between the same points (small bars), and what the bound's "
        "exponent tends to as K grows (grey lines; SGD's exponent of d is 0).",
    )
    panes = {"nrows": 2, "ncols": 2, "sharex": True}
    return [
        Picture("rates_noise.svg", captions[0], lambda axes: draw_means(axes, means, scale, 1.0), 7.4, 6.0, panes),
        Picture("rates_silent.svg", captions[1], lambda axes: draw_means(axes, means, scale, 0.0), 7.4, 6.0, panes),
        Picture("rates_exponents.svg", captions[2], lambda axes: draw_exponents(axes, slopes), 7.4, 3.8,
                {"ncols": 2, "width_ratios": [5, 4]}),
    ]


def draw_means(axes: Any, means: Means, scale: Scale, sigma_s: float) -> None:
    """One pane a method: means and bounds against K, a colour and a mark for each d."""
    for pane, method in zip(axes.flat, SHOWN, strict=True):
        for dim, colour, marker in zip(scale.dims, COLOURS, MARKERS, strict=True):
            chosen = [p for p in grid(scale, method, sigma_s=sigma_s) if p.d == dim]
            _line(pane, chosen, means, colour, marker, f"d = {dim:,}")
            pane.plot([p.K for p in chosen], [means[p].bound for p in chosen], "--", color=colour, linewidth=1.1)
        if method == "AdamW":
            wells = grid(scale, method, "wells", sigma_s)
            _line(pane, wells, means, "#5b6470", "x", f"wells, d = {scale.dim:,}", linestyle=":")
        norm = "√ mean ‖∇f‖₂²" if method == "SGD" else "mean ‖∇f‖₁"
        pane.set(xscale="log", yscale="log", title=f"{method}: {norm}")
        pane.set(xticks=scale.steps, xticklabels=[f"{steps:,}" for steps in scale.steps])
        pane.minorticks_off()
        _whole_decades(pane)
    for pane in axes[-1]:
        pane.set(xlabel="K")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    (dashed,) = axes.flat[0].plot([], [], "--", color="black", linewidth=1.1)
    axes.flat[0].figure.legend([*handles, dashed], [*labels, "proved bound"], loc="outside lower center", ncols=5, fontsize=8)


def _whole_decades(pane: Any) -> None:
    """The vertical axis from one power of ten to another, so that every pane has at least two labels."""
    low, high = (math.log10(end) for end in pane.get_ylim())
    pane.set_ylim(10 ** math.floor(low), 10 ** math.ceil(high))


def _line(pane: Any, chosen: list[Point], means: Means, colour: str, marker: str, label: str, linestyle: str = "-") -> None:
    found: list[Mean] = [means[p] for p in chosen]
    steps = [p.K for p in chosen]
    pane.plot(steps, [mean.value for mean in found], color=colour, marker=marker, linestyle=linestyle, label=label, linewidth=1.3)
    if chosen[0].sigma_s:
        pane.vlines(steps, [mean.lower for mean in found], [mean.upper for mean in found], color=colour, linewidth=1.3)


def draw_exponents(axes: Any, slopes: list[Exponent]) -> None:
    """Left with noise, right without: a group for each parameter, a mark for each method."""
    for pane, noisy in zip(axes, (True, False), strict=True):
        names = [symbol.name for symbol in varied(noisy)]
        for found in slopes:
            if found.noisy == noisy:
                _mark(pane, found, names.index(found.parameter))
        pane.axhline(0, color="#5b6470", linewidth=0.8)
        pane.set(xticks=range(len(names)), xticklabels=[letter(name) for name in names], ylim=(-0.7, 0.8),
                 title="with noise" if noisy else "without noise")
        pane.grid(axis="x", visible=False)
    axes[0].set(ylabel="exponent")
    handles, labels = axes[0].get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes[0].figure.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=len(unique), fontsize=8)


def _mark(pane: Any, found: Exponent, group: int) -> None:
    number = SHOWN.index(found.method)
    at, colour = group + 0.2 * (number - 1.5), (*COLOURS, "#8e2f8a")[number]
    pane.hlines(float(found.limit), at - 0.1, at + 0.1, color="#9aa3ad", linewidth=1)
    pane.hlines(found.bound, at - 0.07, at + 0.07, color=colour, linewidth=3)
    if found.noisy:
        pane.vlines(at, found.lower, found.upper, color=colour, linewidth=1.3)
    pane.plot([at], [found.measured], color=colour, marker=("o", "s", "^", "D")[number], linestyle="", label=found.method)
