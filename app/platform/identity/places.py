"""Where something is: one path for regions and the units in them, compared by its beginning.

`"130000/130400/130402/"` is a district, `"130000/130400/u01J…/"` a unit of the city, `""` everywhere. The
column type sorts by bytes on every database, so that "below" is an index range.
"""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, true

Place = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Column type of a path. Any table that is asked "what lies below" uses it."""

LEVELS = ("province", "city", "district")
_LAST = "\U0010ffff"


def below(column: Any, place: str) -> ColumnElement[bool]:
    """Ask whether `column` is `place` or lies under it, as a range an index can answer."""
    if not place:
        return true()
    return and_(column >= place, column < place + _LAST)


def lies_below(path: str, place: str) -> bool:
    """Return whether `path` is `place` or lies under it."""
    return path.startswith(place)


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
