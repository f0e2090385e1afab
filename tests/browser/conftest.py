"""A live house and a Chromium, made once for all browser tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from tests import pages
from tests.browser.live import Street, served


@pytest.fixture(scope="session")
def live_house(
    tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[tuple[pages.House, str]]:
    with pages.house_of(tmp_path_factory.mktemp("live"), shared_press) as house, served(house) as url:
        yield house, url


@pytest.fixture
def street(live_house: tuple[pages.House, str], engine_of_pages: Browser) -> Iterator[Street]:
    """The live house; whoever walks in, no page may fail him (C-16: refusals are pages, not errors)."""
    documents.use(live_house[0].settings)  # of this process; other tests' worlds have theirs
    street = Street(*live_house, engine_of_pages)
    yield street
    assert street.close() == []
