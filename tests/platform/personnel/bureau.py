"""A bureau whose administrators send in people and units as workbooks: three regions' administrators, a few units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.platform import documents, jobs, sheets
from app.platform.data import sealing
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import accounts, behalf, passwords, posts, regions, roles, units
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.registry import Acting, Role, Words, house
from app.platform.sheets import catalogue, importing, records
from app.rooms.admin.sheets.intake import PEOPLE, SHEETS, UNITS
from tests.empty_world import FONTS, HANDAN, KEYS, ROOT
from tests.platform.jobs.databases import opened
from tests.platform.sheets.members import cells

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
CITY, HERE, THERE = "130000/130400/", "130000/130400/130402/", "130000/130400/130403/"
TEACHER = Role(
    "bureau.teacher", Words("教研员", "Adviser"), "region", given_by=frozenset({roles.REGIONAL.key})
)
JUDGE = Role(
    "bureau.judge", Words("评委", "Judge"), "unit", "project", given_by=frozenset({roles.REGIONAL.key})
)
SECRET = Role("bureau.secret", Words("机要员", "Keeper of secrets"), "region")
OWN_ROLES = (TEACHER, JUDGE, SECRET)


def card(number: int) -> str:
    """A valid ID number of somebody who is not."""
    first = f"1304{number // 28000:02}{date(1990, 1, 1 + number % 28):%Y%m%d}{number // 28 % 1000:03}"
    return first + check_digit(first)


def person(number: int, **more: Any) -> dict[str, Any]:
    """A good row of people by column key."""
    return {
        "name": "人" + "甲乙丙丁戊己庚辛"[number % 8] * (1 + number % 3),
        "id_number": card(number),
        "phone": f"139{number:08}",
        "kept": "河北省邯郸市邯山区",
        "account": "是",
        "role": "教研员",
        "place": "130402",
        **more,
    }


@dataclass
class Bureau:
    """The database, and who administers: `people` by the code of their region, `system` everywhere."""

    sessions: sessionmaker[Session]
    engine: Engine
    folder: Path
    people: dict[str, str] = field(default_factory=dict)
    at: datetime = NOW

    def by(self, who: str) -> Acting:
        with self.sessions() as session:
            found = behalf.acting(session, self.people[who], self.at)
        assert found is not None
        return Acting(found.person, found.name, found.username, found.posts, found.posts[0])

    def enter(self, who: str, rows: Sequence[dict[str, Any]], sheet: sheets.Sheet = PEOPLE) -> records.Record:
        """Send a workbook in as somebody and let it be worked."""
        path = self.folder / "rows.xlsx"
        lines = [[row.get(column.key) for column in sheet.columns] for row in rows]
        sheets.write(path, [column.title.zh for column in sheet.columns], lines)
        by = self.by(who)
        assert by.post is not None
        with self.sessions() as session:
            upload = sheets.look(sheet, "人员.xlsx", path.read_bytes())
            made = sheets.begin(session, f"admin/{sheet.key}", upload, by, by.post, self.at)
        self.work()
        with self.sessions() as session:
            found = records.get(session, f"admin/{sheet.key}", made, [by.post])
        assert found is not None
        return found

    def work(self) -> None:
        while jobs.run_one(self.sessions, lambda: self.at, "worker"):
            pass

    def reasons(self, record: records.Record) -> list[str]:
        """What the failure workbook says of each row."""
        with self.sessions() as session:
            found = records.failures(session, record)
        assert found is not None
        return [str(row[-1]) for row in cells(found[1])[1:]]

    def undo(self, who: str, record: str, sheet: sheets.Sheet = PEOPLE) -> bool:
        by = self.by(who)
        assert by.post is not None
        with self.sessions() as session:
            return sheets.undo(session, sheet, record, [by.post], by, self.at)

    def entered(self) -> dict[str, tuple[Person, Account | None, list[HeldPost]]]:
        """Everybody an import has entered or given something, by ID number."""
        with self.sessions() as session:
            held = session.scalars(select(HeldPost)).all()
            rows = session.execute(
                select(Person, Account).outerjoin(Account, Account.person_id == Person.id)
            ).all()
        return {
            who.id_number or who.name: (who, account, [one for one in held if one.person_id == who.id])
            for who, account in rows
        }


@contextmanager
def founded(address: str, folder: Path) -> Iterator[Bureau]:
    """The bureau, in the empty database at `address`."""
    sealing.use(KEYS)
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    before = dict(house.roles)
    roles.plug()
    house.roles.update({role.key: role for role in OWN_ROLES})
    engine = opened(address)
    storage = documents.DiskStorage(folder / "files")
    documents.use(documents.Settings(storage, None, FONTS, ROOT / "forms"))  # type: ignore[arg-type]
    catalogue.enter("admin", list(SHEETS))
    house.jobs[importing.KIND] = importing.run
    bureau = Bureau(sessionmaker(engine, expire_on_commit=False), engine, folder)
    with bureau.sessions() as session:
        regions.load(session, regions.from_published(HANDAN), NOW)
        for who, role, place in (
            ("system", roles.SYSTEM, ""),
            ("city", roles.REGIONAL, CITY),
            ("here", roles.REGIONAL, HERE),
            ("there", roles.REGIONAL, THERE),
        ):
            made, _ = accounts.create(
                session, f"{who}_keeper", "管理员", None, NOW, "Granit-47-Weide", demo=True
            )
            posts.grant(session, made, role.key, place, None, NOW, None)
            bureau.people[who] = made
        for name, code in (("第一小学", "130402"), ("第一小学", "130403"), ("第二小学", "130402")):
            units.add(session, name, code, None, NOW)
    try:
        yield bureau
    finally:
        engine.dispose()
        house.roles.clear()
        house.roles.update(before)
        catalogue.enter("admin", [])


__all__ = ["HERE", "PEOPLE", "THERE", "UNITS", "Bureau", "card", "founded", "person"]
