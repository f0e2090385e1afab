"""A file without a drawing is laid out: nothing overlaps, every flow touches what it joins, and fast."""

from __future__ import annotations

import time
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.platform.engine.front import admit
from app.platform.engine.layout import drawn, is_drawn, width_of, wrap
from app.platform.engine.vocabulary import BPMN
from app.platform.runtime.diagram import Box, Plan, _read
from tests.platform.engine.blocks import shapes
from tests.platform.engine.drawing import Drawing, review
from tests.platform.engine.nested import Nested, timer
from tests.platform.engine.scenes import Scene, Shape, scenes

ROOT = Path(__file__).resolve().parents[3]
HOLDERS = ("participant", "lane", "subProcess")


def plan(content: bytes) -> Plan:
    """What a file draws once it is laid out."""
    made = drawn(content)
    assert is_drawn(admit(made))
    return _read(admit(made))


def meet(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def holds(outer: Box, inner: Box) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def touches(box: Box, point: tuple[float, float]) -> bool:
    x, y = point
    inside = box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height
    return inside and (x in (box.x, box.x + box.width) or y in (box.y, box.y + box.height))


def judge(content: bytes) -> Plan:
    """Everything that must hold of a drawing."""
    root = etree.fromstring(content)
    found = plan(content)
    edges = {x.get("id"): x.get("attachedToRef") for x in root.iter(f"{{{BPMN}}}boundaryEvent")}
    inside = {
        x.get("id"): {each.get("id") for each in x.iter() if each is not x}
        for x in root.iter(f"{{{BPMN}}}subProcess")
    }
    for one, other in combinations(found.boxes, 2):
        if found.tags[one] in ("participant", "lane") or found.tags[other] in ("participant", "lane"):
            continue
        if edges.get(one) == other or edges.get(other) == one:
            continue
        first, second = found.boxes[one], found.boxes[other]
        if other in inside.get(one, ()):
            assert holds(first, second) or other in edges, (one, other)
        elif one in inside.get(other, ()):
            assert holds(second, first) or one in edges, (one, other)
        else:
            assert not meet(first, second), (one, other, first, second)
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        way = found.ways[flow.get("id") or ""]
        assert touches(found.boxes[flow.get("sourceRef") or ""], way[0]), flow.get("id")
        assert touches(found.boxes[flow.get("targetRef") or ""], way[-1]), flow.get("id")
        for (x, y), (u, v) in pairwise(way):
            assert x == u or y == v, flow.get("id")
    for about, label in found.labels.items():
        for other, box in found.boxes.items():
            if (
                found.tags[other] not in HOLDERS
                and other != about
                and other not in edges
                and about not in edges
            ):
                assert not meet(label, box) or found.tags[about] == "sequenceFlow", (about, other)
    whole = found.boxes.get("pool")
    for box in found.boxes.values():
        assert min(box.x, box.y) >= 0
        assert whole is None or holds(whole, box)
    return found


@given(shapes())
@settings(max_examples=60, deadline=None)
def test_blocks_are_laid_out(shape: Shape) -> None:
    judge(Scene(shape).pen.text().encode())


@given(scenes())
@settings(max_examples=80, deadline=None)
def test_whatever_nests_and_waits_is_laid_out(shape: Shape) -> None:
    judge(Scene(shape).pen.text().encode())


@st.composite
def graphs(draw: st.DrawFn) -> bytes:
    """Any graph at all, in lanes or not: what the checks would refuse is drawn, too."""
    count = draw(st.integers(1, 14))
    drawing = Drawing()
    tags = ["userTask", "exclusiveGateway", "endEvent", "startEvent", "parallelGateway", "serviceTask"]
    names = [f"n{number}" for number in range(count)]
    for name in names:
        label = draw(
            st.sampled_from(["", "审核", "A rather long name of a step", "一个相当长的名称看它如何换行"])
        )
        drawing.node(draw(st.sampled_from(tags)), name, attributes=f'name="{label}"')
    for _ in range(draw(st.integers(0, 2 * count))):
        drawing.flow(draw(st.sampled_from(names)), draw(st.sampled_from(names)))
    lanes = draw(st.integers(0, 3))
    for lane in range(lanes):
        drawing.lane(
            f"lane{lane}", *(name for place, name in enumerate(names) if place % (lanes + 1) == lane)
        )
    return drawing.text().encode()


@given(graphs())
@settings(max_examples=200, deadline=None)
def test_any_graph_is_laid_out(content: bytes) -> None:
    judge(content)


def test_lanes_are_bands_and_hold_their_nodes() -> None:
    drawing = review().lane("a", "begin", "apply").lane("b", "review", "decided", name="审核")
    found = judge(drawing.text().encode())
    assert found.boxes["a"].y + found.boxes["a"].height == found.boxes["b"].y
    for lane, nodes in {"a": ["begin", "apply"], "b": ["review", "decided", "done"]}.items():
        for node in nodes:
            assert holds(found.boxes[lane], found.boxes[node]), node


def test_a_chain_reads_from_left_to_right_on_one_line() -> None:
    found = judge(Drawing().start().task("a").task("b").end().line("begin", "a", "b", "done").text().encode())
    boxes = [found.boxes[name] for name in ("begin", "a", "b", "done")]
    assert [box.x for box in boxes] == sorted(box.x for box in boxes)
    assert len({box.y + box.height / 2 for box in boxes}) == 1


def test_an_event_stands_on_the_lower_edge_of_its_host() -> None:
    drawing = Nested().start().task("a").end().line("begin", "a", "done")
    drawing.edge("late", "a", timer("P1D")).edge("soon", "a", timer("P2D"), stops=False).end("off").end(
        "told"
    )
    found = judge(drawing.line("late", "off").line("soon", "told").text().encode())
    host = found.boxes["a"]
    for event in ("late", "soon"):
        assert found.boxes[event].y + found.boxes[event].height / 2 == host.y + host.height
    assert not meet(found.boxes["late"], found.boxes["soon"])


@pytest.mark.parametrize("path", sorted((ROOT / "processes").rglob("*.bpmn")), ids=lambda path: path.stem)
def test_our_own_chains_keep_their_drawing_and_could_do_without(path: Path) -> None:
    content = path.read_bytes()
    assert drawn(content) is content
    root = etree.fromstring(content)
    for diagram in root.findall("{*}BPMNDiagram"):
        root.remove(diagram)
    judge(etree.tostring(root))


def test_a_missing_shape_is_seen() -> None:
    content = drawn(review().text().encode())
    root = etree.fromstring(content)
    shape = next(each for each in root.iter("{*}BPMNShape") if each.get("bpmnElement") == "apply")
    shape.getparent().remove(shape)  # type: ignore[union-attr]
    assert not is_drawn(root)
    assert is_drawn(admit(drawn(etree.tostring(root))))


def test_drawing_is_repeatable_and_drawn_once() -> None:
    content = review().text().encode()
    assert drawn(content) == drawn(content)
    assert drawn(drawn(content)) == drawn(content)


@pytest.mark.parametrize("content", [b"", b"<a/>", b"\x00", review().text().encode()[:200]])
def test_what_cannot_be_read_comes_back(content: bytes) -> None:
    assert drawn(content) == content


def test_as_many_elements_as_there_may_be_take_less_than_a_second() -> None:
    drawing = Drawing().start().end()
    for number in range(60):
        drawing.both(f"s{number}").both(f"j{number}").task(f"a{number}").task(f"b{number}")
        drawing.line(f"s{number}", f"a{number}", f"j{number}").line(f"s{number}", f"b{number}", f"j{number}")
        drawing.flow(f"j{number - 1}" if number else "begin", f"s{number}")
        if number % 7 == 0:
            drawing.flow(f"b{number}", f"s{number // 2}")
    content = drawing.flow("j59", "done").text().encode()
    began = time.process_time()
    drawn(content)
    assert time.process_time() - began < 1


def test_names_break_between_words() -> None:
    assert wrap("Handle vacation request", 90) == ["Handle", "vacation", "request"]
    assert wrap("一二三四五六七八", 4 * 13) == ["一二三四", "五六七八"]
    assert all(width_of(line) <= 90 for line in wrap("Donaudampfschifffahrtsgesellschaft", 90))
    assert wrap("", 90) == []
    assert len(wrap("字" * 100, 90)) == 4
