"""What a request is refused for before any verb is asked: each an exception in words, said as problem details."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import ValidationError

from app.platform.forms import Complaint
from app.platform.registry import Words
from app.rooms.web.errors import Said, said_of, speaks
from app.rooms.web.language import current, said

TITLES = {
    400: Words("请求无法读取", "The request cannot be read"),
    404: Words("没有找到", "Not found"),
    409: Words("现在不能这样办理", "This cannot be done now"),
    413: Words("请求内容过大", "The request is too large"),
    415: Words("请求格式不支持", "This media type is not taken"),
    422: Words("请求内容有误", "The request is not right"),
}
KEYWORDS = {
    "required": Words("缺少“{name}”", "“{name}” is missing"),
    "additionalProperties": Words("没有“{name}”这一项", "there is no “{name}” here"),
    "type": Words("“{name}”的类型应为{wanted}", "“{name}” must be of type {wanted}"),
    "enum": Words("“{name}”应为：{wanted}", "“{name}” must be one of: {wanted}"),
    "maxLength": Words("“{name}”最多{wanted}个字", "“{name}” has at most {wanted} characters"),
    "minLength": Words("“{name}”不能为空", "“{name}” cannot be empty"),
    "maxItems": Words("“{name}”最多{wanted}项", "“{name}” has at most {wanted} items"),
    "minItems": Words("“{name}”至少{wanted}项", "“{name}” has at least {wanted} items"),
    "maximum": Words("“{name}”不能大于{wanted}", "“{name}” cannot exceed {wanted}"),
    "minimum": Words("“{name}”不能小于{wanted}", "“{name}” cannot be less than {wanted}"),
}
OTHERWISE = Words("“{name}”不正确", "“{name}” is not right")


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that is wrong, at a field, a file, an element or an item of a list."""

    code: str
    words: Words
    field: str | None = None

    def said(self) -> dict[str, str]:
        """As a member of `problems`."""
        told = {"code": self.code, "message": said(self.words)}
        return {"field": self.field, **told} if self.field else told


class Problem(Exception):
    """A request is refused with `status`; `points` say where."""

    def __init__(self, status: int, code: str, words: Words, points: Iterable[Point] = ()) -> None:
        super().__init__(code)
        self.status, self.code, self.words, self.points = status, code, words, tuple(points)


class Complained(Exception):
    """A form was filled in wrongly: each complaint names its field."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        super().__init__("complaints")
        self.complaints = tuple(complaints)


@speaks(Problem)
def _problem(error: Problem) -> Said:
    title = said(TITLES.get(error.status, TITLES[422]))
    points = tuple(point.said() for point in error.points)
    return Said(error.status, title, said(error.words), "", error.code, points)


@speaks(Complained)
def _complained(error: Complained) -> Said:
    words, language = said_of(422), current()
    points: list[dict[str, Any]] = []
    for one in error.complaints:
        told: dict[str, Any] = {"code": one.code, "message": one.message(language)}
        cell = {"row": one.row, "column": one.column} if one.row is not None else {}
        points.append({"field": one.field, **cell, **told} if one.field else told)
    return Said(422, words.title, words.detail, words.advice, "form", tuple(points))


def bad_field(field: str, code: str, zh: str, en: str) -> Problem:
    """A refusal for one field."""
    words = Words(zh, en)
    return Problem(422, "invalid", words, [Point(code, words, field)])


def from_schema(errors: Iterable[ValidationError]) -> Problem:
    """What a JSON Schema has against a body, member by member."""
    points = [point for error in errors for point in _points(error)]
    return Problem(422, "invalid", points[0].words if points else TITLES[422], points)


def _points(error: ValidationError) -> Iterator[Point]:
    place, wanted = [str(part) for part in error.absolute_path], error.validator_value
    keyword = str(error.validator)
    if keyword == "required":
        names = [name for name in wanted if name not in error.instance]
    elif keyword == "additionalProperties" and isinstance(error.schema, dict):
        names = [name for name in error.instance if name not in error.schema.get("properties", {})]
    else:
        yield _point(keyword, ".".join(place) or "body", wanted)
        return
    for name in names[:20]:
        yield _point(keyword, ".".join([*place, name[:100]]), wanted)


def _point(keyword: str, name: str, wanted: Any) -> Point:
    shown = ", ".join(str(one) for one in wanted) if isinstance(wanted, list) else str(wanted)
    zh, en = KEYWORDS.get(keyword, OTHERWISE)
    given = {"name": name, "wanted": shown}
    return Point(keyword, Words(_filled(zh, given), _filled(en, given)), name)


def _filled(text: str, given: dict[str, str]) -> str:
    """Put names in by hand: what a stranger called a member must not be read as a format."""
    for name, value in given.items():
        text = text.replace("{" + name + "}", value)
    return text
