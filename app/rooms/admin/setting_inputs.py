"""What was typed into a setting's field, read as its kind says; and what stands there before anybody types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.platform import settings
from app.platform.registry import Words

LONGEST = 2000
_WHOLE = re.compile(r"-?\d{1,12}", re.ASCII)


class Unchanged(Exception):
    """A secret was left empty: what is kept stays."""


def read(one: settings.Definition, sent: Mapping[str, str]) -> Any:
    """The value that was typed, None for what was left empty. Raises `BadSetting`, `Unchanged`."""
    if one.kind == "words":
        return [sent.get(f"{one.key}.{language}", "").strip() for language in ("zh", "en")]
    if one.kind == "yes":
        return one.key in sent
    text = sent.get(one.key, "").strip()
    if one.kind == "secret" and not text:
        raise Unchanged
    if len(text) > LONGEST:
        raise settings.BadSetting(Words(f"最多{LONGEST}个字符", f"At most {LONGEST} characters"))
    if not text:
        return None
    if one.kind == "number":
        if not _WHOLE.fullmatch(text):
            raise settings.BadSetting(Words("请填写整数", "Please enter a whole number"))
        return int(text)
    return text


def shown(one: settings.Definition) -> dict[str, str]:
    """The texts of a setting's inputs, by their names; a secret is never among them."""
    value = settings.value(one.key)
    if one.kind == "secret":
        return {one.key: ""}
    if one.kind == "words":
        return {f"{one.key}.zh": value[0], f"{one.key}.en": value[1]}
    if one.kind == "yes":
        return {one.key: "y"} if value else {}
    return {one.key: "" if value is None else str(value)}
