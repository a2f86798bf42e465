"""One step of (N)AdamW on every path: f falls by the scaled gradient, up to the momentum's error and the weight decay."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.core import Always, Claim, Convention, Part, Source, Step
from theory.core.claim import L1_RATE
from theory.core.rules import Identity, Polynomial, Termwise
from theory.l1_rate.schedule import L, eps, eta, lam
from theory.l1_rate.setting import (
    COORDINATES,
    ROOT,
    STEPS,
    G,
    everywhere,
    f,
    hypotheses,
    i,
    k,
    mt,
    over_coordinates,
    r,
    v,
    variables,
    x,
)

# Per coordinate, with s = √(v+ε):  -G r = ((G - rs)² - G² - r²s²)/(2s)  and  G - rs = (G - m̃) - λxs.
error, decay = (G[k, i] - mt[k, i]) ** 2, lam**2 * x[k, i] ** 2 * ROOT
length = ROOT * r[k, i] ** 2
product = eta * error + eta * lam**2 * x[k, i] ** 2 * ROOT**2 - eta / 2 * G[k, i] ** 2 - eta / 2 * r[k, i] ** 2 * ROOT**2
moved = x[k + 1, i] - x[k, i]
taylor = G[k, i] * moved + L / 2 * moved**2
bound = (f[k] - eta / 2 * over_coordinates(G[k, i] ** 2 / ROOT)
         - eta / 2 * (1 - L * eta / sp.sqrt(eps)) * over_coordinates(length)
         + eta / sp.sqrt(eps) * over_coordinates(error) + eta * lam**2 * over_coordinates(x[k, i] ** 2 * ROOT))
descent = Always(sp.Le(f[k + 1], bound), STEPS)

# What is shown of each coordinate, then summed.
COORDINATEWISE: dict[str, Any] = {
    "product, divided": sp.Le(-eta * G[k, i] * r[k, i], product / ROOT),
    "quotient": sp.Eq(product / ROOT,
                      eta * error / ROOT + eta * decay - eta / 2 * G[k, i] ** 2 / ROOT - eta / 2 * length),
    "error": sp.Le(eta * error / ROOT, eta / sp.sqrt(eps) * error),
    "curvature": sp.Le(L / 2 * eta**2 * r[k, i] ** 2, L / 2 * eta**2 / sp.sqrt(eps) * length),
    "slope": sp.Eq(taylor, -eta * G[k, i] * r[k, i] + L / 2 * eta**2 * r[k, i] ** 2),
}


def summed(name: str, relation: Any) -> Step:
    """The sum over coordinates of a relation already shown of each."""
    left, right = over_coordinates(relation.lhs), over_coordinates(relation.rhs)
    return Step(f"sum: {name}", Always(relation.func(left, right), STEPS), Termwise(name, over=COORDINATES))


proof = [
    Step("root", everywhere(sp.Ge(ROOT, sp.sqrt(eps))), Polynomial()),
    Step("direction, scaled", everywhere(sp.Eq(G[k, i] - r[k, i] * ROOT, (G[k, i] - mt[k, i]) - lam * x[k, i] * ROOT)),
         Polynomial("direction")),
    Step("square", everywhere(sp.Le((G[k, i] - r[k, i] * ROOT) ** 2, 2 * error + 2 * lam**2 * x[k, i] ** 2 * (v[k, i] + eps))),
         Polynomial("direction, scaled")),
    Step("product", everywhere(sp.Le(-2 * G[k, i] * r[k, i] * ROOT,
                                     2 * error + 2 * lam**2 * x[k, i] ** 2 * ROOT**2 - G[k, i] ** 2 - r[k, i] ** 2 * ROOT**2)),
         Polynomial("square")),
    Step("product, times η", everywhere(sp.Le(-eta * G[k, i] * r[k, i] * ROOT, product)), Polynomial("product")),
    Step("product, divided", everywhere(COORDINATEWISE["product, divided"]), Polynomial("product, times η", "root")),
    Step("quotient", everywhere(COORDINATEWISE["quotient"]), Identity()),
    Step("error", everywhere(COORDINATEWISE["error"]), Polynomial("root")),
    Step("curvature", everywhere(COORDINATEWISE["curvature"]), Polynomial("root")),
    Step("slope", everywhere(COORDINATEWISE["slope"]), Polynomial("update")),
    *(summed(name, relation) for name, relation in COORDINATEWISE.items()),
    Step("descent", descent, Polynomial("quadratic bound", *(f"sum: {name}" for name in COORDINATEWISE))),
]

CLAIM = Claim(
    id="l1_rate/one_step_descent",
    title="One-step descent",
    summary="On every path a step lowers f by half the scaled squared gradient and the scaled squared length of the step, up "
            "to the momentum's error and a term of the weight decay.",
    source=Source("l1_rate", "Equations 5-7", L1_RATE),
    provenance="restored",
    convention=Convention(),
    variables=variables(L, eta, eps, lam, x, G, f, v, mt, r),
    hypotheses=hypotheses("direction", "update", "quadratic bound"),
    parts=[Part("descent", descent, proof)],
    note="Nothing is assumed of m̃ and v but v ≥ 0, nor of the noise.",
)
