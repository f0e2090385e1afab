"""What somebody had typed when the session ended: sealed, kept for half an hour, given back after login.

The view that shows the page again calls `take()`; if it does not, the shell itself offers to send the fields
once more. Passwords and captchas are never kept, files cannot be. Only the same person, in the same browser,
gets the fields back: the page cookie carries a keyed mark of whose it was, and the login must match it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Flask, current_app, g, request
from flask import session as page_session
from sqlalchemy import String, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from app.platform.data import Base, Id, Moment, SealedJson, new_id, sealing, transaction
from app.rooms.web import acting, security

HALF_AN_HOUR = timedelta(minutes=30)
LARGEST = 256 * 1024
LONGEST_ACTION = 2000
PER_PERSON = 10
SECRET = ("password", "captcha", "csrf_token", "secret", "token")


_UNTYPED = re.compile(r"_.*|code|key|outcome|revision|asked|back|next|row|seen")
_CODE = re.compile(r"(?![0-9]{7,})[0-9a-z_./*:+-]*|[0-9A-Z]{26}")
"""What nobody has typed as a text: an id, a key, a path, a day, a short number (a longer one may be a phone)."""


class Kept(Base):
    """The fields of one post that came without a session."""

    __tablename__ = "web_kept"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    owner_hash: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(LONGEST_ACTION))
    fields: Mapped[list[list[str]]] = mapped_column(SealedJson)
    kept_until_at: Mapped[datetime] = mapped_column(Moment, index=True)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Fields that wait for their person: where they were sent and what they hold."""

    action: str
    fields: tuple[tuple[str, str], ...]


def attach(app: Flask) -> None:
    """Let the shell offer what no view has taken."""
    app.context_processor(lambda: {"kept_parcel": untaken})


def mark_of(person: str) -> str:
    """Return the keyed mark that ties a browser's kept fields to `person`."""
    return sealing.digest("kept-owner", person)


def fields_of_request() -> tuple[tuple[str, str], ...]:
    """Return what was typed, without secrets, in its order."""
    return tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name.lower() for word in SECRET)
    )


def to_copy() -> str:
    """The texts of a post that was not carried out, one below the other, for whoever typed them; "" without any.

    What a page sends besides (ids, places, choices, codes) is left out, and all of a post from elsewhere.
    """
    if request.method != "POST" or acting.who() is None or not security.from_here():
        return ""
    texts = (value.strip() for name, value in fields_of_request() if not _UNTYPED.fullmatch(name))
    found = dict.fromkeys(text for text in texts if text and not _CODE.fullmatch(text))
    return "\n\n".join(found)[:LARGEST]


def keep(page: str) -> str | None:
    """Keep the fields of this request for whoever was signed in here; return the key, None if there is nothing."""
    owner = page_session.get("whose")
    if not owner or not security.from_here() or page == "/":
        return None
    fields = fields_of_request()
    action = request.full_path.rstrip("?")
    size = sum(len(name) + len(value) for name, value in fields)
    if not fields or size > LARGEST or len(action) > LONGEST_ACTION:
        return None
    key, now = secrets.token_urlsafe(32), acting.now()
    with transaction(acting.session()) as session:
        session.execute(delete(Kept).where(Kept.kept_until_at < now))
        held = session.scalar(select(func.count()).select_from(Kept).where(Kept.owner_hash == owner))
        if (held or 0) >= PER_PERSON:
            return None
        session.execute(
            insert(Kept).values(
                id=new_id(),
                key_hash=sealing.digest("kept-key", key),
                owner_hash=owner,
                action=action,
                fields=[[name, value] for name, value in fields],
                kept_until_at=now + HALF_AN_HOUR,
            )
        )
    return key


def take() -> MultiDict[str, str] | None:
    """Return the fields kept for this page, to show them again; None if there are none for this person."""
    parcel = _find()
    if parcel is None:
        return None
    g.kept_is_taken = True
    return MultiDict(parcel.fields)


def untaken() -> Parcel | None:
    """Return the fields that the view did not take, for the shell's offer to send them once more."""
    return None if g.get("kept_is_taken") else _find()


def page_of_request() -> str:
    """Return the page this post came from: the referrer on this site, or the posted path if it is a page too."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc == request.host:
        return security.safe_target(urlunsplit(("", "", referrer.path, referrer.query, "")))
    try:
        current_app.url_map.bind("").match(request.path, "GET")
    except HTTPException:
        return "/"
    return security.safe_target(request.full_path.rstrip("?"))


def with_key(page: str, key: str) -> str:
    """Return `page` with the key of what is kept for it."""
    parts = urlsplit(page)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "kept"]
    return urlunsplit(("", "", parts.path, urlencode([*query, ("kept", key)]), ""))


def _find() -> Parcel | None:
    key, person = request.args.get("kept"), acting.who()
    if not key or person is None or request.method != "GET":
        return None
    row = (
        acting.session()
        .execute(
            select(Kept.action, Kept.fields).where(
                Kept.key_hash == sealing.digest("kept-key", key),
                Kept.owner_hash == mark_of(person.person),
                Kept.kept_until_at >= acting.now(),
            )
        )
        .first()
    )
    return Parcel(row.action, tuple((name, value) for name, value in row.fields)) if row else None
