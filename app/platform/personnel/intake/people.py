"""Entering a chunk of people: each new one with his account and post, known ones with the post they lack.

What is written carries the import's id: that is how a person's own record says where he came from. The audit has one
row for a chunk, under the import's key; a key for each of 100,000 people would cost more than the people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id
from app.platform.identity import authority, logins, passwords, people, posts, roles
from app.platform.identity.authority import Wanted
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.messages import Refusal
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.personnel import taking_over
from app.platform.personnel.intake import naming, saying
from app.platform.personnel.intake.drafts import Bounds, Draft, read
from app.platform.personnel.intake.prepared import Known, is_in_office, take_turns
from app.platform.registry import Words
from app.platform.sheets import Bad, Intake, Row, Stored


class _Chunk:
    """The rows of one transaction on their way: those still good, and what is wrong with the others."""

    def __init__(self, intake: Intake, rows: Sequence[Row]) -> None:
        self.intake = intake
        self.known: Known = intake.prepared
        self.bad: list[Bad] = []
        self.good: list[Draft] = []
        by, session = intake.by, intake.session
        bounds = Bounds(
            roles.reach_of(by, roles.PEOPLE),
            roles.reach_of(by, roles.POSTS),
            {role.key for role in authority.givable(session, by, intake.now)},
        )
        for row in rows:
            drawn = read(row, self.known, bounds, intake.now)
            if isinstance(drawn, Draft):
                self.good.append(drawn)
            else:
                self.bad += drawn

    def refuse(self, *found: Bad) -> None:
        """Take rows out, with why."""
        self.bad += found
        gone = {one.row for one in found}
        self.good = [one for one in self.good if one.number not in gone]


def store(intake: Intake, rows: Sequence[Row]) -> Stored:
    """Enter a chunk; every row by itself is entered whole or refused whole."""
    session = intake.session
    take_turns(session)
    posts.lock(session, intake.by.person)  # a right that ends at this moment gives nothing any more
    if not is_in_office(session, intake.by, intake.now):
        return Stored([Bad(row.number, None, saying.NO_LONGER) for row in rows])
    chunk = _Chunk(intake, rows)
    _may_be_given(chunk)
    there = _there(chunk)
    _names(chunk, there)
    new = [one for one in chunk.good if one.hash not in there]
    given = [*_enter(intake, new), *_add_to(chunk, there)]
    taking_over.offer_all(session, given, intake.by, intake.now)
    if new or chunk.good:
        body = {
            "people": len(new),
            "accounts": sum(one.has_account for one in new),
            "posts": sum(one.wanted is not None for one in new),
            "known": len(chunk.good) - len(new),
        }
        audit.log(session, "identity", "people.imported", intake.by, intake.now, body, intake.record)
    return Stored(chunk.bad, len(new))


def _may_be_given(chunk: _Chunk) -> None:
    """Ask about each different post once."""
    intake = chunk.intake
    wanted = {one.wanted for one in chunk.good if one.wanted is not None}
    refused = authority.why_not_each(intake.session, wanted, intake.by, intake.now)
    apart = {one: Refusal("separation", "role") for one in wanted if len(roles.sides(one.role)) > 1}
    told = {one: why for one, why in (refused | apart).items() if why is not None}
    chunk.refuse(*(saying.said(one.number, told[one.wanted]) for one in chunk.good if one.wanted in told))


def _there(chunk: _Chunk) -> dict[str, Any]:
    """Who is there already, by the hash of his number; rows about people one does not see are refused."""
    intake = chunk.intake
    hashes = {one.hash for one in chunk.good}
    if not hashes:
        return {}
    seen = authority.visible(intake.by, intake.now).label("is_seen")
    rows = intake.session.execute(
        select(Person.id, Person.name, Person.id_number_hash, Person.import_id, seen, Account.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id_number_hash.in_(hashes), Person.merged_into_id.is_(None))
        .order_by(Person.id)
    ).all()
    found: dict[str, Any] = {}
    for row in rows:
        if row.id_number_hash not in found or (row.is_seen and not found[row.id_number_hash].is_seen):
            found[row.id_number_hash] = row
    first: dict[str, int] = {}
    for one in list(chunk.good):
        if first.setdefault(one.hash, one.number) != one.number:
            chunk.refuse(Bad(one.number, "id_number", saying.DOUBLED))
        elif one.hash in found:
            chunk.refuse(*_wrong_of(chunk.intake, one, found[one.hash]))
    return found


def _wrong_of(intake: Intake, one: Draft, row: Any) -> list[Bad]:
    """Why somebody who is there already is not to get what the row says."""

    def bad(column: str, words: Words) -> list[Bad]:
        return [Bad(one.number, column, words)]

    if not row.is_seen:
        return bad("id_number", saying.NOT_SEEN)
    if row.import_id == intake.record:
        return bad("id_number", saying.DOUBLED)
    if row.name != one.facts["name"]:
        return bad("name", saying.OTHER_NAME)
    if row.id == intake.by.person and (one.wanted or one.has_account):
        return bad("role" if one.wanted else "account", saying.SELF)
    if one.has_account and row.person_id is not None and one.username:
        return bad("username", saying.HAS_ACCOUNT)
    if one.has_account and row.person_id is None:
        refused = authority.why_not_manage(intake.session, row.id, intake.by, intake.now)
        if refused is not None:
            return [saying.said(one.number, refused, "account")]
        if not authority.could_give_all(intake.session, row.id, intake.by, intake.now):
            return bad("account", saying.NOT_HIS)
    return []


def _names(chunk: _Chunk, there: dict[str, Any]) -> None:
    """User names: those written down must be free, the others are drawn."""
    session = chunk.intake.session

    def lacks(one: Draft) -> bool:
        return one.has_account and (one.hash not in there or there[one.hash].person_id is None)

    written = [one for one in chunk.good if lacks(one) and one.username]
    taken = naming.taken(session, {one.username for one in written if one.username})
    first: dict[str | None, int] = {}
    refused = []
    for one in written:
        if one.username in taken:
            refused.append(Bad(one.number, "username", saying.TAKEN))
        elif first.setdefault(one.username, one.number) != one.number:
            refused.append(Bad(one.number, "username", saying.TAKEN_HERE))
    chunk.refuse(*refused)
    wanted = {one.number: one.prefix for one in chunk.good if lacks(one) and not one.username}
    own = {one.username for one in written if one.username}
    drawn = naming.draw(session, wanted, chunk.known.serials, own)
    for one in chunk.good:
        one.username = drawn.get(one.number, one.username)


def _enter(intake: Intake, new: Sequence[Draft]) -> list[str]:
    """Write new people, their accounts and their posts (their ids): three statements, and one that asks for phones."""
    session, now = intake.session, intake.now
    if not new:
        return []
    ids = {one.number: new_id() for one in new}
    session.execute(insert(Person), [_person(one, ids[one.number], intake) for one in new])
    phones = _free_phones(session, [one for one in new if one.has_account])
    accounts = [
        _account(one, ids[one.number], intake, phones.get(one.number)) for one in new if one.has_account
    ]
    if accounts:
        session.execute(insert(Account), accounts)
    held = [
        {
            "id": new_id(),
            "person_id": ids[one.number],
            "role": one.wanted.role,
            "place": one.wanted.place,
            "subject": one.wanted.subject or EVERY_SUBJECT,
            "from_at": now,
            "until_at": one.wanted.until_at,
            "granted_by": intake.by.person,
            "import_id": intake.record,
        }
        for one in new
        if one.wanted is not None
    ]
    if held:
        session.execute(insert(HeldPost), held)
        posts.tell_given(session, [(str(one["role"]), str(one["place"])) for one in held], now)
    return [str(one["id"]) for one in held]


def _person(one: Draft, identifier: str, intake: Intake) -> dict[str, Any]:
    facts = one.facts
    return {
        **facts,
        "id": identifier,
        "id_number_hash": one.hash,
        "id_number_last_hash": people.last_four_hash(facts["id_number"]),
        "phone_hash": people.phone_hash(facts["phone"]) if facts["phone"] else None,
        "email_hash": people.email_hash(facts["email"]) if facts["email"] else None,
        "created_at": intake.now,
        "place": one.kept,
        "import_id": intake.record,
    }


def _account(one: Draft, person: str, intake: Intake, phone: tuple[str, str] | None) -> dict[str, Any]:
    """An account nobody comes in by until its first password is sent (0032)."""
    return {
        "person_id": person,
        "username": one.username,
        "login_phone": phone[0] if phone else None,
        "login_phone_hash": phone[1] if phone else None,
        "password_hash": passwords.UNUSABLE,
        "password_at": intake.now,
        "must_change_password": True,
        "is_demo": False,
        "is_disabled": False,
        "created_at": intake.now,
        "import_id": intake.record,
    }


def _free_phones(session: Session, drafts: Iterable[Draft]) -> dict[int, tuple[str, str]]:
    """The phones that may be signed in with: those no account has. Of two rows with one phone the first gets it."""
    asked: dict[str, tuple[int, str]] = {}
    for one in drafts:
        phone = one.facts["phone"]
        if phone:
            asked.setdefault(logins.phone_hash(phone), (one.number, phone))
    if not asked:
        return {}
    taken = set(
        session.scalars(select(Account.login_phone_hash).where(Account.login_phone_hash.in_(list(asked))))
    )
    return {number: (phone, hash_) for hash_, (number, phone) in asked.items() if hash_ not in taken}


def _add_to(chunk: _Chunk, there: dict[str, Any]) -> list[str]:
    """Give people who are there already the post and the account they lack; the ids of the posts."""
    intake, refused, given = chunk.intake, list[Bad](), list[str]()
    known = [one for one in chunk.good if one.hash in there]
    open_posts = _open_posts(intake, [there[one.hash].id for one in known])
    accounts = []
    for one in known:
        row = there[one.hash]
        if one.wanted is not None and not _covers(open_posts, row.id, one.wanted):
            try:
                given.append(_grant(intake, row.id, one.wanted))
            except Refusal as told:
                refused.append(saying.said(one.number, told))
                continue
        if one.has_account and row.person_id is None:
            accounts.append(_account(one, row.id, intake, None))
    if accounts:
        intake.session.execute(insert(Account), accounts)
    chunk.refuse(*refused)
    return given


def _open_posts(intake: Intake, people_: Sequence[str]) -> dict[tuple[str, str, str, str], Any]:
    if not people_:
        return {}
    rows = intake.session.execute(
        select(HeldPost.person_id, HeldPost.role, HeldPost.place, HeldPost.subject, HeldPost.until_at).where(
            HeldPost.person_id.in_(people_),
            HeldPost.ended_at.is_(None),
            HeldPost.from_at <= intake.now,
            or_(HeldPost.until_at.is_(None), HeldPost.until_at > intake.now),
        )
    )
    return {(row.person_id, row.role, row.place, row.subject): row for row in rows}


def _covers(held: dict[tuple[str, str, str, str], Any], person: str, wanted: Wanted) -> bool:
    found = held.get((person, wanted.role, wanted.place, wanted.subject or EVERY_SUBJECT))
    return found is not None and (
        found.until_at is None or (wanted.until_at is not None and wanted.until_at <= found.until_at)
    )


def _grant(intake: Intake, person: str, wanted: Wanted) -> str:
    post = authority.give(intake.session, person, wanted, intake.by, intake.now)
    intake.session.execute(
        update(HeldPost)
        .where(HeldPost.id == post, HeldPost.from_at == intake.now, HeldPost.granted_by == intake.by.person)
        .values(import_id=intake.record)
        .execution_options(synchronize_session=False)
    )
    return post
