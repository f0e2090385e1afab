"""Worlds built once in a process, and copied for each test with their databases: a copy takes a tenth of the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import Engine

from app.platform import documents, settings
from app.platform.data import Base
from tests.empty_world import EmptyWorld, move_in
from tests.platform.jobs import databases

W = TypeVar("W", bound=EmptyWorld)
Build = Callable[[Engine, Path, documents.Press], W]
"""Makes a world on an empty database; files that it keeps would not be copied."""
_built: dict[tuple[object, str, frozenset[str]], tuple[str, Any]] = {}


@contextmanager
def copy_of(build: Build[W], kind: str, folder: Path, press: documents.Press) -> Iterator[W]:
    """Yield a world as `build` makes it, on a database of its own of this kind, with its files in `folder`."""
    address, first = _first(build, kind, press)
    with databases.copied(address, folder, "test") as copy:
        move_in(folder, press)
        engine = databases.opened(copy)
        world = replace(first, engine=engine, **_own(first))
        with world.session() as session:
            settings.catch_up(session)  # as when a house opens: roles, chains and lists are this world's
        yield world
        engine.dispose()


def _first(build: Build[W], kind: str, press: documents.Press) -> tuple[str, W]:
    """The world that others are copied from, which nobody enters, and the address of its database."""
    key = build, kind, frozenset(Base.metadata.tables)
    if key not in _built:
        folder = Path(databases.kept.enter_context(TemporaryDirectory()))
        address = databases.kept.enter_context(databases.fresh(kind, folder))
        engine = databases.opened(address)
        world = build(engine, folder, press)
        engine.dispose()
        assert not [one for one in folder.glob("files/**/*") if one.is_file()], "a built world keeps files"
        _built[key] = address, world
    return _built[key]


def _own(world: EmptyWorld) -> dict[str, Any]:
    """What a copy has for itself."""
    return {
        one.name: deepcopy(getattr(world, one.name))
        for one in fields(world)
        if one.init and one.name != "engine"
    }
