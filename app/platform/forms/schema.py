"""The published JSON Schema of form files, put together from the field types.

`python -m app.platform.forms` prints it; `docs/form.schema.json` is that output.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from app.platform.forms.kinds import COLUMNS, KINDS, Kind

RIGHT = {"enum": ["hidden", "read", "edit", "required"]}
WIDTHS = ["full", "half", "third"]
# Tokens of the HTML standard that a public body's forms have use for (WCAG 1.3.5).
_NOT_IN_ROWS = {
    "help",
    "help.en",
    "at",
    "show_if",
    "require_if",
    "check",
    "variable",
    "width",
    "autocomplete",
}
AUTOCOMPLETE = [
    "off",
    "name",
    "nickname",
    "organization",
    "organization-title",
    "street-address",
    "postal-code",
    "country-name",
    "bday",
    "sex",
    "tel",
    "tel-national",
    "email",
    "url",
]
INPUTMODES = ["none", "text", "decimal", "numeric", "tel", "search", "email", "url"]


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _both(name: str, longest: int) -> dict[str, Any]:
    return {name: _text(longest), f"{name}.en": _text(longest * 4)}


def _definitions() -> dict[str, Any]:
    return {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 60},
        "hook": {"type": "string", "pattern": "^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$"},
        "expression": {"type": "string", "minLength": 1, "maxLength": 1000},
        "day": {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|today([+-][0-9]{1,5}d)?)$"},
        "words": {
            "type": "object",
            "properties": {"zh": _text(500), "en": _text(2000)},
            "required": ["zh", "en"],
            "additionalProperties": False,
        },
        "rights": {
            "type": "object",
            "description": "Right by BPMN element id; `start` is the start form, `*` every other step.",
            "propertyNames": {"pattern": r"^(\*|[A-Za-z_][A-Za-z0-9_.-]*)$"},
            "additionalProperties": RIGHT,
        },
        "choice": {
            "type": "object",
            "properties": {"code": {"type": "string", "pattern": "^[^\\s|]{1,60}$"}, **_both("label", 100)},
            "required": ["code", "label", "label.en"],
            "additionalProperties": False,
        },
        "check": {
            "oneOf": [
                {"$ref": "#/$defs/hook"},
                {
                    "type": "object",
                    "properties": {
                        "that": {"$ref": "#/$defs/expression"},
                        "message": {"$ref": "#/$defs/words"},
                        "field": {"$ref": "#/$defs/name"},
                    },
                    "required": ["that", "message"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"hook": {"$ref": "#/$defs/hook"}, "field": {"$ref": "#/$defs/name"}},
                    "required": ["hook"],
                    "additionalProperties": False,
                },
            ]
        },
    }


def _field(kind: Kind) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"const": kind.key},
        "name": {"$ref": "#/$defs/name"},
        **_both("label", 60),
        **_both("help", 500),
        **_both("placeholder", 100),
        "required": {"type": "boolean"},
        "at": {"$ref": "#/$defs/rights"},
        "show_if": {"$ref": "#/$defs/expression"},
        "require_if": {"$ref": "#/$defs/expression"},
        "check": {"$ref": "#/$defs/hook"},
        "messages": {
            "type": "object",
            "properties": {code: {"$ref": "#/$defs/words"} for code in sorted(kind.codes | {"check"})},
            "additionalProperties": False,
        },
        "sensitive": {"type": "boolean"},
        "autocomplete": {"enum": AUTOCOMPLETE},
        "inputmode": {"enum": INPUTMODES},
        "width": {"enum": WIDTHS},
        **kind.settings,
    }
    if kind.variable:
        properties["variable"] = {"type": "boolean"}
    if kind.masks:
        properties["mask"] = {"enum": list(kind.masks)}
    return {
        "type": "object",
        "description": (type(kind).__doc__ or "").split("\n")[0],
        "properties": properties,
        "required": ["type", "name", "label", "label.en", *kind.needs],
        "dependentRequired": {"help": ["help.en"], "placeholder": ["placeholder.en"]},
        "additionalProperties": False,
    }


def _column(kind: Kind) -> dict[str, Any]:
    """A field as a column of a table may have it: without what only makes sense for a whole form."""
    whole = _field(kind)
    properties = {key: value for key, value in whole["properties"].items() if key not in _NOT_IN_ROWS}
    return {**whole, "properties": properties, "dependentRequired": {"placeholder": ["placeholder.en"]}}


def _note() -> dict[str, Any]:
    paragraphs = {"type": "array", "items": _text(2000), "minItems": 1, "maxItems": 30}
    return {
        "type": "object",
        "description": "Text between the questions, one item per paragraph.",
        "properties": {
            "type": {"const": "note"},
            "text": paragraphs,
            "text.en": paragraphs,
            "at": {"$ref": "#/$defs/rights"},
        },
        "required": ["type", "text", "text.en"],
        "additionalProperties": False,
    }


def _section() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Fields under one title. Sections do not nest.",
        "properties": {
            "type": {"const": "section"},
            **_both("title", 60),
            "at": {"$ref": "#/$defs/rights"},
            "show_if": {"$ref": "#/$defs/expression"},
            "fields": {"type": "array", "items": {"$ref": "#/$defs/item"}, "minItems": 1, "maxItems": 200},
        },
        "required": ["type", "title", "title.en", "fields"],
        "additionalProperties": False,
    }


def _one_of(names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(names)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{definition}"},
            }
            for name, definition in names.items()
        ],
    }


@cache
def schema() -> Mapping[str, Any]:
    """Return the schema (draft 2020-12)."""
    fields = {key: f"field_{key}" for key in KINDS} | {"note": "note"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Chengpi form",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "id": {"$ref": "#/$defs/hook"},
            **_both("title", 60),
            "entity": {"$ref": "#/$defs/hook"},
            "row": {"type": "string", "pattern": "^(starter|variable:[a-z][a-z0-9_]*)$"},
            "steps": {"$ref": "#/$defs/rights"},
            "tabs": {"type": "boolean"},
            "together": {"type": "boolean"},
            "fields": {"type": "array", "items": {"$ref": "#/$defs/top"}, "minItems": 1, "maxItems": 200},
            "checks": {"type": "array", "items": {"$ref": "#/$defs/check"}, "maxItems": 50},
        },
        "required": ["id", "title", "title.en", "fields"],
        "dependentRequired": {"entity": ["row"], "row": ["entity"]},
        "additionalProperties": False,
        "$defs": {
            **_definitions(),
            **{f"field_{key}": _field(kind) for key, kind in KINDS.items()},
            **{f"column_{key}": _column(KINDS[key]) for key in COLUMNS},
            "column": _one_of({key: f"column_{key}" for key in COLUMNS}),
            "note": _note(),
            "section": _section(),
            "item": _one_of(fields),
            "top": _one_of({**fields, "section": "section"}),
        },
    }
