"""Open tasks that nobody can answer now (无人办理): read by the clock, with why and since when.

The same rule as `seating.anybody`, as SQL over any number of tasks: nothing is stored, so that a task stands here the
moment the last post ends, and is gone the moment somebody holds one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from app.platform.audit.entities import AuditRow
from app.platform.identity.eligibility import covering
from app.platform.identity.entities import Account, HeldPost
from app.platform.identity.places import within
from app.platform.identity.posts import live
from app.platform.registry import Words
from app.platform.runtime import policy
from app.platform.runtime.entities import Incident, Instance, Seat, Task
from app.platform.runtime.waiting import ALONE, OPEN

WHY: Final = {
    "no_holder": Words("{place}没有人担任{role}", "Nobody holds {role} at {place}"),
    "all_shut": Words(
        "{place}担任{role}的人员账号都已停用", "All accounts of those who hold {role} at {place} are shut"
    ),
    "all_recused": Words(
        "{place}担任{role}的人员都应当回避", "All who hold {role} at {place} must step back from it"
    ),
    "shut": Words("指定的办理人{name}账号已停用", "It is named for {name}, whose account is shut"),
    "recused": Words("指定的办理人{name}应当回避", "It is named for {name}, who must step back from it"),
    "seat": Words("轮到的签署人已不能办理", "A signer whose turn it is can answer no more"),
    "nameless": Words("没有指定由谁办理", "It is asked of nobody"),
}
"""Why nobody can answer a task, by the code that `why` gives."""
ASKED_AT = func.coalesce(Task.place, Instance.place)
"""Where a task is asked; one for a person by name, where its instance was started."""
_SHUT = ("account.disabled", "account.closed")
_Elsewhere, _Shut = aliased(HeldPost), aliased(Account)


def unattended(now: datetime, without: Collection[str] = ()) -> ColumnElement[bool]:
    """The SQL of an open task of a running instance that nobody can answer at `now`, over `Task` and `Instance`.

    `without`: as if these posts (ids) were not held.
    """
    named = and_(
        Task.assignee_id.is_not(None), or_(_is_shut(Task.assignee_id), ~_free(Task.assignee_id, now))
    )
    asked = and_(Task.assignee_id.is_(None), ~_answering(now, without))
    return and_(
        OPEN,
        Instance.state == "running",
        or_(and_(ALONE, or_(named, asked)), and_(~ALONE, or_(~_seats(true()), _seats(stuck(now, without))))),
    )


def stuck(now: datetime, without: Collection[str] = ()) -> ColumnElement[bool]:
    """The SQL of a seat on turn whose person can answer no more, over `Seat` and its `Task`."""
    his = _answering(now, without, HeldPost.person_id == Seat.person_id)
    return or_(and_(Seat.is_personal, _is_shut(Seat.person_id)), and_(~Seat.is_personal, ~his))


def reached(reach: Collection[str]) -> ColumnElement[bool]:
    """The SQL of a task that is asked within a reach, over `Task` and `Instance` (C-11)."""
    return or_(within(Task.place, reach), and_(Task.place.is_(None), within(Instance.place, reach)))


def why(now: datetime) -> ColumnElement[str]:
    """The SQL of a key of `WHY`, for tasks that are unattended."""
    return case(
        (~ALONE, literal("seat")),
        (and_(Task.assignee_id.is_not(None), _is_shut(Task.assignee_id)), literal("shut")),
        (Task.assignee_id.is_not(None), literal("recused")),
        (Task.role.is_(None), literal("nameless")),
        (~_holding(now).exists(), literal("no_holder")),
        (~_holding(now).where(~_is_shut(HeldPost.person_id)).exists(), literal("all_shut")),
        else_=literal("all_recused"),
    )


def lost_at(now: datetime) -> Any:
    """The SQL of when the last post that answered for a task ended; None where none ever did."""
    gone = or_(HeldPost.ended_at.is_not(None), HeldPost.until_at <= now)
    ended = func.max(func.coalesce(HeldPost.ended_at, HeldPost.until_at))
    return select(ended).where(gone, *covering(policy.COLUMNS)).correlate(Task).scalar_subquery()


def shut_at() -> Any:
    """The SQL of when the account of whom a task is named for was shut, as the record has it."""
    about = AuditRow.about == literal("person:") + Task.assignee_id
    found = select(func.max(AuditRow.at)).where(about, AuditRow.kind.in_(_SHUT))
    return found.correlate(Task).scalar_subquery()


def reported_at() -> Any:
    """The SQL of when an incident that is still open has said that nobody can answer a task."""
    return (
        select(func.max(Incident.opened_at))
        .where(
            Incident.instance_id == Task.instance_id,
            Incident.element == Task.element,
            Incident.kind == "nobody",
            Incident.closed_at.is_(None),
        )
        .correlate(Task)
        .scalar_subquery()
    )


def since(row: Any) -> datetime:
    """Since when nobody can answer a task, of a row with `opened_at`, `why`, `lost_at`, `shut_at`, `reported_at`."""
    known = {"no_holder": row["lost_at"], "shut": row["shut_at"]}.get(row["why"]) or row["reported_at"]
    opened: datetime = row["opened_at"]
    return max(opened, known) if known is not None else opened


def _holding(now: datetime) -> Any:
    return select(HeldPost.id).where(live(now), *covering(policy.COLUMNS)).correlate(Task, Seat)


def _answering(now: datetime, without: Collection[str], *more: ColumnElement[bool]) -> Any:
    """Somebody who holds the role there, can sign in, and need not step back."""
    held = _holding(now).where(~_is_shut(HeldPost.person_id), _free(HeldPost.person_id, now), *more)
    return (held.where(HeldPost.id.not_in(sorted(without))) if without else held).exists()


def _is_shut(person: Any) -> ColumnElement[bool]:
    return select(_Shut.person_id).where(_Shut.person_id == person, _Shut.is_disabled.is_(True)).exists()


def _free(person: Any, now: datetime) -> ColumnElement[bool]:
    """Whether a person is not kept out by recusal (`recusal.left`)."""
    start = func.substr(_Elsewhere.place, 1, func.length(Task.avoided_unit))
    is_live = and_(
        _Elsewhere.ended_at.is_(None),
        _Elsewhere.from_at <= now,
        or_(_Elsewhere.until_at.is_(None), _Elsewhere.until_at > now),
    )
    inside = select(_Elsewhere.id).where(_Elsewhere.person_id == person, start == Task.avoided_unit, is_live)
    inside = inside.correlate(Task, HeldPost)  # of the task that is asked about, not of any
    return and_(
        or_(Task.avoided.is_(None), ~Task.avoided.contains(person)),
        or_(Task.avoided_unit.is_(None), ~inside.exists()),
    )


def _seats(where: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Seat.id).where(Seat.task_id == Task.id, Seat.state == "open", where).correlate(Task).exists()
    )
