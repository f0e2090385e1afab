"""What tests of the monitor share: who watches, a case, and the house that a test's `address` has live."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.platform import documents
from app.platform.identity import roles
from tests.browser.live import Street
from tests.pages import House
from tests.rooms import conftest as rooms

KEEPER = "页面监控"


@pytest.fixture
def street(whole_house: House, address: str, engine_of_pages: Browser) -> Iterator[Street]:
    """The live house; what goes wrong on any page fails the test, but for the answers a test asks for."""
    documents.use(whole_house.settings)
    street = Street(whole_house, address, engine_of_pages)
    yield street
    assert [fault for fault in street.close() if not fault.startswith(("409 ", "422 "))] == []


@pytest.fixture
def keeper(whole_house: House) -> rooms.Browser:
    """The browser of somebody who watches everything."""
    world = whole_house.world
    if KEEPER not in world.people:
        world.enter(KEEPER, roles.ADMINISTRATOR.key)
        whole_house.account(KEEPER, "page_keeper")
    return whole_house.visit(KEEPER)


@pytest.fixture
def case(whole_house: House) -> str:
    """A case at the city's desk."""
    return whole_house.world.to_review(whole_house.settle())
