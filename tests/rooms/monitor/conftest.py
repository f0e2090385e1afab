"""What the browser tests of the monitor share: the house that a test's own `address` has live, and who walks in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from tests.browser.live import Street
from tests.pages import House


@pytest.fixture
def street(whole_house: House, address: str, engine_of_pages: Browser) -> Iterator[Street]:
    """The live house; what goes wrong on any page fails the test, but for the answers a test asks for."""
    documents.use(whole_house.settings)
    street = Street(whole_house, address, engine_of_pages)
    yield street
    assert [fault for fault in street.close() if not fault.startswith(("409 ", "422 "))] == []
