"""Declarations are shown as the hypotheses they are, and formulas are those of the kernel's terms."""

from __future__ import annotations

import dataclasses

import sympy as sp

from checks.cli.stating import lines, stated
from reports.formulas import declarations, formula
from theory.core import Always, Claim, E, Part, Source, Var

K, n = sp.Symbol("K", integer=True, positive=True), sp.Symbol("n", integer=True)
c, u = sp.Symbol("c", positive=True), sp.Symbol("u", real=True)
shift, hole = sp.Symbol("shift", integer=True), sp.Symbol("hole", nonzero=True)
k = sp.Symbol("k", integer=True)
Z, w = sp.IndexedBase("Z", real=True), sp.IndexedBase("w", nonnegative=True)
bound = Always(sp.Ge(c, E(Z[k, 1], k)), (k, 1, K))
CLAIM = Claim(
    "mine/shown", "Shown", "-", Source("mine", "Lemma 1", ""), "stated",
    [Var(K, "steps"), Var(c, "bound"), Var(u, "number"), Var(shift, "integer"), Var(hole, "not zero"),
     Var(Z, "noise", over=((0, K), (1, K + 1)), random=True), Var(w, "weights", over=((1, K),))],
    {"small": sp.Lt(u, c)}, [Part("main", bound, [])], history={Z: 1},
)  # fmt: skip
SAID = [
    "K in {1, 2, …}",
    "c > 0",
    "u is real",
    "shift is an integer",
    "hole ≠ 0",
    "Z[j, i] is real, random for 0 ≤ j ≤ K, 1 ≤ i ≤ K + 1",
    "w[j] ≥ 0 for 1 ≤ j ≤ K",
    "Z[j, i] is fixed before step k, known to F[k], iff j ≤ k - 1",
]


def test_every_declared_sign_range_and_the_history_are_said() -> None:
    found = declarations(CLAIM)
    assert [line["text"] for line in found] == SAID
    assert [line["name"] for line in found] == ["domain"] * 7 + ["history"]
    assert all(line["mathml"].startswith("<math") for line in found)


def test_what_cannot_be_read_is_said_and_not_left_out() -> None:
    odd = dataclasses.replace(CLAIM, variables=[Var(sp.Symbol("c"), "of no domain")], history={})
    (line,) = declarations(odd)
    assert line["text"].startswith("c: declare c as a real symbol")


def test_formulas_keep_the_direction_in_which_they_were_written() -> None:
    found = formula(bound, CLAIM)
    assert found["text"] == "c ≥ E(Z[k, 1] | F[k])  for all 1 ≤ k ≤ K"
    assert found["mathml"].startswith("<math")


def test_a_step_may_speak_of_its_own_variables() -> None:
    assert formula(sp.Le(w[n + 1], u), CLAIM)["text"] == "w[n + 1] ≤ u"


def test_what_sympy_has_decided_is_shown_as_it_stands() -> None:
    assert formula(sp.Le(1, 2), CLAIM) == {"mathml": "", "text": "True"}


def test_the_command_shows_declarations_hypotheses_and_conclusions() -> None:
    text = "\n".join(lines(stated(CLAIM)))
    for said in (*SAID, "small: u < c", "⊢ c ≥ E(Z[k, 1] | F[k])  for all 1 ≤ k ≤ K"):
        assert said in text
