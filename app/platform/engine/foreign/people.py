"""User tasks of other products: who does them, until when, and several signers as seats."""

from __future__ import annotations

import re

from lxml import etree

from app.platform.engine import properties as syntax
from app.platform.engine.foreign import language
from app.platform.engine.foreign.language import Tree, Untranslatable
from app.platform.engine.foreign.sheet import Sheet, bpmn, name_of
from app.platform.engine.products import extensions, remove, said, take
from app.platform.engine.vocabulary import local

_USUAL_STARTERS = frozenset(
    {"initiator", "starter", "startUserId", "startUser", "applyUserId", "applicant", "starterUserId"}
)
_DONE = frozenset({"nrOfCompletedInstances", "numberOfCompletedInstances"})
_ALL = frozenset({"nrOfInstances", "numberOfInstances"})
_ACTIVE = frozenset({"nrOfActiveInstances", "numberOfActiveInstances"})
WAITING = "待定 (to be chosen)"


def starters(sheet: Sheet) -> None:
    """Read which variable holds who started, and who may."""
    for start in sheet.all("startEvent"):
        found = take(start, "initiator")
        if found is not None:
            sheet.starters.add(found[1])
            sheet.made(start, found[0], "starter")
    for name in ("candidateStarterGroups", "candidateStarterUsers"):
        found = take(sheet.process, name)
        if found is not None:
            sheet.open("starters", sheet.process, found[0])


def read_people(sheet: Sheet) -> dict[etree._Element, str]:
    """Translate who does each task, by when and in which seats; tasks that need a lane, with the name of it."""
    asked: dict[etree._Element, str] = {}
    for task in sheet.all("userTask", "manualTask"):
        _due(sheet, task)
        item, items = _seats(sheet, task)
        lane = _who(sheet, task, item, items)
        if lane is not None:
            asked[task] = lane
    return asked


def _written(sheet: Sheet, task: etree._Element) -> dict[str, tuple[str, str]]:
    """Everything that says who, in any of the products' ways: assignee, candidateUsers, candidateGroups."""
    found: dict[str, tuple[str, str]] = {}
    for name in ("assignee", "candidateUsers", "candidateGroups"):
        one = take(task, name)
        if one is not None:
            found[name] = one
    for part in extensions(task, "assignmentDefinition"):
        for name, value in part.attrib.items():
            found[str(name)] = (said(part.tag, f"{name} {value}"), value.strip())
        remove(part)
    for part in list(task):
        if local(part) in ("humanPerformer", "potentialOwner", "performer"):
            text = " ".join("".join(map(str, part.itertext())).split())
            _performer(found, local(part), text)
            task.remove(part)
    return {name: one for name, one in found.items() if one[1]}


def _performer(found: dict[str, tuple[str, str]], tag: str, text: str) -> None:
    """The standard's own resources, as Activiti writes them: `user(kermit), group(management)`."""
    groups = ", ".join(re.findall(r"group\(([^)]*)\)", text))
    users = ", ".join(re.findall(r"user\(([^)]*)\)", text))
    if tag != "potentialOwner":
        found.setdefault("assignee", (f"{tag} {text}", text))
    elif groups or not users:
        found.setdefault("candidateGroups", (f"{tag} {text}", groups or text))
    if users and tag == "potentialOwner":
        found.setdefault("candidateUsers", (f"{tag} {text}", users))


def _who(sheet: Sheet, task: etree._Element, item: str, items: str) -> str | None:
    """Set the assignee, or say which lane the task needs."""
    found = _written(sheet, task)
    assignee = found.pop("assignee", None)
    if assignee is not None and _assigned(sheet, task, assignee, item):
        assignee = None
    if sheet.get(task, "assignee") is not None:
        for how, _value in found.values():
            sheet.open("harmless", task, how)
        return None
    lane = _lane_of(sheet, task)
    groups = found.get("candidateGroups", ("", ""))
    users = found.get("candidateUsers", ("", ""))
    name = lane or _lane_name(groups[1], task) if groups[1] else lane or ""
    if groups[1]:
        sheet.open("group_in_lane" if lane else "group", task, groups[1], lane=name)
    for how, _value in filter(None, (assignee, users if users[1] else None)):
        name = name or _lane_name(_value, task)
        sheet.open("person", task, how, lane=name)
    if items:
        name = name or name_of(task)
        sheet.open("signers", task, items, lane=name)
    if not name:
        sheet.open("nobody", task, name_of(task))
        name = WAITING if sheet.foreign else ""
    return None if lane or not name else name


def _lane_name(value: str, task: etree._Element) -> str:
    """A lane is called by the group or person, or like its task where that is only known at run time."""
    value = value.strip()
    return name_of(task) if value[:2] in ("${", "#{") or value.startswith("=") else value[:60]


def _lane_of(sheet: Sheet, task: etree._Element) -> str | None:
    """The name of the lane a task is drawn in."""
    node: etree._Element | None = task
    while node is not None and node is not sheet.process:
        for reference in sheet.process.iter(bpmn("flowNodeRef")):
            lane = reference.getparent()
            if (reference.text or "").strip() == node.get("id") and lane is not None:
                return name_of(lane)
        node = node.getparent()
    return None


def _assigned(sheet: Sheet, task: etree._Element, found: tuple[str, str], item: str) -> bool:
    """Translate an assignee that is a variable; the variable of a multi-instance is a seat, and needs no more."""
    try:
        tree = language.read(found[1])
    except Untranslatable:
        return False
    if tree is None or tree[0] != "name":
        return False
    if tree[1] == item:
        return True
    is_starter = tree[1] in sheet.starters | _USUAL_STARTERS
    ours = "starter" if is_starter else f"variable:{sheet.variable(tree[1])}"
    sheet.set(task, "assignee", ours)
    sheet.made(task, found[0], f"assignee={ours}")
    return True


def _due(sheet: Sheet, task: etree._Element) -> None:
    found = take(task, "dueDate")
    for part in extensions(task, "taskSchedule"):
        if part.get("dueDate"):
            found = (said("dueDate", part.get("dueDate", "")), part.get("dueDate", ""))
        if part.get("followUpDate"):
            sheet.open("harmless", task, f"zeebe:followUpDate={part.get('followUpDate')}")
        remove(part)
    if found is None or not found[1]:
        return
    match = re.fullmatch(r"(?:=\s*(?:now\(\)\s*\+\s*)?duration\()?[\"']?(P[0-9A-Z]+)[\"']?\)?", found[1])
    if match and syntax.is_duration(match[1]):
        sheet.set(task, "due", match[1])
        sheet.made(task, found[0], f"due={match[1]}")
    else:
        sheet.open("due", task, found[0])


def _seats(sheet: Sheet, task: etree._Element) -> tuple[str, str]:
    """Several instances of one task are seats: the variable of each person, and the collection they came from."""
    loop = task.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return "", ""
    item = (take(loop, "elementVariable") or ("", ""))[1]
    items = (take(loop, "collection") or ("", ""))[1]
    for part in extensions(loop, "loopCharacteristics", "collection"):
        items = items or part.get("inputCollection", "") or "".join(map(str, part.itertext())).strip()
        item = item or part.get("inputElement", "")
    for part in loop.iter(bpmn("loopDataInputRef"), bpmn("inputDataItem"), bpmn("loopCardinality")):
        if local(part) == "inputDataItem":
            item = item or part.get("name") or ""
        else:
            items = items or (part.text or "").strip()
    condition = (loop.findtext(bpmn("completionCondition")) or "").strip()
    sequential = loop.get("isSequential") == "true"
    rule = _rule(condition, sequential)
    if rule is None:
        sheet.open("seats", task, condition)
        rule = "all"
    sheet.set(task, "seats", rule)
    sheet.made(
        task, f"multiInstance {'sequential ' if sequential else ''}{condition}".strip(), f"seats={rule}"
    )
    task.remove(loop)
    return item, items or name_of(task)


def _rule(condition: str, sequential: bool) -> str | None:
    """The rule of the seats that a completion condition means; None where there is none of ours."""
    if not condition:
        return "sequence" if sequential else "all"
    try:
        tree = language.read(condition)
    except Untranslatable:
        return None
    rule = _parallel(tree) if tree is not None else None
    if sequential:
        return "sequence" if rule == "all" else None
    return rule


def _is(tree: Tree, names: frozenset[str]) -> bool:
    return tree[0] == "name" and tree[1] in names


def _parallel(tree: Tree) -> str | None:
    if tree[0] not in (">=", ">", "=="):
        return None
    sign, left, right = tree
    if right[0] == "value" and isinstance(right[1], int | float):
        number = right[1]
        if _is(left, _DONE) and ((sign != ">" and number == 1) or (sign == ">" and number == 0)):
            return "any"
        if _is(left, _ACTIVE) and sign == "==" and number == 0:
            return "all"
        if left[0] == "/" and _is(left[1], _DONE) and _is(left[2], _ALL):
            return _share(sign, number)
        return None
    if _is(left, _DONE) and _is(right, _ALL):
        return "all" if sign != ">" else None
    if _is(left, _DONE) and right[0] == "*":
        for share, count in (right[1:], right[:0:-1]):
            if share[0] == "value" and isinstance(share[1], int | float) and _is(count, _ALL):
                return _share(sign, share[1])
    return None


def _share(sign: str, number: float) -> str | None:
    """More than a half is 0.501: exact for up to five hundred seats."""
    number = float(number) + (0.001 if sign == ">" and number < 1 else 0)
    if not 0 < number <= 1 or (sign == ">" and number == 1):
        return None
    return "all" if number == 1 else f"share:{number:.3f}".rstrip("0")
