"""Carrying many running instances over to another version: an errand that can pause, stop, be killed, and go on.

Each instance is a transaction of its own that also writes its row in `design_carried`: what has a result is done, what
has none is still to do, whoever does it and however often a job is begun anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import and_, func, insert, literal, null, select, update
from sqlalchemy.orm import Session

from app.platform import audit, engine, jobs
from app.platform.data import new_id, transaction
from app.platform.design import carried, hindrances
from app.platform.design.mapping import turned
from app.platform.design.publication_entities import Carried, Carrying
from app.platform.identity import behalf, places, roles
from app.platform.jobs import errands, walking
from app.platform.jobs.walking import Settled
from app.platform.registry import Acting, Words, house
from app.platform.runtime import migrating, policy, stepping
from app.platform.runtime.entities import Instance, Process, Version
from app.platform.runtime.errors import Forbidden, Unknown
from app.platform.sheets import results_file

JOB: Final = "design/carry"
CHUNK: Final = 25
LIVE: Final = ("running", "suspended")
NO_LONGER: Final = Words(
    "您已没有发布权限，或账号已停用；其余的没有迁移",
    "You may not publish any more; the rest was not carried over",
)


def count(session: Session, process: str, version: str | None, by: Acting) -> int:
    """How many instances `by` would carry over: live, within his reach, not on `version` yet."""
    asked = select(func.count()).select_from(Instance).where(*_chosen(process, version, by))
    return session.scalar(asked) or 0


def begin(
    session: Session,
    process: str,
    version: str,
    mapping: Mapping[str, str],
    by: Acting,
    now: datetime,
) -> str:
    """Write down what is to be carried over and set the errand; joins the open transaction. Returns the carrying.

    Raises `Forbidden` for who may not publish.
    """
    _mind(by)
    with transaction(session):
        carrying = new_id()
        chosen = select(literal(carrying), Instance.id, Instance.version_id, literal(version), null()).where(
            *_chosen(process, version, by)
        )
        total = count(session, process, version, by)
        session.execute(
            insert(Carrying).values(
                id=carrying,
                process=process,
                version_id=version,
                mapping=dict(mapping),
                asked_by_id=by.person,
                asked_at=now,
                total=total,
                state="running",
            )
        )
        columns = ["carrying_id", "instance_id", "from_id", "to_id", "result"]
        session.execute(insert(Carried).from_select(columns, chosen, include_defaults=False))
        number = session.scalar(select(Version.number).where(Version.id == version))
        body = {
            "process": process,
            "number": number,
            "count": total,
            "carrying": carrying,
            "mapping": dict(mapping),
        }
        audit.log(session, "design", "migration.begun", by, now, body, f"process:{process}")
        set_going(session, carrying, _title(session, process, f"v{number}"), 0, total, by, now)
    return carrying


def set_going(
    session: Session, carrying: str, title: Words, done: int, total: int, by: Acting, now: datetime
) -> None:
    """Begin the errand that works at a carrying; joins the open transaction."""
    arguments = {"carrying": carrying, "person": by.person}
    walking.set_going(session, Carrying, carrying, JOB, title, arguments, done, total, by, now)


def pause(session: Session, carrying: str, by: Acting, now: datetime) -> None:
    """Let it rest after the instance it is at. Raises `Forbidden`, `Unknown`, `Settled`."""
    _turn(session, carrying, ("running",), "paused", by, now)


def stop(session: Session, carrying: str, by: Acting, now: datetime) -> None:
    """End it: what is carried over stays so, the rest stays where it is. Raises as `pause`."""
    _turn(session, carrying, ("running", "paused"), "stopped", by, now)


def go_on(session: Session, carrying: str, by: Acting, now: datetime) -> None:
    """Go on where it rests, in the name of `by`. Raises as `pause`."""
    _mind(by)
    with transaction(session):
        row = hold(session, carrying)
        if walking.standing(session, row) != "paused":
            raise Settled()
        done = carried.done(session, carrying)
        values = {"asked_by_id": by.person}
        session.execute(update(Carrying).where(Carrying.id == carrying).values(**values))
        title = _title(session, row.process, "↩" if row.undoing_id else "")
        set_going(session, carrying, title, done, row.total, by, now)
        _note(session, row, "migration.resumed", by, now)


@house.job(JOB)
@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None] | None:
    """Carry over one after the other; what has a result already is not looked at again."""
    errand, carrying = arguments["errand"], arguments["carrying"]
    row = _row(session, carrying)
    by: Acting | None = None

    def goes_on() -> bool:
        nonlocal row, by
        row = _row(session, carrying)
        if row.errand_id != errand or row.state != "running":
            return False
        by = behalf.acting(session, arguments["person"], now)
        if by is None or not roles.may(by.posts, roles.PUBLISH):
            raise walking.NoLonger()
        return True

    try:
        is_through = walking.walk(
            session,
            errand,
            now,
            goes_on=goes_on,
            waiting=lambda: _waiting(session, carrying),
            one=lambda instance, at: one(session, row, instance, cast(Acting, by), at),
            done=lambda: carried.done(session, carrying),
        )
    except walking.NoLonger:
        return lambda at: walking.fail(session, Carrying, carrying, errand, NO_LONGER, at)
    if not is_through:
        return lambda at: _rest(session, carrying, errand, at)
    made = carried.workbook(session, row)
    return lambda at: _end(session, row, errand, made, at)


def _waiting(session: Session, carrying: str) -> Sequence[str]:
    asked = select(Carried.instance_id).where(Carried.carrying_id == carrying, Carried.result.is_(None))
    return session.scalars(asked.order_by(Carried.instance_id).limit(CHUNK)).all()


def one(session: Session, row: Any, instance: str, by: Acting, now: datetime) -> None:
    """Carry one instance over and write down what came of it, in one transaction; nothing where it has a result."""
    refused: Exception | None = None
    try:
        with transaction(session):
            held = _take(session, row, instance, by, now)
            if held is not None:
                _carry(session, row, held)
            return
    except Exception as error:
        refused = error
    why = hindrances.said(refused)
    with transaction(session):
        mine = _mine(row.id, instance)
        session.execute(update(Carried).where(*mine).values(result="refused", why=why, at=now))


def _take(session: Session, row: Any, instance: str, by: Acting, now: datetime) -> stepping.Held | None:
    """The instance under lock, if it is to be carried over; else its result is written."""
    held = stepping.hold(session, by, now, instance=instance)
    mine = session.execute(select(Carried.__table__).where(*_mine(row.id, instance))).one_or_none()
    if mine is None:
        return None  # somebody else has the same job, and was faster
    before = list(engine.shape(held.tokens).waits)
    result, why = None, []
    if held.state not in LIVE:
        result, why = "gone", hindrances.coded("", "changed")
    elif row.undoing_id is not None and held.revision != mine.revision:
        result = "touched"
    elif held.row.version_id != mine.from_id:
        result, why = "gone", hindrances.coded("", "changed")
    elif not policy.may_manage(by, held.row.place, held.row.starter_id):
        result = "forbidden"
    values: dict[str, Any] = {"before": before}
    if result is not None:
        values |= {"result": result, "why": why, "at": now}
    session.execute(update(Carried).where(*_mine(row.id, instance)).values(**values))
    return held if result is None else None


def _carry(session: Session, row: Any, held: stepping.Held) -> None:
    mine = session.execute(select(Carried.__table__).where(*_mine(row.id, held.id))).one()
    numbers: dict[str, int] = {
        each.id: each.number
        for each in session.execute(
            select(Version.id, Version.number).where(Version.id.in_([mine.from_id, mine.to_id]))
        )
    }
    mapping = row.mapping
    if row.undoing_id is not None:
        mapping = _back(session, row, held)
    step = migrating.carry(held, mine.to_id, f"{numbers[mine.from_id]}>{numbers[mine.to_id]}", mapping)
    after = list(engine.shape(step.state).waits)
    values = {"result": "carried", "why": [], "after": after, "revision": held.revision, "at": held.now}
    session.execute(update(Carried).where(*_mine(row.id, held.id)).values(**values))


def _back(session: Session, row: Any, held: stepping.Held) -> dict[str, str]:
    """The mapping that takes this instance back to where it came from."""
    before = session.scalar(
        select(Carried.before).where(Carried.carrying_id == row.undoing_id, Carried.instance_id == held.id)
    )
    return turned(row.mapping, before or (), held.program.definition.elements)


def _mine(carrying: str, instance: str) -> tuple[Any, ...]:
    return Carried.carrying_id == carrying, Carried.instance_id == instance, Carried.result.is_(None)


def _chosen(process: str, version: str | None, by: Acting) -> list[Any]:
    reach = roles.reach_of(by, roles.MANAGE)
    where = [Instance.process == process, Instance.state.in_(LIVE), places.within(Instance.place, reach)]
    return where + ([Instance.version_id != version] if version else [])


def _turn(
    session: Session, carrying: str, states: tuple[str, ...], to: str, by: Acting, now: datetime
) -> None:
    _mind(by)
    with transaction(session):
        row = hold(session, carrying)
        walking.turn(session, Carrying, row, states, to, now)
        _note(session, row, f"migration.{to}", by, now)


def _rest(session: Session, carrying: str, errand: str, now: datetime) -> None:
    """It was paused or stopped between two instances: the errand is over, the rows say what is left."""
    errands.finish(session, errand, {"carrying": carrying}, now, "stopped")


def _end(session: Session, row: Any, errand: str, made: results_file.Made, now: datetime) -> None:
    file = results_file.enter(session, made, row.asked_by_id, now)
    walking.end(session, Carrying, row.id, file, now)
    results = carried.results(session, row.id)
    result = {"file": file, "rows": row.total, "results": results, "process": row.process}
    errands.finish(session, errand, result, now)
    kind = "migration.undone" if row.undoing_id else "migration.ended"
    body = {"process": row.process, "carrying": row.id, **results}
    audit.log(session, "design", kind, row.asked_by_id, now, body, f"process:{row.process}")


def hold(session: Session, carrying: str) -> Any:
    """A carrying's row under lock. Raises `Unknown`."""
    row = walking.hold(session, Carrying, carrying)
    if row is None:
        raise Unknown(carrying)
    return row


def _row(session: Session, carrying: str) -> Any:
    return session.execute(select(Carrying.__table__).where(Carrying.id == carrying)).one()


def _note(session: Session, row: Any, kind: str, by: Acting, now: datetime) -> None:
    body = {"process": row.process, "carrying": row.id}
    audit.log(session, "design", kind, by, now, body, f"process:{row.process}")


def _title(session: Session, process: str, more: str) -> Words:
    named = session.execute(
        select(Process.name_zh, Process.name_en).where(and_(Process.key == process))
    ).one()
    return Words(
        f"迁移在办事项：{named.name_zh} {more}".strip(), f"Carry over: {named.name_en} {more}".strip()
    )


def _mind(by: Acting) -> None:
    if not roles.may(by.posts, roles.PUBLISH):
        raise Forbidden("processes.publish")
