"""The way an instance took: flows found back from where it arrived, through gateways, and along no other branch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.platform.calendar import Calendar
from app.platform.monitoring import trails, visits, wording
from app.platform.runtime.diagram import Plan
from app.platform.runtime.history import HistoryRow

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 9:00 in Shanghai
PLAN = Plan(
    tags={
        "start": "startEvent", "ask": "userTask", "split": "exclusiveGateway", "left": "userTask",
        "right": "userTask", "join": "exclusiveGateway", "print": "serviceTask", "end": "endEvent",
    },
    flows={
        "f1": ("start", "ask"), "f2": ("ask", "split"), "f3": ("split", "left"), "f4": ("split", "right"),
        "f5": ("left", "join"), "f6": ("right", "join"), "f7": ("join", "print"), "f8": ("print", "end"),
        "back": ("left", "ask"),
    },
)  # fmt: skip


def row(seq: int, kind: str, element: str | None = None, at: int = 0, **more: Any) -> HistoryRow:
    task = f"t-{element}" if kind in ("opened", "decided", "claimed") else None
    fields: dict[str, Any] = {
        "name_zh": element or "",
        "name_en": "",
        "by": None,
        "by_name": "",
        "outcome": None,
    }
    fields |= {"entry": None, "body": {}, "task": task, **more}
    return HistoryRow(seq=seq, at=START + timedelta(hours=at), kind=kind, element=element, **fields)


def test_only_the_branch_that_was_taken_is_walked() -> None:
    rows = [
        row(1, "started"), row(2, "opened", "ask"), row(3, "decided", "ask", 1), row(4, "opened", "left", 1),
        row(5, "decided", "left", 2), row(6, "worked", "print", 3), row(7, "ended", "end", 3),
    ]  # fmt: skip
    flows, between = trails.walked(PLAN, rows, {})
    assert flows == {"f1", "f2", "f3", "f5", "f7", "f8"}
    assert {"start", "split", "join"} <= between
    assert not between & {"right"}


def test_what_comes_again_is_walked_back() -> None:
    rows = [
        row(1, "started"), row(2, "opened", "ask"), row(3, "decided", "ask", 1), row(4, "opened", "left", 1),
        row(5, "decided", "left", 2), row(6, "opened", "ask", 2),
    ]  # fmt: skip
    flows, _between = trails.walked(PLAN, rows, {})
    assert flows == {"f1", "f2", "f3", "back"}


def test_a_circle_without_an_entrance_ends() -> None:
    plan = Plan(tags={"a": "exclusiveGateway", "b": "userTask"}, flows={"x": ("a", "b"), "y": ("a", "a")})
    assert trails.walked(plan, [row(1, "opened", "b")], {}) == (frozenset(), frozenset())


def test_a_visit_holds_what_happened_in_it_and_how_long_it_took() -> None:
    rows = [
        row(1, "started"), row(2, "opened", "ask"), row(3, "claimed", "ask", 1), row(4, "decided", "ask", 75),
        row(5, "opened", "left", 75, task="other"),
    ]  # fmt: skip
    found = visits.of(rows, Calendar(), START + timedelta(hours=78))
    assert [(one.element, one.number, one.task is None) for one in found] == [
        ("", 1, True), ("ask", 1, False), ("left", 1, False),
    ]  # fmt: skip
    asked = found[1]
    assert [each.kind for each in asked.during] == ["claimed"]
    assert asked.ended is rows[3]
    assert asked.spent == ("3 个工作日", "3 working days")
    assert found[2].until is None
    assert found[2].spent == ("3 小时", "3 h")


def test_free_days_alone_count_as_hours() -> None:
    friday = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
    assert wording.spent(friday, friday + timedelta(days=2), Calendar()).zh == "48 小时"
    assert wording.spent(friday, friday + timedelta(days=3), Calendar()).zh == "1 个工作日"
    assert wording.spent(friday, friday, Calendar()).zh == "不到 1 分钟"
