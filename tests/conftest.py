"""What tests of several rooms share: a world on a database of its own, empty or furnished with a system."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from app.platform import documents
from tests import copies, empty_world, templates
from tests.browser import chromium
from tests.platform.jobs import databases
from tests.platform.jobs.databases import KINDS

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests import pages
    from tests.world import World

FONTS = empty_world.FONTS
TESTS = Path(__file__).parent
ON_BOTH = ("tests/systems", "tests/rooms/api")
"""Where a world is walked on every kind of database; pages and diagrams show the same on one."""
SERVERS = {
    "TEST_DATABASE_URL": "PostgreSQL",
    "TEST_REDIS_URL": "Redis",
    "TEST_AMQP_URL": "RabbitMQ",
}
OWN = re.compile(r"systems/(\w+)/|processes/test_([a-z]+)_")
"""Whose test a file is: a system's own tests walk in its world, all others in that of tests/world.py."""
pytest.register_assert_rewrite("tests.rooms.inbox.watching", "tests.rooms.forgery", "tests.rooms.matrix")
settings.register_profile("search", deadline=None)  # new examples at each run: make test-long
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")  # what passes here passes everywhere
databases.unhurried()
templates.share()
empty_world.open_up()  # the leases of the tests' own systems are always there, whichever test comes first


def world_of(path: Path) -> Callable[[Engine, Path, documents.Press], World]:
    """How the world of a test file is built: `build` of `tests/systems/<key>/world.py`, or of tests/world.py."""
    found = OWN.match(path.relative_to(TESTS).as_posix())
    key = found and (found[1] or found[2])
    own = key and (TESTS / "systems" / key / "world.py").exists()
    return importlib.import_module(f"tests.systems.{key}.world" if own else "tests.world").build  # type: ignore[no-any-return]


def pytest_unconfigure() -> None:
    """Leave no database behind."""
    databases.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which servers this run has not met."""
    for variable, server in SERVERS.items():
        if not os.environ.get(variable):
            terminalreporter.write_line(f"{server}: not tested ({variable} is not set)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk worlds on every kind of database where that is what the tests are about."""
    here = metafunc.definition.path.relative_to(empty_world.ROOT).as_posix()
    if here.startswith(ON_BOTH):
        for world, scope in (("whole_house", "module"), ("world", None), ("bare_world", None)):
            if world in metafunc.fixturenames:
                metafunc.parametrize(world, KINDS, indirect=True, scope=scope)  # type: ignore[arg-type]
                break  # a world that a module takes from its house is on the house's database


def _kind(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def shared_press() -> Iterator[documents.Press]:
    """One press for the whole run: its child takes a moment to start."""
    press = documents.Press(FONTS, size=1)
    yield press
    press.close()


@pytest.fixture
def bare_world(
    request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press
) -> Iterator[empty_world.EmptyWorld]:
    """Regions and the published chains on SQLite (or as the test says); whoever lives there, the test lets in."""
    with copies.copy_of(empty_world.build, _kind(request), tmp_path, shared_press) as world:
        yield world


@pytest.fixture(scope="session")
def engine_of_pages() -> Iterator[Browser]:
    """One Chromium for all browser tests of a worker: Playwright runs once in a process."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[World]:
    """A furnished world on SQLite (or as the test says): the system's whose test it is, or that of tests/world.py."""
    with copies.copy_of(world_of(request.path), _kind(request), tmp_path, shared_press) as world:
        yield world


@pytest.fixture(scope="module")
def whole_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[pages.House]:
    """The whole house behind its pages, shared by the tests of a file: each brings its own people."""
    from tests import pages  # not above: rooms are imported after the leases are entered

    folder, build = tmp_path_factory.mktemp("house"), world_of(request.path)
    with pages.house_of(folder, shared_press, _kind(request), build) as house:
        yield house
