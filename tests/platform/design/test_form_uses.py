"""A new form put to use: whatever of people's asked none asks it, and nothing else changes."""

from __future__ import annotations

from app.platform.design import form_drafts, form_uses
from tests.platform.engine.drawing import Drawing
from tests.rooms.designer.leave import DIAGRAM, FORM

BARE = DIAGRAM.replace(f'<spiffworkflow:property name="form" value="{FORM}" />', "")
FILES = {"a.bpmn": BARE.encode(), "broken.bpmn": b"<x", "forms/office/other.json": b"{}"}


def test_the_start_and_every_step_without_a_form_ask_the_new_one() -> None:
    assert form_uses.lacking(FILES) == 3
    changed = form_uses.used(FILES, FORM)
    assert set(changed) == {"a.bpmn"}
    assert [one.key for one in form_drafts.steps_of(changed, FORM)] == ["start", "review", "amend"]
    assert form_uses.lacking({**FILES, **changed}) == 0
    assert form_uses.used(changed, "office/second") == {}


def test_the_starters_own_steps_are_those_that_fill_it_in() -> None:
    assert form_uses.own(FILES) == ["amend"]
    assert form_uses.own({"a.bpmn": DIAGRAM.encode()}) == []


def test_a_step_without_any_property_gets_one_before_its_flows() -> None:
    drawing = Drawing("office_bare", start="person").start().task("ask").end().line("begin", "ask", "done")
    changed = form_uses.used({"b.bpmn": drawing.text().encode()}, "office/bare")
    steps = form_drafts.steps_of(changed, "office/bare")
    assert [one.key for one in steps] == ["start", "ask"]
    assert steps[0].who == form_drafts.ANYBODY
