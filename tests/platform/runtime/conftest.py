"""A world whose database is built once and copied for each test: people, regions, small chains."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from app.platform import documents, notices
from tests import world as worlds
from tests.platform.jobs.databases import KINDS, copied, fresh, opened
from tests.platform.runtime import chains

Built = tuple[Path, worlds.World]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press) -> Built:
    """The furnished world, whose file is copied."""
    folder = tmp_path_factory.mktemp("built")
    with fresh("sqlite", folder) as address:
        engine = opened(address)
        world = chains.furnish(worlds.build(engine, folder, shared_press))
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        engine.dispose()
        return folder / "test.sqlite", world


@pytest.fixture(scope="session")
def built_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[tuple[str, worlds.World]]:
    """The furnished world as a database of PostgreSQL, which is the template of others."""
    folder = tmp_path_factory.mktemp("built")
    with fresh("postgresql", folder) as address:
        engine = opened(address)
        world = chains.furnish(worlds.build(engine, folder, shared_press))
        engine.dispose()
        yield address, world


def settle(folder: Path, built: Built) -> worlds.World:
    """A copy of the furnished world in `folder`, with files and prints of its own."""
    file, world = built
    shutil.copy(file, folder / "copy.sqlite")
    return _moved_in(f"sqlite:///{folder / 'copy.sqlite'}", folder, world)


def _moved_in(address: str, folder: Path, world: worlds.World) -> worlds.World:
    chains.told.clear()
    notices.use(notices.Settings())  # an application of another test may have opened channels
    before = documents.settings()
    fonts, forms = before.fonts, before.templates
    documents.use(documents.Settings(documents.DiskStorage(folder / "files"), before.press, fonts, forms))
    engine = opened(address)
    event.listen(engine, "connect", _unhurried)
    return worlds.World(engine, people=dict(world.people), project=world.project)


def _unhurried(raw: Any, _record: object) -> None:
    """Nothing here is about power cuts: do not wait for the disk (tests/faults does, and the benchmarks)."""
    if type(raw).__module__.startswith("psycopg"):
        raw.execute("SET synchronous_commit = off")
        raw.commit()
    else:
        raw.execute("PRAGMA synchronous=OFF")


@pytest.fixture(params=KINDS)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[worlds.World]:
    """The furnished world in a database of this test's own: on SQLite, and on PostgreSQL where there is one."""
    if request.param == "sqlite":
        world = settle(tmp_path, request.getfixturevalue("built"))
        yield world
        world.engine.dispose()
        return
    address, furnished = request.getfixturevalue("built_on_postgresql")
    with copied(address, tmp_path) as copy:
        world = _moved_in(copy, tmp_path, furnished)
        yield world
        world.engine.dispose()


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
