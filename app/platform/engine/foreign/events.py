"""Timers and messages of other products, and the elements nobody runs here, with advice."""

from __future__ import annotations

import re

from lxml import etree

from app.platform.engine import properties as syntax
from app.platform.engine.elements import KINDS
from app.platform.engine.foreign import language
from app.platform.engine.foreign.language import Untranslatable
from app.platform.engine.foreign.sheet import Sheet, bpmn, name_of
from app.platform.engine.products import extensions, remove
from app.platform.engine.vocabulary import local
from app.platform.registry import Words

_MESSAGING = ("sendTask", "receiveTask")
_REFUSED = {
    "task": Words("请改为用户任务、服务任务或手工任务", "make it a user, manual or service task"),
    "complexGateway": Words("请改用排他、包容或并行网关", "use an exclusive, inclusive or parallel gateway"),
    "transaction": Words(
        "请改为子流程，并用错误事件表示失败", "make it a sub-process, with an error event for failure"
    ),
    "adHocSubProcess": Words("请按次序画出其中的任务", "draw its tasks in an order"),
    "timeCycle": Words(
        "循环定时请画一条回到定时器的流向，或用属性 remind 提醒",
        "draw a flow back to the timer, or use the property `remind`",
    ),
    "escalationEventDefinition": Words(
        "请用属性 escalate（逾期上报），或改为信号、消息",
        "use the property `escalate`, a signal or a message",
    ),
    "compensateEventDefinition": Words(
        "请画出撤销的步骤，或由动作自己声明 undo",
        "draw the steps that undo, or let the action declare `undo`",
    ),
    "conditionalEventDefinition": Words(
        "请在网关处判断，或等待消息", "decide at a gateway, or wait for a message"
    ),
    "linkEventDefinition": Words("请用流向直接相连", "connect the two with a flow"),
    "cancelEventDefinition": Words("请改为错误事件", "make it an error event"),
    "standardLoopCharacteristics": Words("请画一条回到任务的流向", "draw a flow back to the task"),
    "association": Words("", ""),
}


def read_events(sheet: Sheet) -> None:
    """Translate times, messages and their correlation; tell of what nobody runs here."""
    for tag in ("timeDuration", "timeDate"):
        for time in sheet.all(tag):
            _time(sheet, time)
    _messages(sheet)
    for xml in sheet.process.iter():
        advice = _REFUSED.get(local(xml))
        if advice is not None and advice.zh and xml.tag == bpmn(local(xml)):
            sheet.open("element", xml, local(xml), advice_zh=advice.zh, advice_en=advice.en)
    for escalation in sheet.root.findall(bpmn("escalation")):
        sheet.root.remove(escalation)


def _time(sheet: Sheet, time: etree._Element) -> None:
    text = (time.text or "").strip()
    match = re.fullmatch(r"=\s*duration\([\"'](P\w+)[\"']\)|\$\{\s*[\"'](P\w+)[\"']\s*\}", text)
    plain = (match[1] or match[2]) if match else ""
    if plain and syntax.is_duration(plain):
        time.text = plain
        sheet.made(time, text, plain)
        return
    try:
        ours = sheet.ours(text)
    except Untranslatable:
        sheet.open("timer", time, text)
        return
    if ours is not None:
        time.text = ours
        sheet.made(time, text, ours)
    elif text.startswith("P") and local(time) == "timeDuration" and not syntax.is_duration(text):
        sheet.open("timer", time, text)


def _messages(sheet: Sheet) -> None:
    """Each event or task of a message names one, as BPMN does; a subscription's key is the property `correlation`."""
    keys: dict[str, str] = {}
    for message in sheet.root.findall(bpmn("message")):
        for part in extensions(message, "subscription"):
            keys[message.get("id") or ""] = part.get("correlationKey", "")
            remove(part)
        if not (message.get("name") or "").strip():
            message.set("name", message.get("id") or "")
            sheet.made(message, "name=", f"name={message.get('id')}")
    for xml in sheet.all("messageEventDefinition", *_MESSAGING):
        owner = xml if local(xml) in _MESSAGING else xml.getparent()
        if owner is None:
            continue
        if not xml.get("messageRef"):
            _name(sheet, xml, owner)
        key = keys.get(xml.get("messageRef", ""))
        if key:
            _correlate(sheet, owner, key)


def _name(sheet: Sheet, xml: etree._Element, owner: etree._Element) -> None:
    """A message for what names none: it is called like the event or task."""
    if not sheet.foreign and not sheet.root.get("exporter"):
        return
    identity = f"message_{owner.get('id')}"[:100]
    if all(each.get("id") != identity for each in sheet.root.iter()):
        made = etree.Element(bpmn("message"), {"id": identity, "name": name_of(owner)[:100]})
        sheet.root.insert(sheet.root.index(sheet.process), made)
    xml.set("messageRef", identity)
    sheet.made(owner, local(xml), f"messageRef={identity}")


def _correlate(sheet: Sheet, owner: etree._Element, key: str) -> None:
    kind = KINDS.get(local(owner))
    if kind is None or "correlation" not in kind.properties:
        return
    try:
        tree = language.read(key if key.lstrip().startswith("=") else f"={key}")
        ours = language.written(tree, sheet.variable) if tree is not None else None
    except Untranslatable:
        ours = None
    if ours is None:
        sheet.open("correlation", owner, key)
        return
    sheet.set(owner, "correlation", ours)
    sheet.made(owner, f"correlationKey={key}", f"correlation={ours}")
