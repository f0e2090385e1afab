"""Repair of one instance: lines played and taken back to be seen first, then done in one transaction, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.data.transaction import taken_back
from app.platform.forms import Wrong
from app.platform.forms.typed import tidy
from app.platform.monitoring import outlook, repair_lines
from app.platform.monitoring.outlook import Change, Outlook
from app.platform.monitoring.repair_lines import Line
from app.platform.registry import Acting, Words
from app.platform.runtime import receipts, stepping
from app.platform.runtime.history import Happening
from app.platform.runtime.moving import hold_to_manage

SHORTEST, LONGEST = 5, 500


@dataclass
class BadReason(Exception):
    """The reason of a repair is missing, too short or too long, in words."""

    words: Words


@dataclass
class MovedOn(Exception):
    """The instance is not any more what was previewed; `seen`: how long its history was then."""

    seen: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a repair would do. `revision` and `seen`: of the instance it was played on, and how long its history was."""

    change: Change
    revision: int
    seen: int


def reason_of(text: str) -> str:
    """The reason as it is kept. Raises `BadReason`."""
    try:
        why = tidy(text, lines=True).strip()
    except Wrong as wrong:
        raise BadReason(Words("原因含有不能使用的字符。", "The reason cannot be kept.")) from wrong
    if not SHORTEST <= len(why) <= LONGEST:
        raise BadReason(
            Words(
                f"请填写修复原因，{SHORTEST}至{LONGEST}个字。",
                f"Say why, in {SHORTEST} to {LONGEST} characters.",
            )
        )
    return why


def preview(
    session: Session, instance: str, lines: Sequence[Line], reason: str, by: Acting, now: datetime
) -> Preview:
    """Play the lines through the real verbs in a transaction that is taken back, and say what would come of them.

    Raises `Unknown`, `Forbidden`, `BadLine`.
    """
    with taken_back(session):
        held = hold_to_manage(session, instance, by, now)
        revision, seen = held.revision, int(held.row.history_length)
        before = outlook.look(session, instance, now)
        repair_lines.carry_out(session, instance, lines, reason or "—" * SHORTEST, by, now)
        return Preview(Change(before, outlook.look(session, instance, now)), revision, seen)


def apply(
    session: Session,
    instance: str,
    lines: Sequence[Line],
    reason: str,
    revision: int,
    by: Acting,
    now: datetime,
    *,
    seen: int = 0,
    key: str | None = None,
    asked_by: str = "",
) -> Change | None:
    """Do the lines in one transaction, on the instance as it was previewed, and say what has come of them.

    `asked_by`: who has asked for it, where two are needed. None where `key` has had its answer. Raises `BadReason`,
    `MovedOn`, `BadLine`, `Unknown`, `Forbidden`, `KeyReused`.
    """
    why = reason_of(reason)
    body = receipts.body_of("repair", instance, why, [line.as_json() for line in lines])
    with transaction(session):
        held = hold_to_manage(session, instance, by, now)
        if receipts.answered(session, by.person, key, body) is not None:
            return None
        if held.revision != revision:
            raise MovedOn(seen)
        before = outlook.look(session, instance, now)
        repair_lines.carry_out(session, instance, lines, why, by, now)
        change = Change(before, outlook.look(session, instance, now))
        _write_down(session, instance, lines, why, change, by, now, asked_by)
        receipts.give(session, by.person, key, body, {"instance": instance}, now)
        return change


def _write_down(
    session: Session,
    instance: str,
    lines: Sequence[Line],
    why: str,
    change: Change,
    by: Acting,
    now: datetime,
    asked_by: str,
) -> None:
    told = {
        "lines": [line.as_json() for line in lines],
        "before": brief(change.before),
        "after": brief(change.after),
    }
    said: dict[str, Any] = {"comment": why, "name": by.name, **told}
    if asked_by:
        said["asked_by"] = asked_by
    held = stepping.hold(session, by, now, instance=instance)
    held.pen.write(Happening("repaired", by=by.person, body=said))
    stepping.save(held)
    log = {"instance": instance, "reason": why, "asked_by": asked_by, **told}
    audit.log(session, "runtime", "instance.repaired", by, now, log)


def brief(one: Outlook) -> dict[str, Any]:
    """How an instance stood, as the record keeps it: where it waits, and its variables."""
    return {
        "state": one.state,
        "stage": one.stage.zh if one.stage else None,
        "tasks": [[task.element, task.visit, list(task.people)] for task in one.tasks],
        "timers": [[timer.element, timer.visit, timer.kind] for timer in one.timers],
        "waits": [list(wait) for wait in one.waits],
        "variables": dict(one.variables),
    }
