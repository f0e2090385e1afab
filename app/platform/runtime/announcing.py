"""What other systems are told of a verb: read off the history it has just written, in one place for all verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.platform import notices

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

EVENTS: Mapping[str, str] = {
    "started": "instance.started",
    "opened": "task.opened",
    "decided": "task.decided",
    "returned": "task.decided",
    "ended": "instance.ended",
    "cancelled": "instance.ended",
    "incident": "incident.opened",
}


def announce(held: Held) -> None:
    """Tell the endpoints of what stands in the verb's pen, before it is put away. No statement where nobody listens."""
    if held.row.is_listened_to:
        told = [_event(held, row) for row in held.pen.rows if row["kind"] in EVENTS]
        notices.announce(held.session, told, held.now)


def _event(held: Held, row: Mapping[str, Any]) -> notices.Event:
    """Ids and codes only: whoever wants more asks for it, under rights of his own."""
    kind, data = row["kind"], _where(held, row)
    if kind == "incident":
        data["kind"] = row["outcome"]
    elif kind == "returned":
        data |= {"outcome": "returned", "to": row["outcome"]}
    else:
        data["outcome"] = "cancelled" if kind == "cancelled" else row["outcome"]
    return notices.Event(EVENTS[kind], {name: value for name, value in data.items() if value}, held.id)


def _where(held: Held, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "instance": held.id,
        "process": held.row.process,
        "business_key": held.row.business_key,
        "element": row["element"],
        "task": row["task_id"],
        "by": row["by_id"],
    }
