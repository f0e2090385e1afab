"""Finds a verb of the runtime by name, so that one that this installation does not offer is refused in words."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from app.platform.registry import Words
from app.rooms.api.problems import Problem


def verb(module: str, name: str) -> Callable[..., Any]:
    """The function `name` of `app.platform.runtime.<module>`. Raises `Problem` where there is none."""
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(f"app.platform.runtime.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise Problem(409, "not-offered", Words("暂不提供此操作", "This is not offered yet")) from error
    return found
