"""What a rehearsal kept as a test expects, and what came instead, in words people know: elements by their names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from app.platform.design.rehearsing import Run
from app.platform.registry import Words

_TITLES: Final = {
    "stage": Words("阶段", "The stage"),
    "open": Words("待办步骤", "What is open"),
    "ended": Words("结束于", "The end"),
    "receivers": Words("办理人", "Who gets it"),
    "variables": Words("变量", "The variables"),
}


def differs(run: Run, name: str, wanted: Any, found: Any) -> Words:
    """What was expected and what is so, elements by their names."""
    zh, en = ([_told(run, each, language) for each in (wanted, found)] for language in ("zh", "en"))
    title = _TITLES[name]
    return Words(f"{title.zh}应为{zh[0]}，实际是{zh[1]}", f"{title.en} should be {en[0]} and is {en[1]}")


def _told(run: Run, value: Any, language: str) -> str:
    elements = run.program.definition.elements
    if value in (None, "", [], {}):
        return "无" if language == "zh" else "none"
    if isinstance(value, Mapping):
        parts = [f"{_told(run, key, language)}：{_told(run, each, language)}" for key, each in value.items()]
        return ("；" if language == "zh" else "; ").join(parts)[:200]
    if isinstance(value, list):
        return "".join(_told(run, each, language) for each in value)[:200]
    if isinstance(value, str):
        said = elements[value].name.said(language) if value in elements else value
        return f"“{said}”"
    return json.dumps(value, ensure_ascii=False)
