"""Batches of smooth test functions with certified constants; FAMILIES names every one of them.

A family is called as `FAMILIES[name](rng, batch, dim, **options)` and returns a float64 `Problem` on the
generator's device. To add one, write a file with a `Problem` subclass whose docstring proves its constants,
and list its constructor here: the tests pick it up by name.
"""

from __future__ import annotations

from collections.abc import Callable

from checks.problems.base import Constants, Problem
from checks.problems.cosine_wells import CosineWells, cosine_wells
from checks.problems.coupled_wells import CoupledWells, coupled_wells
from checks.problems.diagonal_quadratics import DiagonalQuadratic, diagonal_quadratics
from checks.problems.huber import Huber, huber
from checks.problems.log_cosh import LogCosh, log_cosh
from checks.problems.log_sum_exp import LogSumExp, log_sum_exp, log_sum_exp_shifted
from checks.problems.logistic import Logistic, logistic, logistic_unregularised
from checks.problems.quadratics import Quadratic, dense_quadratics, rotated_quadratics

FAMILIES: dict[str, Callable[..., Problem]] = {
    "dense_quadratics": dense_quadratics,
    "diagonal_quadratics": diagonal_quadratics,
    "rotated_quadratics": rotated_quadratics,
    "cosine_wells": cosine_wells,
    "log_cosh": log_cosh,
    "huber": huber,
    "logistic": logistic,
    "logistic_unregularised": logistic_unregularised,
    "log_sum_exp": log_sum_exp,
    "log_sum_exp_shifted": log_sum_exp_shifted,
    "coupled_wells": coupled_wells,
}
CONVEX_FAMILIES = [name for name in FAMILIES if name not in ("cosine_wells", "coupled_wells")]

__all__ = [
    "CONVEX_FAMILIES", "FAMILIES", "Constants", "CosineWells", "CoupledWells", "DiagonalQuadratic", "Huber",
    "LogCosh", "LogSumExp", "Logistic", "Problem", "Quadratic", *FAMILIES,
]  # fmt: skip
