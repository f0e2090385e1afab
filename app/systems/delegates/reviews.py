"""What the reviews made of a candidate: who said what, and when (EN-D5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.platform.registry import Words
from app.platform.runtime import history

KINDS: Final = {"first_review": Words("初审", "First review"), "final_review": Words("终审", "Final review")}
RESULTS: Final = {
    "pass": Words("通过", "Passed"),
    "reject": Words("驳回", "Rejected"),
    "fail": Words("不通过", "Rejected"),
}


@dataclass(frozen=True, slots=True)
class Review:
    """A record of review: 审批类型, 审批结果, 意见, who and when."""

    kind: Words
    result: Words
    opinion: str
    by: str
    at: datetime
    is_good: bool


def of(session: Session, instance: str) -> list[Review]:
    """Every review of a candidate's chain, the first first. One statement."""
    return [
        Review(
            KINDS[row.element],
            RESULTS[row.outcome],
            str(row.body.get("comment") or ""),
            row.by_name,
            row.at,
            row.outcome == "pass",
        )
        for row in history.of(session, instance)
        if row.kind == "decided" and row.element in KINDS and row.outcome in RESULTS
    ]
