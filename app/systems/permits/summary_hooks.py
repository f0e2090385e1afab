"""What the diagram of the district summary may name, and what it watches (PR-P3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from app.platform.data import new_id
from app.platform.identity import regions
from app.platform.registry import Call, Hooks, Words
from app.platform.runtime import instances
from app.platform.runtime.entities import Instance
from app.systems.permits import rules, summaries
from app.systems.permits.entities import Declaration, Project, Summary, SummaryUpload

DECLARING = "permits_declaration_review"
LABELS = {
    "rows": Words("申报项目清单", "the list of declarations"),
    "rows.number": Words("项目编号", "number"),
    "rows.team": Words("代表队名称", "team"),
    "rows.category": Words("项目类型", "category"),
    "rows.group": Words("组别", "group"),
    "rows.result": Words("审查结果", "result"),
    "rows.recommendation": Words("推荐意见", "recommendation"),
    "project": Words("项目名称", "project"),
    "district": Words("区县", "district"),
    "passed": Words("审核通过数", "number passed"),
    "failed": Words("审核不通过数", "number failed"),
}


def plug(hooks: Hooks) -> None:
    """Enter them into the hooks of permits."""
    hooks.action(returns={"summary_id": str, "again": bool})(open_summary)
    hooks.action(returns={"complete": bool}, effects=False)(look_at_reviews)
    hooks.action(returns={"again": bool})(put_aside)
    hooks.document(district_summary)
    hooks.entity("summary", _load, _store)
    hooks.watch(DECLARING)(declaration_moved)
    hooks.watch(summaries.PROCESS)(summary_moved)


def declaration_moved(call: Call, before: str | None, after: str | None) -> None:
    """Let the district's summary hear of it where a declaration means something else to it now (P-31, P-36)."""
    if not rules.changes_summary(before, after):
        return
    about = call.session.execute(
        select(Declaration.project_id, Declaration.district).where(Declaration.instance_id == call.instance)
    ).one()
    summaries.declarations_changed(
        call.session,
        about.project_id,
        about.district,
        call.by,
        call.now,
        was_reviewed=before in rules.IN_DISTRICT_REVIEW,
    )


def summary_moved(call: Call, before: str | None, after: str | None) -> None:
    """Close the summary with its process, however that ends, so that the next submission opens another (P-36)."""
    running = select(Instance.id).where(
        Instance.id == call.instance, Instance.state.in_(("running", "suspended"))
    )
    if call.session.scalar(running) is None:
        call.session.execute(
            update(Summary)
            .where(Summary.instance_id == call.instance, Summary.closed_at.is_(None))
            .values(closed_at=call.now)
        )


def open_summary(call: Call, project: str, district: str) -> dict[str, Any]:
    """Write down that the pair has a summary from now on, and whether it had one before."""
    session, identifier = call.session, new_id()
    again = session.scalar(
        select(Summary.id).where(Summary.project_id == project, Summary.district == district).limit(1)
    )
    region, about = regions.get(session, district), session.get_one(Project, project)
    session.execute(
        insert(Summary).values(
            id=identifier,
            instance_id=call.instance,
            project_id=project,
            district=district,
            place=regions.path_of(session, district),
            opened_at=call.now,
        )
    )
    name = region.name if region else district
    instances.retitle(session, call.instance, f"{name} · {about.title} · 资格审查汇总表")
    return {"summary_id": identifier, "again": again is not None}


def look_at_reviews(call: Call, project: str, district: str) -> dict[str, Any]:
    """Say whether all that were submitted are reviewed, and at least one was (P-31)."""
    return {"complete": summaries.counts(call.session, project, district).is_complete}


def put_aside(call: Call, summary_id: str, because: str) -> dict[str, Any]:
    """Let an upload count no more and keep it as history (P-36)."""
    call.session.execute(
        update(SummaryUpload)
        .where(SummaryUpload.summary_id == summary_id, summaries.is_current_upload())
        .values(aside_at=call.now, aside_because=because)
    )
    return {"again": True}


def district_summary(call: Call) -> dict[str, Any]:
    """What 《区县级审查及推荐表》 shows: all reviewed declarations of the district in the project (P-32)."""
    session, district = call.session, str(call.variables["district"])
    project = session.get_one(Project, str(call.variables["project"]))
    region = regions.get(session, district)
    listed = summaries.rows(session, project.id, district)
    passed = sum(row["result"] == "审核通过" for row in listed)
    return {
        "file_name": rules.summary_file_name(region.name if region else district, project.name),
        "project": project.name,
        "year": project.year,
        "district": region.full_name if region else district,
        "rows": listed,
        "passed": passed,
        "failed": len(listed) - passed,
        "labels": LABELS,
    }


def _load(call: Call, row: str) -> dict[str, Any]:
    """What the summary's steps show: project, district, how many passed and failed, the upload that counts."""
    found = call.session.execute(select(Summary).where(Summary.id == row)).scalar_one_or_none()
    if found is None:
        return {}
    there = summaries.counts(call.session, found.project_id, found.district)
    file = call.session.scalar(
        select(SummaryUpload.file_id).where(SummaryUpload.summary_id == row, summaries.is_current_upload())
    )
    project = call.session.get_one(Project, found.project_id)
    return {
        "project_name": project.title,
        "district": found.district,
        "passed": there.passed,
        "failed": there.failed,
        "scan": [file] if file else [],
    }


def _store(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    """Take in the signed summary; an earlier one that still counts gives way to it (P-33)."""
    assert row is not None
    if values.get("scan"):
        put_aside(call, row, "replaced")
        call.session.execute(
            insert(SummaryUpload).values(
                id=new_id(),
                summary_id=row,
                file_id=values["scan"][0],
                uploaded_by=call.by.person,
                uploaded_at=call.now,
            )
        )
    return row
