"""What no post of delegates may do: act on a forged token (T11), or write what its form does not ask for (T19)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.pages import House
from tests.rooms.forgery import Post, unsafe_rules, works_only_as_meant, writes_no_more_than_asked
from tests.systems.delegates import town

POSTS: dict[str, Post] = {}
for part in sorted(Path(__file__).parent.glob("posts_*.py")):  # each part of the system brings its own
    POSTS |= import_module(f"tests.systems.delegates.{part.stem}").POSTS


@pytest.fixture(scope="module")
def house(whole_house: House) -> House:
    town.know(whole_house)
    return whole_house


def test_every_post_of_delegates_is_tried(house: House) -> None:
    found = {rule for rule in unsafe_rules(house) if rule.startswith("/delegates/")}
    assert found == {post.rule for post in POSTS.values()}


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_post_changes_nothing_and_an_honest_one_works(house: House, name: str) -> None:
    works_only_as_meant(house, POSTS[name])


@pytest.mark.parametrize("name", POSTS)
def test_fields_that_no_form_asks_for_change_nothing(house: House, name: str) -> None:
    writes_no_more_than_asked(house, POSTS[name])
