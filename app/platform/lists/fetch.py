"""Answering a list: a bounded count and one page of rows, in a fixed number of statements (C-15)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.forms import masking
from app.platform.lists.asked import Asked
from app.platform.lists.definition import Column, Data, Link, List, Rows
from app.platform.registry import Acting, Words

EXACT = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page may see it: masked cells, its serial number over all pages, where it leads."""

    number: int
    cells: Mapping[str, Any]
    link: Link | None
    instance: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `total` is exact up to 10,000, then `more` is true and it is 10,000 (shown 10000+).

    `hidden` counts what the filters keep from an empty page, so that the page can say why it is empty.
    """

    list: List
    asked: Asked
    rows: tuple[Line, ...]
    total: int
    more: bool
    page: int
    pages: int
    size: int
    hidden: int = 0
    lead: Words | None = None


def fetch(listing: List, session: Session, acting: Acting, asked: Asked, now: datetime) -> Page:
    """Answer `asked`: two statements, whatever the number of rows. A page past the end is the last one."""
    scoped = listing.query(session, acting, now)
    narrowed = _narrow(scoped, listing, asked, now)
    total = tally(session, narrowed, EXACT + 1)
    more = total > EXACT
    total = min(total, EXACT)
    pages = max(1, -(-total // asked.size))
    page = min(max(1, asked.page), pages)
    start = (page - 1) * asked.size
    rows = (
        session.execute(narrowed.order_by(*_order(listing, asked)).offset(start).limit(asked.size)).mappings()
        if total
        else ()
    )
    lines = tuple(_line(listing, cast(Data, row), start + place) for place, row in enumerate(rows, 1))
    hidden = min(tally(session, scoped, EXACT + 1), EXACT) if not total and asked.values else 0
    lead = listing.lead(asked.values) if listing.lead else None
    return Page(listing, asked, lines, total, more, page, pages, asked.size, hidden, lead)


def tally(session: Session, query: Rows, bound: int) -> int:
    """Count the rows of `query`, but never look at more than `bound` of them."""
    inner = query.order_by(None).limit(bound).subquery()
    return session.execute(select(func.count()).select_from(inner)).scalar_one()


def find(package: str, system: str) -> Mapping[str, List]:
    """Lists of one system by key: `LISTS` of `<package>.<system>.lists`, where there is such a file."""
    name = f"{package}.{system}.lists"
    if importlib.util.find_spec(name) is None:
        return {}
    return {found.key: found for found in importlib.import_module(name).LISTS}


def _narrow(query: Rows, listing: List, asked: Asked, now: datetime) -> Rows:
    for one in listing.filters:
        if one.key in asked.values:
            query = query.where(one.where(asked.values[one.key], now))
    return query


def _order(listing: List, asked: Asked) -> list[Any]:
    if not asked.sort:
        return list(listing.order)
    chosen = listing.sortable[asked.sort.removeprefix("-")]
    return [chosen.desc() if asked.sort.startswith("-") else chosen.asc(), *listing.order]


def _line(listing: List, row: Data, number: int) -> Line:
    cells = {column.key: _cell(column, row) for column in listing.columns}
    link = listing.link(row) if listing.link else None
    return Line(number, cells, link, row[listing.instance] if listing.instance else None)


def _cell(column: Column, row: Data) -> Any:
    value = column.value(row) if column.value else row[column.key]
    return masking.masked(value, column.mask) if column.mask and value else value
