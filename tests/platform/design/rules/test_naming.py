"""An end says how a case ended, and ends and fields are called something in English: hints, never more."""

from __future__ import annotations

from app.platform.design.finding import Finding
from app.platform.runtime import versions
from tests.platform.design.drafting import FILE, branching, check, form, number
from tests.platform.engine.drawing import Drawing

ANSWERED = form(number("count"), id="permits/small", steps={"*": "edit"})


def found(drawing: Drawing, code: str, small: bytes = ANSWERED) -> list[Finding]:
    return [one for one in check(drawing, small) if one.code == code]


def ends(**stages: str) -> Drawing:
    """Two ends, 同意 and 不同意, with the properties given for each."""
    drawing = Drawing(title='"x"', number="T{year}{serial:04}").start().task("ask", form="permits/small")
    drawing = drawing.xor("parted", default="otherwise").line("begin", "ask", "parted")
    for identity, name in (("good", "同意"), ("bad", "不同意")):
        properties = {"stage": stages[identity]} if identity in stages else {}
        drawing = drawing.node("endEvent", identity, "", f'name="{name}"', **properties)
    return drawing.flow("parted", "good", "count > 1", id="way").flow("parted", "bad", id="otherwise")


def test_an_end_without_a_stage_is_told_of_where_another_has_one() -> None:
    (one,) = found(ends(bad="不同意|Reject"), "no_stage")
    assert (one.level, one.element) == ("hint", "good")
    (fix,) = one.fixes
    assert (fix["element"], fix["name"], fix["value"]) == ("good", "stage", "同意")
    assert found(ends(), "no_stage") == []
    assert found(ends(good="同意", bad="不同意"), "no_stage") == []


def test_an_end_without_english_is_told_of_and_publication_does_not_mind() -> None:
    told = found(ends(), "no_english")
    assert {(one.level, one.element) for one in told} == {("hint", "good"), ("hint", "bad")}
    files = {FILE: ends().text().encode(), "forms/permits/small.json": ANSWERED}
    (definition,) = versions.check(files).values()
    assert definition.warnings == ()
    assert found(branching("count > 1"), "no_english") == []  # ends without a name


def test_fields_without_english_are_told_of_once_for_a_form() -> None:
    bare = {"label": "天数", "label.en": "天数"}
    one_left = form(number("count", **bare), number("days"), id="permits/small", steps={"*": "edit"})
    (told,) = found(branching("count > 1"), "no_english", one_left)
    assert (told.level, told.file, told.element) == ("hint", "forms/permits/small.json", None)
    assert told.words == ("字段“天数”没有填写英文名称", "the English name of “天数” is missing")
    both = form(number("count", **bare), number("days", **bare), id="permits/small", steps={"*": "edit"})
    (told,) = found(branching("count > 1"), "no_english", both)
    assert told.words == ("2 个字段没有填写英文名称", "the English names of 2 fields are missing")
