"""One definition of a list gives its table, filters, paging, scope and cards; no list writes its own page."""

from app.platform.lists import deciding, exporting
from app.platform.lists.asked import Asked, read
from app.platform.lists.catalogue import find
from app.platform.lists.choosing import Choice
from app.platform.lists.definition import Chip, Column, Due, Filter, Link, Linked, List, Rows, Verb
from app.platform.lists.fetch import Line, Page, fetch, instances, tally
from app.platform.lists.narrowing import Period, contains, during, regions_below, within
from app.platform.lists.openings import openings
from app.platform.registry import house

__all__ = [
    "Asked",
    "Chip",
    "Choice",
    "Column",
    "Due",
    "Filter",
    "Line",
    "Link",
    "Linked",
    "List",
    "Page",
    "Period",
    "Rows",
    "Verb",
    "contains",
    "deciding",
    "during",
    "exporting",
    "fetch",
    "find",
    "instances",
    "openings",
    "plug",
    "read",
    "regions_below",
    "tally",
    "within",
]


def plug() -> None:
    """Register the errands of lists."""
    house.job(exporting.KIND)(exporting.run)
    house.job(deciding.KIND)(deciding.run)
