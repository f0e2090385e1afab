"""Tests of the monitor. `posts` gathers what its pages let one post: `POSTS` of every `posts_<part>` here."""

from __future__ import annotations

import importlib
import pkgutil

from tests.rooms.forgery import Post


def posts() -> dict[str, Post]:
    """By name: the posts of the room's pages."""
    found: dict[str, Post] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("posts_"):
            found |= importlib.import_module(f"{__name__}.{module.name}").POSTS
    return found
