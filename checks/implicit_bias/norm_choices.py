"""The norms a claim about every norm is exercised in, and the steepest directions and subgradients they leave a choice of."""

from __future__ import annotations

from checks.arithmetic import Arithmetic, Array, quotient
from checks.norms import L1, L2, BlockNorm, LInf, Lp, Norm

KINDS = 7


def norm_of(kind: int, d: int) -> Norm:
    """ℓ1, ℓ∞, ℓ2, ℓ3, ℓ1.5, and block norms with two blocks or with every third coordinate in one."""
    if kind < 5:
        return (L1(), LInf(), L2(), Lp(3), Lp("3/2"))[kind]
    marks = [i % 3 == 0 for i in range(d)] if kind == 6 else [i < (d + 1) // 2 for i in range(d)]
    blocks = [[i for i in range(d) if marks[i]], [i for i in range(d) if not marks[i]]]
    return BlockNorm([block for block in blocks if block])


def unit(norm: Norm, direction: Array, arithmetic: Arithmetic) -> Array:
    """`direction` (B, d) scaled to norm one; 0 stays 0."""
    return quotient(direction, norm.norm(direction)[..., None], arithmetic)


def another_steepest(norm: Norm, g: Array, filler: Array, arithmetic: Arithmetic) -> Array:
    """A second maximiser of ⟨g, D⟩ over ‖D‖ ≤ 1, where there is a choice: `filler` (‖filler‖ ≤ 1) where it costs nothing.

    ℓ1: half of it on the last of tied largest slopes. ℓ∞ and blocks: the filler on coordinates (blocks) without slope.
    Other norms: the filler where all of g is 0.
    """
    best = norm.steepest(g)
    if isinstance(norm, L1):
        backwards = list(range(g.shape[-1]))[::-1]
        return (best + norm.steepest(g[..., backwards])[..., backwards]) / 2
    if isinstance(norm, LInf):
        size = arithmetic.abs(g)
    elif isinstance(norm, BlockNorm):
        size = norm.partition.spread(g, lambda b: arithmetic.amax(arithmetic.abs(b), -1), arithmetic)
    else:
        size = arithmetic.amax(arithmetic.abs(g), -1)[..., None]
    return arithmetic.where(size == 0, filler, best)


def subgradient(norm: Norm, x: Array, arithmetic: Arithmetic) -> Array:
    """A Δ with ‖Δ‖_* ≤ 1 and ⟨x, Δ⟩ = ‖x‖ (0 at x = 0): the steepest direction of the dual norm."""
    if isinstance(norm, L1):
        return LInf().steepest(x)
    if isinstance(norm, LInf):
        return L1().steepest(x)
    if isinstance(norm, Lp):
        return Lp(norm.q).steepest(x)
    if not isinstance(norm, BlockNorm):
        return norm.steepest(x)
    # The dual sums √d_b‖Δ_b‖ over blocks, so Δ sits in one largest block, at x_b / (‖x_b‖ √d_b).
    blocks = norm.partition.blocks
    sizes = arithmetic.stack([BlockNorm([range(len(b))]).norm(x[..., list(b)]) for b in blocks], -1)
    chosen, share = arithmetic.one_largest(sizes), arithmetic.zeros(x.shape)
    for place, block in enumerate(blocks):
        share[..., list(block)] = (chosen[..., place] / len(block))[..., None] + share[..., list(block)]
    return norm.steepest(x) * share
