"""A world whose database is built once and copied for each test: people, regions, small chains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from app.platform import documents
from tests import world as worlds
from tests.copies import copy_of
from tests.platform.jobs.databases import KINDS
from tests.platform.runtime import chains


def build(engine: Engine, folder: Path, press: documents.Press) -> worlds.World:
    """The furnished world, with the small chains."""
    return chains.furnish(worlds.build(engine, folder, press))


@contextmanager
def settled(folder: Path, press: documents.Press, kind: str = "sqlite") -> Iterator[worlds.World]:
    """A copy of the furnished world in `folder`, with files and prints of its own."""
    with copy_of(build, kind, folder, press) as world:
        chains.told.clear()
        yield world


@pytest.fixture(params=KINDS)
def ground(
    request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press
) -> Iterator[worlds.World]:
    """The furnished world in a database of this test's own: on SQLite, and on PostgreSQL where there is one."""
    with settled(tmp_path, shared_press, request.param) as world:
        yield world


@pytest.fixture
def any_ground(ground: worlds.World) -> worlds.World:
    """The same, where the test says that the kind of database is what it is about."""
    return ground


class Counted:
    """The statements an engine has executed since `clear`, one line each; begin and commit are none."""

    def __init__(self, engine: Engine) -> None:
        self.lines: list[str] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            self.lines.append(" ".join(statement.split()))

    def clear(self) -> None:
        self.lines.clear()


@pytest.fixture
def counted(ground: worlds.World) -> Counted:
    """Counts what the world's engine executes."""
    return Counted(ground.engine)
