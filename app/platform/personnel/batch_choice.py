"""Whom first passwords are for: chosen by how people are, within what the administrator looks after (C-07, C-11)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.data import sealing
from app.platform.identity import authority, passwords, roles
from app.platform.identity.entities import Account, Person
from app.platform.lists import catalogue
from app.platform.lists.fetch import narrow
from app.platform.personnel.intake import naming
from app.platform.registry import Acting

LIST = "admin/people"
"""The list whose question `Choice.asked` is."""
POST = "post"
"""The part of such a question that names the one post the list was read under."""

Which = Literal["unsent", "without", "again"]
Way = Literal["send", "both", "print"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a batch is for. `unsent`: accounts no first password was sent to; `without`: people without an account,
    who get one; `again`: accounts nobody has signed in with, whose first password is drawn anew.

    `record`: of one import only. `people`: of these only. `asked`: of those the list of people shows to this question
    only. `prefix`: how user names begin that are drawn. `way`: by SMS and e-mail (`send`), on paper for those whom
    neither reaches (`both`), on paper for all (`print`).
    """

    which: Which
    record: str | None = None
    people: tuple[str, ...] = ()
    prefix: str = naming.PREFIX
    asked: Mapping[str, str] | None = None
    way: Way = "send"

    @property
    def kept(self) -> dict[str, Any]:
        """The choice as an errand keeps it: a name may have been typed in the question, which is sealed."""
        sealed = None
        if self.asked is not None:
            sealed = base64.b64encode(sealing.seal(orjson.dumps(dict(self.asked)))).decode()
        return {
            "which": self.which,
            "record": self.record,
            "people": list(self.people),
            "prefix": self.prefix,
            "asked_of_list": sealed,
            "way": self.way,
        }


def again(kept: Mapping[str, Any]) -> Choice:
    """The choice an errand has kept."""
    sealed = kept.get("asked_of_list")
    return Choice(
        kept["which"],
        kept["record"],
        tuple(kept["people"]),
        kept["prefix"],
        None if sealed is None else orjson.loads(sealing.unseal(base64.b64decode(sealed))),
        kept.get("way", "send"),
    )


def chosen(session: Session, choice: Choice, by: Acting, now: datetime) -> Select[str, str, str, str]:
    """Those chosen that `by` looks after, never himself: id, name, user name and what is kept of a password."""
    mine = authority.seen_of_many(roles.reach_of(by, roles.PEOPLE), now)
    wanted = (
        select(Person.id, Person.name, Account.username, Account.password_hash)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(mine, Person.id != by.person, Person.merged_into_id.is_(None))
    )
    if choice.record:
        wanted = wanted.where(or_(Person.import_id == choice.record, Account.import_id == choice.record))
    if choice.people:
        wanted = wanted.where(Person.id.in_(choice.people))
    if choice.asked is not None:
        wanted = wanted.where(Person.id.in_(_listed(session, choice.asked, by, now)))
    if choice.which == "without":
        return wanted.where(Account.person_id.is_(None))
    wanted = wanted.where(
        Account.first_sign_in_at.is_(None),
        Account.is_disabled.is_(False),
        Account.closed_at.is_(None),
        Account.is_demo.is_(False),
        Account.registered_through.is_(None),
    )
    return wanted if choice.which == "again" else wanted.where(Account.password_hash == passwords.UNUSABLE)


def _listed(session: Session, asked: Mapping[str, str], by: Acting, now: datetime) -> Select[str]:
    """Those the list shows to this question; nobody where it asks for what there is not, or under a post now ended."""
    listing = catalogue.get(LIST)
    if listing is None:
        raise LookupError(f"there is no list {LIST}")
    if post := asked.get(POST):
        held = tuple(one for one in by.posts if one.id == post)
        by = replace(by, post=held[0] if held else None, posts=held)
    question = lists.read(listing, session, by, asked)
    rows = narrow(session, listing.query(session, by, now), listing, question, now)
    if question.lost:
        rows = rows.where(false())  # the list shows all then, and says so: here nobody would read it
    found: Select[str] = rows.with_only_columns(rows.selected_columns["id"])
    return found.correlate(None)
