"""What people are told besides what is done (`letters`): that a deadline comes or has passed, one urges or asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.identity import posts
from app.platform.registry import Words
from app.platform.runtime import recusal, seats
from app.platform.runtime.notice_kinds import ANSWERED, ASKED, DUE, OVERDUE, URGED

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held

MOST_TOLD = 200


def urged(held: Held, people: Sequence[str]) -> None:
    """Tell those an instance waits for that its starter, or who looks after it, asks them to go on."""
    title = held.row.title
    _tell(
        held,
        people,
        URGED,
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
    title_of = Words(f"即将到期：{title}", f"Due soon: {title}")
    _tell(held, people, DUE, title_of, body, task.id, f"remind:{task.id}")


def overdue(held: Held, task: Any, people: Sequence[str]) -> None:
    """Tell those a task is escalated to that it is overdue; once for each task."""
    title = held.row.title
    body = Words(
        f"“{title}”的“{task.name_zh}”已超过办理时限，请督促办理。",
        f"“{task.name_en}” of “{title}” is overdue; please see to it.",
    )
    title_of = Words(f"超期：{title}", f"Overdue: {title}")
    _tell(held, people, OVERDUE, title_of, body, task.id, f"escalate:{task.id}")


def asked(held: Held, to: str) -> None:
    """Tell somebody that he is asked something about an instance; what, he reads there."""
    title = held.row.title
    body = Words(
        f"{held.by.name}就“{title}”向您询问，请答复。",
        f"{held.by.name} asks you something about “{title}”.",
    )
    _tell(held, [to], ASKED, Words(f"请您答复：{title}", f"Please answer: {title}"), body)


def answered(held: Held, people: Sequence[str]) -> None:
    """Tell whoever has asked, and whoever has the task now, that the answer is there."""
    title = held.row.title
    body = Words(
        f"{held.by.name}答复了关于“{title}”的询问。",
        f"{held.by.name} has answered the question about “{title}”.",
    )
    _tell(held, people, ANSWERED, Words(f"已答复：{title}", f"Answered: {title}"), body)


def _tell(
    held: Held,
    people: Sequence[str],
    kind: str,
    title: Words,
    body: Words,
    task: str | None = None,
    key: str | None = None,
) -> None:
    """Say it of the instance, at most to so many; under the same `key` once."""
    notices.send(
        held.session,
        list(people)[:MOST_TOLD],
        title,
        body,
        held.now,
        kind=kind,
        instance=held.id,
        task=task,
        key=key,
    )


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
