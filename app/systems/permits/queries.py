"""Reads of permits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from app.platform.identity import posts
from app.platform.identity.entities import Account, HeldPost, Person, Region
from app.platform.identity.places import below
from app.platform.lists import within
from app.platform.registry import Acting, Post
from app.platform.runtime import history, policy
from app.platform.runtime.entities import Instance, Task
from app.systems.permits.entities import Application, Profile, Project
from app.systems.permits.roles import CITY_ADMIN, DISTRICT_ADMIN, IDENTITIES

APPLYING, DECLARING = "permits_permission_application", "permits_declaration_review"


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


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """One line of a person's applications (PG-P4): `task` is the open task that waits for the person."""

    instance_id: str
    project: str
    district: str
    number: str | None
    stage_zh: str | None
    stage_en: str | None
    submitted_at: datetime | None
    opinion: str
    task: str | None
    is_draft: bool


def applications_of(session: Session, person: str) -> list[OwnApplication]:
    """A person's applications with project, district, stage and opinion, newest first. Two statements."""
    own = (
        select(Task.id)
        .where(Task.instance_id == Instance.id, Task.state == "open", Task.assignee_id == person)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Application.instance_id,
            Application.submitted_at,
            Project.title.label("project"),
            Region.name.label("district"),
            Instance.number,
            Instance.stage_zh,
            Instance.stage_en,
            own.label("task"),
            and_(Application.submitted_at.is_(None), Application.closed_at.is_(None)).label("is_draft"),
        )
        .join(Project, Project.id == Application.project_id)
        .join(Region, Region.code == Application.district)
        .join(Instance, Instance.id == Application.instance_id)
        .where(Application.person_id == person)
        .order_by(Instance.started_at.desc())
    ).all()
    opinions = history.last_opinions(session, [row.instance_id for row in rows])
    return [OwnApplication(opinion=opinions.get(row.instance_id, ""), **row._mapping) for row in rows]


def has_profile(session: Session, person: str) -> bool:
    """Whether the person has filed a profile: from then on the identity is fixed (P-05)."""
    return session.scalar(select(Profile.person_id).where(Profile.person_id == person)) is not None


def is_within_city(session: Session, person: str, by: Acting) -> bool:
    """Whether the person comes from a place the acting city administrator covers, or has not said where from."""
    path = session.scalar(
        select(Region.path).join(Profile, Profile.origin == Region.code).where(Profile.person_id == person)
    )
    return path is None or any(path.startswith(post.place) for post in by.holds(CITY_ADMIN))


def person_in_city(session: Session, person: str, by: Acting) -> Any:
    """A person with an identity of permits and where from, if the acting city administrator covers it, else None."""
    if not is_within_city(session, person, by):
        return None
    return session.execute(
        select(
            Person.id,
            Person.name,
            Account.username,
            Region.name.label("district"),
            HeldPost.role.label("identity"),
        )
        .join(Account, Account.person_id == Person.id)
        .join(HeldPost, HeldPost.person_id == Person.id)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .outerjoin(Region, Region.code == Profile.origin)
        .where(Person.id == person, HeldPost.role.in_(IDENTITIES), HeldPost.ended_at.is_(None))
    ).first()


def waiting_for_review(session: Session, by: Acting, now: datetime) -> int:
    """How many applications wait for this person's review: the badge of 权限审核 (C-37), exact to 999."""
    return _waiting(session, by, APPLYING, "city_review")


def waiting_in_district(session: Session, by: Acting, now: datetime) -> int:
    """How many declarations wait for this person's review in a district: the badge of 活动管理 (C-37)."""
    return _waiting(session, by, DECLARING, "district_review")


def waiting_in_city(session: Session, by: Acting, now: datetime) -> int:
    """How many declarations wait for this person's review in the city: the badge of 市级审查 (C-37)."""
    return _waiting(session, by, DECLARING, "city_review")


def _waiting(session: Session, by: Acting, process: str, element: str) -> int:
    mine = (Task.element == element, Task.process == process, policy.workable(by))
    waiting = select(Task.id).where(*mine).limit(1000).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def districts(session: Session, now: datetime) -> list[Any]:
    """Districts and counties below the places that city administrators hold today, by code (EN-P2)."""
    held = select(HeldPost.place).where(HeldPost.role == CITY_ADMIN, posts.live(now)).distinct()
    places = [place for place in session.scalars(held) if place]
    if not places:
        return []
    return list(
        session.execute(
            select(Region.code, Region.name)
            .where(Region.level == "district", or_(*(below(Region.path, place) for place in places)))
            .order_by(Region.code)
        )
    )


def title_of(session: Session, application: Application) -> str:
    """`申请人 · 区县 · 项目`, with the names as they are now."""
    names = session.execute(
        select(Person.name, Region.name, Project.title)
        .select_from(Application)
        .join(Person, Person.id == Application.person_id)
        .join(Region, Region.code == Application.district)
        .join(Project, Project.id == Application.project_id)
        .where(Application.id == application.id)
    ).one()
    return " · ".join(names)


@dataclass(frozen=True, slots=True)
class Place:
    """A district to choose."""

    code: str
    name: str


def projects_of(session: Session, by: Acting) -> list[Project]:
    """The projects of the person's cities and those managed in a district, newest year first. One statement."""
    managed = {post.subject for post in by.holds(DISTRICT_ADMIN)}
    wanted: list[ColumnElement[bool]] = [true() if "*" in managed else Project.id.in_(managed)]
    cities = [post.place for post in by.holds(CITY_ADMIN)]
    if cities:
        wanted.append(or_(Project.place == "", *(within(Project.place, place) for place in cities)))
    asked = select(Project).where(or_(*wanted))
    return list(session.scalars(asked.order_by(Project.year.desc(), Project.name)))


def issuable_projects(session: Session, by: Acting) -> list[Project]:
    """Those of them that are open, for which the person may issue codes. One statement."""
    return [project for project in projects_of(session, by) if project.is_open]


def issuable_districts(session: Session, by: Acting, project: str) -> list[Place]:
    """Districts where the person issues codes of the project, by code. One statement."""
    own = [post.place for post in by.holds(DISTRICT_ADMIN) if post.subject in (project, "*")]
    cities = [below(Region.path, post.place) for post in by.holds(CITY_ADMIN) if post.place]
    asked = (
        select(Region.code, Region.name)
        .where(Region.level == "district", or_(Region.path.in_(own), *cities))
        .order_by(Region.code)
    )
    return [Place(row.code, row.name) for row in session.execute(asked)]


def own_task(session: Session, instance: str, person: str) -> str | None:
    """The open task of an instance that waits for the person, if any."""
    return session.scalar(
        select(Task.id)
        .where(Task.instance_id == instance, Task.state == "open", Task.assignee_id == person)
        .limit(1)
    )


def has_id_number(session: Session, person: str) -> bool:
    """Whether the person's identity number is known, by which pupils find their entries."""
    return (
        session.scalar(select(Person.id).where(Person.id == person, Person.id_number_hash.is_not(None)))
        is not None
    )
