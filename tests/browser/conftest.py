"""A live house and a Chromium, made once for all browser tests of a worker.

The house is permits', whose pages are looked at here; where permits has moved out, the common one, and what is about
its pages is not collected.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from tests import pages
from tests.browser.live import Street, served

WORLD = "tests.systems.permits.world"
PERMITS = (Path(__file__).parents[1] / "systems/permits/world.py").exists()
collect_ignore = (
    [] if PERMITS else ["test_chain.py", "test_every_page.py", "test_scans.py", "test_summary.py"]
)


def pytest_report_header() -> list[str]:
    """Say what is not looked at."""
    return [f"permits has moved out: tests/browser/{name} not collected" for name in collect_ignore]


@pytest.fixture(scope="session")
def live_house(
    tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[tuple[pages.House, str]]:
    build = importlib.import_module(WORLD if PERMITS else "tests.world").build
    folder = tmp_path_factory.mktemp("live")
    with pages.house_of(folder, shared_press, build=build) as house, served(house) as url:
        yield house, url


@pytest.fixture
def street(live_house: tuple[pages.House, str], engine_of_pages: Browser) -> Iterator[Street]:
    """The live house; whoever walks in, no page may fail him (C-16: refusals are pages, not errors)."""
    documents.use(live_house[0].settings)  # of this process; other tests' worlds have theirs
    street = Street(*live_house, engine_of_pages)
    yield street
    assert street.close() == []
