"""A list in parts gives the pages and counts of the same list as one query, however its parts overlap (C-15, D1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, Select, create_engine, event, func, insert, or_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.platform import lists
from app.platform.data import Moment
from app.platform.lists import parts as in_parts
from app.platform.lists.fetch import narrow
from app.platform.lists.fetch import order as ordered
from app.platform.registry import Acting, Post, Words
from tests.platform.lists.guests import NOW

WORDS = Words("名", "Name")
BY = Acting("me", "", "", (Post("p", "r", ""),))


class Own(DeclarativeBase):
    """Tables of this test alone."""


class Host(Own):
    """Another table that rows are joined to."""

    __tablename__ = "host"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Guest(Own):
    """A row to list."""

    __tablename__ = "guest"
    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("host.id"))
    kind: Mapped[int]
    came_at: Mapped[Any] = mapped_column(Moment)
    leaves_at: Mapped[Any] = mapped_column(Moment, nullable=True)


SCOPE = (Guest.kind == 1, Guest.kind.in_((1, 2)), Guest.id < 3)


def rows() -> Select[Any]:
    return select(Guest.id, Guest.kind, Host.name).join(Host, Host.id == Guest.host_id)


ONE = lists.List(
    key="guests",
    title=WORDS,
    columns=(
        lists.Column("name", WORDS),
        lists.Column("came", WORDS, sort=Guest.came_at, value=lambda row: row["id"]),
        lists.Column("leaves", WORDS, sort=lists.latest(Guest.leaves_at), value=lambda row: row["id"]),
    ),
    filters=(
        lists.Filter("q", WORDS, "text", lambda text, now: lists.contains(text, Host.name)),
        lists.Filter("kind", WORDS, "text", lambda text, now: Guest.kind == int(text)),
    ),
    query=lambda session, by, now: rows().where(or_(*SCOPE)),
    order=(Guest.came_at, Guest.id),
    row="id",
    exact=30,
)
PARTS = replace(ONE, parts=lambda session, by, now: lists.Parts(Guest.id, SCOPE, rows()))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://")
    Own.metadata.create_all(made)
    with made.begin() as connection:
        connection.execute(insert(Host), [{"id": n, "name": f"主人{n}"} for n in range(7)])
        guests = [
            {
                "id": n,
                "host_id": n % 7,
                "kind": n % 4,
                "came_at": NOW - timedelta(hours=n * 7 % 50),
                "leaves_at": None if n % 5 == 0 else NOW + timedelta(hours=n * 11 % 23),
            }
            for n in range(80)
        ]
        connection.execute(insert(Guest), guests)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def page(listing: lists.List, session: Session, **sent: str) -> lists.Page:
    return lists.fetch(listing, session, BY, lists.read(listing, session, BY, sent), NOW)


@pytest.mark.parametrize("sort", ["", "came", "-came", "leaves", "-leaves"])
@pytest.mark.parametrize("kind", ["", "1", "2", "3"])
@pytest.mark.parametrize("q", ["", "主人3", "没有"])
def test_every_page_is_that_of_the_query(session: Session, sort: str, kind: str, q: str) -> None:
    sent = {name: text for name, text in (("sort", sort), ("kind", kind), ("q", q)) if text}
    listing = replace(ONE, exact=1_000)
    asked = lists.read(listing, session, BY, sent)
    narrowed = narrow(session, listing.query(session, BY, NOW), listing, asked, NOW)
    order = ordered(PARTS, asked)
    expected = [row.id for row in session.execute(narrowed.order_by(*order))]
    found: list[Any] = []
    for number in range(1, 7):
        shown = page(replace(PARTS, exact=1_000), session, **sent, page=str(number))
        assert (shown.total, shown.more) == (len(expected), False)
        if shown.page == number:
            found += [int(line.row or 0) for line in shown.rows]
    assert found == expected


def test_the_total_is_exact_to_its_bound_and_pages_go_on_beyond_it(session: Session) -> None:
    in_all = session.scalar(select(func.count()).where(or_(*SCOPE)).select_from(Guest))
    assert in_all == 41
    first = page(PARTS, session)
    assert (first.total, first.more, first.page, first.pages) == (30, True, 1, 4)
    fourth = page(PARTS, session, page="4")
    assert (fourth.page, fourth.rows[0].number, fourth.pages) == (4, 31, 5)
    last = page(PARTS, session, page="99")
    assert (last.page, last.pages, last.total, last.more, len(last.rows)) == (5, 5, 30, True, 1)
    assert lists.count(PARTS, session, BY, NOW, 31) == 31
    assert lists.count(PARTS, session, BY, NOW, 100) == in_all


def test_an_empty_page_says_what_the_filters_hold_back(session: Session) -> None:
    assert page(PARTS, session, q="没有").hidden == 30
    assert page(PARTS, session, kind="3").hidden == 30


def test_a_text_is_looked_for_among_the_first_rows_and_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_parts, "REACH", 15)
    everywhere = page(ONE, session, q="主人3")
    near = page(PARTS, session, q="主人3")
    assert 0 < near.total < everywhere.total
    assert near.is_cut
    assert not page(PARTS, session, kind="1").is_cut
    assert not page(PARTS, session, q="主人3", kind="3").is_cut


def test_what_an_index_points_at_is_found_beyond_them_and_never_out_of_scope(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_parts, "REACH", 1)
    pointing = replace(PARTS.filters[0], points=lambda session, text: Guest.id.in_((70, 71, 73)))
    listing = replace(PARTS, filters=(pointing, PARTS.filters[1]))
    assert {line.row for line in page(listing, session, q="没有").rows} == {"70", "73"}
    assert {line.row for line in page(listing, session, q="没有", kind="2").rows} == {"70"}


def test_a_page_is_two_statements_and_one_more_with_a_text(engine: Engine, session: Session) -> None:
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    page(PARTS, session)
    assert len(said) == 2
    said.clear()
    page(PARTS, session, q="主人3", sort="-leaves")
    assert len(said) == 3


def test_own_conditions_do_not_join_other_tables(engine: Engine, session: Session) -> None:
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    lists.count(PARTS, session, BY, NOW, 10, lists.read(PARTS, session, BY, {"kind": "1"}))
    assert len(said) == 1
    assert "host" not in said[0]


@pytest.mark.parametrize("sent", [{}, {"q": "主人3"}, {"kind": "1"}, {"sort": "-leaves", "page": "3"}])
def test_who_has_no_part_has_an_empty_list(session: Session, sent: dict[str, str]) -> None:
    """Whoever has lost his last post: nothing waits for him, and nothing fails."""
    nothing = replace(PARTS, parts=lambda session, by, now: lists.Parts(Guest.id, (), rows()))
    shown = page(nothing, session, **sent)
    assert (shown.total, shown.more, len(shown.rows)) == (0, False, 0)
    assert lists.count(nothing, session, BY, NOW, 31) == 0
