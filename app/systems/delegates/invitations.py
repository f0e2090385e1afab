"""The units invited to a congress, and the liaison each has reported: entered, changed, taken out (PG-D13, D-04)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, transaction
from app.platform.forms import masking
from app.platform.forms.names import is_person_name
from app.platform.identity import phones
from app.platform.identity.entities import Region, Unit
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime.errors import Unknown
from app.systems.delegates import congresses, liaisons
from app.systems.delegates.entities import Allotted, Candidate, Congress, Invitation, Slate

MOST: Final = 500  # units invited at once
LONGEST: Final = 50
NO_UNIT = Words("没有找到这个单位，请填写平台中的单位全称", "There is no such unit: give its full name")
TWO_UNITS = Words(
    "有几个同名的单位，请按名称查找后选择", "Several units are called so: search for it and choose one"
)
INVITED = Words("该单位已受邀", "It is invited already")
TWICE = Words("该单位填写了两次", "It is named twice")
NO_NAME = Words("请填写联络员姓名", "Give the liaison's name")
LONG_NAME = Words(f"姓名最多{LONGEST}个字", f"A name has {LONGEST} characters at most")
BAD_NAME = Words("请填写真实姓名，不能有数字和特殊符号", "A real name, without digits or signs")
NO_PHONE = Words("手机号码应为11位", "A mobile number has 11 digits")
OVER = Words("大会已结束，不能修改", "The congress is over")


@dataclass(frozen=True, slots=True)
class Reported:
    """A unit to be invited and the liaison it reported, as typed. `unit` is an id; `name` where only that is known."""

    unit: str
    liaison: str
    phone: str
    name: str = ""


class Wrong(Exception):
    """Nothing was written: what is wrong, by (row from 0, field: unit, liaison, phone)."""

    def __init__(self, complaints: Mapping[tuple[int, str], Words]) -> None:
        super().__init__(str(list(complaints)))
        self.complaints = dict(complaints)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invited unit as the convener sees it."""

    id: str
    unit: str
    name: str
    region: str
    liaison: str
    phone: str
    is_told: bool


def of(session: Session, congress: str) -> list[Invited]:
    """The units of a congress, by name."""
    rows = session.execute(
        select(Invitation, Unit.name, Region.full_name)
        .join(Unit, Unit.id == Invitation.unit_id)
        .join(Region, Region.code == Unit.region_code)
        .where(Invitation.congress_id == congress)
        .order_by(Unit.name, Invitation.id)
    )
    return [
        Invited(row.id, row.unit_id, name, region, row.liaison, row.phone, row.told_at is not None)
        for row, name, region in rows
    ]


def get(session: Session, congress: str, invitation: str, by: Acting) -> tuple[Congress, Invitation]:
    """A congress of the person's own unit and one of its invitations. Raises `Unknown`."""
    held = congresses.get(session, congress, by)
    found = session.scalar(
        select(Invitation).where(Invitation.id == invitation, Invitation.congress_id == held.id)
    )
    if found is None:
        raise Unknown(invitation)
    return held, found


def read_lines(text: str) -> dict[int, Reported]:
    """A pasted list by the numbers of its lines: a unit, its liaison and phone, parted by tabs, commas or spaces."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        parts = [
            part for part in re.split(r"[\t,，;；|]+|\s{2,}|(?<=\S)\s(?=\S)", line.strip()) if part.strip()
        ]
        if parts:
            name, liaison = (*parts[:2], "", "")[:2]
            found[number] = Reported("", liaison, "".join(parts[2:]), name)
    return found


def invite(
    session: Session,
    congress: str,
    reported: Sequence[Reported],
    by: Acting,
    now: datetime,
    record: str | None = None,
) -> list[str]:
    """Invite units, all of them or none; return the invitations' ids. Raises `Unknown`, `Wrong`, `Refused`.

    Once the congress is published their liaisons are told at once.
    """
    with transaction(session):
        held = _changeable(session, congress, by)
        if not reported:
            raise Refused("请选择或填写受邀单位", "Choose units, or name them")
        if len(reported) > MOST:
            raise Refused(f"一次最多邀请{MOST}个单位", f"At most {MOST} units at once")
        found = _found(session, held.id, reported)
        made = [
            Invitation(
                id=new_id(),
                congress_id=held.id,
                unit_id=unit,
                place=held.place,
                liaison=one.liaison.strip(),
                phone=phones.normal(one.phone) or "",
                import_id=record,
            )
            for one, unit in zip(reported, found, strict=True)
        ]
        session.add_all(made)
        session.flush()
        names = dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(found))).all())
        body = {"congress": held.id, "units": [names[unit] for unit in found]}
        audit.log(session, "delegates", "unit.invited", by, now, body, congresses.about_of(held.id))
        if held.published_at is not None:
            for invitation in made:
                liaisons.appoint(session, held, invitation, by, now)
    return [invitation.id for invitation in made]


def change_liaison(
    session: Session, congress: str, invitation: str, name: str, phone: str, by: Acting, now: datetime
) -> None:
    """Enter another liaison: the old one's posts end, the new one gets them and is told.

    Raises `Unknown`, `Wrong` (row 0), `Refused`.
    """
    with transaction(session):
        held = _changeable(session, congress, by)
        row = _locked(session, held.id, invitation)
        wrong = {(0, field): words for field, words in person_complaints(name, phone)}
        if wrong:
            raise Wrong(wrong)
        name, phone = name.strip(), phones.normal(phone) or ""
        if (row.liaison, row.phone) == (name, phone):
            return
        is_another = row.phone != phone
        body = {
            "congress": held.id,
            "unit": session.get_one(Unit, row.unit_id).name,
            "before": [row.liaison, masking.masked(row.phone, "phone")],
            "after": [name, masking.masked(phone, "phone")],
        }
        if is_another:
            liaisons.dismiss(session, row, by, now)
            row.told_at = None
        row.liaison, row.phone = name, phone
        session.flush()
        audit.log(session, "delegates", "liaison.changed", by, now, body, congresses.about_of(held.id))
        if held.published_at is not None and is_another:
            liaisons.appoint(session, held, row, by, now)


def remove(session: Session, congress: str, invitation: str, by: Acting, now: datetime) -> None:
    """Take a unit out that has recommended nobody. Raises `Unknown`, `Refused`."""
    with transaction(session):
        held = _changeable(session, congress, by)
        row = _locked(session, held.id, invitation)
        about = {"congress_id": held.id, "unit_id": row.unit_id}
        for entity in (Candidate, Slate):
            if session.scalar(select(entity.id).filter_by(**about).limit(1)) is not None:
                raise Refused(
                    "该单位已推荐人员，不能移出", "The unit has recommended people: it cannot be taken out"
                )
        liaisons.dismiss(session, row, by, now)
        session.execute(delete(Allotted).where(Allotted.invitation_id == row.id))
        session.execute(delete(Invitation).where(Invitation.id == row.id))
        body = {"congress": held.id, "unit": session.get_one(Unit, row.unit_id).name}
        audit.log(session, "delegates", "unit.removed", by, now, body, congresses.about_of(held.id))


def _changeable(session: Session, congress: str, by: Acting) -> Congress:
    held = congresses.get(session, congress, by)
    if held.ended_at is not None:
        raise Refused(OVER.zh, OVER.en)
    return held


def _locked(session: Session, congress: str, invitation: str) -> Invitation:
    found = session.scalar(
        select(Invitation)
        .where(Invitation.id == invitation, Invitation.congress_id == congress)
        .with_for_update()
    )
    if found is None:
        raise Unknown(invitation)
    return found


def _found(session: Session, congress: str, reported: Sequence[Reported]) -> list[str]:
    """The units' ids, in order. Raises `Wrong` with everything that is wrong with any row."""
    by_name = named(session, (one.name for one in reported if not one.unit))
    wanted = {one.unit for one in reported if one.unit}
    known = set(session.scalars(select(Unit.id).where(Unit.id.in_(wanted), Unit.is_closed.is_(False))))
    there = set(session.scalars(select(Invitation.unit_id).where(Invitation.congress_id == congress)))
    wrong: dict[tuple[int, str], Words] = {}
    found: list[str] = []
    for number, one in enumerate(reported):
        ids = ([one.unit] if one.unit in known else []) if one.unit else by_name.get(one.name.strip(), [])
        complaint = unit_complaint(ids, there, found)
        if complaint is not None:
            wrong[number, "unit"] = complaint
        wrong |= {(number, field): words for field, words in person_complaints(one.liaison, one.phone)}
        found.append(ids[0] if ids else "")
    if wrong:
        raise Wrong(wrong)
    return found


def unit_complaint(ids: Sequence[str], there: Iterable[str], found: Iterable[str]) -> Words | None:
    """Why a unit that was looked for cannot be invited; None where it can."""
    if not ids:
        return NO_UNIT
    if len(ids) > 1:
        return TWO_UNITS
    if ids[0] in there:
        return INVITED
    return TWICE if ids[0] in found else None


def named(session: Session, names: Iterable[str]) -> dict[str, list[str]]:
    """The open units of each of these full names."""
    wanted = {name.strip() for name in names}
    found: dict[str, list[str]] = {}
    rows = session.execute(
        select(Unit.name, Unit.id).where(Unit.name.in_(wanted), Unit.is_closed.is_(False)).order_by(Unit.id)
    )
    for name, unit in rows:
        found.setdefault(name, []).append(unit)
    return found


def count(session: Session, congress: str) -> int:
    """How many units are invited."""
    return session.scalar(select(func.count()).where(Invitation.congress_id == congress)) or 0


def person_complaints(name: str, phone: str) -> list[tuple[str, Words]]:
    """What is wrong with a liaison as typed, by field: liaison, phone."""
    wrong = []
    if not name.strip():
        wrong.append(("liaison", NO_NAME))
    elif len(name.strip()) > LONGEST:
        wrong.append(("liaison", LONG_NAME))
    elif not is_person_name(name.strip()):
        wrong.append(("liaison", BAD_NAME))
    if phones.normal(phone) is None:
        wrong.append(("phone", NO_PHONE))
    return wrong
