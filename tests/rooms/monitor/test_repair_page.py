"""Repair mode in words: nothing is called by its id, and English pages are English."""

from __future__ import annotations

import pytest
from lxml import html

from tests.rooms.conftest import Browser

OTHER_CITY = "市级丙"


def targets(page: str) -> list[str]:
    return [
        one.text_content().strip() for one in html.fromstring(page).cssselect("select[name^='to:'] option")
    ]


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "汇合后到“市级审核”的网关"), ("en", "the gateway before “City review”")]
)
def test_a_gateway_without_a_name_is_offered_in_words(
    keeper: Browser, case: str, language: str, said: str
) -> None:
    found = targets(keeper.get(f"/monitor/instances/{case}/repair?lang={language}").text)
    assert said in found
    assert not [one for one in found if "_" in one]


@pytest.mark.parametrize("address", ["", "/repair", "?tab=audit"])
def test_english_pages_have_no_chinese_signs_between_names(keeper: Browser, case: str, address: str) -> None:
    joint = "&" if "?" in address else "?"
    page = html.fromstring(keeper.get(f"/monitor/instances/{case}{address}{joint}lang=en").text)
    text = page.cssselect("main")[0].text_content()
    assert not [sign for sign in "、（）：" if sign in text]
