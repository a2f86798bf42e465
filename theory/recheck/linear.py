"""Whether margins that are ≥ 0 (or > 0) add up to another one: exact linear programming.

`adds_up` looks for numbers λ ≥ 0 with Σ λ_i f_i = μ g, where μ > 0 (or where a strict f_i has a
part, so that the facts contradict each other). Monomials are so many unknowns of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

from theory.recheck.polynomials import Mono, Poly

LARGEST = 40_000  # entries of a table
Column = tuple[dict[Mono, int], bool]


def adds_up(goal: Poly, facts: Sequence[tuple[Poly, bool]], strict: bool) -> bool:
    """Whether goal ≥ 0 (> 0) follows from facts (margin, strict) by adding them up."""
    columns = [({**_whole(margin)}, above) for margin, above in facts]
    columns.append(({m: -c for m, c in _whole(goal).items()}, not strict))
    columns = _useful(columns)
    rows: dict[Mono | None, int] = {None: 0}
    for column, _ in columns:
        for mono in column:
            rows.setdefault(mono, len(rows))
    if not columns or len(rows) * len(columns) > LARGEST:
        return False
    table = [[0] * len(columns) for _ in rows]
    for n, (column, counts) in enumerate(columns):
        for mono, value in column.items():
            table[rows[mono]][n] = value
        table[0][n] = int(counts)
    return _feasible(table)


def _useful(columns: list[Column]) -> list[Column]:
    """Without those that hold a monomial with a sign that no other column can make up for."""
    while True:
        seen: dict[tuple[Mono, bool], int] = {}
        for column, _ in columns:
            for mono, value in column.items():
                seen[mono, value > 0] = 1
        kept = [
            (column, counts) for column, counts in columns
            if all((mono, value < 0) in seen for mono, value in column.items())
        ]  # fmt: skip
        if len(kept) == len(columns):
            return kept
        columns = kept


def _whole(poly: Poly) -> dict[Mono, int]:
    """A positive multiple with whole coefficients."""
    below = lcm(*(c.denominator for c in poly.values()))
    return {mono: int(c * below) for mono, c in poly.items()}


def _feasible(table: list[list[int]]) -> bool:
    """Whether table · λ = (1, 0, …, 0) for some λ ≥ 0: the simplex method with Bland's rule, kept
    in whole numbers over one denominator `unit`.
    """
    right = [1] + [0] * (len(table) - 1)
    width, unit = len(table[0]), 1
    basis = [width + n for n in range(len(table))]  # the artificial variables
    while True:
        missing = [n for n, b in enumerate(basis) if b >= width]
        if all(right[n] == 0 for n in missing):
            return True
        column = next((j for j in range(width) if sum(table[n][j] for n in missing) > 0), None)
        if column is None:
            return False
        rows = [n for n in range(len(table)) if table[n][column] > 0]
        row = rows[0]
        for n in rows[1:]:
            gap = right[n] * table[row][column] - right[row] * table[n][column]
            if gap < 0 or gap == 0 and basis[n] < basis[row]:
                row = n
        pivot = table[row][column]
        for n, line in enumerate(table):
            factor = line[column]
            if n != row and (factor or pivot != unit):
                table[n] = [
                    (a * pivot - b * factor) // unit for a, b in zip(line, table[row], strict=True)
                ]
                right[n] = (right[n] * pivot - right[row] * factor) // unit
        basis[row], unit = column, pivot
