"""Dictionaries: seeded once, changed here, switched off without losing what was answered."""

from __future__ import annotations

import json

import pytest
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.registry import Refused, Words
from app.platform.settings import dictionaries
from app.platform.settings.dictionaries import Entry
from tests.platform.settings.conftest import NOW


def test_every_seed_is_a_word_that_could_be_typed(session: Session) -> None:
    for key, one in json.loads(dictionaries.SEEDS.read_bytes()).items():
        assert dictionaries.KEY.fullmatch(key)
        assert len({code for code, _, _ in one["words"]}) == len(one["words"])
        for code, zh, en in one["words"]:
            assert dictionaries.checked(Entry(code, zh, en)).zh == zh


def test_seeding_again_adds_only_what_is_missing_and_changes_nothing(session: Session) -> None:
    assert dictionaries.seed(session, NOW) > 56
    dictionaries.put(session, "sex", [Entry("1", "男性", "Man")], "anna", NOW)
    assert dictionaries.seed(session, NOW) == 0
    settings.catch_up(session)
    assert dictionaries.offered("sex")[0] == ("1", Words("男性", "Man"))
    assert len(dictionaries.offered("ethnic_group")) == 56


def test_a_word_that_is_off_is_offered_no_more_but_still_says_what_was_answered(session: Session) -> None:
    dictionaries.seed(session, NOW)
    settings.catch_up(session)
    dictionaries.turn(session, "education", "71", True, "anna", NOW)
    settings.catch_up(session)
    assert "71" not in dict(dictionaries.offered("education"))
    assert dictionaries.label("education", "71") == Words("初级中学教育", "Junior secondary")
    dictionaries.put(session, "education", [Entry("71", "初中")], "anna", NOW)
    settings.catch_up(session)
    assert "71" not in dict(dictionaries.offered("education"))  # changing is not switching on


def test_words_keep_their_order_and_new_ones_come_last(session: Session) -> None:
    dictionaries.add(session, "colours", Words("颜色", "Colours"), "anna", NOW)
    dictionaries.put(
        session, "colours", [Entry("r", "红"), Entry("g", "绿"), Entry("b", "蓝", "", 5)], None, NOW
    )
    settings.catch_up(session)
    assert [code for code, _ in dictionaries.offered("colours")] == ["b", "r", "g"]


def test_what_changed_is_written_with_before_and_after(session: Session) -> None:
    dictionaries.add(session, "colours", Words("颜色", ""), "anna", NOW)
    dictionaries.put(session, "colours", [Entry("r", "红")], "anna", NOW)
    dictionaries.put(session, "colours", [Entry("r", "朱红")], "anna", NOW)
    dictionaries.put(session, "colours", [Entry("r", "朱红")], "anna", NOW)
    rows = audit.read(session, "dictionary:colours")
    said = [
        (row.body["before"], row.body["after"]) for row in rows if row.body and row.kind.endswith("words")
    ]
    assert ({"r": ["红", "", 10]}, {"r": ["朱红", "", 10]}) in said
    assert len(said) == 2


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (Entry("", "红"), "code"),
        (Entry("a/b", "红"), "code"),
        (Entry("x" * 41, "红"), "code"),
        (Entry("a", " "), "zh"),
        (Entry("a", "红" * 101), "zh"),
        (Entry("a", "红", "x" * 101), "en"),
        (Entry("a", "红", "", -1), "position"),
    ],
)
def test_a_word_that_cannot_be_is_refused_naming_the_field(
    session: Session, entry: Entry, field: str
) -> None:
    dictionaries.add(session, "colours", Words("颜色", ""), "anna", NOW)
    with pytest.raises(Refused) as no:
        dictionaries.put(session, "colours", [entry], "anna", NOW)
    assert no.value.field == field


def test_a_dictionary_is_made_once(session: Session) -> None:
    dictionaries.add(session, "colours", Words("颜色", ""), "anna", NOW)
    with pytest.raises(Refused):
        dictionaries.add(session, "colours", Words("颜色", ""), "anna", NOW)
    with pytest.raises(Refused):
        dictionaries.add(session, "Colours", Words("颜色", ""), "anna", NOW)
    with pytest.raises(KeyError):
        dictionaries.put(session, "nowhere", [Entry("a", "红")], "anna", NOW)
