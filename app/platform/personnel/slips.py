"""First passwords on paper (密码信封): one PDF with a slip each, taken out once by who asked for it, then gone (0035).

What was drawn is laid by, sealed, in the transaction that gives it to the accounts: a killed errand prints it all the
same. A slip counts as long as its password is the one that is kept; none is in the database, in a job or in a log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pypdf import PdfReader, PdfWriter
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from app.platform import audit, documents, jobs
from app.platform.data import transaction
from app.platform.documents import Storage, templates
from app.platform.identity.entities import Account, Person, Region, Unit
from app.platform.registry import Acting

MOST = 2_000
"""So many are printed at once."""
KEPT = timedelta(hours=1)
"""So long the paper waits for who asked for it."""
SHEET = 40  # slips set at a time
TEMPLATE = "platform/password_slips"
TAKEN = "first_passwords.taken_out"
_PART, _PAPER = "slips_part", "slips"
_UNIT_REGION = aliased(Region)
_LOCAL = ZoneInfo("Asia/Shanghai")
_file = documents.File.__table__


@dataclass(frozen=True, slots=True)
class Paper:
    """A file in the storage that no row knows yet: `count` slips, or what so many are made of."""

    content: str
    received: documents.Received = field(repr=False)
    count: int


def lay_by(drawn: Mapping[str, tuple[str, str]]) -> Paper | None:
    """Store what was drawn for people, the password and its hash; not to be called in a transaction."""
    if not drawn:
        return None
    received = documents.Received("part.json", "application/json", orjson.dumps(drawn))
    return Paper(documents.settings().storage.put(received.content), received, len(drawn))


def enter_part(session: Session, errand: str, laid: Paper, now: datetime) -> None:
    """Let an errand have what was laid by; joins the open transaction. No person owns it, so none may have it."""
    _enter(session, errand, laid, _PART, now)


def parts(session: Session, errand: str) -> int:
    """How many batches an errand has laid by."""
    asked = select(func.count()).where(_file.c.owner_id == errand, _file.c.purpose == _PART)
    return session.scalar(asked) or 0


def draw_up(session: Session, errand: str, address: str) -> Paper | None:
    """Print what an errand has laid by; None where that is nothing. Not to be called in a transaction.

    Raises `RenderFailed`, `StorageFull`.
    """
    place = documents.settings()
    session.rollback()  # what was read before is of an earlier moment
    kept = session.scalars(
        select(_file.c.content).where(_file.c.owner_id == errand, _file.c.purpose == _PART)
    )
    drawn: dict[str, Sequence[str]] = {}
    for content in kept.all():
        drawn |= orjson.loads(place.storage.get(content))
    slips = sorted(_still_kept(session, drawn), key=lambda slip: (slip["place"], slip["name"]))
    session.rollback()
    if not slips:
        return None
    pdf = _set(place, slips, address)
    received = documents.Received(
        documents.document_name("密码信封.pdf"),
        "application/pdf",
        pdf,
        pages=len(PdfReader(BytesIO(pdf)).pages),
    )
    return Paper(place.storage.put(pdf), received, len(slips))


def enter(session: Session, errand: str, paper: Paper, now: datetime) -> None:
    """Let the paper wait to be taken out; joins the open transaction."""
    _enter(session, errand, paper, _PAPER, now)


def waits_until(session: Session, errand: str, now: datetime) -> datetime | None:
    """Until when the paper of an errand can be taken out; None where it was, or is too old, or there was none."""
    made = session.scalar(select(_file.c.created_at).where(*_waiting(errand, now)))
    return made + KEPT if made is not None else None


def take(session: Session, errand: str, count: int, by: Acting, now: datetime) -> tuple[str, bytes] | None:
    """Hand the paper out, this once: its name and content; None where somebody has had it, or it is too old."""
    storage = documents.settings().storage
    found = session.execute(select(_file.c.content, _file.c.name).where(*_waiting(errand, now))).first()
    if found is None:
        return None
    try:
        content = storage.get(found.content)
    except FileNotFoundError:  # a second click: the first has had it meanwhile
        return None
    with transaction(session):
        gone = session.scalars(
            delete(documents.File).where(_file.c.owner_id == errand).returning(_file.c.content),
            execution_options={"synchronize_session": False},
        ).all()
        if found.content not in gone:
            return None
        body = {"rows": count, "errand": errand}
        audit.log(session, "identity", TAKEN, by, now, body, f"errand:{errand}")
    _discard(storage, gone)
    return found.name, content


def sweep(session: Session, storage: Storage, now: datetime, kind: str) -> int:
    """Let go what nobody has taken out in time (a chore); return how many files. `kind`: of the errands."""
    errands = select(jobs.Errand.id).where(jobs.Errand.kind == kind)
    with transaction(session):
        gone = session.scalars(
            delete(documents.File)
            .where(
                _file.c.owner_id.in_(errands),
                _file.c.purpose.in_((_PART, _PAPER)),
                _file.c.created_at <= now - KEPT,
            )
            .returning(_file.c.content),
            execution_options={"synchronize_session": False},
        ).all()
    _discard(storage, gone)
    return len(gone)


def _enter(session: Session, errand: str, paper: Paper, purpose: str, now: datetime) -> None:
    documents.enter(
        session, paper.content, paper.received, owner=errand, now=now, instance=None, purpose=purpose
    )


def _waiting(errand: str, now: datetime) -> tuple[Any, ...]:
    return _file.c.owner_id == errand, _file.c.purpose == _PAPER, _file.c.created_at > now - KEPT


def _discard(storage: Storage, contents: Sequence[str]) -> None:
    """Remove them at once; while a backup runs the daily sweep does it."""
    if storage.is_held():
        return
    for content in contents:
        with suppress(FileNotFoundError, documents.StorageAway):
            storage.discard(content, 0)


def _still_kept(session: Session, drawn: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    people = sorted(drawn)
    for start in range(0, len(people), 500):
        rows = session.execute(
            select(
                Person.id,
                Person.name,
                Unit.name.label("unit"),
                func.coalesce(Region.full_name, _UNIT_REGION.full_name).label("region"),
                Account.username,
                Account.password_hash,
                Account.password_until_at,
            )
            .join(Account, Account.person_id == Person.id)
            .outerjoin(Unit, Unit.path == Person.place)
            .outerjoin(Region, Region.path == Person.place)
            .outerjoin(_UNIT_REGION, _UNIT_REGION.code == Unit.region_code)
            .where(Person.id.in_(people[start : start + 500]))
        )
        for row in rows:
            secret, kept = drawn[row.id]
            if row.password_hash == kept:
                until = row.password_until_at.astimezone(_LOCAL)
                yield {
                    "name": row.name,
                    "place": row.unit or row.region or "",
                    "username": row.username,
                    "secret": secret,
                    "until": f"{until.year}年{until.month}月{until.day}日{until:%H:%M}",
                }


def _set(place: documents.Settings, slips: Sequence[Mapping[str, str]], address: str) -> bytes:
    """Pages of slips, a few at a time: the press has its limits."""
    shelf = templates.Shelf(str(place.templates))
    whole = PdfWriter()
    for start in range(0, len(slips), SHEET):
        data = {"slips": slips[start : start + SHEET], "address": address}
        sheet = place.press.typeset(templates.fill(place, shelf, TEMPLATE, data), place.templates)
        whole.append(BytesIO(sheet.pdf))
    whole.add_metadata({"/Title": "密码信封", "/Producer": "Chengpi", "/Creator": "Chengpi"})
    target = BytesIO()
    whole.write(target)
    return target.getvalue()
