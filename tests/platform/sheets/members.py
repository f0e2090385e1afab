"""A club whose secretaries send in its members as workbooks: a sheet on a table of this world alone."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from argon2 import PasswordHasher
from openpyxl import load_workbook
from sqlalchemy import Engine, String, delete, func, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.platform import documents, jobs, sheets
from app.platform.data import Sealed, sealing
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import accounts, behalf, passwords, posts, regions
from app.platform.registry import Acting, Post, Refused, Role, Words, house
from app.platform.runtime.doctor import Finding
from app.platform.sheets import catalogue, doctor, importing, records
from tests.empty_world import FONTS, HANDAN, KEYS, ROOT
from tests.platform.jobs.databases import opened

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
HERE, THERE = "13/1304/130402/", "13/1305/130502/"
NAME = "club/members"
HEADS = ["*姓名", "*身份证号", "联系电话", "届数", "入会日期", "*类别", "地区", "备注"]


class Own(DeclarativeBase):
    """Tables of this test alone."""


class Member(Own):
    """A member, found again by the keyed hash of his card. `has_prize`: what depends on him."""

    __tablename__ = "test_member"
    card_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    card: Mapped[str] = mapped_column(Sealed)
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(Sealed)
    terms: Mapped[int | None]
    joined: Mapped[str | None]
    kind: Mapped[str]
    region: Mapped[str | None]
    note: Mapped[str | None]
    place: Mapped[str]
    record: Mapped[str] = mapped_column(String(26), index=True)
    has_prize: Mapped[bool] = mapped_column(default=False)


def store(intake: sheets.Intake, rows: Sequence[sheets.Row]) -> sheets.Stored:
    """Enter or change members by their cards; nobody may be called 无名."""
    bad = [
        sheets.Bad(row.number, "name", Words("【姓名】不能是无名", "No nameless"))
        for row in rows
        if row.values["name"] == "无名"
    ]
    refused = {one.row for one in bad}
    hashes = {row.number: sealing.digest("test.card", row.values["card"]) for row in rows}
    known = set(intake.session.scalars(select(Member.card_hash).where(Member.card_hash.in_(hashes.values()))))
    new, changed = [], []
    for row in rows:
        if row.number in refused:
            continue
        values = {**row.values, "card_hash": hashes[row.number], "place": intake.place}
        if hashes[row.number] in known:
            changed.append(values)
        else:
            new.append({**values, "record": intake.record, "has_prize": False})
    if new:
        intake.session.execute(insert(Member), new)
    if changed:
        intake.session.execute(update(Member), changed)
    return sheets.Stored(bad, len(new))


def undo(intake: sheets.Intake) -> None:
    """Delete what the import entered, unless somebody of it has a prize."""
    mine = Member.record == intake.record
    prizes = intake.session.scalar(select(func.count()).select_from(Member).where(mine, Member.has_prize))
    if prizes:
        raise Refused(f"其中 {prizes} 人已经获奖，不能撤销。", f"{prizes} of them have prizes.")
    intake.session.execute(delete(Member).where(mine))


MEMBERS = sheets.Sheet(
    key="members",
    title=Words("会员", "Members"),
    columns=(
        sheets.Column("name", Words("姓名", "Name"), required=True, longest=30, example="张三"),
        sheets.Column("card", Words("身份证号", "ID number"), "id_number", required=True),
        sheets.Column("phone", Words("联系电话", "Phone"), "phone", example="13800001234"),
        sheets.Column("terms", Words("届数", "Terms"), "integer", settings={"min": 1, "max": 20}),
        sheets.Column("joined", Words("入会日期", "Joined"), "date"),
        sheets.Column(
            "kind",
            Words("类别", "Kind"),
            "choice",
            required=True,
            choices=(("full", Words("正式会员", "Full")), ("young", Words("青年会员（A）", "Young (A)"))),
        ),
        sheets.Column("region", Words("地区", "Region"), "region"),
        sheets.Column("note", Words("备注", "Note"), note=Words("可不填", "May be empty")),
    ),
    permission="club.member.import",
    same=("card",),
    store=store,
    undo=undo,
    fills=(Member,),
    count=lambda session, record: (
        session.scalar(select(func.count()).select_from(Member).where(Member.record == record)) or 0
    ),
)
ROLE = Role(
    "club.secretary", Words("秘书", "Secretary"), "region", permissions=frozenset({"club.member.import"})
)


def card(number: int) -> str:
    """A valid ID number of somebody who is not."""
    first = f"130402{date(1990, 1, 1 + number % 28):%Y%m%d}{number // 28 % 1000:03}"
    first = f"1304{number // 28000:02}{first[6:]}"
    return first + check_digit(first)


def line(number: int, **more: Any) -> list[Any]:
    """A good row."""
    values = {
        "name": f"会员{number}",
        "card": card(number),
        "phone": f"138{number:08}",
        "terms": number % 20 + 1,
        "joined": date(2024, 5, 6),
        "kind": "正式会员",
        "region": "河北省邯郸市邯山区",
        "note": None,
        **more,
    }
    return list(values.values())


def workbook(folder: Path, rows: Sequence[Sequence[Any]], heads: Sequence[str] = HEADS) -> bytes:
    """A workbook of `rows`, as bytes."""
    path = folder / "members.xlsx"
    sheets.write(path, heads, rows)
    return path.read_bytes()


@dataclass
class Club:
    """A database where one secretary sends in members of two places."""

    sessions: sessionmaker[Session]
    engine: Engine
    folder: Path
    secretary: str
    at: datetime = NOW

    @property
    def by(self) -> Acting:
        with self.sessions() as session:
            found = behalf.acting(session, self.secretary, self.at)
        assert found is not None
        return found

    def posts_at(self, place: str) -> list[Post]:
        """As whoever holds the secretary's post there reads."""
        return [Post("", "club.secretary", place)]

    def begin(self, rows: Sequence[Sequence[Any]] | bytes, heads: Sequence[str] = HEADS) -> str:
        content = rows if isinstance(rows, bytes) else workbook(self.folder, rows, heads)
        upload = sheets.look(MEMBERS, "会员.xlsx", content)
        by = self.by
        post = next(post for post in by.posts if post.place == HERE)
        with self.sessions() as session:
            return sheets.begin(session, NAME, upload, by, post, self.at)

    def work(self) -> None:
        while jobs.run_one(self.sessions, lambda: self.at, "worker"):
            pass

    def enter(self, rows: Sequence[Sequence[Any]] | bytes, heads: Sequence[str] = HEADS) -> records.Record:
        record = self.begin(rows, heads)
        self.work()
        return self.record(record)

    def record(self, record: str) -> records.Record:
        with self.sessions() as session:
            found = records.get(session, NAME, record, self.posts_at(HERE))
        assert found is not None
        return found

    def returned(self, record: records.Record) -> bytes:
        with self.sessions() as session:
            found = records.failures(session, record)
        assert found is not None
        return found[1]

    def members(self) -> list[dict[str, Any]]:
        with self.sessions() as session:
            rows = session.execute(select(*Member.__table__.c).order_by(Member.card_hash)).mappings()
            return [dict(row) for row in rows]

    def findings(self) -> list[Finding]:
        with self.sessions() as session:
            return list(doctor.imports(session, self.at))


def cells(content: bytes) -> list[list[Any]]:
    """What stands in the first sheet of a workbook."""
    return [
        [cell.value for cell in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()
    ]


@contextmanager
def founded(address: str, folder: Path, press: documents.Press | None) -> Iterator[Club]:
    """A club in the empty database at `address`."""
    sealing.use(KEYS)
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    engine = opened(address)
    Own.metadata.create_all(engine)
    storage = documents.DiskStorage(folder / "files")
    documents.use(documents.Settings(storage, press, FONTS, ROOT / "forms"))  # type: ignore[arg-type]
    house.roles[ROLE.key] = ROLE
    catalogue.enter("club", [MEMBERS])
    house.jobs[importing.KIND] = importing.run
    make = sessionmaker(engine)
    with make() as session:
        regions.load(session, regions.from_published(HANDAN), NOW)
        person, _ = accounts.create(session, "secretary", "王秘书", None, NOW, "Granit-Weide-47", demo=True)
        for place in (HERE, THERE):
            posts.grant(session, person, ROLE.key, place, None, NOW, None)
    try:
        yield Club(make, engine, folder, person)
    finally:
        engine.dispose()
        house.roles.pop(ROLE.key, None)
        catalogue.enter("club", [])


def lend(world: Any) -> sheets.Sheet:
    """Let the system of another world have this sheet for its cities, and the table it stores into."""
    with world.engine.execution_options(verb=True).begin() as connection:  # others write meanwhile
        Own.metadata.create_all(connection)
    permission = min(house.roles[f"{world.system}.city_admin"].permissions)
    sheet = replace(MEMBERS, permission=permission)
    catalogue.enter(world.system, [sheet])
    return sheet


def imported(world: Any, by: Acting, rows: Sequence[Sequence[Any]] = ()) -> str:
    """Lend the sheet to the world's system and let `by` import there; the record, one of whose rows was refused."""
    sheet = lend(world)
    with TemporaryDirectory() as folder:
        content = workbook(Path(folder), rows or [line(1), line(2, phone="1")])
    upload = sheets.look(sheet, "会员.xlsx", content)
    with world.session() as session:
        name, post = f"{world.system}/members", records.posts(sheet, by)[0]
        record = sheets.begin(session, name, upload, by, post, world.now)
    world.work()
    return record
