"""What an instance is called, how it ended, and what all of it is called in English.

Without a title and a number lists show only the process's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.platform.design.finding import Finding, fix
from app.platform.design.rules.drawn import Drawn, note
from app.platform.engine import Problem
from app.platform.engine.chart import Node
from app.platform.engine.vocabulary import ENGLISH
from app.platform.forms import Field
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


def stages(drawn: Drawn) -> Iterator[Finding]:
    """An end without a stage, where others have one: a register cannot say that a case ended there."""
    chart = drawn.main
    ends = [one for one in _ends(chart.nodes.values()) if one.scope.kind == "process"]
    for end in ends:
        if end.stage is None and end.name.zh and any(one.stage for one in ends):
            english = end.properties.get(ENGLISH, "").strip()
            value = f"{end.name.zh}|{english}" if english else end.name.zh
            words = Words(f"状态设为“{end.name.zh}”", f"Make the state “{end.name.en}”")
            yield note(
                "hint",
                "no_stage",
                chart,
                end,
                "没有填写办理到这里时的状态，别的结束填写了：列表和统计中看不出是在这里办结的",
                "it sets no state, and other ends do: lists and figures cannot say that a case ended here",
                fix("set_property", words, element=end.id, name="stage", value=value),
            )


def english(drawn: Drawn) -> Iterator[Finding]:
    """Ends and fields that a reader of English meets in Chinese; of a form all at once."""
    missing = Problem("no_english", "").words
    for chart in drawn.charts:
        for end in _ends(chart.nodes.values()):
            if _is_chinese(end.name.zh) and not end.properties.get(ENGLISH, "").strip():
                yield note("hint", "no_english", chart, end, missing.zh, missing.en)
    for form in drawn.forms.values():
        columns = [each for one in form.fields.values() for each in one.settings.get("columns", ())]
        fields = [*form.fields.values(), *(one for one in columns if isinstance(one, Field))]
        left = [one for one in fields if one.label.en == one.label.zh and _is_chinese(one.label.zh)]
        if left:
            several = len(left) > 1
            words = Words(
                f"{len(left)} 个字段没有填写英文名称"
                if several
                else f"字段“{left[0].label.zh}”没有填写英文名称",
                f"the English names of {len(left)} fields are missing"
                if several
                else f"the English name of “{left[0].label.zh}” is missing",
            )
            file = drawn.form_files.get(form.id, form.id)
            yield Finding("hint", "no_english", file, None, words, (), form.title)


def _ends(nodes: Iterable[Node]) -> Iterator[Node]:
    return (one for one in nodes if one.kind.tag == "endEvent")


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= each <= "\u9fff" for each in text)


RULES = (check, stages, english)
