"""A correction step that is drawn after its form may be filled in at once, and nothing else changes."""

from __future__ import annotations

import json

import pytest

from app.platform.design.correcting import corrected
from tests.platform.engine.drawing import Drawing

FORM = "office/leave"
FILE = f"forms/{FORM}.json"
TEXT = """{
  "id": "office/leave", "title": "请假",
  "steps": {"*": "read", "start": "edit"},
  "fields": [{"type": "section", "steps": {}, "fields": []}]
}
"""


def diagram(*, returns: bool = True, fills: str = "starter") -> bytes:
    drawing = (
        Drawing("office_leave", form=FORM)
        .start()
        .task("review", assignee="", form=FORM, outcomes="approve=同意|Approve; return=退回|Return!-")
        .task("confirm", form=FORM)
        .xor("decided", default="good")
        .end()
        .line("begin", "confirm", "review", "decided")
        .flow("decided", "done", id="good")
    )
    if returns:
        drawing = drawing.task("correct", assignee=fills, form=FORM)
        drawing = drawing.flow("decided", "correct", 'outcome == "return"').flow("correct", "review")
    return drawing.text().encode()


def steps(made: dict[str, bytes]) -> dict[str, str]:
    return dict(json.loads(made[FILE])["steps"])


def test_the_step_a_return_goes_back_to_is_filled_in_as_the_start_is() -> None:
    made = corrected({"a.bpmn": diagram(returns=False), FILE: TEXT.encode()}, {"a.bpmn": diagram()})
    assert steps(made) == {"*": "read", "start": "edit", "correct": "edit"}
    assert made[FILE].decode() == TEXT.replace('"start": "edit"}', '"start": "edit", "correct": "edit"}')


@pytest.mark.parametrize(
    "text", [TEXT.replace('"start": "edit"', '"start": "edit",\n    "correct": "read"'), "{"]
)
def test_a_right_of_its_own_stays_and_what_cannot_be_read_is_left(text: str) -> None:
    assert corrected({"a.bpmn": diagram(returns=False), FILE: text.encode()}, {"a.bpmn": diagram()}) == {}


def test_one_drawn_before_or_done_by_another_or_on_no_way_back_stays_as_it_is() -> None:
    files = {"a.bpmn": diagram(), FILE: TEXT.encode()}
    assert corrected(files, {"a.bpmn": diagram()}) == {}  # the right was taken away by hand
    bare = {"a.bpmn": diagram(returns=False), FILE: TEXT.encode()}
    assert corrected(bare, {"a.bpmn": diagram(fills="last:review")}) == {}
    assert corrected(bare, {"a.bpmn": diagram(returns=False)}) == {}
    assert corrected(bare, {"a.bpmn": b"<x", "b.bpmn": None}) == {}


def test_a_list_of_rights_over_several_lines_stays_one() -> None:
    text = TEXT.replace('{"*": "read", "start": "edit"}', '{\n    "*": "read",\n    "start": "edit"\n  }')
    made = corrected({"a.bpmn": diagram(returns=False), FILE: text.encode()}, {"a.bpmn": diagram()})
    assert made[FILE].decode() == text.replace(
        '"start": "edit"\n', '"start": "edit",\n    "correct": "edit"\n'
    )
