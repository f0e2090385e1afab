"""What the pages call a candidate's state: the stages that PR-D2 is drawn with, as words, tones and sets (2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.platform.lists import Chip
from app.platform.registry import Words

TO_FILL: Final = "待填写"
FIRST_REVIEW: Final = "初审待审核"
REJECTED: Final = "初审审核不通过"
WAITING: Final = "初审通过待上报"
REPORTED: Final = "初审通过已上报/终审待审核"
PASSED: Final = "终审审核通过"
FAILED: Final = "终审审核不通过"
SLATE: Final = (WAITING, REPORTED, PASSED)
"""Who counts for the indicators: 待上报 and already reported, not 终审审核不通过 (D-33)."""
SEEN_REPORTED: Final = (REPORTED, PASSED, FAILED)
"""审核通过已上报 shows exactly these three (D-36)."""
CHIPS: Final[Mapping[str, Chip]] = {
    TO_FILL: Chip(Words(TO_FILL, "To be filled in")),
    FIRST_REVIEW: Chip(Words(FIRST_REVIEW, "Awaiting first review"), "waiting"),
    REJECTED: Chip(Words(REJECTED, "Rejected at first review"), "bad"),
    WAITING: Chip(Words(WAITING, "Passed first review, to be reported"), "info"),
    REPORTED: Chip(Words(REPORTED, "Reported, awaiting final review"), "waiting"),
    PASSED: Chip(Words(PASSED, "Passed final review"), "good"),
    FAILED: Chip(Words(FAILED, "Failed final review"), "bad"),
}


def chip(row: Mapping[str, Any]) -> Chip:
    """状态 of a row that carries its instance's stage."""
    stage = row["stage_zh"] or ""
    return CHIPS.get(stage, Chip(Words(stage, row["stage_en"] or stage)))
