"""Reads of fairs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Region
from app.platform.registry import Acting
from app.platform.runtime import policy
from app.platform.runtime.entities import Instance, Task
from tests.tenants.fairs.entities import Application, Profile, Project


def live_application(session: Session, person: str, project: str, district: str) -> Any:
    """The open or approved application for the pair, with its instance's state, or None."""
    return session.execute(
        select(Application.id, Application.instance_id, Instance.state)
        .join(Instance, Instance.id == Application.instance_id)
        .where(
            Application.person_id == person,
            Application.project_id == project,
            Application.district == district,
            Application.closed_at.is_(None),
        )
    ).one_or_none()


def projects(session: Session) -> list[Project]:
    """What can be held, newest year first."""
    return list(session.scalars(select(Project).order_by(Project.year.desc(), Project.name)))


def districts(session: Session) -> list[Region]:
    """Where it can be held."""
    return list(session.scalars(select(Region).where(Region.level == "district").order_by(Region.code)))


def has_profile(session: Session, person: str) -> bool:
    """Whether the person has filed a profile: from then on the identity is fixed."""
    return session.scalar(select(Profile.person_id).where(Profile.person_id == person)) is not None


def waiting_for_review(session: Session, by: Acting, now: datetime) -> int:
    """How many applications wait for this person's review, exact to 999."""
    waiting = (
        select(Task.id)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Instance.process == "fairs_application", Task.element == "city_review", policy.workable(by))
        .limit(1000)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(waiting)) or 0
