"""Corrupts certificates of the project's own proofs, an inference at a time: the second reader must refuse each.

Corrupted is what an inference says (it takes another inference's words), what it rests on (a premise less, another
premise), where it stands, or the statement itself. A corruption that leaves something true and shown is not counted: what
an inference says may follow without the premise that was taken away.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from checks.registry import entries
from theory.core import Session, check_claim
from theory.proofs.certificate import certificate
from theory.recheck import recheck_claim

Json = dict[str, Any]
CLAIMS = ("foundations/log_tangent", "foundations/gradient_below_gap", "implicit_bias/frank_wolfe_equivalence",
          "l1_rate/norm_sandwich")
WITH_HYPOTHESES = ("foundations/gradient_below_gap",)
SESSION = Session()


@cache
def made(claim: str) -> Json:
    return certificate(check_claim(entries()[claim].claim, SESSION))


def lineage(claim: str) -> dict[str, Json]:
    below = {used.id for used in entries()[claim].claim.uses}
    return {id: found for one in below for id, found in {one: made(one), **lineage(one)}.items()}


def refused(claim: str, corrupted: Json) -> bool:
    return not recheck_claim(corrupted, {**lineage(claim), claim: corrupted}).ok


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_certificate_itself_is_right(claim: str) -> None:
    found = recheck_claim(made(claim), lineage(claim))
    assert found.ok, found.problem
    assert found.nodes == sum(len(part["nodes"]) for part in made(claim)["parts"])


def last_of(part: Json) -> Json:
    return part["nodes"][part["last"]]


def other_words(part: Json, rng: random.Random) -> None:
    """The last inference says what an earlier one says."""
    node = last_of(part)
    node["prop"] = rng.choice([n["prop"] for n in part["nodes"] if n["prop"] != node["prop"]])


def other_conclusion(part: Json, rng: random.Random) -> None:
    part["conclusion"] = rng.choice([n["prop"] for n in part["nodes"] if n["prop"] != part["conclusion"]])


def circular(part: Json, rng: random.Random) -> None:
    last_of(part)["premises"] = [part["last"]]


def unknown_rule(part: Json, rng: random.Random) -> None:
    rng.choice(part["nodes"])["rule"] = "believed"


def unknown_term(part: Json, rng: random.Random) -> None:
    rng.choice(part["nodes"])["prop"] = 10**6


def no_such_hypothesis(part: Json, rng: random.Random) -> None:
    last_of(part).update(rule="hypothesis", data={"name": "wished for"}, premises=[])


def not_given(part: Json, rng: random.Random) -> None:
    last_of(part).update(rule="given", data={}, premises=[])


def no_such_context(part: Json, rng: random.Random) -> None:
    rng.choice(part["nodes"])["context"] = len(part["contexts"])


def cited_in_silence(part: Json, rng: random.Random) -> None:
    last_of(part).update(rule="cite", data={"reference": "folklore"}, premises=[])


CORRUPTIONS: tuple[Callable[[Json, random.Random], None], ...] = (
    other_words, other_conclusion, circular, unknown_rule, unknown_term, no_such_hypothesis, not_given, no_such_context,
)


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_corrupted_certificate_is_refused(claim: str, corrupt: Callable[[Json, random.Random], None]) -> None:
    rng = random.Random(f"{claim} {corrupt.__name__}")
    found = copy.deepcopy(made(claim))
    parts = [part for part in found["parts"] if len({n["prop"] for n in part["nodes"]}) > 1]
    corrupt(rng.choice(parts), rng)
    assert refused(claim, found)


def test_a_citation_is_named() -> None:
    found = copy.deepcopy(made("l1_rate/norm_sandwich"))
    cited_in_silence(found["parts"][0], random.Random(0))
    assert recheck_claim(found, {}).cited == ("folklore",) or refused("l1_rate/norm_sandwich", found)


@pytest.mark.parametrize("claim", WITH_HYPOTHESES)
def test_a_statement_without_its_hypotheses_is_refused(claim: str) -> None:
    found = copy.deepcopy(made(claim))
    assert found["hypotheses"]
    found["hypotheses"] = {}
    assert refused(claim, found)


@pytest.mark.parametrize("rubbish", [None, [], {}, {"format": 1}, {"format": 2, "claim": "a/b"}, "text"])
def test_what_is_no_certificate_is_one_sentence(rubbish: Any) -> None:
    found = recheck_claim(rubbish, {})
    assert not found.ok and found.problem and "\n" not in found.problem
