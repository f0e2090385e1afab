"""What waits for a person, and what he has decided, in parts that each are one range of one index, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, literal_column, or_, select

from app.platform.identity.eligibility import eligible_clause, eligible_ranges
from app.platform.identity.places import begins
from app.platform.registry import Acting, Role
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance, Seat, Task

Condition = ColumnElement[bool]
APART = 40
"""More ranges than this are asked for together, and then sorted: a statement has its bounds, too."""

# Written as they stand in the indexes: a bound value would not show the planner that a partial index is enough.
OPEN = Task.state == literal_column("'open'")
ALONE = Task.seats == literal_column("'one'")
FREE = and_(OPEN, ALONE, Task.assignee_id.is_(None), Task.claimed_by_id.is_(None))


SUSPENDED = Task.instance_id.in_(select(Instance.id).where(Instance.state == literal_column("'suspended'")))
"""An open task whose instance stands still: few do, so they are known together, not asked for task by task."""


def parts(acting: Acting) -> tuple[Condition, ...]:
    """The same tasks as `policy.workable`, as conditions that may overlap where rights do.

    Their own (assigned to them), what is free for one of their posts (a part for each range), what they have claimed,
    and where they have a seat. What others have claimed stands in no index that is walked here.
    """
    return _parts(acting, policy.declared(acting))


@lru_cache(maxsize=512)
def _parts(acting: Acting, _roles: tuple[Role | None, ...]) -> tuple[Condition, ...]:
    return tuple(part for right in policy.rights(acting) for part in _of_right(acting, right))


def _of_right(acting: Acting, right: policy.Right) -> Iterator[Condition]:
    free_of = policy.not_kept_out(acting, right)
    held = or_(Task.claimed_by_id.is_(None), Task.claimed_by_id == right.person)
    yield and_(OPEN, Task.assignee_id == right.person, ALONE, held, *free_of)
    ranges = _ranges(right)
    if ranges:
        for each in ranges:
            yield and_(FREE, each, *free_of)
        covered = eligible_clause(right.posts, policy.COLUMNS)
        claimed = and_(OPEN, Task.claimed_by_id == right.person, ALONE, Task.assignee_id.is_(None))
        yield and_(claimed, covered, *free_of)
    yield and_(OPEN, Task.seats != literal_column("'one'"), policy.has_seat(right), *free_of)


def _ranges(right: policy.Right) -> list[Condition]:
    ranges = eligible_ranges(right.posts, policy.COLUMNS, within=begins)
    return ranges if len(ranges) <= APART else [or_(*ranges)]


def free(acting: Acting) -> tuple[Condition, ...]:
    """What nobody has claimed yet and one of a person's posts answers for: the tasks he may claim."""
    return _free(acting, policy.declared(acting))


@lru_cache(maxsize=512)
def _free(acting: Acting, _roles: tuple[Role | None, ...]) -> tuple[Condition, ...]:
    return tuple(
        and_(FREE, each, *policy.not_kept_out(acting, right))
        for right in policy.rights(acting)
        for each in _ranges(right)
    )


def decided(person: str) -> tuple[Condition, ...]:
    """The closed tasks that a person has decided: alone, and as one of several."""
    signed = select(Seat.task_id).where(Seat.decided_by_id == person)
    closed = Task.state == literal_column("'closed'")
    return and_(Task.closed_by_id == person, closed), and_(Task.id.in_(signed), closed)
