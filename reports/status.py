"""What the evidence amounts to: one status for each claim and channel, where anything missing is `not_run`.

Proof, battery, hypotheses and tightness stay separate channels. Evidence older than its sources has the
status `stale` whatever it once said. A claim is complete only if its own proof and those of all claims it
rests on are fresh and `proved`; otherwise the weakest of them is named.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.evidence import stale
from reports.schema import flatten_dicts

Record = dict[str, Any]
STRENGTH = ("not_run", "unproved", "vacuous", "stale", "proved_modulo", "proved")
"""From weakest to strongest, for naming the weakest ancestor."""


@dataclass
class ClaimStatus:
    """One claim as the page shows it: `proof`, `battery` and `second` (the certificate read again by other code) are
    statuses, `prove`, `check` and `recheck` evidence."""

    id: str
    prove: Record | None = None
    check: Record | None = None
    recheck: Record | None = None
    proof: str = "not_run"
    battery: str = "not_run"
    second: str = "not_run"
    uses: list[str] = field(default_factory=list)
    complete: bool = False
    weakest: str = ""
    weakest_status: str = ""

    @property
    def title(self) -> str:
        return self.prove["title"] if self.prove else self.id.rpartition("/")[2].replace("_", " ")

    @property
    def paper(self) -> str:
        return self.id.rpartition("/")[0]

    @property
    def slowest(self) -> Record | None:
        """The single step that took longest; a step's own children are looked at instead of their sum."""
        if self.prove is None:
            return None
        steps = flatten_dicts([step for part in self.prove["parts"] for step in part["steps"]])
        return max((step for step in steps if not step["children"]), key=lambda s: s["seconds"], default=None)

    @property
    def tightness(self) -> str:
        """What the battery found about tightness; nothing when the battery was not run or is out of date."""
        if self.check is None or self.battery in ("not_run", "stale"):
            return self.battery
        return self.check["tightness"]["status"]

    @property
    def hypotheses(self) -> list[Record]:
        """Hypotheses with their formulas and with what the battery found out about their necessity."""
        found = {entry["name"]: entry for entry in (self.check or {}).get("hypotheses", [])}
        stated = {entry["name"]: entry for entry in (self.prove or {}).get("hypotheses", [])}
        return [
            {**stated.get(name, {"name": name, "mathml": "", "text": ""}), **self._necessity(found.get(name))}
            for name in [*stated, *(name for name in found if name not in stated)]
        ]

    @property
    def open_stages(self) -> list[str]:
        stages = (self.check or {}).get("stages", [])
        return [stage["name"] for stage in stages if stage["verdict"] == "not_run"]

    def _necessity(self, entry: Mapping[str, Any] | None) -> Record:
        if entry is None or self.battery in ("not_run", "stale"):
            return {"necessity": self.battery if entry else "not_run", "detail": ""}
        return {"necessity": entry["necessity"], "detail": entry["detail"]}


def claim_statuses(
    evidence: Iterable[Record], root: Path, expected: Iterable[str] = ()
) -> dict[str, ClaimStatus]:
    """Every claim that has evidence, is expected, or is rested on by one that has; sorted by id."""
    claims: dict[str, ClaimStatus] = {id: ClaimStatus(id) for id in expected}
    for record in evidence:
        if record["kind"] == "prove":
            claim = claims.setdefault(record["id"], ClaimStatus(record["id"]))
            claim.prove, claim.proof = record, freshness(record, root)
            claim.uses = sorted(set(record["uses"]))
        elif record["kind"] == "recheck":
            claim = claims.setdefault(record["id"], ClaimStatus(record["id"]))
            claim.recheck, claim.second = record, freshness(record, root)
        elif record["kind"] == "check":
            claim = claims.setdefault(record["id"], ClaimStatus(record["id"]))
            claim.check, claim.battery = record, freshness(record, root)
    for id in {used for claim in claims.values() for used in claim.uses}:
        claims.setdefault(id, ClaimStatus(id))
    for claim in claims.values():
        _judge(claim, claims)
    return dict(sorted(claims.items()))


def freshness(record: Mapping[str, Any], root: Path) -> str:
    """The verdict of fresh evidence, `stale` for evidence older than its sources."""
    return "stale" if stale(record, root) else record.get("verdict", "recorded")


def _judge(claim: ClaimStatus, claims: Mapping[str, ClaimStatus]) -> None:
    """Complete when it and all it rests on are proved; else name the weakest of them, itself on a tie."""
    lineage = [claim, *(claims[id] for id in sorted(ancestors(claim, claims)))]
    weakest = min(lineage, key=lambda one: STRENGTH.index(one.proof))
    claim.complete = weakest.proof == "proved" and claim.id not in ancestors(claim, claims)
    claim.weakest, claim.weakest_status = weakest.id, weakest.proof


def ancestors(claim: ClaimStatus, claims: Mapping[str, ClaimStatus]) -> set[str]:
    """Ids of all claims this one rests on, directly or not; itself too when the uses are circular."""
    found: set[str] = set()
    ahead = list(claim.uses)
    while ahead:
        id = ahead.pop()
        if id not in found:
            found.add(id)
            ahead.extend(claims[id].uses)
    return found
