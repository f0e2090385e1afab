"""What runs, when somebody who was entered twice becomes one (合并): first drawn up, then done, and both are the same.

All that waits for the one that goes (`drop`) waits for the other (`keep`): he is the same human being. What becomes
his own application is judged by others: claims on it are free again, seats at it close, and what was his by name waits
for whoever looks after the instance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from app.platform.registry import Post, Words
from app.platform.runtime import items, letters, recusal, seating, seats, signing, stepping
from app.platform.runtime.entities import Incident, Instance, Seat, Substitute, Task
from app.platform.runtime.history import Happening

Becomes = Literal["moves", "released", "removed", "stuck"]
WHY = {
    "own": Words("合并后是本人的申请，应当回避", "It becomes his own application, which others judge"),
    "already": Words("另一条记录已是这一步的签署人", "The other one signs this step already"),
}
COMMENT = Words("合并重复人员", "Two entries of one person were merged")
ALIVE = ("running", "suspended")
TASK, SEAT = Task.__table__, Seat.__table__
_ROW = (*TASK.c, Instance.title)
_READDRESS = (
    update(TASK)  # type: ignore[arg-type]
    .where(TASK.c.id == bindparam("_id"), TASK.c.state == "open")
    .values(
        assignee_id=bindparam("_assignee"),
        claimed_by_id=bindparam("_claimed_by"),
        claimed_at=bindparam("_claimed_at"),
        revision=TASK.c.revision + 1,
    )
)
_AVOID = update(TASK).where(TASK.c.id == bindparam("_id")).values(avoided=bindparam("_avoided"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Pair:
    """Who goes, and who stays with what both had: `posts` are those of both together."""

    drop: str
    keep: str
    name: str = ""
    drop_name: str = ""
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one task, or of one seat at it. `is_keeps`: it was the other one's. `why`: a key of `WHY`."""

    task: str
    seat: str | None
    instance: str
    title: str
    step: Words
    held: Literal["assigned", "claimed", "seat"]
    is_keeps: bool
    becomes: Becomes
    why: str = ""


def instances_of(session: Session, pair: Pair) -> list[str]:
    """The instances that change while they run, in the order they are locked. Two statements."""
    both = (pair.drop, pair.keep)
    open_ = select(TASK.c.instance_id).where(TASK.c.state == "open", _concerned(pair))
    seated = select(SEAT.c.instance_id).where(SEAT.c.person_id.in_(both), SEAT.c.state.in_(seats.LEFT))
    started = select(Instance.id).where(Instance.starter_id == pair.drop, Instance.state.in_(ALIVE))
    found = set(session.scalars(open_.union(seated, started)))
    return sorted(found | {row.instance_id for row in _avoiding(session, pair)})


def draw_up(session: Session, pair: Pair) -> list[Fate]:
    """What becomes of all that waits for either by name, in the order it came. Three statements."""
    both = (pair.drop, pair.keep)
    joined = select(*_ROW).join(Instance, Instance.id == TASK.c.instance_id).where(TASK.c.state == "open")
    alone = session.execute(joined.where(TASK.c.seats == "one", _concerned(pair))).all()
    taking = select(SEAT.c.task_id).where(SEAT.c.person_id.in_(both), SEAT.c.state.in_(seats.LEFT))
    sitting = session.execute(joined.where(TASK.c.id.in_(taking))).all()
    benches: dict[str, list[Any]] = defaultdict(list)
    if sitting:
        wanted = [row.id for row in sitting]
        for seat in session.execute(select(SEAT).where(SEAT.c.task_id.in_(wanted)).order_by(SEAT.c.id)):
            benches[seat.task_id].append(seat)
    found: list[Fate] = []
    for row in sorted([*alone, *sitting], key=lambda row: (row.opened_at, row.id)):
        if row.id in benches:
            found += _of_seats(row, benches[row.id], pair)
        else:
            found += _of_task(row, pair)
    return found


def _concerned(pair: Pair) -> ColumnElement[bool]:
    """The SQL of a task in the hands of the one, or in the hands of the other where that may become his own."""

    def his(person: str) -> ColumnElement[bool]:
        return or_(TASK.c.assignee_id == person, TASK.c.claimed_by_id == person)

    avoids = or_(TASK.c.avoided.contains(pair.drop), TASK.c.avoided_unit.is_not(None))
    return or_(his(pair.drop), and_(his(pair.keep), avoids))


def _of_task(row: Any, pair: Pair) -> Iterable[Fate]:
    is_named = row.assignee_id in (pair.drop, pair.keep)
    is_keeps = pair.drop not in (row.assignee_id, row.claimed_by_id)
    is_out = _is_out(row, pair)
    if is_keeps and (not is_out or _was_out(row, pair)):
        return
    how: Literal["assigned", "claimed"] = "assigned" if is_named else "claimed"
    becomes: Becomes = "moves" if not is_out else "stuck" if is_named else "released"
    yield _fate(row, None, how, becomes, "own" if is_out else "", is_keeps=is_keeps)


def _of_seats(row: Any, bench: Sequence[Any], pair: Pair) -> Iterable[Fate]:
    left = [one for one in bench if one.state in seats.LEFT]
    his, others = (
        [one for one in left if one.person_id == pair.drop],
        [one for one in left if one.person_id == pair.keep],
    )
    if _is_out(row, pair):
        for one in [*his, *([] if _was_out(row, pair) else others)]:
            yield _fate(row, one.id, "seat", "removed", "own", is_keeps=one.person_id == pair.keep)
        return
    signs = any(
        one.person_id == pair.keep
        and one.seat_id is None
        and (one.state in seats.LEFT or one.state == "decided")
        for one in bench
    )
    for one in his:
        is_taken = signs if one.seat_id is None else bool(others)
        becomes: Becomes = "removed" if is_taken else "moves"
        yield _fate(row, one.id, "seat", becomes, "already" if is_taken else "")
    if not signs and any(one.seat_id is None for one in his):
        for adviser in others:  # he is not asked for advice on what he signs himself
            yield _fate(row, adviser.id, "seat", "removed", "already", is_keeps=True)


def _is_out(row: Any, pair: Pair) -> bool:
    return pair.drop in (row.avoided or "").split(" ") or recusal.is_avoided(row, pair.keep, pair.posts)


def _was_out(row: Any, pair: Pair) -> bool:
    return pair.keep in (row.avoided or "").split(" ")


def _fate(
    row: Any, seat: str | None, how: Any, becomes: Becomes, why: str, *, is_keeps: bool = False
) -> Fate:
    step = Words(row.name_zh, row.name_en)
    return Fate(row.id, seat, row.instance_id, row.title, step, how, is_keeps, becomes, why)


def _avoiding(session: Session, pair: Pair) -> Sequence[Any]:
    """The open tasks that keep out the one that goes, and not the other. One statement, by what he had a part in."""
    absent = select(Substitute.substitute_id).where(Substitute.person_id == pair.drop)
    started = select(Instance.id).where(Instance.starter_id == pair.drop, Instance.state.in_(ALIVE))
    part = started.union(
        select(TASK.c.instance_id).where(TASK.c.closed_by_id == pair.drop),
        select(TASK.c.instance_id).where(TASK.c.closed_by_id.in_(absent), TASK.c.closed_for_id == pair.drop),
        select(SEAT.c.instance_id).where(SEAT.c.person_id == pair.drop, SEAT.c.state == "decided"),
        select(SEAT.c.instance_id).where(SEAT.c.decided_by_id == pair.drop),
    )
    rows = session.execute(
        select(TASK.c.id, TASK.c.instance_id, TASK.c.avoided).where(
            TASK.c.instance_id.in_(part), TASK.c.state == "open", TASK.c.avoided.contains(pair.drop)
        )
    ).all()
    return [row for row in rows if pair.keep not in row.avoided.split(" ")]


def own(session: Session, pair: Pair) -> None:
    """Let what the one started be the other's, and whatever keeps out the one keep out both. Instances are locked."""
    avoiding = _avoiding(session, pair)
    if avoiding:
        rows = [{"_id": row.id, "_avoided": f"{row.avoided} {pair.keep}"} for row in avoiding]
        session.execute(_AVOID, rows)
    session.execute(update(Instance).where(Instance.starter_id == pair.drop).values(starter_id=pair.keep))


def carry_out(
    session: Session, fates: Iterable[Fate], held: Mapping[str, stepping.Held], pair: Pair, now: datetime
) -> None:
    """Do what was drawn up, in instances under lock that were read after `own`; each has it in its history."""
    by_instance: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        by_instance[fate.instance].append(fate)
    moving = [fate.seat for each in by_instance.values() for fate in each if fate.becomes == "moves"]
    his = (SEAT.c.id.in_([seat for seat in moving if seat]), SEAT.c.person_id == pair.drop)
    session.execute(update(Seat).where(*his).values(person_id=pair.keep))
    with letters.gathered(session, now):
        for instance in sorted(by_instance):
            _in_one(held[instance], by_instance[instance], pair)


def _in_one(held: stepping.Held, fates: Sequence[Fate], pair: Pair) -> None:
    by_task: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        by_task[fate.task].append(fate)
    # What may decide a task comes last: it may close others.
    for task in sorted(by_task, key=lambda one: any(fate.becomes == "removed" for fate in by_task[one])):
        row = held.session.execute(select(TASK).where(TASK.c.id == task)).one()
        if row.state != "open":
            continue
        _write(held, row, by_task[task], pair)
        if by_task[task][0].seat is None:
            _readdress(held, row, by_task[task][0], pair)
        else:
            _reseat(held, row, by_task[task])
    if held.pen.rows:
        stepping.save(held)


def _write(held: stepping.Held, row: Any, fates: Sequence[Fate], pair: Pair) -> None:
    said: dict[str, Any] = {"comment": COMMENT.zh, "name": held.by.name}
    kinds = {"moves": "transferred", "released": "unclaimed", "removed": "removed", "stuck": "transferred"}
    for fate in fates:
        if fate.is_keeps and fate.becomes == "stuck":
            continue  # it stays his; the incident says what holds it up
        is_his = (
            fate.becomes == "removed" and not fate.is_keeps
        )  # a seat that closes is that of whoever sat there
        whom = (
            {"person": pair.drop, "name": pair.drop_name}
            if is_his
            else {"person": pair.keep, "name": pair.name}
        )
        to = {"to": [whom]} if fate.becomes != "released" else {}
        held.pen.write(
            Happening(kinds[fate.becomes], row.element, row.id, held.by.person or None, body=said | to)
        )


def _readdress(held: stepping.Held, row: Any, fate: Fate, pair: Pair) -> None:
    is_claimed = fate.becomes == "moves" and row.claimed_by_id is not None
    values = {
        "_id": row.id,
        "_assignee": None if row.assignee_id is None else pair.keep,
        "_claimed_by": pair.keep if is_claimed else None,
        "_claimed_at": row.claimed_at if is_claimed else None,
    }
    held.session.execute(_READDRESS, [values])
    _look(held, row.id)


def _reseat(held: stepping.Held, row: Any, fates: Sequence[Fate]) -> None:
    bench, gone = seats.bench(held.session, row), {fate.seat for fate in fates if fate.becomes == "removed"}
    closing = [one for one in bench.left if one.id in gone]
    while closing:
        bench.close(closing, "removed", held.by.person or None, held)
        ids = {one.id for one in closing}
        closing = [one for one in bench.left if one.seat_id in ids]  # advisers go with those they advise
    held.session.execute(update(Task).where(Task.id == row.id).values(revision=Task.revision + 1))
    row = held.session.execute(select(TASK).where(TASK.c.id == row.id)).one()
    drawn = held.program.asked(row)
    result = bench.result(drawn.outcomes) if gone else None
    if result is not None:
        named = items.of_signers(held, row, drawn, result)
        signing.decide(held, row, bench, drawn, result, by_rule=True, by=held.by.person, named=named)
        return
    signing.go_round(held, row, bench)
    _look(held, row.id)


def _look(held: stepping.Held, task: str) -> None:
    """Say where nobody is left who may answer a task."""
    row = held.session.execute(select(TASK).where(TASK.c.id == task)).one()
    if seating.anybody(held, row):
        return
    known = (Incident.instance_id == held.id, Incident.element == row.element, Incident.closed_at.is_(None))
    if held.session.scalar(select(Incident.id).where(*known).limit(1)) is None:
        stepping.open_incident(held, "nobody", row.element, row.name_zh)
