"""Means of samples with a stated error probability, shared over a whole suite by Bonferroni's inequality.

`bounded_mean` is rigorous for independent samples in a known range, at every sample size. `student_mean` is
only asymptotic, says so, and must not decide a claim. A failed interval is an event of the stated
probability, so every interval of a suite holds at once with probability at least 1 - error_probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from checks.errors import RequestError

HOEFFDING_BERNSTEIN = "empirical Bernstein and Hoeffding, rigorous for bounded independent samples"
STUDENT = "Student t, asymptotic: right only for normal samples"


@dataclass(frozen=True)
class MeanInterval:
    """Sample means (B,); the bounds hold for all B at once, except with probability `error_probability`."""

    mean: Tensor
    lower: Tensor
    upper: Tensor
    samples: int
    error_probability: float
    rigorous: bool
    method: str


@dataclass(frozen=True)
class MonteCarlo:
    """One member of a suite: its intervals fail with probability at most suite_error / suite_size."""

    suite_error: float = 1e-6
    suite_size: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.suite_error < 1:
            raise RequestError(f"the error probability is {self.suite_error}: give a number between 0 and 1.")
        if self.suite_size < 1:
            raise RequestError(f"a suite of {self.suite_size} members is empty: give at least one.")

    @property
    def share(self) -> float:
        """Error probability of this member, all its intervals together."""
        return self.suite_error / self.suite_size

    def bounded_mean(self, values: Tensor, low: Tensor | float, high: Tensor | float) -> MeanInterval:
        """Expectations of samples (B, n) that lie in [low, high] (numbers or (B,)) for sure.

        Each of the B intervals has a share of error / B; four one-sided bounds split that: Hoeffding's
        (high - low) sqrt(ln(1/p) / (2 n)), and the empirical Bernstein bound of A. Maurer and M. Pontil (COLT
        2009, Theorem 4), sqrt(2 V ln(2/p) / n) + 7 (high - low) ln(2/p) / (3 (n - 1)) with the sample
        variance V.
        """
        samples = _checked(values)
        bottom, top = (torch.as_tensor(b, dtype=samples.dtype, device=samples.device) for b in (low, high))
        if bool((samples < bottom[..., None]).any() or (samples > top[..., None]).any()):
            raise RequestError(
                "a sample lies outside the stated range: widen the range, it must hold for sure."
            )
        count, width = samples.shape[1], top - bottom
        each = self.share / (4 * samples.shape[0])
        hoeffding = width * math.sqrt(math.log(1 / each) / (2 * count))
        log = math.log(2 / each)
        bernstein = (2 * samples.var(1) * log / count).sqrt() + 7 * width * log / (3 * (count - 1))
        mean, half = samples.mean(1), torch.minimum(hoeffding.expand_as(bernstein), bernstein)
        lower, upper = torch.maximum(mean - half, bottom), torch.minimum(mean + half, top)
        return MeanInterval(mean, lower, upper, count, self.share, True, HOEFFDING_BERNSTEIN)

    def student_mean(self, values: Tensor) -> MeanInterval:
        """Expectations of samples (B, n) as if they were normal: for orientation only."""
        from scipy.stats import t as student

        samples = _checked(values)
        count = samples.shape[1]
        quantile = float(student.isf(self.share / (2 * samples.shape[0]), count - 1))
        mean, half = samples.mean(1), quantile * samples.std(1) / math.sqrt(count)
        return MeanInterval(mean, mean - half, mean + half, count, self.share, False, STUDENT)


def _checked(values: Tensor) -> Tensor:
    """Samples as finite (B, n) float64 with n >= 2, since a variance needs two."""
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2:
        raise RequestError(
            f"samples of shape {tuple(values.shape)}: give (problems, samples), at least two samples."
        )
    if not bool(torch.isfinite(values).all()):
        raise RequestError("the samples hold NaN or infinity: mend what was measured.")
    return values.double()
