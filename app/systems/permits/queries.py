"""Reads of permits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Region
from app.platform.registry import Acting, Post
from app.platform.runtime.entities import Instance
from app.systems.permits.entities import Application, Profile, Project
from app.systems.permits.roles import CITY_ADMIN, DISTRICT_ADMIN


def open_projects(session: Session) -> list[Project]:
    """Projects one can apply for, newest year first."""
    return list(
        session.scalars(select(Project).where(Project.is_open).order_by(Project.year.desc(), Project.name))
    )


def live_application(session: Session, person: str, project: str, district: str) -> Any:
    """The open or approved application for the pair, with its instance's state, or None (P-19)."""
    return session.execute(
        select(Application.id, Application.instance_id, Application.submitted_at, Instance.state)
        .join(Instance, Instance.id == Application.instance_id)
        .where(
            Application.person_id == person,
            Application.project_id == project,
            Application.district == district,
            Application.closed_at.is_(None),
        )
    ).one_or_none()


def managed(session: Session, posts: Iterable[Post]) -> list[tuple[Post, Project, str]]:
    """The projects that `posts` manage, each with its district's name (P-18, P-20). One statement."""
    held = [post for post in posts if post.role == DISTRICT_ADMIN]
    if not held:
        return []
    projects = {
        p.id: p for p in session.scalars(select(Project).where(Project.id.in_({h.subject for h in held})))
    }
    names = dict(
        session.execute(
            select(Region.path, Region.name).where(Region.path.in_({h.place for h in held}))
        ).all()
    )
    return [
        (post, projects[post.subject], names.get(post.place, "")) for post in held if post.subject in projects
    ]


def applications_of(session: Session, person: str) -> list[Any]:
    """A person's applications with project, district and stage, newest first (PG-P4)."""
    return list(
        session.execute(
            select(
                Application.id,
                Application.instance_id,
                Application.submitted_at,
                Application.uploaded_at,
                Project.name.label("project"),
                Region.name.label("district"),
                Instance.number,
                Instance.state,
                Instance.stage_zh,
                Instance.stage_en,
                Instance.started_at,
            )
            .join(Project, Project.id == Application.project_id)
            .join(Region, Region.code == Application.district)
            .join(Instance, Instance.id == Application.instance_id)
            .where(Application.person_id == person)
            .order_by(Instance.started_at.desc())
        )
    )


def has_profile(session: Session, person: str) -> bool:
    """Whether the person has filed a profile: from then on the identity is fixed (P-05)."""
    return session.scalar(select(Profile.person_id).where(Profile.person_id == person)) is not None


def is_within_city(session: Session, person: str, by: Acting) -> bool:
    """Whether the person comes from a place the acting city administrator covers, or has not said where from."""
    path = session.scalar(
        select(Region.path).join(Profile, Profile.origin == Region.code).where(Profile.person_id == person)
    )
    return path is None or any(path.startswith(post.place) for post in by.holds(CITY_ADMIN))
