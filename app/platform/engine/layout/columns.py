"""Sugiyama's method on a grid: columns by the longest way, long ways through cells of their own, rows by neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from app.platform.engine.layout.pieces import Arc, Piece, Scope

_SWEEPS = 6
MOST_PASSING = 3_000


@dataclass(eq=False)
class Cell:
    """A place in the grid: of a piece, or of a way that passes. Rows count within the lane."""

    column: int
    lane: int
    piece: Piece | None = None
    row: int = 0
    rank: float = 0.0
    aside: float = 0.0  # how much further down than its neighbours it belongs: behind an event on an edge
    before: list[Cell] = field(default_factory=list)
    after: list[Cell] = field(default_factory=list)


@dataclass(eq=False)
class Grid:
    """The cells by column; for each arc those it runs over, from its source to its target, and whether it goes back."""

    columns: list[list[Cell]]
    chains: dict[Arc, tuple[list[Cell], bool]]
    alone: list[Piece]


def grid(scope: Scope) -> Grid:
    """Place the pieces of a scope; those that no arc touches are `alone`."""
    touched = {end for arc in scope.arcs for end in (arc.source, arc.target)}
    pieces = [piece for piece in scope.pieces if piece in touched]
    alone = [piece for piece in scope.pieces if piece not in touched]
    back = _back(pieces, scope.arcs)
    depth = _depths(pieces, [arc for arc in scope.arcs if arc not in back])
    columns: list[list[Cell]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    cells = {piece: Cell(depth[piece], piece.lane, piece) for piece in pieces}
    for piece in pieces:
        columns[depth[piece]].append(cells[piece])
    chains: dict[Arc, tuple[list[Cell], bool]] = {}
    back |= set(_far([arc for arc in scope.arcs if arc not in back], depth))
    for arc in (arc for arc in scope.arcs if arc not in back):
        source, target = cells[arc.source], cells[arc.target]
        passing = [Cell(column, source.lane) for column in range(source.column + 1, target.column)]
        for cell in passing:
            columns[cell.column].append(cell)
        chain = [source, *passing, target]
        if arc.edge is not None and not chain[1].before:
            chain[1].aside = 1 + len(arc.source.edges) - arc.source.edges.index(arc.edge)
        for early, late in pairwise(chain):
            early.after.append(late)
            late.before.append(early)
        chains[arc] = (chain, False)
    _order(columns)
    _rows(columns)
    _return(
        columns, [(arc, cells[arc.source], cells[arc.target]) for arc in scope.arcs if arc in back], chains
    )
    return Grid(columns, chains, alone)


def _far(arcs: list[Arc], depth: dict[Piece, int]) -> Iterator[Arc]:
    """The longest ways, where all pass more cells than can be ordered in a moment: they run at the foot, too."""
    passed = 0
    for arc in sorted(arcs, key=lambda arc: depth[arc.target] - depth[arc.source]):
        passed += depth[arc.target] - depth[arc.source] - 1
        if passed > MOST_PASSING and depth[arc.target] - depth[arc.source] > 1:
            yield arc


def _return(
    columns: list[list[Cell]],
    arcs: list[tuple[Arc, Cell, Cell]],
    chains: dict[Arc, tuple[list[Cell], bool]],
) -> None:
    """Ways that go back run in rows of their own at the foot of a lane; those that do not meet share one."""
    feet: dict[int, int] = {}
    for cell in (cell for column in columns for cell in column):
        feet[cell.lane] = max(feet.get(cell.lane, -1), cell.row)
    taken: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for arc, source, target in sorted(arcs, key=lambda one: abs(one[1].column - one[2].column)):
        lane, row = min(source.lane, target.lane), 1
        reach = sorted((target.column, source.column))
        while any(low <= reach[1] + 1 and reach[0] <= high + 1 for low, high in taken.get((lane, row), ())):
            row += 1
        taken.setdefault((lane, row), []).append((reach[0], reach[1]))
        ends = [
            Cell(source.column, lane, row=feet[lane] + row),
            Cell(target.column, lane, row=feet[lane] + row),
        ]
        columns[source.column].append(ends[0])
        columns[target.column].append(ends[1])
        chains[arc] = ([source, *ends, target], True)


def _back(pieces: list[Piece], arcs: list[Arc]) -> set[Arc]:
    """The arcs that close a circle, as a walk from the starts finds them."""
    leaving: dict[Piece, list[Arc]] = {piece: [] for piece in pieces}
    entered = {arc.target for arc in arcs}
    for arc in arcs:
        leaving[arc.source].append(arc)
    found: set[Arc] = set()
    state: dict[Piece, int] = {}
    for start in sorted(pieces, key=lambda piece: piece in entered):
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(leaving[start]))]
        while stack:
            at, ways = stack[-1]
            way = next(ways, None)
            if way is None:
                state[at] = 2
                stack.pop()
            elif state.get(way.target) == 1:
                found.add(way)
            elif way.target not in state:
                state[way.target] = 1
                stack.append((way.target, iter(leaving[way.target])))
    return found


def _depths(pieces: list[Piece], arcs: list[Arc]) -> dict[Piece, int]:
    """The column of each piece: as far right as its longest way from a start."""
    open_ways = dict.fromkeys(pieces, 0)
    leaving: dict[Piece, list[Piece]] = {piece: [] for piece in pieces}
    for arc in arcs:
        open_ways[arc.target] += 1
        leaving[arc.source].append(arc.target)
    depth = dict.fromkeys(pieces, 0)
    todo = [piece for piece in pieces if not open_ways[piece]]
    while todo:
        at = todo.pop()
        for other in leaving[at]:
            depth[other] = max(depth[other], depth[at] + 1)
            open_ways[other] -= 1
            if not open_ways[other]:
                todo.append(other)
    return depth


def _order(columns: list[list[Cell]]) -> None:
    """Sort each column by the middle of its neighbours, forth and back a few times; lanes stay in order."""
    for column in columns:
        for place, cell in enumerate(column):
            cell.rank = place
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            for cell in column:
                near = cell.before if sweep % 2 == 0 else cell.after
                ranks = [other.rank for other in near]
                cell.rank = sum(ranks) / len(ranks) + cell.aside / 9 if ranks else cell.rank
            column.sort(key=lambda cell: (cell.lane, cell.rank))
            for place, cell in enumerate(column):
                cell.rank = place


def _rows(columns: list[list[Cell]]) -> None:
    """Give each cell a row of its lane, near its neighbours', each row once in a column; then close empty rows."""
    for column in columns:
        for lane in {cell.lane for cell in column}:
            for place, cell in enumerate([cell for cell in column if cell.lane == lane]):
                cell.row = place
    for sweep in range(_SWEEPS + 1):
        forth = sweep % 2 == 0
        for column in columns if forth else reversed(columns):
            for lane in sorted({cell.lane for cell in column}):
                members = [cell for cell in column if cell.lane == lane]
                wished = [_wish(cell, forth, sweep) for cell in members]
                for cell, row in zip(members, _apart(wished), strict=True):
                    cell.row = row
    used: dict[int, list[int]] = {}
    for column in columns:
        for cell in column:
            used.setdefault(cell.lane, []).append(cell.row)
    places = {
        lane: {row: place for place, row in enumerate(sorted(set(rows)))} for lane, rows in used.items()
    }
    for column in columns:
        for cell in column:
            cell.row = places[cell.lane][cell.row]


def _wish(cell: Cell, forth: bool, sweep: int) -> float:
    """The row a cell would have for itself; a way that only passes below leaves the straight one to others."""
    near = (cell.before if forth else cell.after) if sweep < 3 else [*cell.before, *cell.after]
    rows = [other.row for other in near if other.lane == cell.lane]
    return median(rows) + (min(1, cell.aside) if forth else 0) if rows else float(cell.row)


def _apart(wished: list[float]) -> list[int]:
    """Whole rows in the given order, each once, as near to the wishes as that allows."""
    blocks: list[tuple[float, int]] = []
    for place, wish in enumerate(wished):
        middle, count = wish - place, 1
        while blocks and blocks[-1][0] > middle:
            above, size = blocks.pop()
            middle, count = (above * size + middle * count) / (size + count), size + count
        blocks.append((middle, count))
    rows: list[int] = []
    for middle, count in blocks:
        for _ in range(count):
            row = round(middle) + len(rows)
            rows.append(max(row, rows[-1] + 1) if rows else row)
    return rows
