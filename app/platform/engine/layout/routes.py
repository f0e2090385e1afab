"""From the grid to points on the sheet: columns, rows and lanes get their sizes, ways run at right angles."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from app.platform.engine.layout.columns import Cell, Grid, grid
from app.platform.engine.layout.pieces import EVENT, SIDE_PADDING, STEP, TITLE, Arc, Piece, Scope, width_of

GAP, TRACK = 30.0, 14.0
ROW_GAP = 14.0
PASSING = 12.0
LONGEST_LABEL = 120.0


@dataclass(eq=False)
class Trunk:
    """The upright part that ways share in the gap between two columns; `left` and `right` are the heights it joins."""

    left: set[float] = field(default_factory=set)
    right: set[float] = field(default_factory=set)
    label: float = 0.0
    at: float = 0.0

    @property
    def straight(self) -> bool:
        """Whether it turns nowhere."""
        return len(self.left | self.right) < 2


def lay_out(scope: Scope) -> None:
    """Place everything in a scope from (0, 0): inner scopes first, so that what holds them is large enough."""
    for piece in scope.pieces:
        if piece.inner is not None:
            lay_out(piece.inner)
            piece.width = max(piece.width, piece.inner.width + 2 * SIDE_PADDING)
            piece.height = max(piece.height, piece.inner.height + TITLE + SIDE_PADDING)
    placed = grid(scope)
    heights = _rows(scope, placed)
    trunks, ends = _trunks(placed, heights)
    edges = _columns(scope, placed, trunks)
    for column in placed.columns:
        for cell in column:
            if cell.piece is not None:
                left, width = edges[cell.column]
                cell.piece.left = left + (width - cell.piece.width) / 2
                cell.piece.top = heights[cell.lane, cell.row] - cell.piece.height / 2
    _edge_events(scope)
    for arc, (chain, _back) in placed.chains.items():
        arc.points = _points(arc, chain, trunks, ends[arc], heights)
    _strips(scope, placed.alone)


def _rows(scope: Scope, placed: Grid) -> dict[tuple[int, int], float]:
    """The middle of every row, and the bands of the lanes in `scope.bands`."""
    above: dict[tuple[int, int], float] = {}
    below: dict[tuple[int, int], float] = {}
    for cell in (cell for column in placed.columns for cell in column):
        key, piece = (cell.lane, cell.row), cell.piece
        over, under = (piece.height / 2, piece.height / 2 + piece.below) if piece else (PASSING, PASSING)
        above[key], below[key] = max(above.get(key, 0), over), max(below.get(key, 0), under)
    middles: dict[tuple[int, int], float] = {}
    top = 0.0
    for lane in range(scope.lanes):
        began = top
        top += ROW_GAP
        for key in sorted(key for key in above if key[0] == lane):
            middles[key] = top + above[key]
            top += above[key] + below[key] + ROW_GAP
        top += _strip_height(scope, placed.alone, lane)
        top = max(top, began + (120 if scope.lanes > 1 else 40))
        scope.bands.append((began, top))
    scope.height = top
    return middles


def _hops(chain: list[Cell], back: bool) -> list[tuple[int, Cell, Cell, str, str]]:
    """The gaps a way crosses, in its order: which, between what, and on which side of the gap each of them lies."""
    found = []
    for one, other in pairwise(chain):
        if not back:
            found.append((other.column, one, other, "left", "right"))
        elif one.piece is not None and one is chain[0]:
            found.append((one.column + 1, one, other, "left", "left"))
        elif other is chain[-1]:
            found.append((other.column, one, other, "right", "right"))
    return found


Ends = list[tuple[Trunk, float, float]]


def _trunks(
    placed: Grid, heights: dict[tuple[int, int], float]
) -> tuple[dict[int, list[Trunk]], dict[Arc, Ends]]:
    """For each gap its trunks, and for each arc those it takes with the heights where it enters and leaves them."""
    outs: dict[tuple[int, object, bool], int] = {}
    hops = {arc: _hops(chain, back) for arc, (chain, back) in placed.chains.items()}
    for arc, crossed in hops.items():
        for gap, one, _other, *_sides in crossed:
            key = (gap, arc.edge or one, placed.chains[arc][1])
            outs[key] = outs.get(key, 0) + 1
    known: dict[tuple[object, ...], Trunk] = {}
    gaps: dict[int, list[Trunk]] = {}
    ends: dict[Arc, Ends] = {}
    for arc, crossed in hops.items():
        back, ends[arc] = placed.chains[arc][1], []
        for number, (gap, one, other, side, far) in enumerate(crossed):
            begin = (arc.edge or one) if number == 0 else one
            fork = outs[gap, arc.edge or one, back] > 1
            shared: tuple[object, ...] = (gap, "from", begin, back) if fork or back else (gap, "to", other)
            if shared not in known:
                known[shared] = Trunk()
                gaps.setdefault(gap, []).append(known[shared])
            trunk, start = known[shared], heights[one.lane, one.row]
            if number == 0 and arc.edge is not None:
                start = _leaves(arc, start)
            end = heights[other.lane, other.row]
            getattr(trunk, side).add(start)
            getattr(trunk, far).add(end)
            if number == len(crossed) - 1 or (number == 0 and fork):
                trunk.label = max(trunk.label, min(LONGEST_LABEL, width_of(arc.name)))
            ends[arc].append((trunk, start, end))
    return gaps, ends


def _leaves(arc: Arc, middle: float) -> float:
    """The height at which the way of an event on the lower edge turns to the right: the leftmost event's is deepest."""
    assert arc.edge is not None
    place = arc.source.edges.index(arc.edge)
    return middle + arc.source.height / 2 + EVENT / 2 + STEP * (len(arc.source.edges) - place)


def _columns(scope: Scope, placed: Grid, gaps: dict[int, list[Trunk]]) -> list[tuple[float, float]]:
    """Left edge and width of every column; the trunks between get their places."""
    edges: list[tuple[float, float]] = []
    x = 0.0
    for number in range(len(placed.columns) + 1):
        trunks = _sorted([trunk for trunk in gaps.get(number, []) if not trunk.straight])
        label = max((trunk.label for trunk in gaps.get(number, [])), default=0.0)
        for place, trunk in enumerate(trunks):
            trunk.at = x + GAP / 2 + place * TRACK
        outer = number in (0, len(placed.columns))
        x += (GAP / 2 if outer and not trunks else GAP) + max(0, len(trunks) - 1) * TRACK + label
        if number < len(placed.columns):
            cells = placed.columns[number]
            width = max((cell.piece.cell for cell in cells if cell.piece), default=PASSING)
            edges.append((x, width))
            x += width
    scope.width = max(x, 60.0)
    return edges


def _sorted(trunks: list[Trunk]) -> list[Trunk]:
    """Order the trunks of a gap so that no two run over each other: who begins at a height stands left of who ends."""
    begins: dict[float, list[Trunk]] = {}
    for trunk in trunks:
        for height in trunk.left:
            begins.setdefault(height, []).append(trunk)
    first = {
        one: {other for h in one.right for other in begins.get(h, ()) if other is not one} for one in trunks
    }
    after: dict[Trunk, list[Trunk]] = {}
    for one, others in first.items():
        for other in others:
            after.setdefault(other, []).append(one)
    waits = {one: len(others) for one, others in first.items()}
    free = [one for one in trunks if not waits[one]]
    found: dict[Trunk, None] = {}
    for spare in [None, *trunks]:  # where they wait for each other in a circle, one of them goes first
        if spare is not None and spare not in found and not free:
            free = [spare]
        while free:
            at = free.pop(0)
            if at in found:
                continue
            found[at] = None
            for other in after.get(at, ()):
                waits[other] -= 1
                if not waits[other]:
                    free.append(other)
    return list(found)


def _edge_events(scope: Scope) -> None:
    for piece in scope.pieces:
        step = piece.width / (len(piece.edges) + 1) if piece.edges else 0
        for place, edge in enumerate(piece.edges):
            edge.left = piece.left + step * (place + 1) - EVENT / 2
            edge.top = piece.top + piece.height - EVENT / 2


def _points(
    arc: Arc,
    chain: list[Cell],
    gaps: dict[int, list[Trunk]],
    ends: Ends,
    heights: dict[tuple[int, int], float],
) -> list[tuple[float, float]]:
    source, target = arc.source, arc.target
    if arc.edge is not None:
        middle = arc.edge.left + EVENT / 2
        points = [(middle, arc.edge.top + EVENT), (middle, ends[0][1])]
    else:
        points = [(source.left + source.width, heights[chain[0].lane, chain[0].row])]
    for trunk, start, end in ends:
        if not trunk.straight:
            points += [(trunk.at, start), (trunk.at, end)]
    points.append((target.left, heights[chain[-1].lane, chain[-1].row]))
    kept: list[tuple[float, float]] = []
    for point in points:
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept[-1] = point
        elif not kept or kept[-1] != point:
            kept.append(point)
    return kept


def _in_line(one: tuple[float, float], other: tuple[float, float], third: tuple[float, float]) -> bool:
    return one[0] == other[0] == third[0] or one[1] == other[1] == third[1]


def _strip(scope: Scope, alone: list[Piece], lane: int) -> list[Piece]:
    notes = scope.notes if lane == 0 else []
    return [*(piece for piece in alone if piece.lane == lane), *notes]


def _strip_height(scope: Scope, alone: list[Piece], lane: int) -> float:
    strip = _strip(scope, alone, lane)
    return max((piece.height + piece.below for piece in strip), default=-ROW_GAP) + ROW_GAP


def _strips(scope: Scope, alone: list[Piece]) -> None:
    """What no flow touches stands in a row at the foot of its lane."""
    for lane in range(scope.lanes):
        strip = _strip(scope, alone, lane)
        top = scope.bands[lane][1] - _strip_height(scope, alone, lane)
        x = GAP
        for piece in strip:
            piece.left = x + (piece.cell - piece.width) / 2
            piece.top = top
            x += piece.cell + GAP
        scope.width = max(scope.width, x)
    _edge_events(scope)
