"""Hostile files are refused at the door or by element, at once, and nothing in them is fetched or run."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.platform.engine import Bundle, Unusable, load
from tests.platform.engine.drawing import HEAD, HOUSE, TAIL, Drawing, refusals, review

GOOD = review().text()
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "b">]>'


def refused(content: bytes | str) -> list[tuple[str, str | None]]:
    """Codes and elements; refusal must be fast whatever the file."""
    content = content.encode() if isinstance(content, str) else content
    began = time.monotonic()
    found = load(Bundle("permits_test", {"permits/test.bpmn": content}), HOUSE)
    assert time.monotonic() - began < 1
    return refusals(found)


def test_the_good_twin_is_accepted() -> None:
    assert not isinstance(load(Bundle("permits_test", {"a.bpmn": GOOD.encode()}), HOUSE), Unusable)
    utf16 = GOOD.replace("UTF-8", "UTF-16").encode("utf-16")
    assert not isinstance(load(Bundle("permits_test", {"a.bpmn": utf16}), HOUSE), Unusable)
    marked = GOOD.replace("<bpmn:process", "<?php x?><!-- <!-- --><bpmn:process", 1).replace(
        "<!-- <!--", "<!--"
    )
    assert not isinstance(load(Bundle("permits_test", {"a.bpmn": marked.encode()}), HOUSE), Unusable)


def headed(doctype: str, text: str = GOOD) -> str:
    head, rest = text.split("\n", 1)
    return f"{head}\n{doctype}{rest}"


BOMB = "".join(f"<!ENTITY a{i} '{10 * f'&a{i - 1};'}'>" for i in range(1, 11))
MANY = "<a " + " ".join(f"a{i}='x'" for i in range(40_000)) + "/>"
UTF7 = b'<?xml version="1.0" encoding="UTF-7"?>'  # hides its signs from a look at the bytes
FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not_xml"),
    "noise": (bytes(range(256)), "not_xml"),
    "an open tag": (GOOD[:-5].encode(), "not_xml"),
    "html": (b"<html></html>", "not_bpmn"),
    "bpmn of another namespace": (GOOD.replace("20100524/MODEL", "20110101/MODEL").encode(), "not_bpmn"),
    "doctype": (headed("<!DOCTYPE x>").encode(), "doctype"),
    "doctype with an entity": (headed(DOCTYPE).encode(), "doctype"),
    "doctype in utf-16": (headed(DOCTYPE).replace("UTF-8", "UTF-16").encode("utf-16"), "doctype"),
    "doctype in utf-16-be": (headed(DOCTYPE).replace("UTF-8", "UTF-16BE").encode("utf-16-be"), "doctype"),
    "doctype in utf-32": (headed(DOCTYPE).replace("UTF-8", "UTF-32").encode("utf-32"), "doctype"),
    "doctype in ebcdic": (headed("<!DOCTYPE x>").replace("UTF-8", "IBM037").encode("cp037", "ignore"), "not_xml"),
    "doctype in utf-7": (UTF7 + b"<!DOCTYPE x>".replace(b"<!", b"+ADwAIQ-").replace(b">", b"+AD4-<x/>"), "doctype"),
    "entity bomb in utf-7": (
        UTF7 + f'<!DOCTYPE x [<!ENTITY a0 "ha">{BOMB}]><x>&a9;</x>'.encode("utf-7"), "doctype",
    ),
    "external entity": (headed('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>').encode(), "doctype"),
    "external dtd": (headed('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">').encode(), "doctype"),
    "parameter entity": (headed('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]>').encode(), "doctype"),
    "entity bomb": (headed(f'<!DOCTYPE x [<!ENTITY a0 "ha">{BOMB}]>').encode(), "doctype"),
    "quadratic bomb": (headed(f'<!DOCTYPE x [<!ENTITY a "{"b" * 100_000}">]>').encode(), "doctype"),
    "an undeclared entity": (GOOD.replace("测试", "&a;").encode(), "not_xml"),
    "an unknown encoding": (GOOD.replace("UTF-8", "UTF-9").encode(), "not_xml"),
    "too deep": (("<a>" * 100_000 + "</a>" * 100_000)[:500_000].encode(), "not_xml"),
    "many attributes": (MANY.encode(), "not_bpmn"),
    "too large": (b" " * 600_000, "file_too_large"),
    "200k orphans": (
        (HEAD + "".join(f'<bpmn:task id="t{i}"/>' for i in range(200_000)) + TAIL).encode(),
        "file_too_large",
    ),
    "20k orphans": ((HEAD + "<bpmn:task/>" * 20_001 + TAIL).encode(), "too_many_nodes"),
    "zeros": (b"\x00" * 1_000, "not_xml"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_stopped_at_the_door(name: str) -> None:
    content, code = FILES[name]
    assert refused(content)[0][0] == code


def test_too_many_elements_are_refused_before_any_check() -> None:
    drawing = Drawing().start().end()
    for number in range(249):
        drawing.task(f"t{number}")
    assert drawing.problems() == [("too_many_elements", None)]


def task_with(inside: str = "", attributes: str = "") -> str:
    drawing = Drawing().start().end().line("begin", "apply", "done")
    drawing.node("userTask", "apply", inside, f'name="a" {attributes}', assignee="starter", name_en="a")
    return drawing.text()


def extended(inside: str) -> str:
    text = task_with()
    mark = '<spiffworkflow:properties><spiffworkflow:property name="assignee"'
    return text.replace(mark, inside + mark)


def instead(tag: str, inside: str = "", attributes: str = "") -> str:
    drawing = Drawing().start().end().line("begin", "apply", "done")
    return drawing.node(tag, "apply", inside, attributes).text()


SCRIPT = "__import__('os').system('id')"
CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
ELEMENTS: dict[str, tuple[Callable[[], str], str, str | None]] = {
    "a condition with code": (
        lambda: GOOD.replace('outcome == "return"', "__import__('os')"), "expression", "back",
    ),
    "a megabyte of brackets": (
        lambda: GOOD.replace('outcome == "return"', "(" * 400_000), "expression", "back",
    ),
    "a condition in python": (
        lambda: GOOD.replace("<bpmn:conditionExpression ", '<bpmn:conditionExpression language="python" '),
        "language",
        "back",
    ),
    "a script before": (lambda: extended(f"<spiffworkflow:preScript>{SCRIPT}</spiffworkflow:preScript>"),
                        "unknown_extension", "apply"),
    "a script after": (lambda: extended(f"<spiffworkflow:postScript>{SCRIPT}</spiffworkflow:postScript>"),
                       "unknown_extension", "apply"),
    "unit tests": (lambda: extended("<spiffworkflow:unitTests/>"), "unknown_extension", "apply"),
    "an operator on a user task": (lambda: extended('<spiffworkflow:serviceTaskOperator id="permits/quota"/>'),
                                   "unknown_extension", "apply"),
    "a decision on a user task": (
        lambda: extended("<spiffworkflow:calledDecisionId>x</spiffworkflow:calledDecisionId>"),
        "unknown_extension", "apply"),
    "a camunda listener": (lambda: extended(f"<camunda:taskListener {CAMUNDA}/>"), "foreign", "apply"),
    "a camunda assignee": (
        lambda: task_with(attributes=f'{CAMUNDA} camunda:assignee="x"'), "foreign", "apply",
    ),
    "a flowable key": (
        lambda: task_with(attributes='xmlns:f="http://flowable.org/bpmn" f:formKey="x"'), "foreign", "apply",
    ),
    "a property with children": (
        lambda: extended('<spiffworkflow:properties><spiffworkflow:property name="form" value="x"><a/>'
                         "</spiffworkflow:property></spiffworkflow:properties>"), "unknown_extension", "apply"),
    "a property twice": (
        lambda: extended('<spiffworkflow:properties><spiffworkflow:property name="assignee" value="starter"/>'
                         "</spiffworkflow:properties>"), "twice", "apply"),
    "a property without value": (
        lambda: extended('<spiffworkflow:properties><spiffworkflow:property name="due"/>'
                         "</spiffworkflow:properties>"), "property_value", "apply"),
    "an operator with more": (
        lambda: instead("serviceTask", "").replace(
            '<bpmn:serviceTask id="apply" >',
            '<bpmn:serviceTask id="apply"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator '
            'id="permits/quota" resultVariable="x"/></bpmn:extensionElements>',
        ), "unknown_extension", "apply"),
    "a plain task": (lambda: instead("task"), "unknown_element", "apply"),
    "a transaction": (lambda: instead("transaction"), "unknown_element", "apply"),
    "a complex gateway": (lambda: instead("complexGateway"), "unknown_element", "apply"),
    "an ad hoc process": (lambda: instead("adHocSubProcess"), "unknown_element", "apply"),
    "an empty sub-process": (lambda: instead("subProcess"), "one_start", "apply"),
    "a call of nobody": (
        lambda: instead("callActivity", attributes='calledElement="x"'), "unknown_process", "apply",
    ),
    "a call of nothing": (lambda: instead("callActivity"), "calls_nothing", "apply"),
    "a call of itself": (
        lambda: instead("callActivity", attributes='calledElement="permits_test"'), "calls_itself", "apply",
    ),
    "a rule": (lambda: instead("businessRuleTask"), "no_called_decision", "apply"),
    "a timer without time": (
        lambda: instead("intermediateCatchEvent", "<bpmn:timerEventDefinition/>"), "timer_without_time", "apply",
    ),
    "a cycle timer": (
        lambda: instead("intermediateCatchEvent", "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle>"
                                                  "</bpmn:timerEventDefinition>"), "unknown_element", "apply",
    ),
    "a timer of another kind": (
        lambda: instead("intermediateCatchEvent", "<bpmn:timerEventDefinition><bpmn:timeDuration>P1Y"
                                                  "</bpmn:timeDuration></bpmn:timerEventDefinition>"), "timer_time",
        "apply",
    ),
    "an event of nothing": (lambda: instead("intermediateCatchEvent"), "event_missing", "apply"),
    "a message of nobody": (
        lambda: instead("receiveTask"), "event_without_name", "apply",
    ),
    "a message that is not there": (
        lambda: instead("receiveTask", attributes='messageRef="m"'), "dangling", "apply",
    ),
    "an event of two kinds": (
        lambda: instead("intermediateCatchEvent", "<bpmn:timerEventDefinition/><bpmn:signalEventDefinition/>"),
        "several_events", "apply",
    ),
    "a boundary of nothing": (
        lambda: instead("boundaryEvent", "<bpmn:timerEventDefinition/>", 'attachedToRef="x"'), "dangling", "apply",
    ),
    "a link": (lambda: instead("endEvent", "<bpmn:linkEventDefinition/>"), "unknown_element", "apply"),
    "a compensation": (
        lambda: instead("endEvent", "<bpmn:compensateEventDefinition/>"), "unknown_element", "apply",
    ),
    "several instances": (
        lambda: task_with("<bpmn:multiInstanceLoopCharacteristics/>"), "unknown_element", "apply",
    ),
    "a loop": (lambda: task_with("<bpmn:standardLoopCharacteristics/>"), "unknown_element", "apply"),
    "an assignment on the way": (
        lambda: task_with("<bpmn:dataInputAssociation><bpmn:assignment/></bpmn:dataInputAssociation>"),
        "unknown_element", "apply",
    ),
    "a message": (lambda: GOOD.replace(TAIL, f'<bpmn:message id="m"/>{TAIL}'), "no_name", "m"),
    "an import": (lambda: GOOD.replace(TAIL, f"<bpmn:import/>{TAIL}"), "unknown_element", None),
    "an element of nobody": (lambda: task_with("<x xmlns='urn:x'/>"), "unknown_element", "apply"),
    "an element of nobody in the drawing": (
        lambda: GOOD.replace(TAIL, '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><x/>'
                                   f"</d:BPMNDiagram>{TAIL}"), "unknown_element", None),
    "an extension of the file": (
        lambda: GOOD.replace(TAIL, f"<bpmn:extensionElements><x/></bpmn:extensionElements>{TAIL}"), "foreign", "file",
    ),
    "a message flow": (
        lambda: GOOD.replace(TAIL, f'<bpmn:collaboration id="c"><bpmn:messageFlow/></bpmn:collaboration>{TAIL}'),
        "unknown_element", None,
    ),
    "an attribute": (lambda: task_with(attributes='isForCompensation="true"'), "unknown_attribute", "apply"),
    "another attribute": (lambda: task_with(attributes='completionQuantity="0"'), "unknown_attribute", "apply"),
    "a stranger in the lanes": (
        lambda: Drawing().start().end().line("begin", "done").lane("lane").text().replace(
            "</bpmn:lane>", "</bpmn:lane><bpmn:x/>"), "unknown_element", None),
    "a stranger in a lane": (
        lambda: Drawing().start().end().line("begin", "done").lane("lane").text().replace(
            "</bpmn:lane>", "<bpmn:x/></bpmn:lane>"), "unknown_element", None),
    "a lane without id": (
        lambda: Drawing().start().end().line("begin", "done").lane("lane").text().replace('lane id="lane"', "lane"),
        "bad_id", None),
    "the same id twice": (lambda: GOOD.replace('id="done"', 'id="apply"'), "twice", "apply"),
    "no id": (lambda: GOOD.replace(' id="done"', ""), "bad_id", None),
    "a bad id": (lambda: GOOD.replace('id="done"', 'id="a b"'), "bad_id", "a b"),
    "a flow from nowhere": (lambda: GOOD.replace('sourceRef="begin"', 'sourceRef="gone"'), "dangling", "flow1"),
    "a process that may not run": (
        lambda: GOOD.replace('isExecutable="true"', 'isExecutable="false"'), "not_executable", "permits_test",
    ),
    "two processes": (
        lambda: GOOD.replace(TAIL, f'<bpmn:process id="permits_other"/>{TAIL}'), "one_process", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_is_refused_by_name(name: str) -> None:
    make, code, element = ELEMENTS[name]
    found = refused(make())
    assert (code, element) in found, found


def test_a_hundred_problems_are_enough() -> None:
    found = load(
        Bundle(
            "permits_test",
            {"a.bpmn": GOOD.replace("<bpmn:endEvent", "<bpmn:x/>" * 500 + "<bpmn:endEvent").encode()},
        ),
        HOUSE,
    )
    assert isinstance(found, Unusable)
    assert len(found.problems) == 100
