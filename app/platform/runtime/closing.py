"""How a task comes to its end: the row closed once, the decision written, and the engine taken on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, update

from app.platform import engine
from app.platform.engine import Outcome
from app.platform.runtime import items, stepping, unanswered
from app.platform.runtime.entities import Incident, Task
from app.platform.runtime.errors import InstanceChanged
from app.platform.runtime.history import Happening
from app.platform.runtime.policy import Standing

TASK, INCIDENT = Task.__table__, Incident.__table__
CLOSE = (
    update(TASK)  # type: ignore[arg-type]
    .where(TASK.c.id == bindparam("_id"), TASK.c.revision == bindparam("_revision"), TASK.c.state == "open")
    .values(
        state="closed",
        closed_at=bindparam("_at"),
        closed_by_id=bindparam("_by"),
        closed_for_id=bindparam("_for"),
        outcome=bindparam("_outcome"),
        paused_at=None,
        revision=TASK.c.revision + 1,
    )
)
OVERCOME = ("nobody", "engine")  # incidents that a decision of their step disproves


def close(
    held: stepping.Held, row: Any, revision: int, outcome: Outcome, by: str | None, standing: Standing | None
) -> None:
    """Close the task's row, and its questions. Raises `InstanceChanged` if it is not the one that was read."""
    closed = held.session.execute(
        CLOSE,
        {
            "_id": row.id,
            "_revision": revision,
            "_at": held.now,
            "_by": by,
            "_for": standing.person if standing is not None and standing.principal else None,
            "_outcome": outcome.key,
        },
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise InstanceChanged()
    unanswered.of_task(held, row)


def body(
    held: stepping.Held,
    outcome: Outcome,
    comment: str,
    standing: Standing | None = None,
    about: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the history keeps of a decision, sealed: opinion, the button's words, who, in whose stead, about what."""
    said: dict[str, Any] = {"comment": comment, "zh": outcome.words.zh, "en": outcome.words.en}
    said["name"] = held.by.name
    if about:
        said["items"] = dict(about)
    if standing is not None and standing.principal is not None:
        said |= {"for": standing.person, "for_name": standing.principal.name}
    if standing is not None and standing.seat is not None:
        said |= {"seat": standing.seat.id}
    return said


def by_rule(
    held: stepping.Held, row: Any, outcome: Outcome, rule: str, named: items.Named | None = None
) -> None:
    """Write down an outcome that the rule of the seats yields, and that is nobody's single decision."""
    said: dict[str, Any] = {"comment": "", "zh": outcome.words.zh, "en": outcome.words.en, "name": ""}
    said |= {"rule": rule} | (named.told if named else {})
    held.pen.write(Happening("decided", row.element, row.id, outcome=outcome.key, body=said))


def go_on(
    held: stepping.Held,
    row: Any,
    outcome: Outcome,
    variables: Mapping[str, Any],
    named: items.Named | None = None,
) -> None:
    """Complete the task's token, and make the step true. Raises what the engine raises.

    `named`: what is to be put right, where the outcome sends back.
    """
    held.returned = outcome.negative
    if outcome.negative:
        items.put(held, row, named)
    step = engine.complete(
        held.program.definition,
        held.tokens,
        row.element,
        row.visit,
        outcome.key,
        dict(variables),
        stepping.caller(held),
        held.now,
    )
    if held.row.has_incident:
        stepping.close_incidents(held, INCIDENT.c.kind.in_(OVERCOME), INCIDENT.c.element == row.element)
    stepping.write(held, step, closing=row.visit)
