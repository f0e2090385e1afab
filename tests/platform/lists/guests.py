"""Guests who come to two places, and their host, who may take out the list of them: on a table of this world alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from openpyxl import load_workbook
from sqlalchemy import Engine, String, false, insert, or_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.platform import documents, jobs, lists
from app.platform.data import Moment, sealing
from app.platform.identity import accounts, behalf, passwords, posts
from app.platform.jobs import errands
from app.platform.lists import catalogue
from app.platform.registry import Acting, Role, Words, house
from tests.empty_world import FONTS, ROOT
from tests.platform.jobs.databases import opened

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
HERE, THERE = "130000/130400/130402/", "130000/130500/130502/"
STATES = {"waiting": Words("尚未审核", "Waiting"), "passed": Words("审核通过", "Passed")}


class Own(DeclarativeBase):
    """Tables of this test alone."""


class Guest(Own):
    """A row to take out."""

    __tablename__ = "test_guest"
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str]
    card: Mapped[str]
    phone: Mapped[str]
    state: Mapped[str]
    place: Mapped[str] = mapped_column(String(200), index=True)
    note: Mapped[str | None]
    came_at: Mapped[datetime] = mapped_column(Moment)


def seen_by(session: Session, acting: Acting, now: datetime) -> Any:
    """Guests at the places of the acting person's posts."""
    places = [post.place for post in acting.holds("guests.host")]
    return select(*Guest.__table__.c).where(or_(false(), *(lists.within(Guest.place, at) for at in places)))


GUESTS = lists.List(
    key="guests",
    title=Words("来宾/名单", "Guests"),
    columns=(
        lists.Column("name", Words("姓名", "Name"), sort=Guest.name, fixed=True),
        lists.Column("card", Words("报名号", "Entry")),
        lists.Column("phone", Words("手机号码", "Phone"), mask="phone"),
        lists.Column("state", Words("状态", "State"), value=lambda row: lists.Chip(STATES[row["state"]])),
        lists.Column("count", Words("件数", "Count"), kind="number", value=lambda row: 12),
        lists.Column("came_at", Words("到达", "Came"), kind="moment"),
        lists.Column("note", Words("备注", "Note"), hidden_at_first=True),
    ),
    filters=(
        lists.Filter("q", Words("姓名", "Name"), "text", lambda text, now: lists.contains(text, Guest.name)),
        lists.Filter(
            "state",
            Words("状态", "State"),
            "choice",
            lambda code, now: Guest.state == code,
            lambda *_: tuple(STATES.items()),
        ),
    ),
    query=seen_by,
    order=(Guest.id,),
    row="id",
    permission="g.guest.read",
)
ROLE = Role("guests.host", Words("主人", "Host"), "region", permissions=frozenset({"g.guest.read"}))
ALL = [column.key for column in GUESTS.columns if not column.hidden_at_first]


@dataclass
class Ground:
    """A database where one person is host at two places, and guests come to them."""

    sessions: sessionmaker[Session]
    engine: Engine
    host: str
    at: datetime = NOW

    def enter(self, count: int, place: str = HERE, begin: int = 1, **more: Any) -> None:
        rows = [
            {
                "id": f"guest{number:06}",
                "name": f"来宾{number:06}",
                "card": f"{130000_0000_0000_0000 + number}",
                "phone": "13800001234",
                "state": "waiting" if number % 5 else "passed",
                "place": place,
                "note": None,
                "came_at": NOW + timedelta(minutes=number),
                **more,
            }
            for number in range(begin, begin + count)
        ]
        with self.sessions() as session:
            session.execute(insert(Guest), rows)
            session.commit()

    @property
    def by(self) -> Acting:
        with self.sessions() as session:
            found = behalf.acting(session, self.host, self.at)
        assert found is not None
        return found

    def begin(self, asked: dict[str, str] | None = None, by: Acting | None = None, **more: Any) -> str:
        wanted = {"columns": ALL, **more}
        alone, listing = wanted.pop("alone", False), wanted.pop("listing", GUESTS)
        with self.sessions() as session:
            question = lists.exporting.Wanted(asked or {}, **wanted)
            return lists.exporting.begin(session, listing, question, by or self.by, NOW, alone=alone)

    def work(self, errand: str) -> errands.Standing:
        while jobs.run_one(self.sessions, lambda: self.at, "worker"):
            pass
        with self.sessions() as session:
            found = errands.get(session, errand, Acting(self.host, "", ""))
        assert found is not None
        return found

    def rows(self, errand: str) -> list[list[Any]]:
        """What stands in the only sheet; every text cell is text and nothing is a formula."""
        standing = self.work(errand)
        assert standing.state == "done", standing
        with self.sessions() as session:
            found = documents.open_file(session, documents.settings().storage, standing.result["file"])
        assert found is not None
        book = load_workbook(io.BytesIO(found[1]))
        assert len(book.worksheets) == 1
        cells = list(book.worksheets[0].iter_rows())
        assert {cell.data_type for row in cells for cell in row} <= {"s", "n", "inlineStr"}
        return [[cell.value for cell in row] for row in cells]


@contextmanager
def welcoming(address: str, folder: Path, press: documents.Press | None) -> Iterator[Ground]:
    """Open the world on a database that has the tables of the house; files lie in `folder`."""
    sealing.use(sealing.Keys(data={1: b"k" * 32}, digest=b"d" * 32))
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    house.roles[ROLE.key] = ROLE
    lists.plug()
    catalogue.enter("test", [GUESTS])
    storage = documents.DiskStorage(folder / "files")
    documents.use(documents.Settings(storage, press, FONTS, ROOT / "forms"))  # type: ignore[arg-type]
    engine = opened(address)
    Own.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    with sessions() as session:
        host, _ = accounts.create(session, "host", "主人", None, NOW, "Granit-Weide-47", demo=True)
        for place in (HERE, THERE):
            posts.grant(session, host, ROLE.key, place, None, NOW, None)
    yield Ground(sessions, engine, host)
    engine.dispose()
    catalogue.enter("test", [])
    del house.roles[ROLE.key]
