"""Where something is: one path for regions and the units in them, compared by its beginning.

`"130000/130400/130402/"` is a district, `"130000/130400/u01J…/"` a unit of the city, `""` everywhere. The
column type sorts by bytes on every database, so that "below" is an index range.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, and_, false, func, literal_column, or_, true


class Path(String):
    """Text that is a path: `moving_places` finds every column of it, and lets it follow what has moved."""


Place = Path(200).with_variant(String(200, collation="C"), "postgresql")
"""Column type of a path. Any table that is asked "what lies below" uses it."""

LEVELS = ("province", "city", "district")
BEGINNINGS = (7, 14)
"""How long the paths of provinces and cities are: the beginnings of a place that have indexes."""
_LAST = "\U0010ffff"
_ALONE = "="


def alone(place: str) -> str:
    """What a reach says of a place under which it does not go: for `below`, `within`, `inside`, and nothing else.

    It is no path and no path begins with it, so that who compares it as one finds nothing rather than too much.
    """
    return place + _ALONE if place else place


def bare(place: str) -> str:
    """The place itself that a reach speaks of, `alone` or not."""
    return place.removesuffix(_ALONE)


def below(column: Any, place: str) -> ColumnElement[bool]:
    """Ask whether `column` is `place` or, unless that is `alone`, lies under it: as a range an index can answer."""
    if not place:
        return true()
    if place.endswith(_ALONE):
        same: ColumnElement[bool] = column == bare(place)
        return same
    return and_(column >= place, column < place + _LAST)


def begins(column: Any, place: str) -> ColumnElement[bool]:
    """Ask the same as `below`; for a province or a city as an equality, after which an index goes on in order.

    The lengths stand in the statement as they stand in the index on the column's beginning.
    """
    if len(place) not in BEGINNINGS or place.endswith(_ALONE):
        return below(column, place)
    return func.substr(column, literal_column("1"), literal_column(str(len(place)))) == place


def lies_below(path: str, place: str) -> bool:
    """Return whether `path` is `place` or, unless that is `alone`, lies under it."""
    return path == bare(place) if place.endswith(_ALONE) else path.startswith(place)


def within(column: Any, reach: Iterable[str]) -> ColumnElement[bool]:
    """Ask whether `column` lies at or below one of the places of a reach."""
    return or_(false(), *(below(column, place) for place in reach))


def inside(path: str, reach: Iterable[str]) -> bool:
    """Return whether `path` lies at or below one of the places of a reach."""
    return any(lies_below(path, place) for place in reach)


def is_whole(path: str, reach: Iterable[str]) -> bool:
    """Return whether a reach includes `path` with all that lies under it, or ever will."""
    return any(path.startswith(place) for place in reach if not place.endswith(_ALONE))


def above(path: str) -> tuple[str, ...]:
    """Return every path that `path` lies under, from everywhere (`""`) down to itself."""
    steps = path.split("/")[:-1]
    return tuple("".join(step + "/" for step in steps[:end]) for end in range(len(steps) + 1))


def region_of(path: str) -> str:
    """Return the region a place lies in: the path without its units."""
    steps = path.split("/")[:-1]
    return "".join(step + "/" for step in steps if not step.startswith("u"))


def unit_of(path: str) -> str | None:
    """Return the id of the innermost unit of a place, or None where it is a region."""
    steps = path.split("/")[:-1]
    return steps[-1][1:] if steps and steps[-1].startswith("u") else None


def ancestor(path: str, level: str) -> str:
    """Return the region of `level` (province, city, district) a place lies in.

    A region that has no ancestor of that level answers itself (C-51): a county directly under its province is
    its own city, 东莞 its own district. For a unit that region is the one it lies in.
    """
    steps = region_of(path).split("/")[:-1]
    return "".join(step + "/" for step in steps[: LEVELS.index(level) + 1])
