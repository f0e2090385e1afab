"""The districts' summaries in the demonstration: that of the past contest confirmed, of this year's one uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.platform import documents
from app.platform.documents import Document
from app.platform.registry import Ground
from app.platform.runtime.entities import Instance
from app.systems.permits.demo import steps
from app.systems.permits.entities import Project, Summary

READY = "待打印"


def walk(ground: Ground, people: Mapping[str, str]) -> None:
    """Print and upload every summary that is ready; the city confirms those of past years."""
    ground.work(ground.now)
    with ground.sessions() as session:
        ready = session.execute(
            select(Summary.instance_id, Project.year, Project.review_to, Project.declare_to)
            .join(Instance, Instance.id == Summary.instance_id)
            .join(Project, Project.id == Summary.project_id)
            .where(Instance.stage_zh == READY)
            .order_by(Summary.id)
        ).all()
    for row in ready:
        is_past = row.year < ground.now.year
        at = (row.review_to or row.declare_to) if is_past else ground.now - timedelta(hours=2)
        _upload(ground, people["quxian"], row.instance_id, at)
        if is_past:
            later = at + timedelta(days=1)
            steps.decide(ground, people["shiji"], row.instance_id, "city_confirm", "confirm", {}, later)


def _upload(ground: Ground, person: str, instance: str, at: Any) -> None:
    """The print itself stands for its scan."""
    steps.decide(ground, person, instance, "print_summary", "printed", {}, at)
    place = documents.settings()
    with ground.sessions() as session:
        printed = session.scalars(
            select(Document.file_id).where(Document.instance_id == instance).order_by(Document.id.desc())
        ).first()
        assert printed is not None
        found = documents.open_file(session, place.storage, printed)
        assert found is not None
        received = documents.check_upload(
            "区县级审查及推荐表（签章）.pdf", found[1], frozenset({"application/pdf"}), press=place.press
        )
        by = steps.acting(session, person, at)
        file = documents.store(
            session, place.storage, received, by, at, instance=instance, purpose="field:scan"
        )
    steps.decide(ground, person, instance, "upload", "upload", {"scan": [file]}, at + timedelta(hours=1))
