"""What evidence amounts to: missing is not run, stale is stale, and complete means all the way down."""
from __future__ import annotations

import pytest

from reports import evidence
from reports.graph import BOX_HEIGHT, BOX_WIDTH, layout
from reports.status import ClaimStatus, claim_statuses


def statuses(world, expected: tuple[str, ...] = ()) -> dict[str, ClaimStatus]:
    return claim_statuses(evidence.read_all(world.folder), world.root, expected)


def test_missing_evidence_is_not_run(world) -> None:
    world.prove("a/b", uses=["a/used"])
    world.check("a/c")
    found = statuses(world, expected=("a/expected",))
    assert {id: (claim.proof, claim.battery) for id, claim in found.items()} == {
        "a/b": ("proved", "not_run"),
        "a/c": ("not_run", "holds"),
        "a/used": ("not_run", "not_run"),
        "a/expected": ("not_run", "not_run"),
    }
    assert not any(claim.complete for claim in found.values())
    assert (found["a/b"].weakest, found["a/b"].weakest_status) == ("a/used", "not_run")


@pytest.mark.parametrize("weak", ["proved_modulo", "unproved", "stale"])
def test_a_weak_ancestor_is_named_however_far_away(world, weak: str) -> None:
    verdict = "proved" if weak == "stale" else weak
    world.prove("a/base", verdict=verdict)
    world.prove("a/middle", uses=["a/base"])
    world.prove("a/top", uses=["a/middle"])
    world.prove("a/apart")
    if weak == "stale":
        world.source("a/base", "CLAIM = 2\n")
    found = statuses(world)
    assert found["a/top"].proof == "proved" and not found["a/top"].complete
    assert (found["a/top"].weakest, found["a/top"].weakest_status) == ("a/base", weak)
    assert found["a/apart"].complete


def test_complete_when_all_ancestors_are_proved(world) -> None:
    world.prove("a/base")
    world.prove("a/top", uses=["a/base"])
    assert all(claim.complete for claim in statuses(world).values())


def test_circular_uses_are_never_complete(world) -> None:
    world.prove("a/one", uses=["a/two"])
    world.prove("a/two", uses=["a/one"])
    world.prove("a/self", uses=["a/self"])
    found = statuses(world)
    assert not any(claim.complete for claim in found.values())
    assert layout(found).circular == ["a/one", "a/self", "a/two"]


@pytest.mark.parametrize("battery", ["not_run", "stale"])
def test_findings_of_a_battery_not_run_or_stale_are_not_shown(world, battery: str) -> None:
    world.prove("a/b")
    world.check("a/b", verdict="not_run" if battery == "not_run" else "holds")
    if battery == "stale":
        world.source("a/b", "CLAIM = 2\n")
    claim = statuses(world)["a/b"]
    assert claim.tightness == battery
    assert {entry["necessity"] for entry in claim.hypotheses} == {battery}


def test_slowest_step_is_found_inside_the_induction(world) -> None:
    world.prove("a/b")
    slowest = statuses(world)["a/b"].slowest
    assert slowest is not None and (slowest["name"], slowest["seconds"]) == ("step", 0.31)


def test_claims_stand_right_of_what_they_rest_on_and_no_boxes_or_arrows_collide(full_world) -> None:
    claims = statuses(full_world)
    made = layout(claims)
    place = {node.claim.id: node for node in made.nodes}
    for claim in claims.values():
        for used in claim.uses:
            assert place[used].x + BOX_WIDTH < place[claim.id].x
    corners = [(node.x, node.y) for node in made.nodes]
    assert len(set(corners)) == len(corners)
    for x, y in corners:
        assert 0 <= x <= made.width - BOX_WIDTH and 0 <= y <= made.height - BOX_HEIGHT
        assert not any(other_x == x and 0 < other_y - y < BOX_HEIGHT for other_x, other_y in corners)
    assert len(made.edges) == sum(len(claim.uses) for claim in claims.values())
    assert [claim.id for claim in made.alone] == ["l1_rate/old"]


def test_an_arrow_over_a_layer_keeps_clear_of_the_boxes_there(full_world) -> None:
    """implicit_bias/kkt_bare is used two layers on: its arrow runs level through the layer between."""
    made = layout(statuses(full_world))
    middle = sorted({node.x for node in made.nodes})[1]
    lanes = [edge.path for edge in made.edges if f"L{middle + BOX_WIDTH} " in edge.path]
    assert len(lanes) == 1
    level = int(lanes[0].split(f"L{middle + BOX_WIDTH} ")[1].split("C")[0])
    assert not any(node.y <= level <= node.y + BOX_HEIGHT for node in made.nodes if node.x == middle)
