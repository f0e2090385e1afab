"""What an instance is called: a title and a number, without which lists show only the process's name."""

from __future__ import annotations

from collections.abc import Iterator

from app.platform.design.finding import Finding, fix
from app.platform.design.rules.drawn import Drawn, note
from app.platform.registry import Words


def check(drawn: Drawn) -> Iterator[Finding]:
    """A process that people see needs a title; a number is good to have."""
    chart = drawn.main
    if not any(True for _ in drawn.steps()):
        return
    own = chart.properties
    by_people = bool(own.get("start", "").strip())  # what a system starts, it names as well
    if "title" not in own and by_people:
        words = Words("标题用“流程名称（发起人）”", "Title it with process and starter")
        yield note(
            "hint",
            "no_title",
            chart,
            None,
            "没有设定标题，列表中只显示流程名称",
            "there is no title: lists show the process's name alone",
            fix(
                "set_property",
                words,
                element=chart.process,
                name="title",
                value='process_name + "（" + starter_name + "）"',
            ),
        )
    if "number" not in own:
        letters = "".join(part[:1] for part in chart.process.split("_")).upper()[:4] or "N"
        value = letters + "{year}{serial:04}"
        yield note(
            "hint",
            "no_number",
            chart,
            None,
            "没有设定编号",
            "there is no number",
            fix(
                "set_property",
                Words(f"编号用 {value}", f"Number it {value}"),
                element=chart.process,
                name="number",
                value=value,
            ),
        )


RULES = (check,)
