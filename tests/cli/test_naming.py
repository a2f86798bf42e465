"""`theorems list`, and every way to name a claim: id, short name, paper number, pattern, file."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import registry
from checks.errors import RequestError
from checks.registry import entries, select
from theory.l1_rate.norm_sandwich import CLAIM as SANDWICH

ROOT = Path(registry.__file__).parents[1]


def ids(*wanted: str) -> list[str]:
    return [entry.claim.id for entry in select(list(wanted))]


def test_list_shows_every_claim_in_order(cli):
    said = cli("list")
    assert (said.code, said.err) == (0, "")
    assert [line.split()[0] for line in said.out.splitlines()] == sorted(entries())


def test_list_as_json_has_the_fields_of_the_claims(cli):
    (claim,) = cli("list", "norm_sandwich", "--json").json["claims"]
    assert claim["id"] == SANDWICH.id and claim["provenance"] == SANDWICH.provenance
    assert claim["source"] == {"paper": "l1_rate", "number": SANDWICH.source.number, "arxiv": SANDWICH.source.arxiv}
    assert claim["parts"] == ["lower", "upper"] and claim["has_check"] is True


@pytest.mark.parametrize("name", ["Lemma 4.2", "lemma 4.2", " LEMMA  4.2", "lemma4.2", "update_size_bound",
                                  "implicit_bias/update_size_bound", "implicit_bias/update_s*"])
def test_names_of_one_claim(name):
    assert ids(name) == ["implicit_bias/update_size_bound"]


@pytest.mark.parametrize("name", ["l1_rate/*", "l1_rate", "l1_rate/"])
def test_many_claims_at_once_and_each_of_them_once(name):
    found = ids(name, "l1_rate/norm_sandwich", "norm_sandwich")
    assert found == [i for i in entries() if i.startswith("l1_rate/")]


def test_a_number_two_claims_share_is_asked_back(cli):
    complaint = cli("list", "section 1").complaint
    assert "l1_rate/kkt_score" in complaint and "l1_rate/norm_sandwich" in complaint


@pytest.mark.parametrize(("name", "meant"), [("l1_rate/norm_sandwhich", "l1_rate/norm_sandwich"),
                                             ("kkt_scores", "l1_rate/kkt_score"),
                                             ("Lemma 4.22", "implicit_bias/update_size_bound, Lemma 4.2")])
def test_a_mistyped_name_gets_the_nearest(cli, name, meant):
    assert f"there is no claim '{name}'; did you mean {meant}" in cli("prove", name).complaint


@pytest.mark.parametrize("name", ["q", "", "/", "nothing/like*", "../registry", "core/checker"])
def test_a_name_like_no_other_is_sent_to_the_list(cli, name):
    assert "theorems list" in cli("prove", name).complaint


def test_a_file_of_the_project_is_the_projects_own_claim():
    for file in ("theory/l1_rate/norm_sandwich.py", "checks/l1_rate/norm_sandwich.py"):
        (entry,) = select([str(ROOT / file)])
        assert not entry.own and entry.claim is SANDWICH


def test_one_claim_asked_for_by_id_loads_no_other():
    registry._in_module.cache_clear()
    assert ids("l1_rate/norm_sandwich") == ["l1_rate/norm_sandwich"]
    assert registry._in_module.cache_info().currsize == 1


def test_a_claim_named_unlike_its_module_is_refused(monkeypatch):
    monkeypatch.setattr(registry, "_in_module", registry._in_module.__wrapped__)
    monkeypatch.setattr("theory.l1_rate.norm_sandwich.CLAIM", entries()["l1_rate/kkt_score"].claim)
    with pytest.raises(RequestError, match="name it l1_rate/norm_sandwich"):
        registry._in_module("theory.l1_rate.norm_sandwich")
