"""One-part claims for the checker's tests, and assertions on the verdict together with its reason."""

from __future__ import annotations

import sympy as sp

from theory.core import Claim, Part, Source, Step, Var, check_claim
from theory.core.verdicts import ClaimReport

a, b, c = sp.symbols("a b c", real=True)
p, q = sp.symbols("p q", positive=True)
u = sp.Symbol("u", nonnegative=True)
N = sp.Symbol("N", integer=True, positive=True)
M = sp.Symbol("M", integer=True, nonnegative=True)
i, j, k, n = sp.symbols("i j k n", integer=True)
s, t = sp.symbols("s t", real=True)
x, y = sp.IndexedBase("x", real=True), sp.IndexedBase("y", real=True)
w = sp.IndexedBase("w", nonnegative=True)
X, Y = sp.symbols("X Y", real=True)
Z = sp.IndexedBase("Z", real=True)

VARIABLES = (
    *(Var(symbol, "a number") for symbol in (a, b, c, p, q, u)), Var(N, "a count"), Var(M, "a count or zero"),
    *(Var(sequence, "a sequence", over=((1, N),)) for sequence in (x, y, w)),
    Var(X, "a random number", random=True), Var(Y, "a random number", random=True),
    Var(Z, "a random sequence", over=((0, sp.oo),), random=True),
)


def claim(conclusion, *proof, given=None, name="test/small", parts=(), uses=(), variables=VARIABLES, history=None) -> Claim:
    """A claim whose first part has the given proof: steps, or one rule that proves the conclusion at once."""
    steps = [step if isinstance(step, Step) else Step("goal", conclusion, step) for step in proof]
    first = Part("first", conclusion, steps)
    return Claim(name, "small", "small", Source("test", "1", ""), "derived", variables, given or {}, [first, *parts],
                 list(uses), history=history or {})


def reasons(report: ClaimReport) -> str:
    """Every reason the checker gave, in one text."""
    found = [report.reason]
    steps = []
    for part in report.parts:
        found.append(part.reason)
        steps += part.steps
    while steps:
        step = steps.pop()
        found.append(step.reason)
        steps += step.children
    return " | ".join(reason for reason in found if reason)


def proved(*args, **kwargs) -> None:
    """The claim is proved: the checker does not simply refuse everything."""
    report = check_claim(claim(*args, **kwargs))
    assert report.verdict == "proved", reasons(report)


def rejected(why: str, *args, **kwargs) -> None:
    """The claim is unproved, and the reason contains `why`."""
    report = check_claim(claim(*args, **kwargs))
    assert report.verdict in ("unproved", "vacuous")
    assert why in reasons(report), reasons(report)
