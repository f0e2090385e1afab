"""What other products have done by code: service tasks, scripts, decisions and called processes."""

from __future__ import annotations

import re

from lxml import etree

from app.platform.engine.foreign import language
from app.platform.engine.foreign.language import Untranslatable
from app.platform.engine.foreign.sheet import Sheet, bpmn
from app.platform.engine.products import extensions, remove, said, shown, take
from app.platform.engine.vocabulary import BPMN, OURS, local

_CODE = ("delegateExpression", "class", "expression", "type", "topic")
_BESIDE = ("resultVariable", "resultVariableName", "mapDecisionResult", "extensionId")


def read_work(sheet: Sheet) -> None:
    """Translate all tasks that no person does."""
    for task in sheet.all("serviceTask"):
        if (take_type := _type_of(task)) == "dmn":
            task.tag = bpmn("businessRuleTask")
            sheet.made(task, f"serviceTask type={take_type}", "businessRuleTask")
    for task in sheet.all("businessRuleTask"):
        _decision(sheet, task)
    for task in sheet.all("serviceTask", "sendTask", "intermediateThrowEvent", "endEvent"):
        _service(sheet, task)
    for task in sheet.all("scriptTask"):
        _script(sheet, task)
    for call in sheet.all("callActivity"):
        _call(sheet, call)
    for holder in sheet.all("subProcess", "serviceTask", "callActivity", "scriptTask", "businessRuleTask"):
        _loop(sheet, holder)


def _type_of(task: etree._Element) -> str:
    return next((value for name, value in task.attrib.items() if str(name).endswith("}type")), "")


def _decision(sheet: Sheet, task: etree._Element) -> None:
    found = take(task, "decisionRef")
    for part in extensions(task, "calledDecision"):
        found = (said(part.tag, part.get("decisionId", "")), part.get("decisionId", ""))
        remove(part)
    for part in extensions(task, "field"):
        if part.get("name") == "decisionTableReferenceKey":
            found = (
                said(part.tag, "".join(map(str, part.itertext()))),
                "".join(map(str, part.itertext())).strip(),
            )
        remove(part)
    for name in (*_BESIDE, *_CODE):
        other = take(task, name)
        if other is not None and name in _BESIDE:
            sheet.open("decision_result", task, other[0])
        elif other is not None and name != "type":
            sheet.open("service", task, other[0])
    if found is None:
        return
    if not found[1] or found[1][:1] in "=$#":
        sheet.open("decision", task, found[0])
        return
    holder = task.find(bpmn("extensionElements"))
    if holder is None:
        holder = etree.Element(bpmn("extensionElements"))
        task.insert(0, holder)
    etree.SubElement(holder, f"{{{OURS}}}calledDecisionId").text = found[1]
    sheet.made(task, found[0], f"calledDecisionId={found[1]}")


def _service(sheet: Sheet, task: etree._Element) -> None:
    told = [found[0] for name in _CODE if (found := take(task, name)) is not None]
    for definition in task.findall(bpmn("messageEventDefinition")):
        told += [found[0] for name in _CODE if (found := take(definition, name)) is not None]
        for part in extensions(definition):
            told.append(_part(part))
            remove(part)
    for name in _BESIDE:
        other = take(task, name)
        if other is not None:
            sheet.open("mapping", task, other[0])
    for part in extensions(task, "taskDefinition", "connector", "field"):
        told.append(_part(part))
        remove(part)
    if told:
        sheet.open("service", task, "; ".join(told))


def _part(part: etree._Element) -> str:
    texts = [
        *map(str, part.attrib.values()),
        *(text.strip() for text in map(str, part.itertext()) if text.strip()),
    ]
    return f"{shown(part.tag)} {' '.join(texts)}".strip()


_SET = re.compile(r"execution\.setVariable\(\s*[\"'](\w+)[\"']\s*,\s*(.+?)\s*\)")
_ASSIGNED = re.compile(r"(?:var|let|def)?\s*([A-Za-z_]\w*)\s*=(?!=)\s*(.+)")


def _script(sheet: Sheet, task: etree._Element) -> None:
    """Only assignments are translated; any other script stays as it stands, and is refused until it is rewritten."""
    text = task.findtext(bpmn("script")) or ""
    lines: list[tuple[str, str]] | None = [("", "")] * 0
    foreign = bool(task.get("scriptFormat")) and task.get("scriptFormat") != "expression"
    for part in extensions(task, "script"):
        text, foreign = f"{part.get('resultVariable', '')} = {part.get('expression', '')}", True
        lines = [(part.get("resultVariable", ""), part.get("expression", "").lstrip().removeprefix("="))]
        remove(part)
    for name in (*_BESIDE, "autoStoreVariables", "resource"):
        other = take(task, name)
        if other is not None and name != "autoStoreVariables":
            sheet.open("mapping", task, other[0])
    if not foreign:
        return
    made = _assignments(sheet, lines) if lines else _assignments(sheet, _lines(text))
    script = task.find(bpmn("script"))
    if script is None:
        script = etree.SubElement(task, bpmn("script"))
    if made is None:
        script.text = text or None
        sheet.open("script", task, text)
        return
    task.attrib.pop("scriptFormat", None)
    script.text = made or None
    sheet.made(task, text, made)


def _lines(text: str) -> list[tuple[str, str]] | None:
    found = []
    for line in text.splitlines():
        line = line.strip().rstrip(";").strip()
        if not line or line.startswith("//"):
            continue
        match = _SET.fullmatch(line) or _ASSIGNED.fullmatch(line)
        if match is None:
            return None
        found.append((match[1], match[2]))
    return found or None


def _assignments(sheet: Sheet, lines: list[tuple[str, str]] | None) -> str | None:
    if lines is None:
        return None
    made = []
    for name, expression in lines:
        try:
            feel = len(lines) == 1 and not expression.endswith("}")
            tree = language.read(f"${{{expression}}}")
            if tree is None:
                return None
            made.append(f"{sheet.variable(name)} = {language.written(tree, sheet.variable)}")
        except Untranslatable:
            try:
                tree = language.read(f"= {expression}") if feel else None
                if tree is None:
                    return None
                made.append(f"{sheet.variable(name)} = {language.written(tree, sheet.variable)}")
            except Untranslatable:
                return None
    return "\n".join(made)


def _call(sheet: Sheet, call: etree._Element) -> None:
    """A called process goes by its id; one that is only known at run time must be chosen."""
    found = None
    for part in extensions(call, "calledElement"):
        found = part.get("processId", "")
        if (
            part.get("propagateAllChildVariables") == "false"
            or part.get("propagateAllParentVariables") == "false"
        ):
            sheet.open("mapping", call, f"{shown(part.tag)} propagateAll…=false")
        remove(part)
    for name in ("caseRef", "variableMappingClass", "variableMappingDelegateExpression"):
        other = take(call, name)
        if other is not None:
            sheet.open("service", call, other[0])
    if found:
        call.set("calledElement", found)
        if found[:1] not in "=$#":
            sheet.made(call, f"zeebe:calledElement={found}", f"calledElement={found}")
    named = call.get("calledElement", "")
    if named[:1] in tuple("=$#"):
        sheet.open("call", call, named)
    elif re.match(r"[A-Za-z]\w*:", named):
        call.set("calledElement", named.partition(":")[2])
        sheet.made(call, named, call.get("calledElement", ""))


def _loop(sheet: Sheet, holder: etree._Element) -> None:
    """A multi-instance of work: its collection, its item and when it is done."""
    loop = holder.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return
    items = (take(loop, "collection") or ("", ""))[1]
    item = (take(loop, "elementVariable") or ("", ""))[1]
    for part in extensions(loop, "loopCharacteristics"):
        items, item = items or part.get("inputCollection", ""), item or part.get("inputElement", "")
        if part.get("outputCollection"):
            sheet.open("loop", holder, said(part.tag, part.get("outputCollection", "")))
        remove(part)
    drawn = loop.find(f"{{{BPMN}}}loopDataInputRef")
    if items:
        name = _variable(sheet, items)
        if name is None:
            sheet.open("loop", holder, items)
        else:
            if drawn is None:
                drawn = etree.Element(bpmn("loopDataInputRef"))
                loop.insert(0, drawn)
            drawn.text = name
            sheet.made(holder, f"collection={items}", f"loopDataInputRef={name}")
    if item and drawn is not None and loop.find(bpmn("inputDataItem")) is None:
        entry = etree.Element(bpmn("inputDataItem"), {"name": sheet.variable(item)})
        loop.insert(loop.index(drawn) + 1, entry)
    _counts(sheet, holder, loop)


def _variable(sheet: Sheet, text: str) -> str | None:
    try:
        tree = language.read(text) or ("name", text)
    except Untranslatable:
        return None
    return sheet.variable(tree[1]) if tree[0] == "name" and re.fullmatch(r"[A-Za-z]\w*", tree[1]) else None


_COUNTS = {
    "nrOfCompletedInstances": "loop_done", "numberOfCompletedInstances": "loop_done",
    "nrOfInstances": "loop_count", "numberOfInstances": "loop_count",
}  # fmt: skip


def _counts(sheet: Sheet, holder: etree._Element, loop: etree._Element) -> None:
    for part in list(loop):
        text = (part.text or "").strip()
        if local(part) not in ("completionCondition", "loopCardinality") or not text:
            continue
        try:
            tree = language.read(text)
            ours = (
                language.written(tree, lambda name: _COUNTS.get(name) or sheet.variable(name))
                if tree
                else None
            )
        except Untranslatable:
            sheet.open("loop", holder, text)
            loop.remove(part)
            continue
        if ours is not None:
            part.text = ours
            sheet.made(holder, text, ours)
