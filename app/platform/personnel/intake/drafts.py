"""Reading one row by itself: the person, account and post it asks for, or everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from app.platform.expressions.functions import HOUSE_TIME
from app.platform.forms import id_numbers
from app.platform.forms.complaints import Complaint
from app.platform.forms.names import is_person_name
from app.platform.identity import logins, people
from app.platform.identity.accounts import username_complaint
from app.platform.identity.authority import Wanted
from app.platform.identity.messages import Refusal
from app.platform.identity.places import inside
from app.platform.personnel.intake import naming, saying
from app.platform.personnel.intake.prepared import Known, spelled
from app.platform.registry import Role, Words
from app.platform.sheets import Bad, Row

RESIDENT = "resident_id"
_OTHER = re.compile(r"[A-Z0-9()\-/]{4,30}")
_NUMBER = Words("证件号码", "ID number")


@dataclass(slots=True)
class Draft:
    """A row that may become somebody. `prefix`: a user name is to be drawn that begins so."""

    number: int
    facts: dict[str, Any]
    hash: str
    kept: str | None
    has_account: bool
    username: str | None
    prefix: str
    wanted: Wanted | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the one who imports reaches: with people, and with posts."""

    people: Collection[str]
    posts: Collection[str]
    givable: Collection[str]


def read(row: Row, known: Known, bounds: Bounds, now: datetime) -> Draft | list[Bad]:
    """Draw a row up. What it takes other rows or the database to know is asked later, of all rows at once."""
    of, bad = row.values, list[Bad]()

    def wrong(column: str, words: Words) -> None:
        bad.append(Bad(row.number, column, words))

    if not is_person_name(of["name"]):
        refused = Refusal("name_bad")
        wrong("name", Words(refused.message("zh"), refused.message("en")))
    number = re.sub(r"\s", "", of["id_number"]).upper()
    told = _number_wrong(of.get("id_type") or RESIDENT, number, now)
    if told:
        wrong("id_number", told)
    wanted = _wanted(of, known, bounds, now, wrong)
    kept = _place(of.get("kept"), known, "kept", wrong)
    if not of.get("kept") and "" not in bounds.people:  # kept where his post is
        kept = wanted.place if wanted is not None else None
        if not kept and not of.get("role"):
            wrong("kept", saying.KEPT_NEEDED)
    if kept is not None and not inside(kept, bounds.people):
        wrong("kept", saying.OUTSIDE)
    username, prefix = naming.asked(of.get("username"))
    has_account = of.get("account") == "yes"
    if of.get("username") and not has_account:
        wrong("username", saying.NO_ACCOUNT)
    complaint = username_complaint(username or naming.shaped(prefix, 1))
    if complaint is not None:
        wrong("username", Words(complaint.message("zh"), complaint.message("en")))
    if bad:
        return bad
    facts = {
        "name": of["name"],
        "id_type": of.get("id_type") or RESIDENT,
        "id_number": number,
        "gender": of.get("gender"),
        "birth_on": None,
        "phone": of.get("phone"),
        "email": of.get("email"),
    }
    if facts["id_type"] == RESIDENT:
        facts["birth_on"] = id_numbers.birth_date(number)
        facts["gender"] = facts["gender"] or id_numbers.sex(number)
    name = logins.username(username) if username else None
    return Draft(row.number, facts, people.id_number_hash(number), kept, has_account, name, prefix, wanted)


def _number_wrong(kind: str, number: str, now: datetime) -> Words | None:
    code: str | None
    if kind == RESIDENT:
        code = id_numbers.complaint(number, now.astimezone(HOUSE_TIME).date())
    else:
        code = None if _OTHER.fullmatch(number) else "format"
    if code is None:
        return None
    complaint = Complaint("id_number", _NUMBER, code, {"how": "id_number" if kind == RESIDENT else ""})
    return Words(complaint.message("zh"), complaint.message("en"))


def _place(typed: str | None, known: Known, column: str, wrong: Any) -> str | None:
    if not typed:
        return None
    found = known.places(typed)
    if len(found) != 1:
        wrong(column, saying.SEVERAL if found else saying.UNKNOWN_PLACE)
        return None
    return found[0]


def _wanted(of: Any, known: Known, bounds: Bounds, now: datetime, wrong: Any) -> Wanted | None:
    typed = of.get("role")
    if not typed:
        if any(of.get(key) for key in ("place", "subject", "until")):
            wrong("role", saying.ROLE_NEEDED)
        return None
    role = _role(typed, known, bounds, wrong)
    place = _place(of.get("place"), known, "place", wrong)
    if role is None or (place is None and of.get("place")):
        return None
    if not inside(place or "", bounds.posts):
        wrong("role", saying.NOT_POSTS if not bounds.posts else saying.OUTSIDE)
        return None
    until = None
    if of.get("until"):  # held to the end of that day
        day = date.fromisoformat(str(of["until"])[:10]) + timedelta(days=1)
        until = datetime.combine(day, time(), HOUSE_TIME)
    subject = of.get("subject") if role.subject else None
    return Wanted(role.key, place or "", subject, None, until)


def _role(typed: str, known: Known, bounds: Bounds, wrong: Any) -> Role | None:
    found = known.roles.get(spelled(typed), [])
    if len(found) > 1:
        found = [role for role in found if role.key in bounds.givable] or found
    if len(found) == 1:
        return found[0]
    keys = "、".join(role.key for role in found[:3])
    several = Words(*(words.format(keys=keys) for words in saying.SEVERAL_ROLES))
    wrong("role", several if found else saying.NO_ROLE)
    return None
