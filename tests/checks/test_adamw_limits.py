"""The long runs behind Theorem 1.1 agree with it, and would not if AdamW or the certificate were wrong."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from checks.arithmetic import TorchArithmetic
from checks.implicit_bias import adamw_limits
from checks.implicit_bias.adamw_limits import draw, limits
from checks.kkt import kkt_score
from checks.optimizers import AdamW

EACH, STEPS = 5, 2000


def wrong_decay(**options: object) -> AdamW:
    return AdamW(**{**options, "weight_decay": 1.5 * options["weight_decay"]})


def with_epsilon(**options: object) -> AdamW:
    return AdamW(**{**options, "eps": 1e-2})


def small_score(x: torch.Tensor, grad: torch.Tensor, weight_decay: torch.Tensor) -> torch.Tensor:
    return kkt_score(x, grad, weight_decay) / 5


def test_short_runs_agree() -> None:
    finding = limits(TorchArithmetic(), 1, EACH, STEPS)
    assert finding.agrees, finding.numbers
    assert finding.numbers["active faces"] > EACH


@pytest.mark.parametrize("name, wrong", [("AdamW", wrong_decay), ("AdamW", with_epsilon), ("kkt_score", small_score)])
def test_planted_errors_are_found(monkeypatch: pytest.MonkeyPatch, name: str, wrong: object) -> None:
    monkeypatch.setattr(adamw_limits, name, wrong)
    assert not limits(TorchArithmetic(), 1, EACH, STEPS).agrees


def test_rates_never_rise_and_start_below_the_radius() -> None:
    fleet = draw(0, 2, TorchArithmetic())
    rates = torch.stack(list(map(partial(type(fleet).rate, fleet), range(1, 50))))
    assert (rates[1:] <= rates[:-1]).all()
    assert (rates[0] * fleet.weight_decay < 1).all()
    assert (fleet.beta1 <= fleet.beta2).all()
    assert (fleet.exponent <= 1).all()
