"""What tests of several rooms share: a world on a database of its own, empty or furnished with permits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from tests import empty_world
from tests.browser import chromium
from tests.platform.jobs.databases import KINDS, fresh, opened

if TYPE_CHECKING:
    from tests import pages
    from tests.world import World

FONTS = empty_world.ROOT / "app/rooms/web/static/built/fonts"
PERMITS = empty_world.ROOT / "app/systems/permits"
NAMING_IT = [
    path for path in Path(__file__).parent.rglob("test_*.py") if "app.systems.permits" in path.read_text()
]
ON_BOTH = ("tests/systems", "tests/rooms/api")
"""Where a world is walked on every kind of database; pages and diagrams show the same on one."""
SERVERS = {
    "TEST_DATABASE_URL": "PostgreSQL",
    "TEST_REDIS_URL": "Redis",
    "TEST_AMQP_URL": "RabbitMQ",
}
collect_ignore = [] if PERMITS.is_dir() else [str(path) for path in NAMING_IT]


def pytest_report_header() -> list[str]:
    """Say what is not tested where permits has moved out; what needs its world skips by itself."""
    return [f"permits has moved out: {Path(path).name} not collected" for path in collect_ignore]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which servers this run has not met."""
    for variable, server in SERVERS.items():
        if not os.environ.get(variable):
            terminalreporter.write_line(f"{server}: not tested ({variable} is not set)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk worlds on every kind of database where that is what the tests are about."""
    here = metafunc.definition.path.relative_to(empty_world.ROOT).as_posix()
    if here.startswith(ON_BOTH):
        for world, scope in (("world", None), ("bare_world", None), ("whole_house", "module")):
            if world in metafunc.fixturenames:
                metafunc.parametrize(world, KINDS, indirect=True, scope=scope)  # type: ignore[arg-type]


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
    with fresh(_kind(request), tmp_path) as address:
        engine = opened(address)
        world = empty_world.EmptyWorld(engine)
        empty_world.prepare(world, tmp_path, shared_press)
        yield world
        engine.dispose()


@pytest.fixture(scope="session")
def engine_of_pages() -> Iterator[Browser]:
    """One Chromium for all browser tests of a worker: Playwright runs once in a process."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[World]:
    """The world of permits on SQLite (or as the test says); skipped where permits has moved out."""
    from tests import world as worlds  # not above: without permits it asks to be skipped

    with fresh(_kind(request), tmp_path) as address:
        engine = opened(address)
        yield worlds.build(engine, tmp_path, shared_press)
        engine.dispose()


@pytest.fixture(scope="module")
def whole_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[pages.House]:
    """The whole house behind its pages, shared by the tests of a file: each brings its own people."""
    from tests import pages  # not above, as in `world`

    with pages.house_of(tmp_path_factory.mktemp("house"), shared_press, _kind(request)) as house:
        yield house
