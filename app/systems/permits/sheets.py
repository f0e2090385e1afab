"""The workbooks of permits: schools that each get an authorisation code (P-39, C-24 to C-27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.identity import regions
from app.platform.registry import Acting, Refused, Words
from app.platform.sheets import Bad, Column, Intake, Row, Sheet, Stored
from app.systems.permits import codes, queries
from app.systems.permits.entities import Authorisation, Project

YEARS = {"min": 2000, "max": 2100}
NO_PROJECT = Words(
    "没有这个年度的项目，或项目已停用", "There is no such project of that year, or it is closed"
)
NO_PLACE = Words("您不能在该区县发放授权码", "You do not issue codes in that district")
NO_CATEGORY = Words("该项目没有这个项目类型", "The project has no such category")
NO_GROUP = Words("该项目没有这个参赛组别", "The project has no such group")


class Key(NamedTuple):
    """What makes a row the same row."""

    project: str
    district: str
    category: str
    group: str
    school: str


def _prepare(session: Session, by: Acting, now: datetime) -> Mapping[tuple[str, int], Project]:
    return {(row.name, row.year): row for row in queries.issuable_projects(session, by)}


def _store(intake: Intake, rows: Sequence[Row]) -> Stored:
    """One code for each school that has none yet for this project, district, category and group."""
    bad: list[Bad] = []
    wanted = dict(_read(intake, rows, bad))
    _take_turns(intake.session, {key.project for key in wanted})
    there = _there(intake.session, wanted)
    made = [
        codes.make(
            codes.Order(key.project, key.district, key.category, key.group, 1),
            place,
            intake.by,
            intake.now,
            key.school,
            intake.record,
        )
        for key, place in wanted.items()
        if key not in there
    ]
    intake.session.add_all(made)
    intake.session.flush()
    return Stored(bad, len(made))


def _read(intake: Intake, rows: Sequence[Row], bad: list[Bad]) -> Iterator[tuple[Key, str]]:
    places: dict[str, str] = {}
    for row in rows:
        of = row.values
        district = str(of["district"])
        if district not in places:
            places[district] = regions.path_of(intake.session, district)
        project = intake.prepared.get((of["project"], int(of["year"])))
        wrong = _wrong(intake.by, project, places[district], of)
        if wrong is not None:
            bad.append(Bad(row.number, *wrong))
        elif project is not None:
            yield Key(project.id, district, of["category"], of["group_name"], of["school"]), places[district]


def _wrong(
    by: Acting, project: Project | None, place: str, of: Mapping[str, Any]
) -> tuple[str, Words] | None:
    """The column that cannot be, and why."""
    if project is None:
        return "project", NO_PROJECT
    if not codes.may_issue(by, project.id, place):
        return "district", NO_PLACE
    if of["category"] not in project.categories:
        return "category", NO_CATEGORY
    return ("group_name", NO_GROUP) if of["group_name"] not in project.groups else None


def _take_turns(session: Session, projects: set[str]) -> None:
    """Of two imports of a project one enters its chunk first, so that the other finds its codes there."""
    session.execute(
        select(Project.id)
        .where(Project.id.in_(projects))
        .order_by(Project.id)
        .with_for_update(key_share=True)  # what only refers to a project need not wait
    ).all()


def _there(session: Session, wanted: Mapping[Key, str]) -> set[Key]:
    rows = session.execute(
        select(
            Authorisation.project_id,
            Authorisation.district,
            Authorisation.category,
            Authorisation.group,
            Authorisation.school,
        ).where(
            Authorisation.project_id.in_({key.project for key in wanted}),
            Authorisation.school.in_({key.school for key in wanted}),
            Authorisation.revoked_at.is_(None),
        )
    )
    return {Key(row[0], row[1], row[2], row[3], row[4] or "") for row in rows}


def _undo(intake: Intake) -> None:
    """Take back all codes of an import, as long as nobody has used one."""
    own = Authorisation.import_id == intake.record
    held = intake.session.scalars(select(Authorisation.used_at).where(own).with_for_update())
    used = sum(at is not None for at in held)  # whoever uses one at this moment is waited for
    if used:
        raise Refused(
            f"其中{used}个授权码已被使用，不能撤销这次导入",
            f"{used} of its codes were used: it stays as it is",
        )
    intake.session.execute(delete(Authorisation).where(own))
    audit.log(
        intake.session,
        "permits",
        "authorisation.taken_back",
        intake.by,
        intake.now,
        {"import": intake.record},
    )


def _count(session: Session, record: str) -> int:
    return session.scalar(select(func.count()).where(Authorisation.import_id == record)) or 0


CODES = Sheet(
    key="codes",
    title=Words("学校授权码", "Codes for schools"),
    columns=(
        Column("project", Words("项目名称", "Project"), required=True, example="青少年机器人竞赛"),
        Column(
            "year",
            Words("年度", "Year"),
            "integer",
            required=True,
            settings={"min": 2000, "max": 2100},
            example="2026",
        ),
        Column("district", Words("区县", "District"), "region", required=True, example="河北省邯郸市邯山区"),
        Column(
            "category", Words("项目类型", "Category"), required=True, longest=60, example="机器人综合技能"
        ),
        Column("group_name", Words("参赛组别", "Group"), required=True, longest=20, example="小学组"),
        Column("school", Words("学校", "School"), required=True, example="演示小学"),
    ),
    permission="p.code.issue",
    same=("project", "year", "district", "category", "group_name", "school"),
    store=_store,
    prepare=_prepare,
    undo=_undo,
    count=_count,
    fills=(Authorisation,),
    note=Words(
        "每所学校、每个项目类型和组别一个授权码；已有的不重复发放。导入后在“申报授权”中按学校查找、导出。",
        "One code for each school, category and group; none is issued twice. Find and export them under Codes.",
    ),
)
SHEETS = (CODES,)
