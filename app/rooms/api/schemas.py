"""The shapes of what the API takes and answers, as JSON Schemas: requests are judged by them, OpenAPI shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.platform.registry import Words
from app.platform.runtime.tasks import LONGEST_OPINION

Schema = Mapping[str, Any]

MOST_ROWS: Final = 200
LARGEST_INTEGER: Final = 2_147_483_647


def shape(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> dict[str, Any]:
    """An object of these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def many(items: Schema, most: int | None = None) -> dict[str, Any]:
    """A list; `most` bounds it."""
    return {"type": "array", "items": items, **({"maxItems": most} if most else {})}


def maybe(schema: Schema) -> dict[str, Any]:
    """The same, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def named(name: str) -> dict[str, Any]:
    """A shape by its name among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def said(schema: Schema, zh: str, en: str) -> dict[str, Any]:
    """The same with a line about it in both languages; `spoken` chooses."""
    return {**schema, "description": Words(zh, en)}


def spoken(schema: Any, language: str) -> Any:
    """A schema with its lines in one language."""
    if isinstance(schema, Words):
        return schema.said(language)
    if isinstance(schema, Mapping):
        return {name: spoken(value, language) for name, value in schema.items()}
    return [spoken(one, language) for one in schema] if isinstance(schema, list | tuple) else schema


TEXT: Final[Schema] = {"type": "string"}
FLAG: Final[Schema] = {"type": "boolean"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
ID: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 100}
KEY: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 100}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
OBJECT: Final[Schema] = {"type": "object"}
COMMENT: Final[Schema] = {"type": "string", "maxLength": LONGEST_OPINION}
REASON: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": LONGEST_OPINION}
REVISION: Final[Schema] = said(
    {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER},
    "读取事项时的修订号",
    "the task's revision as read",
)
NUMBER: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER}
DATA: Final[Schema] = said(
    OBJECT,
    "表单字段 → 值；未列出的字段保持不变",
    "field of the form → value; fields left out stay as they are",
)

PERSON: Final = shape({"id": TEXT, "name": TEXT})
NAMED_ITEMS: Final = many(shape({"reason": TEXT}, {"field": TEXT, "file": TEXT}))
DECIDED: Final = shape(
    {
        "by": maybe(TEXT),
        "by_name": TEXT,
        "outcome": maybe(TEXT),
        "comment": TEXT,
        "at": MOMENT,
        "items": NAMED_ITEMS,
    }
)
CHOICES: Final = many(shape({"code": TEXT, "label": TEXT}))
COLUMN: Final = shape(
    {"name": TEXT, "label": TEXT, "kind": TEXT, "many": FLAG, "required": FLAG}, {"choices": CHOICES}
)
FIELD: Final = shape(
    {
        "name": TEXT,
        "label": TEXT,
        "kind": TEXT,
        "right": {"enum": ["read", "edit", "required"]},
        "many": FLAG,
        "masked": FLAG,
    },
    {
        "choices": CHOICES,
        "columns": said(
            many(COLUMN), "重复表格的各列", "of a repeating table, whose value is a list of objects"
        ),
        "rows": shape({"min": COUNT, "max": COUNT}),
    },
)
FORM: Final = shape({"id": TEXT, "title": TEXT, "fields": many(FIELD)})
OUTCOME: Final = shape({"key": TEXT, "name": TEXT, "needs_comment": FLAG, "negative": FLAG})
STEP: Final = shape({"element": TEXT, "name": TEXT})

TASK_ROW: Final = shape(
    {
        "id": maybe(TEXT),
        "instance": TEXT,
        "process": TEXT,
        "process_name": TEXT,
        "title": TEXT,
        "number": maybe(TEXT),
        "element": maybe(TEXT),
        "name": maybe(TEXT),
        "state": said(TEXT, "流程实例的状态", "of the instance"),
        "stage": maybe(TEXT),
        "starter_name": TEXT,
        "region_name": maybe(TEXT),
        "opened_at": MOMENT,
        "due_at": maybe(MOMENT),
        "closed_at": maybe(MOMENT),
        "outcome": maybe(TEXT),
        "is_returned": FLAG,
        "is_claimed": FLAG,
        "revision": maybe(COUNT),
    }
)
SEAT: Final = shape(
    {
        "person": PERSON,
        "state": {"enum": ["open", "waiting", "decided", "closed"]},
        "outcome": maybe(TEXT),
        "on_behalf_of": TEXT,
        "decided_by": TEXT,
        "decided_at": maybe(MOMENT),
        "added_by": TEXT,
        "reason": said(TEXT, "席位未办理即关闭的原因", "why a seat closed undecided"),
        "is_advice": FLAG,
    }
)
TASK: Final = shape(
    {
        "id": TEXT,
        "instance": TEXT,
        "process": TEXT,
        "process_name": TEXT,
        "title": TEXT,
        "number": maybe(TEXT),
        "element": TEXT,
        "name": TEXT,
        "state": TEXT,
        "stage": maybe(TEXT),
        "revision": COUNT,
        "opened_at": MOMENT,
        "due_at": maybe(MOMENT),
        "paused_at": said(maybe(MOMENT), "时限自何时起暂停", "since when the deadline stands still"),
        "overdue": FLAG,
        "claimed_by": maybe(PERSON),
        "starter": PERSON,
        "region_name": TEXT,
        "can_work": FLAG,
        "why": said(TEXT, "为什么由调用者办理", "why this task stands in front of the caller"),
        "outcomes": many(OUTCOME),
        "verbs": said(many(TEXT), "调用者在此可用的操作", "what else the caller may do here now"),
        "seats": said(many(SEAT), "多人办理时的各席位", "the signers, where there are several"),
        "return_to": said(
            many(shape({"element": TEXT, "name": TEXT, "because": maybe(TEXT)})),
            "经过的环节；`because` 说明为何不能退回",
            "steps passed; `because` says why one may not be returned to",
        ),
        "next": said(many(STEP), "之后可能的环节", "the steps that may come next"),
        "form": maybe(FORM),
        "data": OBJECT,
        "draft": maybe(OBJECT),
        "draft_saved_at": maybe(MOMENT),
        "to_correct": said(
            many(shape({"field": TEXT, "label": TEXT, "reason": TEXT})),
            "退回时指出、在此须修改的字段；其余字段在 form 中只读",
            "fields that a return has named to be put right here; the others are read-only in `form`",
        ),
        "returned": maybe(DECIDED),
        "decided": maybe(DECIDED),
    }
)
OPEN_TASK: Final = shape(
    {
        "id": TEXT,
        "element": TEXT,
        "name": TEXT,
        "who": TEXT,
        "can_work": FLAG,
        "opened_at": MOMENT,
        "due_at": maybe(MOMENT),
        "revision": COUNT,
    }
)
INSTANCE_ROW: Final = shape(
    {
        "id": TEXT,
        "process": TEXT,
        "process_name": TEXT,
        "version": COUNT,
        "title": TEXT,
        "number": maybe(TEXT),
        "business_key": maybe(TEXT),
        "state": TEXT,
        "stage": maybe(TEXT),
        "starter": PERSON,
        "started_at": MOMENT,
        "ended_at": maybe(MOMENT),
    }
)
WHERE: Final = shape(
    {
        "state": TEXT,
        "sentence": TEXT,
        "holders": many(
            shape(
                {
                    "task": TEXT,
                    "element": TEXT,
                    "name": TEXT,
                    "who": TEXT,
                    "since": MOMENT,
                    "due_at": maybe(MOMENT),
                    "working_days_left": said(
                        maybe({"type": "integer"}),
                        "剩余工作日；负数为超期的工作日数",
                        "working days left; negative: overdue by so many",
                    ),
                }
            )
        ),
        "next": said(
            many(shape({"element": TEXT, "name": TEXT, "who": TEXT})),
            "预计的后续环节",
            "the steps that are likely to come",
        ),
        "ends_then": FLAG,
    }
)
INSTANCE: Final = shape(
    {
        "id": TEXT,
        "process": TEXT,
        "process_name": TEXT,
        "title": TEXT,
        "number": maybe(TEXT),
        "business_key": maybe(TEXT),
        "state": TEXT,
        "stage": maybe(TEXT),
        "starter": PERSON,
        "started_at": MOMENT,
        "ended_at": maybe(MOMENT),
        "tasks": many(OPEN_TASK),
        "incidents": said(many(TEXT), "尚未处理的故障类型", "what holds it up: kinds of its open incidents"),
        "where": said(WHERE, "办理到哪一步了", "where it is, in a sentence and as facts"),
    }
)
HAPPENING: Final = shape(
    {
        "seq": COUNT,
        "at": MOMENT,
        "kind": TEXT,
        "element": maybe(TEXT),
        "task": maybe(TEXT),
        "name": maybe(TEXT),
        "by": maybe(PERSON),
        "outcome": maybe(TEXT),
        "outcome_name": maybe(TEXT),
        "comment": TEXT,
        "items": NAMED_ITEMS,
    }
)
PROCESS: Final = shape({"key": TEXT, "name": TEXT, "system": TEXT, "version": COUNT, "may_start": FLAG})
VERSION_ROW: Final = shape({"version": COUNT, "published_at": MOMENT, "is_current": FLAG})
VERSION: Final = shape(
    {
        "key": TEXT,
        "version": COUNT,
        "hash": TEXT,
        "published_at": MOMENT,
        "is_current": FLAG,
        "files": many(shape({"name": TEXT, "size": COUNT})),
    }
)
INCIDENT: Final = shape(
    {
        "id": TEXT,
        "instance": TEXT,
        "title": TEXT,
        "element": maybe(TEXT),
        "kind": TEXT,
        "detail": TEXT,
        "opened_at": MOMENT,
    }
)
FILE: Final = shape(
    {"id": TEXT, "name": TEXT, "type": TEXT, "size": COUNT, "pages": maybe(COUNT), "instance": maybe(TEXT)}
)
POST: Final = shape(
    {
        "id": TEXT,
        "role": TEXT,
        "role_name": TEXT,
        "place": said(TEXT, "地区代码路径；空为不限", "a path of region codes; empty is everywhere"),
        "place_name": TEXT,
        "subject": said(TEXT, "* 表示全部", "* is all"),
    }
)
ME: Final = shape(
    {"id": TEXT, "name": TEXT, "username": TEXT, "posts": many(POST), "permissions": many(TEXT)}
)
SAID: Final = shape(
    {"code": TEXT, "message": TEXT},
    {"file": TEXT, "element": TEXT, "field": TEXT, "row": COUNT, "column": TEXT, "item": TEXT},
)
PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "request": said(TEXT, "日志中的请求编号", "the number of the request in the log"),
        "problems": many(SAID),
        "decided": shape({"by_name": TEXT, "outcome": maybe(TEXT), "at": maybe(MOMENT)}),
    },
    "required": ["type", "title", "status", "detail"],
}

COMPONENTS: Final[Mapping[str, Schema]] = {
    "Decided": DECIDED,
    "Form": FORM,
    "Happening": HAPPENING,
    "Incident": INCIDENT,
    "Instance": INSTANCE,
    "InstanceRow": INSTANCE_ROW,
    "Me": ME,
    "Problem": PROBLEM,
    "Process": PROCESS,
    "StoredFile": FILE,
    "Task": TASK,
    "TaskRow": TASK_ROW,
    "Version": VERSION,
}


def page_of(name: str) -> dict[str, Any]:
    """A page of a list of the component `name`."""
    return shape({"items": many(named(name)), "next_cursor": maybe(TEXT)}, {"total": COUNT})
