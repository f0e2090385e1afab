"""What the diagram of declaring and reviewing may name (PR-P2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.platform import notices
from app.platform.registry import Call, Hooks, Refused, Words
from app.platform.runtime import instances
from app.systems.permits import declarations, rules, summaries
from app.systems.permits.entities import Declaration, Project

LOCKED = Words(
    "汇总表已上传，不能再改审查结果", "The summary is uploaded: results cannot be changed any more"
)


def plug(hooks: Hooks) -> None:
    """Enter them into the hooks of permits."""
    hooks.action(returns={"project": str, "district": str, "deadline": str, "remind_at": str, "closes": str})(
        open_declaration
    )
    hooks.action(returns={"extended": bool, "deadline": str, "remind_at": str, "closes": str}, effects=False)(
        look_at_deadline
    )
    hooks.action()(record_declaration)
    hooks.action(returns={"deadline": str, "remind_at": str, "closes": str}, undo=take_back_district_review)(
        record_district_review
    )
    hooks.action()(record_city_review)
    hooks.entity("declaration", _load, _store)


def open_declaration(call: Call, declaration_id: str) -> dict[str, Any]:
    """Name the instance after the new declaration and say where it belongs and until when it may be submitted."""
    row, project = _about(call, declaration_id)
    instances.retitle(call.session, call.instance, declarations.title_of(call.session, row))
    return {"project": row.project_id, "district": row.district, **_until(project.declare_to, call.now)}


def look_at_deadline(call: Call, declaration_id: str) -> dict[str, Any]:
    """Say whether the city has extended the project since the deadline was set; the new one, if so."""
    _, project = _about(call, declaration_id)
    return {"extended": call.now <= project.declare_to, **_until(project.declare_to, call.now)}


def record_declaration(call: Call, declaration_id: str) -> None:
    """Write down when it was submitted. Refused after the deadline as it stands now (P-41)."""
    row, project = _about(call, declaration_id)
    late = declarations.late_complaint(project, row.resubmit_by, call.now)
    if late is not None:
        raise Refused(late.zh, late.en)
    row.submitted_at = call.now
    call.session.flush()
    instances.retitle(call.session, call.instance, declarations.title_of(call.session, row))


def record_district_review(call: Call, declaration_id: str, outcome: str) -> dict[str, Any]:
    """Write down that the district has reviewed it, and tell the team (P-30)."""
    row, project = _about(call, declaration_id)
    passed = outcome == "pass"
    if not passed and row.resubmit_by is None:
        raise Refused("请填写重新提交截止日期", "Say until when it may be submitted again", "resubmit_by")
    row.reviewed_at = call.now
    if passed:
        row.resubmit_by = None
    else:
        row.recommendation = None
    call.session.flush()
    last = declarations.deadline_of(project, row.resubmit_by)
    if passed:
        _tell(call, row, Words("区县审查通过", "passed in the district"))
    else:
        said = rules.moment_words(last)
        _tell(
            call,
            row,
            Words(
                f"区县审查不通过，请于{said}前修改并重新提交", f"returned; correct it and submit by {said}"
            ),
        )
    return _until(last, call.now)


def take_back_district_review(call: Call) -> None:
    """Take back the district's decision, unless the summary that lists it is uploaded (P-35)."""
    row = call.session.execute(
        select(Declaration).where(Declaration.instance_id == call.instance)
    ).scalar_one()
    summaries.hold(call.session, row.project_id, row.district)
    if summaries.is_uploaded(call.session, row.project_id, row.district):
        raise Refused(LOCKED.zh, LOCKED.en)
    call.session.execute(
        update(Declaration).where(Declaration.id == row.id).values(reviewed_at=None, resubmit_by=None)
    )
    _tell(call, row, Words("区县审查结果已撤回，重新审查中", "the district's result was withdrawn"))


def record_city_review(call: Call, declaration_id: str, outcome: str) -> None:
    """Tell the team what the city has decided (P-37)."""
    row, _ = _about(call, declaration_id)
    passed = outcome == "pass"
    _tell(
        call,
        row,
        Words("市级审查通过", "passed in the city")
        if passed
        else Words("市级审查不通过", "failed in the city"),
    )


def _tell(call: Call, row: Declaration, what: Words) -> None:
    name = declarations.title_of(call.session, row)
    notices.send(
        call.session,
        [row.teacher_id],
        Words(f"{row.number}：{what.zh}", f"{row.number}: {what.en}"),
        Words(f"“{name}”{what.zh}。", f"“{name}” {what.en}."),
        call.now,
        instance=call.instance,
    )


def _until(last: datetime, now: datetime) -> dict[str, Any]:
    """What the timers read: a second after the last moment, and when to remind; `closes` is for people.

    Two days before the end, or half-way where less is left.
    """
    remind = max(last - timedelta(days=2), now + (last - now) / 2)
    return {
        "deadline": (last + timedelta(seconds=1)).isoformat(timespec="seconds"),
        "remind_at": remind.isoformat(timespec="seconds"),
        "closes": rules.moment_words(last),
    }


def _about(call: Call, declaration_id: str) -> tuple[Declaration, Project]:
    row = call.session.execute(
        select(Declaration).where(Declaration.id == declaration_id, Declaration.instance_id == call.instance)
    ).scalar_one()
    return row, call.session.get_one(Project, row.project_id)


def _load(call: Call, row: str) -> dict[str, Any]:
    values = declarations.values_of(call.session, row)
    if call.element == "district_review":  # what an earlier round said is not said again by itself
        values.pop("resubmit_by", None)
    return values


def _store(call: Call, row: str | None, values: Mapping[str, Any]) -> str:
    if row is None:
        return declarations.open_with(call, str(values.get("code") or ""))
    declarations.write(call.session, row, values)
    return row
