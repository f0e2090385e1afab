"""All of a person's open work handed on at once (离岗交接): first drawn up, then done, and both are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.platform.identity import posts as held_posts
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.places import inside
from app.platform.registry import Acting, Post, Words
from app.platform.runtime import firing, letters, recusal, seats, signing, stepping
from app.platform.runtime.entities import Incident, Instance, Seat, Task
from app.platform.runtime.history import Happening

Becomes = Literal["moves", "released", "stays"]
WHY = {
    "no_successor": Words("没有指定接手人", "Nobody is named to take it over"),
    "no_account": Words("接手人的账号不能登录", "The successor cannot sign in"),
    "recused": Words(
        "接手人是申请人或与事项有关联，应当回避",
        "The successor applied himself, or is connected with the matter",
    ),
    "already": Words("接手人已是这一步的签署人", "The successor signs this step already"),
    "advice": Words("正在等候他人的意见", "It waits for another one's advice"),
    "outside": Words("不在您的管辖范围内", "It lies outside your area"),
}
TASK, SEAT = Task.__table__, Seat.__table__
HAND_ON = (
    update(TASK)  # type: ignore[arg-type]
    .where(TASK.c.id == bindparam("_id"), TASK.c.state == "open")
    .values(assignee_id=bindparam("_to"), claimed_by_id=None, claimed_at=None, revision=TASK.c.revision + 1)
)
_ROW = (*TASK.c, Instance.title, Instance.place.label("started_at_place"))


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one task, or of one seat at it. `why`: a key of `WHY` where it does not move."""

    task: str
    seat: str | None
    instance: str
    title: str
    process: str
    step: Words
    held: Literal["assigned", "claimed", "seat"]
    becomes: Becomes
    to: str | None = None
    to_name: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Heir:
    name: str
    is_able: bool
    posts: tuple[Post, ...]


def instances_of(session: Session, person: str) -> list[str]:
    """The instances in which work waits for a person by name, in the order they are locked. One statement."""
    seated = select(SEAT.c.instance_id).where(SEAT.c.person_id == person, SEAT.c.state.in_(seats.LEFT))
    his = select(TASK.c.instance_id).where(
        TASK.c.state == "open", or_(TASK.c.assignee_id == person, TASK.c.claimed_by_id == person)
    )
    return sorted(set(session.scalars(his.union(seated))))


def hold(session: Session, instances: Sequence[str], by: Acting, now: datetime) -> dict[str, stepping.Held]:
    """Lock several instances, always in the same order; what is due in them has happened then."""
    found: dict[str, stepping.Held] = {}
    for start in range(0, len(instances), 500):
        statement = (
            select(*stepping.HELD)
            .where(stepping.INSTANCE.c.id.in_(instances[start : start + 500]))
            .order_by(stepping.INSTANCE.c.id)
            .with_for_update(of=stepping.INSTANCE)
        )
        rows = session.execute(statement).all()
        found |= {row.id: stepping.held_of(session, row, by, now) for row in rows}
    for held in found.values():
        firing.overtake(held)
    return found


def draw_up(
    session: Session,
    person: str,
    successor: str | None,
    by_process: Mapping[str, str],
    reach: Iterable[str],
    now: datetime,
) -> list[Fate]:
    """What becomes of everything that waits for `person` by name, in the order it came to him.

    `successor` takes over all but what `by_process` gives to others. `reach`: places; what is asked outside them
    stays. Five statements, whatever the number.
    """
    within = tuple(reach)
    heirs = _heirs(session, {one for one in (successor, *by_process.values()) if one}, now)
    joined = select(*_ROW).join(Instance, Instance.id == TASK.c.instance_id)
    single = joined.where(
        TASK.c.state == "open",
        TASK.c.seats == "one",
        or_(TASK.c.assignee_id == person, TASK.c.claimed_by_id == person),
    )
    seated = (
        joined.add_columns(SEAT.c.id.label("seat"))
        .join(SEAT, SEAT.c.task_id == TASK.c.id)
        .where(TASK.c.state == "open", SEAT.c.person_id == person, SEAT.c.state.in_(seats.LEFT))
    )
    alone, sitting = session.execute(single).all(), session.execute(seated).all()
    benches = _benches(session, {row.id for row in sitting})
    found = []
    for row in sorted([*alone, *sitting], key=lambda row: (row.opened_at, row.id)):
        to = by_process.get(row.process, successor)
        seat = row._mapping.get("seat")
        asked_at = row.place if row.place is not None else row.started_at_place
        why = "" if inside(asked_at, within) else "outside"
        why = why or _why_not(row, seat, to, heirs.get(to or ""), benches[row.id])
        how: Literal["assigned", "claimed", "seat"] = (
            "seat" if seat else "assigned" if row.assignee_id == person else "claimed"
        )
        becomes: Becomes = "moves"
        if why:
            becomes = "released" if how == "claimed" and why != "outside" else "stays"
        found.append(
            Fate(
                row.id,
                seat,
                row.instance_id,
                row.title,
                row.process,
                Words(row.name_zh, row.name_en),
                how,
                becomes,
                to if becomes == "moves" else None,
                heirs[to].name if to in heirs and becomes == "moves" else "",
                why,
            )
        )
    return found


def _why_not(row: Any, seat: str | None, to: str | None, heir: _Heir | None, bench: Sequence[Any]) -> str:
    if to is None:
        return "no_successor"
    if heir is None or not heir.is_able:
        return "no_account"
    if recusal.is_avoided(row, to, heir.posts):
        return "recused"
    if seat is None:
        return ""
    if any(
        one.person_id == to and (one.state in seats.LEFT or (one.state == "decided" and not one.seat_id))
        for one in bench
    ):
        return "already"
    return "advice" if any(one.seat_id == seat and one.state in seats.LEFT for one in bench) else ""


def _heirs(session: Session, people: set[str], now: datetime) -> dict[str, _Heir]:
    rows = session.execute(
        select(Person.id, Person.name, Account.is_disabled)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Person.id.in_(people), Person.merged_into_id.is_(None))
    ).all()
    posts: dict[str, list[Post]] = defaultdict(list)
    for row in session.execute(
        select(HeldPost.person_id, HeldPost.id, HeldPost.role, HeldPost.place, HeldPost.subject).where(
            HeldPost.person_id.in_(people), held_posts.live(now)
        )
    ):
        posts[row.person_id].append(Post(row.id, row.role, row.place, row.subject))
    return {row.id: _Heir(row.name, row.is_disabled is False, tuple(posts[row.id])) for row in rows}


def _benches(session: Session, tasks: set[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(select(SEAT).where(SEAT.c.task_id.in_(tasks))) if tasks else ():
        found[row.task_id].append(row)
    return found


def carry_out(
    session: Session, fates: Iterable[Fate], held: Mapping[str, stepping.Held], reason: str, now: datetime
) -> None:
    """Do what was drawn up, in instances under lock; each has it in its history, with the reason.

    Three statements for each instance, and a few for each task that several sign.
    """
    by_instance: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        if fate.becomes != "stays":
            by_instance[fate.instance].append(fate)
    alone = [fate for each in by_instance.values() for fate in each if fate.seat is None]
    if alone:
        moves = [fate for fate in alone if fate.becomes == "moves"]
        released = [fate.task for fate in alone if fate.becomes == "released"]
        if moves:
            session.execute(HAND_ON, [{"_id": fate.task, "_to": fate.to} for fate in moves])
        if released:
            session.execute(
                update(Task)
                .where(Task.id.in_(released))
                .values(claimed_by_id=None, claimed_at=None, revision=Task.revision + 1)
            )
    wanted = [fate.task for each in by_instance.values() for fate in each]
    rows = {row.id: row for row in session.execute(select(TASK).where(TASK.c.id.in_(wanted)))}
    with letters.gathered(session, now):
        for instance in sorted(by_instance):
            _in_one(held[instance], by_instance[instance], rows, reason)


def _in_one(held: stepping.Held, fates: Sequence[Fate], rows: Mapping[str, Any], reason: str) -> None:
    for fate in fates:
        row = rows[fate.task]
        said: dict[str, Any] = {"comment": reason, "name": held.by.name}
        if fate.to is not None:
            said["to"] = [{"person": fate.to, "name": fate.to_name}]
        kind = "transferred" if fate.becomes == "moves" else "unclaimed"
        held.pen.write(Happening(kind, row.element, fate.task, held.by.person, body=said))
        if fate.becomes == "moves" and held.row.has_incident:
            stepping.close_incidents(held, Incident.kind == "nobody", Incident.element == row.element)
        if fate.seat is not None and fate.to is not None:
            _reseat(held, row, fate, fate.to)
    if held.pen.rows:
        stepping.save(held)


def _reseat(held: stepping.Held, row: Any, fate: Fate, to: str) -> None:
    bench = seats.bench(held.session, row)
    old = next(one for one in bench.rows if one.id == fate.seat)
    more = {"added_by": old.added_by_id, "delegated_by": old.delegated_by_id, "seat": old.seat_id}
    bench.add(to, fate.to_name, old.position, is_personal=True, **more)
    bench.close([old], "transferred", held.by.person, held)
    held.session.execute(update(Task).where(Task.id == row.id).values(revision=Task.revision + 1))
    signing.go_round(held, row, bench)
