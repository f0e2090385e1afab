"""Candidates: who holds a seat, what the registration form says of them, and what their chain calls its states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity import units
from app.platform.runtime.entities import Instance
from app.systems.delegates import choices, rules
from app.systems.delegates.entities import Allotted, Candidate, Congress, Invitation

PROCESS: Final = "delegates_person_review"
FORM: Final = "delegates/registration"
RECOMMENDED: Final = "delegates_recommended"
REPORT: Final = "delegates_report"
WITHDRAW: Final = "delegates_withdraw"
REMOVE: Final = "delegates_remove"

TO_FILL: Final = "待填写"
IN_FIRST_REVIEW: Final = "初审待审核"
FIRST_REJECTED: Final = "初审审核不通过"
FIRST_PASSED: Final = "初审通过待上报"
IN_FINAL_REVIEW: Final = "初审通过已上报/终审待审核"
FINAL_PASSED: Final = "终审审核通过"
FINAL_REJECTED: Final = "终审审核不通过"
REMOVED: Final = "已注销"
BEFORE_REPORT: Final = frozenset({TO_FILL, IN_FIRST_REVIEW, FIRST_REJECTED, FIRST_PASSED})
"""The stages before a candidate is reported."""
REMOVABLE: Final = BEFORE_REPORT | {FINAL_REJECTED}
"""While a candidate may be removed: not once he is reported, but again after a final rejection (D-14, D-40)."""
REPORTED: Final = frozenset({IN_FINAL_REVIEW, FINAL_PASSED, FINAL_REJECTED})

LOCAL: Final = ZoneInfo("Asia/Shanghai")
COLUMNS: Final = ("gender", "ethnicity", "party", "second_party", "occupation", "is_grassroots")
"""Fields of the form that have a column of their own name; `born_on` and `photo` have one too."""
OWN: Final = frozenset({"congress_name", "unit_name", "full_name", "phone", "identity", "age"})
"""What the form shows and nobody writes there."""
AT_FIRST: Final[Mapping[str, Any]] = {
    "ethnicity": rules.HAN,
    "nationality": choices.NATIONALITY,
    "id_type": "resident_id",
}


def get(session: Session, candidate: str) -> Candidate | None:
    """A candidate, removed ones too."""
    return session.get(Candidate, candidate)


def of_instance(session: Session, instance: str) -> Candidate:
    """The candidate a chain is about."""
    return session.execute(select(Candidate).where(Candidate.instance_id == instance)).scalar_one()


def stage_of(session: Session, candidate: Candidate) -> str | None:
    """What pages call where its chain stands."""
    return session.scalar(select(Instance.stage_zh).where(Instance.id == candidate.instance_id))


def quota(session: Session, congress: str, unit: str) -> dict[str, rules.Allotment]:
    """What a unit is allotted at a congress; nothing where nothing is configured (D-48)."""
    rows = session.execute(
        select(Allotted.identity, Allotted.seats, Allotted.minimums)
        .join(Invitation, Invitation.id == Allotted.invitation_id)
        .where(Invitation.congress_id == congress, Invitation.unit_id == unit)
    )
    return {row.identity: rules.Allotment(row.seats, row.minimums) for row in rows}


def seated(session: Session, congress: str, unit: str) -> list[str]:
    """The identities of everybody of a unit who holds a seat: rejected ones too, removed ones not (2.8 answer 5)."""
    return list(
        session.scalars(
            select(Candidate.identity).where(
                Candidate.congress_id == congress,
                Candidate.unit_id == unit,
                Candidate.removed_at.is_(None),
            )
        )
    )


def local_day(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(LOCAL).date()


def standing_of(candidate: Candidate, congress: Congress, now: datetime) -> rules.Standing:
    """What the minimums ask of a candidate, at the congress's reference day or at submission (D-41)."""
    submitted = local_day(candidate.submitted_at or now)
    age = rules.age_of(candidate.born_on, congress.age_on, submitted) if candidate.born_on else None
    return rules.Standing(
        identity=candidate.identity,
        is_grassroots=bool(candidate.is_grassroots),
        age=age,
        ethnicity=candidate.ethnicity or rules.HAN,
        parties=tuple(party for party in (candidate.party, candidate.second_party) if party),
        gender=candidate.gender or "",
    )


def title_of(candidate: Candidate, congress: Congress) -> str:
    """`姓名 · 身份 · 大会`, what the inbox calls the chain."""
    return f"{candidate.name} · {rules.IDENTITIES[candidate.identity][0]} · {congress.name}"


def values_of(session: Session, candidate: str) -> dict[str, Any]:
    """Everything the registration form shows, under its field names."""
    row = session.get(Candidate, candidate)
    if row is None:
        return {}
    congress, unit = session.get_one(Congress, row.congress_id), units.get(session, row.unit_id)
    values: dict[str, Any] = dict(AT_FIRST) if row.facts is None else {}
    values |= dict(row.facts or {})
    values |= {name: getattr(row, name) for name in COLUMNS if getattr(row, name) is not None}
    values |= {
        "congress_name": congress.name,
        "unit_name": unit.name if unit else "",
        "full_name": row.name,
        "phone": row.phone,
        "identity": row.identity,
        "photo": [row.photo_id] if row.photo_id else [],
        "born_on": row.born_on.isoformat() if row.born_on else None,
        "age": row.age,
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def write(session: Session, candidate: str, values: Mapping[str, Any]) -> None:
    """Write the changed fields of the form to the candidate; joins the verb."""
    row = session.get_one(Candidate, candidate)
    first = AT_FIRST if row.facts is None else {}  # what was shown then and left as it was is said, too
    changed = {name: value for name, value in {**first, **values}.items() if name not in OWN}
    for name in COLUMNS:
        if name in changed:
            value = changed.pop(name)
            setattr(row, name, None if value == "" else value)
    if "photo" in changed:
        row.photo_id = next(iter(changed.pop("photo") or ()), None)
    if "born_on" in changed:
        day = changed.pop("born_on")
        row.born_on = date.fromisoformat(str(day)) if day else None
    facts = dict(row.facts or {}) | changed
    row.facts = {name: value for name, value in facts.items() if value not in (None, "", [])}
    kind = choices.KIND_FIELDS.get(row.occupation or "")
    row.occupation_kind = row.facts.get(kind) if kind else None
    count_age(row)
    session.flush()


def count_age(row: Candidate) -> None:
    """Count the age at submission (D-42); before that there is none."""
    known = row.born_on is not None and row.submitted_at is not None
    row.age = rules.age_at(row.born_on, local_day(row.submitted_at)) if known else None  # type: ignore[arg-type]
