"""Answering a list: a bounded count and one page of rows, in a fixed number of statements (C-15)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.forms import masking
from app.platform.lists import parts as in_parts
from app.platform.lists import walks
from app.platform.lists.asked import Asked
from app.platform.lists.definition import EXACT, Column, Data, Filter, Link, List, Rows, Verb
from app.platform.registry import Acting, Words

NOTHING = Asked()


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
    """One page of a list. `total` is exact up to the list's `exact`, then `more` is true and it is that (10000+).

    `hidden` counts what the filters keep from an empty page, so that the page can say why it is empty. `is_cut`: a
    text was looked for among the first rows only (`parts.REACH`), and beyond them by what an index finds.
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
    is_cut: bool = False


def fetch(
    listing: List,
    session: Session,
    acting: Acting,
    asked: Asked,
    now: datetime,
    columns: tuple[Column, ...] | None = None,
) -> Page:
    """Answer `asked`: two statements and those of the list's `more`. A page past the end is the last one.

    `columns` are those the reader wants to see, else those shown at first.
    """
    columns = columns if columns is not None else at_first(listing)
    find = _find_on_a_walk if listing.walk else _find if listing.parts is None else _find_in_parts
    found = find(listing, session, acting, asked, now)
    rows = cast(Sequence[Data], found.rows)
    rows = listing.more(session, rows) if listing.more and rows else rows
    lines = tuple(
        _line(listing, columns, row, found.start + place, acting) for place, row in enumerate(rows, 1)
    )
    hidden = 0
    if not found.total and asked.values:
        hidden = min(count(listing, session, acting, now, listing.exact + 1), listing.exact)
    lead = listing.lead(asked.values) if listing.lead else None
    page = found.start // asked.size + 1
    total, more = min(found.total, listing.exact), found.total > listing.exact
    return Page(
        listing,
        asked,
        columns,
        lines,
        total,
        more,
        page,
        found.pages,
        asked.size,
        hidden,
        lead,
        found.is_cut,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    rows: Sequence[Any]
    start: int
    pages: int
    total: int
    is_cut: bool = False


def _find(listing: List, session: Session, acting: Acting, asked: Asked, now: datetime) -> _Found:
    """Count what the query finds, then read the page."""
    narrowed = narrow(session, listing.query(session, acting, now), listing, asked, now)
    total = tally(session, narrowed, listing.exact + 1)
    pages = max(1, -(-min(total, listing.exact) // asked.size))
    start = (min(max(1, asked.page), pages) - 1) * asked.size
    if not total:
        return _Found((), start, pages, total)
    page = narrowed.order_by(*order(listing, asked)).offset(start).limit(asked.size)
    return _Found(session.execute(page).mappings().all(), start, pages, total)


def _find_in_parts(listing: List, session: Session, acting: Acting, asked: Asked, now: datetime) -> _Found:
    """Walk the parts as far as the count is exact, or as the page asked for lies; then read the page by its keys."""
    assert listing.parts is not None
    parts = listing.parts(session, acting, now)
    reach = min(max(1, asked.page) * asked.size, EXACT)
    bound = max(listing.exact, reach) + 1
    narrowed = _narrowed(listing, session, asked, now)
    keys = in_parts.first(session, parts, narrowed, order(listing, asked), bound)
    pages = max(1, -(-min(len(keys), bound - 1) // asked.size))
    start = (min(max(1, asked.page), pages) - 1) * asked.size
    rows = in_parts.read(session, parts, keys[start : start + asked.size])
    is_cut = in_parts.is_cut(session, parts, narrowed)
    return _Found(rows, start, pages + (len(keys) == bound), len(keys), is_cut)


def _find_on_a_walk(listing: List, session: Session, acting: Acting, asked: Asked, now: datetime) -> _Found:
    """Find the keys of the page as quickly as can be, then read its rows by them."""
    assert listing.walk is not None
    walk = listing.walk(session, acting, now, asked)
    keys, start, total = walks.first(session, walk, asked.page, asked.size, listing.exact)
    pages = max(1, -(-min(total, listing.exact) // asked.size))
    return _Found(walks.read(session, walk, keys), start, pages, total)


def count(
    listing: List,
    session: Session,
    acting: Acting,
    now: datetime,
    bound: int,
    asked: Asked = NOTHING,
) -> int:
    """How many rows a list has under the filters asked, looking at no more than `bound`. One statement."""
    return tally(session, keys(listing, session, acting, now, bound, asked), bound)


def keys(
    listing: List,
    session: Session,
    acting: Acting,
    now: datetime,
    bound: int,
    asked: Asked = NOTHING,
) -> Rows:
    """The query of a list's rows alone, to be counted: `bound` at most, in no order."""
    if listing.parts is not None:
        parts, narrowed = listing.parts(session, acting, now), _narrowed(listing, session, asked, now)
        return in_parts.keys(parts, narrowed, order(listing, asked), bound)
    if listing.walk is not None:
        return listing.walk(session, acting, now, asked).counted.limit(bound)
    found = narrow(session, listing.query(session, acting, now), listing, asked, now)
    return found.with_only_columns(found.selected_columns[listing.row]).limit(bound) if listing.row else found


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


def narrow(session: Session, query: Rows, listing: List, asked: Asked, now: datetime) -> Rows:
    """Narrow `query` by the filters asked."""
    return query.where(*_wanted(session, listing, asked, now))


def _wanted(
    session: Session, listing: List, asked: Asked, now: datetime, without: Sequence[Filter] = ()
) -> list[Any]:
    wanted = (one for one in listing.filters if one.key in asked.values and one not in without)
    found = [one.where(asked.values[one.key], now) for one in wanted]
    joint = listing.jointly(session, asked.values, now) if listing.jointly else None
    return found if joint is None else [*found, joint]


def _narrowed(listing: List, session: Session, asked: Asked, now: datetime) -> in_parts.Narrowed:
    pointing = next((one for one in listing.filters if one.points and one.key in asked.values), None)
    pointed = pointing.points(session, asked.values[pointing.key]) if pointing and pointing.points else None
    own = [one for one in listing.filters if one.is_own and one.key in asked.values]
    texts = tuple(one.where(asked.values[one.key], now) for one in own)
    return in_parts.Narrowed(tuple(_wanted(session, listing, asked, now, without=own)), texts, pointed)


def order(listing: List, asked: Asked) -> list[Any]:
    """The order asked for, then the list's own; that one turned round, too, where one index is to serve both."""
    if not asked.sort:
        return list(listing.order)
    chosen = listing.sortable[asked.sort.removeprefix("-")]
    if listing.walk is not None:  # what has no value comes last, on every database
        directed = chosen.desc() if asked.sort.startswith("-") else chosen.asc()
        return [chosen.is_(None), directed, *listing.order]
    if not asked.sort.startswith("-"):
        return [chosen.asc(), *listing.order]
    rest = listing.order if listing.parts is None else [in_parts.turned(one) for one in listing.order]
    return [chosen.desc(), *rest]


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
