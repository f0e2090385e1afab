"""What the pages say in the reader's language: names one after another, and what stands in brackets."""

from __future__ import annotations

import pytest

from app.platform.registry import Words
from app.rooms.web.language import bracketed, joined
from tests.pages import House


@pytest.mark.parametrize(
    ("language", "list_of_two", "aside"),
    [("zh", "初审、终审", "（初审）"), ("en", "First, Last", " (First)")],
)
def test_names_are_joined_and_bracketed_as_the_language_writes_them(
    whole_house: House, language: str, list_of_two: str, aside: str
) -> None:
    first, last = Words("初审", "First"), Words("终审", "Last")
    with whole_house.app.test_request_context(f"/?lang={language}"):
        assert joined([first, last]) == list_of_two
        assert bracketed(first) == aside
        assert bracketed("") == ""
