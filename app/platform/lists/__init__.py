"""One definition of a list gives its table, filters, paging, scope and cards; no list writes its own page."""

from app.platform.lists import deciding, exporting
from app.platform.lists.asked import Asked, Known, read
from app.platform.lists.catalogue import find
from app.platform.lists.choosing import Choice
from app.platform.lists.definition import Act, Chip, Column, Due, Filter, Link, Linked, List, Rows, Verb
from app.platform.lists.fetch import Line, Page, count, fetch, instances, keys, tally
from app.platform.lists.narrowing import (
    Period,
    Range,
    between,
    contains,
    during,
    latest,
    region_tree,
    regions_below,
    within,
)
from app.platform.lists.openings import openings
from app.platform.lists.parts import Parts
from app.platform.lists.views import View
from app.platform.registry import house

__all__ = [
    "Act",
    "Asked",
    "Chip",
    "Choice",
    "Column",
    "Due",
    "Filter",
    "Known",
    "Line",
    "Link",
    "Linked",
    "List",
    "Page",
    "Parts",
    "Period",
    "Range",
    "Rows",
    "Verb",
    "View",
    "between",
    "contains",
    "count",
    "deciding",
    "during",
    "exporting",
    "fetch",
    "find",
    "instances",
    "keys",
    "latest",
    "openings",
    "plug",
    "read",
    "region_tree",
    "regions_below",
    "tally",
    "within",
]


def plug() -> None:
    """Register the errands of lists."""
    house.job(exporting.KIND)(exporting.run)
    house.job(deciding.KIND)(deciding.run)
