"""What a row of the panel's table is: what is typed, what then stands in the file, and what the engine reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.platform.engine.definition import Definition

PROCESS = ""
CITY = "fairs.city_admin"


@dataclass(frozen=True)
class Row:
    """One thing said in the panel of `element`, in `tab`.

    `typed`: selectors and what is put there (True, False: ticked or not; None: pressed), or `@` and a tab to turn to.
    `file`: a property and its value, or an XPath and what it finds. `read`: what the engine makes of it, and how it is
    asked for; None where the engine does not keep it.
    """

    element: str
    tab: str
    typed: dict[str, str | bool | None]
    file: dict[str, str | None]
    read: tuple[Callable[[Definition], Any], Any] | None = None
    of: str = field(default="")


def of_task(name: str, id: str = "review") -> Callable[[Definition], Any]:
    """A task's own part of a definition."""
    return lambda found: getattr(found.tasks[id], name)


def of_event(name: str, id: str) -> Callable[[Definition], Any]:
    """An event's part."""
    return lambda found: getattr(found.events[id], name)


def text(value: Any) -> Any:
    """What an expression was written as."""
    return getattr(value, "text", value)
