"""Everything the chain of fairs and its forms may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.identity import regions
from app.platform.registry import Call, Hooks, Refused, Words
from tests.tenants.fairs import profiles, queries, rules
from tests.tenants.fairs.entities import Application, Project

hooks = Hooks("fairs")
OWN_FIELDS = frozenset({"project", "district", "scan"})


@hooks.choice
def open_projects(call: Call) -> list[tuple[str, Words]]:
    return [
        (p.id, Words(f"{p.year} 年{p.name}", f"{p.name} ({p.year})")) for p in queries.projects(call.session)
    ]


@hooks.subject(
    "fairs.project",
    Words("集市项目", "Fair"),
    lambda session: [
        (p.id, Words(f"{p.year} 年{p.name}", f"{p.name} ({p.year})")) for p in queries.projects(session)
    ],
)
def project_names(session: Session, projects: Sequence[str]) -> dict[str, Words]:
    found = session.execute(select(Project.id, Project.name, Project.year).where(Project.id.in_(projects)))
    return {row.id: Words(f"{row.year} 年{row.name}", f"{row.name} ({row.year})") for row in found}


@hooks.choice
def districts(call: Call) -> list[tuple[str, Words]]:
    return [(row.code, Words(row.name, row.name)) for row in queries.districts(call.session)]


@hooks.check
def identity_is_fixed(call: Call, values: Mapping[str, Any]) -> Words | None:
    if not queries.has_profile(call.session, call.starter):
        return None
    return Words("您已建档，身份不能自行变更。", "Your profile is filed, so your identity is fixed.")


@hooks.action(returns={"profile_complete": bool})
def look_up_profile(call: Call) -> dict[str, Any]:
    return {"profile_complete": rules.is_complete(profiles.load(call.session, call.starter))}


@hooks.action()
def record_submission(call: Call, application_id: str) -> None:
    row = _application(call, application_id)
    row.snapshot = profiles.load(call.session, row.person_id)
    row.submitted_at = row.submitted_at or call.now
    call.session.flush()


@hooks.action()
def verify_print(call: Call, application_id: str) -> None:
    row = _application(call, application_id)
    changed = "、".join(
        rules.changed_since_print(row.snapshot or {}, profiles.load(call.session, row.person_id))
    )
    if changed:
        raise Refused(f"打印后资料已有修改（{changed}）", f"Changed since the print: {changed}", "scan")


@hooks.document
def application_form(call: Call) -> dict[str, Any]:
    row = _application(call, str(call.variables["application_id"]))
    project = call.session.get_one(Project, row.project_id)
    district = regions.get(call.session, row.district)
    values = dict(row.snapshot or {})
    origin = regions.get(call.session, values.get("origin", ""))
    region = district.name if district else row.district
    return {
        "file_name": f"{values.get('full_name', '')}-{region}-{project.name}-申请表.pdf",
        "values": values | {"origin": origin.full_name if origin else ""},
        "project": project.name,
        "year": project.year,
        "district": district.full_name if district else row.district,
        "submitted_on": (row.submitted_at or call.now).date().isoformat(),
    }


def _application(call: Call, application_id: str) -> Application:
    return call.session.scalars(
        select(Application).where(Application.id == application_id, Application.instance_id == call.instance)
    ).one()


def _load_profile(call: Call, row: str) -> dict[str, Any]:
    return profiles.load(call.session, row)


def _store_profile(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    profiles.store(call.session, row or call.starter, values, call.by, call.now)
    return row or call.starter


def _load_application(call: Call, row: str) -> dict[str, Any]:
    """What was printed while it is under review, the live profile before and when returned."""
    found = call.session.get(Application, row)
    if found is None:
        return {}
    live = found.snapshot is None or call.element in ("submit", "correct")
    values = profiles.load(call.session, found.person_id) if live else dict(found.snapshot or {})
    return values | {
        "project_name": call.session.get_one(Project, found.project_id).name,
        "district": found.district,
        "scan": [found.scan_id] if found.scan_id and call.element != "correct" else [],
    }


def _store_application(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    if row is None:
        application = Application(
            id=new_id(),
            instance_id=call.instance,
            person_id=call.starter,
            project_id=values["project"],
            district=values["district"],
            place=regions.path_of(call.session, values["district"]),
        )
        call.session.add(application)
        call.session.flush()
        return application.id
    if values.get("scan"):
        call.session.get_one(Application, row).scan_id = values["scan"][0]
        call.session.flush()
    profile = {name: value for name, value in values.items() if name not in OWN_FIELDS}
    if profile:
        profiles.store(call.session, call.starter, profile, call.by, call.now)
    return row


hooks.entity("profile", _load_profile, _store_profile)
hooks.entity("application", _load_application, _store_application)
