"""One's own phrases: kept, changed, put in order, forgotten; nobody else's (D1)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.platform.runtime import phrases
from app.platform.runtime.entities import Phrase
from app.platform.runtime.errors import Unknown
from tests.world import World


def texts(world: World, name: str) -> list[str]:
    with world.session() as session:
        return [one.text for one in phrases.of(session, world.people[name])]


def test_a_phrase_is_kept_and_stands_beside_the_opinion(world: World, visit) -> None:
    city = visit("市级")
    city.get("/inbox/phrases")
    city.post("/inbox/phrases", {"text": " 材料齐全，\u200b同意。 ", "back": "/inbox/"})
    assert texts(world, "市级") == ["材料齐全，同意。"]
    city.get(f"/inbox/tasks/{world.open_task(world.to_review(), 'city_review')}")
    assert 'data-phrase="材料齐全，同意。"' in city.page


def test_phrases_are_changed_moved_up_and_forgotten(world: World, visit) -> None:
    city = visit("市级")
    city.get("/inbox/phrases")
    for text in ("甲", "乙", "丙"):
        city.post("/inbox/phrases", {"text": text})
    with world.session() as session:
        ids = {one.text: one.id for one in phrases.of(session, world.people["市级"])}
    city.post(f"/inbox/phrases/{ids['丙']}", {"verb": "up"})
    assert texts(world, "市级") == ["甲", "丙", "乙"]
    city.post(f"/inbox/phrases/{ids['甲']}", {"verb": "up"})
    city.post(f"/inbox/phrases/{ids['甲']}", {"text": "甲等"})
    city.post(f"/inbox/phrases/{ids['乙']}", {"verb": "remove"})
    assert texts(world, "市级") == ["甲等", "丙"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "请填写常用意见"),
        ("长" * 201, "不能超过 200 字，现在是 201 字"),
        ("甲\x07", "含有无法保存的字符"),
        ("已有", "已有相同的常用意见"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words_and_stays_typed(
    world: World, visit, text: str, said: str
) -> None:
    city = visit("市级")
    city.get("/inbox/phrases")
    city.post("/inbox/phrases", {"text": "已有"})
    assert city.post("/inbox/phrases", {"text": text}).status_code == 422
    assert said in city.page
    assert text.strip() in city.page
    assert texts(world, "市级") == ["已有"]


def test_there_are_at_most_twenty(world: World) -> None:
    with world.session() as session:
        for number in range(phrases.MOST):
            phrases.add(session, f"第{number}条", world.acting("市级"))
        with pytest.raises(phrases.BadPhrase, match="最多保存"):
            phrases.add(session, "再来一条", world.acting("市级"))


def test_another_s_phrase_is_unknown_and_text_is_sealed(world: World) -> None:
    with world.session() as session:
        phrases.add(session, "只给自己看", world.acting("市级"))
        kept = phrases.of(session, world.people["市级"])[0].id
        for act in (
            lambda: phrases.change(session, kept, "改", world.acting("市级二")),
            lambda: phrases.move_up(session, kept, world.acting("市级二")),
            lambda: phrases.remove(session, kept, world.acting("市级二")),
        ):
            with pytest.raises(Unknown):
                act()
        raw = session.connection().exec_driver_sql("SELECT text FROM runtime_phrase").scalar()
        assert "只给自己看".encode() not in bytes(raw)
        assert session.scalar(select(Phrase.text)) == "只给自己看"
