"""Two versions compared: every edit is found and named, and nothing that is the same is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.design.comparing import Change, compare
from app.platform.design.comparing.diagrams import drawn

ROOT = Path(__file__).parents[3]
DIAGRAM = "processes/permits/permission_application.bpmn"
TABLE = "processes/delegates/quota.dmn"
FORM = "forms/delegates/registration.json"


def content(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def differing(name: str, *edits: tuple[str, str]) -> list[Change]:
    """What is found after `edits`, each (text, instead), made once."""
    before = after = content(name)
    for old, new in edits:
        assert old in after, old
        after = after.replace(old, new, 1)
    return compare({name: before.encode()}, {name: after.encode()})


def said(change: Change) -> list[tuple[str, str | None, str | None]]:
    return [(line.label.zh, line.before, line.after) for line in change.lines]


@pytest.mark.parametrize("path", sorted((ROOT / "processes").rglob("*.*")), ids=lambda path: path.name)
def test_a_file_does_not_differ_from_itself(path: Path) -> None:
    files = {path.name: path.read_bytes()}
    assert compare(files, files) == []
    if path.suffix == ".bpmn":
        shuffled = path.read_bytes().replace(b"\n", b"\n ")  # only how it is written differs
        assert compare(files, {path.name: shuffled}) == []


def test_another_name_and_another_property_are_one_change_of_the_element() -> None:
    (change,) = differing(
        DIAGRAM,
        ('name="市级管理员"', 'name="市级审核岗"'),
        ('value="City administrator"', 'value="City desk"'),
    )[:1]
    assert (change.kind, change.element, change.sort.zh) == ("changed", "lane_city", "泳道")
    assert said(change) == [
        ("名称", "市级管理员", "市级审核岗"),
        ("英文名称", "City administrator", "City desk"),
    ]


def test_who_stands_in_a_renamed_lane_says_so_too() -> None:
    found = differing(DIAGRAM, ('name="市级管理员"', 'name="市级审核岗"'))
    assert {one.element for one in found} >= {"lane_city", "city_review"}
    review = next(one for one in found if one.element == "city_review")
    assert said(review) == [("泳道", "市级管理员", "市级审核岗")]


def test_a_moved_shape_has_only_moved() -> None:
    bounds = re.search(r'bpmnElement="city_review"[^>]*>\s*<dc:Bounds x="(\d+)', content(DIAGRAM))
    assert bounds
    old = bounds[0]
    (change,) = differing(DIAGRAM, (old, old[: -len(bounds[1])] + str(int(bounds[1]) + 40)))
    assert (change.kind, change.element, change.lines) == ("moved", "city_review", ())


def test_a_flow_that_leads_elsewhere_is_named_by_its_ends() -> None:
    flow = re.search(r'<bpmn:sequenceFlow id="(\w+)"[^>]*targetRef="city_review"', content(DIAGRAM))
    assert flow
    found = differing(DIAGRAM, (flow[0], flow[0].replace('targetRef="city_review"', 'targetRef="correct"')))
    change = next(one for one in found if one.element == flow[1])
    assert change.kind == "changed"
    assert [label for label, _, _ in said(change)] == ["终点"]
    assert "→" in change.title.zh


def test_elements_come_and_go() -> None:
    text = content(DIAGRAM)
    more = text.replace("</bpmn:process>", '<bpmn:userTask id="second_look" name="复核" /></bpmn:process>')
    (added,) = compare({DIAGRAM: text.encode()}, {DIAGRAM: more.encode()})
    assert (added.kind, added.element, added.sort.zh, added.title.zh) == (
        "added",
        "second_look",
        "用户任务",
        "复核",
    )
    (removed,) = compare({DIAGRAM: more.encode()}, {DIAGRAM: text.encode()})
    assert (removed.kind, removed.element) == ("removed", "second_look")


def test_a_right_of_one_step_is_one_line_of_the_form() -> None:
    found = differing(FORM, ('"correct": "edit"', '"correct": "read"'))
    assert [(one.kind, one.sort.zh, said(one)) for one in found] == [
        ("changed", "表单", [("各步骤权限 correct", "edit", "read")])
    ]


def test_fields_are_found_by_name_wherever_they_stand() -> None:
    form = json.loads(content(FORM))
    section = next(one for one in form["fields"] if one["type"] == "section")
    section["fields"][0] |= {"label": "所属会议", "required": True}
    gone = section["fields"].pop(1)
    found = compare({FORM: content(FORM).encode()}, {FORM: json.dumps(form).encode()})
    assert [(one.kind, one.element) for one in found] == [
        ("changed", "congress_name"),
        ("removed", gone["name"]),
    ]
    assert said(found[0]) == [("标签", "所属换届活动", "所属会议"), ("必填", None, "true")]


def test_fields_in_another_order_have_moved() -> None:
    form = json.loads(content(FORM))
    section = next(one for one in form["fields"] if one["type"] == "section")
    section["fields"].reverse()
    found = compare({FORM: content(FORM).encode()}, {FORM: json.dumps(form).encode()})
    assert [one.kind for one in found] == ["moved"]


def test_a_rule_of_a_table_stands_in_one_line() -> None:
    rules = re.findall(r"(?s)<rule .*?</rule>", content(TABLE))
    (change,) = differing(TABLE, (rules[3], ""))
    assert (change.kind, change.sort.zh) == ("changed", "决策表")
    ((label, before, after),) = said(change)
    assert (label, after) == ("第 4 条规则", None)
    assert before


def test_files_that_come_and_go_are_said_once() -> None:
    files = {DIAGRAM: content(DIAGRAM).encode()}
    (added,) = compare(files, {**files, FORM: content(FORM).encode()})
    assert (added.kind, added.file, added.element) == ("added", FORM, None)


@pytest.mark.parametrize("broken", ["", "<", "{", "[1]", "\x00", "<!DOCTYPE x><x/>"])
@pytest.mark.parametrize("name", ["a.bpmn", "a.dmn", "a.json", "a.html"])
def test_what_cannot_be_read_is_compared_line_by_line(name: str, broken: str) -> None:
    (change,) = compare({name: b"one\ntwo"}, {name: broken.encode()})
    assert (change.kind, change.file) == ("changed", name)


@given(st.data())
def test_every_property_that_is_changed_is_found_and_nothing_else(data: st.DataObject) -> None:
    """Another value of any property of any element: that element, that property, both values."""
    text = content(data.draw(st.sampled_from([DIAGRAM, "processes/delegates/slate_report.bpmn"])))
    properties = list(re.finditer(r'<spiffworkflow:property name="([\w.]+)" value="([^"&]*)"', text))
    at = data.draw(st.sampled_from(properties))
    new = data.draw(
        st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8).filter(lambda one: one != at[2])
    )
    after = text[: at.start(2)] + new + text[at.end(2) :]
    changes = [one for one in compare({"a.bpmn": text.encode()}, {"a.bpmn": after.encode()}) if one.lines]
    lines = [(line.before, line.after) for one in changes for line in one.lines]
    assert (at[2], new) in lines
    assert len(changes) == 1


def test_every_element_of_our_diagrams_has_a_word_for_its_kind() -> None:
    from app.platform.design.comparing.words import SORTS

    for path in (ROOT / "processes").rglob("*.bpmn"):
        assert {one.sort for one in drawn(path.read_bytes()).values()} <= SORTS.keys(), path.name
