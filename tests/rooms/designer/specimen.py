"""A chain that has one of everything the panel speaks of, drawn so that it may be published as it stands."""

from __future__ import annotations

import json

from app.platform.engine.layout import drawn
from tests.platform.engine.drawing import TAIL, Drawing

KEY, CALLED = "office_specimen", "office_called"
FORM = "office/specimen"
FIELDS = {
    "id": FORM,
    "title": "样本",
    "title.en": "Specimen",
    "steps": {"*": "edit"},
    "fields": [
        {"type": "text", "name": "reason", "label": "事由", "label.en": "Reason"},
        {"type": "number", "name": "day_count", "label": "天数", "label.en": "Days", "variable": True},
        {
            "type": "person",
            "name": "helper",
            "label": "经办",
            "label.en": "Helper",
            "role": "fairs.city_admin",
        },
        {
            "type": "region",
            "name": "area",
            "label": "区域",
            "label.en": "Area",
            "level": "district",
            "variable": True,
        },
        {
            "type": "choice",
            "name": "fair",
            "label": "集市",
            "label.en": "Fair",
            "choices": [{"code": "1", "label": "一", "label.en": "One"}],
            "variable": True,
        },
    ],
}
DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="tables" name="表" namespace="urn:test">
  {}
</definitions>"""
TABLE = """<decision id="{0}" name="{0}"><decisionTable id="{0}_table" hitPolicy="UNIQUE">
    <input id="{0}_in"><inputExpression id="{0}_ask" typeRef="number"><text>day_count</text></inputExpression></input>
    <output id="{0}_out" name="{1}" typeRef="string" />
    <rule id="{0}_rule"><inputEntry id="{0}_cell"><text>&gt; 3</text></inputEntry>
      <outputEntry id="{0}_value"><text>"long"</text></outputEntry></rule>
  </decisionTable></decision>"""
NAMED = """<bpmn:message id="message_answer" name="answer" /><bpmn:message id="message_other" name="other" />
<bpmn:signal id="signal_done" name="all_done" /><bpmn:error id="error_full" name="满" errorCode="full" />"""


def _event(tag: str, of: str, reference: str = "", body: str = "") -> str:
    return f'<bpmn:{tag} id="{of}_event" {reference}>{body}</bpmn:{tag}>'


def _timer(text: str) -> str:
    return f"<bpmn:timeDuration>{text}</bpmn:timeDuration>"


def files() -> dict[str, bytes]:
    """The files of the chain, laid out."""
    drawing = (
        Drawing(KEY, "样本", title='"样本"', number="Y{year}{serial:04}", form=FORM)
        .lane("lane_own", "begin", "fill", name="申请人", name_en="Applicant")
        .lane(
            "lane_city",
            "review",
            "pick",
            name="市级",
            name_en="City",
            role="fairs.city_admin",
            at="starter.region",
        )
        .start()
        .task("fill", form=FORM)
        .task("review", assignee="", form=FORM, outcomes="approve=同意|Approve; return=退回|Return!-")
        .node("exclusiveGateway", "pick", "", 'name="分派" default="rest"')
        .service("notify", "platform/notify", to='"starter"', title='"好"')
        .node("businessRuleTask", "decide", "", 'name="定类"')
        .script("assign", "total = day_count * 2", attributes='name="计算"')
        .node("callActivity", "call", "", f'name="调用" calledElement="{CALLED}"')
        .node("subProcess", "each", _inside(), 'name="逐项"')
        .node(
            "intermediateCatchEvent",
            "sleep",
            _event("timerEventDefinition", "sleep", body=_timer("P1D")),
            'name="等一天"',
        )
        .node(
            "intermediateCatchEvent",
            "hear",
            _event("messageEventDefinition", "hear", 'messageRef="message_answer"'),
            'name="等答复"',
        )
        .node(
            "intermediateThrowEvent",
            "tell",
            _event("signalEventDefinition", "tell", 'signalRef="signal_done"'),
            'name="宣布"',
        )
        .node("exclusiveGateway", "sort", "", 'name="分流" default="small"')
        .end("much")
        .end("little")
        .node(
            "boundaryEvent",
            "late",
            _event("timerEventDefinition", "late", body=_timer("P5WD")),
            'name="逾期" attachedToRef="review"',
        )
        .end("too_late")
        .node(
            "boundaryEvent",
            "broken",
            _event("errorEventDefinition", "broken", 'errorRef="error_full"'),
            'name="失败" attachedToRef="notify"',
        )
        .end("failed")
        .flow("begin", "fill")
        .flow("fill", "review")
        .flow("review", "pick")
        .flow("pick", "fill", 'outcome == "return"', id="near")
        .flow("pick", "notify", id="rest")
        .line("notify", "decide", "assign", "call", "each", "sleep", "hear", "tell", "sort")
        .flow("sort", "much", "day_count > 3", id="big")
        .flow("sort", "little", id="small")
        .flow("late", "too_late")
        .flow("broken", "failed")
    )
    text = drawing.text().replace("</bpmn:definitions>", "").removesuffix(TAIL)
    text = text.replace(
        "<bpmn:process ",
        f'<bpmn:collaboration id="together"><bpmn:participant id="pool" name="样本" processRef="{KEY}" />'
        "</bpmn:collaboration><bpmn:process ",
        1,
    )
    text = text.replace(
        '<bpmn:businessRuleTask id="decide" name="定类">',
        '<bpmn:businessRuleTask id="decide" name="定类"><bpmn:extensionElements>'
        "<spiffworkflow:calledDecisionId>first_table</spiffworkflow:calledDecisionId></bpmn:extensionElements>",
    )
    called = (
        Drawing(CALLED, "被调用").start("c_begin").task("c_do").end("c_end").line("c_begin", "c_do", "c_end")
    )
    tables = TABLE.format("first_table", "kind_a") + TABLE.format("second_table", "kind_b")
    return {
        f"{KEY}.bpmn": drawn(f"{text}{NAMED}{TAIL}".encode()),
        f"{CALLED}.bpmn": drawn(called.text().encode()),
        f"forms/{FORM}.json": json.dumps(FIELDS, ensure_ascii=False).encode(),
        "tables.dmn": DECISION.format(tables).encode(),
    }


def _inside() -> str:
    inner = Drawing("x").start("e_begin").task("e_do").end("e_end").line("e_begin", "e_do", "e_end")
    parts = "".join(inner.parts)
    return parts.replace('id="flow', 'id="inner')
