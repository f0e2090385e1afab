"""Which instances of a chain a reader's register holds: his own, those his posts review, those he looks after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, literal, or_, select, union

from app.platform.identity import roles
from app.platform.identity.eligibility import eligible_ranges
from app.platform.identity.places import BEGINNINGS, within
from app.platform.registry import Acting, Post
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance

if TYPE_CHECKING:
    from app.platform.records.chains import Chain

Ids = Select[*tuple[Any, ...]]
STATES: Final = ("open", "closed", "cancelled")
"""Those of tasks: named, so that their index is a range for each."""


@dataclass(frozen=True)
class Reach:
    """The instances of a process that a reader may see. Never more than `policy.readable`.

    `everywhere`: all of them. Else his own, those started below `managed`, and those of which a task has come to a post
    of his: `few` posts (of a city and below), whose instances are gathered first, and `many` (of a province or more),
    of which each instance is asked.
    """

    process: str
    person: str
    everywhere: bool
    managed: tuple[str, ...]
    few: tuple[Post, ...]
    many: tuple[Post, ...]

    @property
    def is_own(self) -> bool:
        """Whether it holds what the reader has started, and nothing else."""
        return not (self.everywhere or self.managed or self.few or self.many)

    def over_instances(self) -> ColumnElement[bool]:
        """The condition over `Instance`, its process included."""
        every = Instance.process == self.process
        if self.everywhere:
            return every
        here = [Instance.starter_id == self.person]
        here += [within(Instance.place, self.managed)] if self.managed else []
        return and_(every, or_(*here, *self._reviewed(Instance.id)))

    def over(self, key: Any) -> ColumnElement[bool] | None:
        """The condition over the ids of the process's instances in another table, row by row; None: no condition."""
        if self.everywhere:
            return None
        return or_(*(key.in_(each) for each in self._owned()), *self._reviewed(key))

    def gathered(self) -> Any:
        """The ids of all of them, where they are not asked one by one; else None."""
        if self.everywhere or self.many:
            return None
        sets = [*self._owned(), *(self._came_to(post) for post in self.few)]
        return union(*sets) if len(sets) > 1 else sets[0]

    @property
    def own(self) -> Ids:
        """The ids of what he has started."""
        return select(Instance.id).where(Instance.process == self.process, Instance.starter_id == self.person)

    def _owned(self) -> list[Ids]:
        """His own, and what he looks after."""
        started = select(Instance.id).where(Instance.process == self.process)
        return [self.own, *([started.where(within(Instance.place, self.managed))] if self.managed else [])]

    def _reviewed(self, key: Any) -> Iterator[ColumnElement[bool]]:
        for post in self.few:
            yield key.in_(self._came_to(post))
        for post in self.many:
            task: Any = policy.ANY_TASK
            asked = select(literal(1)).where(task.instance_id == key, _answers(post)).limit(1)
            yield asked.scalar_subquery().is_not(None)

    def _came_to(self, post: Post) -> Ids:
        task: Any = policy.ANY_TASK
        return select(task.instance_id).where(
            task.process == self.process, task.state.in_(STATES), _answers(post)
        )


def of(chain: Chain, acting: Acting) -> Reach:
    """How far a reader sees in the register of a chain."""
    managed = roles.places(acting.posts, roles.MANAGE)
    posts = [post for post in acting.posts if post.role in chain.roles]
    return Reach(
        chain.process,
        acting.person,
        "" in managed,
        tuple(sorted(managed - {""})),
        tuple(post for post in posts if len(post.place) > BEGINNINGS[0]),
        tuple(post for post in posts if len(post.place) <= BEGINNINGS[0]),
    )


def _answers(post: Post) -> ColumnElement[bool]:
    return or_(false(), *eligible_ranges([post], policy.ANY_COLUMNS))
