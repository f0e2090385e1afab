"""What a form's field may be told, read off the published schema: a new field type appears by itself."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.platform.expressions import FUNCTIONS
from app.platform.forms.definition import RESERVED as OF_PAGES
from app.platform.forms.kinds import COLUMNS, KINDS
from app.platform.forms.schema import schema

RESERVED = OF_PAGES | FUNCTIONS.keys() | set(keyword.kwlist) | {"true", "false", "null"}
"""Names no new field is given: a form may have them, but no condition could read it."""
_REFERENCES = {
    "name": "field",
    "hook": "hook",
    "expression": "condition",
    "day": "day",
    "rights": "rights",
    "words": "words",
}
_HOLDS = frozenset({"together"})
"""Flags that hold where a form says nothing."""
_LISTS = {"choice": "choices", "column": "columns", "check": "checks", "item": "items", "top": "items"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A property: `control` says how it is asked for; `json` is what no control is known for.

    `both`: it has an English half beside it, under its own key with `.en`.
    """

    key: str
    control: str
    needed: bool
    both: bool
    facts: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """As data."""
        told = {"key": self.key, "control": self.control, "needed": self.needed, "both": self.both}
        return told | dict(self.facts)


@dataclass(frozen=True, slots=True)
class KindFacts:
    """A field type: its settings, whether it may stand in a table's row, be a variable, is derived, takes the width."""

    key: str
    settings: tuple[Setting, ...]
    column: tuple[Setting, ...]
    variable: str | None
    derived: bool
    wide: bool


@cache
def kinds() -> tuple[KindFacts, ...]:
    """Every field type, in the order of the platform."""
    return tuple(
        KindFacts(
            key,
            settings_of(f"field_{key}"),
            settings_of(f"column_{key}") if key in COLUMNS else (),
            kind.variable,
            kind.derived,
            kind.wide,
        )
        for key, kind in KINDS.items()
    )


@cache
def settings_of(definition: str = "") -> tuple[Setting, ...]:
    """What a part of a form may be told: `field_text`, `section`, `note`; without a name, the form itself."""
    whole = schema()
    part = whole["$defs"][definition] if definition else whole
    return tuple(_settings(part))


def _settings(part: Mapping[str, Any]) -> Iterator[Setting]:
    known: Mapping[str, Any] = part["properties"]
    needed = set(part.get("required", ()))
    for key, rule in known.items():
        if key in ("type", "$schema") or (key.endswith(".en") and key.removesuffix(".en") in known):
            continue
        control, facts = _control(rule)
        if key in _HOLDS:
            facts = facts | {"holds": True}
        yield Setting(key, control, key in needed, f"{key}.en" in known, facts)


def _control(rule: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """How a property with this rule is asked for, and its bounds."""
    name = str(rule.get("$ref", "")).rpartition("/")[2]
    if name in _REFERENCES:
        return _REFERENCES[name], {}
    if "enum" in rule:
        return "one", {"values": list(rule["enum"])}
    kind = rule.get("type")
    if kind == "boolean":
        return "flag", {}
    if kind in ("integer", "number"):
        bounds = {
            "min": rule.get("minimum", rule.get("exclusiveMinimum")),
            "max": rule.get("maximum"),
            "whole": kind == "integer",
        }
        return "number", {key: value for key, value in bounds.items() if value is not None}
    if kind == "string":
        return "text", {"longest": rule.get("maxLength", 200)}
    if kind == "array":
        return _list(rule["items"])
    if kind == "object":
        return _object(rule)
    return "json", {}


def _list(items: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    name = str(items.get("$ref", "")).rpartition("/")[2]
    if name in _LISTS:
        return _LISTS[name], {}
    if "enum" in items:
        return "several", {"values": list(items["enum"])}
    return (
        ("lines", {"longest": items.get("maxLength", 200)}) if items.get("type") == "string" else ("json", {})
    )


def _object(rule: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    held: Mapping[str, Any] = rule.get("properties", {})
    kinds = {_control(each)[0] for each in held.values()}
    if kinds == {"words"}:
        return "messages", {"keys": list(held)}
    return ("fields", {"keys": list(held)}) if kinds == {"field"} else ("json", {})
