"""What the pages of fairs do that writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.forms import Entry
from app.platform.identity import regions
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import instances
from app.platform.runtime.errors import Forbidden, Unknown
from tests.tenants.fairs import queries
from tests.tenants.fairs.entities import Application, Project
from tests.tenants.fairs.roles import ORGANISER

PROCESS = "fairs_application"


def apply(session: Session, entry: Entry, by: Acting, now: datetime, key: str | None = None) -> str:
    """Apply for a fair and district: start an instance, or find the one already running; return its id."""
    if not by.holds(ORGANISER):
        raise Forbidden("f.application.start")
    project, district = str(entry.values["project"]), str(entry.values["district"])
    live = queries.live_application(session, by.person, project, district)
    if live is not None and live.state != "running":
        raise Refused("请勿重复申请", "You have applied for this already")
    if live is not None:
        return str(live.instance_id)
    name = session.scalar(select(Project.name).where(Project.id == project))
    region = regions.get(session, district)
    try:
        started = instances.start(
            session,
            PROCESS,
            by=by,
            post=by.holds(ORGANISER)[0],
            now=now,
            data=entry,
            business_key=f"{project}/{district}",
            title=f"{by.name} · {region.name if region else district} · {name}",
            key=key,
        )
    except IntegrityError:  # two clicks at once: the other one has started it
        session.rollback()
        live = queries.live_application(session, by.person, project, district)
        if live is None:
            raise
        return str(live.instance_id)
    return started.instance


def replace_scan(session: Session, instance: str, scan: str, by: Acting, now: datetime) -> None:
    """Put another scan in the place of the one under review. Raises `Unknown`, or `InstanceChanged` if decided."""
    with transaction(session):
        own = select(Application.id).where(
            Application.instance_id == instance, Application.person_id == by.person
        )
        application = session.scalar(own)
        if application is None:
            raise Unknown(instance)
        words = Words("重新上传扫描件", "Uploaded the scan again")
        instances.amend(session, instance, "city_review", words, by, now)
        session.execute(update(Application).where(Application.id == application).values(scan_id=scan))
