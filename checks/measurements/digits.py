"""A small network on scikit-learn's bundled digits: gradient norms, iterate and eps of real AdamW runs beside the theory.

`torch.optim.AdamW` trains a network with one hidden layer. After each epoch the parameters are frozen and the
gradient of every training row is taken, so the full gradient and the noise are those of the whole training
set, never of a training step. Four things are measured, of which none is proved for networks: the ratio
||grad||_1 / (sqrt(d) ||grad||_2), which is sqrt(2/pi) for Gaussian entries; weight_decay ||x||_inf, which
stays below 1 where the theory keeps the iterates in the ball; the share of sqrt(eps) in sqrt(v + eps) for the
eps of Theorem 1 of arXiv 2505.11840, sigma_s^2 / d; and the share of eps in PyTorch's sqrt(v) + eps with its
default 1e-8.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy

from checks.arithmetic import TorchArithmetic
from checks.measurements import Measurement, Progress, silent
from checks.norms import L1, L2, LInf
from checks.picture import Picture
from theory.l1_rate.gaussian_norm_ratio import mean_absolute

HIDDEN, BATCH, LR, EPOCHS = 64, 64, 0.01, 20
CHUNK = 256  # rows whose gradients are held at once: 5 MB each chunk
WEIGHT_DECAYS, BETAS = (0.1, 1.0, 10.0), ((0.9, 0.999), (0.9, 0.9))
GAUSSIAN = float(mean_absolute)
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Logged:
    """What one logging phase measures; the shares are quantiles
    QUANTILES over the parameters that have a gradient.

    loss: mean over the training set; ratio: ||grad||_1 / (sqrt(d) ||grad||_2); alive: share of parameters
    with a nonzero gradient; size: weight_decay ||x||_inf; noise: estimate of sigma_s^2 for one mini-batch;
    theory_share: sqrt(eps) / sqrt(v + eps) with eps = noise / d; torch_share: 1e-8 / (sqrt(v_hat) + 1e-8).
    """

    epoch: int
    loss: float
    ratio: float
    alive: float
    size: float
    noise: float
    theory_share: Tensor
    torch_share: Tensor


def training_set(device: str) -> tuple[Tensor, Tensor]:
    """(1797, 64) float32 pixels in [0, 1] and their (1797,) digits."""
    pixels, digits = load_digits(return_X_y=True)
    return torch.tensor(pixels / 16, dtype=torch.float32, device=device), torch.tensor(digits, device=device)


def network(seed: int, device: str) -> nn.Module:
    """64 -> HIDDEN -> 10 with ReLU, PyTorch's initialisation from this seed (global state is left alone)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = nn.Sequential(nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
    return layers.to(device)


def full_gradient(net: nn.Module, pixels: Tensor, digits: Tensor) -> tuple[Tensor, float]:
    """(mean (d,) of the row gradients at the frozen parameters, their total variance sum_i Var(g_i)), in
    float64.
    """
    frozen = {name: parameter.detach() for name, parameter in net.named_parameters()}

    def loss(parameters: dict[str, Tensor], row: Tensor, digit: Tensor) -> Tensor:
        return cross_entropy(functional_call(net, parameters, (row[None],)), digit[None])

    of_rows, total, squares = vmap(grad(loss), in_dims=(None, 0, 0)), torch.zeros(()), 0.0
    for some, labels in zip(pixels.split(CHUNK), digits.split(CHUNK), strict=True):
        gradients = of_rows(frozen, some, labels)
        flat = torch.cat([gradients[name].flatten(1) for name in frozen], dim=1)
        total = total.to(flat.device) + flat.sum(0, dtype=torch.float64)
        squares += float(flat.square().sum(dtype=torch.float64))
    mean = total / len(pixels)
    return mean, (squares - len(pixels) * float(mean.square().sum())) / (len(pixels) - 1)


def log(net: nn.Module, optimizer: torch.optim.AdamW, epoch: int, pixels: Tensor, digits: Tensor) -> Logged:
    """Measure everything with the parameters frozen; the optimizer's own second moments are read, not
    changed.
    """
    group = optimizer.param_groups[0]
    states = [optimizer.state[parameter] for parameter in net.parameters()]
    v = torch.cat([state["exp_avg_sq"].flatten() for state in states]).double()
    corrected = v / (1 - group["betas"][1] ** float(states[0]["step"]))
    full, variance = full_gradient(net, pixels, digits)
    # A mini-batch drawn with replacement has this variance; drawing without replacement makes it a little
    # smaller.
    noise = variance / BATCH
    eps, alive = noise / len(full), full != 0
    x = torch.cat([parameter.detach().flatten() for parameter in net.parameters()])
    levels = torch.tensor(QUANTILES, dtype=torch.float64, device=v.device)
    with torch.no_grad():
        loss = float(cross_entropy(net(pixels), digits))
    return Logged(
        epoch=epoch,
        loss=loss,
        ratio=float(L1().norm(full) / L2().norm(full)) / math.sqrt(len(full)),
        alive=float(alive.double().mean()),
        size=float(group["weight_decay"] * LInf().norm(x)),
        noise=noise,
        theory_share=torch.quantile((eps / (v + eps)).sqrt()[alive], levels).cpu(),
        torch_share=torch.quantile((group["eps"] / (corrected.sqrt() + group["eps"]))[alive], levels).cpu(),
    )


def train(
    weight_decay: float, betas: tuple[float, float], epochs: int, seed: int, device: str, progress: Progress
) -> list[Logged]:
    """One run of torch.optim.AdamW, other settings at their defaults; one logging phase after each epoch."""
    pixels, digits = training_set(device)
    net, rng = network(seed, device), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, betas=betas, weight_decay=weight_decay)
    logged = []
    for epoch in range(1, epochs + 1):
        for rows in torch.randperm(len(pixels), generator=rng).to(device).split(BATCH):
            optimizer.zero_grad()
            cross_entropy(net(pixels[rows]), digits[rows]).backward()
            optimizer.step()
        logged.append(log(net, optimizer, epoch, pixels, digits))
        progress(epoch / epochs)
    return logged


Runs = dict[tuple[float, tuple[float, float]], list[Logged]]


def numbers(runs: Runs) -> list[tuple[str, float | str]]:
    """The last epoch of each run, and what the ratio would be for Gaussian entries."""
    rows: list[tuple[str, float | str]] = [("‖∇f‖₁/(√d‖∇f‖₂) if the entries were Gaussian, √(2/π)", GAUSSIAN)]
    for (decay, betas), logged in runs.items():
        name, last = f"λ = {decay:g}, β = {betas}", logged[-1]
        rows += [
            (f"{name}: training loss", last.loss),
            (f"{name}: ‖∇f‖₁/(√d‖∇f‖₂)", last.ratio),
            (f"{name}: share of parameters with a gradient", last.alive),
            (f"{name}: λ‖x‖∞, largest over the epochs", max(epoch.size for epoch in logged)),
            (f"{name}: median share of √ε in √(v+ε), ε = σ²/d", float(last.theory_share[1])),
            (f"{name}: median share of 1e-8 in PyTorch's √v̂ + 1e-8", float(last.torch_share[1])),
        ]
    return rows


def draw_ratio(axes: Any, runs: Runs) -> None:
    """Left: norm ratio over the epochs; right: weight_decay ||x||_inf over the epochs."""
    left, right = axes
    styles = {decay: style for decay, style in zip(WEIGHT_DECAYS, ("-", "--", ":"), strict=True)}
    colours = {betas: f"C{number}" for number, betas in enumerate(BETAS)}
    for (decay, betas), logged in runs.items():
        epochs, look = [e.epoch for e in logged], {"linestyle": styles[decay], "color": colours[betas]}
        left.plot(epochs, [e.ratio for e in logged], **look)
        right.plot(epochs, [e.size for e in logged], label=f"λ = {decay:g}, β = {betas}", **look)
    left.axhline(GAUSSIAN, color="black", linewidth=0.8)
    left.annotate("Gaussian entries: √(2/π)", (1, GAUSSIAN), (0, 3), textcoords="offset points")
    left.set(xlabel="epoch", ylabel="‖∇f‖₁ / (√d ‖∇f‖₂)", ylim=(0, 1))
    right.axhline(1, color="black", linewidth=0.8)
    right.set(xlabel="epoch", ylabel="λ‖x‖∞", yscale="log")
    right.figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)


def draw_share(axes: Any, runs: Runs) -> None:
    """Share of eps in the denominator over the epochs, median and middle 80 % of those with a gradient."""
    decay = WEIGHT_DECAYS[1]
    for pane, betas in zip(axes, BETAS, strict=True):
        logged = runs[decay, betas]
        epochs = [e.epoch for e in logged]
        for name, attribute, colour in (("σ²/d", "theory_share", "C0"), ("PyTorch's", "torch_share", "C1")):
            low, middle, high = torch.stack([getattr(e, attribute) for e in logged]).T
            pane.semilogy(epochs, middle, color=colour, label=f"ε = {name}, median")
            pane.fill_between(epochs, low, high, color=colour, alpha=0.2, linewidth=0)
        pane.set(xlabel="epoch", title=f"λ = {decay:g}, β = {betas}", ylim=(1e-7, 2))
    axes[0].set(ylabel="share of ε in the denominator")
    axes[0].legend(loc="center left", fontsize=8)


def run(seed: int = 0, device: str = "cpu", progress: Progress = silent, epochs: int = EPOCHS) -> Measurement:
    """Train every weight decay with every pair of betas; details["runs"] maps (weight_decay, betas) to its
    log.
    """
    TorchArithmetic(device)  # refuses a device that this machine does not have
    settings, runs = [(decay, betas) for betas in BETAS for decay in WEIGHT_DECAYS], {}
    for position, (decay, betas) in enumerate(settings):

        def part(done: float, position: int = position) -> None:
            progress((position + done) / len(settings))

        runs[decay, betas] = train(decay, betas, epochs, seed, device, part)
    captions = (
        "The ratio of the full gradient's norms and the size of the iterate after each epoch. Parameters "
        "behind "
        "pixels that are always blank, or behind dead units, have no gradient and lower the ratio.",
        "How much of the denominator is ε, over the parameters that have a gradient: line, median; band, the "
        "middle 80 %.",
    )
    return Measurement(
        title="A small network on the digits, trained by torch.optim.AdamW",
        numbers=numbers(runs),
        text="On scikit-learn's bundled digits. "
        f"64 inputs, {HIDDEN} hidden units, 10 outputs; {epochs} epochs of mini-batches of {BATCH}, "
        f"learning rate "
        f"{LR:g}. After each epoch the parameters are frozen and the gradients of all 1797 rows are taken. "
        f"σ² is their "
        "total variance over the batch size. PyTorch divides by √v̂ + 1e-8 with bias correction; Theorem "
        "1's ε = σ²/d "
        "stands inside the root, and its share is taken with the same v.",
        pictures=[
            Picture("digits_norms.svg", captions[0], lambda axes: draw_ratio(axes, runs), 7.4, 3.8, {"ncols": 2}),
            Picture(
                "digits_epsilon.svg",
                captions[1],
                lambda axes: draw_share(axes, runs),
                7.4,
                3.2,
                {"ncols": 2, "sharey": True},
            ),
        ],
        details={"runs": runs},
    )
