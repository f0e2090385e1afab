"""Tests of the admin room. `posts` gathers what its pages let one post: `POSTS` of every `posts_<part>` here."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def posts() -> dict[str, Any]:
    """By name: the rule, who is brought to its page, and what the post may write."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("posts_"):
            found |= importlib.import_module(f"{__name__}.{module.name}").POSTS
    return found
