"""Writing down what people and other systems are to be told, in the transaction of the verb that tells them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.jobs import enqueue_each
from app.platform.notices.choosing import ways_of
from app.platform.notices.entities import Delivery, Endpoint, Notice
from app.platform.notices.kinds import MESSAGE, OUTSIDE
from app.platform.registry import Words

JOB = "notices/deliver"
CHANNELS = ("in_app", *OUTSIDE)
EVENTS = ("instance.started", "instance.ended", "task.opened", "task.decided", "incident.opened")
OWN_INCIDENT = "notice"  # the kind of an incident about a delivery: not announced, or it would tell of itself

_notice = Notice.__table__
_INSERT = insert(_notice)  # type: ignore[arg-type]
_DELIVER = insert(Delivery.__table__)  # type: ignore[arg-type]
_NOTHING = dict.fromkeys(("notice_id", "endpoint_id", "event", "body"))  # rows of one statement are alike
_HEARD = "notices.heard"
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


@dataclass(frozen=True, slots=True)
class Letter:
    """Something some people (their ids) are told: in-app always, outside by the ways that `kind` and each person say.

    `channels`: the outside ways the sender asks for. Without a kind only those are taken; with one they narrow what
    the person has chosen for it, and None leaves it to him. `key`: what it has told a person once it does not tell
    him again. `secret` (a code) stands where the text says `{secret}`, outside only, encrypted until it is sent.
    """

    to: tuple[str, ...]
    title: Words
    text: Words
    kind: str | None = None
    instance: str | None = None
    task: str | None = None
    channels: frozenset[str] | None = None
    secret: str | None = None
    key: str | None = None


def send(
    session: Session,
    to: Sequence[str],
    title: Words,
    text: Words,
    now: datetime,
    *,
    kind: str | None = None,
    instance: str | None = None,
    task: str | None = None,
    channels: Iterable[str] | None = None,
    secret: str | None = None,
    key: str | None = None,
) -> list[str]:
    """Tell people something (as a `Letter` says it), and return the ids of the notices written.

    Joins the open transaction. At most five statements, whatever the number of people.
    """
    asked = None if channels is None else frozenset(channels)
    if asked is not None and not asked <= set(CHANNELS):
        raise ValueError(f"no such channel: {', '.join(sorted(asked - set(CHANNELS)))}")
    letter = Letter(tuple(to), title, text, kind, instance, task, asked, secret, key)
    return post(session, [letter], now)


def post(session: Session, letters: Sequence[Letter], now: datetime) -> list[str]:
    """Write letters, and what of them is to leave the house; return the ids of the notices written.

    Joins the open transaction. At most six statements, whatever the number of letters and people: one asks for
    choices and addresses, and only where this installation has a way outside.
    """
    told = [(letter, person) for letter in letters for person in dict.fromkeys(letter.to)]
    if not told:
        return []
    with transaction(session):
        ways = _ways(session, told)
        rows = [
            {
                "id": new_id(),
                "person_id": person,
                "key": f"{letter.key}:{person}" if letter.key else None,
                "said": {"title": list(letter.title), "text": list(letter.text)},
                "secret": letter.secret if ways[number] else None,
                "instance_id": letter.instance,
                "created_at": now,
                "kind": letter.kind,
                "task_id": letter.task,
            }
            for number, (letter, person) in enumerate(told)
        ]
        written = _write(session, rows)
        _put(
            session,
            [
                {"channel": way, "notice_id": row["id"], "instance_id": row["instance_id"]}
                for row, found in zip(rows, ways, strict=True)
                if row["id"] in written
                for way in found
            ],
            now,
        )
        heard = session.info.setdefault(_HEARD, set())
        heard |= {(row["person_id"], row["instance_id"]) for row in rows if row["kind"] in (None, MESSAGE)}
    return [str(row["id"]) for row in rows if row["id"] in written]


def not_told(session: Session, key: str, people: Sequence[str]) -> list[str]:
    """Those of `people` whom `key` has not told anything yet. One statement."""
    keys = {f"{key}:{person}": person for person in people}
    known = set(session.scalars(select(_notice.c.key).where(_notice.c.key.in_(list(keys)))))
    return [person for name, person in keys.items() if name not in known]


def has_heard(session: Session, person: str, instance: str) -> bool:
    """Whether a process has itself, in the open transaction, told a person something of an instance."""
    return (person, instance) in session.info.get(_HEARD, ())


@listens_for(Session, "after_commit")
@listens_for(Session, "after_rollback")
def _forget_heard(session: Session) -> None:
    session.info.pop(_HEARD, None)


def _ways(session: Session, told: Sequence[tuple[Letter, str]]) -> list[list[str]]:
    """The outside ways that each letter takes to each person."""
    outside = [
        (letter, person)
        for letter, person in told
        if letter.kind is not None or (letter.channels or frozenset()) & set(OUTSIDE)
    ]
    known = ways_of(session, (p for _, p in outside), (letter.kind or "" for letter, _ in outside))
    found = []
    for letter, person in told:
        ways = known.get((person, letter.kind or ""), frozenset())
        asked = letter.channels if letter.channels is not None or letter.kind else frozenset()
        found.append([way for way in OUTSIDE if way in ways and (asked is None or way in asked)])
    return found


def _write(session: Session, rows: list[dict[str, Any]]) -> set[str]:
    """Insert notices but for those whose key is known; return the ids of the new ones. Two statements at most."""
    plain, keyed = [row for row in rows if row["key"] is None], [row for row in rows if row["key"]]
    written = {row["id"] for row in plain}
    if plain:
        session.execute(_INSERT, plain)
    if keyed:
        insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        fresh = insert_or(Notice).on_conflict_do_nothing(index_elements=["key"]).returning(_notice.c.id)
        written |= set(session.scalars(fresh, keyed))
    return written


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
    rows = [_NOTHING | row | {"id": new_id(), "state": "waiting", "created_at": now} for row in rows]
    given = [{"delivery": row["id"], "instance": row["instance_id"]} for row in rows]
    for row, job in zip(rows, enqueue_each(session, JOB, given, now), strict=True):
        row["job_id"] = job
    session.execute(_DELIVER, rows)
