"""The measurements, shortened: data, measurements against brute force, and what they must show."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from checks.errors import RequestError
from checks.measurements import breast_cancer, digits, silent
from reports.figures import figure


@pytest.fixture(scope="module")
def cancer() -> dict:
    return breast_cancer.run(steps=3000).details


def test_rows_are_standardised_and_signed() -> None:
    rows = breast_cancer.signed_rows()
    assert rows.shape == (569, 31) and rows.dtype == torch.float64
    assert torch.equal(rows[:, -1].abs(), torch.ones(569, dtype=torch.float64))
    assert int((rows[:, -1] > 0).sum()) == 357  # benign
    features = rows[:, :-1] * rows[:, -1:]
    assert features.mean(0).abs().max() < 1e-12  # rounding of a mean of 569 numbers of size 1
    assert torch.allclose(features.std(0, correction=0), torch.ones(30, dtype=torch.float64))


def test_equal_betas_reach_the_constrained_optimum_from_inside(cancer: dict) -> None:
    equal = slice(0, len(breast_cancer.WEIGHT_DECAYS))
    assert (cancer["size"][equal] <= 1).all()
    assert (cancer["run"].size[:, equal] <= 1 + 1e-12).all()  # update-size bound with beta1 = beta2, and rounding
    assert (cancer["gap"][equal] >= 0).all()
    # lr_T is 7e-4 radii; the gap is the slope on the faces times that, squared in free coordinates
    assert (cancer["gap"][equal] < 1e-4).all()
    assert (cancer["gap"][equal] <= cancer["certificate"][equal] + 1e-15).all()


def test_the_certificate_bounds_the_gap_all_along_the_way(cancer: dict) -> None:
    run = cancer["run"]
    inside = run.size <= 1
    gaps = run.loss - cancer["optimum"]
    assert inside.any() and (gaps <= run.certificate + 1e-12)[inside].all()


def test_the_gap_falls_with_more_steps(cancer: dict) -> None:
    short = breast_cancer.run(steps=300).details
    assert (cancer["gap"][:5] < 0.2 * short["gap"][:5]).all()


def test_faces_agree_with_the_solver_for_equal_betas(cancer: dict) -> None:
    same = (cancer["faces"] == cancer["best_faces"])[:5].sum(1)
    assert (same >= 29).all()  # at 3000 steps two coordinates with multipliers below 1e-4 may still be on their way
    assert (cancer["best_faces"][:5] != 0).sum(1).tolist() == [9, 13, 18, 24, 26]


def test_a_point_on_no_face_or_on_the_wrong_one_is_seen() -> None:
    decay = torch.tensor([2.0], dtype=torch.float64)
    x = torch.tensor([[0.5, -0.5, 0.49, 0.4999]], dtype=torch.float64)
    assert breast_cancer.face(x, decay).tolist() == [[1, -1, 0, 1]]


@pytest.fixture(scope="module")
def logs() -> dict:
    return digits.run(epochs=2).details["runs"]


def test_full_gradient_and_noise_equal_those_of_a_plain_loop() -> None:
    pixels, labels = digits.training_set("cpu")
    pixels, labels = pixels[:300], labels[:300]  # more than one chunk, and a last one that is not full
    net = digits.network(3, "cpu")
    mean, variance = digits.full_gradient(net, pixels, labels)
    rows = []
    for row, label in zip(pixels, labels, strict=True):
        net.zero_grad()
        cross_entropy(net(row[None]), label[None]).backward()
        rows.append(torch.cat([p.grad.flatten() for p in net.parameters() if p.grad is not None]).double())
    by_hand = torch.stack(rows)
    # float32 gradients of size up to 0.1, each with a relative rounding of about 1e-6
    assert torch.allclose(mean, by_hand.mean(0), atol=1e-6)
    assert variance == pytest.approx(float(by_hand.var(0).sum()), rel=1e-5)


def test_logging_changes_neither_parameters_nor_optimizer() -> None:
    pixels, labels = digits.training_set("cpu")
    net = digits.network(0, "cpu")
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    cross_entropy(net(pixels), labels).backward()
    optimizer.step()
    before = [p.detach().clone() for p in net.parameters()]
    seconds = [optimizer.state[p]["exp_avg_sq"].clone() for p in net.parameters()]
    digits.log(net, optimizer, 1, pixels, labels)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
    after = [optimizer.state[p]["exp_avg_sq"] for p in net.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(seconds, after, strict=True))


def test_training_lowers_the_loss_and_every_measure_is_in_range(logs: dict) -> None:
    assert len(logs) == len(digits.WEIGHT_DECAYS) * len(digits.BETAS)
    for logged in logs.values():
        for entry in logged:
            d = 64 * digits.HIDDEN + digits.HIDDEN + 10 * digits.HIDDEN + 10
            assert d**-0.5 <= entry.ratio <= 1  # the norm sandwich
            assert 0 < entry.alive <= 1 and entry.noise > 0
            for share in (entry.theory_share, entry.torch_share):
                assert (share >= 0).all() and (share <= 1).all() and (share.diff() >= 0).all()
    assert logs[0.1, (0.9, 0.9)][-1].loss < 0.3 < 2.0  # chance level is log 10 = 2.3


def test_one_seed_gives_one_run_and_another_seed_another() -> None:
    first, again, other = (digits.train(1.0, (0.9, 0.9), 1, seed, "cpu", silent)[0] for seed in (1, 1, 2))
    assert first.ratio == again.ratio and first.loss == again.loss
    assert first.ratio != other.ratio


@pytest.mark.parametrize("module", [breast_cancer, digits], ids=["breast_cancer", "digits"])
def test_results_are_complete_and_can_be_drawn(module: object, tmp_path: Path) -> None:
    short = {"steps": 50} if module is breast_cancer else {"epochs": 1}
    finished: list[float] = []
    result = module.run(progress=finished.append, **short)  # type: ignore[attr-defined]
    fields = result.fields()
    assert fields["title"] and fields["text"] and len(fields["numbers"]) == len(result.numbers)
    assert len({label for label, _ in result.numbers}) == len(result.numbers)
    assert finished == sorted(finished) and finished[-1] == pytest.approx(1)
    for picture in result.pictures:
        _, axes = figure(picture.width, picture.height, **picture.subplots)
        picture.draw(axes)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device that the test asks for in vain")
@pytest.mark.parametrize("module", [breast_cancer, digits], ids=["breast_cancer", "digits"])
def test_a_missing_device_is_refused(module: object) -> None:
    with pytest.raises(RequestError, match="CUDA"):
        module.run(device="cuda")  # type: ignore[attr-defined]
