"""`theorems attack`: what it writes replays, and what it cannot attack is said in one sentence."""

from __future__ import annotations


def test_a_short_attack_writes_an_instance_that_replays(cli, tmp_path):
    said = cli("attack", "l1_rate/adam_rate", "--steps", 1, "--batch", 1, "--evidence", tmp_path, "--json")
    found = said.json["claims"]
    assert said.code == 0 and [f["part"] for f in found] == ["sharper", "rate"]
    for part in found:
        again = cli("replay", tmp_path / "worst" / f"l1_rate__adam_rate__{part['part']}.replay", "--json").json["claims"][0]
        assert abs(again["ratio"] / part["max_ratio"] - 1) < 1e-9  # the same instance alone and in a batch: order of sums
        assert again["verdict"] == "holds"


def test_a_claim_without_knobs_cannot_be_attacked(cli):
    assert "give its CHECK a Climb" in cli("attack", "l1_rate/norm_sandwich").complaint
