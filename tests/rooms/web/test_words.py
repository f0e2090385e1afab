"""Chinese is the language of the code; English is complete for the platform and what lives in it."""

from __future__ import annotations

import re
from collections import Counter
from configparser import ConfigParser
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "app/rooms/web/translations/en/LC_MESSAGES/messages.po"
ROOMS = ("rooms", "systems")
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def english() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_the_recipe_for_extracting_is_the_one_tested_here():
    recipe = ConfigParser()
    recipe.read_string((ROOT / "babel.cfg").read_text(encoding="utf-8").split("\n", 1)[1])
    assert recipe.sections() == [f"{kind}: {pattern}" for pattern, kind in METHODS]


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_of_a_room_is_in_english_too(room):
    known = english()
    folder = ROOT / "app" / room
    found = extract_from_dir(folder, METHODS, keywords=KEYWORDS)
    missing = {message for _file, _line, message, _comments, _context in found if not known.get(str(message))}
    assert not missing, "pybabel extract -F babel.cfg -k _l, then say these in messages.po"


def test_no_text_is_translated_twice():
    texts = re.findall(r'^msgid "(.+)"$', CATALOGUE.read_text(encoding="utf-8"), re.M)
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_a_translation_names_the_same_values():
    values = re.compile(r"%\(\w+\)s|\{\w+\}")
    differing = [zh for zh, en in english().items() if set(values.findall(zh)) != set(values.findall(en))]
    assert not differing


def test_a_reader_chooses_the_language_and_the_browser_remembers_it(browser):
    browser.get("/login")
    assert 'lang="zh-CN"' in browser.page
    answer = browser.get("/login?lang=en")
    assert answer.headers["Content-Language"] == "en"
    assert 'html lang="en"' in browser.page
    browser.get("/login")
    assert 'html lang="en"' in browser.page
    browser.get("/login?lang=klingon")
    assert 'html lang="en"' in browser.page


def test_the_browser_may_ask_for_english(browser):
    browser.get("/login", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert 'html lang="en"' in browser.page
    browser.get("/login", headers={"Accept-Language": "fr"})
    assert 'html lang="zh-CN"' in browser.page
