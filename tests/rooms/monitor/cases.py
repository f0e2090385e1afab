"""What has become of the cases that tests of the monitor look at, written down: where they are, late, failed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.runtime.entities import Incident, Instance, Task

COUNTY, CITY, NEXT = "130000/130400/130402/", "130000/130400/", "130000/130500/"


def lie_in(session: Session, place: str, *instances: str) -> None:
    """Let these instances lie in a place, and their tasks with them; all there are if none is named."""
    of, tasks = update(Instance).values(place=place), update(Task).values(instance_place=place)
    if instances:
        of, tasks = of.where(Instance.id.in_(instances)), tasks.where(Task.instance_id.in_(instances))
    session.execute(of)
    session.execute(tasks)


def be_late(session: Session, instance: str, now: datetime) -> None:
    """Let what is open of an instance have been due two days ago."""
    mine = (Task.instance_id == instance, Task.state == "open")
    session.execute(update(Task).where(*mine).values(due_at=now - timedelta(days=2)))


def fail(session: Session, instance: str, kind: str, now: datetime) -> None:
    """Let an incident of a kind be open, at a step that people do not see."""
    incident = Incident(
        id=new_id(), instance_id=instance, element="grant", kind=kind, detail="x", opened_at=now
    )
    session.add(incident)
