"""What one process takes over from another: verdicts part by part, what they cite, and why a claim is unproved."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp
from small import a, b, claim, reasons

from theory.core import Claim, Session, Step, check_claim
from theory.core.rules import By, Cited, Identity, Polynomial
from theory.core.verdicts import Brief

SQUARE = sp.Ge((a - b) ** 2, 0, evaluate=False)
TRUE = claim(SQUARE, Polynomial(), name="test/square")
PROVED: Brief = ("", {"first": ("proved", frozenset())})


def user(used: Claim = TRUE) -> Claim:
    """A claim proved by way of another."""
    return claim(SQUARE, By(used, "first"), uses=[used], name="test/user")


def verdict(brief: Brief) -> str:
    session = Session()
    session.learn(TRUE, brief)
    return check_claim(user(), session).verdict


def test_a_claim_proved_elsewhere_serves_and_is_not_proved_again() -> None:
    assert check_claim(TRUE).brief() == PROVED
    session = Session()
    session.learn(TRUE, PROVED)
    report = check_claim(user(), session)
    assert report.verdict == "proved", reasons(report)
    assert session.done[id(TRUE)].parts[0].steps == ()


@pytest.mark.parametrize("brief", [
    ("", {"first": ("unproved", frozenset())}), ("", {"other": ("proved", frozenset())}), ("", {}),
    ("two parts have one name", PROVED[1]),
])
def test_a_claim_unproved_elsewhere_is_unproved_here(brief: Brief) -> None:
    assert verdict(brief) == "unproved"


def test_what_is_only_cited_elsewhere_stays_cited() -> None:
    cited = claim(SQUARE, Cited("a book"), name="test/cited")
    session = Session()
    session.learn(cited, check_claim(cited).brief())
    report = check_claim(user(cited), session)
    assert (report.verdict, report.cited) == ("proved_modulo", ("a book",))


def test_a_whole_claim_refused_says_so_in_brief() -> None:
    twice = replace(TRUE, parts=[TRUE.parts[0], replace(TRUE.parts[0], proof=[Step("again", SQUARE, Polynomial())])])
    assert check_claim(twice).verdict == "unproved" and check_claim(twice).brief()[0] != ""
    assert check_claim(claim(sp.Eq(a, b), Identity())).brief()[1]["first"][0] == "unproved"
