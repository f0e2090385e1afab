"""What the pages of permits do that writes: apply, replace a scan, change an identity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data import transaction
from app.platform.forms import Entry
from app.platform.identity import choosing, people, regions
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import drafts, instances
from app.platform.runtime.errors import Forbidden, Unknown
from app.systems.permits import profiles, queries
from app.systems.permits.entities import Application, Project
from app.systems.permits.roles import CITY_ADMIN, IDENTITIES, ORGANISER, STUDENT, TEACHER

PROCESS = "permits_permission_application"
PROFILE = "permits/profile"
PRINT = "permits/application_form"
SCAN = frozenset({"image/jpeg", "image/png"})
NOT_ORGANISER = Words(
    "学生和教师身份不可申请管理权限", "Students and teachers cannot apply for management permission"
)
DUPLICATE = Words("请勿重复申请", "You have applied for this already")


def may_apply(by: Acting) -> None:
    """Raise `Forbidden` with the manual's words for whoever is no organiser (P-03)."""
    if by.holds(ORGANISER):
        return
    told = by.holds(TEACHER) or by.holds(STUDENT)
    raise Forbidden("p.permission.apply", NOT_ORGANISER if told else None)


def apply(session: Session, entry: Entry, by: Acting, now: datetime, key: str | None = None) -> str:
    """Apply for a project and district: start an instance, or find the one already running (P-06, P-07).

    `entry` is the read start form. Returns the instance's id. Raises `Forbidden`, or `Refused` with 请勿重复申请
    when the pair is approved already (P-19).
    """
    may_apply(by)
    project, district = str(entry.values["project"]), str(entry.values["district"])
    live = queries.live_application(session, by.person, project, district)
    if live is not None:
        if live.state == "running":
            return str(live.instance_id)
        raise Refused(DUPLICATE.zh, DUPLICATE.en)
    title = _title(session, by, project, district)
    try:
        started = instances.start(
            session,
            PROCESS,
            by=by,
            post=by.holds(ORGANISER)[0],
            now=now,
            data=entry,
            business_key=f"{project}/{district}",
            title=title,
            key=key,
        )
    except IntegrityError:  # two clicks at once: the other one has started it
        session.rollback()
        live = queries.live_application(session, by.person, project, district)
        if live is None:
            raise
        return str(live.instance_id)
    return started.instance


def person_name(session: Session, person: str) -> str:
    """The name of a person."""
    return people.names(session, {person}).get(person, "")


def _title(session: Session, by: Acting, project: str, district: str) -> str:
    name = session.scalar(select(Project.title).where(Project.id == project))
    region = regions.get(session, district)
    return f"{by.name} · {region.name if region else district} · {name}"


def save_profile(session: Session, entry: Entry, by: Acting, now: datetime) -> None:
    """Save one's own profile (P-11). Applications under review keep what was printed (P-21)."""
    with transaction(session):
        if entry.changed:
            profiles.store(session, by.person, entry.changed, by, now)
        drafts.drop(session, f"form:{PROFILE}", by.person)


def discard(session: Session, instance: str, by: Acting, now: datetime) -> None:
    """Throw away an application that was not submitted yet, chosen by mistake or no longer wanted.

    Raises `Unknown` unless it is the person's own draft.
    """
    with transaction(session):
        application = session.scalar(
            select(Application.id).where(
                Application.instance_id == instance,
                Application.person_id == by.person,
                Application.submitted_at.is_(None),
                Application.closed_at.is_(None),
            )
        )
        if application is None:
            raise Unknown(instance)
        instances.cancel(session, instance, "", by, now)
        session.execute(update(Application).where(Application.id == application).values(closed_at=now))


def replace_scan(session: Session, instance: str, scan: str, by: Acting, now: datetime) -> None:
    """Put another scan in the place of the one under review (P-15).

    Raises `Unknown` unless it is the person's own application, `InstanceChanged` once it has been decided.
    """
    with transaction(session):
        application = session.execute(
            select(Application.id).where(
                Application.instance_id == instance, Application.person_id == by.person
            )
        ).scalar_one_or_none()
        if application is None:
            raise Unknown(instance)
        note, kept = Words("重新上传扫描件", "Uploaded the scan again"), documents.recorded(session, scan)
        instances.amend(session, instance, "city_review", note, by, now, {"scan": kept} if kept else None)
        session.execute(
            update(Application).where(Application.id == application).values(scan_id=scan, uploaded_at=now)
        )


def change_identity(session: Session, person: str, role: str, by: Acting, now: datetime) -> None:
    """Give a person another identity (P-05): the city administrator's right. Raises `Forbidden`, `Unknown`."""
    if not by.holds(CITY_ADMIN):
        raise Forbidden("p.identity.change")
    if role not in IDENTITIES:
        raise Refused("请选择身份", "Choose an identity")
    if queries.person_in_city(session, person, by) is None:
        raise Unknown(person)
    choosing.change(session, person, "permits", role, by, now)
