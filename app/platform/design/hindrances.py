"""Why an instance cannot be carried over, in words: what the engine, the hooks and the versions say against it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.platform.engine import Corrupt, Faulty, Fuse
from app.platform.registry import Refused, Words
from app.platform.runtime.errors import CannotMigrate, HookRefused, InstanceChanged, Unknown, Unpublishable
from app.platform.runtime.migrating import OBSTACLES

Why = list[list[str]]
"""Sentences as they are kept: `[element or "", zh, en]`."""

log = logging.getLogger(__name__)
CODES = OBSTACLES | {
    "unreadable": Words(
        "现用版本引用的功能已不存在，无法读取",
        "its present version names what there is no more, and cannot be read",
    ),
    "corrupt": Words("流程状态已损坏", "its state is damaged"),
    "faulty": Words("流转到此处时取值有误", "a value is not what the drawing needs here"),
    "fuse": Words("迁移后流转步骤过多", "it would not come to rest after it"),
    "changed": Words("流程已结束或状态已变化", "it has ended or changed meanwhile"),
    "broke": Words("系统出错，未迁移", "something broke in the system; it stays where it is"),
}


def coded(element: str, code: str) -> Why:
    """One sentence by its code."""
    return [[element, *CODES[code]]]


def said(error: Exception) -> Why:
    """What stands against it, of what was raised. A failing database is no answer: it is raised again."""
    match error:
        case CannotMigrate():
            return [[element, *words] for element, words in error.obstacles]
        case HookRefused() | Refused():
            return [["", *error.words]]
        case Unpublishable():
            return coded("", "unreadable")
        case Faulty():
            return coded(error.element, "faulty")
        case Corrupt():
            return coded("", "corrupt")
        case Fuse():
            return coded("", "fuse")
        case InstanceChanged() | Unknown():
            return coded("", "changed")
        case DBAPIError():
            raise error
        case _:
            log.error("an instance could not be carried over", exc_info=error)
            return coded("", "broke")


def words(why: Sequence[Any]) -> list[tuple[str, Words]]:
    """The sentences kept, as (element, words)."""
    return [(element, Words(zh, en)) for element, zh, en in why]
