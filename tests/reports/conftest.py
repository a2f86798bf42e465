"""A small world for the report's tests: source files, and evidence about them in its real structure."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from reports import evidence, figures
from reports.mathml import mathml
from theory.core.language import free_atoms
from theory.core.read import read

STARTED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

d, i, k, t, T = sp.symbols("d i k t T", integer=True, positive=True)
beta1, beta2, lr, lam = sp.symbols("beta_1 beta_2 eta lambda", positive=True)
x, v, m, g = (sp.IndexedBase(name) for name in "xvmg")
SANDWICH = sp.Le(sp.Sum(abs(x[i]), (i, 1, d)), sp.sqrt(d) * sp.sqrt(sp.Sum(x[i] ** 2, (i, 1, d))))
BALL = sp.Le(lam * abs(x[k]), (1 - lr * lam) ** (k - 1) * lam * abs(x[1]) + 1 - (1 - lr * lam) ** (k - 1))
_INNER = sp.Sum(beta1 ** (t - 1 - i) * sp.log(v[t] / v[i]), (i, 1, t - 1))
_LOGS = sp.Sum(lr * beta1 ** (t - 1) * sp.log(v[t] / v[0]), (t, 1, T))
_LOGS += (1 - beta1) * sp.Sum(lr * _INNER, (t, 2, T))
UPDATE = sp.Le(
    (abs(sp.Sum(lr * m[t] / sp.sqrt(v[t]), (t, 1, T))) / sp.Sum(lr, (t, 1, T))) ** 2,
    1 + (beta2 - beta1) / (1 - beta2) * _LOGS / sp.Sum(lr, (t, 1, T)),
)


def markup(expr: Any, display: str = "block") -> str:
    """MathML of what an author writes."""
    return mathml(read(expr, {symbol: str(symbol) for symbol in free_atoms(expr)}), display)


class World:
    """Writes evidence about sources under `root` into `root/evidence`; methods take fields to change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "evidence"
        self.page = root / "html" / "index.html"

    def source(self, id: str, text: str = "CLAIM = 1\n") -> str:
        path = self.root / "theory" / f"{id}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path.relative_to(self.root).as_posix()

    def header(self, kind: str, id: str, device: str = "cpu") -> dict[str, Any]:
        top = evidence.header(kind, id, [self.source(id)], 7, device, "float64", STARTED, self.root)
        return {**top, "seconds": 1.25}  # the clock is not what these tests are about

    def prove(self, id: str, conclusion: Any = SANDWICH, verdict: str = "proved", **changes: Any) -> Path:
        part = {
            "name": "bound",
            "hypotheses": ["ordered"],
            "conclusion": {"mathml": markup(conclusion), "text": ""},
            "verdict": verdict,
            "steps": steps(conclusion, {"proved_modulo": "cited"}.get(verdict, verdict)),
        }
        outcome = {"verdict": verdict, "cited": ["Bernstein 1927"] if verdict == "proved_modulo" else []}
        top = {**self.header("prove", id), **statement(id)}
        return self.write({**top, "parts": [part], **outcome, **changes})

    def check(self, id: str, verdict: str = "holds", device: str = "cpu", **changes: Any) -> Path:
        top = self.header("check", id, device)
        return self.write({**top, "verdict": verdict, **battery(id, verdict), **changes})

    def counterexample(self, id: str, **changes: Any) -> Path:
        self.draw("counterexample", f"{id}.svg")
        return self.write({**self.header("counterexample", id), "title": "Momentum leaves the ball",
            "claim": "AdamW's limit lies in the ball whatever the order of the momenta.", "verdict": "shown",
            "numbers": [{"label": "|λx| at the limit", "computed": "3/2", "predicted": "3/2"},
                        {"label": "in float64", "computed": 1.0000000003, "predicted": None}],
            "figures": [{"file": f"{id}.svg", "caption": "Exact and rounded paths part."}],
            "text": "On the invariant line.", **changes})  # fmt: skip

    def measurement(self, id: str, **changes: Any) -> Path:
        self.draw("measurement", f"{id}.svg")
        return self.write({**self.header("measurement", id), "title": "Breast cancer, logistic regression",
            "numbers": [{"label": "objective gap", "value": 3.1e-9}, {"label": "active faces", "value": 12}],
            "figures": [f"{id}.svg"], "text": "Against the constrained optimum.", **changes})  # fmt: skip

    def draw(self, kind: str, name: str) -> None:
        fig, axes = figures.figure(6, 3)
        steps = np.arange(1, 400)
        axes.semilogy(steps, 1 / steps, label=r"$\lambda\|x_t\|_\infty$")
        axes.semilogy(steps, 2 / steps, "--", label="predicted")
        axes.set(xlabel="step", ylabel="gap", title="Gap by step")
        axes.legend()
        figures.save(fig, self.folder / kind / name)

    def write(self, record: dict[str, Any]) -> Path:
        return evidence.write(record, self.folder)

    def everything(self) -> World:
        """One of each status, a dependency chain, figures and a recorded GPU run."""
        self.prove("foundations/square_is_convex", sp.Ge(beta1**2, 2 * beta1 - 1))
        self.prove("l1_rate/norm_sandwich", title="ℓ1 and ℓ2 norms of a vector")
        self.prove("l1_rate/gaussian_norm_ratio", verdict="proved_modulo", uses=["l1_rate/norm_sandwich"])
        self.prove("implicit_bias/update_size_bound", UPDATE, uses=["foundations/square_is_convex"])
        names = ("implicit_bias/update_size_bound", "l1_rate/gaussian_norm_ratio", "implicit_bias/kkt_bare")
        self.prove("implicit_bias/adamw_limit_is_kkt", BALL, uses=list(names))
        self.prove("l1_rate/update_bound", BALL, verdict="unproved", uses=["foundations/square_is_convex"])
        self.prove("l1_rate/old", BALL)
        for id in ("l1_rate/norm_sandwich", "l1_rate/gaussian_norm_ratio", "implicit_bias/update_size_bound"):
            self.check(id)
        self.check("l1_rate/update_bound", verdict="refuted")
        self.check("implicit_bias/adamw_limit_is_kkt", verdict="not_run")
        self.counterexample("momentum_order")
        self.measurement("breast_cancer")
        self.source("l1_rate/old", "CLAIM = 2\n")
        kept = self.check("implicit_bias/update_size_bound", device="NVIDIA H100", examples=9_000_000)
        place = self.root / "reports" / "recorded" / "gpu.json"
        place.parent.mkdir(parents=True)
        kept.rename(place)
        self.check("implicit_bias/update_size_bound")
        return self


def steps(conclusion: Any, last: str) -> list[dict[str, Any]]:
    """A proof by every kind of step: solver, induction with its two goals inside, a known inequality."""
    inner = [
        step("base", "identity", "sympy", sp.Eq(x[0], m[0]), seconds=0.02),
        step("step", "termwise", "checker", conclusion, seconds=0.31),
    ]
    return [
        step("square", "polynomial", "z3, cvc5", sp.Ge(beta1 / beta2 + beta2 / beta1, 2), seconds=0.012),
        step("unroll", "induction", "checker", conclusion, seconds=0.4, using=["square"], children=inner),
        step("last", "known", "cauchy_schwarz", conclusion, verdict=last, reason="an instance for n terms"),
    ]


def step(name: str, rule: str, by: str, prop: Any, verdict: str = "proved", **more: Any) -> dict[str, Any]:
    return {"name": name, "rule": rule, "by": by, "verdict": verdict, "mathml": markup(prop), **more}


def statement(id: str) -> dict[str, Any]:
    paper, _, name = id.rpartition("/")
    return {
        "title": name.replace("_", " ").capitalize(),
        "source": {"paper": paper, "number": "Lemma 4.2", "arxiv": "2404.04454"},
        "provenance": "restored",
        "summary": "How far the weighted mean of the updates can be from zero, whatever the gradients are.",
        "convention": {"eps": "inside the root", "bias_correction": False},
        "symbols": [
            {"name": "beta_1", "mathml": markup(beta1), "meaning": "decay", "domain": "[0, 1)"},
            {"name": "v", "mathml": markup(v[t]), "meaning": "second moment", "domain": "> 0"},
        ],
        "declarations": [
            {"name": "domain", "mathml": mathml(r"{v}_{j} > 0", "inline"), "text": ""},
            {"name": "history", "mathml": "", "text": "v[j] is fixed before step k, known to F[k], iff j ≤ k - 1"},
        ],
        "hypotheses": [
            {"name": "ordered", "mathml": markup(sp.Le(beta1, beta2), display="inline"), "text": ""},
            {"name": "started", "mathml": "", "text": "the first moment starts below the root of the second"},
        ],
        "uses": [],
    }


def battery(id: str, verdict: str) -> dict[str, Any]:
    names = ["proof", "sampler", "property", "witness", "necessity", "tightness", "pinned"]
    verdicts = {"holds": "holds", "refuted": "refuted", "not_run": "not_run"}
    stages = [
        {"name": name, "verdict": "holds" if name == "proof" else verdicts[verdict], "detail": "as it should",
         "seconds": 0.2}
        for name in names
    ]  # fmt: skip
    return {
        "examples": 120_000, "examples_per_second": 45_678.9, "max_ratio": 0.99999998, "stages": stages,
        "worst": {"seed": 7, "beta1": 0.9},
        "hypotheses": [{"name": "ordered", "necessity": "necessary", "detail": "ratio 1.8 without it"},
                       {"name": "started", "necessity": "unneeded", "detail": "the proof goes through without it"}],
        "slack": [{"part": "main_part", "step": "unroll", "ratio": 0.4321},
                  {"part": "main_part", "step": "main_part", "ratio": 0.25}],
        "tightness": {"status": "attained", "ratio": 1.0, "detail": "constant gradients"},
        "tolerance": {"value": 1e-9, "reason": "400 steps of rounding at 2e-16, with room"},
        "replay": f"theorems replay {id.rpartition('/')[2]}.json",
    }  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture(scope="session")
def full_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world with everything in it; tests must not change it."""
    yield World(tmp_path_factory.mktemp("report")).everything()
