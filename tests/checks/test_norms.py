"""Norms agree with numpy and brute force, and `steepest` attains the dual norm, at ties and zeros too."""

from __future__ import annotations

import itertools

import flint
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from checks.arithmetic import BallArithmetic, RationalArithmetic, TorchArithmetic
from checks.errors import RequestError
from checks.norms import L1, L2, BlockNorm, LInf, Lp
from checks.partition import Partition

BLOCKS = [[0, 3], [1], [2, 4, 5]]
NORMS = {
    "l1": L1(),
    "l2": L2(),
    "linf": LInf(),
    "l1.5": Lp(1.5),
    "l3": Lp(3),
    "l12": Lp(12),
    "blocks": BlockNorm(BLOCKS),
}
every_norm = pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS.keys())
# A few dozen roundings of numbers near one; the Lp powers lose a digit more at p = 12.
ROUNDING = 1e-13


def _draw(seed: int, spread: float, batch: int = 40) -> torch.Tensor:
    """Rows with very different sizes, and with zeros and ties in some of them."""
    rng = torch.Generator().manual_seed(seed)
    g = torch.randn(batch, 6, generator=rng, dtype=torch.float64)
    g = g * 10 ** (spread * torch.randn(batch, 6, generator=rng, dtype=torch.float64))
    g[::4, 1:3] = 0.0
    g[1::4, :] = g[1::4, :1] * torch.sign(g[1::4, :])
    g[0] = 0.0
    return g


@every_norm
@given(seed=st.integers(0, 2**31), spread=st.sampled_from([0.0, 1.0, 30.0]))
def test_steepest_attains_the_dual_norm(norm, seed: int, spread: float) -> None:
    g = _draw(seed, spread)
    direction, dual = norm.steepest(g), norm.dual(g)
    assert direction.shape == g.shape and dual.shape == g.shape[:1]
    assert torch.isfinite(direction).all()
    assert ((direction * g).sum(-1) - dual).abs().le(ROUNDING * dual).all()
    assert norm.norm(direction).le(1 + ROUNDING).all()
    assert (direction[0] == 0).all() and dual[0] == 0


@every_norm
@given(seed=st.integers(0, 2**31), spread=st.sampled_from([0.0, 1.0]))
def test_no_direction_beats_the_dual_norm(norm, seed: int, spread: float) -> None:
    g, x = _draw(seed, spread), _draw(seed + 1, spread)
    product = norm.norm(x) * norm.dual(g)
    assert ((x * g).sum(-1)).le(product * (1 + ROUNDING)).all()


@every_norm
@given(seed=st.integers(0, 2**31), factor=st.sampled_from([-3.0, 1e-150, 1e150]))
def test_a_norm_is_homogeneous_and_subadditive(norm, seed: int, factor: float) -> None:
    x, y = _draw(seed, 1.0), _draw(seed + 1, 1.0)
    for size in (norm.norm, norm.dual):
        assert torch.allclose(size(factor * x), abs(factor) * size(x), rtol=ROUNDING, atol=0)
        assert size(x + y).le((size(x) + size(y)) * (1 + ROUNDING)).all()


@pytest.mark.parametrize(("norm", "order", "dual"), [(L1(), 1, np.inf), (L2(), 2, 2), (LInf(), np.inf, 1)])
@given(seed=st.integers(0, 2**31))
def test_against_numpy(norm, order, dual, seed: int) -> None:
    x = _draw(seed, 1.0)
    assert np.allclose(norm.norm(x), np.linalg.norm(x.numpy(), order, axis=-1), rtol=ROUNDING, atol=0)
    assert np.allclose(norm.dual(x), np.linalg.norm(x.numpy(), dual, axis=-1), rtol=ROUNDING, atol=0)


@pytest.mark.parametrize("p", [1.25, 1.5, 3, 7.5])
def test_lp_against_numpy(p: float) -> None:
    x = _draw(5, 1.0)
    assert np.allclose(Lp(p).norm(x), np.linalg.norm(x.numpy(), p, axis=-1), rtol=ROUNDING, atol=0)
    assert np.allclose(Lp(p).dual(x), np.linalg.norm(x.numpy(), p / (p - 1), axis=-1), rtol=ROUNDING, atol=0)


def test_block_norm_against_its_definition() -> None:
    x = _draw(9, 1.0).numpy()
    roots = [np.linalg.norm(x[:, block], axis=-1) for block in BLOCKS]
    sizes = [len(block) for block in BLOCKS]
    expected = np.max([r / np.sqrt(d) for r, d in zip(roots, sizes, strict=True)], axis=0)
    dual = np.sum([r * np.sqrt(d) for r, d in zip(roots, sizes, strict=True)], axis=0)
    assert np.allclose(BlockNorm(BLOCKS).norm(torch.tensor(x)), expected, rtol=ROUNDING, atol=0)
    assert np.allclose(BlockNorm(BLOCKS).dual(torch.tensor(x)), dual, rtol=ROUNDING, atol=0)


def test_block_norm_runs_from_linf_to_l2() -> None:
    x = _draw(3, 0.5)
    singles = BlockNorm([[i] for i in range(6)])
    assert torch.equal(singles.steepest(x), LInf().steepest(x))
    whole = BlockNorm(Partition.whole(6))
    assert torch.allclose(whole.norm(x), L2().norm(x) / 6**0.5, rtol=ROUNDING, atol=0)
    assert torch.allclose(whole.steepest(x), L2().steepest(x) * 6**0.5, rtol=ROUNDING, atol=0)


@pytest.mark.parametrize("norm", [L1(), LInf()], ids=["l1", "linf"])
def test_polyhedral_duals_by_brute_force_over_vertices_exactly(norm) -> None:
    ops = RationalArithmetic()
    vertices = list(itertools.product([-1, 1], repeat=3)) if isinstance(norm, LInf) else _signed_units(3)
    for row in itertools.product(["-1/3", "0", "1/3", "2"], repeat=3):
        g = ops.array([row])
        best = max(sum(a * b for a, b in zip(g[0], v, strict=True)) for v in vertices)
        assert norm.dual(g)[0] == best
        assert ops.sum(g * norm.steepest(g), -1)[0] == best
        assert norm.norm(norm.steepest(g))[0] <= 1


def _signed_units(d: int) -> list[tuple[int, ...]]:
    return [tuple(s * (i == j) for j in range(d)) for i in range(d) for s in (-1, 1)]


def test_euclidean_norms_stay_exact_on_rationals() -> None:
    ops = RationalArithmetic()
    x = ops.array([["3/5", "4/5"]])
    assert L2().norm(x)[0] == 1 and L2().dual(2 * x)[0] == 2
    assert BlockNorm([[0], [1]]).dual(x)[0] == flint.fmpq(7, 5)


@every_norm
def test_balls_enclose_the_floats(norm) -> None:
    ops, floats = BallArithmetic(128), TorchArithmetic()
    rows = _draw(11, 1.0, batch=6)[1:]
    balls = ops.array(rows)
    for name in ("norm", "dual", "steepest"):
        sharp = getattr(norm, name)(balls)
        plain = getattr(norm, name)(rows)
        assert np.allclose(ops.to_float(sharp), floats.to_float(plain), rtol=ROUNDING, atol=1e-300)
        assert all(float(value.rad()) <= 1e-12 * (1 + abs(float(value.mid()))) for value in sharp.flat)


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: Lp(1), "L1"),
        (lambda: Lp(float("inf")), "LInf"),
        (lambda: Lp(0.5), "no norm"),
        (lambda: Lp(float("nan")), "finite"),
        (lambda: BlockNorm([[0, 1], [1, 2]]), "partition"),
        (lambda: BlockNorm([[0], [2]]), "partition"),
        (lambda: BlockNorm([]), "partition"),
        (lambda: BlockNorm([[0], []]), "partition"),
        (lambda: BlockNorm([[0], [1]]).norm(torch.ones(2, 3)), "match"),
    ],
)
def test_bad_requests_say_how_to_mend_them(build, word: str) -> None:
    with pytest.raises(RequestError, match=word):
        build()


@every_norm
def test_steepest_survives_the_smallest_floats(norm) -> None:
    g = torch.full((1, 6), 5e-324, dtype=torch.float64)
    assert torch.allclose(norm.steepest(g), norm.steepest(torch.ones_like(g)), rtol=ROUNDING, atol=0)
