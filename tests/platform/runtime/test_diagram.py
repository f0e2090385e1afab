"""The picture of an instance: as its file draws it, or laid out where the file draws nothing."""

from __future__ import annotations

from lxml import etree

from app.platform.engine.layout import drawn
from app.platform.runtime import diagram
from app.platform.runtime.diagram import _read, svg
from app.platform.runtime.versions import Program
from tests.platform.engine.drawing import review


def program(content: bytes, version: str) -> Program:
    return Program(version, "permits_test", review().load(), {}, {"a.bpmn": content})


def test_a_file_without_a_drawing_has_a_picture() -> None:
    one = program(review().text().encode(), "undrawn")
    picture = svg(diagram.plan_of(one), {"review"}, {"apply"}, set(), "审批")
    assert picture is not None
    states = {g.get("data-element"): g.get("data-state") for g in etree.fromstring(picture).iter("{*}g")}
    assert states == {
        "begin": "ahead", "apply": "passed", "review": "here", "decided": "ahead", "done": "ahead"
    }  # fmt: skip
    assert diagram.spot(one, "review") is not None


def test_it_is_laid_out_once_for_a_version() -> None:
    one = program(review().text().encode(), "kept")
    assert diagram.plan_of(one) is diagram.plan_of(one)


def test_names_stand_where_the_drawing_has_them_and_break_between_words() -> None:
    text = review().text().replace('id="good"', 'id="good" name="all is well"')
    plan = _read(etree.fromstring(drawn(text.encode())))
    picture = svg(plan, set(), set(), set(), "x")
    assert picture is not None
    shown = [each.text for each in etree.fromstring(picture).iter("{*}text")]
    assert "all is well" in shown
    box = diagram.Box(0, 0, 110, 80)
    lines = diagram._lines("Handle vacation request", box, inside=True)
    assert all(
        f">{line}<" in lines for line in ("Handle ", "vacation ", "request")
    )  # read aloud: three words
    assert "".join(diagram._broken("登记被推荐人并核对材料", 60)) == "登记被推荐人并核对材料"


def test_the_name_of_a_flow_stands_beside_its_middle_where_the_drawing_does_not_say() -> None:
    ways = {
        "along": ((0.0, 50.0), (100.0, 50.0)),
        "down": ((0.0, 0.0), (0.0, 40.0), (80.0, 40.0), (80.0, 90.0)),
        "link": ((0.0, 0.0), (9.0, 0.0)),
    }
    plan = diagram.Plan(
        tags={"ask": "userTask"},
        names={"ask": "办理", "along": "通过", "down": "不通过", "link": "说明"},
        boxes={"ask": diagram.Box(0, 0, 100, 80)},
        ways=ways,
        flows={"along": ("ask", "b"), "down": ("ask", "c")},
    )
    picture = svg(plan, set(), set(), set(), "x")
    assert picture is not None
    texts = {one.text: one for one in etree.fromstring(picture).iter("{*}text")}
    assert (texts["通过"].get("x"), texts["通过"].get("y")) == ("50", "39")
    assert (texts["不通过"].get("x"), texts["不通过"].get("y")) == ("40", "29")
    assert "说明" not in texts  # no flow, and its drawing gives its name no place


def test_an_empty_process_has_none() -> None:
    assert svg(diagram.Plan(), set(), set(), set(), "x") is None


def test_in_english_it_names_what_has_an_english_name() -> None:
    text = review().task("aside", name_en="Look again").text().replace('id="good"', 'id="good" name="好"')
    one = program(text.encode(), "english")
    for language, expected in (("zh", "任务aside"), ("en", "Look again")):
        plan = diagram.plan_of(one, language)
        assert (plan.names["aside"], plan.names["good"]) == (expected, "好")
        picture = svg(plan, set(), set(), set(), "x")
        assert picture is not None
        assert all(word in picture for word in expected.split())
