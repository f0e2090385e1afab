"""Everything the permission chain and its forms may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.identity import regions
from app.platform.registry import Call, Hooks, Refused, Words
from app.platform.runtime import instances
from app.systems.permits import declaration_hooks, forgetting, profiles, queries, rules, summary_hooks
from app.systems.permits.entities import Application, Project

hooks = Hooks("permits")
LOCAL = ZoneInfo("Asia/Shanghai")
OWN_FIELDS = frozenset({"project", "district", "scan"})


@hooks.choice
def open_projects(call: Call) -> list[tuple[str, Words]]:
    """Offer the projects one can apply for (P-07)."""
    return [(p.id, Words(p.title, f"{p.name} ({p.year})")) for p in queries.open_projects(call.session)]


def _projects(session: Session) -> list[tuple[str, Words]]:
    """The projects that somebody can be given a district of, newest year first."""
    found = session.execute(
        select(Project.id, Project.name, Project.title).order_by(
            Project.year.desc(), Project.name, Project.id
        )
    )
    return [(row.id, Words(row.title, row.name)) for row in found]


@hooks.subject("permits.project", Words("竞赛项目", "Project"), _projects)
def project_names(session: Session, projects: Sequence[str]) -> dict[str, Words]:
    """Name the projects that districts are managed for."""
    found = session.scalars(select(Project).where(Project.id.in_(projects)))
    return {row.id: Words(row.title, f"{row.name} ({row.year})") for row in found}


@hooks.choice
def districts(call: Call) -> list[tuple[str, Words]]:
    """Offer the districts and counties of the cities that have an administrator here (EN-P2)."""
    return [(row.code, Words(row.name, row.name)) for row in queries.districts(call.session, call.now)]


@hooks.check
def identity_is_fixed(call: Call, values: Mapping[str, Any]) -> Words | None:
    """Say that the identity cannot be changed by oneself once a profile is filed (P-05)."""
    if not queries.has_profile(call.session, call.starter):
        return None
    return Words(
        "您已建档，身份不能自行变更；如需变更，请联系市级管理员。",
        "Your profile is filed, so only the city administrator can change your identity.",
    )


@hooks.action(returns={"profile_complete": bool})
def look_up_profile(call: Call) -> dict[str, Any]:
    """Say whether the starter's profile is complete, so that 基础建档 can be skipped (P-08)."""
    return {"profile_complete": rules.profile_is_complete(profiles.load(call.session, call.starter))}


@hooks.action()
def record_submission(call: Call, application_id: str) -> None:
    """Write down that the application was submitted, and the profile as it will be printed (P-13, P-21)."""
    row = _application(call, application_id)
    row.snapshot = profiles.load(call.session, row.person_id)
    row.submitted_at = row.submitted_at or call.now
    call.session.flush()
    instances.retitle(call.session, call.instance, queries.title_of(call.session, row))


@hooks.action()
def verify_print(call: Call, application_id: str) -> None:
    """Refuse a scan of a print whose data has changed since, naming the fields (P-17, P-21)."""
    row = _application(call, application_id)
    changed = rules.changed_since_print(row.snapshot or {}, profiles.load(call.session, row.person_id))
    if changed:
        fields = "、".join(changed)
        raise Refused(
            f"打印后资料已有修改（{fields}），请先点击【保存并重新生成申请表】，重新签字盖章后再上传。",
            f"Changed since the print: {fields}. Save and print anew, have it signed and stamped, then upload.",
            "scan",
        )


@hooks.document
def application_form(call: Call) -> dict[str, Any]:
    """What the permission form shows: the profile as submitted, project and district (P-14)."""
    row = _application(call, str(call.variables["application_id"]))
    project = call.session.get_one(Project, row.project_id)
    district = regions.get(call.session, row.district)
    values = dict(row.snapshot or {})
    origin = regions.get(call.session, values.get("origin", ""))
    region = district.name if district else row.district
    return {
        "file_name": rules.form_file_name(values.get("full_name", ""), region, project.name),
        "values": values | {"origin": origin.full_name if origin else ""},
        "project": project.name,
        "year": project.year,
        "district": district.full_name if district else row.district,
        "submitted_on": (row.submitted_at or call.now).astimezone(LOCAL).date().isoformat(),
    }


def _application(call: Call, application_id: str) -> Application:
    return call.session.execute(
        select(Application).where(Application.id == application_id, Application.instance_id == call.instance)
    ).scalar_one()


def _load_profile(call: Call, row: str) -> dict[str, Any]:
    return profiles.load(call.session, row)


def _store_profile(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    person = row or call.starter
    profiles.store(call.session, person, values, call.by, call.now)
    return person


def _load_application(call: Call, row: str) -> dict[str, Any]:
    """What the permission form shows: the snapshot while under review, the live profile before and when returned."""
    found = call.session.execute(select(Application).where(Application.id == row)).scalar_one_or_none()
    if found is None:
        return {}
    live = found.snapshot is None or call.element in ("submit", "correct")
    values = profiles.load(call.session, found.person_id) if live else dict(found.snapshot or {})
    is_returned = call.element == "correct"  # the scan that was sent back must not be sent again as it is
    return values | {
        "project_name": call.session.get_one(Project, found.project_id).title,
        "district": found.district,
        "scan": [found.scan_id] if found.scan_id and not is_returned else [],
    }


def _store_application(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    if row is None:
        row = new_id()
        call.session.add(
            Application(
                id=row,
                instance_id=call.instance,
                person_id=call.starter,
                project_id=values["project"],
                district=values["district"],
                place=regions.path_of(call.session, values["district"]),
            )
        )
        call.session.flush()
        return row
    if values.get("scan"):
        call.session.execute(
            update(Application)
            .where(Application.id == row)
            .values(scan_id=values["scan"][0], uploaded_at=call.now.astimezone(UTC))
        )
    profile = {name: value for name, value in values.items() if name not in OWN_FIELDS}
    if profile:
        profiles.store(call.session, call.starter, profile, call.by, call.now)
    return row


hooks.entity("profile", _load_profile, _store_profile)
hooks.entity("application", _load_application, _store_application)
declaration_hooks.plug(hooks)
summary_hooks.plug(hooks)
forgetting.plug(hooks)
