"""The check as one draws: publication's own errors, what else is told, where each stands, in what order, how fast."""

from __future__ import annotations

import json
from time import process_time

import pytest
from sqlalchemy.orm import Session

from app.planting import programs
from app.platform.design import checking
from app.platform.runtime import versions
from app.platform.runtime.bundles import bundles
from app.platform.runtime.errors import Unpublishable
from app.platform.settings import dictionaries
from tests.empty_world import MONDAY, open_up
from tests.platform.design.drafting import ENGINE, FILE, check, codes, form, number
from tests.platform.engine.drawing import Drawing, review

open_up()
BUNDLES = bundles(programs())
SLOWEST = 0.3
"""Seconds of the processor for a diagram of 250 elements: it runs in the background as one draws."""


@pytest.mark.parametrize("process", BUNDLES)
def test_a_diagram_of_the_repository_has_neither_errors_nor_warnings(process: str) -> None:
    with Session(ENGINE) as session:
        dictionaries.seed(session, MONDAY)
        found = checking.findings(session, process, BUNDLES[process], now=MONDAY)
        session.rollback()
    assert [one.sentence.zh for one in found if one.level != "hint" and one.code != "dead_end"] == []
    for one in found:
        assert one.words.zh
        assert one.words.en != one.words.zh


BROKEN = {
    "nothing in it": lambda _: b"",
    "no XML": lambda _: b"<bpmn",
    "a document type": lambda text: b"<!DOCTYPE x>" + text,
    "no BPMN": lambda _: b"<html/>",
    "no end": lambda text: text.replace(b"endEvent", b"task"),
    "an unknown role": lambda text: text.replace(b'value="permits.city_admin"', b'value="permits.city"'),
    "a bad form": lambda text: text.replace(b"permits/permission", b"permits/other"),
    "no default": lambda text: text.replace(b' default="passed_to_to_correct"', b""),
}


@pytest.mark.parametrize("how", BROKEN)
def test_errors_are_exactly_what_publication_refuses(how: str) -> None:
    file = "processes/permits/permission_application.bpmn"
    files = dict(BUNDLES["permits_permission_application"])
    files[file] = BROKEN[how](files[file])
    with pytest.raises(Unpublishable) as refused:
        versions.check(files)
    expected = {(one.code, getattr(one, "element", None)) for one in refused.value.problems}
    with Session(ENGINE) as session:
        found = checking.findings(session, "permits_permission_application", files)
    assert {(one.code, one.element) for one in found if one.level == "error"} == expected
    assert all(one.words.zh and one.words.en for one in found)


def test_errors_come_first_and_then_by_place_in_the_drawing() -> None:
    text = review(title='"x"', number="T{year}{serial:04}").text().replace('name="任务apply"', "")
    text = text.replace("share", "").replace('outcome == "return"', 'outcome == "retrun"')
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{one}_shape" bpmnElement="{one}"><dc:Bounds x="{x}" y="0" width="9" height="9"/>'
        "</bpmndi:BPMNShape>"
        for one, x in (("apply", 500), ("back", 100))
    )
    di = 'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    plane = f'<bpmndi:BPMNDiagram {di} id="d"><bpmndi:BPMNPlane id="p">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    text = text.replace("</bpmn:definitions>", plane + "</bpmn:definitions>")
    with Session(ENGINE) as session:
        files = {FILE: text.encode(), "forms/permits/apply.json": form(number("count"), id="permits/apply")}
        found = checking.findings(session, "permits_test", files)
    errors = [(one.code, one.element) for one in found if one.level == "error"]
    assert errors == [("unknown_outcome", "back"), ("no_name", "apply")]
    levels = [one.level for one in found]
    assert levels == sorted(levels, key=["error", "warning", "hint"].index)


def test_what_is_shown_is_in_one_language_with_a_label_for_each_fix() -> None:
    drawing = Drawing(number="T{year}{serial:04}").start().task("ask").end().line("begin", "ask", "done")
    (one,) = [one for one in check(drawing) if one.code == "no_title"]
    zh, en = one.shown("zh"), one.shown("en")
    assert zh["message"] != en["message"]
    assert zh["fixes"][0]["label"] == "标题用“流程名称（发起人）”"
    assert en["fixes"][0]["label"] == "Title it with process and starter"
    assert json.dumps(zh)


def test_one_outcome_on_the_default_is_a_hint_and_two_are_a_warning() -> None:
    drawing = review(title='"x"')
    apply = form(number("count"), id="permits/apply", steps={"*": "edit"})
    assert [one.level for one in check(drawing, apply) if one.code == "outcome_by_default"] == ["hint"]
    named = review(title='"x"').text().replace('id="good"', 'id="good" name="同意"')
    with Session(ENGINE) as session:
        found = checking.findings(session, "", {FILE: named.encode(), "forms/permits/apply.json": apply})
    assert [one.code for one in found if one.code == "outcome_by_default"] == []  # drawn as its way
    three = (
        review(title='"x"').text().replace("approve=同意|Approve;", "approve=同意|Approve; hold=缓办|Hold;")
    )
    with Session(ENGINE) as session:
        found = checking.findings(session, "", {FILE: three.encode(), "forms/permits/apply.json": apply})
    assert [one.level for one in found if one.code == "outcome_by_default"] == ["warning", "warning"]


def large(count: int = 250) -> Drawing:
    """A chain of reviews, each with its gateway and a way back, of `count` elements."""
    drawing = (
        Drawing(title='"x"', number="T{year}{serial:04}").start().task("ask", form="permits/small").end()
    )
    before = "ask"
    drawing.line("begin", "ask")
    for at in range((count - 3) // 2):
        step, gate = f"step{at}", f"gate{at}"
        drawing.task(step, outcomes="ok=同意|OK; back=退回|Back-", due="P5WD", remind="P1WD")
        drawing.xor(gate, default=f"on{at}").flow(before, step, id=f"on{at - 1}").line(step, gate)
        drawing.flow(gate, "ask", f'outcome == "back" and size > {at}', id=f"back{at}")
        before = gate
    return drawing.flow(before, "done", id=f"on{(count - 3) // 2 - 1}")


def test_a_diagram_of_250_elements_is_checked_while_one_draws() -> None:
    drawing, small = large(), form(number("size"), steps={"*": "edit"})
    assert codes(check(drawing, small), "too_many_elements") == []
    spent = []
    for _ in range(3):
        begun = process_time()
        found = check(drawing, small)
        spent.append(process_time() - begun)
    assert [one.code for one in found if one.level == "error"] == []
    assert min(spent) < SLOWEST


def test_a_template_named_in_quotes_that_an_editor_has_escaped_belongs_to_the_bundle() -> None:
    file = "processes/permits/permission_application.bpmn"
    files = dict(programs())
    written = b'"&#39;permits/application_form&#39;"'
    files[file] = files[file].replace(b"\"'permits/application_form'\"", written)
    assert written in files[file]
    assert "forms/permits/application_form.html" in bundles(files)["permits_permission_application"]
