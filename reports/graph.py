"""Lays out which claim rests on which: layers from left to right, few crossings, coordinates in pixels."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from reports.status import ClaimStatus

BOX_WIDTH, BOX_HEIGHT = 236, 46
GAP_X, GAP_Y = 64, 14
MARGIN = 8


@dataclass(frozen=True)
class Node:
    claim: ClaimStatus
    x: int
    y: int


@dataclass(frozen=True)
class Edge:
    """A curve from the claim used to the claim that uses it; `dashed` when the claim used is not complete."""

    path: str
    dashed: bool


@dataclass(frozen=True)
class Layout:
    nodes: list[Node]
    edges: list[Edge]
    width: int
    height: int
    alone: list[ClaimStatus]
    circular: list[str]


def layout(claims: Mapping[str, ClaimStatus]) -> Layout:
    """Where each claim's box and each arrow goes; claims without neighbours are listed apart.

    A circle in the uses is reported in `circular`, its claims share one layer.
    """
    graph = nx.DiGraph((used, claim.id) for claim in claims.values() for used in claim.uses)
    circular = sorted(set().union(*(c for c in nx.strongly_connected_components(graph) if _loops(graph, c))))
    places = {
        name: (column, row)
        for column, layer in enumerate(_ordered(_layers(graph), graph))
        for row, name in enumerate(layer)
    }
    tallest = max((row for _, row in places.values()), default=0) + 1
    heights = [sum(1 for column, _ in places.values() if column == wanted) for wanted in range(len(places))]
    nodes = {
        name: Node(claims[name], _left(column), _top(row, heights[column], tallest))
        for name, (column, row) in places.items()
    }
    return Layout(
        nodes=[nodes[name] for name in sorted(nodes)],
        edges=[_edge(nodes[a], nodes[b]) for a, b in sorted(graph.edges) if a != b],
        width=_left(max((column for column, _ in places.values()), default=0)) + BOX_WIDTH + MARGIN,
        height=2 * MARGIN + tallest * (BOX_HEIGHT + GAP_Y) - GAP_Y,
        alone=[claim for id, claim in claims.items() if id not in graph],
        circular=circular,
    )


def _loops(graph: nx.DiGraph, component: set[str]) -> bool:
    return len(component) > 1 or any(graph.has_edge(name, name) for name in component)


def _layers(graph: nx.DiGraph) -> list[list[str]]:
    """Each claim one layer to the right of everything it rests on; a circle shares one layer."""
    condensed = nx.condensation(graph)
    members = condensed.nodes(data="members")
    return [
        sorted(name for part in layer for name in members[part])
        for layer in nx.topological_generations(condensed)
    ]


def _ordered(layers: list[list[str]], graph: nx.DiGraph) -> list[list[str]]:
    """Sort each layer by the mean position of its neighbours, a few sweeps both ways (barycentre rule)."""
    rank = {name: row / len(layer) for layer in layers for row, name in enumerate(layer)}
    for sweep in range(6):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(key=lambda name: (_mean_rank(name, graph, rank), name))
            rank.update({name: (row + 0.5) / len(layer) for row, name in enumerate(layer)})
    return layers


def _mean_rank(name: str, graph: nx.DiGraph, rank: Mapping[str, float]) -> float:
    neighbours = [*graph.predecessors(name), *graph.successors(name)]
    return sum(rank[other] for other in neighbours) / len(neighbours)


def _left(column: int) -> int:
    return MARGIN + column * (BOX_WIDTH + GAP_X)


def _top(row: int, count: int, tallest: int) -> int:
    pitch = BOX_HEIGHT + GAP_Y
    return MARGIN + row * pitch + (tallest - count) * pitch // 2


def _edge(start: Node, end: Node) -> Edge:
    x1, y1 = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    x2, y2 = end.x - 5, end.y + BOX_HEIGHT // 2  # the arrow head takes the last five pixels
    bend = max(GAP_X // 2, (x2 - x1) // 2)
    return Edge(f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}", not start.claim.complete)
