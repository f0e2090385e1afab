"""A person's own candidacies, with the task that waits for him and the opinions he may read (PG-D14, 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Unit
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance, Task
from app.systems.delegates import reviews, rules, stages
from app.systems.delegates.entities import Candidate, Congress

FILL, CORRECT = "fill", "correct"


@dataclass(frozen=True, slots=True)
class Form:
    """One registration form: what it is for, where it stands, the open task, and the reviews.

    `is_rejected`: the open task is to correct it.
    """

    candidate: str
    congress: str
    unit: str
    identity: Words
    stage: Words
    tone: str
    task: str | None
    is_rejected: bool
    reviews: tuple[reviews.Review, ...]


def forms(session: Session, by: Acting) -> list[Form]:
    """The forms of the person who asks, the latest first; of nobody else's, removed ones not."""
    found = session.execute(
        select(
            Candidate.id,
            Candidate.instance_id,
            Candidate.identity,
            Congress.name.label("congress"),
            Unit.name.label("unit"),
            Instance.stage_zh,
            Instance.stage_en,
            Task.id.label("task"),
            Task.element,
        )
        .join(Congress, Congress.id == Candidate.congress_id)
        .join(Unit, Unit.id == Candidate.unit_id)
        .join(Instance, Instance.id == Candidate.instance_id)
        .outerjoin(
            Task,
            (Task.instance_id == Instance.id) & (Task.state == "open") & Task.element.in_((FILL, CORRECT)),
        )
        .where(Candidate.person_id == by.person, Candidate.removed_at.is_(None))
        .order_by(Candidate.id.desc())
    )
    return [
        Form(
            row.id,
            row.congress,
            row.unit,
            Words(*rules.IDENTITIES[row.identity]),
            Words(row.stage_zh or "", row.stage_en or ""),
            stages.TONES.get(row.stage_zh or "", "plain"),
            row.task,
            row.element == CORRECT,
            tuple(reviews.of(session, row.instance_id)),
        )
        for row in found
    ]
