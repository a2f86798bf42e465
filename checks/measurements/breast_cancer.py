"""Logistic regression: AdamW's limit is the minimiser on ||x||_inf <= 1/weight_decay.

The data is scikit-learn's bundled breast-cancer set. The smooth convex loss is the mean of
log(1 + exp(-y_j <z_j, x>)) over 569 standardised rows of 30 features and a constant one, without any l2 term.
AdamW uses the full gradient, eps = 0 and lr_t = 2 / (weight_decay (t + 1)), which is non-increasing with infinite
sum, so by Theorem 1.1 of arXiv 2404.04454 (beta1 <= beta2 < 1) its limit is the minimiser of the loss on the box.
A convex solver finds the same minimiser independently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from torch import Tensor

from checks.arithmetic import TorchArithmetic
from checks.constrained import kkt_residual, kkt_score, solve_boxes, stack
from checks.measurements import Measurement, Progress, silent
from checks.optimizers import AdamW
from checks.picture import Picture
from checks.problems.logistic import Logistic

WEIGHT_DECAYS = (0.2, 0.5, 1.0, 2.0, 5.0)
BETAS = ((0.9, 0.9), (0.9, 0.99))
STEPS = 10_000
# On a face: nearer to it than this share of the radius. The solver's optima are either on a face to 1e-9 or
# at least 8e-3 from it; AdamW's oscillation has the size of lr_T, 2e-4 radii, times a factor that grows with
# 1 - beta2 -> 0.
FACE = 5e-3


@dataclass(frozen=True)
class Setting:
    """One problem of the batch."""

    weight_decay: float
    beta1: float
    beta2: float

    def __str__(self) -> str:
        return f"λ = {self.weight_decay:g}, β = ({self.beta1:g}, {self.beta2:g})"


def settings() -> list[Setting]:
    """Every weight decay with every pair of betas, in the order of the batch."""
    return [Setting(decay, *betas) for betas in BETAS for decay in WEIGHT_DECAYS]


def signed_rows() -> Tensor:
    """(569, 31) float64: label times (standardised features, 1), label +1 for benign and -1 for malignant."""
    data = load_breast_cancer()
    features = (data.data - data.data.mean(0)) / data.data.std(0)
    rows = np.hstack([features, np.ones((len(features), 1))])
    return torch.from_numpy(rows * (2.0 * data.target - 1)[:, None])


def problem(batch: int) -> Logistic:
    """The same loss `batch` times."""
    rows = signed_rows()
    return Logistic(rows.expand(batch, *rows.shape).clone(), torch.zeros(batch, dtype=torch.float64))


@dataclass(frozen=True)
class Recorded:
    """What is kept of the run, every (R, B): steps t, loss, score S / weight_decay, weight_decay ||x||_inf;
    last x.
    """

    t: list[int]
    loss: Tensor
    certificate: Tensor
    size: Tensor
    x: Tensor


def train(steps: int, device: str, progress: Progress) -> Recorded:
    """All settings in one batch from x = 0, recorded at about 60 steps spaced evenly in log t."""
    arithmetic = TorchArithmetic(device)
    columns = torch.tensor([[s.weight_decay, s.beta1, s.beta2] for s in settings()], dtype=torch.float64, device=device)
    decay, beta1, beta2 = columns.T
    loss = problem(len(columns)).to(device=device)
    optimizer = AdamW(lambda t: 2 / (decay * (t + 1)), beta1, beta2, eps=0.0, weight_decay=decay)
    state = optimizer.init(torch.zeros(len(columns), loss.dim), arithmetic)
    recorded, rows = {int(t) for t in np.geomspace(1, steps, 60)}, []
    for t in range(1, steps + 1):
        state = optimizer.step(state, loss.gradient(state.x), arithmetic)
        if t in recorded:
            score = kkt_score(state.x, loss.gradient(state.x), decay)
            size = decay * state.x.abs().amax(-1)
            rows.append(torch.stack([loss.value(state.x), score / decay, size]).cpu())
            progress(t / steps)
    kept = torch.stack(rows, 1)
    return Recorded(sorted(recorded), kept[0], kept[1], kept[2], state.x.cpu())


def compare(run: Recorded) -> dict[str, Any]:
    """AdamW's last point against the solver's optimum; every array has the batch as its leading axis."""
    decay = torch.tensor([s.weight_decay for s in settings()], dtype=torch.float64)
    loss = problem(len(decay))
    optima = solve_boxes(problem(len(WEIGHT_DECAYS)), 1 / torch.tensor(WEIGHT_DECAYS, dtype=torch.float64))
    best, value, mu_plus, mu_minus = (part.repeat(len(BETAS), *[1] * (part.ndim - 1)) for part in stack(optima))
    gradient = loss.gradient(run.x)
    faces, best_faces = face(run.x, decay), face(best, decay)
    return {
        "gap": loss.value(run.x) - value,
        "certificate": kkt_score(run.x, gradient, decay) / decay,
        "residual": kkt_residual(run.x, gradient, decay),
        "size": decay * run.x.abs().amax(-1),
        "faces": faces,
        "best_faces": best_faces,
        "multiplier_error": ((gradient + mu_plus - mu_minus).abs() * (best_faces != 0)).amax(-1),
        "distance": (decay[:, None] * (run.x - best)).abs().amax(-1),
        "best": best,
        "optimum": value,
        "solver_gap": torch.tensor([o.duality_gap for o in optima], dtype=torch.float64),
    }


def face(x: Tensor, decay: Tensor) -> Tensor:
    """-1, 0 or 1 for each coordinate: on the lower face, on none, on the upper face of the box."""
    scaled = decay[:, None] * x
    return torch.sign(scaled) * (scaled.abs() >= 1 - FACE)


def numbers(found: dict[str, Any]) -> list[tuple[str, float | str]]:
    """One row for each measure and setting."""
    rows: list[tuple[str, float | str]] = []
    for b, setting in enumerate(settings()):
        agree = int((found["faces"][b] == found["best_faces"][b]).sum())
        active = int((found["best_faces"][b] != 0).sum())
        rows += [
            (f"{setting}: loss minus constrained optimum", float(found["gap"][b])),
            (
                f"{setting}: certified gap S/λ (bounds the gap while λ‖x‖∞ ≤ 1)",
                float(found["certificate"][b]),
            ),
            (f"{setting}: λ‖x‖∞", float(found["size"][b])),
            (f"{setting}: KKT residual", float(found["residual"][b])),
            (f"{setting}: largest error of a multiplier", float(found["multiplier_error"][b])),
            (
                f"{setting}: coordinates on the same face as the optimum",
                f"{agree} of 31 ({active} faces active)",
            ),
        ]
    rows.append(("solver: largest certified gap of its optima", float(found["solver_gap"].max())))
    return rows


def draw_gaps(axes: Any, run: Recorded, optimum: Tensor) -> None:
    """Left: loss minus constrained optimum and S/λ over the steps, for one weight decay; right: λ‖x‖∞."""
    left, right = axes
    for b, setting in enumerate(settings()):
        if setting.weight_decay != 1.0:
            continue
        label = f"β = ({setting.beta1:g}, {setting.beta2:g})"
        (line,) = left.loglog(run.t, (run.loss[:, b] - optimum[b]).abs(), label=f"gap, {label}")
        left.loglog(run.t, run.certificate[:, b].abs(), "--", color=line.get_color(), label=f"S/λ, {label}")
        right.semilogx(run.t, run.size[:, b], label=label)
    right.axhline(1, color="black", linewidth=0.8)
    left.set(xlabel="step t", ylabel="loss above the optimum (size)", title="λ = 1")
    right.set(xlabel="step t", ylabel="λ‖x‖∞", title="λ = 1", ylim=(0, None))
    left.legend(fontsize=8)
    right.legend(loc="lower right", fontsize=8)


def draw_coordinates(axes: Any, run: Recorded, best: Tensor) -> None:
    """λ x_i of AdamW against the solver's, for one pane each weight decay, coordinates in the optimum's
    order.
    """
    for pane, b in zip(axes, range(len(WEIGHT_DECAYS)), strict=True):
        decay = WEIGHT_DECAYS[b]
        order = torch.argsort(best[b])
        pane.plot(decay * best[b][order], "_", color="black", markersize=7, label="solver")
        pane.plot(decay * run.x[b][order], ".", label="AdamW")
        pane.axhline(1, color="#5b6470", linewidth=0.8)
        pane.axhline(-1, color="#5b6470", linewidth=0.8)
        pane.set(title=f"λ = {decay:g}", xticks=[])
    axes[0].set(ylabel="λ xᵢ, sorted")
    axes[0].legend(fontsize=8, loc="upper left")


def run(seed: int = 0, device: str = "cpu", progress: Progress = silent, steps: int = STEPS) -> Measurement:
    """Train all settings, solve the constrained problems, compare. Nothing is random: seed is not used.

    details: see `compare` (leading axis: `settings()`), and `run`, a `Recorded`.
    """
    recorded = train(steps, device, progress)
    found = compare(recorded)
    exact = found["size"] <= 1
    text = (
        "On scikit-learn's bundled breast-cancer data. "
        f"Mean logistic loss, 569 standardised rows, 30 features and a constant; {steps} full-gradient "
        f"steps of AdamW "
        "from x = 0 with ε = 0 and η_t = 2/(λ(t+1)), so λη_t sums to infinity and a limit must be the "
        "minimiser on "
        "‖x‖∞ ≤ 1/λ. The optima come from a convex solver and are certified by their own duality gap. S/λ "
        "bounds the gap "
        f"where λ‖x‖∞ ≤ 1, which holds at the end for {int(exact.sum())} of {len(exact)} settings: with β₁ "
        f"= β₂ always, "
        "with β₁ < β₂ only in the limit, where the loss can lie below the constrained optimum on the way. "
        "A coordinate "
        f"counts as on a face when λ|xᵢ| ≥ {1 - FACE:g}."
    )
    captions = (
        "Distance of AdamW's loss from the constrained optimum, its certificate S/λ, and λ‖x‖∞, over the steps.",
        "Every coordinate of AdamW's last iterate (β₁ = β₂ = 0.9) beside the solver's constrained optimum.",
    )
    panes = {"ncols": len(WEIGHT_DECAYS), "sharey": True}
    pictures = [
        Picture(
            "breast_cancer_gap.svg",
            captions[0],
            lambda axes: draw_gaps(axes, recorded, found["optimum"]),
            width=7.4,
            subplots={"ncols": 2},
        ),
        Picture(
            "breast_cancer_faces.svg",
            captions[1],
            lambda axes: draw_coordinates(axes, recorded, found["best"]),
            width=8.0,
            height=2.8,
            subplots=panes,
        ),
    ]
    details = {**found, "run": recorded}
    return Measurement("Logistic regression on breast-cancer data", numbers(found), text, pictures, details)
