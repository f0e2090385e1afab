"""The preview is the server's own drawing: every form at every step, with what was typed, in either language."""

from __future__ import annotations

import json

import pytest

from app.planting import programs
from app.platform.design import drafts, form_drafts
from app.platform.identity import roles
from app.platform.registry import Words
from tests import tenants
from tests.pages import House
from tests.rooms.conftest import Browser
from tests.rooms.designer.leave import DIAGRAM, FORM, KEY

FILES = {**programs(), **tenants.programs()}
STEPS = [(one, step.key) for one in form_drafts.listed(FILES) for step in one.steps]
LEAVE = {
    "id": FORM,
    "title": "请假单",
    "title.en": "Leave",
    "steps": {"*": "read", "start": "edit"},
    "fields": [
        {"type": "number", "name": "day_count", "label": "天数", "label.en": "Days"},
        {
            "type": "computed",
            "name": "hours",
            "label": "小时",
            "label.en": "Hours",
            "expression": "day_count * 8",
        },
        {
            "type": "choice",
            "name": "kind",
            "label": "类型",
            "label.en": "Kind",
            "look": "select",
            "choices": [{"code": "1", "label": "年假", "label.en": "Annual"}],
        },
        {
            "type": "long_text",
            "name": "why",
            "label": "退回原因",
            "label.en": "Why",
            "at": {"review": "edit"},
            "require_if": "outcome == 'return'",
        },
    ],
}


@pytest.fixture(scope="module")
def drawer(whole_house: House) -> tuple[Browser, str]:
    """A designer with a draft of his own, and where its forms are previewed."""
    house, world = whole_house, whole_house.world
    name = house.settle(roles.DESIGNER.key)
    with world.session() as session:
        files = {f"{KEY}.bpmn": DIAGRAM.encode()}
        draft = drafts.begin(session, KEY, Words("请假", ""), files, world.acting(name), world.now)
    browser = house.visit(name)
    browser.get(f"/designer/drafts/{draft}/forms")
    return browser, f"/designer/drafts/{draft}/form-preview"


def drawn(drawer: tuple[Browser, str], text: str, step: str, **typed: str) -> str:
    browser, url = drawer
    own = {f"form:{name}": typed.pop(name, "") for name in ("language", "outcome")}
    token = browser.hidden()["csrf_token"]
    sent = {"csrf_token": token, "form:text": text, "form:step": step, **own, **typed}
    answer = browser.client.post(url, data=sent)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(("form", "step"), STEPS, ids=lambda each: getattr(each, "id", each))
def test_every_form_is_drawn_at_every_step(
    drawer: tuple[Browser, str], form: form_drafts.DraftForm, step: str
) -> None:
    text = FILES[form.file].decode()
    for language in ("zh", "en"):
        page = drawn(drawer, text, step, language=language)
        assert "data-fields" in page
        assert "preview-complaints" not in page


def test_what_is_typed_is_read_at_the_next_step(drawer: tuple[Browser, str]) -> None:
    text = json.dumps(LEAVE)
    first = drawn(drawer, text, "start", day_count="3", kind="1")
    assert 'value="3"' in first
    assert ">24<" in first
    second = drawn(drawer, text, "review", day_count="3", kind="1", why="<b>")
    assert "<dd>3</dd>" in second
    assert "<dd>年假</dd>" in second
    assert '<input type="hidden" name="day_count" value="3">' in second
    assert "&lt;b&gt;" in second
    assert "<b>" not in second


def test_the_button_pressed_counts(drawer: tuple[Browser, str]) -> None:
    text = json.dumps(LEAVE)
    assert 'aria-required="true"' not in drawn(drawer, text, "review", outcome="approve")
    assert 'aria-required="true"' in drawn(drawer, text, "review", outcome="return")


def test_it_speaks_the_language_asked_for_whatever_the_page_speaks(drawer: tuple[Browser, str]) -> None:
    page = drawn(drawer, json.dumps(LEAVE), "start", language="en")
    assert "Please choose" in page
    assert "Annual" in page
    assert "请选择" not in page


def test_a_form_that_cannot_be_loaded_is_its_complaints(drawer: tuple[Browser, str]) -> None:
    page = drawn(drawer, json.dumps({**LEAVE, "fields": []}), "start")
    assert "至少需要一项" in page
    assert "$.fields" in page
    assert "不是有效的JSON" in drawn(drawer, "{", "start")


def test_a_hook_that_is_not_there_offers_nothing(drawer: tuple[Browser, str]) -> None:
    field = {"type": "choice", "name": "a", "label": "甲", "label.en": "A", "hook": "nobody/knows"}
    assert "暂无可选项" in drawn(drawer, json.dumps({**LEAVE, "fields": [field]}), "start")
