"""Authorisation codes (授权码): issued for a district, category and group, used once, revocable (P-39, C-14)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import new_id, sealing, transaction
from app.platform.identity import regions
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime.errors import Forbidden, Unknown
from app.systems.permits import rules
from app.systems.permits.entities import Authorisation, Project
from app.systems.permits.roles import CITY_ADMIN, DISTRICT_ADMIN

MOST = 200  # codes issued at once
UNKNOWN = Words("授权码不正确，请核对后重新输入。", "There is no such code. Check it and type it once more.")
USED = Words("该授权码已被使用。", "This code has been used.")
REVOKED = Words("该授权码已作废，请向区县管理员索取新的授权码。", "This code was revoked; ask for a new one.")


@dataclass(frozen=True, slots=True)
class Order:
    """What codes are wanted for, and how many."""

    project: str
    district: str
    category: str
    group: str
    count: int


def issue(session: Session, order: Order, by: Acting, now: datetime) -> list[str]:
    """Issue codes and return the authorisations' ids. Raises `Refused` with the field, `Unknown`, `Forbidden`.

    A city administrator issues below the own city, a district's administrator for the own project and district.
    """
    with transaction(session):
        project = session.get(Project, order.project)
        region = regions.get(session, order.district)
        if project is None or region is None:
            raise Unknown(order.project)
        if not may_issue(by, order.project, region.path) or _is_another_city_s(by, project):
            raise Forbidden("p.code.issue")
        _check(project, region.level, order, now)
        made = [make(order, region.path, by, now) for _ in range(order.count)]
        session.add_all(made)
        session.flush()
        ids = [one.id for one in made]
        body = {"project": order.project, "district": order.district, "count": order.count, "first": ids[0]}
        audit.log(session, "permits", "authorisation.issued", by, now, body)
    return ids


def may_issue(by: Acting, project: str, place: str) -> bool:
    """Whether the person may issue and revoke codes of a project at the district with this path."""
    return any(place.startswith(post.place) for post in by.holds(CITY_ADMIN) if post.place) or any(
        post.place == place and post.subject in (project, "*") for post in by.holds(DISTRICT_ADMIN)
    )


def _is_another_city_s(by: Acting, project: Project) -> bool:
    """Whether the project is held by a city that is none of the person's, who does not manage it either."""
    cities = [post.place for post in by.holds(CITY_ADMIN)]
    manages = any(post.subject in (project.id, "*") for post in by.holds(DISTRICT_ADMIN))
    return not manages and bool(project.place) and not project.place.startswith(tuple(cities))


def _check(project: Project, level: str, order: Order, now: datetime) -> None:
    if level != "district":
        raise Refused("请选择区县", "Choose a district", "district")
    if not project.is_open:
        raise Refused("该项目已停用，不能再发放授权码", "This project is closed", "project")
    if now > project.declare_to:
        raise Refused("该项目申报已截止，不能再发放授权码", "Declarations are over, so no codes", "project")
    if order.category not in project.categories:
        raise Refused("请选择项目类型", "Choose a category", "category")
    if order.group not in project.groups:
        raise Refused("请选择参赛组别", "Choose a group", "group")
    if not 1 <= order.count <= MOST:
        raise Refused(f"数量须在 1 到 {MOST} 之间", f"Between 1 and {MOST} codes at once", "count")


def make(
    order: Order, place: str, by: Acting, now: datetime, school: str | None = None, record: str | None = None
) -> Authorisation:
    """A new authorisation with a code nobody can guess; not written yet."""
    code = "".join(secrets.choice(rules.CODE_LETTERS) for _ in range(rules.CODE_LENGTH))
    return Authorisation(
        id=new_id(),
        project_id=order.project,
        district=order.district,
        place=place,
        category=order.category,
        group=order.group,
        code=code,
        code_hash=_hash(code),
        school=school,
        import_id=record,
        issued_by=by.person,
        issued_at=now,
    )


def revoke(session: Session, authorisation: str, by: Acting, now: datetime) -> None:
    """Make a code that was not used worthless. Raises `Unknown` where it is not theirs, `Refused` once it is used."""
    with transaction(session):
        row = session.execute(
            select(Authorisation.project_id, Authorisation.place, Authorisation.used_at).where(
                Authorisation.id == authorisation
            )
        ).one_or_none()
        if row is None or not may_issue(by, row.project_id, row.place):
            raise Unknown(authorisation)
        revoked = session.execute(
            update(Authorisation)
            .where(Authorisation.id == authorisation, Authorisation.used_at.is_(None))
            .where(Authorisation.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(Authorisation.id)
        ).first()
        if revoked is None:
            words = USED if row.used_at else REVOKED
            raise Refused(words.zh, words.en)
        audit.log(session, "permits", "authorisation.revoked", by, now, {"authorisation": authorisation})


def find(session: Session, typed: str) -> Authorisation | None:
    """The authorisation of a code as typed: any case, with or without strokes and spaces, in wide letters too."""
    code = rules.plain_code(typed)
    return (
        session.scalar(select(Authorisation).where(Authorisation.code_hash == _hash(code))) if code else None
    )


def complaint(session: Session, typed: str, now: datetime) -> Words | None:
    """Why a code as typed cannot be used now, or None: for a form's check, before the verb asks again."""
    found = find(session, typed)
    if found is None:
        return UNKNOWN
    if found.revoked_at is not None:
        return REVOKED
    if found.used_at is not None:
        return USED
    return window_complaint(session.get_one(Project, found.project_id), now)


def window_complaint(project: Project, now: datetime) -> Words | None:
    """Why the project takes no new declarations now, or None. Both ends of the window are in it (C-18)."""
    if not project.is_open:
        return Words("该项目已停用，不能申报。", "This project is closed.")
    if now < project.declare_from:
        begins = rules.moment_words(project.declare_from)
        return Words(f"申报尚未开始，{begins}起可以申报。", f"Declarations open at {begins}.")
    if now > project.declare_to:
        ended = rules.moment_words(project.declare_to)
        return Words(f"申报已于{ended}截止。", f"Declarations closed at {ended}.")
    return None


def use(session: Session, typed: str, now: datetime) -> Authorisation:
    """Use a code, once: of two who try at the same moment one gets it. Joins the open verb. Raises `Refused`."""
    said = complaint(session, typed, now)
    if said is not None:
        raise Refused(said.zh, said.en, "code")
    found = find(session, typed)
    assert found is not None
    taken = session.execute(
        update(Authorisation)
        .where(Authorisation.id == found.id, Authorisation.used_at.is_(None))
        .where(Authorisation.revoked_at.is_(None))
        .values(used_at=now)
        .returning(Authorisation.id)
    ).first()
    if taken is None:
        raise Refused(USED.zh, USED.en, "code")
    session.refresh(found)
    return found


def _hash(code: str) -> str:
    return sealing.digest("permits.code", code)
