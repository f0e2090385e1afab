"""Reading a question: several codes, regions as a tree, what there is not any more, and what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.platform import lists
from app.platform.identity.entities import Region
from app.platform.lists import narrowing
from app.platform.registry import Acting, Post, Principal, Words
from tests.empty_world import EmptyWorld

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
CITY, DISTRICT = "130000/130400/", "130000/130400/130402/"
FLAGS = (("late", Words("超期", "Late")), ("back", Words("退回", "Back")), ("held", Words("签收", "Held")))


def offered(session: Session, acting: Acting) -> tuple[tuple[str, Words], ...]:
    """The same to everybody."""
    return FLAGS


PLACES = lists.List(
    key="places",
    title=Words("地区", "Regions"),
    columns=(lists.Column("name", Words("名称", "Name")),),
    query=lambda session, acting, now: select(Region.code, Region.name),
    order=(Region.code,),
    filters=(
        lists.Filter("flag", Words("标记", "Flags"), "several", lambda codes, now: Region.code.in_(codes), offered),
        lists.Filter("level", Words("级别", "Level"), "choice", lambda code, now: Region.level == code, offered),
        lists.Filter("region", Words("地区", "Region"), "tree", lambda path, now: lists.within(Region.path, path)),
    ),
    size=20,
)  # fmt: skip


def person(*places: str, **more: object) -> Acting:
    return Acting("p" * 26, "某人", "p", tuple(Post("", "r", place) for place in places), **more)  # type: ignore[arg-type]


@pytest.fixture
def session(bare_world: EmptyWorld) -> Iterator[Session]:
    with bare_world.session() as session:
        yield session


def read(session: Session, sent: object, by: Acting | None = None, **more: bool) -> lists.Asked:
    return lists.read(PLACES, session, by or person(CITY), sent, **more)  # type: ignore[arg-type]


def tree(session: Session, by: Acting, chosen: str = "") -> list[str]:
    return [words.zh for _code, words in lists.region_tree(session, by, chosen)]


def test_several_codes_come_from_ticks_or_from_one_parameter_in_the_order_offered(session: Session) -> None:
    ticked = read(session, MultiDict([("flag", "back"), ("flag", "late")]))
    written = read(session, {"flag": "back.late"})
    assert ticked.values["flag"] == written.values["flag"] == ("late", "back")
    assert ticked.address == written.address == {"flag": "late.back"}
    assert read(session, {"flag": ""}).address == {}


def test_what_there_is_not_any_more_narrows_nothing_and_is_named(session: Session) -> None:
    asked = read(session, {"flag": "back.gone", "level": "gone", "region": "999999"})
    assert asked.values == {"flag": ("back",)}
    assert asked.lost == ("flag", "level", "region")
    assert read(session, {"flag": "back", "level": "late", "region": "130402"}).lost == ()


def test_the_usual_size_is_not_in_the_address(session: Session) -> None:
    assert read(session, {}).address == {}
    assert read(session, {"size": "20"}).address == {}
    assert read(session, {"size": "50"}).address == {"size": "50"}


def test_a_kept_question_is_read_without_asking_what_is_offered(session: Session) -> None:
    known = lists.Known()
    known.resolved["region", "130402"] = DISTRICT
    said: list[str] = []
    event.listen(
        session.get_bind(), "before_cursor_execute", lambda c, cur, statement, *rest: said.append(statement)
    )
    asked = lists.read(
        PLACES,
        session,
        person(CITY),
        {"flag": "back.late", "level": "late", "region": "130402"},
        known,
        trusting=True,
    )
    assert set(asked.values["flag"]) == {"back", "late"}
    assert (asked.values["level"], asked.values["region"]) == ("late", DISTRICT)
    assert said == []
    lost = lists.read(PLACES, session, person(CITY), {"region": "999999"}, lists.Known(), trusting=True)
    assert lost.values == {}


def test_choices_are_asked_once_for_several_questions(session: Session) -> None:
    asked: list[int] = []
    counted = replace(PLACES.filters[1], choices=lambda *_: asked.append(1) or FLAGS)
    listing, known = replace(PLACES, filters=(counted,)), lists.Known()
    for _ in range(3):
        lists.read(listing, session, person(CITY), {"level": "late"}, known)
    assert asked == [1]


def test_a_value_is_resolved_for_who_asks(session: Session) -> None:
    resolving = replace(PLACES.filters[1], resolve=lambda session, by, code: (code, by.person))
    asked = lists.read(replace(PLACES, filters=(resolving,)), session, person(CITY), {"level": "late"})
    assert asked.values["level"] == ("late", "p" * 26)
    assert asked.typed["level"] == "late"


def test_the_tree_holds_what_lies_below_one_s_posts_indented(session: Session) -> None:
    assert tree(session, person(CITY)) == ["邯郸市", "\u3000邯山区", "\u3000丛台区", "\u3000复兴区"]
    assert tree(session, person(DISTRICT)) == ["邯山区"]
    assert tree(session, person(CITY, DISTRICT, "")) == tree(session, person(CITY))
    assert tree(session, person(DISTRICT + "u01m8/")) == ["邯山区"]  # a unit's people: their region
    principal = Principal("q" * 26, "李四", (Post("", "r", "130000/130500/"),))
    both = person(DISTRICT, substitutes_for=(principal,))
    assert tree(session, both) == ["\u3000邯山区", "邢台市", "\u3000襄都区"]


def test_posts_held_everywhere_offer_provinces_and_the_way_to_what_is_chosen(session: Session) -> None:
    assert tree(session, person("")) == tree(session, person()) == ["河北省"]
    found = tree(session, person(""), "130402")
    assert found[:2] == ["河北省", "\u3000邯郸市"]
    assert "\u3000\u3000邯山区" in found
    assert read(session, {"region": "130402"}, person("")).values == {"region": DISTRICT}


def test_of_too_many_the_lowest_level_is_left_out_but_for_what_is_chosen(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "MOST_REGIONS", 4)
    assert tree(session, person("130000/")) == ["河北省", "\u3000邯郸市", "\u3000邢台市"]
    assert "\u3000\u3000丛台区" in tree(session, person("130000/"), "130403")


def test_nobody_chooses_a_region_outside_his_posts(session: Session) -> None:
    for code in ("130502", "1305", "13"):
        asked = read(session, {"region": code})
        assert (asked.values, asked.lost) == ({}, ("region",))


ROOMS = {"north": ("n1", "n2"), "south": ("s1",)}


def rooms(session: Session, acting: Acting, above: str) -> list[tuple[str, Words]]:
    """The rooms of one house; of none where none is chosen."""
    return [(code, Words(code, code)) for code in ROOMS.get(above, ())]


def houses(session: Session, acting: Acting) -> list[tuple[str, Words]]:
    return [(code, Words(code, code)) for code in ROOMS]


HOUSE = lists.Filter("house", Words("楼", "House"), "choice", lambda code, now: Region.code == code, houses)
ROOM = lists.Filter(
    "room", Words("室", "Room"), "choice", lambda code, now: Region.code == code, rooms, under="house"
)
HOUSES = replace(PLACES, filters=(HOUSE, ROOM))


def test_a_choice_under_another_offers_what_lies_under_what_was_chosen(session: Session) -> None:
    for sent, offered, values in (
        ({}, (), {}),
        ({"house": "north"}, ("n1", "n2"), {"house": "north"}),
        ({"house": "north", "room": "n2"}, ("n1", "n2"), {"house": "north", "room": "n2"}),
        ({"house": "south", "room": "n2"}, ("s1",), {"house": "south"}),
        ({"house": "gone", "room": "n2"}, (), {}),
        ({"room": "n2"}, (), {}),
    ):
        asked = lists.read(HOUSES, session, person(CITY), sent)
        assert tuple(code for code, _ in asked.choices["room"]) == offered
        assert asked.values == values == asked.address


def test_choices_are_looked_up_once_for_each_thing_above_them(session: Session) -> None:
    looked: list[str] = []
    under = replace(
        ROOM, choices=lambda session, acting, above: looked.append(above) or rooms(session, acting, above)
    )
    listing, known = replace(PLACES, filters=(HOUSE, under)), lists.Known()
    for house in ("north", "south", "north"):
        lists.read(listing, session, person(CITY), {"house": house}, known)
    assert looked == ["north", "south"]


@pytest.mark.parametrize(
    "under", [replace(ROOM, under="nowhere"), replace(ROOM, kind="several"), replace(ROOM, choices=None)]
)
def test_a_filter_lies_under_a_choice_before_it_or_the_list_is_none(under: lists.Filter) -> None:
    with pytest.raises(ValueError, match="room of list places"):
        replace(PLACES, filters=(HOUSE, under))
    with pytest.raises(ValueError, match="room of list places"):
        replace(PLACES, filters=(ROOM, HOUSE))


def test_where_no_choices_are_shown_only_what_is_asked_for_is_looked_up(session: Session) -> None:
    """The answer is the same; of a filter that nothing is asked of nothing is read."""
    said: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: said.append(given[2]))
    asked = read(session, {"flag": "late", "level": "gone"}, offering=False)
    assert (asked.values, asked.lost, said) == ({"flag": ("late",)}, ("level",), [])
    for sent in (
        {},
        {"region": "130402"},
        {"region": "990000", "level": "back"},
        MultiDict([("flag", ""), ("flag", "held"), ("flag", "none")]),
    ):
        shown, kept = read(session, sent), read(session, sent, offering=False)
        assert (kept.values, kept.typed, kept.lost) == (shown.values, shown.typed, shown.lost)
