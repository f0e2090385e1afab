"""How pages show where a candidate's chain stands: which stages a list holds, and the look of each (2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.platform.lists import Chip
from app.platform.registry import Words
from app.systems.delegates import candidates

SEARCH: Final = Words("搜索", "Search")
"""What every list of delegates calls the button beside 重置 (PG-D3, PG-D5)."""
SLATE: Final = (candidates.FIRST_PASSED, candidates.IN_FINAL_REVIEW, candidates.FINAL_PASSED)
"""Who counts for the indicators: 待上报 and already reported, not 终审审核不通过 (D-33)."""
AFTER_REPORT: Final = (candidates.IN_FINAL_REVIEW, candidates.FINAL_PASSED, candidates.FINAL_REJECTED)
"""What 审核通过已上报 shows, in the order of its filter (D-36)."""
WORDS: Final[Mapping[str, Words]] = {
    candidates.IN_FINAL_REVIEW: Words(candidates.IN_FINAL_REVIEW, "Awaiting final review"),
    candidates.FINAL_PASSED: Words(candidates.FINAL_PASSED, "Final review passed"),
    candidates.FINAL_REJECTED: Words(candidates.FINAL_REJECTED, "Rejected at final review"),
}
TONES: Final[Mapping[str, str]] = {
    candidates.IN_FIRST_REVIEW: "waiting",
    candidates.FIRST_REJECTED: "bad",
    candidates.FIRST_PASSED: "info",
    candidates.IN_FINAL_REVIEW: "waiting",
    candidates.FINAL_PASSED: "good",
    candidates.FINAL_REJECTED: "bad",
}


def chip(row: Mapping[str, Any]) -> Chip:
    """状态 of a row that carries its instance's stage."""
    stage = row["stage_zh"] or ""
    words = Words(stage, row["stage_en"] or stage)
    return Chip(words, TONES.get(stage, "plain"))  # type: ignore[arg-type]
