"""Files nobody should send: each with the code it is refused for. Built here, so that none of them lies about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.platform.engine.drawing import HEAD, TAIL, Drawing
from tests.platform.engine.nested import Nested, inner, loop, timer

PYTHON = "__import__('os').system('id')"
FEEL = "http://www.omg.org/spec/DMN/20191111/FEEL/"


@dataclass(frozen=True)
class Hostile:
    """Some files sent together. `codes`: one of them must be among the reasons."""

    name: str
    files: dict[str, bytes]
    codes: tuple[str, ...]


def extended(inside: str) -> str:
    """What stands in the extensions of an element."""
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def plain(process: str = "office_bad") -> Drawing:
    """A chain that is sound but for what is put into it."""
    return Drawing(process).start().task("ask").end().line("begin", "ask", "done")


GOOD = plain().text()


def sent(name: str, content: str | bytes, *codes: str, file: str = "bad.bpmn") -> Hostile:
    """One file."""
    return Hostile(name, {file: content.encode() if isinstance(content, str) else content}, codes)


def headed(doctype: str, text: str = GOOD) -> str:
    """A file with something before its root."""
    head, rest = text.split("\n", 1)
    return f"{head}\n{doctype}{rest}"


def xml() -> Iterator[Hostile]:
    """What is wrong before anything is read."""
    bomb = "".join(f"<!ENTITY a{i} '{10 * f'&a{i - 1};'}'>" for i in range(1, 11))
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    )
    yield sent("nothing at all", b"", "not_xml")
    yield sent("zeros", b"\x00" * 4_000, "not_xml")
    yield sent("a zero in the middle", GOOD.replace("测试", "测\x00试"), "not_xml")
    yield sent("a doctype", headed("<!DOCTYPE x>"), "doctype")
    yield sent(
        "a billion laughs",
        headed(f'<!DOCTYPE x [<!ENTITY a0 "ha">{bomb}]>').replace("测试", "&a9;"),
        "doctype",
    )
    yield sent(
        "quadratic growth",
        headed(f'<!DOCTYPE x [<!ENTITY a "{"b" * 50_000}">]>').replace("测试", "&a;" * 10_000),
        "doctype",
    )
    yield sent(
        "an external entity", headed('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "doctype"
    )
    yield sent(
        "a parameter entity",
        headed('<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]>'),
        "doctype",
    )
    yield sent("an external subset", headed('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), "doctype")
    yield sent(
        "a doctype in UTF-16", headed("<!DOCTYPE x>").replace("UTF-8", "UTF-16").encode("utf-16"), "doctype"
    )
    yield sent(
        "a doctype in UTF-32", headed("<!DOCTYPE x>").replace("UTF-8", "UTF-32").encode("utf-32"), "doctype"
    )
    yield sent(
        "a doctype in UTF-7",
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-<x/>',
        "doctype",
        "not_xml",
    )
    yield sent(
        "EBCDIC",
        headed("<!DOCTYPE x>").replace("UTF-8", "IBM037").encode("cp037", "ignore"),
        "not_xml",
        "doctype",
    )
    yield sent("an unknown encoding", GOOD.replace("UTF-8", "UTF-9"), "not_xml")
    yield sent("an undeclared entity", GOOD.replace("测试", "&a;"), "not_xml")
    yield sent("an inclusion", GOOD.replace(TAIL, f"{include}{TAIL}"), "unknown_element")
    yield sent("half a file", GOOD[: len(GOOD) // 2], "not_xml")
    yield sent("two roots", GOOD + "<a/>", "not_xml")
    yield sent("a huge file", GOOD.replace("测试", "x" * 600_000), "file_too_large")
    yield sent("a hundred thousand levels", ("<a>" * 100_000 + "</a>" * 70_000)[:500_000], "not_xml")
    yield sent("20,001 nodes", HEAD + "<bpmn:task/>" * 20_001 + TAIL, "too_many_nodes")
    yield sent(
        "forty thousand attributes", "<a " + " ".join(f"a{i}='x'" for i in range(40_000)) + "/>", "not_bpmn"
    )
    yield sent(
        "many namespaces",
        "<a " + " ".join(f"xmlns:a{i}='urn:{i}'" for i in range(15_000)) + "/>",
        "not_bpmn",
        "not_xml",
    )


def kinds() -> Iterator[Hostile]:
    """What is something else altogether."""
    yield sent("a picture in SVG", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "not_bpmn")
    yield sent(
        "a page",
        '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
        "not_bpmn",
    )
    yield sent("a feed", '<rss version="2.0"><channel/></rss>', "not_bpmn")
    yield sent("a table as a diagram", table("amount", "1", '"a"'), "not_bpmn")
    yield sent("BPMN of another version", GOOD.replace("20100524/MODEL", "20110101/MODEL"), "not_bpmn")
    yield sent("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "not_xml")
    yield sent("an archive", b"PK\x03\x04" + bytes(range(256)) * 40, "not_xml")
    yield sent("a paper", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 9_000, "not_xml")
    yield sent("JSON", b'{"process": "x"}', "not_xml")
    yield Hostile("a table that is none", {"bad.bpmn": GOOD.encode(), "bad.dmn": b"<a/>"}, ("not_dmn",))


def holding(tag: str, body: str = "", attributes: str = "", **given: str) -> str:
    """A chain with one other element in its middle."""
    drawing = Drawing("office_bad").start().end().node(tag, "ask", body, attributes, **given)
    return drawing.line("begin", "ask", "done").text()


def asking(**given: str) -> str:
    """A chain whose task has these properties."""
    return Drawing("office_bad").start().task("ask", **given).end().line("begin", "ask", "done").text()


def chosen(condition: str) -> str:
    """A chain that branches on a condition."""
    drawing = Drawing("office_bad").start().task("ask").xor("way", default="good").end()
    drawing.line("begin", "ask", "way").flow("way", "ask", condition, id="bad")
    return drawing.flow("way", "done", id="good").text()


def code() -> Iterator[Hostile]:
    """Python in every place an expression, or anything like it, can stand."""
    for name, text in {
        "an import": PYTHON,
        "the way up from a tuple": "().__class__.__bases__[0].__subclasses__()",
        "an attribute in underscores": "x.__class__",
        "a subscript in underscores": 'x["a"].__init__.__globals__',
        "a formatted text": "f'{x}'",
        "a function": "(lambda: 1)()",
        "a walrus": "(x := 1)",
        "a comprehension": "[x for x in y]",
        "a power": "10**10**10",
        "a shift": "1 << 1000000000",
        "a long number": "9" * 900,
        "exponential brackets": "(" * 900,
        "a long row": " or ".join(["a"] * 240),
        "a text times a number": '"a" * 1000000000',
        "an await": "await x",
        "a star": "max(*x)",
        "a keyword": "max(key=x)",
        "a statement": "import os",
        "JUEL": "${execution.getVariable('x').getClass()}",
        "a backslash": r'"\u0027"',
        "an unknown function": "open('/etc/passwd')",
    }.items():
        codes = ("expression", "condition_not_here", "unknown_variable")
        if name == "a text times a number":
            text += " == x"  # it is read, and would fail within its bounds: x is not there
            codes = ("unknown_variable",)
        yield sent(f"{name} in a condition", chosen(text), *codes)
    yield sent(
        "a condition in Python",
        chosen("x").replace("<bpmn:conditionExpression ", '<bpmn:conditionExpression language="python" '),
        "language",
    )
    for tag in ("timeDate", "timeDuration"):
        body = f"<bpmn:timerEventDefinition><bpmn:{tag}>{PYTHON}</bpmn:{tag}></bpmn:timerEventDefinition>"
        yield sent(f"code in {tag}", holding("intermediateCatchEvent", body), "expression")
    yield sent(
        "code in a script", holding("scriptTask", f"<bpmn:script>{PYTHON}</bpmn:script>"), "not_an_assignment"
    )
    yield sent(
        "code assigned", holding("scriptTask", f"<bpmn:script>a = {PYTHON}</bpmn:script>"), "expression"
    )
    yield sent(
        "a script in Python",
        holding("scriptTask", "<bpmn:script>a = 1</bpmn:script>", 'scriptFormat="python"'),
        "script_format",
    )
    yield sent(
        "an assignment to underscores",
        holding("scriptTask", "<bpmn:script>__builtins__ = 1</bpmn:script>"),
        "not_an_assignment",
    )
    yield from (
        sent(f"code in {name}", asking(**{name: PYTHON}), "property_value", "unknown_role", "unknown_form")
        for name in ("outcomes", "seats", "assignee", "due", "allow", "escalate", "nobody", "avoid", "form")
    )
    yield sent(
        "code in a title",
        GOOD.replace(
            "<spiffworkflow:properties>",
            f'<spiffworkflow:properties><spiffworkflow:property name="title" value="{PYTHON}"/>',
            1,
        ),
        "expression",
    )
    yield sent(
        "code in a number",
        GOOD.replace(
            "<spiffworkflow:properties>",
            '<spiffworkflow:properties><spiffworkflow:property name="number" value="{serial.__class__}"/>',
            1,
        ),
        "property_value",
    )
    yield sent(
        "code in a lane's place",
        plain().lane("l", "ask", role="organiser", at=PYTHON).text(),
        "property_value",
    )
    yield sent(
        "code in a lane's subject",
        plain().lane("l", "ask", role="organiser", for_=PYTHON).text(),
        "property_value",
    )
    parameter = f'<spiffworkflow:parameter id="to" value="{PYTHON}"/>'
    operator = extended(
        '<spiffworkflow:serviceTaskOperator id="platform/notify">'
        f"<spiffworkflow:parameters>{parameter}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
    )
    yield sent("code in a parameter", holding("serviceTask", operator), "expression", "unknown_action")
    yield sent(
        "an action that is a module",
        holding("serviceTask", operator.replace("platform/notify", "os/system")),
        "unknown_action",
    )
    before = extended("<spiffworkflow:preScript>import os</spiffworkflow:preScript>")
    yield sent("a script before a task", holding("userTask", before, 'name="a"'), "unknown_extension")
    message = GOOD.replace("<bpmn:process", '<bpmn:message id="m" name="m"/><bpmn:process', 1)
    entry = f'<spiffworkflow:property name="correlation" value="{PYTHON}"/>'
    catch = (
        '<bpmn:intermediateCatchEvent id="wait">'
        + extended(f"<spiffworkflow:properties>{entry}</spiffworkflow:properties>")
        + '<bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    )
    yield sent(
        "code in a correlation", message.replace("</bpmn:process>", f"{catch}</bpmn:process>"), "expression"
    )
    for tag in ("loopCardinality", "completionCondition", "loopDataInputRef"):
        parts = f"<bpmn:{tag}>{PYTHON}</bpmn:{tag}>"
        parts += "" if tag != "completionCondition" else "<bpmn:loopCardinality>2</bpmn:loopCardinality>"
        loops = f"<bpmn:multiInstanceLoopCharacteristics>{parts}</bpmn:multiInstanceLoopCharacteristics>"
        text = Nested("office_bad").start().sub("s", inner(), loops).end().line("begin", "s", "done").text()
        yield sent(f"code in {tag}", text, "expression", "unknown_variable")


def table(asked: str, cell: str, result: str, policy: str = "UNIQUE", name: str = "grade") -> str:
    """A decision table with one rule."""
    return f"""<?xml version="1.0"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
    namespace="urn:x"><decision id="rate" name="Rate"><decisionTable id="t" hitPolicy="{policy}">
    <input id="i" label="a"><inputExpression id="e"><text>{asked}</text></inputExpression></input>
    <output id="o" name="{name}"/><rule id="r">
    <inputEntry id="c"><text>{cell}</text></inputEntry><outputEntry id="p"><text>{result}</text></outputEntry></rule>
    </decisionTable></decision></definitions>"""


def tables() -> Iterator[Hostile]:
    """Decision tables."""
    rule = extended("<spiffworkflow:calledDecisionId>rate</spiffworkflow:calledDecisionId>")
    drawn = holding("businessRuleTask", rule).encode()
    for name, text, code in (
        ("code in a cell", table("amount", PYTHON, '"a"'), "cell"),
        ("code in a result", table("amount", "1", PYTHON), "cell"),
        ("code in a question", table(PYTHON, "1", '"a"'), "question"),
        ("a range of ranges", table("amount", "[" * 800, '"a"'), "cell"),
        ("a policy of its own", table("amount", "1", '"a"', "RULE ORDER"), "hit_policy"),
        ("an output that is no name", table("amount", "1", '"a"', name="__class__"), "output_name"),
        (
            "501 rules",
            table("amount", "1", '"a"').replace("<rule ", 501 * "<rule/>" + "<rule ", 1),
            "too_many_rules",
        ),
        (
            "a table with a doctype",
            headed("<!DOCTYPE x>", table("a", "1", "1").replace("?><", "?>\n<", 1)),
            "doctype",
        ),
    ):
        yield Hostile(name, {"bad.bpmn": drawn, "bad.dmn": text.encode()}, (code,))


def elements() -> Iterator[Hostile]:
    """Diagrams that are read, and must not run."""
    yield sent(
        "an element of nobody", holding("userTask", '<x xmlns="urn:x"/>', 'name="a"'), "unknown_element"
    )
    yield sent("a plain task", holding("task"), "unknown_element")
    yield sent(
        "a namespace of nobody", holding("userTask", "", 'name="a" xmlns:x="urn:x" x:run="rm"'), "foreign"
    )
    yield sent(
        "a listener of Camunda",
        holding(
            "userTask",
            extended(
                '<c:taskListener xmlns:c="http://camunda.org/schema/1.0/bpmn" class="java.lang.Runtime"/>'
            ),
            'name="a"',
        ),
        "foreign",
    )
    yield sent("a flow to nowhere", GOOD.replace('targetRef="done"', 'targetRef="gone"'), "dangling")
    yield sent("the same id twice", GOOD.replace('id="done"', 'id="ask"'), "twice")
    yield sent("an id that is a path", GOOD.replace('id="done"', 'id="../../etc"'), "bad_id")
    yield sent("an id of ten thousand letters", GOOD.replace('"done"', f'"{"d" * 10_000}"'), "bad_id")
    yield sent("two processes", GOOD.replace(TAIL, f'<bpmn:process id="office_other"/>{TAIL}'), "one_process")
    yield sent("no process", f"{HEAD}{TAIL}", "one_process")
    crossing = (
        Nested("office_bad").start().task("ask").sub("s", inner("in")).end().line("begin", "ask", "s", "done")
    )
    yield sent("a flow into a sub-process", crossing.flow("ask", "in_done").text(), "crosses")
    ring = {
        f"r{n}": Nested(f"office_r{n}").start(f"b{n}").call(f"c{n}", f"office_r{(n + 1) % 3}").end(f"e{n}")
        for n in range(3)
    }
    files = {
        f"{name}.bpmn": pen.line(f"b{name[1]}", f"c{name[1]}", f"e{name[1]}").text().encode()
        for name, pen in ring.items()
    }
    yield Hostile("three that call each other", files, ("calls_itself",))
    many = Drawing("office_bad").start().end()
    for number in range(249):
        many.task(f"t{number}")
    yield sent("251 elements", many.text(), "too_many_elements")
    scripts = (
        Drawing("office_bad")
        .start()
        .script("a", "x = 1")
        .xor("m")
        .script("b", "x = 2")
        .xor("w", default="on")
        .end()
    )
    scripts.line("begin", "a", "m", "b", "w").flow("w", "m", "x == 2", id="round").flow("w", "done", id="on")
    yield sent("a first step that never ends", scripts.text(), "turns_alone")
    body = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT0S</bpmn:timeCycle></bpmn:timerEventDefinition>"
    yield sent("a timer without end", holding("intermediateCatchEvent", body), "unknown_element")
    yield sent("a duration of ages", holding("intermediateCatchEvent", timer("P99999D")), "timer_time")
    yield sent(
        "a date that is none",
        holding(
            "intermediateCatchEvent", body.replace("timeCycle", "timeDate").replace("R/PT0S", "2026-13-45")
        ),
        "timer_time",
    )
    yield sent(
        "a million items",
        Nested("office_bad")
        .start()
        .sub("s", inner(), loop(count="1000000"))
        .end()
        .line("begin", "s", "done")
        .text(),
        "too_many_items",
    )
    yield sent("200 times 200 items", exploding(), "trial")
    yield sent(
        "a property of two million letters",
        asking(summary="x " * 200_000),
        "property_value",
        "file_too_large",
    )
    yield sent("a property nobody knows", asking(run="rm -rf /"), "unknown_property")
    yield sent("a name of thousands", GOOD.replace("测试", "x" * 5_000), "property_value")
    yield sent("a regular expression's nightmare", asking(due="P" + "1" * 1_500 + "!"), "property_value")
    yield sent(
        "an outcome's nightmare", asking(outcomes="a=" + " " * 1_900 + "!-" * 20 + ";="), "property_value"
    )


def exploding() -> str:
    """Two hundred items in each of two hundred."""
    within = Nested().start("b2").script("x", "a = 1").end("e2").line("b2", "x", "e2")
    middle = Nested().start("b1").sub("s2", within, loop(count="200")).end("e1").line("b1", "s2", "e1")
    return (
        Nested("office_bad")
        .start()
        .sub("s1", middle, loop(count="200"))
        .end()
        .line("begin", "s1", "done")
        .text()
    )


def gateways() -> str:
    """Conditions that are dear to compare, and never hold together but at the very last."""
    drawing = Drawing("office_bad").start().end()
    names = [f"v{n}" for n in range(10)]
    drawing.script("first", *(f"{name} = {place}" for place, name in enumerate(names)))
    drawing.task("t0").line("begin", "first", "t0")
    for n in range(80):
        drawing.xor(f"x{n}", default=f"d{n}").xor(f"m{n}").flow(f"t{n}" if not n else f"m{n - 1}", f"x{n}")
        for k in range(3):
            wish = " and ".join(f"{name} == {1000 + place + k}" for place, name in enumerate(names))
            drawing.flow(f"x{n}", f"m{n}" if not k else "done", wish, id=f"f{n}_{k}")
        drawing.flow(f"x{n}", f"m{n}", id=f"d{n}")
    return drawing.flow("m79", "done").text()


def form(**more: Any) -> bytes:
    """A form that is sound but for what is put into it."""
    field = {"type": "yes_no", "name": "agreed", "label": "同意", "label.en": "Agreed"} | more.pop(
        "field", {}
    )
    data = {"id": "office/bad", "title": "表", "title.en": "Form", "fields": [field], **more}
    return json.dumps(data).encode()


def forms() -> Iterator[Hostile]:
    """Forms and templates, beside a chain that is sound."""
    chain = {"bad.bpmn": GOOD.encode()}
    deep = b"[" * 100_000 + b"]" * 100_000
    number = {"type": "number", "name": "agreed"}
    for name, content, code in (
        ("JSON that is none", b"{", "not_json"),
        ("JSON without an end to its levels", deep, "not_json"),
        (
            "a number of ten thousand digits",
            form(x=1).replace(b'"x": 1', b'"x": ' + b"9" * 10_000),
            "not_json",
        ),
        ("NaN", form(x=1).replace(b'"x": 1', b'"x": NaN'), "not_json"),
        ("the same key twice", form().replace(b'"title":', b'"title": "a", "title":'), "duplicate_key"),
        ("sixty thousand keys", b"{" + b",".join(b'"k%d": 1' % n for n in range(60_000)) + b"}", "missing"),
        ("a megabyte and more", b" " * 1_000_001, "too_big"),
        ("Latin letters of another coding", form().replace(b"Form", b"\xff\xfe"), "not_json"),
        ("a list", b"[]", "invalid"),
        ("no fields", form(fields=[]), "no_items"),
        ("a type nobody knows", form(field={"type": "python"}), "not_listed"),
        ("a name in underscores", form(field={"name": "__class__"}), "invalid"),
        ("code in show_if", form(field={"show_if": PYTHON}), "bad_expression"),
        ("code in require_if", form(field={"require_if": "().__class__"}), "bad_expression"),
        ("code in a check", form(field={"check": PYTHON}), "invalid"),
        ("code in a form's checks", form(checks=[{"if": PYTHON, "zh": "a", "en": "a"}]), "invalid"),
        (
            "code in a computed field",
            form(field={"type": "computed", "expression": "[a for a in b]"}),
            "bad_expression",
        ),
        ("a smallest that is text", form(field=number | {"min": "x"}), "invalid"),
    ):
        yield Hostile(f"form: {name}", chain | {"forms/office/bad.json": content}, (code,))
    for name, text, code in (
        ("a class", "{{ ''.__class__.__mro__ }}", "template_reach"),
        ("a class by its name", "{{ ''['__class__'] }}", "template_reach"),
        ("a class by a filter", "{{ ''|attr('__class__') }}", "template_reach"),
        ("an inclusion", "{% include '/etc/passwd' %}", "template_reach"),
        ("an import", "{% from 'os' import system %}", "template_reach"),
        ("another parent", "{% extends '../../secret.html' %}", "template_reach"),
        ("itself", "{{ self.__init__.__globals__ }}", "template_reach"),
        ("a power", "{{ 9**9**9 }}", "template_reach"),
        ("a text without end", "{{ 'a' * 9999999999 }}", "template_reach"),
        ("an open end", "{% if %}", "template_syntax"),
        ("a thousand brackets", "{{ " + "(" * 5_000 + " }}", "template_syntax"),
        ("no text", "\udcff", "template_syntax"),
    ):
        content = text.encode("utf-8", "surrogateescape")
        yield Hostile(f"template: {name}", chain | {"forms/office/bad.html": content}, (code,))


def names() -> Iterator[Hostile]:
    """Names that lead elsewhere."""
    for name in (
        "../bad.bpmn",
        "/etc/bad.bpmn",
        "a/../../bad.bpmn",
        "a\\..\\bad.bpmn",
        "C:bad.bpmn",
        "a//bad.bpmn",
    ):
        yield sent(f"the name {name}", GOOD, "file_name", file=name)


def collection() -> list[Hostile]:
    """All of them."""
    return [*xml(), *kinds(), *code(), *tables(), *elements(), *forms(), *names()]
