"""The lists of reviewing: a unit's 待审核, 审核不通过, 待上报, 已上报, and 终审 of the congress (PG-D5…PG-D11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, null, or_, select
from sqlalchemy.orm import Session

from app.platform.identity.entities import Unit
from app.platform.lists import Act, Column, Filter, Linked, List, Rows, Verb, during
from app.platform.registry import Acting, Words
from app.platform.runtime.entities import Instance
from app.systems.delegates import attachments, candidates, choices, slate_lists, stages
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.recommended_lists import (
    BY_CONGRESS,
    BY_IDENTITY,
    BY_NAME,
    COLUMNS,
    file_name,
    identity_of,
    of_own_units,
)
from app.systems.delegates.slate_lists import of_own_congresses

Row = Mapping[str, Any]
WITHDRAW_REJECTION = Words(
    "撤销后回到初审待审核，由您重新审核。确定撤销？",
    "It goes back to the first review, to be reviewed again. Withdraw?",
)
UPLOAD = Words("上传文件", "Upload")


def _people(acting: Acting, scope: ColumnElement[bool], *which: str) -> Rows:
    """Candidates at the stages `which`, within a scope, with what every list of reviewing shows of them."""
    editable = case((Instance.stage_zh == candidates.FINAL_REJECTED, Candidate.instance_id), else_=null())
    return (
        select(
            Candidate.id,
            Candidate.instance_id,
            editable.label("editable"),
            Candidate.name,
            Candidate.phone,
            Candidate.identity,
            Candidate.gender,
            Candidate.ethnicity,
            Candidate.party,
            Candidate.second_party,
            Candidate.born_on,
            Candidate.age,
            Candidate.submitted_at,
            Candidate.facts,
            Unit.name.label("unit"),
            Congress.name.label("congress"),
            Instance.stage_zh,
            Instance.stage_en,
        )
        .join(Congress, Congress.id == Candidate.congress_id)
        .join(Unit, Unit.id == Candidate.unit_id)
        .join(Instance, Instance.id == Candidate.instance_id)
        .where(Candidate.removed_at.is_(None), Instance.stage_zh.in_(which), scope)
    )


def first_reviews(session: Session, acting: Acting, now: datetime) -> Rows:
    """初审待审核 of one's own units (D-18, D-44)."""
    return _people(acting, of_own_units(acting), candidates.IN_FIRST_REVIEW)


def rejections(session: Session, acting: Acting, now: datetime) -> Rows:
    """初审审核不通过 of one's own units (D-24)."""
    return _people(acting, of_own_units(acting), candidates.FIRST_REJECTED)


def waiting(session: Session, acting: Acting, now: datetime) -> Rows:
    """初审通过待上报 of one's own units (D-26)."""
    return _people(acting, of_own_units(acting), candidates.FIRST_PASSED)


def reported(session: Session, acting: Acting, now: datetime) -> Rows:
    """The three states of 已上报 of one's own units (D-36)."""
    return _people(acting, of_own_units(acting), *sorted(candidates.REPORTED))


def final_reviews(session: Session, acting: Acting, now: datetime) -> Rows:
    """Everybody who was reported to one's own congresses (D-39)."""
    return _people(acting, of_own_congresses(acting), *sorted(candidates.REPORTED))


def _detail(row: Row, acting: Acting) -> Sequence[Verb]:
    return (Verb(Words("详情", "Details"), f"/delegates/candidates/{row['id']}"),)


def _withdrawable(row: Row, acting: Acting) -> Sequence[Verb]:
    address = f"/delegates/candidates/{row['id']}/withdraw"
    withdraw = Verb(Words("撤销", "Withdraw"), address, posts=True, confirm=WITHDRAW_REJECTION)
    return (*_detail(row, acting), withdraw)


def _attached(row: Row) -> Linked:
    count = row["attachments"]
    said = Words(f"{UPLOAD.zh}（{count}）", f"{UPLOAD.en} ({count})") if count else UPLOAD
    return Linked(said, f"/delegates/candidates/{row['id']}/files")


def _with_attachments(session: Session, rows: Sequence[Row]) -> Sequence[Row]:
    found = attachments.counts(session, [row["id"] for row in rows])
    return [{**row, "attachments": found.get(row["id"], 0)} for row in rows]


def _convened(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    rows = session.execute(
        select(Congress.id, Congress.name)
        .where(Congress.published_at.is_not(None), of_own_congresses(acting))
        .order_by(Congress.published_at.desc(), Congress.id)
    )
    return [(row.id, Words(row.name, row.name)) for row in rows]


def _invited(session: Session, acting: Acting) -> Sequence[tuple[str, Words]]:
    """推荐单位: the units that recommend to one's own congresses."""
    recommends = (
        select(Candidate.id)
        .join(Congress, Congress.id == Candidate.congress_id)
        .where(Candidate.unit_id == Unit.id, of_own_congresses(acting))
        .exists()
    )
    rows = session.execute(select(Unit.id, Unit.name).where(recommends).order_by(Unit.name, Unit.id))
    return [(row.id, Words(row.name, row.name)) for row in rows]


def _stages(*which: str) -> Sequence[tuple[str, Words]]:
    return [(stage, stages.WORDS[stage]) for stage in which]


CONGRESS = replace(BY_CONGRESS, title=Words("代表大会", "Congress"))
FILTERS: Final = (
    CONGRESS,
    BY_IDENTITY,
    BY_NAME,
    Filter(
        "ethnicity",
        Words("民族", "Ethnicity"),
        "choice",
        lambda code, now: Candidate.ethnicity == code,
        lambda session, acting: choices.offered(choices.ETHNICITIES),
    ),
    Filter(
        "occupation",
        Words("职业类别", "Occupation"),
        "choice",
        lambda code, now: Candidate.occupation == code,
        lambda session, acting: choices.occupations(),
    ),
    Filter(
        "occupation_kind",
        Words("职业类别（二级）", "Occupation, second level"),
        "choice",
        lambda code, now: Candidate.occupation_kind == code,
        lambda session, acting, above: choices.kinds_of(above),
        under="occupation",
    ),
    Filter(
        "party",
        Words("党派", "Party"),
        "choice",
        lambda code, now: or_(Candidate.party == code, Candidate.second_party == code),
        lambda session, acting: choices.offered(choices.PARTIES),
    ),
    Filter(
        "submitted",
        Words("提交时间", "Submitted"),
        "period",
        lambda period, now: during(Candidate.submitted_at, period),
    ),
)
"""The filters of PG-D5, which the other lists share (D-19, D-46)."""
STATE: Final = Column("stage", Words("状态", "State"), value=stages.chip, card="mark")
PERSON: Final = (
    *COLUMNS,
    Column("identity", Words("身份", "Role"), value=identity_of, card="named"),
    Column("submitted_at", Words("提交时间", "Submitted"), kind="moment", sort=Candidate.submitted_at),
    Column("phone", Words("手机", "Phone"), mask="phone", hidden_at_first=True, card="named"),
    Column(
        "id_number",
        Words("证件号", "ID number"),
        value=lambda row: (row["facts"] or {}).get("id_number"),
        mask="id",
        hidden_at_first=True,
        card="named",
    ),
    STATE,
)
"""The columns of PG-D5; phone and ID number are there for whoever wants them, masked (D-47)."""
ORDER: Final = (Candidate.submitted_at.desc(), Candidate.id)

FIRST_REVIEW = List(
    key="first_review",
    title=Words("代表委员待审核", "Awaiting first review"),
    search=stages.SEARCH,
    columns=PERSON,
    query=first_reviews,
    order=ORDER,
    filters=FILTERS,
    permission="d.person.review",
    row="id",
    instance="instance_id",
    work=Words("审批", "Review"),
    together=Words("批量审核", "Review together"),
    verbs=_detail,
    file_name=file_name,
    empty=Words("没有待审核的人员。", "Nobody awaits review."),
)
REJECTED = List(
    key="rejected",
    title=Words("代表、委员候选人审核不通过列表", "Rejected candidates"),
    search=stages.SEARCH,
    columns=PERSON,
    query=rejections,
    order=ORDER,
    filters=FILTERS,
    permission="d.person.review",
    row="id",
    verbs=_withdrawable,
    file_name=file_name,
    empty=Words("没有初审不通过的人员。", "Nobody was rejected."),
)
WAITING = List(
    key="waiting",
    title=Words("代表委员审核通过待上报", "Passed, waiting to be reported"),
    search=stages.SEARCH,
    columns=(*PERSON, Column("attachments", Words("附件", "Files"), value=_attached, card="named")),
    query=waiting,
    order=ORDER,
    filters=FILTERS,
    permission="d.slate.report",
    row="id",
    verbs=_withdrawable,
    more=_with_attachments,
    file_name=file_name,
    empty=Words("没有待上报的人员。", "Nobody waits to be reported."),
)
REPORTED = List(
    key="reported",
    title=Words("审核通过已上报", "Reported"),
    search=stages.SEARCH,
    columns=PERSON,
    query=reported,
    order=ORDER,
    filters=(
        *FILTERS,
        Filter(
            "stage",
            Words("状态", "State"),
            "choice",
            lambda code, now: Instance.stage_zh == code,
            lambda session, acting: _stages(*stages.AFTER_REPORT),
        ),
    ),
    permission="d.slate.report",
    tabs=slate_lists.tabs,
    acts=(Act(Words("导出登记表", "Registration forms"), "/delegates/reported/forms"),),
    row="id",
    instance="editable",
    work=Words("编辑", "Edit"),
    verbs=_detail,
    file_name=file_name,
    empty=Words("还没有上报的人员。", "Nobody has been reported yet."),
)
FINAL_REVIEW = List(
    key="final_review",
    title=Words("终审", "Final review"),
    search=stages.SEARCH,
    columns=PERSON,
    query=final_reviews,
    order=ORDER,
    filters=(
        replace(CONGRESS, choices=_convened),
        Filter(
            "unit",
            Words("推荐单位", "Unit"),
            "choice",
            lambda code, now: Candidate.unit_id == code,
            _invited,
        ),
        *FILTERS[1:],
        Filter(
            "stage",
            Words("状态", "State"),
            "choice",
            lambda code, now: Instance.stage_zh == code,
            lambda session, acting: _stages(*stages.AFTER_REPORT),
            default=candidates.IN_FINAL_REVIEW,
        ),
    ),
    permission="d.person.decide",
    tabs=slate_lists.tabs,
    acts=(Act(Words("导出登记表", "Registration forms"), "/delegates/reported/forms"),),
    row="id",
    instance="instance_id",
    work=Words("审批", "Review"),
    together=Words("批量审批", "Review together"),
    verbs=_detail,
    file_name=file_name,
    empty=Words("没有待终审的人员。", "Nobody awaits the final review."),
)
LISTS = (FIRST_REVIEW, REJECTED, WAITING, REPORTED, FINAL_REVIEW, *slate_lists.LISTS)
