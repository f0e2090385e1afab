"""OpenAPI 3.1, made from the operations themselves, and the page on which people read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, render_template

from app.platform.registry import Words
from app.rooms.api.operations import OPERATIONS, PREFIX, Operation, as_json, blueprint, operation
from app.rooms.api.problems import TITLES
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import COMPONENTS, OBJECT, Schema, named, spoken
from app.rooms.web.errors import said_of
from app.rooms.web.guards import open_to_all
from app.rooms.web.language import current, said

VERSION = "1"
PLACEHOLDER = re.compile(r"<(?:(\w+):)?(\w+)>")
PROBLEM = {"application/problem+json": {"schema": named("Problem")}}
SUBJECTS = {
    "me": Words("当前用户与运行状态", "Caller and health"),
    "tasks": Words("事项", "Tasks"),
    "questions": Words("询问", "Questions"),
    "instances": Words("流程实例", "Instances"),
    "processes": Words("流程与发布", "Processes and publishing"),
    "files": Words("文件", "Files"),
    "messages": Words("消息", "Messages"),
    "incidents": Words("故障", "Incidents"),
    "webhooks": Words("事件推送", "Webhooks"),
    "openapi": Words("接口描述", "Description"),
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "The same key and body answers the first result again; the same key with another body 422.",
}


@operation(
    "GET",
    "/openapi.json",
    "openapi",
    "本文档（OpenAPI 3.1）",
    "This description (OpenAPI 3.1)",
    OBJECT,
    is_open=True,
)
def describe(asked: Asked) -> Response:
    """The description of every operation."""
    return as_json(document())


@blueprint.get(f"{PREFIX}/docs")
@open_to_all
def docs() -> str:
    """The same to read."""
    return render_template("api/docs.html", subjects=_subjects(), prefix=PREFIX)


def document() -> dict[str, Any]:
    """The OpenAPI document, in the reader's language where it has sentences."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(path_of(one), {})[one.method.lower()] = _described(one)
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "呈批 Chengpi",
            "version": VERSION,
            "description": "Approval chains: the verbs of the pages, under the same policy.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(COMPONENTS),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "browser": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "chengpi",
                    "description": "the browser's session; other methods than GET with its token in X-CSRFToken",
                },
            },
        },
        "security": [{"token": []}, {"browser": []}],
    }
    told: dict[str, Any] = spoken(described, current())
    return told


def path_of(one: Operation) -> str:
    """The path as OpenAPI writes it."""
    return PLACEHOLDER.sub(r"{\2}", one.path)


def _described(one: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": said(one.summary),
        "parameters": list(_parameters(one)),
        "responses": {
            **_answer(one.status, one.media),
            **{
                status: block
                for code, schema in one.also.items()
                for status, block in _answer(code, {"application/json": schema}).items()
            },
            **{
                str(code): {"description": _title(code), "content": PROBLEM}
                for code in (*one.refusals, 503)
                if code not in one.also
            },
        },
    }
    if one.is_open:
        told["security"] = []
    if one.body is not None:
        required = bool(one.body.get("required"))
        told["requestBody"] = {"required": required, "content": {"application/json": {"schema": one.body}}}
    if one.form is not None:
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": one.form}}}
    if one.permission:
        told["description"] = f"Needs the permission `{one.permission}`."
    return told


def _answer(status: int, media: Mapping[str, Schema]) -> dict[str, Any]:
    content = {kind: {"schema": schema} for kind, schema in media.items()}
    return {str(status): {"description": "OK", "content": content}}


def _title(code: int) -> str:
    return said(TITLES[code]) if code in TITLES and code not in (404, 409) else said_of(code).title


def _parameters(one: Operation) -> Iterator[dict[str, Any]]:
    for kind, name in PLACEHOLDER.findall(one.path):
        schema = {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name, schema in one.query.items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}
    if one.method == "POST":
        yield KEY_HEADER


def _subjects() -> list[dict[str, Any]]:
    """The operations by subject, as the page lists them."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in OPERATIONS:
        sent = one.body or one.form
        groups.setdefault(one.tag, []).append(
            {
                "name": one.name,
                "method": one.method,
                "path": path_of(one),
                "summary": said(one.summary),
                "permission": one.permission,
                "query": [_line(name, schema, False) for name, schema in one.query.items()],
                "body": _lines(sent),
                "answer": _members(next(iter(one.media.values()))),
                "media": list(one.media),
                "status": one.status,
                "refusals": one.refusals,
            }
        )
    return [
        {"title": said(title), "operations": groups[tag]} for tag, title in SUBJECTS.items() if tag in groups
    ]


def _lines(schema: Schema | None) -> list[dict[str, Any]]:
    if schema is None:
        return []
    required = schema.get("required", ())
    return [_line(name, one, name in required) for name, one in schema.get("properties", {}).items()]


def _line(name: str, schema: Schema, required: bool) -> dict[str, Any]:
    return {
        "name": name,
        "type": _type(schema),
        "required": required,
        "about": said(schema.get("description", "")),
    }


def _type(schema: Schema) -> str:
    """A schema in a word or two."""
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"[{_type(schema['items'])}]"
    word = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{word} ({schema['format']})" if "format" in schema else word


def _members(schema: Schema) -> list[dict[str, Any]]:
    """The members of an answer; of a named shape its own."""
    found = COMPONENTS[str(schema["$ref"]).rsplit("/", 1)[1]] if "$ref" in schema else schema
    return _lines(found)
