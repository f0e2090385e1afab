"""Writing down what people and other systems are to be told, in the transaction of the verb that tells them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.identity.entities import Account, Person
from app.platform.jobs import enqueue_each
from app.platform.notices.entities import Delivery, Endpoint, Notice
from app.platform.notices.settings import settings
from app.platform.registry import Words

JOB = "notices/deliver"
CHANNELS = ("in_app", "email", "sms")
EVENTS = ("instance.started", "instance.ended", "task.opened", "task.decided", "incident.opened")
OWN_INCIDENT = "notice"  # the kind of an incident about a delivery: not announced, or it would tell of itself

_notice = Notice.__table__
_NOBODY_REMOVED = Endpoint.removed_at.is_(None)
LISTENED = select(Endpoint.id).where(_NOBODY_REMOVED).exists().label("is_listened_to")
"""For a verb's first statement: whether any endpoint wants events at all, so that `announce` is asked only then."""

_ENDPOINTS = select(Endpoint.id, Endpoint.name, Endpoint.events).where(_NOBODY_REMOVED)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened, as other systems are told it: ids and codes, never what a person typed."""

    name: str
    data: Mapping[str, Any]
    instance: str | None = None


class UnknownEndpoint(LookupError):
    """There is no endpoint of that name (any more)."""


def send(
    session: Session,
    to: Sequence[str],
    title: Words,
    text: Words,
    now: datetime,
    *,
    instance: str | None = None,
    channels: Iterable[str] = ("in_app",),
    secret: str | None = None,
    key: str | None = None,
) -> list[str]:
    """Tell people (their ids) something, and return the ids of the notices written; joins the open transaction.

    In-app always; by `email` and `sms` too where asked for, configured, and the person has an address. `secret`
    (a code) stands where the text says `{secret}`, outside only, encrypted until it is sent. What a `key` has told a
    person once it does not tell him again. At most five statements, whatever the number of people.
    """
    wanted = set(channels)
    if not wanted <= set(CHANNELS):
        raise ValueError(f"no such channel: {', '.join(sorted(wanted - set(CHANNELS)))}")
    said = {"title": list(title), "text": list(text)}
    with transaction(session):
        ways = _ways(session, to, wanted)
        rows = [
            {
                "id": new_id(),
                "person_id": person,
                "key": f"{key}:{person}" if key else None,
                "said": said,
                "secret": secret if ways.get(person) else None,
                "instance_id": instance,
                "created_at": now,
            }
            for person in dict.fromkeys(to)
        ]
        written = _write(session, rows)
        _put(
            session,
            [
                {"channel": channel, "notice_id": row["id"], "instance_id": instance}
                for row in rows
                if row["id"] in written
                for channel in ways.get(str(row["person_id"]), ())
            ],
            now,
        )
    return [str(row["id"]) for row in rows if row["id"] in written]


def _ways(session: Session, to: Sequence[str], wanted: set[str]) -> dict[str, list[str]]:
    """The outside channels by which each person can be reached, of those wanted and configured."""
    place = settings()
    ways = [
        way
        for way, there in (("email", place.mail), ("sms", place.sms))
        if way in wanted and there is not None
    ]
    if not ways or not to:
        return {}
    rows = session.execute(
        select(
            Person.id,
            Person.email.is_not(None).label("email"),
            (Person.phone.is_not(None) | Account.login_phone.is_not(None)).label("sms"),
        )
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(sorted(set(to))))
    )
    return {row.id: [way for way in ways if getattr(row, way)] for row in rows}


def _write(session: Session, rows: list[dict[str, Any]]) -> set[str]:
    """Insert notices but for those whose key is known; return the ids of the new ones."""
    if not rows:
        return set()
    if rows[0]["key"] is None:
        session.execute(insert(Notice), rows)
        return {row["id"] for row in rows}
    insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert_or(Notice).on_conflict_do_nothing(index_elements=["key"]).returning(_notice.c.id)
    return set(session.scalars(fresh, rows))


def emit(
    session: Session, event: str, data: Mapping[str, Any], now: datetime, instance: str | None = None
) -> int:
    """Tell every endpoint that wants it of one event; return how many."""
    return announce(session, [Event(event, data, instance)], now)


def announce(session: Session, events: Sequence[Event], now: datetime) -> int:
    """Tell the endpoints of what a verb has done, in its transaction; return the number of deliveries.

    One statement where nobody listens (none if `LISTENED` was asked along with the lock), three where somebody does.
    """
    told = [e for e in events if e.name != "incident.opened" or e.data.get("kind") != OWN_INCIDENT]
    if not told:
        return 0
    with transaction(session):
        endpoints = session.execute(_ENDPOINTS).all()
        rows = [
            _row(endpoint.id, event)
            for event in told
            for endpoint in endpoints
            if not endpoint.events or event.name in endpoint.events
        ]
        _put(session, rows, now)
    return len(rows)


def emit_to(session: Session, endpoint: str, event: Event, now: datetime) -> None:
    """Tell one endpoint, by its name and whatever events it wants else. Raises `UnknownEndpoint`."""
    with transaction(session):
        found = session.scalar(select(Endpoint.id).where(_NOBODY_REMOVED, Endpoint.name == endpoint))
        if found is None:
            raise UnknownEndpoint(endpoint)
        _put(session, [_row(found, event)], now)


def _row(endpoint: str, event: Event) -> dict[str, Any]:
    return {
        "channel": "webhook",
        "endpoint_id": endpoint,
        "event": event.name,
        "body": dict(event.data),
        "instance_id": event.instance,
    }


def _put(session: Session, rows: list[dict[str, Any]], now: datetime) -> None:
    """Write deliveries, and for each the job that carries it out: two statements."""
    if not rows:
        return
    for row in rows:
        row.update(id=new_id(), state="waiting", created_at=now)
    given = [{"delivery": row["id"], "instance": row["instance_id"]} for row in rows]
    for row, job in zip(rows, enqueue_each(session, JOB, given, now), strict=True):
        row["job_id"] = job
    session.execute(insert(Delivery), rows)
