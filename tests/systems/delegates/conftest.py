"""The house of delegates on a port, and browsers for whoever walks in; no page may fail him."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from tests.browser.live import Street, served
from tests.pages import House
from tests.systems.delegates import town


@pytest.fixture(scope="module")
def live(whole_house: House) -> Iterator[tuple[House, str]]:
    town.know(whole_house)
    with served(whole_house) as url:
        yield whole_house, url


@pytest.fixture
def walkers(live: tuple[House, str], engine_of_pages: Browser) -> Iterator[Street]:
    documents.use(live[0].settings)  # of this process; other tests' worlds have theirs
    street = Street(*live, engine_of_pages)
    yield street
    assert street.close() == []
