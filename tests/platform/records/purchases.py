"""A chain that no Python file of the house knows: equipment asked for, reviewed, countersigned; its form and people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.platform import settings
from app.platform.data import transaction
from app.platform.identity import making_roles
from app.platform.registry import Words
from app.platform.runtime import versions
from tests.empty_world import EmptyWorld

PROCESS = "office_purchase"
CLERK, HEAD, BOARD = "made.clerk", "made.head", "made.board"
ROLES = (
    ("clerk", "职员", "Clerk"),
    ("head", "部门负责人", "Head"),
    ("board", "采购小组成员", "Board member"),
)
NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)
STEPS = {"*": "read", "start": "edit", "correct": "edit"}
KINDS = [
    {"code": "computer", "label": "电脑", "label.en": "Computer"},
    {"code": "furniture", "label": "家具", "label.en": "Furniture"},
    {"code": "other", "label": "其他", "label.en": "Other"},
]


def field(kind: str, name: str, label: str, english: str, **more: Any) -> dict[str, Any]:
    """A field as a form file has it."""
    return {"type": kind, "name": name, "label": label, "label.en": english, **more}


def form(**more: Any) -> dict[str, Any]:
    """The form of a purchase; `more` are fields put at its end."""
    inner = {"*": "hidden", "review": "edit", "board": "read"}
    fields: list[dict[str, Any]] = [
        field("text", "item", "设备名称", "Item", maxlength=60, required=True),
        field("choice", "kind", "类别", "Kind", choices=KINDS, look="select", required=True),
        field("number", "count", "数量", "Count", min=1, unit="台", required=True) | {"unit.en": "pieces"},
        field("money", "amount", "预算", "Budget"),
        field("date", "needed", "需用日期", "Needed"),
        field("yes_no", "urgent", "是否紧急", "Urgent"),
        field("phone", "phone", "联系电话", "Phone", mask="phone", sensitive=True),
        field("long_text", "reason", "理由", "Reason"),
        field("number", "granted", "核定数量", "Granted", at=inner),
        *more.values(),
    ]
    return {
        "id": "office/purchase",
        "title": "设备采购申请",
        "title.en": "Purchase of equipment",
        "steps": STEPS,
        "fields": fields,
    }


def properties(**values: str) -> str:
    """The properties of an element."""
    lines = "".join(
        f'<spiffworkflow:property name="{name.replace("_en", ".en")}" value="{value}"/>'
        for name, value in values.items()
    )
    held = f"<spiffworkflow:properties>{lines}</spiffworkflow:properties>"
    return f"<bpmn:extensionElements>{held}</bpmn:extensionElements>"


def diagram(process: str = PROCESS, name: str = "设备采购", **more: str) -> str:
    """The diagram: asked for, reviewed by the head of one's region, countersigned by all of the city's board."""
    own = properties(
        name_en="Purchase of equipment",
        start=CLERK,
        form="office/purchase",
        number=f"{process[-3:].upper()}{{year}}{{serial:04}}",
        category="行政|Administration",
        title="starter_name + '的' + process_name",
        **more,
    )
    flows = "".join(_flows())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {NAMESPACES} id="d" targetNamespace="https://chengpi.example/bpmn">
<bpmn:process id="{process}" name="{name}" isExecutable="true">{own}
<bpmn:laneSet id="lanes">
<bpmn:lane id="lane_starter" name="申请人">
<bpmn:flowNodeRef>asked</bpmn:flowNodeRef><bpmn:flowNodeRef>correct</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="lane_head" name="负责人">{properties(role=HEAD, at="starter.region")}
<bpmn:flowNodeRef>review</bpmn:flowNodeRef><bpmn:flowNodeRef>reviewed</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="lane_board" name="采购小组">{properties(role=BOARD, at="starter.region(city)")}
<bpmn:flowNodeRef>board</bpmn:flowNodeRef><bpmn:flowNodeRef>agreed</bpmn:flowNodeRef>
<bpmn:flowNodeRef>granted</bpmn:flowNodeRef><bpmn:flowNodeRef>refused</bpmn:flowNodeRef></bpmn:lane>
</bpmn:laneSet>
<bpmn:startEvent id="asked" name="申请"/>
<bpmn:userTask id="review" name="负责人审核">{
        properties(
            form="office/purchase",
            outcomes="approve=同意|Approve; return=退回修改|Return!-; reject=不同意|Reject!-",
            stage="待负责人审核|Awaiting the head",
            due="P3WD",
            summary="item count",
        )
    }</bpmn:userTask>
<bpmn:userTask id="correct" name="修改申请">{
        properties(
            assignee="starter",
            form="office/purchase",
            outcomes="submit=重新提交|Submit again",
            stage="已退回修改|Returned",
        )
    }</bpmn:userTask>
<bpmn:userTask id="board" name="采购小组会签">{
        properties(
            form="office/purchase",
            outcomes="agree=同意|Agree; disagree=不同意|Disagree!-",
            seats="all",
            stage="采购小组会签中|With the board",
        )
    }</bpmn:userTask>
<bpmn:exclusiveGateway id="reviewed" default="f_rejected"/>
<bpmn:exclusiveGateway id="agreed" default="f_disagreed"/>
<bpmn:endEvent id="granted" name="批准">{properties(stage="已批准|Granted")}</bpmn:endEvent>
<bpmn:endEvent id="refused" name="未批准">{properties(stage="未批准|Refused")}</bpmn:endEvent>
{flows}
</bpmn:process>
</bpmn:definitions>"""


def _flows() -> Iterator[str]:
    for key, source, target, condition in (
        ("f_asked", "asked", "review", ""),
        ("f_reviewed", "review", "reviewed", ""),
        ("f_approved", "reviewed", "board", 'outcome == "approve"'),
        ("f_returned", "reviewed", "correct", 'outcome == "return"'),
        ("f_rejected", "reviewed", "refused", ""),
        ("f_again", "correct", "review", ""),
        ("f_board", "board", "agreed", ""),
        ("f_agreed", "agreed", "granted", 'outcome == "agree"'),
        ("f_disagreed", "agreed", "refused", ""),
    ):
        yield f'<bpmn:sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">'
        if condition:
            yield f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        yield "</bpmn:sequenceFlow>"


def files(process: str = PROCESS, asked: Mapping[str, Any] | None = None, **more: str) -> dict[str, bytes]:
    """What a designer publishes."""
    return {
        f"{process}.bpmn": diagram(process, **more).encode(),
        "forms/office/purchase.json": json.dumps(asked or form(), ensure_ascii=False).encode(),
    }


def make_roles(world: EmptyWorld, by: str) -> None:
    """The roles of the chain, made by an administrator (by name)."""
    with world.session() as session, transaction(session):
        for slug, zh, en in ROLES:
            draft = making_roles.Draft(slug, Words(zh, en), "region")
            making_roles.make(session, draft, world.acting(by), world.now)
    catch_up(world)


def publish(world: EmptyWorld, found: Mapping[str, bytes] | None = None) -> None:
    """Publish the chain, and let this process know."""
    with world.session() as session:
        versions.publish(session, found or files(), None, world.now)
    catch_up(world)


def catch_up(world: EmptyWorld) -> None:
    """Read anew what may have changed, as each request does."""
    with world.session() as session:
        settings.catch_up(session)


def sent(**over: str | Sequence[str]) -> dict[str, list[str]]:
    """A start form as a browser sends it."""
    values: dict[str, Any] = {
        "item": "笔记本电脑",
        "kind": "computer",
        "count": "3",
        "amount": "18000.50",
        "needed": "2026-12-01",
        "urgent": "yes",
        "phone": "13800001234",
        "reason": "旧机报废",
        **over,
    }
    return {name: [value] if isinstance(value, str) else list(value) for name, value in values.items()}


def people(world: EmptyWorld) -> None:
    """Clerks of two districts and of another city, heads of the districts, a board of two in the city, an onlooker."""
    for name, role, place in (
        ("安全员", "platform.security_administrator", ""),
        ("平台员", "platform.administrator", ""),
    ):
        world.enter(name, role, place)
    make_roles(world, "安全员")
    for name, role, place in (
        ("职员甲", CLERK, "130402"),
        ("职员乙", CLERK, "130403"),
        ("职员丙", CLERK, "130502"),
        ("负责人甲", HEAD, "130402"),
        ("负责人乙", HEAD, "130403"),
        ("负责人丙", HEAD, "130502"),
        ("组员一", BOARD, "130400"),
        ("组员二", BOARD, "130400"),
        ("旁人", "", ""),
    ):
        world.enter(name, role, place)
