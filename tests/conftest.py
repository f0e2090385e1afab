"""What tests of several rooms share: the world of tests/world.py on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform import documents
from tests import pages
from tests import world as worlds
from tests.platform.jobs.databases import fresh, opened

FONTS = worlds.ROOT / "app/rooms/web/static/built/fonts"


@pytest.fixture(scope="session")
def shared_press() -> Iterator[documents.Press]:
    """One press for the whole run: its child takes a moment to start."""
    press = documents.Press(FONTS, size=1)
    yield press
    press.close()


@pytest.fixture
def world(tmp_path: Path, shared_press: documents.Press) -> Iterator[worlds.World]:
    """People, regions and the permission chain on an SQLite file."""
    with fresh("sqlite", tmp_path) as address:
        engine = opened(address)
        yield worlds.build(engine, tmp_path, shared_press)
        engine.dispose()


@pytest.fixture(scope="module")
def whole_house(
    tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[pages.House]:
    """The whole house behind its pages, shared by the tests of a file: each brings its own people."""
    with pages.house_of(tmp_path_factory.mktemp("house"), shared_press) as house:
        yield house
