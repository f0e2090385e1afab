"""Alerting (通知流程管理员): whoever looks after running matters hears of tasks that nobody can answer."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit, notices
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.places import lies_below
from app.platform.identity.posts import live
from app.platform.personnel import bounds
from app.platform.registry import Acting, Words, house
from app.platform.runtime import unattended
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.notice_kinds import URGED

MOST: Final = 200
NAMED: Final = 5
"""Matters a notice names; of the others it says how many there are."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Whom an alert goes to: name and how many of the matters are his to look after; and what is nobody's to.

    `tasks`: what is told of, by id with title. `left`: ids that nobody looks after.
    """

    tasks: Mapping[str, str]
    people: Mapping[str, tuple[str, tuple[str, ...]]]
    left: tuple[str, ...]


def draw_up(session: Session, tasks: Collection[str], by: Acting, now: datetime) -> Alert:
    """What would be told whom of those `tasks` (at most 200) that nobody can answer within the reach of `by`.

    Two statements, whatever their number.
    """
    reach = bounds.reach(session, by, now, roles.PEOPLE)
    rows = session.execute(
        select(Task.id, Instance.title, Instance.place, Instance.starter_id)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.id.in_(sorted(set(tasks))[:MOST]), unattended.unattended(now), unattended.reached(reach))
        .order_by(Task.opened_at, Task.id)
    ).all()
    managers = _managers(session, now) if rows else []
    told: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    left = []
    for row in rows:
        found = {
            one.id: one.name
            for one in managers
            if one.id != row.starter_id
            and lies_below(row.place, roles.reached(house.roles[one.role], one.place))
        }
        for person in found:
            told[person].append(row.id)
        names |= found
        if not found:
            left.append(row.id)
    people = {
        person: (names[person], tuple(told[person])) for person in sorted(told, key=lambda one: names[one])
    }
    return Alert({row.id: row.title for row in rows}, people, tuple(left))


def send(session: Session, tasks: Collection[str], by: Acting, now: datetime) -> Alert:
    """Tell them, of the same tasks once a day; return what was told."""
    with transaction(session):
        drawn = draw_up(session, tasks, by, now)
        told = [
            _letter(person, [drawn.tasks[task] for task in his], his, by, now)
            for person, (_name, his) in drawn.people.items()
            if person != by.person
        ]
        if told:
            notices.post(session, told, now)
            said = {"rows": len(drawn.tasks), "to": sorted(drawn.people)}
            audit.log(session, "personnel", "unattended.told", by, now, said)
        return drawn


def _managers(session: Session, now: datetime) -> Sequence[Any]:
    """Whoever holds a post by which running matters are looked after, and can sign in."""
    managing = [key for key, role in house.roles.items() if roles.MANAGE in role.permissions]
    return session.execute(
        select(Person.id, Person.name, HeldPost.role, HeldPost.place)
        .join(HeldPost, HeldPost.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(HeldPost.role.in_(managing), live(now), Account.is_disabled.is_(False))
        .order_by(Person.name, Person.id)
    ).all()


def _letter(
    person: str, titles: Sequence[str], tasks: Sequence[str], by: Acting, now: datetime
) -> notices.Letter:
    count = len(titles)
    named = "、".join(f"“{title}”" for title in titles[:NAMED]) + ("等" if count > NAMED else "")
    in_english = ", ".join(f"“{title}”" for title in titles[:NAMED]) + (
        " and others" if count > NAMED else ""
    )
    mark = hashlib.sha256(" ".join(sorted(tasks)).encode()).hexdigest()[:16]
    return notices.Letter(
        (person,),
        Words(f"{count}项任务无人办理", f"Tasks that nobody can answer: {count}"),
        Words(
            f"{by.name}提醒：{named}共{count}项任务现在没有人可以办理，请处理。",
            f"{by.name} points out that nobody can answer {count} tasks now: {in_english}. Please see to it.",
        ),
        URGED,
        key=f"unattended:{now.date().isoformat()}:{mark}",
    )
