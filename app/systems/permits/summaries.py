"""The summary of a district in a project: what it counts, what it lists, and how it hears of declarations (P-31, P-36).

It is generated when at least one declaration was reviewed and none waits for review. That is asked of the declarations'
stages, each time and under locks; the messages only wake the process (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.identity import regions
from app.platform.registry import Acting, Post
from app.platform.runtime import messages, policy
from app.platform.runtime.entities import Instance, Task
from app.systems.permits import rules
from app.systems.permits.entities import Declaration, ReviewTurn, Summary, SummaryUpload
from app.systems.permits.roles import DISTRICT_ADMIN

PROCESS = "permits_district_summary"
TEMPLATE = "permits/district_summary"
OPENED = "permits_summary_opened"
REVIEW_DONE = "permits_review_done"
SUBMITTED = "permits_declaration_submitted"
DELETED = "permits_summary_upload_deleted"
UPLOADED, CONFIRMED = "已上传", "已确认"
TO_PRINT = "待打印"
AWAITING_UPLOAD = (TO_PRINT, "待上传")
PRINTED = (*AWAITING_UPLOAD, UPLOADED, CONFIRMED)
_turn, _summary, _instance = ReviewTurn.__table__, Summary.__table__, Instance.__table__


@dataclass(frozen=True, slots=True)
class Counts:
    """Declarations of a project and district: waiting for the district's review, passed by it, failed by it."""

    pending: int
    passed: int
    failed: int

    @property
    def is_complete(self) -> bool:
        """Whether every submitted declaration is reviewed, and at least one was (P-31, question 3)."""
        return not self.pending and bool(self.passed + self.failed)


def correlation(project: str, district: str) -> str:
    """What messages about a project and district are correlated by."""
    return f"{project}/{district}"


def counts(session: Session, project: str, district: str) -> Counts:
    """Count the declarations by what the district's review made of them. One statement."""
    found = dict(
        session.execute(
            select(Instance.stage_zh, func.count())
            .select_from(Declaration)
            .join(Instance, Instance.id == Declaration.instance_id)
            .where(Declaration.project_id == project, Declaration.district == district)
            .group_by(Instance.stage_zh)
        ).all()
    )

    def of(stages: frozenset[str]) -> int:
        return sum(count for stage, count in found.items() if stage in stages)

    return Counts(of(rules.IN_DISTRICT_REVIEW), of(rules.DISTRICT_PASSED), of(rules.DISTRICT_FAILED))


def rows(session: Session, project: str, district: str) -> list[dict[str, str]]:
    """What the summary lists, by number: reviewed declarations with result and recommendation (P-32, question 5)."""
    found = session.execute(
        select(
            Declaration.number,
            Declaration.team_name,
            Declaration.category,
            Declaration.group,
            Declaration.recommendation,
            Instance.stage_zh,
        )
        .join(Instance, Instance.id == Declaration.instance_id)
        .where(
            Declaration.project_id == project,
            Declaration.district == district,
            Instance.stage_zh.in_(sorted(rules.DISTRICT_REVIEWED)),
        )
        .order_by(Declaration.number)
    )
    return [
        {
            "number": row.number,
            "team": row.team_name or "",
            "category": row.category,
            "group": row.group,
            "result": rules.review_words(row.stage_zh),
            "recommendation": (row.recommendation or "") if row.stage_zh in rules.DISTRICT_PASSED else "",
        }
        for row in found
    ]


def is_current_upload() -> ColumnElement[bool]:
    """Of uploads: not put aside."""
    return SummaryUpload.aside_at.is_(None)


def is_uploaded(session: Session, project: str, district: str) -> bool:
    """Whether the district's newest summary is uploaded or confirmed: then its reviews are locked (P-35)."""
    newest = (
        select(Summary.id)
        .where(Summary.project_id == project, Summary.district == district)
        .order_by(Summary.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        session.scalar(
            select(SummaryUpload.id)
            .join(Summary, Summary.id == SummaryUpload.summary_id)
            .join(Instance, Instance.id == Summary.instance_id)
            .where(Summary.id == newest, is_current_upload(), Instance.stage_zh.in_((UPLOADED, CONFIRMED)))
            .limit(1)
        )
        is not None
    )


def declarations_changed(
    session: Session, project: str, district: str, by: Acting, now: datetime, *, was_reviewed: bool
) -> None:
    """Let the summary hear that a declaration's part in it is another one; joins the transaction that changed it.

    `was_reviewed`: it has left the district's review, however it did. To be called when the declaration's instance
    says so already. Locks the pair's turn and then the live summary's instance until the commit.
    """
    live, about = hold(session, project, district), correlation(project, district)
    if live is None:
        there = counts(session, project, district)
        if there.pending or (
            was_reviewed and there.is_complete
        ):  # the latter where one was cancelled by hand
            _open(session, project, district, now)
    elif not was_reviewed:
        messages.send(session, SUBMITTED, about, {}, by, now)
    elif counts(session, project, district).is_complete:
        messages.send(session, REVIEW_DONE, about, {}, by, now)


def hold(session: Session, project: str, district: str) -> str | None:
    """Lock the pair's turn and its live summary's instance until the commit; return that, None where there is none.

    What is read of the summary after it stays true: an upload that is being written is waited for.
    """
    _take_turn(session, project, district)
    return _lock_live(session, project, district)


def _take_turn(session: Session, project: str, district: str) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"project_id": project, "district": district}
    session.execute(insert(ReviewTurn).values(**values).on_conflict_do_nothing())
    session.execute(
        select(_turn).where(_turn.c.project_id == project, _turn.c.district == district).with_for_update()
    ).one()


def _lock_live(session: Session, project: str, district: str) -> str | None:
    """The instance of the live summary, locked, or None; asked again where it ended while this waited for the lock."""
    live = select(_summary.c.instance_id).where(
        _summary.c.project_id == project, _summary.c.district == district, _summary.c.closed_at.is_(None)
    )
    found = session.scalar(live)
    if found is None:
        return None
    session.execute(select(_instance.c.id).where(_instance.c.id == found).with_for_update())
    return session.scalar(live)


def _open(session: Session, project: str, district: str, now: datetime) -> None:
    """Start the summary's process in nobody's name: whoever submitted first has no business with it."""
    place = regions.path_of(session, district)
    system = Acting("", "", "", post=Post("", DISTRICT_ADMIN, place, project))
    data = {"project": project, "district": district}
    messages.send(session, OPENED, correlation(project, district), data, system, now)


def newest(session: Session, project: str, district: str) -> Any:
    """The pair's newest summary with its instance's stage and state, or None where nothing was ever submitted."""
    return session.execute(
        select(
            Summary.id,
            Summary.instance_id,
            Summary.opened_at,
            Summary.closed_at,
            Instance.stage_zh,
            Instance.stage_en,
            Instance.state,
        )
        .join(Instance, Instance.id == Summary.instance_id)
        .where(Summary.project_id == project, Summary.district == district)
        .order_by(Summary.id.desc())
        .limit(1)
    ).one_or_none()


def uploads(session: Session, project: str, district: str) -> Iterator[Any]:
    """All uploads of a pair, newest first, those put aside as well (P-36)."""
    yield from session.execute(
        select(
            SummaryUpload.id,
            SummaryUpload.file_id,
            SummaryUpload.uploaded_by,
            SummaryUpload.uploaded_at,
            SummaryUpload.aside_at,
            SummaryUpload.aside_because,
            Summary.instance_id,
        )
        .join(Summary, Summary.id == SummaryUpload.summary_id)
        .where(and_(Summary.project_id == project, Summary.district == district))
        .order_by(SummaryUpload.id.desc())
    )


def waiting_for_the_city(session: Session, by: Acting, now: datetime) -> int:
    """How many summaries wait for this person's confirmation: the badge of 汇总表 (C-37), exact to 999."""
    waiting = (
        select(Task.id)
        .where(Task.process == PROCESS, Task.element == "city_confirm", policy.workable(by))
        .limit(1000)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(waiting)) or 0
