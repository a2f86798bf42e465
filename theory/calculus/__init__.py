"""Calculus as schemas on terms: what they conclude holds if their conditions hold. Trusted by the
claims that use them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from theory.calculus import gamma, integrals, interval, limits, monotone
from theory.core.instance import Instance

SCHEMAS: Mapping[str, Callable[..., Instance]] = {
    f.__name__: f
    for f in (
        monotone.monotone_goal, interval.interval, limits.rational_limit, limits.below_limit,
        integrals.fundamental, integrals.gamma_integral, integrals.rewrite, integrals.symmetric,
        gamma.gamma_next, gamma.gamma_positive, gamma.gamma_one, gamma.gamma_half,
        gamma.gamma_log_convex, gamma.power_product, gamma.power_inverse,
    )
}
