"""What stands still and why: one sentence for each, with names and since when, and what would mend it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.monitoring import stall_questions, stall_words
from app.platform.monitoring.stall_questions import KINDS, Kind, Question
from app.platform.registry import Words
from app.platform.runtime import element_names, versions
from app.platform.runtime.entities import Instance, Process

__all__ = ["KINDS", "Kind", "Stall", "count", "look", "of_instance", "stalls"]

ABOUT: Final = (
    Instance.id.label("instance"),
    Instance.process,
    Instance.title,
    Instance.number,
    Instance.place,
    Instance.starter_id.label("starter"),
    Instance.version_id.label("version"),
    Process.name_zh.label("process_zh"),
    Process.name_en.label("process_en"),
)


@dataclass(frozen=True, slots=True)
class Stall:
    """Something that stands still. `key`: what the mending is done to (task, timer, subscription, incident, job,
    instance), `mend`: by which verb; "" where there is none but to wait.
    """

    kind: Kind
    key: str
    mend: str
    instance: str
    title: str
    number: str | None
    process: str
    process_name: Words
    place: str
    starter: str
    element: str
    since: datetime
    words: Words


def stalls(
    session: Session,
    reach: Collection[str],
    now: datetime,
    limit: int = 100,
    kinds: Collection[str] = KINDS,
    process: str = "",
    instance: str = "",
) -> tuple[Stall, ...]:
    """Whatever stands still within `reach` (places), the longest first; at most `limit` of each kind and in all.

    A constant number of statements (and one for each version that is not in the cache). Read at `now`: nothing is kept.
    """
    asked = stall_questions.Asked(session, now, reach, limit, process, instance)
    found: list[Stall] = []
    for kind in KINDS:
        question = stall_questions.BY_KIND[kind](asked) if kind in kinds else None
        if question is not None:
            found += _told(asked, kind, question, limit)
    found.sort(key=lambda one: (one.since, one.instance, one.key))
    return tuple(found[:limit])


def look(
    session: Session, reach: Collection[str], now: datetime, few: int, most: int
) -> tuple[int, tuple[Stall, ...]]:
    """How many stand still within `reach`, at most `most` of each kind and in all, and the first few of them."""
    asked = stall_questions.Asked(session, now, reach, most)
    total, found = 0, list[Stall]()
    for kind in KINDS:
        question = stall_questions.BY_KIND[kind](asked)
        counted = _count(asked, question) if question is not None else 0
        total += counted
        if question is not None and counted and few:
            found += _told(asked, kind, question, few)
    found.sort(key=lambda one: (one.since, one.instance, one.key))
    return min(total, most), tuple(found[:few])


def count(session: Session, reach: Collection[str], now: datetime, most: int) -> int:
    """How many stand still within `reach`, looking at no more than `most` of each kind; `most` is the most it says."""
    return look(session, reach, now, 0, most)[0]


def of_instance(session: Session, instance: str, now: datetime) -> tuple[Stall, ...]:
    """What one instance stands still for. For whoever may look after it."""
    return stalls(session, ("",), now, instance=instance)


def _within(asked: stall_questions.Asked, question: Question) -> Any:
    return question.chosen if question.known is not None else question.chosen.where(*asked.where)


def _count(asked: stall_questions.Asked, question: Question) -> int:
    if question.known is not None:
        return question.known
    some = _within(asked, question).limit(asked.limit).subquery()
    return asked.session.execute(select(func.count()).select_from(some)).scalar_one()


def _told(asked: stall_questions.Asked, kind: Kind, question: Question, few: int) -> list[Stall]:
    joined = _within(asked, question).add_columns(*ABOUT).join(Process, Process.key == Instance.process)
    ordered = joined.order_by(question.since).limit(few)
    rows: Sequence[Any] = asked.session.execute(ordered).all()
    about = question.about(rows) if question.about is not None and rows else {}
    return [
        _stall(asked, kind, row, about) for row in rows if question.about is None or row.instance in about
    ]


def _stall(asked: stall_questions.Asked, kind: Kind, row: Any, about: Mapping[str, Any]) -> Stall:
    facts = stall_words.facts(kind, row, lambda element: _name(asked.session, row, element), asked.now, about)
    return Stall(
        kind,
        facts.key,
        facts.mend,
        row.instance,
        row.title,
        row.number,
        row.process,
        Words(row.process_zh, row.process_en),
        row.place,
        row.starter,
        facts.element,
        facts.since,
        facts.words,
    )


def _name(session: Session, row: Any, element: str | None) -> Words:
    """What an element is called in a sentence; its id where the drawing cannot be read."""
    if not element:
        return Words(row.process_zh, row.process_en)
    return element_names.quotable(versions.name_of(session, row.version, element))
