"""撤销: a unit takes back what its first review decided, until the person has resubmitted or the slate is reported."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import messages
from app.systems.delegates import candidates, recommending

WITHDRAWABLE: Final = frozenset({candidates.FIRST_REJECTED, candidates.FIRST_PASSED})
IS_REPORTED = Words("已上报，不能撤销", "Reported already: it cannot be withdrawn")
IN_REVIEW = Words("该人员已在待审核中，无需撤销", "It awaits review already: there is nothing to withdraw")
NOTHING = Words("没有可以撤销的审核结果", "There is no result to withdraw")


def withdraw(session: Session, candidate: str, by: Acting, now: datetime) -> None:
    """Put a candidate of one's own unit back to 初审待审核 (D-25, D-27).

    Raises `Unknown`, and `Refused` once it is resubmitted or reported (D-34).
    """
    with transaction(session):
        row = recommending.own(session, candidate, by)
        reached = messages.send(session, candidates.WITHDRAW, row.id, {"candidate_id": row.id}, by, now)
        if reached != 1:
            raise Refused(*why_not(candidates.stage_of(session, row)))


def why_not(stage: str | None) -> Words:
    """Why a candidate at `stage` has nothing to withdraw."""
    if stage in candidates.REPORTED:
        return IS_REPORTED
    return IN_REVIEW if stage == candidates.IN_FIRST_REVIEW else NOTHING
