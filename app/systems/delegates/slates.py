"""Slates: what a unit submits against what it was allotted, and 全部上报, which sends all of it or nothing (D-30…D-34).

A slate is the envelope of one report: an instance of PR-D3 with a number, a covering letter and the frozen roster. The
invitation's row is locked first, then the slate's instance, then those of the unit's candidates by their ids: what
was counted is what is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import forms
from app.platform.data import transaction
from app.platform.identity import places
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import asking, drafts, messages, tasks
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.errors import Unknown
from app.systems.delegates import candidates, rules, stages
from app.systems.delegates.entities import Candidate, Congress, Invitation, Slate
from app.systems.delegates.roles import LIAISON

PROCESS: Final = "delegates_slate_report"
BEGUN: Final = "delegates_slate_begun"
NEVER: Final = datetime(2999, 12, 31, tzinfo=UTC)
"""The deadline of a congress that has set none: a timer must have a moment."""
LATE = Words("已过上报截止时间，不能上报", "Reporting is closed: the deadline has passed")
NOBODY = Words("没有待上报的人员", "Nobody waits to be reported")
NOT_ALLOTTED = Words("尚未分配名额", "No seats are allotted yet")


class NotGreen(Refused):
    """The slate was not reported: `reasons` names each indicator that is red (D-31)."""

    def __init__(self, reasons: Sequence[Words]) -> None:
        super().__init__("；".join(one.zh for one in reasons), "; ".join(one.en for one in reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Figures:
    """The indicators of a unit's slate, how many of it wait to be reported, and the setting they are judged by."""

    indicators: tuple[rules.Indicator, ...]
    waiting: int
    must_fill: bool

    @property
    def red(self) -> tuple[rules.Indicator, ...]:
        """Those that forbid the report."""
        return tuple(one for one in self.indicators if not one.is_met)


@dataclass(frozen=True, slots=True)
class Reported:
    """What came of 全部上报: the slate, its number, and how many it carried."""

    slate: str
    number: str
    count: int


def report_all(
    session: Session, congress: str, unit: str, letter: str, by: Acting, now: datetime
) -> Reported:
    """Report everybody of the unit who waits, or nobody (D-31, D-33).

    Raises `Unknown` where the unit is not invited or is not one of `by`'s, `Refused` after the deadline (D-45) and
    where nobody waits, `NotGreen` where an indicator is red: the slate is back at 核对名额 and nobody was reported.
    """
    with transaction(session):
        invitation = lock(session, congress, unit, by)
        mind_deadline(session, congress, now)
        instance = _open(session, invitation, by, now)
        _decide(session, instance, "check", "checked", {}, by, now)
        _decide(session, instance, "report", "report", {"letter": [letter]}, by, now)
        slate = session.execute(select(Slate).where(Slate.instance_id == instance)).scalar_one()
        session.refresh(slate)
        if slate.reported_at is not None:
            drafts.drop(session, f"slate:{invitation.id}", by.person)
            count = sum(bool(one["new"]) for one in slate.roster or ())
            return Reported(slate.id, slate.number, count)
        red = _variable(session, instance, "red")
        reasons = reasons_of(red, figures(session, congress, unit, now))
    raise NotGreen(reasons)  # only now: that it was tried, and why it failed, stays written


def lock(session: Session, congress: str, unit: str, by: Acting, *, nowait: bool = False) -> Invitation:
    """The unit's invitation, locked until the commit. Raises `Unknown` unless `by` is a liaison of the unit."""
    if unit not in units_of(by):
        raise Unknown(congress)
    found = session.scalars(
        select(Invitation)
        .where(Invitation.congress_id == congress, Invitation.unit_id == unit)
        .with_for_update(nowait=nowait)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Unknown(congress)
    return found


def units_of(by: Acting) -> tuple[str, ...]:
    """The units whose liaison `by` is, by id."""
    held = (places.unit_of(post.place) for post in by.holds(LIAISON))
    return tuple(dict.fromkeys(unit for unit in held if unit))


def mind_deadline(session: Session, congress: str, now: datetime) -> None:
    """Raise `Refused` when the congress takes no reports any more (D-45)."""
    report_by, ended_at = session.execute(
        select(Congress.report_by, Congress.ended_at).where(Congress.id == congress)
    ).one()
    if is_late(report_by, ended_at, now):
        raise Refused(*LATE)


def is_late(report_by: datetime | None, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a congress takes no reports any more: it is over, or its deadline has passed (D-45)."""
    return ended_at is not None or (report_by is not None and now > report_by)


def members(session: Session, congress: str, unit: str, which: Sequence[str] = stages.SLATE) -> Sequence[Any]:
    """The unit's candidates at the stages `which` with stage and instance, by the ids of their instances."""
    return session.execute(
        select(Candidate, Instance.stage_zh)
        .join(Instance, Instance.id == Candidate.instance_id)
        .where(
            Candidate.congress_id == congress,
            Candidate.unit_id == unit,
            Candidate.removed_at.is_(None),
            Instance.stage_zh.in_(which),
        )
        .order_by(Candidate.instance_id)
        .execution_options(populate_existing=True)
    ).all()


def figures(session: Session, congress: str, unit: str, now: datetime) -> Figures:
    """The indicators of the unit's whole slate: 待上报 and already reported, not 终审审核不通过 (D-30, D-33)."""
    about = session.get_one(Congress, congress)
    there = members(session, congress, unit)
    return Figures(
        tuple(
            rules.indicators(
                candidates.quota(session, congress, unit),
                [candidates.standing_of(candidate, about, now) for candidate, _ in there],
                must_fill=about.must_fill,
                counts_45=about.counts_45,
            )
        ),
        sum(stage == candidates.FIRST_PASSED for _, stage in there),
        about.must_fill,
    )


def reasons_of(red: str | None, found: Figures) -> list[Words]:
    """The words of each key that the table named; what a designer named himself is said as he wrote it (D-31)."""
    known = {one.key: one for one in found.indicators}
    named = [key.strip() for key in (red or "").split(",") if key.strip()]
    return [
        Words(*rules.refusal(known[key], must_fill=found.must_fill)) if key in known else Words(key, key)
        for key in named
    ]


def open_slate_of(session: Session, congress: str, unit: str) -> str | None:
    """The instance of the unit's slate that is being prepared, or None."""
    return session.scalar(
        select(Slate.instance_id)
        .join(Instance, Instance.id == Slate.instance_id)
        .where(
            Slate.congress_id == congress,
            Slate.unit_id == unit,
            Slate.reported_at.is_(None),
            Instance.state == "running",
        )
        .order_by(Slate.serial.desc())
        .limit(1)
    )


def unsent(session: Session, congress: str, unit: str) -> Slate | None:
    """The unit's report that is being prepared, or was when the deadline closed it; None where all were sent."""
    return session.scalars(
        select(Slate)
        .where(Slate.congress_id == congress, Slate.unit_id == unit, Slate.reported_at.is_(None))
        .order_by(Slate.serial.desc())
        .limit(1)
    ).one_or_none()


def keep_letter(session: Session, invitation: str, letter: str, by: Acting, now: datetime) -> None:
    """Keep the letter of a report that was refused, until it is sent."""
    drafts.keep(session, f"slate:{invitation}", {"values": {"letter": letter}}, by, now)


def letter_of(session: Session, invitation: str, congress: str, unit: str, by: Acting) -> str:
    """The covering letter as far as it is: what `by` has typed last and not sent, or what another tried to send."""
    slate = unsent(session, congress, unit)
    step = slate and session.scalar(
        select(Task.id)
        .where(Task.instance_id == slate.instance_id, Task.element == "report")
        .order_by(Task.opened_at.desc(), Task.id.desc())
        .limit(1)
    )
    kept = [drafts.of(session, about, by) for about in (step, f"slate:{invitation}") if about]
    for draft in sorted(filter(None, kept), key=lambda one: one.saved_at, reverse=True):
        if (typed := draft.values.get("values", {}).get("letter")) is not None:
            return str(typed)
    return slate.letter if slate else ""


def _open(session: Session, invitation: Invitation, by: Acting, now: datetime) -> str:
    """The unit's open slate, or a new one."""
    found = open_slate_of(session, invitation.congress_id, invitation.unit_id)
    if found is not None:
        return found
    congress = session.get_one(Congress, invitation.congress_id)
    post = next(post for post in by.holds(LIAISON) if places.unit_of(post.place) == invitation.unit_id)
    data = {"congress": congress.id, "unit": invitation.unit_id, "convener": congress.unit_id}
    messages.send(session, BEGUN, invitation.id, data, replace(by, post=post), now)
    opened = open_slate_of(session, invitation.congress_id, invitation.unit_id)
    assert opened is not None  # the hook that the message leads to has written it
    return opened


def _decide(
    session: Session,
    instance: str,
    element: str,
    outcome: str,
    sent: dict[str, list[str]],
    by: Acting,
    now: datetime,
) -> None:
    """Decide the slate's step as the person himself would; a step that is not open was decided before."""
    task = session.scalar(
        select(Task.id).where(Task.instance_id == instance, Task.element == element, Task.state == "open")
    )
    if task is None:
        return
    view = tasks.get(session, task, by, now)
    entry = None
    if view.form is not None:
        given = asking.at_task(session, view, lambda _: None, by, now, outcome)
        entry = forms.read(view.form, sent, given)
        if entry.complaints:
            first = entry.complaints[0]
            raise Refused(first.message("zh"), first.message("en"))
    tasks.complete(session, task, entry, tasks.Decision(outcome, revision=view.revision), by, now)


def _variable(session: Session, instance: str, name: str) -> Any:
    variables = session.scalar(select(Instance.variables).where(Instance.id == instance))
    return (variables or {}).get(name)
