"""A team's declaration: begun with a code, filled in, submitted in time (P-39…P-41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.data import new_id, sealing
from app.platform.forms import Entry
from app.platform.identity import attempts, people, regions
from app.platform.registry import Acting, Call, Refused, Words
from app.platform.runtime import instances
from app.platform.runtime.errors import Forbidden
from app.systems.permits import codes, rules
from app.systems.permits.entities import Declaration, Member, Project, Serial
from app.systems.permits.roles import TEACHER

PROCESS = "permits_declaration_review"
TEAM = ("team_name", "school", "coach", "coach_phone", "about", "attachments")
MEMBER = ("name", "gender", "school", "grade", "id_number")
REVIEW = ("recommendation", "resubmit_by")
NOT_TEACHER = Words("只有教师身份可以申报", "Only teachers declare")


def begin(
    session: Session,
    entry: Entry,
    by: Acting,
    now: datetime,
    *,
    address: str,
    device: str | None = None,
    key: str | None = None,
) -> str:
    """Declare with the code in `entry` (the read start form); return the instance's id (P-39).

    Wrong codes are counted as wrong passwords are. Raises `Forbidden`, and `Refused` with the field `code`.
    """
    if not by.holds(TEACHER):
        raise Forbidden("p.declaration.fill", NOT_TEACHER)
    tries = sealing.digest("permits.code.tries", by.person)
    permit = attempts.admit(session, tries, address, device, now)
    if isinstance(permit, attempts.Pause):
        until = rules.moment_words(permit.until)
        raise Refused(
            f"授权码多次输入有误，请于{until}后再试。", f"Too many wrong codes: try after {until}.", "code"
        )
    typed = str(entry.values.get("code") or "")
    if codes.find(session, typed) is not None:
        attempts.passed(session, permit)
    said = codes.complaint(session, typed, now)
    if said is not None:
        raise Refused(said.zh, said.en, "code")
    post = by.holds(TEACHER)[0]
    return instances.start(session, PROCESS, by=by, post=post, now=now, data=entry, key=key).instance


def open_with(call: Call, code: str) -> str:
    """Use a code and make its declaration with the next number; return its id. Joins the verb. Raises `Refused`."""
    session = call.session
    if not call.by.holds(TEACHER):
        raise Refused(NOT_TEACHER.zh, NOT_TEACHER.en, "code")
    leave = codes.use(session, code, call.now)
    project = session.get_one(Project, leave.project_id)
    identifier = new_id()
    session.add(
        Declaration(
            id=identifier,
            instance_id=call.instance,
            authorisation_id=leave.id,
            teacher_id=call.starter,
            project_id=leave.project_id,
            district=leave.district,
            place=leave.place,
            category=leave.category,
            group=leave.group,
            number=rules.project_number(project.prefix, project.year, _next(session, project)),
        )
    )
    session.flush()
    return identifier


def _next(session: Session, project: Project) -> int:
    """The next serial of a prefix and year; one given is never given again, whatever becomes of it (P-40)."""
    insert_or = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert_or(Serial).values(prefix=project.prefix, year=project.year, last=1)
    given = first.on_conflict_do_update(
        index_elements=["prefix", "year"], set_={"last": Serial.last + 1}
    ).returning(Serial.last)
    last = session.scalar(given)
    assert last is not None
    return last


def values_of(session: Session, declaration: str) -> dict[str, Any]:
    """Everything the declaration's form shows, under its field names. Three statements."""
    row = session.get(Declaration, declaration)
    if row is None:
        return {}
    project = session.get_one(Project, row.project_id)
    members = session.scalars(
        select(Member).where(Member.declaration_id == declaration).order_by(Member.position)
    )
    values = {name: getattr(row, name) for name in (*TEAM, *REVIEW, "number", "district", "category")}
    values |= {"group": row.group, "project_name": project.title}
    values["correct_by"] = row.resubmit_by
    values["members"] = [{name: getattr(member, name) for name in MEMBER} for member in members]
    return {name: _json(value) for name, value in values.items() if value not in (None, "")}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def write(session: Session, declaration: str, values: Mapping[str, Any]) -> None:
    """Write the changed fields of a form to the declaration; joins the verb."""
    own: dict[str, Any] = {name: value or None for name, value in values.items() if name in (*TEAM, *REVIEW)}
    if "attachments" in own:
        own["attachments"] = list(own["attachments"] or ())
    if own.get("resubmit_by"):
        own["resubmit_by"] = date.fromisoformat(str(own["resubmit_by"]))
    if own:
        session.execute(update(Declaration).where(Declaration.id == declaration).values(own))
    if "members" in values:
        _write_members(session, declaration, values["members"] or ())


def _write_members(session: Session, declaration: str, members: Sequence[Mapping[str, Any]]) -> None:
    session.execute(delete(Member).where(Member.declaration_id == declaration))
    rows = [
        {
            "declaration_id": declaration,
            "position": position,
            **{name: member.get(name) or None for name in MEMBER},
            "id_number_hash": people.id_number_hash(member["id_number"]) if member.get("id_number") else None,
        }
        for position, member in enumerate(members, 1)
    ]
    if rows:
        session.execute(insert(Member), rows)


def title_of(session: Session, row: Declaration) -> str:
    """`编号 · 代表队 · 区县 · 项目`, what is known of it."""
    region, project = regions.get(session, row.district), session.get_one(Project, row.project_id)
    parts = (row.number, row.team_name, region.name if region else "", project.title)
    return " · ".join(part for part in parts if part)


def deadline_of(project: Project, resubmit_by: date | None) -> datetime:
    """The last moment to submit: the project's for the first time, the end of the reviewer's day after a return."""
    return rules.end_of(resubmit_by) if resubmit_by else project.declare_to


def late_complaint(project: Project, resubmit_by: date | None, now: datetime) -> Words | None:
    """Why it can no longer be submitted, or None (P-41). The end belongs to the time (C-18)."""
    last = deadline_of(project, resubmit_by)
    if now > last:
        said = rules.moment_words(last)
        return Words(
            f"已于{said}截止，不能再提交。", f"It closed at {said}: nothing can be submitted any more."
        )
    if resubmit_by is None and not project.is_open:
        return Words("该项目已停用，不能提交。", "This project is closed.")
    return None


def teacher_of(session: Session, declaration: str) -> str:
    """Who leads the team."""
    return session.execute(select(Declaration.teacher_id).where(Declaration.id == declaration)).scalar_one()
