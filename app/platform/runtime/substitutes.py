"""Substitutes (代理): who stands in for an absent person, from when to when, and for which processes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, insert, select, update
from sqlalchemy.orm import Session, aliased

from app.platform import audit
from app.platform.data import Moment, new_id, transaction
from app.platform.identity import authority, posts, roles
from app.platform.identity.entities import Account, HeldPost, OpenSession, Person
from app.platform.registry import Acting, Post, Principal, Words
from app.platform.runtime.entities import Process, Substitute
from app.platform.runtime.errors import BadStanding, Forbidden, Unknown

Someone = TypeVar("Someone", bound=Acting)
TELL = {
    "oneself": Words("不能由本人代理本人。", "Nobody stands in for himself."),
    "no_account": Words("找不到此人，或其账号不能登录。", "There is no such person who can sign in."),
    "dates": Words(
        "代理的结束时间必须晚于开始时间和现在。", "The end must lie after the beginning and after now."
    ),
    "unknown_process": Words("没有这样的流程。", "There is no such process."),
    "overlap": Words(
        "这段时间内同样的流程已经有人代理，请先结束原来的代理，或错开日期。",
        "Somebody stands in already in these days for the same processes: end that first, or choose other days.",
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One appointment. `processes` None is all of them."""

    id: str
    person: str
    person_name: str
    substitute: str
    substitute_name: str
    from_at: datetime
    until_at: datetime
    processes: frozenset[str] | None
    ended_at: datetime | None


def appoint(
    session: Session,
    person: str,
    substitute: str,
    from_at: datetime,
    until_at: datetime,
    processes: Collection[str] | None,
    by: Acting,
    now: datetime,
) -> str:
    """Let `substitute` work what waits for `person`; return the appointment's id. `processes` None or empty: all.

    By the person himself, or by an administrator. It gives what the person's own posts and tasks give, never what
    he holds as another's substitute. Raises `Forbidden`, `BadStanding`.
    """
    with transaction(session):
        _mind(session, by, person, now)
        session.execute(select(Person.id).where(Person.id == person).with_for_update())  # one after the other
        _check(session, person, substitute, from_at, until_at, processes or (), now)
        row = {
            "id": new_id(),
            "person_id": person,
            "substitute_id": substitute,
            "from_at": from_at,
            "until_at": until_at,
            "processes": sorted(processes) if processes else None,
            "appointed_by_id": by.person,
        }
        session.execute(insert(Substitute), row)
        said = {"id": row["id"], "substitute": substitute, "processes": row["processes"]}
        said |= {"from": from_at.isoformat(), "until": until_at.isoformat()}
        audit.log(session, "runtime", "substitute.appointed", by, now, said, f"person:{person}")
        return str(row["id"])


def end(session: Session, appointment: str, by: Acting, now: datetime) -> None:
    """End an appointment before its time; one that has ended stays as it is. Raises `Unknown`, `Forbidden`.

    The substitute may give it back himself.
    """
    with transaction(session):
        row = session.execute(
            select(Substitute.__table__).where(Substitute.id == appointment).with_for_update()
        ).one_or_none()
        if row is None:
            raise Unknown(appointment)
        if by.person != row.substitute_id:
            _mind(session, by, row.person_id, now)
        if row.ended_at is None:
            session.execute(update(Substitute).where(Substitute.id == appointment).values(ended_at=now))
            said = {"id": appointment, "substitute": row.substitute_id}
            audit.log(session, "runtime", "substitute.ended", by, now, said, f"person:{row.person_id}")


def _mind(session: Session, by: Acting, person: str, now: datetime) -> None:
    """The absent person himself, who looks after all instances, or who looks after this person."""
    if by.person == person or roles.may(by.posts, roles.MANAGE):
        return
    if not roles.reach_of(by, roles.PEOPLE) or authority.why_not_manage(session, person, by, now):
        raise Forbidden("substitute.appoint")


def _check(
    session: Session,
    person: str,
    substitute: str,
    from_at: datetime,
    until_at: datetime,
    processes: Collection[str],
    now: datetime,
) -> None:
    code = ""
    if person == substitute:
        code = "oneself"
    elif until_at <= from_at or until_at <= now:
        code = "dates"
    else:
        able = set(
            session.scalars(
                select(Account.person_id).where(
                    Account.person_id.in_([person, substitute]), Account.is_disabled.is_(False)
                )
            )
        )
        known = set(session.scalars(select(Process.key).where(Process.key.in_(processes))))
        if len(able) != 2:
            code = "no_account"
        elif known != set(processes):
            code = "unknown_process"
        elif _overlaps(session, person, from_at, until_at, set(processes)):
            code = "overlap"
    if code:
        raise BadStanding(code, TELL[code])


def _overlaps(
    session: Session, person: str, from_at: datetime, until_at: datetime, processes: set[str]
) -> bool:
    """Whether somebody stands in for the person already in these days, for one of these processes."""
    known = session.scalars(
        select(Substitute.processes).where(
            Substitute.person_id == person,
            Substitute.ended_at.is_(None),
            Substitute.from_at < until_at,
            Substitute.until_at > from_at,
        )
    )
    return any(not one or not processes or processes & set(one) for one in known)


def of(session: Session, person: str) -> tuple[Standing, ...]:
    """Every appointment of a person, as absent one or as substitute, the newest first."""
    absent, present = aliased(Person), aliased(Person)
    rows = session.execute(
        select(Substitute.__table__, absent.name.label("absent"), present.name.label("present"))
        .join(absent, absent.id == Substitute.person_id)
        .join(present, present.id == Substitute.substitute_id)
        .where((Substitute.person_id == person) | (Substitute.substitute_id == person))
        .order_by(Substitute.id.desc())
    )
    return tuple(
        Standing(
            row.id,
            row.person_id,
            row.absent,
            row.substitute_id,
            row.present,
            row.from_at,
            row.until_at,
            None if row.processes is None else frozenset(row.processes),
            row.ended_at,
        )
        for row in rows
    )


def stands_in(now: datetime) -> ColumnElement[bool]:
    """Whether the person of a session stands in for anybody at `now`: asked along with who acts."""
    return (
        select(Substitute.id)
        .where(
            Substitute.substitute_id == OpenSession.person_id,
            Substitute.ended_at.is_(None),
            Substitute.from_at <= now,
            Substitute.until_at > now,
        )
        .exists()
    )


_NOW = bindparam("now", type_=Moment)
_PRINCIPALS = (
    select(
        Substitute.person_id,
        Substitute.processes,
        Person.name,
        HeldPost.id,
        HeldPost.role,
        HeldPost.place,
        HeldPost.subject,
    )
    .join(Person, Person.id == Substitute.person_id)
    .outerjoin(Account, Account.person_id == Substitute.person_id)
    .outerjoin(HeldPost, and_(HeldPost.person_id == Substitute.person_id, posts.live(_NOW)))
    .where(
        Substitute.substitute_id == bindparam("person"),
        Substitute.ended_at.is_(None),
        Substitute.from_at <= _NOW,
        Substitute.until_at > _NOW,
        Account.is_disabled.is_not(True),
    )
    .order_by(Substitute.person_id, HeldPost.id)
)


def with_principals(session: Session, acting: Someone, now: datetime) -> Someone:
    """The acting person with those he stands in for at `now`, each with his own posts. One statement.

    Whose account is disabled has nothing to be stood in for.
    """
    rows = session.execute(_PRINCIPALS, {"person": acting.person, "now": now}).all()
    if not rows:
        return acting
    found: dict[str, Principal] = {}
    for row in rows:
        new = None if row.processes is None else frozenset(row.processes)
        known = found.get(row.person_id) or Principal(row.person_id, row.name, (), new)
        if known.processes is not None:
            known = replace(known, processes=None if new is None else known.processes | new)
        post = None if row.id is None else Post(row.id, row.role, row.place, row.subject)
        if post is not None and post not in known.posts:
            known = replace(known, posts=(*known.posts, post))
        found[row.person_id] = known
    return replace(acting, substitutes_for=tuple(found.values()))
