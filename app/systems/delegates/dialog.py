"""What is typed in 新增推荐代表, and what is wrong with each line and with all of them together (D-08…D-13, D-16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import sealing
from app.platform.forms.names import is_person_name
from app.platform.identity import phones
from app.platform.registry import Words
from app.systems.delegates import candidates, rules
from app.systems.delegates.entities import Candidate, Invitation

MOST_ROWS: Final = 50
ONE_IDENTITY = Words(
    "候选人同时为代表、委员的，身份仅勾选“委员”即可",
    "Whoever is both delegate and member has only “member” ticked",
)
TAKEN = Words("该手机号已被推荐", "This phone number has been recommended already")
TWICE = Words("该手机号在本页填写了两次", "This phone number stands here twice")
NOT_ALLOTTED = Words("尚未分配名额", "No seats have been allotted yet")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the dialog, as typed."""

    name: str = ""
    phone: str = ""
    identities: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed: such a line does not count."""
        return not (self.name.strip() or self.phone.strip() or self.identities)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with `field` (name, phone, identities) of a line, or without a field with the whole."""

    field: str
    words: Words


class NotAllotted(Exception):
    """Nothing was stored: what is wrong with each line (by its place), and with all of them together."""

    def __init__(self, rows: Mapping[int, Sequence[Complaint]], whole: Sequence[Words] = ()) -> None:
        super().__init__("; ".join([*(w.zh for w in whole), *(c.words.zh for f in rows.values() for c in f)]))
        self.rows = {number: tuple(found) for number, found in rows.items()}
        self.whole = tuple(whole)


def complaints(session: Session, congress: str, rows: Sequence[Row]) -> dict[int, list[Complaint]]:
    """What is wrong with each line by itself: name, phone (D-16), identity (D-10)."""
    found: dict[int, list[Complaint]] = {}
    plain = [phones.normal(row.phone) for row in rows]
    often = Counter(number for number in plain if number)
    taken = _taken(session, congress, list(often))
    for place, (row, number) in enumerate(zip(rows, plain, strict=True)):
        wrong = [_about_name(row), _about_phone(number, often, taken), _about_identity(row)]
        if any(wrong):
            found[place] = [each for each in wrong if each]
    return found


def _about_name(row: Row) -> Complaint | None:
    name = row.name.strip()
    if not name:
        return Complaint("name", Words("请填写姓名", "Enter a name"))
    if not is_person_name(name):
        return Complaint(
            "name",
            Words("请填写真实姓名，不能有数字和特殊符号", "Enter a real name, without digits or signs"),
        )
    return None


def _about_phone(number: str | None, often: Mapping[str, int], taken: frozenset[str]) -> Complaint | None:
    if number is None:
        return Complaint("phone", Words("请填写11位手机号码", "Enter a mobile number of 11 digits"))
    if phone_hash(number) in taken:
        return Complaint("phone", TAKEN)
    return Complaint("phone", TWICE) if often[number] > 1 else None


def _about_identity(row: Row) -> Complaint | None:
    chosen = set(row.identities)
    if not chosen or not chosen <= rules.IDENTITIES.keys():
        return Complaint("identities", Words("请勾选身份", "Tick an identity"))
    if {rules.MEMBER, rules.DELEGATE} <= chosen:
        return Complaint("identities", ONE_IDENTITY)
    if len(chosen) > 1:
        return Complaint("identities", Words("每人只能勾选一种身份", "Tick one identity for each person"))
    return None


def phone_hash(number: str) -> str:
    """Under what a candidate's phone is kept once per congress. Takes the eleven digits."""
    return sealing.digest("delegates.phone", number)


def _taken(session: Session, congress: str, numbers: Sequence[str]) -> frozenset[str]:
    wanted = [phone_hash(number) for number in numbers]
    return frozenset(
        session.scalars(
            select(Candidate.phone_hash).where(
                Candidate.congress_id == congress,
                Candidate.removed_at.is_(None),
                Candidate.phone_hash.in_(wanted),
            )
        )
    )


def refuse_unfit(session: Session, invitation: Invitation, rows: Sequence[Row]) -> None:
    """Raise `NotAllotted` with what is wrong with the lines, and with the limits they would exceed (D-09, D-48)."""
    congress, unit = invitation.congress_id, invitation.unit_id
    quota = candidates.quota(session, congress, unit)
    if not quota:
        raise NotAllotted({}, [NOT_ALLOTTED])
    if not rows or len(rows) > MOST_ROWS:
        raise NotAllotted({}, [Words(f"请填写1至{MOST_ROWS}位推荐人", f"Enter from 1 to {MOST_ROWS} people")])
    found = complaints(session, congress, rows)
    single = [row.identities[0] for row in rows if _about_identity(row) is None]
    over = rules.exceeded(quota, candidates.seated(session, congress, unit), single)
    if found or over:
        raise NotAllotted(found, [Words(*rules.limit_words(kind, limit)) for kind, limit in over])
