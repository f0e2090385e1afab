"""Answering a list: a bounded count and one page of rows, in a fixed number of statements (C-15)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.forms import masking
from app.platform.lists.asked import Asked
from app.platform.lists.definition import Column, Data, Link, List, Rows, Verb
from app.platform.registry import Acting, Words

EXACT = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page may see it: masked cells, its serial number over all pages, where it leads.

    `row` is what a tick on it names.
    """

    number: int
    cells: Mapping[str, Any]
    link: Link | None
    instance: str | None
    row: str | None = None
    verbs: tuple[Verb, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `total` is exact up to 10,000, then `more` is true and it is 10,000 (shown 10000+).

    `hidden` counts what the filters keep from an empty page, so that the page can say why it is empty.
    """

    list: List
    asked: Asked
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    total: int
    more: bool
    page: int
    pages: int
    size: int
    hidden: int = 0
    lead: Words | None = None


def fetch(
    listing: List,
    session: Session,
    acting: Acting,
    asked: Asked,
    now: datetime,
    columns: tuple[Column, ...] | None = None,
) -> Page:
    """Answer `asked`: two statements, whatever the number of rows. A page past the end is the last one.

    `columns` are those the reader wants to see, else those shown at first.
    """
    columns = columns if columns is not None else at_first(listing)
    scoped = listing.query(session, acting, now)
    narrowed = narrow(scoped, listing, asked, now)
    total = tally(session, narrowed, EXACT + 1)
    more = total > EXACT
    total = min(total, EXACT)
    pages = max(1, -(-total // asked.size))
    page = min(max(1, asked.page), pages)
    start = (page - 1) * asked.size
    rows = (
        session.execute(narrowed.order_by(*order(listing, asked)).offset(start).limit(asked.size)).mappings()
        if total
        else ()
    )
    lines = tuple(
        _line(listing, columns, cast(Data, row), start + place, acting) for place, row in enumerate(rows, 1)
    )
    hidden = min(tally(session, scoped, EXACT + 1), EXACT) if not total and asked.values else 0
    lead = listing.lead(asked.values) if listing.lead else None
    return Page(listing, asked, columns, lines, total, more, page, pages, asked.size, hidden, lead)


def tally(session: Session, query: Rows, bound: int) -> int:
    """Count the rows of `query`, but never look at more than `bound` of them."""
    inner = query.order_by(None).limit(bound).subquery()
    return session.execute(select(func.count()).select_from(inner)).scalar_one()


def instances(
    listing: List, session: Session, acting: Acting, rows: Collection[str], now: datetime
) -> list[str]:
    """The instances of the rows `rows` (values of the row key) that are in scope, in the list's order."""
    scoped = listing.query(session, acting, now)
    wanted = scoped.where(scoped.selected_columns[str(listing.row)].in_(rows)).order_by(*listing.order)
    found = session.execute(wanted).mappings()
    key = str(listing.instance)
    return [row[key] for row in found if row[key]]


def at_first(listing: List) -> tuple[Column, ...]:
    """The columns that are shown while the reader has not chosen otherwise."""
    return tuple(column for column in listing.columns if not column.hidden_at_first)


def narrow(query: Rows, listing: List, asked: Asked, now: datetime) -> Rows:
    """Narrow `query` by the filters asked."""
    for one in listing.filters:
        if one.key in asked.values:
            query = query.where(one.where(asked.values[one.key], now))
    return query


def order(listing: List, asked: Asked) -> list[Any]:
    """The order asked for, then the list's own."""
    if not asked.sort:
        return list(listing.order)
    chosen = listing.sortable[asked.sort.removeprefix("-")]
    return [chosen.desc() if asked.sort.startswith("-") else chosen.asc(), *listing.order]


def _line(listing: List, columns: tuple[Column, ...], row: Data, number: int, acting: Acting) -> Line:
    return Line(
        number,
        {column.key: cell(column, row) for column in columns},
        listing.link(row) if listing.link else None,
        row[listing.instance] if listing.instance else None,
        str(row[listing.row]) if listing.row else None,
        tuple(listing.verbs(row, acting)) if listing.verbs else (),
    )


def cell(column: Column, row: Data) -> Any:
    """What a reader may see of `row` in `column`: masked where it has a mask (C-39)."""
    value = column.value(row) if column.value else row[column.key]
    return masking.masked(value, column.mask) if column.mask and value else value
