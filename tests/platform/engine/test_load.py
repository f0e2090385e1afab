"""Publication reads everything a diagram says, and refuses, by element and reason, what it may not say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.platform.engine import Bundle, Definition, Outcome, Place, Unusable, load
from app.platform.registry import Words
from tests.platform.engine.drawing import HEAD, HOUSE, TAIL, Drawing, properties, refusals, review

Make = Callable[[], Drawing]


def one_task(**given: str) -> Drawing:
    return Drawing().start().task("apply", **given).end().line("begin", "apply", "done")


def in_lane(**given: str) -> Drawing:
    drawing = (
        Drawing(form="permits/apply").start().task("apply", assignee="").end().lane("lane", "apply", **given)
    )
    return drawing.line("begin", "apply", "done")


def test_everything_a_diagram_says_of_a_task_is_read() -> None:
    drawing = (
        Drawing(
            title='"申请 " + district + starter_name',
            number="R{year}{serial:04}",
            start="organiser; city_admin@everywhere; person",
            form="permits/apply",
            print="permits/application",
            category="许可",
            owner="科协",
            retention="P10Y",
        )
        .start()
        .task(
            "review",
            assignee="",
            form="permits/fee",
            outcomes="approve=同意|Approve; return=退回修改|Return!-; wait=等",
            seats="share:0.6",
            due="P3WD",
            remind="P1WD",
            escalate="city_admin@everywhere",
            allow="transfer, return bulk ask",
            pause="asking",
            summary="project district, fee",
            stage="待市级审核|Awaiting city review",
            nobody="skip:approve",
            avoid="own_unit;starter",
        )
        .end()
        .lane(
            "lane_city",
            "review",
            name="市级管理员",
            name_en="City administrator",
            role="manager",
            at="variable:district(city)",
            for_="variable:project",
        )
        .line("begin", "review", "done")
    )
    definition = drawing.load()
    assert definition.process == "permits_test"
    assert definition.name == Words("测试", "Test")
    assert definition.title is not None
    assert definition.title.names == {"district", "starter_name"}
    assert definition.starts == ("organiser", "city_admin@everywhere", "person")
    assert (definition.number, definition.form) == ("R{year}{serial:04}", "permits/apply")
    assert (definition.print, definition.category) == ("permits/application", "许可")
    assert (definition.owner, definition.retention) == ("科协", "P10Y")
    assert definition.variables == {"project", "district", "fee", "paid"}
    assert [problem.code for problem in definition.warnings] == []
    task = definition.tasks["review"]
    assert task.name == Words("任务review", "review")
    assert (task.lane, task.role, task.subject) == ("lane_city", "manager", "project")
    assert task.at == Place("variable", "district", "city")
    assert task.outcomes == (
        Outcome("approve", Words("同意", "Approve")),
        Outcome("return", Words("退回修改", "Return"), opinion=True, negative=True),
        Outcome("wait", Words("等", "等")),
    )
    assert task.outcome("return") == task.outcomes[1]
    assert task.outcome("reject") is None
    assert (task.seats, task.due, task.remind) == ("share:0.6", "P3WD", "P1WD")
    assert (task.escalate, task.nobody) == ("city_admin@everywhere", "skip:approve")
    assert task.allow == {"transfer", "return", "bulk", "ask"}
    assert task.pause == {"asking"}
    assert task.summary == ("project", "district", "fee")
    assert task.stage == Words("待市级审核", "Awaiting city review")
    assert task.avoid == {"own_unit", "starter"}
    assert definition.elements["review"].kind == "userTask"
    assert definition.elements["review"].lane == "lane_city"
    assert definition.lanes["lane_city"].name == Words("市级管理员", "City administrator")


def test_a_task_that_says_little_gets_the_defaults() -> None:
    task = one_task().load().tasks["apply"]
    assert task.outcomes == (Outcome("done", Words("提交", "Submit")),)
    assert (task.seats, task.nobody, task.assignee, task.form) == ("one", "incident", "starter", None)


@pytest.mark.parametrize(
    ("at", "place"),
    [
        ("starter.unit", Place("starter.unit")),
        ("starter.region", Place("starter.region")),
        ("starter.region(province)", Place("starter.region", None, "province")),
        ("variable:district", Place("variable", "district")),
        ("everywhere", Place("everywhere")),
    ],
)
def test_places_are_read(at: str, place: Place) -> None:
    assert in_lane(role="city_admin", at=at).load().tasks["apply"].at == place


def test_a_role_held_nowhere_needs_no_place() -> None:
    assert in_lane(role="organiser").load().tasks["apply"].at == Place("everywhere")


def test_the_innermost_lane_counts_and_one_without_role_is_the_systems_own() -> None:
    drawing = one_task(assignee="")
    drawing.lanes.append(
        '<bpmn:lane id="outer" name="外"><bpmn:flowNodeRef>begin</bpmn:flowNodeRef>'
        '<bpmn:flowNodeRef>apply</bpmn:flowNodeRef><bpmn:childLaneSet id="inner_set"><bpmn:lane id="inner" '
        f'name="内">{properties({"role": "organiser"})}<bpmn:flowNodeRef>apply</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:childLaneSet></bpmn:lane>"
    )
    definition = drawing.load()
    assert definition.tasks["apply"].lane == "inner"
    assert definition.elements["begin"].lane == "outer"
    assert definition.lanes["outer"].role is None


@pytest.mark.parametrize(
    "given",
    [
        {"assignee": "hook:permits/next_reviewer"},
        {"assignee": "last:apply"},
        {"seats": "all"},
        {"nobody": "up"},
        {"nobody": "city_admin@everywhere"},
    ],
)
def test_other_ways_to_find_people_are_read(given: dict[str, str]) -> None:
    task = one_task(**given).load().tasks["apply"]
    for name, value in given.items():
        assert getattr(task, name) == value


def test_many_variables_in_one_gateway_are_tried_only_so_far() -> None:
    names = [f"v{i}" for i in range(12)]
    first = " and ".join(f'{name} == "{name}"' for name in names)
    drawing = gateway(first, f"not ({first})")
    drawing.parts += [f'<bpmn:dataObject id="{name}"/>' for name in names]
    drawing.load()


def test_what_only_shows_is_carried() -> None:
    drawing = one_task()
    drawing.parts += [
        '<bpmn:dataObject id="declared"/><bpmn:dataObjectReference id="ref" dataObjectRef="declared"/>',
        '<bpmn:textAnnotation id="note"><bpmn:text>注</bpmn:text></bpmn:textAnnotation>',
        '<bpmn:association id="link" sourceRef="apply" targetRef="note"/>',
        '<bpmn:group id="group" categoryValueRef="value"/>',
    ]
    drawing.lane("shown", "declared", "begin")
    drawing.parts[3] = drawing.parts[3].replace("></bpmn:seq", "><bpmn:documentation/></bpmn:seq")
    drawing.node(
        "manualTask",
        "sign",
        "<bpmn:documentation>说明</bpmn:documentation>"
        '<bpmn:property id="p" name="__targetRef_placeholder"/>'
        '<bpmn:dataInputAssociation id="in"><bpmn:sourceRef>ref</bpmn:sourceRef>'
        "<bpmn:targetRef>p</bpmn:targetRef></bpmn:dataInputAssociation>",
        'name="签字" isForCompensation="false"',
        assignee="variable:declared",
        name_en="Sign",
    )
    drawing.flow("begin", "apply").parts.pop()
    text = drawing.text().replace('targetRef="done"', 'targetRef="sign"')
    text = text.replace(
        "</bpmn:process>", '<bpmn:sequenceFlow id="x" sourceRef="sign" targetRef="done"/></bpmn:process>'
    )
    text = text.replace(
        TAIL,
        '<bpmn:collaboration id="c"><bpmn:participant id="pool" name="池" processRef="permits_test"/>'
        '<bpmn:textAnnotation id="beside"/>'
        '</bpmn:collaboration><bpmn:category id="cat"><bpmn:categoryValue id="value" value="组"/></bpmn:category>'
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="d"><bpmndi:BPMNPlane id="pl">'
        '<bpmndi:BPMNShape id="s" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:fill="#fff">'
        '<dc:Bounds x="0" y="0" width="1" height="1"/></bpmndi:BPMNShape></bpmndi:BPMNPlane>'
        f"</bpmndi:BPMNDiagram>{TAIL}",
    )
    found = load(Bundle("permits_test", {"permits/test.bpmn": text.encode()}), HOUSE)
    assert isinstance(found, Definition), refusals(found)
    assert found.tasks["sign"].assignee == "variable:declared"


def test_an_outcome_that_only_takes_the_default_is_a_warning() -> None:
    (warning,) = review().load().warnings
    assert (warning.code, warning.element, warning.warning) == ("outcome_by_default", "decided", True)
    assert (
        warning.message("en") == "permits/test.bpmn · decided: the outcome “Approve” only takes the default"
    )
    assert warning.message("zh-CN") == "permits/test.bpmn · decided：结果“同意”只走默认流向"


def test_a_missing_english_name_is_a_warning() -> None:
    definition = one_task(name_en="").load()
    assert [(problem.code, problem.element) for problem in definition.warnings] == [("no_english", "apply")]
    assert definition.tasks["apply"].name == Words("任务apply", "任务apply")


def test_a_mistyped_name_is_answered_with_the_nearest() -> None:
    found = load(one_task(form="permits/aply").bundle(), HOUSE)
    assert isinstance(found, Unusable)
    assert found.problems[0].message("en") == (
        "permits/test.bpmn · apply: there is no form “permits/aply”; did you mean “permits/apply”?"
    )
    assert found.problems[0].message("zh").endswith("没有表单“permits/aply”，是否指“permits/apply”？")


def gateway(first: str | None, second: str | None, default: str | None = "rest", **given: str) -> Drawing:
    drawing = (
        Drawing(form="permits/fee")
        .start()
        .task("ask", outcomes="yes=是; no=否; more=再看", **given)
        .xor("way", default)
        .end()
        .line("begin", "ask", "way")
        .flow("way", "done", first, "one")
        .flow("way", "done", second, "two")
        .flow("way", "done", None if default else "false", "rest")
    )
    return drawing


GATEWAYS: dict[str, tuple[Make, list[tuple[str, str | None]]]] = {
    "no default": (lambda: gateway('outcome == "yes"', 'outcome == "no"', None), [("no_default", "way")]),
    "a default that is not there": (
        lambda: gateway('outcome == "yes"', 'outcome == "no"', "gone"),
        [("dangling", "way"), ("no_condition", "rest")],
    ),
    "a condition on the default": (
        lambda: gateway('outcome == "yes"', 'outcome == "no"', "two"),
        [("condition_on_default", "two"), ("no_condition", "rest")],
    ),
    "a way without condition": (lambda: gateway('outcome == "yes"', None), [("no_condition", "two")]),
    "a bad condition is told once": (lambda: gateway('outcome == "yes"', "a b"), [("expression", "two")]),
    "an outcome nobody declares": (
        lambda: gateway('outcome == "yess"', 'outcome == "no"'),
        [("unknown_outcome", "one")],
    ),
    "an outcome in a list nobody declares": (
        lambda: gateway('outcome in ["yes", "maybe"]', 'outcome == "no"'),
        [("unknown_outcome", "one")],
    ),
    "an outcome compared from the right": (
        lambda: gateway('"maybe" == outcome', 'outcome == "no"'),
        [("unknown_outcome", "one")],
    ),
    "an outcome compared with a variable": (
        lambda: gateway("outcome == paid", "false"),
        [("outcome_compared_oddly", "one")],
    ),
    "an outcome used as a text": (
        lambda: gateway('starts_with(outcome, "y")', 'outcome == "no"'),
        [("outcome_compared_oddly", "one")],
    ),
    "an outcome in a chain of comparisons": (
        lambda: gateway('"a" < outcome < "z"', "false"),
        [("outcome_compared_oddly", "one")],
    ),
    "overlapping outcomes": (
        lambda: gateway('outcome == "yes"', 'outcome in ["yes", "no"]'),
        [("overlap", "way")],
    ),
    "overlapping numbers": (lambda: gateway("fee > 10", "fee > 100"), [("overlap", "way")]),
    "overlap of an outcome and a number": (
        lambda: gateway('outcome == "yes" and fee > 3', 'outcome != "no"'),
        [("overlap", "way")],
    ),
    "a variable nobody sets": (
        lambda: gateway("feee > 10", "false"),
        [("unknown_variable", "one")],
    ),
}


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_is_refused_for(name: str) -> None:
    make, expected = GATEWAYS[name]
    assert make().problems() == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('outcome == "yes"', 'outcome == "no"'),
        ('outcome == "yes"', '"no" == outcome'),
        ('outcome in ["yes"]', 'outcome not in ["yes", "more"]'),
        ('outcome == "yes" and fee > 10', 'outcome == "yes" and fee <= 10'),
        ("fee < 10", "fee >= 10 and fee < 20"),
        ("paid", "not paid and fee == 0"),
        ('len(outcome_) > 3 if false else outcome == "yes"', 'outcome == "no"'),
    ],
)
def test_ways_that_exclude_each_other_are_accepted(first: str, second: str) -> None:
    drawing = gateway(first, second)
    drawing.parts.append('<bpmn:dataObject id="outcome_"/>')
    drawing.load()


def test_an_inclusive_gateway_may_overlap() -> None:
    drawing = (
        Drawing(form="permits/fee").start().some("split", "c").task("a").task("b").some("join").end()
        .line("begin", "split").flow("split", "a", "fee > 1").flow("split", "b", "fee > 2")
        .flow("split", "join", id="c").line("a", "join", "done").line("b", "join")
    )  # fmt: skip
    drawing.load()


def after_join() -> Drawing:
    return (
        Drawing().start().both("split").task("a").task("b").both("join").xor("way", "rest").end()
        .line("begin", "split", "a", "join", "way").line("split", "b", "join")
        .flow("way", "done", 'outcome == "done"', "one").flow("way", "done", id="rest")
    )  # fmt: skip


def before_any_task() -> Drawing:
    return (
        Drawing().start().xor("way", "rest").end().line("begin", "way")
        .flow("way", "done", 'outcome == "done"', "one").flow("way", "done", id="rest")
    )  # fmt: skip


def cycle_alone() -> Drawing:
    return (
        Drawing(form="permits/fee").start().xor("a").script("count", "fee = fee + 1").xor("b", "out").end()
        .line("begin", "a", "count", "b").flow("b", "a", "fee < 10").flow("b", "done", id="out")
    )  # fmt: skip


def block(*extra: tuple[str, str]) -> Drawing:
    """A parallel block of two tasks, with more flows through gateways `x` and `y` before and after."""
    drawing = (
        Drawing(form="permits/fee").start().xor("x").both("split").task("a").task("b").both("join").xor("y", "z")
        .end().line("begin", "x", "split", "a", "join", "y").line("split", "b", "join").flow("y", "done", id="z")
    )  # fmt: skip
    for source, target in extra:
        drawing.flow(source, target, "fee > 1" if source == "y" else None)
    return drawing


def leaves() -> Drawing:
    return (
        Drawing(form="permits/fee").start().xor("x").both("split").task("a").xor("out", "on").task("b").both("join")
        .end().line("begin", "x", "split", "a", "out").line("split", "b", "join", "done")
        .flow("out", "join", id="on").flow("out", "x", "fee > 1")
    )  # fmt: skip


def leaves_to_an_end() -> Drawing:
    return (
        Drawing(form="permits/fee").start().both("split").task("a").xor("out", "on").task("b").both("join")
        .end().end("other").line("begin", "split", "a", "out").line("split", "b", "join", "done")
        .flow("out", "join", id="on").flow("out", "other", "fee > 1")
    )  # fmt: skip


def enters() -> Drawing:
    return (
        Drawing(form="permits/fee").start().xor("x", "on").both("split").task("a").task("b").xor("m").both("join")
        .end().line("begin", "x").flow("x", "split", id="on").flow("x", "m", "fee > 1")
        .line("split", "a", "join", "done").line("split", "b", "m", "join")
    )  # fmt: skip


def enters_join() -> Drawing:
    return (
        Drawing(form="permits/fee").start().xor("x", "on").both("split").task("a").task("b").both("join")
        .end().line("begin", "x").flow("x", "split", id="on").flow("x", "join", "fee > 1")
        .line("split", "a", "join", "done").line("split", "b", "join")
    )  # fmt: skip


def arrives_twice() -> Drawing:
    return (
        Drawing(form="permits/fee").start().both("split").xor("x", "on").task("a").task("b").both("join").end()
        .line("begin", "split", "x").flow("x", "a", id="on").flow("x", "join", "fee > 1")
        .line("a", "join", "done").line("split", "b", "join")
    )  # fmt: skip


def joined_by_another() -> Drawing:
    return (
        Drawing().start().both("split").task("a").task("b").xor("join").end()
        .line("begin", "split", "a", "join", "done").line("split", "b", "join")
    )  # fmt: skip


def joins_and_splits() -> Drawing:
    return (
        Drawing().start().both("one").task("a").task("b").both("two").task("c").task("d").both("three").end()
        .line("begin", "one", "a", "two", "c", "three", "done").line("one", "b", "two", "d", "three")
    )  # fmt: skip


def lonely_join() -> Drawing:
    return (
        Drawing(form="permits/fee").start().xor("x", "on").task("a").task("b").both("join").end()
        .line("begin", "x").flow("x", "a", id="on").flow("x", "b", "fee > 1")
        .line("a", "join", "done").line("b", "join")
    )  # fmt: skip


def doubled() -> Drawing:
    return (
        Drawing().start().both("split").both("join").end()
        .line("begin", "split", "join", "done").line("split", "join")
    )  # fmt: skip


SHAPES: dict[str, tuple[Make, list[tuple[str, str | None]]]] = {
    "two starts": (lambda: one_task().start("again").line("again", "apply"), [("one_start", None)]),
    "no start": (
        lambda: Drawing().task("apply").end().line("apply", "done"),
        [("one_start", None)],
    ),
    "no end": (
        lambda: Drawing().start().task("apply").line("begin", "apply"),
        [("no_end", None), ("no_way_out", "apply")],
    ),
    "a way into the start": (lambda: one_task().xor("x").line("x", "begin").line("apply", "x"), [
        ("start_with_way_in", "begin"), ("several_ways_out", "apply"),
    ]),
    "a way out of the end": (lambda: one_task().line("done", "apply"), [("end_with_way_out", "done")]),
    "a dead end": (lambda: one_task().task("b"), [("no_way_out", "b")]),
    "two ways out of a task": (lambda: one_task().end("b").line("apply", "b"), [("several_ways_out", "apply")]),
    "a condition on a flow out of a task": (
        lambda: Drawing(form="permits/fee").start().task("a").end().line("begin", "a").flow("a", "done", "paid"),
        [("condition_not_here", "flow2")],
    ),
    "a condition on the only way out of a gateway": (
        lambda: Drawing(form="permits/fee").start().xor("a").end().line("begin", "a").flow("a", "done", "paid"),
        [("condition_not_here", "flow2")],
    ),
    "an only way out that is not the default": (
        lambda: Drawing().start().xor("a", "gone").end().line("begin", "a", "done"),
        [("dangling", "a")],
    ),
    "an element that cannot be reached": (
        lambda: one_task().task("lost").line("lost", "apply"),
        [("unreachable", "lost")],
    ),
    "an element from which there is no end": (
        lambda: gateway('outcome == "yes"', 'outcome == "no"').task("a").task("b").xor("m")
        .line("m", "a", "b", "m").flow("way", "m", 'outcome == "more"'),
        [("never_ends", "a"), ("never_ends", "b"), ("never_ends", "m")],
    ),
    "a cycle without a person": (cycle_alone, [("turns_alone", "a")]),
    "an outcome after a join": (after_join, [("no_outcome", "one")]),
    "an outcome before any task": (before_any_task, [("no_outcome", "one")]),
    "an outcome in the title": (
        lambda: one_task_titled("outcome"), [("no_outcome", None)],
    ),
    "a way out of a block": (leaves, [("leaves_block", "split")]),
    "a way out of a block to an end": (leaves_to_an_end, [("leaves_block", "split"), ("join_without_split", "join")]),
    "a way into a block": (enters, [("enters_block", "split")]),
    "a way into a join": (enters_join, [("enters_block", "split")]),
    "a way that arrives twice": (arrives_twice, [("several_arrivals", "join")]),
    "a block joined by another kind": (joined_by_another, [("wrong_join", "split")]),
    "a join that splits": (
        joins_and_splits, [("wrong_join", "one"), ("splits_and_joins", "two"), ("join_without_split", "three")],
    ),
    "a join nothing opens": (lonely_join, [("join_without_split", "join")]),
    "two flows to one element": (doubled, [("double_flow", "split"), ("join_without_split", "join")]),
}  # fmt: skip


def somewhere(at: str) -> Drawing:
    return Drawing(at=at).start().task("apply").end().line("begin", "apply", "done")


def one_task_titled(title: str) -> Drawing:
    return Drawing(title=title).start().task("apply").end().line("begin", "apply", "done")


@pytest.mark.parametrize("name", SHAPES)
def test_a_drawing_is_refused_for(name: str) -> None:
    make, expected = SHAPES[name]
    assert make().problems() == expected


def test_a_loop_around_a_block_and_ways_that_end_apart_are_accepted() -> None:
    block(("y", "x")).load()
    apart = (
        Drawing().start().both("split").task("a").task("b").end().end("other")
        .line("begin", "split", "a", "done").line("split", "b", "other")
    )  # fmt: skip
    apart.load()


PROPERTIES: dict[str, tuple[Make, list[tuple[str, str | None]]]] = {
    "an unknown property": (lambda: one_task(asignee="starter"), [("unknown_property", "apply")]),
    "an unknown property of the process": (
        lambda: Drawing(titel="1").start().end().line("begin", "done"),
        [("unknown_property", "permits_test")],
    ),
    "an unknown form": (lambda: one_task(form="permits/none"), [("unknown_form", "apply")]),
    "an unknown start form": (
        lambda: Drawing(form="permits/none").start().end().line("begin", "done"),
        [("unknown_form", "permits_test")],
    ),
    "an unknown field": (lambda: one_task(form="permits/fee", summary="fees"), [("unknown_field", "apply")]),
    "six summary fields": (
        lambda: one_task(form="permits/fee", summary="fee fee fee fee fee fee"),
        [("property_value", "apply")],
    ),
    "a stage longer than pages have room for": (
        lambda: one_task(stage="长" * 101),
        [("property_value", "apply")],
    ),
    "a process somewhere": (lambda: somewhere("starter.unit"), [("property_value", "permits_test")]),
    "a process everywhere": (lambda: somewhere("everywhere"), [("property_value", "permits_test")]),
    "a process at nothing": (lambda: somewhere("variable:nothing"), [("unknown_variable", "permits_test")]),
    "outcomes without words": (lambda: one_task(outcomes="approve"), [("property_value", "apply")]),
    "outcomes twice": (lambda: one_task(outcomes="a=b; a=c"), [("property_value", "apply")]),
    "no outcomes": (lambda: one_task(outcomes=";"), [("property_value", "apply")]),
    "outcome with a long label": (
        lambda: one_task(outcomes="a=" + "长" * 201),
        [("property_value", "apply")],
    ),
    "seats": (lambda: one_task(seats="two"), [("property_value", "apply")]),
    "a share of nothing": (lambda: one_task(seats="share:0.0"), [("property_value", "apply")]),
    "due": (lambda: one_task(due="3 days"), [("property_value", "apply")]),
    "due of nothing": (lambda: one_task(due="P"), [("property_value", "apply")]),
    "due of no time": (lambda: one_task(due="PT"), [("property_value", "apply")]),
    "remind without due": (lambda: one_task(remind="P1WD"), [("needs_due", "apply")]),
    "pause without due": (lambda: one_task(allow="ask", pause="asking"), [("needs_due", "apply")]),
    "pause without asking": (lambda: one_task(due="P3WD", pause="asking"), [("needs_ask", "apply")]),
    "pause for something else": (
        lambda: one_task(due="P3WD", allow="ask", pause="lunch"),
        [("property_value", "apply")],
    ),
    "escalate to nobody": (
        lambda: one_task(due="P3WD", escalate="boss@everywhere"),
        [("unknown_role", "apply")],
    ),
    "escalate to no place": (
        lambda: one_task(due="P3WD", escalate="city_admin@nowhere"),
        [("property_value", "apply")],
    ),
    "escalate to the place of a variable nobody sets": (
        lambda: one_task(due="P3WD", escalate="city_admin@variable:town"),
        [("unknown_variable", "apply")],
    ),
    "escalate without place": (
        lambda: one_task(due="P3WD", escalate="city_admin@"),
        [("property_value", "apply")],
    ),
    "allow": (lambda: one_task(allow="fly"), [("property_value", "apply")]),
    "avoid": (lambda: one_task(avoid="everyone"), [("property_value", "apply")]),
    "nobody": (lambda: one_task(nobody="ignore"), [("property_value", "apply")]),
    "nobody with an unknown outcome": (lambda: one_task(nobody="skip:yes"), [("unknown_outcome", "apply")]),
    "nobody with an unknown role": (lambda: one_task(nobody="boss@everywhere"), [("unknown_role", "apply")]),
    "stage": (lambda: one_task(stage="|Waiting"), [("property_value", "apply")]),
    "assignee": (lambda: one_task(assignee="me"), [("property_value", "apply")]),
    "assignee by an unset variable": (
        lambda: one_task(assignee="variable:x"),
        [("unknown_variable", "apply")],
    ),
    "assignee by an unknown hook": (
        lambda: one_task(assignee="hook:permits/next"),
        [("unknown_assignee", "apply")],
    ),
    "assignee of an unknown task": (lambda: one_task(assignee="last:aply"), [("unknown_task", "apply")]),
    "nobody at all": (lambda: one_task(assignee=""), [("no_one", "apply")]),
    "a lane of an unknown role": (lambda: in_lane(role="boss"), [("unknown_role", "lane")]),
    "a lane without place": (lambda: in_lane(role="city_admin"), [("lane_without_place", "lane")]),
    "a lane at a wrong place": (
        lambda: in_lane(role="city_admin", at="here"),
        [("property_value", "lane")],
    ),
    "a lane at a wrong level": (
        lambda: in_lane(role="city_admin", at="starter.region(town)"),
        [("property_value", "lane")],
    ),
    "a lane at a level of a unit": (
        lambda: in_lane(role="city_admin", at="starter.unit(city)"),
        [("property_value", "lane")],
    ),
    "a lane at an unset variable": (
        lambda: in_lane(role="city_admin", at="variable:town"),
        [("unknown_variable", "lane")],
    ),
    "a lane without subject": (
        lambda: in_lane(role="manager", at="everywhere"),
        [("lane_without_subject", "lane")],
    ),
    "a lane with a needless subject": (
        lambda: in_lane(role="organiser", for_="variable:project"),
        [("role_without_subject", "lane")],
    ),
    "a lane with a wrong subject": (
        lambda: in_lane(role="manager", at="everywhere", for_="project"),
        [("property_value", "lane")],
    ),
    "a lane with a place but no role": (
        lambda: in_lane(at="everywhere"),
        [("lane_without_role", "lane"), ("no_one", "apply")],
    ),
    "a lane without a name": (lambda: in_lane(role="organiser", name=""), [("no_name", "lane")]),
    "a lane with a stranger in it": (
        lambda: one_task().lane("lane", "nobody"),
        [("dangling", "lane")],
    ),
    "starters of an unknown role": (
        lambda: Drawing(start="boss").start().end().line("begin", "done"),
        [("unknown_role", "permits_test")],
    ),
    "number": (
        lambda: Drawing(number="R{year}").start().end().line("begin", "done"),
        [("property_value", "permits_test")],
    ),
    "print": (
        lambda: Drawing(print="../etc").start().end().line("begin", "done"),
        [("property_value", "permits_test")],
    ),
    "retention": (
        lambda: Drawing(retention="ever").start().end().line("begin", "done"),
        [("property_value", "permits_test")],
    ),
    "category": (
        lambda: Drawing(category=" ").start().end().line("begin", "done"),
        [("property_value", "permits_test")],
    ),
    "a title with an unset variable": (lambda: one_task_titled("projekt"), [("unknown_variable", None)]),
    "a process without a name": (
        lambda: Drawing(name=None).start().end().line("begin", "done"),
        [("no_name", "permits_test")],
    ),
    "a name without end": (
        lambda: Drawing(name="长" * 201).start().end().line("begin", "done"),
        [("property_value", "permits_test")],
    ),
    "a property value without end": (lambda: one_task(form="x" * 2_001), [("property_value", "apply")]),
}


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_is_refused_for(name: str) -> None:
    make, expected = PROPERTIES[name]
    assert make().problems() == expected


def serving(action: str, when: str | None = None, **parameters: str) -> Drawing:
    drawing = Drawing(form="permits/apply").start().service("serve", action, when, **parameters).end()
    return drawing.line("begin", "serve", "done")


def scripted(*lines: str, attributes: str = "") -> Drawing:
    drawing = Drawing(form="permits/fee").start().script("script", *lines, attributes=attributes).end()
    return drawing.line("begin", "script", "done")


SERVICES: dict[str, tuple[Make, list[tuple[str, str | None]]]] = {
    "no action": (lambda: Drawing().start().node("serviceTask", "serve").end().line("begin", "serve", "done"), [
        ("no_action", "serve"),
    ]),
    "an unknown action": (lambda: serving("permits/qota"), [("unknown_action", "serve")]),
    "an unknown parameter": (lambda: serving("permits/quota", distrikt="1"), [("unknown_parameter", "serve")]),
    "a missing parameter": (lambda: serving("platform/grant", person="1"), [("missing_parameter", "serve")]),
    "a parameter that is no expression": (
        lambda: serving("permits/quota", district="__import__('os')"), [("expression", "serve")],
    ),
    "an outcome before any task": (lambda: serving("permits/quota", district="outcome"), [("no_outcome", "serve")]),
    "a parameter of an unset variable": (lambda: serving("permits/quota", district="x"), [
        ("unknown_variable", "serve"),
    ]),
    "never now": (lambda: serving("platform/document", "now", template="'x'"), [("never_now", "serve")]),
    "when": (lambda: serving("permits/quota", "later"), [("property_value", "serve")]),
    "python": (lambda: scripted("import os", "os.system('id')"), [
        ("not_an_assignment", "script"), ("not_an_assignment", "script"),
    ]),
    "a call in an assignment": (lambda: scripted("a = __import__('os').system('id')"), [("expression", "script")]),
    "an assignment to outcome": (lambda: scripted("outcome = 1"), [("not_an_assignment", "script")]),
    "an assignment to a function": (lambda: scripted("len = 1"), [("not_an_assignment", "script")]),
    "an assignment to a dunder": (lambda: scripted("__a__ = 1"), [("not_an_assignment", "script")]),
    "an assignment to an entry": (lambda: scripted("a.b = 1"), [("not_an_assignment", "script")]),
    "a comparison": (lambda: scripted("fee == 1"), [("not_an_assignment", "script")]),
    "nothing": (lambda: scripted(""), [("empty_script", "script")]),
    "another language": (lambda: scripted("a = 1", attributes='scriptFormat="python"'), [
        ("script_format", "script"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_or_script_is_refused_for(name: str) -> None:
    make, expected = SERVICES[name]
    assert make().problems() == expected


def test_a_parameter_given_twice_is_refused() -> None:
    text = serving("permits/quota", district="1").text()
    parameter = text[text.index("<spiffworkflow:parameter ") : text.index("</spiffworkflow:parameters>")]
    found = load(Bundle("permits_test", {"a.bpmn": text.replace(parameter, parameter * 2).encode()}), HOUSE)
    assert refusals(found) == [("twice", "serve")]


def test_a_bundle_needs_its_process_once() -> None:
    good = review().text().encode()
    for files in ({}, {"a.json": b"{}"}, {"a.bpmn": good.replace(b"permits_test", b"permits_other")}):
        assert refusals(load(Bundle("permits_test", files), HOUSE)) == [("no_process", None)]
    twice = {"a.bpmn": good, "b.bpmn": good}
    assert refusals(load(Bundle("permits_test", twice), HOUSE)) == [("twice", "permits_test")]
    decision = {"a.bpmn": good, "b.dmn": b"<x/>"}
    assert refusals(load(Bundle("permits_test", decision), HOUSE)) == [("not_dmn", None)]
    empty = {"a.bpmn": good, "b.bpmn": f"{HEAD}{TAIL}".encode()}
    assert refusals(load(Bundle("permits_test", empty), HOUSE)) == [("one_process", None)]
