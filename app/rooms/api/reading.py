"""Reads a request as its operation declares it: query, JSON or multipart body, key; or says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import request
from jsonschema import Draft202012Validator
from werkzeug.datastructures import FileStorage

from app.platform.registry import Words
from app.rooms.api.problems import Point, Problem, bad_field, from_schema
from app.rooms.api.schemas import Schema

LARGEST_JSON = 2 * 1024 * 1024
DEEPEST = 20
OF_THE_HOUSE = frozenset({"lang"})  # any address may carry it
JSON = ("application/json",)
MULTIPART = ("multipart/form-data",)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says, checked: nothing here is of another type than its operation declares."""

    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[FileStorage, ...] = ()
    key: str | None = None


def read_query(declared: Mapping[str, Schema]) -> dict[str, Any]:
    """The query's arguments by name. Raises `Problem` for unknown, repeated and wrong ones."""
    found: dict[str, Any] = {}
    for name, values in request.args.lists():
        if name in OF_THE_HOUSE:
            continue
        if name not in declared:
            raise bad_field(name, "unknown", f"没有查询条件“{name}”", f"there is no argument “{name}”")
        if len(values) != 1:
            raise bad_field(name, "repeated", f"“{name}”只能出现一次", f"“{name}” may stand only once")
        found[name] = _as_declared(name, values[0], declared[name])
    return found


def _as_declared(name: str, text: str, schema: Schema) -> Any:
    value: Any = text
    if "\0" in text:
        raise bad_field(name, "control", f"“{name}”含有不能使用的字符", f"“{name}” has forbidden characters")
    if schema.get("type") == "boolean":
        value = {"true": True, "false": False}.get(text, text)
    elif schema.get("type") == "integer" and text.isascii() and text.lstrip("-").isdigit() and len(text) < 12:
        value = int(text)
    _judge({"type": "object", "properties": {name: schema}}, {name: value})
    return value


def read_body(schema: Schema) -> dict[str, Any]:
    """The JSON body. Nothing sent is an empty object. Raises `Problem`: 400, 413, 415, 422."""
    request.max_content_length = LARGEST_JSON
    if (request.content_length or 0) > LARGEST_JSON:
        raise Problem(413, "too-large", Words("JSON 内容不能超过 2 MB", "A JSON body may have 2 MB at most"))
    raw = request.get_data(cache=False)
    if raw and request.mimetype != "application/json":
        raise Problem(415, "media-type", Words("请求内容应为 application/json", "Send application/json here"))
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise Problem(400, "not-json", Words("请求内容不是 JSON", "The body is not JSON")) from error
    _mind_text(body)
    _judge(schema, body)
    return dict(body)


def read_form(schema: Schema) -> tuple[dict[str, Any], tuple[FileStorage, ...]]:
    """The fields and the files of a multipart body. Raises `Problem`: 415, 422."""
    if request.mimetype != "multipart/form-data":
        raise Problem(
            415, "media-type", Words("请求内容应为 multipart/form-data", "Send multipart/form-data here")
        )
    declared = schema["properties"]
    uploads, files = [], []
    for name, storage in request.files.items(multi=True):
        if name not in declared:
            raise bad_field(name, "unknown", f"没有“{name}”这一项", f"there is no “{name}” here")
        files.append(storage)
        uploads.append(name)
    body: dict[str, Any] = {}
    for name, texts in request.form.lists():
        if name not in declared:
            raise bad_field(name, "unknown", f"没有“{name}”这一项", f"there is no “{name}” here")
        if _is_file(declared[name]):
            raise bad_field(name, "file", f"“{name}”应为文件", f"“{name}” must be a file")
        body[name] = _as_declared(name, texts[0], declared[name])
    for name in schema.get("required", ()):
        if name not in body and name not in uploads:
            raise bad_field(name, "required", f"缺少“{name}”", f"“{name}” is missing")
    return body, tuple(files)


def _is_file(schema: Schema) -> bool:
    return bool(schema.get("format") == "binary" or schema.get("items", {}).get("format") == "binary")


def read_key() -> str | None:
    """The idempotency key, if one is given."""
    return request.headers.get("Idempotency-Key") or None


def _judge(schema: Schema, body: Any) -> None:
    errors = sorted(
        Draft202012Validator(schema).iter_errors(body), key=lambda error: [str(one) for one in error.path]
    )
    if errors:
        raise from_schema(errors[:20])


def _mind_text(body: Any) -> None:
    """Refuse what no table can keep: NUL in any text, and nests deeper than any form."""
    waiting = [(body, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            words = Words("JSON 嵌套过深", "The JSON is nested too deeply")
            raise Problem(422, "too-deep", words, [Point("too_deep", words)])
        if isinstance(value, str):
            if "\0" in value:
                words = Words("含有不能使用的字符", "There are characters that cannot be used")
                raise Problem(422, "control", words, [Point("control", words)])
        elif isinstance(value, dict):
            waiting += [(one, depth + 1) for pair in value.items() for one in pair]
        elif isinstance(value, list):
            waiting += [(one, depth + 1) for one in value]
