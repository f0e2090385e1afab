"""Repairs that take two: asked for by one administrator, agreed to by another, on the instance as it was previewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from app.platform import audit, notices, settings
from app.platform.data import new_id, transaction
from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.identity.places import within
from app.platform.monitoring import repair_lines, repairing
from app.platform.monitoring.outlook import Change
from app.platform.monitoring.repair_entities import Repair
from app.platform.monitoring.repair_lines import Line
from app.platform.registry import Acting, Words
from app.platform.runtime import moving, policy
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Forbidden, InstanceChanged, Unknown

TWO_PAIRS: Final = "monitoring.repairs_take_two"
DAYS: Final = "monitoring.repairs_wait_days"
OWN: Final = Words(
    "您提交的修复须由另一名管理员同意。", "Another administrator has to agree to what you have asked for."
)
_TABLE = Repair.__table__
_Asker, _Answerer = aliased(Person), aliased(Person)


def _days(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= 90:
        raise settings.BadSetting(Words("请填写1至90的整数", "A whole number from 1 to 90"))
    return value


settings.define_group("monitoring", Words("流程监控", "Process monitor"))
settings.define(
    settings.Definition(
        TWO_PAIRS,
        Words("流程修复须经他人同意", "Repairs take two"),
        "yes",
        False,
        group="monitoring",
        about=Words(
            "开启后，一名管理员提交的修复由管辖范围内的另一名管理员同意才执行",
            "On: what one administrator wants to repair is done once another one within reach has agreed",
        ),
    ),
    settings.Definition(
        DAYS,
        Words("待同意的修复保留天数", "Days a repair waits for the second one"),
        "number",
        3,
        group="monitoring",
        check=_days,
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A repair that somebody has asked for, as pages show it. `state` may also be `expired`."""

    id: str
    instance: str
    title: str
    number: str | None
    lines: tuple[Line, ...]
    reason: str
    state: str
    revision: int
    seen: int
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime
    answered_by_name: str
    answered_at: datetime | None
    answer: str


def takes_two() -> bool:
    """Whether the installation wants two for a repair."""
    return bool(settings.value(TWO_PAIRS))


def ask(
    session: Session,
    instance: str,
    lines: Sequence[Line],
    reason: str,
    revision: int,
    seen: int,
    by: Acting,
    now: datetime,
) -> str:
    """Ask for a repair that has been previewed, and return its id. Raises as `repairing.apply`."""
    why = repairing.reason_of(reason)
    with transaction(session):
        held = moving.hold_to_manage(session, instance, by, now)
        if held.revision != revision:
            raise repairing.MovedOn(seen)
        repair = new_id()
        session.add(
            Repair(
                id=repair,
                instance_id=instance,
                revision=revision,
                seen=seen,
                lines=[line.as_json() for line in lines],
                reason=why,
                state="waiting",
                asked_by_id=by.person,
                asked_at=now,
                expires_at=now + timedelta(days=int(settings.value(DAYS))),
            )
        )
        session.flush()
        _log(session, "repair.asked", by, now, instance, repair)
        return repair


def agree(session: Session, repair: str, by: Acting, now: datetime) -> Change | None:
    """Do a repair that somebody else has asked for, if the instance still is as it was previewed.

    Raises `Unknown`, `Forbidden` (one's own), `InstanceChanged` (answered or expired), `repairing.MovedOn`, `BadLine`.
    """
    try:
        with transaction(session):
            row = _open(session, repair, by, now)
            if row.asked_by_id == by.person:
                raise Forbidden("repair.agree", OWN)
            lines = [repair_lines.read(line) for line in row.lines]
            _answer(session, repair, "done", by, now)
            change = repairing.apply(
                session,
                row.instance_id,
                lines,
                row.reason,
                row.revision,
                by,
                now,
                seen=row.seen,
                asked_by=row.asked_by_id,
            )
            _log(session, "repair.agreed", by, now, row.instance_id, repair)
            _tell(session, row, now, Words("已同意并执行", "has agreed, and it is done"), by)
            return change
    except repairing.MovedOn:
        with transaction(session):
            _answer(session, repair, "outdated", by, now)
        raise


def decline(session: Session, repair: str, answer: str, by: Acting, now: datetime) -> None:
    """Say no to a repair, with a reason; whoever has asked for it takes it back. Raises as `agree`, `BadReason`."""
    with transaction(session):
        row = _open(session, repair, by, now)
        if row.asked_by_id == by.person:
            _answer(session, repair, "taken_back", by, now)
            _log(session, "repair.taken_back", by, now, row.instance_id, repair)
            return
        why = repairing.reason_of(answer)
        _answer(session, repair, "declined", by, now, why)
        _log(session, "repair.declined", by, now, row.instance_id, repair)
        _tell(session, row, now, Words("不同意", "has declined it"), by)


def find(session: Session, repair: str, by: Acting, now: datetime) -> Asked:
    """One repair, for whoever looks after its instance. Raises `Unknown`."""
    row = session.execute(_shown(by).where(Repair.id == repair)).one_or_none()
    if row is None:
        raise Unknown(repair)
    return _as_asked(row, now)


def waiting(session: Session, by: Acting, now: datetime, limit: int = 100) -> tuple[Asked, ...]:
    """The repairs that wait for a second one within reach, the oldest first."""
    rows = session.execute(
        _shown(by)
        .where(Repair.state == "waiting", Repair.expires_at > now)
        .order_by(Repair.asked_at, Repair.id)
        .limit(limit)
    )
    return tuple(_as_asked(row, now) for row in rows)


def of_instance(session: Session, instance: str, by: Acting, now: datetime) -> tuple[Asked, ...]:
    """The repairs of one instance that wait."""
    return tuple(one for one in waiting(session, by, now) if one.instance == instance)


def _shown(by: Acting) -> Any:
    return (
        select(
            Repair.__table__,
            Instance.title,
            Instance.number,
            _Asker.name.label("asker"),
            _Answerer.name.label("answerer"),
        )
        .join(Instance, Instance.id == Repair.instance_id)
        .outerjoin(_Asker, _Asker.id == Repair.asked_by_id)
        .outerjoin(_Answerer, _Answerer.id == Repair.answered_by_id)
        .where(within(Instance.place, roles.reach_of(by, roles.MANAGE)))
    )


def _as_asked(row: Any, now: datetime) -> Asked:
    return Asked(
        row.id,
        row.instance_id,
        row.title,
        row.number,
        tuple(repair_lines.read(line) for line in row.lines),
        row.reason,
        "expired" if row.state == "waiting" and row.expires_at <= now else row.state,
        row.revision,
        row.seen,
        row.asked_by_id,
        row.asker or "",
        row.asked_at,
        row.expires_at,
        row.answerer or "",
        row.answered_at,
        row.answer or "",
    )


def _open(session: Session, repair: str, by: Acting, now: datetime) -> Any:
    row = session.execute(select(_TABLE).where(Repair.id == repair).with_for_update()).one_or_none()
    if row is None:
        raise Unknown(repair)
    owner = session.execute(
        select(Instance.place, Instance.starter_id).where(Instance.id == row.instance_id)
    ).one()
    if not policy.may_manage(by, owner.place, owner.starter_id):
        raise Unknown(repair)
    if row.state != "waiting" or row.expires_at <= now:
        raise InstanceChanged()
    return row


def _answer(
    session: Session, repair: str, state: str, by: Acting, now: datetime, answer: str | None = None
) -> None:
    session.execute(
        update(Repair)
        .where(Repair.id == repair, Repair.state == "waiting")
        .values(state=state, answered_by_id=by.person, answered_at=now, answer=answer)
    )


def _log(session: Session, kind: str, by: Acting, now: datetime, instance: str, repair: str) -> None:
    audit.log(session, "runtime", kind, by, now, {"instance": instance, "repair": repair})


def _tell(session: Session, row: Any, now: datetime, what: Words, by: Acting) -> None:
    title = session.scalar(select(Instance.title).where(Instance.id == row.instance_id)) or ""
    notices.send(
        session,
        [row.asked_by_id],
        Words(f"流程修复：{title}", f"Repair: {title}"),
        Words(
            f"您提交的对“{title}”的修复，{by.name}{what.zh}。",
            f"Your repair of “{title}”: {by.name} {what.en}.",
        ),
        now,
        channels=(),
    )
