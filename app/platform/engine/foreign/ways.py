"""Conditions of other products in our language; the buttons of a task from the gateway after it; defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from app.platform.engine.foreign import language
from app.platform.engine.foreign.language import Tree, Untranslatable, names, negated
from app.platform.engine.foreign.sheet import Sheet, bpmn, snake
from app.platform.engine.vocabulary import local

_WORDS = {
    "approve": "同意|Approve", "approved": "同意|Approve", "agree": "同意|Agree", "pass": "通过|Pass",
    "disapprove": "不同意|Disapprove!-", "disagree": "不同意|Disagree!-", "yes": "是|Yes", "no": "否|No!-",
    "ok": "同意|OK", "accept": "接受|Accept", "accepted": "接受|Accept", "reject": "不同意|Reject!-",
    "rejected": "不同意|Reject!-", "refuse": "不同意|Refuse!-", "deny": "不同意|Deny!-", "denied": "不同意|Deny!-",
    "fail": "不通过|Fail!-", "return": "退回修改|Return!-", "back": "退回修改|Return!-", "rework": "退回修改|Rework!-",
    "revise": "退回修改|Revise!-", "cancel": "撤销|Cancel!-",
}  # fmt: skip


@dataclass
class Way:
    """A flow with a condition: as it is written, its tree, and where it is understood."""

    flow: etree._Element
    condition: etree._Element
    text: str
    tree: Tree


@dataclass(frozen=True)
class Asked:
    """For each gateway the tasks directly before it, and for each variable the gateways that read it."""

    tasks: dict[str, list[etree._Element]]
    uses: dict[str, set[str]]


def read_ways(sheet: Sheet) -> None:
    """Translate the conditions of all flows, and the gateways they leave."""
    ways: dict[str, list[Way]] = {}
    for flow in sheet.all("sequenceFlow"):
        way = _way(sheet, flow)
        if way is not None:
            ways.setdefault(flow.get("sourceRef", ""), []).append(way)
    gateways = {xml.get("id") or "": xml for xml in sheet.process.iter() if xml.get("id") in ways}
    asked = Asked({key: _asked_before(sheet, xml) for key, xml in gateways.items()}, _uses(ways))
    for key, gateway in gateways.items():
        if not _outcomes(sheet, gateway, ways[key], asked):
            for way in ways[key]:
                _write(sheet, way)
        _default(sheet, gateway, ways[key])
    _undecided(sheet, ways)


def _way(sheet: Sheet, flow: etree._Element) -> Way | None:
    condition = flow.find(bpmn("conditionExpression"))
    if condition is None:
        return None
    text = (condition.text or "").strip()
    tongue = condition.get("language", "")
    try:
        if "feel" in tongue.lower() and not text.startswith("="):
            tree: Tree | None = language.read(f"={text}")
        else:
            tree = language.read(text)
    except Untranslatable:
        sheet.open("condition", flow, text)
        return None
    if tree is None and not tongue:
        return None
    if tree is None:
        sheet.open("condition", flow, f"{tongue}: {text}")
        return None
    return Way(flow, condition, text, tree)


def _write(sheet: Sheet, way: Way) -> None:
    try:
        ours = language.written(way.tree, sheet.variable)
    except Untranslatable:
        sheet.open("condition", way.flow, way.text)
        return
    _put(sheet, way, ours)


def _put(sheet: Sheet, way: Way, ours: str) -> None:
    way.condition.attrib.pop("language", None)
    way.condition.text = ours
    sheet.made(way.flow, way.text, ours)


def _uses(ways: dict[str, list[Way]]) -> dict[str, set[str]]:
    """For each variable the gateways whose conditions read it."""
    found: dict[str, set[str]] = {}
    for source, leaving in ways.items():
        for way in leaving:
            for name in names(way.tree):
                found.setdefault(name, set()).add(source)
    return found


def _answer(tree: Tree) -> tuple[str, bool, Any] | None:
    """A condition on one variable only: its name, whether it must be the value, and the value."""
    if tree[0] == "name":
        return tree[1], True, True
    if tree[0] == "not" and tree[1][0] == "name":
        return tree[1][1], True, False
    if tree[0] in ("==", "!=") and tree[1][0] == "name" and tree[2][0] == "value":
        value = tree[2][1]
        if isinstance(value, bool):
            return tree[1][1], True, value is (tree[0] == "==")
        if isinstance(value, str) and value:
            return tree[1][1], tree[0] == "==", value
    return None


def _outcomes(sheet: Sheet, gateway: etree._Element, leaving: list[Way], asked: Asked) -> bool:
    """Make the buttons of the tasks before a gateway of its conditions; False where they mean something else."""
    answers = [answer for way in leaving if (answer := _answer(way.tree)) is not None]
    tasks = asked.tasks.get(gateway.get("id") or "", [])
    if not tasks or len(answers) != len(leaving):
        return False
    variable, kind = answers[0][0], type(answers[0][2])
    if any(answer[0] != variable or type(answer[2]) is not kind for answer in answers):
        return False
    if not all(asked.tasks.get(other) for other in asked.uses[variable]):
        return False  # read elsewhere, too: it is more than this task's answer
    values = [True, False] if kind is bool else list(dict.fromkeys(answer[2] for answer in answers))
    keys = {value: _key(variable, value, place) for place, value in enumerate(values, 1)}
    if not all(keys.values()) or len(set(keys.values())) != len(keys):
        return False
    drawn = {
        keys[value]: _drawn(tasks, variable, value, way.flow.get("name", ""))
        for way, (_, equal, value) in zip(leaving, answers, strict=True)
        if equal
    }
    buttons = {key: _label(key, value, drawn.get(key, "")) for value, key in keys.items()}
    ways_out, equal_ways = len(sheet.flows(gateway, "sourceRef")), sum(1 for answer in answers if answer[1])
    if kind is not bool and ways_out > equal_ways:  # the flow without a condition needs a button, too
        buttons.setdefault("other", _rest(sheet, gateway))
    if len(buttons) > 10:
        return False
    for task in tasks:
        sheet.set(task, "outcomes", "; ".join(f"{key}={label}" for key, label in buttons.items()))
        sheet.made(
            task, f"{variable}: {', '.join(way.text for way in leaving)}", f"outcomes: {', '.join(buttons)}"
        )
        sheet.answered.add((task.get("id") or "", variable))
    for way, (_name, equal, value) in zip(leaving, answers, strict=True):
        sign = "==" if equal else "!="
        _put(sheet, way, f'outcome {sign} "{keys[value]}"')
        way.tree = (sign, ("name", "outcome"), ("value", keys[value]))
    return True


def _asked_before(sheet: Sheet, gateway: etree._Element) -> list[etree._Element]:
    """The tasks of people an exclusive gateway comes directly after; none, if anything else leads there."""
    found = []
    people = {task.get("id"): task for task in sheet.all("userTask")}
    for flow in sheet.flows(gateway, "targetRef") if gateway.tag == bpmn("exclusiveGateway") else []:
        source = people.get(flow.get("sourceRef"))
        if source is None or sheet.get(source, "outcomes") or len(sheet.flows(source, "sourceRef")) != 1:
            return []
        found.append(source)
    return found


_APPROVING = ("approv", "agree", "pass", "accept", "ok", "audit", "consent", "confirm")
_CHINESE = {
    "同意": "approve", "通过": "pass", "批准": "approve", "不同意": "disapprove", "不通过": "fail", "驳回": "reject",
    "拒绝": "refuse", "退回": "return", "退回修改": "return", "撤销": "cancel", "是": "yes", "否": "no",
}  # fmt: skip
_FLAGS = {"true": True, "false": False}


def _key(variable: str, value: Any, place: int) -> str:
    """The name of an outcome: of a yes or no by what was asked, else like its value."""
    value = _FLAGS.get(value, value) if isinstance(value, str) else value
    if isinstance(value, bool):
        approving = any(part.startswith(_APPROVING) for part in snake(variable).split("_"))
        return ("approve" if value else "disapprove") if approving else "yes" if value else "no"
    return _CHINESE.get(value) or snake(value)[:40] or f"option_{place}"


def _drawn(tasks: list[etree._Element], variable: str, value: Any, flow: str) -> str:
    """What people called an answer: in the form of the task, or on the flow that it takes."""
    for part in (part for task in tasks for part in task.iter()):
        if local(part) in ("formProperty", "formField") and part.get("id") == variable:
            for choice in part:
                if local(choice) == "value" and choice.get("id") == value:
                    return choice.get("name") or flow
    return flow


def _rest(sheet: Sheet, gateway: etree._Element) -> str:
    """What the button for the flow without a condition says."""
    flows = sheet.flows(gateway, "sourceRef")
    names = [flow.get("name") for flow in flows if flow.find(bpmn("conditionExpression")) is None]
    return _label("other", "", names[0]) if names and names[0] else "其他|Other"


def _label(key: str, value: Any, drawn: str) -> str:
    """What a button says: as known, with the words of its flow where it has some."""
    known = _WORDS.get(key, "")
    text = " ".join((drawn or ("" if known else str(value))).split())
    text = text.translate(str.maketrans(";=|", ",  ")).strip("!-?？ ")[:40].strip()
    flags = "!-" if known.endswith("!-") else ""
    return f"{text}|{text}{flags}" if text else known


def _default(sheet: Sheet, gateway: etree._Element, leaving: list[Way]) -> None:
    """A gateway that chooses has a default: the flow without a condition, or the one that says the contrary."""
    flows = sheet.flows(gateway, "sourceRef")
    if gateway.tag not in (bpmn("exclusiveGateway"), bpmn("inclusiveGateway")) or len(flows) < 2:
        return
    if gateway.get("default"):
        for way in leaving:
            if way.flow.get("id") == gateway.get("default"):
                way.flow.remove(way.condition)
                sheet.made(way.flow, way.text, "default")
        return
    free = [flow for flow in flows if flow.find(bpmn("conditionExpression")) is None]
    if len(free) == 1:
        gateway.set("default", free[0].get("id") or "")
        sheet.made(gateway, f"{free[0].get('id')}: -", f"default={free[0].get('id')}")
    elif not free and len(leaving) == len(flows) and _complete(leaving):
        last = leaving[-1]
        last.flow.remove(last.condition)
        gateway.set("default", last.flow.get("id") or "")
        sheet.made(gateway, last.text, f"default={last.flow.get('id')}")
    else:
        sheet.open("no_default", gateway, sheet.id_of(gateway) or "")


def _complete(leaving: list[Way]) -> bool:
    """Whether one of the ways always holds: two that say the contrary, or one for each outcome."""
    if all(way.tree[0] == "==" and way.tree[1] == ("name", "outcome") for way in leaving):
        return True
    if len(leaving) != 2:
        return False
    one, other = leaving[0].tree, leaving[1].tree
    return negated(one) == other or negated(other) == one


def _undecided(sheet: Sheet, ways: dict[str, list[Way]]) -> None:
    """Other gateways of a foreign file that choose, and have no default."""
    if not sheet.foreign:
        return
    for gateway in sheet.all("exclusiveGateway", "inclusiveGateway"):
        flows = sheet.flows(gateway, "sourceRef")
        if len(flows) > 1 and not gateway.get("default") and gateway.get("id") not in ways:
            sheet.open("no_default", gateway, sheet.id_of(gateway) or "")
