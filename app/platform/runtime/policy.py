"""What one may do: may_start, may_work, may_read. Asked by the verbs themselves, after the lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, aliased

from app.platform.engine import Definition
from app.platform.identity import roles
from app.platform.identity.eligibility import TaskColumns, covers, eligible_clause, eligible_ranges
from app.platform.identity.places import below
from app.platform.registry import Acting, Post, Principal, Role, house
from app.platform.runtime import recusal
from app.platform.runtime.entities import Copy, Draft, Escalation, Instance, Question, Seat, Task

COLUMNS = TaskColumns(Task.role, Task.place, Task.subject)
ESCALATED = TaskColumns(Escalation.role, Escalation.place, Escalation.subject)
ANY_TASK = aliased(Task)  # beside the task a query may already speak of
ANY_QUESTION = aliased(Question)
ANY_COLUMNS = TaskColumns(ANY_TASK.role, ANY_TASK.place, ANY_TASK.subject)


class Asked(Protocol):
    """The columns of a task that say who may answer it."""

    process: Any
    role: Any
    place: Any
    subject: Any
    assignee_id: Any
    claimed_by_id: Any
    seats: Any
    avoided: Any
    avoided_unit: Any


class Sitting(Protocol):
    """The columns of a seat that say whose it is, and whether it may decide now."""

    person_id: Any
    state: Any
    is_personal: Any


@dataclass(frozen=True, slots=True)
class Standing:
    """In whose right somebody works a task: his own, or that of a `principal` he stands in for; and at which seat."""

    person: str
    principal: Principal | None = None
    seat: Any = None


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may work by: his own posts, or those of a `principal` he stands in for."""

    person: str
    posts: tuple[Post, ...]
    principal: Principal | None = None


def may_start(acting: Acting, definition: Definition) -> Post | bool | None:
    """Whether `acting` may start the process: the post that allows it, True for anyone signed in, else False."""
    for rule in definition.starts:
        if rule == "person":
            return True
        for post in ([acting.post] if acting.post else []) + list(acting.posts):
            if may_start_under(post, rule):
                return post
    return False


def may_start_under(post: Post, rule: str) -> bool:
    """Whether `post` is one that the rule `role` or `role@place` lets start."""
    role, _, place = rule.partition("@")
    return post.role == role and (not place or post.place == "" or place in ("everywhere", post.place))


def may_work(acting: Acting, task: Asked, seats: Iterable[Sitting] = ()) -> bool:
    """Whether `acting` may decide this open task now. `seats`: those of a task that several sign."""
    return standing(acting, task, seats) is not None


def standing(
    acting: Acting, task: Asked, seats: Iterable[Sitting] = (), for_: str | None = None
) -> Standing | None:
    """In whose right `acting` may decide this open task: it is his, one of his posts answers for it, or a seat is his.

    His own right goes first, then those of the persons he stands in for; `for_` asks for one person's. A claim keeps
    others out; neither it nor a seat keeps a right that has ended. Nobody judges his own, nor lets another do it in
    his stead.
    """
    return next(standings(acting, task, seats, for_), None)


def standings(
    acting: Acting, task: Asked, seats: Iterable[Sitting] = (), for_: str | None = None
) -> Iterator[Standing]:
    """Every right in which `acting` may decide this open task, in the order `standing` prefers them."""
    sitting = list(seats)
    for right in rights(acting):
        if for_ in (None, right.person) and not _is_kept_out(acting, right, task):
            found = _stands(right, task, sitting)
            if found is not None:
                yield found


def could_work(acting: Acting, task: Asked, seats: Iterable[Sitting] = ()) -> bool:
    """Whether the task is, or was before another took it, one that `acting` may decide: he can have typed something.

    It opens nothing but his own draft.
    """
    sitting = list(seats)
    return any(
        not _is_kept_out(acting, right, task)
        and (
            task.assignee_id == right.person
            or _covers(right.posts, task)
            or any(seat.person_id == right.person for seat in sitting)
        )
        for right in rights(acting)
    )


def rights(acting: Acting) -> Iterator[Right]:
    """A person's own right first, then those of the persons he stands in for."""
    yield Right(acting.person, acting.posts)
    for principal in acting.substitutes_for:
        yield Right(principal.person, principal.posts, principal)


def _is_kept_out(acting: Acting, right: Right, task: Asked) -> bool:
    processes = right.principal.processes if right.principal is not None else None
    if processes is not None and task.process not in processes:
        return True
    return recusal.is_avoided(task, right.person, right.posts) or recusal.is_avoided(
        task, acting.person, acting.posts
    )


def _stands(right: Right, task: Asked, seats: list[Sitting]) -> Standing | None:
    if task.seats != "one":
        for seat in seats:
            is_his = seat.person_id == right.person and seat.state == "open"
            if is_his and (seat.is_personal or _covers(right.posts, task)):
                return Standing(right.person, right.principal, seat)
        return None
    if task.claimed_by_id not in (None, right.person):
        return None
    his = task.assignee_id == right.person if task.assignee_id else _covers(right.posts, task)
    return Standing(right.person, right.principal) if his else None


def _covers(posts: Iterable[Post], task: Asked) -> bool:
    return task.role is not None and any(covers(post, task.role, task.place, task.subject) for post in posts)


def is_candidate(acting: Acting, task: Asked) -> bool:
    """Whether one of the person's posts answers for the task's role, place and subject."""
    return _covers(acting.posts, task)


def is_recused(acting: Acting, task: Asked) -> bool:
    """Whether the task avoids this person: he would judge his own."""
    return recusal.is_avoided(task, acting.person, acting.posts)


def workable(acting: Acting) -> ColumnElement[bool]:
    """The SQL of `may_work` over open tasks: index ranges, joined from posts and seats when read.

    Everything else stands in every part of the OR, so that each is one range of one index whatever others wait for.
    """
    return _workable(acting, declared(acting))


@lru_cache(maxsize=512)
def _workable(acting: Acting, _roles: tuple[Role | None, ...]) -> ColumnElement[bool]:
    return or_(*(part for right in rights(acting) for part in _parts(acting, right)))


def declared(acting: Acting) -> tuple[Role | None, ...]:
    """What the roles of a person's rights are declared as: a clause built for them holds as long as these do."""
    return tuple(house.roles.get(post.role) for right in rights(acting) for post in right.posts)


def _parts(acting: Acting, right: Right) -> Iterator[ColumnElement[bool]]:
    where = [Task.state == "open", *not_kept_out(acting, right)]
    alone = [Task.seats == "one", or_(Task.claimed_by_id.is_(None), Task.claimed_by_id == right.person)]
    yield and_(*where, *alone, Task.assignee_id == right.person)
    for part in eligible_ranges(right.posts, COLUMNS):
        yield and_(*where, *alone, Task.assignee_id.is_(None), part)
    yield and_(*where, Task.seats != "one", has_seat(right))


def not_kept_out(acting: Acting, right: Right) -> list[ColumnElement[bool]]:
    """The SQL of not being kept out: by recusal, or by the processes one stands in for."""
    where = recusal.free_of(Task, right.person, right.posts)
    if right.principal is not None:
        where += recusal.free_of(Task, acting.person, acting.posts)
        if right.principal.processes is not None:
            where.append(Task.process.in_(sorted(right.principal.processes)))
    return where


def has_seat(right: Right) -> ColumnElement[bool]:
    """The SQL of sitting at a task now: personally, or while a post answers for it."""
    mine = select(Seat.task_id).where(Seat.person_id == right.person, Seat.state == "open")
    rightful = or_(Task.id.in_(mine.where(Seat.is_personal)), eligible_clause(right.posts, COLUMNS))
    return and_(Task.id.in_(mine), rightful)


def readable(acting: Acting) -> ColumnElement[bool]:
    """The SQL of `may_read` over instances: one's own, one that is or was in one's hands, one to look after.

    Also one whose copy one has, one about which one is asked or has answered, and one that waits for a person one
    stands in for.
    """
    return _readable(acting, declared(acting))


@lru_cache(maxsize=512)
def _readable(acting: Acting, _roles: tuple[Role | None, ...]) -> ColumnElement[bool]:
    eligible = eligible_clause(acting.posts, ANY_COLUMNS) if acting.posts else false()
    return or_(
        Instance.starter_id == acting.person,
        *(below(Instance.place, place) for place in sorted(roles.places(acting.posts, roles.MANAGE))),
        select(Escalation.task_id)
        .where(Escalation.instance_id == Instance.id, eligible_clause(acting.posts, ESCALATED))
        .exists()
        if acting.posts
        else false(),
        select(ANY_TASK.id)
        .where(
            ANY_TASK.instance_id == Instance.id,
            or_(ANY_TASK.assignee_id == acting.person, ANY_TASK.closed_by_id == acting.person, eligible),
        )
        .exists(),
        select(Seat.id)
        .where(
            Seat.instance_id == Instance.id,
            or_(recusal.seat_of(acting.person), Seat.decided_by_id == acting.person),
        )
        .exists(),
        select(Copy.id).where(Copy.instance_id == Instance.id, Copy.person_id == acting.person).exists(),
        select(ANY_QUESTION.id)
        .where(
            ANY_QUESTION.instance_id == Instance.id,
            ANY_QUESTION.to_id == acting.person,
            or_(ANY_QUESTION.closed_at.is_(None), ANY_QUESTION.answer.is_not(None)),
        )
        .exists(),
        *(_waits_for(acting, principal) for principal in acting.substitutes_for),
    )


def _waits_for(acting: Acting, principal: Principal) -> ColumnElement[bool]:
    """An instance with an open task of the absent person's, of the processes he is stood in for.

    Also one whose task the absent person has decided himself while his substitute was writing: he reads so, and
    what he wrote is his draft.
    """
    seated = select(Seat.task_id).where(Seat.person_id == principal.person, Seat.state == "open")
    where = [ANY_TASK.instance_id == Instance.id]
    if principal.processes is not None:
        where.append(ANY_TASK.process.in_(sorted(principal.processes)))
    his = or_(
        ANY_TASK.assignee_id == principal.person,
        ANY_TASK.id.in_(seated),
        eligible_clause(principal.posts, ANY_COLUMNS),
    )
    written = select(Draft.about).where(Draft.about == ANY_TASK.id, Draft.person_id == acting.person).exists()
    overtaken = and_(ANY_TASK.closed_by_id == principal.person, written)
    return select(ANY_TASK.id).where(*where, or_(and_(ANY_TASK.state == "open", his), overtaken)).exists()


def may_read(session: Session, acting: Acting, instance: str) -> bool:
    """Whether `acting` may see the instance, its files and its history. One statement."""
    return session.scalar(select(Instance.id).where(Instance.id == instance, readable(acting))) is not None


def may_manage(acting: Acting, place: str, starter: str | None = None) -> bool:
    """Whether `acting` looks after instances started at `place`: repairs, suspends, cancels, retries.

    Nobody looks after what he has started himself: `starter` is who has.
    """
    return acting.person != starter and roles.may(acting.posts, roles.MANAGE, place)
