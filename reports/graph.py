"""Lays out which claim rests on which: layers from left to right, few crossings, coordinates in pixels."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from reports.status import ClaimStatus

BOX_WIDTH, BOX_HEIGHT = 236, 46
GAP_X, GAP_Y = 64, 14
LANE = 8  # height kept free in a layer for an arrow that passes through it
MARGIN = 8

Lane = tuple[str, str, int]
"""Where the arrow (from, to) passes the layer of that number."""


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

    A circle in the uses is reported in `circular`, and its claims share one layer.
    """
    graph = nx.DiGraph((used, claim.id) for claim in claims.values() for used in claim.uses)
    loops = [part for part in nx.strongly_connected_components(graph) if _loops(graph, part)]
    layers = _layers(graph)
    routed, routes = _routed(graph, layers)
    corners, height = _corners(_ordered(layers, routed))
    return Layout(
        nodes=[Node(claims[id], *corners[id]) for id in sorted(graph)],
        edges=[
            Edge(_path(corners, (a, *routes[a, b], b)), not claims[a].complete)
            for a, b in sorted(graph.edges)
            if a != b
        ],
        width=MARGIN + max(len(layers), 1) * (BOX_WIDTH + GAP_X) - GAP_X + MARGIN,
        height=height,
        alone=[claim for id, claim in claims.items() if id not in graph],
        circular=sorted(set().union(*loops)),
    )


def _loops(graph: nx.DiGraph, component: set[str]) -> bool:
    return len(component) > 1 or any(graph.has_edge(name, name) for name in component)


def _layers(graph: nx.DiGraph) -> list[list]:
    """Each claim one layer to the right of everything it rests on; a circle shares one layer."""
    condensed = nx.condensation(graph)
    members = condensed.nodes(data="members")
    return [
        sorted(name for part in layer for name in members[part])
        for layer in nx.topological_generations(condensed)
    ]


def _routed(graph: nx.DiGraph, layers: list[list]) -> tuple[nx.Graph, dict[tuple[str, str], list[Lane]]]:
    """Give arrows over several layers a lane in each layer between, so that none runs behind a box.

    The lanes are added to `layers`. Returns who neighbours whom, lanes included, and the lanes of each arrow.
    """
    place = {name: number for number, layer in enumerate(layers) for name in layer}
    neighbours, routes = nx.Graph(), {}
    neighbours.add_nodes_from(graph)
    for a, b in sorted(graph.edges):
        routes[a, b] = [(a, b, number) for number in range(place[a] + 1, place[b])]
        for lane in routes[a, b]:
            layers[lane[2]].append(lane)
        nx.add_path(neighbours, [a, *routes[a, b], b])
    return neighbours, routes


def _ordered(layers: list[list], neighbours: nx.Graph) -> list[list]:
    """Sort each layer by the mean position of its neighbours, a few sweeps both ways (barycentre rule)."""
    rank = {name: row / len(layer) for layer in layers for row, name in enumerate(layer)}

    def mean(name: object) -> tuple[float, str]:
        ranks = [rank[other] for other in neighbours[name]]
        return sum(ranks) / len(ranks), str(name)

    for sweep in range(8):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(key=mean)
            rank.update({name: (row + 0.5) / len(layer) for row, name in enumerate(layer)})
    return layers


def _corners(layers: list[list]) -> tuple[dict, int]:
    """The upper left corner of every box and lane, each layer centred, and the height of the whole."""
    heights = [sum(_height(name) + GAP_Y for name in layer) - GAP_Y for layer in layers]
    tallest = max(heights, default=0)
    corners = {}
    for column, layer in enumerate(layers):
        y = MARGIN + (tallest - heights[column]) // 2
        for name in layer:
            corners[name] = (MARGIN + column * (BOX_WIDTH + GAP_X), y)
            y += _height(name) + GAP_Y
    return corners, tallest + 2 * MARGIN


def _height(name: str | Lane) -> int:
    return BOX_HEIGHT if isinstance(name, str) else LANE


def _path(corners: Mapping, stops: tuple) -> str:
    """A curve from the right of the first stop, along the lanes between, to the left of the last."""
    drawn = ""
    for start, end in zip(stops, stops[1:], strict=False):
        x1, y1 = corners[start][0] + BOX_WIDTH, corners[start][1] + _height(start) // 2
        x2, y2 = corners[end][0], corners[end][1] + _height(end) // 2
        if end == stops[-1]:
            x2 -= 5  # the arrow head takes the last five pixels
        bend = max(GAP_X // 2, (x2 - x1) // 2)
        drawn += f"{'L' if drawn else 'M'}{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return drawn
