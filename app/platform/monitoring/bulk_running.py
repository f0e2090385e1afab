"""Doing a verb to one instance after the other: each in one transaction with its result, so that none is done twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.platform import audit, engine, jobs
from app.platform.calendar.saying import moment
from app.platform.data import transaction
from app.platform.identity import behalf, roles
from app.platform.jobs import errands, walking
from app.platform.monitoring import bulk, bulk_results, bulk_verbs, repair_lines
from app.platform.monitoring.bulk_entities import Bulk, BulkRow
from app.platform.monitoring.bulk_verbs import Wish
from app.platform.monitoring.repair_lines import BadLine, Line
from app.platform.registry import Words, house
from app.platform.runtime import control, errors, migrating, policy, remains, stepping, urging
from app.platform.runtime.entities import Incident, Task, Version
from app.platform.sheets import results_file

CHUNK: Final = 25
NO_LONGER: Final = Words(
    "您已不再管理事项，或账号已停用；其余的没有处理",
    "You do not look after matters any more; the rest was left as it is",
)
BROKE: Final = Words("系统出错，未处理", "Something broke in the system: nothing was done")
SKIPS: Final = (
    errors.InstanceChanged,
    errors.Unknown,
    errors.Forbidden,
    errors.TaskTaken,
    errors.UrgedAlready,
)
"""Refusals that say: there is nothing to do here. What else is refused has failed."""

log = logging.getLogger(__name__)


class Skipped(Exception):
    """There is nothing to do to this instance, in words."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.zh)
        self.words = words


@house.job(bulk.JOB)
@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None] | None:
    """Do one after the other; what has a result already is not looked at again."""
    errand, identifier = arguments["errand"], arguments["bulk"]
    row = _row(session, identifier)

    def goes_on() -> bool:
        nonlocal row
        row = _row(session, identifier)
        return bool(row.errand_id == errand and row.state == "running")

    try:
        is_through = walking.walk(
            session,
            errand,
            now,
            goes_on=goes_on,
            waiting=lambda: _waiting(session, identifier),
            one=lambda instance, at: one(session, row, instance, at),
            done=lambda: bulk.count(session, identifier),
        )
    except walking.NoLonger:
        return lambda at: walking.fail(session, Bulk, identifier, errand, NO_LONGER, at)
    if not is_through:
        return lambda at: errands.finish(session, errand, {"bulk": identifier}, at, "stopped")
    made = bulk_results.workbook(session, row)
    return lambda at: _end(session, row, errand, made, at)


def one(session: Session, row: Any, instance: str, now: datetime) -> None:
    """Do the verb to one instance and write down what came of it, in one transaction; nothing where it has a result.

    Raises `NoLonger` where whoever asked looks after nothing any more.
    """
    try:
        with transaction(session):
            by = behalf.acting(session, row.asked_by_id, now)
            if by is None or not roles.reach_of(by, roles.MANAGE):
                raise walking.NoLonger()
            held = stepping.hold(session, by, now, instance=instance)
            mine = _mine(session, row.id, instance)
            if mine is None:
                return  # somebody else has the same job, and was faster
            _mind(row, mine, held)
            _VERBS[row.verb](session, Wish(**row.wish), mine, held)
            _write(session, row.id, instance, now, "done", revision=_revision(session, held))
            return
    except walking.NoLonger:
        raise
    except Exception as error:
        result, why = _verdict(error, now)
    with transaction(session):
        _write(session, row.id, instance, now, result, why=list(why))


def _mind(row: Any, mine: Any, held: stepping.Held) -> None:
    """Look once more, under lock, whether there is anything to do. Raises `Skipped`."""
    by, starter = held.by, held.row.starter_id
    if starter == by.person:
        raise Skipped(bulk_verbs.OWN)
    if not policy.may_manage(by, held.row.place, starter):
        raise Skipped(bulk_verbs.REACH)
    if row.undoing_id is not None and held.revision != mine.revision:
        raise Skipped(bulk_verbs.TOUCHED)
    refused = bulk_verbs.of_state(row.verb, held.state)
    if refused is not None:
        raise Skipped(refused)


def _urge(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    urging.urge(session, held.id, held.by, held.now)


def _suspend(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    control.suspend(session, held.id, wish.reason, held.by, held.now)


def _resume(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    control.resume(session, held.id, wish.reason, held.by, held.now)


def _transfer(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    asked = select(Task.id).where(Task.instance_id == held.id, Task.id.in_(mine.about), Task.state == "open")
    tasks = session.scalars(asked.order_by(Task.id)).all()
    if not tasks:
        raise Skipped(bulk_verbs.NO_TASK)
    _lines(session, wish, held, [Line("assign", task, wish.to) for task in tasks])


def _retry(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    asked = select(Incident.id).where(Incident.id.in_(mine.about), Incident.closed_at.is_(None))
    incidents = session.scalars(asked.order_by(Incident.id)).all()
    if not incidents:
        raise Skipped(bulk_verbs.NO_INCIDENT)
    _lines(session, wish, held, [Line("retry", incident) for incident in incidents])


def _move(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    if held.row.version_id != wish.version:
        raise Skipped(bulk_verbs.OTHER_VERSION)
    live = engine.tokens(held.program.definition, held.tokens)
    visit = next((token.visit for token in live if token.element == wish.source), None)
    if visit is None:
        raise Skipped(bulk_verbs.NOT_THERE)
    _lines(session, wish, held, [Line("move", f"{wish.source}#{visit}", wish.target)])


def _cancel(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    _lines(session, wish, held, [Line("end")])


def _migrate(session: Session, wish: Wish, mine: Any, held: stepping.Held) -> None:
    if held.row.version_id != mine.from_id:
        raise Skipped(bulk_verbs.MOVED)
    asked = select(Version.id, Version.number).where(Version.id.in_([mine.from_id, mine.to_id]))
    numbers: dict[str, int] = {each.id: each.number for each in session.execute(asked)}
    with remains.read_as_it_was(session, mine.from_id):
        migrating.carry(held, mine.to_id, f"{numbers[mine.from_id]}>{numbers[mine.to_id]}", {})


def _lines(session: Session, wish: Wish, held: stepping.Held, lines: Sequence[Line]) -> None:
    """Do it by the lines of a repair."""
    for start in range(0, len(lines), repair_lines.MOST):
        few = lines[start : start + repair_lines.MOST]
        repair_lines.carry_out(session, held.id, few, wish.reason, held.by, held.now)


_VERBS: Final[Mapping[str, Callable[[Session, Wish, Any, stepping.Held], None]]] = {
    "urge": _urge,
    "transfer": _transfer,
    "suspend": _suspend,
    "resume": _resume,
    "retry": _retry,
    "move": _move,
    "cancel": _cancel,
    "migrate": _migrate,
}


def _verdict(error: Exception, now: datetime) -> tuple[str, Words]:
    """What came of a verb that has raised. A failing database is no answer: it is raised again."""
    if isinstance(error, DBAPIError):
        raise error
    if isinstance(error, Skipped):
        return "skipped", error.words
    cause = error.__cause__ if isinstance(error, BadLine) else error
    words = error.words if isinstance(error, BadLine) else None
    if isinstance(cause, errors.UrgedAlready):
        at = moment(cause.at, now)
        words = Words(f"{at.zh}已催办过", f"Urged already, {at.en}")
    if isinstance(cause, errors.CannotMigrate):
        words = cause.words
    if isinstance(cause, SKIPS) or (isinstance(cause, errors.BadPerson) and cause.code == "holds"):
        return "skipped", words or repair_lines.said(cause)
    if isinstance(cause, repair_lines.REFUSALS):
        return "failed", words or repair_lines.said(cause)
    log.error("a verb in bulk broke", exc_info=error)
    return "failed", words or BROKE


def _mine(session: Session, identifier: str, instance: str) -> Any:
    asked = select(BulkRow.__table__).where(
        BulkRow.bulk_id == identifier, BulkRow.instance_id == instance, BulkRow.result.is_(None)
    )
    return session.execute(asked).one_or_none()


def _revision(session: Session, held: stepping.Held) -> int:
    row = session.execute(stepping.READ, {"instance": held.id}).one()
    return int(row.revision)


def _write(session: Session, identifier: str, instance: str, now: datetime, result: str, **more: Any) -> None:
    mine = (BulkRow.bulk_id == identifier, BulkRow.instance_id == instance, BulkRow.result.is_(None))
    session.execute(update(BulkRow).where(*mine).values(result=result, at=now, **more))


def _waiting(session: Session, identifier: str) -> Sequence[str]:
    asked = select(BulkRow.instance_id).where(BulkRow.bulk_id == identifier, BulkRow.result.is_(None))
    return session.scalars(asked.order_by(BulkRow.instance_id).limit(CHUNK)).all()


def _row(session: Session, identifier: str) -> Any:
    return session.execute(select(Bulk.__table__).where(Bulk.id == identifier)).one()


def _end(session: Session, row: Any, errand: str, made: results_file.Made, now: datetime) -> None:
    file = results_file.enter(session, made, row.asked_by_id, now)
    walking.end(session, Bulk, row.id, file, now)
    counts = bulk_results.results(session, [row.id]).get(row.id, {})
    errands.finish(session, errand, {"file": file, "bulk": row.id, "results": counts}, now)
    body = {"bulk": row.id, "verb": row.verb, **counts}
    audit.log(session, "runtime", "bulk.ended", row.asked_by_id, now, body, f"bulk:{row.id}")
