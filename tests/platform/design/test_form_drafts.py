"""Forms of a draft: who asks them where, and what a new one begins as."""

from __future__ import annotations

import json

import pytest

from app.planting import programs
from app.platform import forms
from app.platform.design import form_drafts, form_kinds
from app.platform.design.errors import Rejected
from app.platform.forms.kinds import KINDS
from app.platform.forms.schema import schema
from app.platform.registry import Words
from tests.rooms.designer.leave import DIAGRAM, FORM

FILES = programs()
LEAVE = Words("请假单", "Leave")


def test_every_form_of_the_house_is_listed_with_its_steps() -> None:
    found = {one.id: one for one in form_drafts.listed(FILES)}
    assert set(found) == {json.loads(FILES[name])["id"] for name in FILES if name.endswith(".json")}
    assert all(one.faults == 0 and one.count for one in found.values())
    assert [one.key for one in found["permits/permission"].steps] == [
        "submit",
        "upload_scan",
        "city_review",
        "correct",
    ]
    assert [one.key for one in found["permits/application"].steps] == ["start"]


def test_steps_stand_as_on_the_diagram_with_who_does_them_and_their_buttons() -> None:
    steps = form_drafts.steps_of({"a.bpmn": DIAGRAM.encode()}, FORM)
    assert [one.key for one in steps] == ["start", "review", "amend"]
    assert [one.who.zh if one.who else "" for one in steps[1:]] == ["办公室主任", "申请人"]
    assert [one.key for one in steps[1].outcomes] == ["approve", "return"]


def test_a_diagram_that_cannot_be_read_asks_nothing() -> None:
    assert form_drafts.steps_of({"a.bpmn": b"<a", "b.bpmn": b"<!DOCTYPE a><a/>"}, FORM) == ()


def test_a_form_that_cannot_be_read_is_listed_by_its_file() -> None:
    files = {"forms/office/bad.json": b"{", "forms/office/list.json": b"[]", "more.json": b"{}"}
    found = form_drafts.listed(files)
    assert [one.id for one in found] == ["office/bad", "office/list"]
    assert all(one.faults for one in found)


def test_a_new_form_waits_for_its_first_field() -> None:
    file, content = form_drafts.begun({}, FORM, LEAVE)
    assert file == "forms/office/leave.json"
    with pytest.raises(forms.BadForm) as refused:
        forms.load(content)
    assert [one.code for one in refused.value.problems] == ["no_items"]


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.endswith(".json")))
def test_any_form_of_the_house_may_be_begun_with(name: str) -> None:
    _file, content = form_drafts.begun({}, FORM, LEAVE, FILES[name])
    form, old = forms.load(content), forms.load(FILES[name])
    assert form.id == FORM
    assert form.title == LEAVE
    assert list(form.fields) == list(old.fields)
    assert form.entity is None
    assert not any(one.at for one in form.fields.values())
    assert form.at("start").writable == {one.name for one in form.fields.values() if not one.kind.derived}


@pytest.mark.parametrize(
    ("form", "title", "field"),
    [
        ("Office/leave", LEAVE, "form"),
        ("leave", LEAVE, "form"),
        ("office/" + "a" * 90, LEAVE, "form"),
        ("office/leave", Words("", ""), "title"),
        ("office/leave", Words("长" * 61, ""), "title"),
        ("permits/profile", LEAVE, "form"),
    ],
)
def test_what_cannot_be_a_form_is_refused_at_its_field(form: str, title: Words, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        form_drafts.begun(FILES, form, title)
    assert refused.value.field == field


def test_a_form_that_cannot_be_read_is_nothing_to_begin_with() -> None:
    with pytest.raises(Rejected):
        form_drafts.begun({}, FORM, LEAVE, b"{}")


def test_every_setting_of_the_schema_is_asked_for() -> None:
    """A new field type, or a new setting, appears in the designer by itself."""
    told = {one.key: one for one in form_kinds.kinds()}
    assert list(told) == list(KINDS)
    for key, one in told.items():
        known = set(schema()["$defs"][f"field_{key}"]["properties"]) - {"type"}
        asked = {each.key for each in one.settings} | {f"{each.key}.en" for each in one.settings if each.both}
        assert asked == known
        assert not [each.key for each in one.settings if each.control == "json"], key
    assert {one.key for one in form_kinds.settings_of("")} >= {"steps", "tabs", "checks", "entity"}
