"""What the runtime itself tells people: that a deadline comes or has passed, and that somebody waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.identity import posts
from app.platform.registry import Words
from app.platform.runtime import recusal, seats

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

MOST_TOLD = 200


def urged(held: Held, people: Sequence[str]) -> None:
    """Tell those an instance waits for that its starter, or who looks after it, asks them to go on."""
    title = held.row.title
    _tell(
        held,
        people,
        Words(f"催办：{title}", f"Reminder: {title}"),
        Words(
            f"{held.by.name}请您尽快办理“{title}”。",
            f"{held.by.name} asks you to decide “{title}” soon.",
        ),
    )


def due(held: Held, task: Any, people: Sequence[str]) -> None:
    """Tell those who can answer a task that it will be due soon; once for each task."""
    title = held.row.title
    body = Words(
        f"“{title}”的“{task.name_zh}”即将到期，请及时办理。",
        f"“{task.name_en}” of “{title}” will be due soon.",
    )
    _tell(held, people, Words(f"即将到期：{title}", f"Due soon: {title}"), body, f"remind:{task.id}")


def overdue(held: Held, task: Any, people: Sequence[str]) -> None:
    """Tell those a task is escalated to that it is overdue; once for each task."""
    title = held.row.title
    body = Words(
        f"“{title}”的“{task.name_zh}”已超过办理时限，请督促办理。",
        f"“{task.name_en}” of “{title}” is overdue; please see to it.",
    )
    _tell(held, people, Words(f"超期：{title}", f"Overdue: {title}"), body, f"escalate:{task.id}")


def _tell(held: Held, people: Sequence[str], title: Words, body: Words, key: str | None = None) -> None:
    """Say it of the instance, at most to so many; under the same `key` once."""
    notices.send(held.session, list(people)[:MOST_TOLD], title, body, held.now, instance=held.id, key=key)


def answering(session: Session, tasks: Sequence[Any], now: datetime) -> list[str]:
    """Who is to answer open tasks: who holds them, sits at them on turn, or may claim them; each person once."""
    sitting = seats.of(session, tasks)
    people: dict[str, None] = {}
    for task in tasks:
        if task.seats != "one":
            people |= {seat.person_id: None for seat in sitting[task.id] if seat.state == "open"}
        elif task.claimed_by_id or task.assignee_id:
            people[task.claimed_by_id or task.assignee_id] = None
        elif task.role is not None:
            found = posts.holders(session, task.role, task.place or "", task.subject, now)
            left = recusal.left(session, dict(task._mapping), found, now)
            people |= {person: None for person, _name in left}
    return list(people)
