"""Every requirement of delegates is cited by a test that holds the house to it."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
CITED = re.compile(r"\bD-(\d\d)\b(?:\s*(?:…|to)\s*D-(\d\d)\b)?")


def cited(text: str) -> set[int]:
    """The numbers that `D-07`, `D-09…D-11` and `D-01 to D-03` name."""
    return {
        number for first, last in CITED.findall(text) for number in range(int(first), int(last or first) + 1)
    }


def test_every_requirement_is_cited() -> None:
    found: set[int] = set()
    for file in TESTS.rglob("test_*.py"):
        if file != Path(__file__):
            found |= cited(file.read_text(encoding="utf-8"))
    assert set(range(1, 49)) - found == set()


def test_ranges_count() -> None:
    assert cited("D-07, D-09…D-11 (D-01 to D-03), XD-04") == {7, 9, 10, 11, 1, 2, 3}
