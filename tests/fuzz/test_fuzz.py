"""Random statements, their truth decided by `models`, offered to the checker with every rule: none that is false passes.

Each family draws its share of the statements: about 100 in the profile `dev`, 500 in `ci`, 10,000 in `deep`, half of
them near-misses. How many were true and accepted is printed and must be a decent share, or the fuzz would show nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from bounds import arithmetic, by_lemma, calculus, decided_by_sympy, known, ordered_means, squares, termwise
from hypothesis import given, settings
from hypothesis import strategies as st
from means import mean_rules
from models import Decision, decide
from offers import accepted
from quantified import at_values, by_induction
from statements import OTHERS, SUMS, equation, renamed
from words import Case

Family = Callable[[random.Random, int, bool], Case]
FAMILIES: Mapping[str, Family] = {
    "nested sums": equation(SUMS), "sums inside means": equation(SUMS, means=True), "renamed sums": equation([renamed]),
    "products, powers, quotients": equation(OTHERS), "rules for means": mean_rules, "ordered means": ordered_means,
    "induction": by_induction, "facts at values": at_values, "term by term": termwise, "sums of squares": squares,
    "classical inequalities": known, "arithmetic": arithmetic, "lemmas": by_lemma, "calculus": calculus,
    "decided by SymPy": decided_by_sympy}
STATEMENTS = {"dev": 100, "ci": 500, "deep": 10_000}
LEAST_SHARE = 0.08  # of a family's statements: true and accepted; false or undefined. No family is near it


@dataclass
class Tally:
    """How many statements of a family were true, false or undefined, and how many of each were accepted."""

    found: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def count(self, decision: Decision, proof: object) -> None:
        self.found[decision.verdict if decision.models else "undecided", proof is not None] += 1

    def total(self, *verdicts: str) -> int:
        return sum(n for (verdict, _), n in self.found.items() if not verdicts or verdict in verdicts)

    def __str__(self) -> str:
        true = self.found["unbroken", True]
        false = self.total("broken", "undefined")
        return f"{self.total()} statements: {true} true and accepted, {false} false or undefined and refused"


def share() -> int:
    """Statements for each family under the current profile, so that together they are at least as many as promised."""
    profile = settings.get_current_profile_name()
    return -(-STATEMENTS.get(profile, STATEMENTS["dev"]) // len(FAMILIES))


@pytest.mark.parametrize("name", FAMILIES)
def test_no_false_statement_is_accepted(name: str, record_property: Callable[[str, object], None]) -> None:
    """False, or undefined where the hypotheses hold, and accepted: never. True and accepted: often enough."""
    tally = Tally()

    @settings(max_examples=share(), deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), depth=st.integers(0, 4), near=st.booleans())
    def offer(seed: int, depth: int, near: bool) -> None:
        case = FAMILIES[name](random.Random(seed), depth, near)
        decision = decide(case.variables, case.history, case.hypotheses, case.statement, seed)
        proof = accepted(case)
        tally.count(decision, proof)
        assert decision.verdict == "unbroken" or proof is None, (
            f"accepted: {case.statement} from {dict(case.hypotheses)} with history {dict(case.history)} by {proof}, "
            f"but it is {decision.verdict}: {decision.shown_by}")

    offer()
    print(f"{name}: {tally}")
    record_property("fuzz", f"{name}: {tally}")
    assert tally.total() >= share()
    if tally.total() >= 30:  # a handful says nothing of shares
        if name != "decided by SymPy":  # a verdict of SymPy's may be refused even where it is right
            assert tally.found["unbroken", True] >= LEAST_SHARE * tally.total(), str(tally)
        assert tally.total("broken", "undefined") >= LEAST_SHARE * tally.total(), str(tally)
