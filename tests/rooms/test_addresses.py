"""What stands in an address cannot lead off the site, nor break a page (T12)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.pages import House
from tests.rooms.inbox.conftest import fields_of

TRICKS = (
    "_external=1&_scheme=evil",
    "_scheme=javascript",
    "_external=1",
    "_anchor=x%22onclick=1",
    "_method=POST",
    "_host=evil.example",
    "endpoint=static&values=x",
    "self=1&app=1",
    "task=x&instance=y&system=z&key=w&filename=q",
    "next=//evil.example&kept=" + "x" * 3000,
    "lang=//evil.example",
    "box[]=1&page[]=2",
    "page=%EF%BC%91&q=%FF%FE",
)
PAGES = (
    "/",
    "/account",
    "/account/password",
    "/inbox/",
    "/fairs/lists/applications",
    "/nothing",
)


def led_away(page: str) -> list[str]:
    """Addresses of the page that leave the site."""
    found = re.findall(r'(?:href|action|src|hx-get)="([^"]*)"', page)
    return [url for url in found if urlsplit(url).scheme or urlsplit(url).netloc]


@pytest.fixture(scope="module")
def city(whole_house: House) -> Any:
    whole_house.app.config["PROPAGATE_EXCEPTIONS"] = False
    return whole_house.visit("市级")


@pytest.mark.parametrize("trick", TRICKS)
def test_no_page_is_led_astray_by_its_arguments(city: Any, trick: str) -> None:
    for path in (*PAGES, "/login", "/register/fairs"):
        answer = city.get(f"{path}?{trick}")
        assert answer.status_code in (200, 302, 404), (path, answer.status_code)
        assert led_away(city.page) == [], path
        if answer.location:
            assert not urlsplit(answer.location).netloc


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/..", "/\\\\evil.example", "///evil.example/%2f"]
)
def test_an_address_that_looks_like_a_host_is_only_not_found(city: Any, path: str) -> None:
    answer = city.client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code in (308, 404)
    assert led_away(answer.get_data(as_text=True)) == []
    if answer.location:
        assert not urlsplit(answer.location).netloc.endswith("evil.example")


@pytest.mark.parametrize("trick", TRICKS)
def test_no_post_leads_off_the_site(whole_house: House, city: Any, trick: str) -> None:
    """Claiming, putting back, deciding: what comes next stays here, whatever the address says."""
    instance = whole_house.world.to_review(whole_house.settle())
    url = whole_house.task(instance, "city_review")
    for verb, sent in (("/claim", {}), ("/unclaim", {}), ("", {"outcome": "approve", "comment": "同意"})):
        city.get(f"{url}?{trick}")
        assert led_away(city.page) == [], verb
        answer = city.post(f"{url}{verb}?{trick}", {**fields_of(city.page), **sent})
        assert answer.status_code in (302, 303), (verb, answer.status_code)
        target = urlsplit(answer.location)
        assert not target.scheme
        assert not target.netloc
        assert target.path.startswith("/inbox/")
