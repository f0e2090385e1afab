"""A list: filters, pages, counts and masks from one definition, in a fixed number of statements."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, Select, create_engine, event, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.platform import lists
from app.platform.data import Moment
from app.platform.registry import Acting, Post, Words

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HANSHAN = "130000/130400/130402/"
CONGTAI = "130000/130400/130403/"


class Own(DeclarativeBase):
    """Tables of this test alone."""


class Guest(Own):
    """A row to list."""

    __tablename__ = "guest"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    state: Mapped[str]
    place: Mapped[str]
    came_at: Mapped[datetime] = mapped_column(Moment)


STATES = (("waiting", Words("尚未审核", "waiting")), ("passed", Words("审核通过", "passed")))


def seen_by(session: Session, acting: Acting, now: datetime) -> Select:
    """Guests within the acting person's posts."""
    place = acting.posts[0].place
    return select(Guest.id, Guest.name, Guest.phone, Guest.state, Guest.came_at).where(
        lists.within(Guest.place, place)
    )


GUESTS = lists.List(
    key="guests",
    title=Words("来宾", "Guests"),
    columns=(
        lists.Column("name", Words("姓名", "Name"), sort=Guest.name, card="title"),
        lists.Column("phone", Words("手机号码", "Phone"), mask="phone"),
        lists.Column(
            "state", Words("状态", "State"), value=lambda row: lists.Chip(dict(STATES)[row["state"]])
        ),
    ),
    filters=(
        lists.Filter("q", Words("姓名", "Name"), "text", lambda text, now: lists.contains(text, Guest.name)),
        lists.Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: Guest.state == code,
            lambda *_: STATES,
        ),
        lists.Filter(
            "came", Words("到达", "Came"), "period", lambda period, now: lists.during(Guest.came_at, period)
        ),
    ),
    query=seen_by,
    order=(Guest.id,),
    link=lambda row: lists.Link("page", f"/guests/{row['id']}"),
)
CITY = Acting("p1", "李市级", "city", (Post("1", "permits.city", "130000/130400/"),))
DISTRICT = Acting("p2", "王区县", "district", (Post("2", "permits.district", CONGTAI),))


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An empty database with 205 guests in one district and three in another."""
    engine = create_engine("sqlite://")
    Own.metadata.create_all(engine)
    rows = [
        {
            "id": number,
            "name": f"来宾{number:03}",
            "phone": "13800001234",
            "state": "waiting" if number % 5 else "passed",
            "place": HANSHAN if number <= 205 else CONGTAI,
            "came_at": NOW + timedelta(days=number % 3),
        }
        for number in range(1, 209)
    ]
    with engine.begin() as connection:
        connection.execute(insert(Guest), rows)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on it."""
    with Session(engine) as session:
        yield session


def page(session: Session, acting: Acting = CITY, **sent: str) -> lists.Page:
    """Ask the list as a browser would."""
    return lists.fetch(GUESTS, session, acting, lists.read(GUESTS, session, acting, sent), NOW)


def test_a_page_has_ten_rows_and_says_the_exact_total(session: Session) -> None:
    """C-15."""
    first = page(session)
    assert (len(first.rows), first.total, first.more, first.pages) == (10, 208, False, 21)


def test_serial_numbers_continue_over_pages(session: Session) -> None:
    """C-15, P-26."""
    assert [line.number for line in page(session, page="21").rows] == list(range(201, 209))


def test_a_page_past_the_end_is_the_last_and_a_senseless_one_the_first(session: Session) -> None:
    assert page(session, page="999").page == 21
    assert [page(session, page=bad).page for bad in ("0", "-1", "x", "²", "9" * 40)] == [1] * 5


def test_the_scope_is_in_the_query(session: Session) -> None:
    """C-11: a district sees its own three, whatever it asks for."""
    assert page(session, DISTRICT).total == 3
    assert page(session, DISTRICT, q="来宾001").total == 0


def test_filters_narrow_together_and_live_in_the_address(session: Session) -> None:
    found = page(session, q=" 00 ", state="passed", page="1", bogus="x")
    assert [line.cells["name"] for line in found.rows] == ["来宾005", "来宾100", "来宾200"]
    assert found.asked.address == {"q": "00", "state": "passed"}


def test_text_is_taken_literally(session: Session) -> None:
    assert page(session, q="%").total == 0
    assert page(session, q="_").total == 0


def test_an_unknown_choice_is_passed_over(session: Session) -> None:
    assert page(session, state="' or 1=1").total == 208


def test_a_period_includes_both_its_days_in_shanghai(session: Session) -> None:
    """C-18: 2026-03-02 in Shanghai holds the guests of noon that day."""
    assert page(session, came_from="2026-03-02", came_to="2026-03-02").total == 69
    assert page(session, came_from="2026-03-03").total == 139
    assert page(session, came_from="gestern").total == 208
    period = lists.Period(date(2026, 3, 2), date(2026, 3, 2))
    assert (period.from_at, period.before_at) == (
        datetime(2026, 3, 1, 16, tzinfo=UTC),
        datetime(2026, 3, 2, 16, tzinfo=UTC),
    )


def test_masked_values_never_reach_the_page(session: Session) -> None:
    """C-38, C-39."""
    line = page(session).rows[0]
    assert line.cells["phone"] == "138****1234"
    assert "13800001234" not in repr(line)


def test_an_empty_page_says_how_many_the_filters_hide(session: Session) -> None:
    assert page(session, q="nobody").hidden == 208
    assert page(session).hidden == 0


def test_a_reader_sorts_by_what_the_list_allows_only(session: Session) -> None:
    assert page(session, sort="-name").rows[0].cells["name"] == "来宾208"
    assert page(session, sort="-phone").rows[0].cells["name"] == "来宾001"


def test_other_page_sizes_are_offered_and_no_others_taken(session: Session) -> None:
    assert len(page(session, size="50").rows) == 50
    assert len(page(session, size="5000").rows) == 10


def test_totals_are_exact_to_ten_thousand(engine: Engine) -> None:
    """C-15: beyond it the page says 10000+."""
    row = {"phone": "", "name": "x", "state": "passed", "place": HANSHAN, "came_at": NOW}
    with engine.begin() as connection:
        connection.execute(insert(Guest), [{**row, "id": number} for number in range(209, 10_001)])
    with Session(engine) as session:
        assert (page(session).total, page(session).more) == (10_000, False)
        session.execute(insert(Guest), [{**row, "id": 20_000}])
        assert (page(session).total, page(session).more) == (10_000, True)


@pytest.mark.parametrize(("sent", "expected"), [({}, 2), ({"size": "100"}, 2), ({"q": "nobody"}, 2)])
def test_statements_are_counted(engine: Engine, session: Session, sent: dict, expected: int) -> None:
    """Two statements whatever the number of rows; a page that filters left empty asks what they hide."""
    said = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: said.append(arguments[2]))
    page(session, **sent)
    assert len(said) == expected


def test_lists_of_a_system_are_found_by_convention(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "somewhere" / "guests"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    (folder / "lists.py").write_text(
        "from types import SimpleNamespace as N\nLISTS = (N(key='a'), N(key='b'))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert list(lists.find("somewhere", "guests")) == ["a", "b"]
    (folder.parent / "without").mkdir()
    assert lists.find("somewhere", "without") == {}
