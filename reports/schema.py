"""What an evidence file holds: one model for each of the four kinds, strict about verdicts.

A verdict that contradicts its own parts (a "proved" over an unproved step, a "holds" over a refuted stage) is
refused here, so that no page can show it. Fields not named here are kept as they are.
"""
from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Number = float | str | None
"""A measured number, or an exact one as text ("4/3"), or none."""

Proof = Literal["proved", "proved_modulo", "vacuous", "unproved"]
Discharge = Literal["proved", "proved_modulo", "unproved", "cited", "skipped", "not_run"]
Outcome = Literal["holds", "refuted", "not_run"]

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*")


class Record(BaseModel):
    model_config = ConfigDict(extra="allow")


class Figure(Record):
    file: str
    caption: Text = ""


Figures = list[Annotated[Figure, BeforeValidator(lambda v: {"file": v} if isinstance(v, str) else v)]]


class Evidence(Record):
    """What every file says about itself: which sources, when, how long, on what."""

    kind: str
    id: str
    fingerprint: str
    sources: list[str]
    created: str
    seconds: float = Field(ge=0, allow_inf_nan=False)
    seed: int | None = None
    device: Text = ""
    dtype: Text = ""
    versions: dict[str, str] = {}

    @field_validator("id")
    @classmethod
    def _id_is_a_path_of_words(cls, value: str) -> str:
        if not ID.fullmatch(value):
            raise ValueError("must be words of letters, digits, '_', '-', '.' separated by '/'")
        return value

    @field_validator("created")
    @classmethod
    def _created_is_a_time(cls, value: str) -> str:
        datetime.fromisoformat(value)
        return value


class Source(Record):
    paper: Text = ""
    number: Text = ""
    arxiv: Text = ""


class Symbol(Record):
    name: str
    mathml: Text = ""
    meaning: Text = ""
    domain: Text = ""


class Hypothesis(Record):
    name: str
    mathml: Text = ""
    text: Text = ""


class Declaration(Record):
    name: Literal["domain", "history"]
    mathml: Text = ""
    text: Text = ""


class Formula(Record):
    mathml: Text = ""
    text: Text = ""


class Step(Record):
    name: str
    rule: str
    by: Text = ""
    verdict: Discharge
    seconds: float = Field(0, ge=0, allow_inf_nan=False)
    mathml: Text = ""
    text: Text = ""
    using: list[str] = []
    reason: Text = ""
    children: list[Step] = []


class Part(Record):
    name: str
    hypotheses: list[str] = []
    conclusion: Formula
    verdict: Proof
    unused: list[str] = []
    steps: list[Step] = []

    @model_validator(mode="after")
    def _verdict_follows_from_steps(self) -> Part:
        verdicts = {step.verdict for step in flatten(self.steps)}
        open_steps = verdicts & {"unproved", "not_run", "skipped"}
        if self.verdict not in ("unproved", "vacuous") and (open_steps or not self.steps):
            raise ValueError(f"part '{self.name}' is called {self.verdict} over open or missing steps")
        if self.verdict == "proved" and verdicts & {"cited", "proved_modulo"}:
            raise ValueError(f"part '{self.name}' is called proved although a step is only cited")
        return self


class Prove(Evidence):
    kind: Literal["prove"]
    title: str
    source: Source = Source()
    provenance: Literal["stated", "restored", "derived"]
    summary: Text = ""
    convention: dict[str, Any] = {}
    symbols: list[Symbol] = []
    declarations: list[Declaration] = []
    hypotheses: list[Hypothesis] = []
    uses: list[str] = []
    parts: list[Part]
    verdict: Proof
    cited: list[str] = []

    @model_validator(mode="after")
    def _verdict_follows_from_parts(self) -> Prove:
        verdicts = {part.verdict for part in self.parts}
        if self.verdict != "unproved" and ("unproved" in verdicts or not self.parts):
            raise ValueError(f"the claim is called {self.verdict} although a part of it is not")
        if self.verdict in ("proved", "proved_modulo") and "vacuous" in verdicts:
            raise ValueError("the claim is called proved over hypotheses that contradict each other")
        if self.verdict == "proved" and (self.cited or "proved_modulo" in verdicts):
            raise ValueError("the claim is called proved although it rests on a citation")
        return self


class Recheck(Evidence):
    """What a second reader with other code says of a proof's certificate."""

    kind: Literal["recheck"]
    verdict: Literal["rechecked", "differs"]
    nodes: int = Field(ge=0)
    by: dict[str, int] = {}
    cited: list[str] = []
    reason: Text = ""

    @model_validator(mode="after")
    def _differs_says_why(self) -> Recheck:
        if (self.verdict == "differs") != bool(self.reason):
            raise ValueError("a recheck that differs says why, and one that agrees has nothing to say")
        return self


class Stage(Record):
    name: str
    verdict: Outcome
    detail: Text = ""
    seconds: float = Field(0, ge=0, allow_inf_nan=False)


class Necessity(Record):
    name: str
    necessity: Literal["necessary", "unneeded", "unknown", "definition"]
    detail: Text = ""


class Tightness(Record):
    status: Literal["attained", "approached", "searched", "unknown", "exact"] = "unknown"
    ratio: Number = None
    detail: Text = ""


class Slack(Record):
    part: str
    step: str
    ratio: float


class Tolerance(Record):
    value: Number = None
    reason: Text = ""


class Check(Evidence):
    kind: Literal["check"]
    verdict: Outcome
    examples: int = Field(0, ge=0)
    examples_per_second: float | None = None
    max_ratio: Number = None
    worst: Any = None
    stages: list[Stage] = []
    hypotheses: list[Necessity] = []
    tightness: Tightness = Tightness()
    slack: list[Slack] = []
    tolerance: Tolerance = Tolerance()
    replay: Text = ""

    @model_validator(mode="after")
    def _verdict_follows_from_stages(self) -> Check:
        verdicts = {stage.verdict for stage in self.stages}
        if self.verdict == "holds" and ("refuted" in verdicts or "holds" not in verdicts):
            raise ValueError("the battery is said to hold although a stage is refuted or none holds")
        return self


class Measured(Record):
    label: str
    computed: Number = None
    predicted: Number = None


class Counterexample(Evidence):
    kind: Literal["counterexample"]
    title: str
    claim: Text = ""
    numbers: list[Measured] = []
    verdict: Literal["shown", "not_shown"]
    figures: Figures = []
    text: Text = ""


class Value(Record):
    label: str
    value: Number = None


class Measurement(Evidence):
    kind: Literal["measurement"]
    title: str
    numbers: list[Value] = []
    figures: Figures = []
    text: Text = ""


MODELS: dict[str, type[Evidence]] = {
    "prove": Prove,
    "recheck": Recheck,
    "check": Check,
    "counterexample": Counterexample,
    "measurement": Measurement,
}


def flatten(steps: list[Step]) -> list[Step]:
    """Every step and, after it, the steps inside it."""
    return [inner for step in steps for inner in (step, *flatten(step.children))]


def flatten_dicts(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same for steps already turned into dictionaries."""
    return [inner for step in steps for inner in (step, *flatten_dicts(step["children"]))]
