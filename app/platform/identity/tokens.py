"""Tokens of programs: each acts as the person it was made for; shown once, kept as a hash, revoked at any time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.data import Moment, new_id, transaction
from app.platform.identity import posts
from app.platform.identity.entities import Account, HeldPost, Person, Token
from app.platform.identity.messages import Refusal
from app.platform.identity.sessions import Visit
from app.platform.registry import Acting, Post

PREFIX = "chengpi_"  # so that a token left lying in a file is recognised for what it is
LONGEST_NAME = 100
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """A token as its owner sees it: everything but what it shows at the door."""

    id: str
    person: str
    name: str
    created_at: datetime
    until_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it opens the door at `now`."""
        return self.revoked_at is None and (self.until_at is None or self.until_at > now)


def create(
    session: Session, person: str, name: str, lasts: timedelta | None, by: Acting | str | None, now: datetime
) -> tuple[str, str]:
    """Make a token for `person`; return its id and the secret, which nobody can read again.

    `lasts` None is without end. Raises `Refusal("no_account")` for whoever cannot come in himself.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction(session):
        if session.scalar(select(Account.person_id).where(Account.person_id == person)) is None:
            raise Refusal("no_account")
        token = new_id()
        values = {
            "id": token,
            "person_id": person,
            "name": name[:LONGEST_NAME],
            "hash": _hash(secret),
            "created_at": now,
            "until_at": now + lasts if lasts else None,
        }
        session.execute(insert(Token), values)
        audit.log(
            session, "identity", "token.created", by or person, now, {"token": token}, f"person:{person}"
        )
    return token, secret


def of(session: Session, person: str | None = None) -> list[TokenFacts]:
    """The tokens of a person, or of everybody, the latest first; revoked ones stay on the list."""
    table = Token.__table__
    facts = (
        table.c.id,
        table.c.person_id,
        table.c.name,
        table.c.created_at,
        table.c.until_at,
        table.c.seen_at,
        table.c.revoked_at,
    )
    wanted = select(*facts).order_by(table.c.id.desc())
    rows = session.execute(wanted if person is None else wanted.where(table.c.person_id == person))
    return [TokenFacts(*tuple(row)) for row in rows]


def revoke(
    session: Session, token: str, by: Acting | str | None, now: datetime, person: str | None = None
) -> None:
    """End a token at once (of `person`, where it is named). Raises `Refusal("unknown_token")`; twice does nothing."""
    with transaction(session):
        row = session.execute(
            select(Token.person_id, Token.revoked_at).where(Token.id == token).with_for_update()
        ).one_or_none()
        if row is None or person not in (None, row.person_id):
            raise Refusal("unknown_token")
        if row.revoked_at is None:
            session.execute(update(Token).where(Token.id == token).values(revoked_at=now))
            about = f"person:{row.person_id}"
            audit.log(session, "identity", "token.revoked", by, now, {"token": token}, about)


_NOW = bindparam("now", type_=Moment)
_FIND = (
    select(
        Token.id.label("token"),
        Token.seen_at,
        Token.person_id,
        Person.name,
        Account.username,
        HeldPost.id,
        HeldPost.role,
        HeldPost.place,
        HeldPost.subject,
        settings.revision().label("revision"),
    )
    .join(Person, Person.id == Token.person_id)
    .join(Account, Account.person_id == Token.person_id)
    .outerjoin(HeldPost, and_(HeldPost.person_id == Token.person_id, posts.live(_NOW)))
    .where(
        Token.hash == bindparam("hash"),
        Account.is_disabled.is_(False),
        Token.revoked_at.is_(None),
        or_(Token.until_at.is_(None), Token.until_at > _NOW),
    )
    .order_by(HeldPost.id)
)


def acting(session: Session, secret: str, now: datetime) -> Visit | None:
    """Who acts with this token, with the posts held now; None when it opens nothing.

    A first password still to be changed does not shut it out: the program does not use it. One statement, and
    once a minute a second one that notes the visit and commits; where a setting was changed since, those that read
    them all anew: call it before anything else in a request.
    """
    rows = session.execute(_FIND, {"hash": _hash(secret), "now": now}).all()
    if not rows:
        return None
    first = rows[0]
    if first.seen_at is None or now - first.seen_at >= _SEEN_EVERY:
        with transaction(session):
            session.execute(update(Token).where(Token.id == first.token).values(seen_at=now))
    settings.catch_up(session, first.revision)
    mine = tuple(Post(row.id, row.role, row.place, row.subject) for row in rows if row.id is not None)
    return Visit(first.person_id, first.name, first.username, mine, session="")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
