"""Likely doubles: found by indexes, a bounded number of people at a time, and only where both lie within reach."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.identity import people, posts, regions, roles
from app.platform.identity.entities import Person
from app.platform.personnel import doubles
from app.platform.registry import Acting
from tests.platform.runtime.conftest import Counted
from tests.world import World

HERE, THERE = "130402", "130502"


def enter(world: World, name: str, code: str | None = HERE, **facts: Any) -> str:
    with world.session() as session, transaction(session):
        person = people.add(session, {"name": name, **facts}, None, world.now)
        path = regions.path_of(session, code) if code else None
        session.execute(update(Person).where(Person.id == person).values(place=path))
    world.people[name] = person
    return person


def keeper(world: World, place: str = "") -> Acting:
    roles.plug()
    name = f"查重{place}"
    world.enter(name, roles.REGIONAL.key if place else roles.SYSTEM.key, place)
    return world.acting(name)


def found(world: World, by: Acting) -> dict[tuple[str, str], set[str]]:
    with world.session() as session:
        rows = doubles.likely(session, by, world.now).doubles
    return {(one.earlier.id, one.later.id): set(one.why) for one in rows}


def test_numbers_phones_and_names_with_something_beside_them_are_looked_for(ground: World) -> None:
    by = keeper(ground)
    one = enter(ground, "钱一", id_number="N1", phone="13811110000")
    two = enter(ground, "钱二", THERE, id_number="N1", phone="13811110000")
    three = enter(ground, "孙三", None, birth_on=date(1980, 1, 1))
    four = enter(ground, "孙三", THERE, birth_on=date(1980, 1, 1))
    five = enter(ground, "孙三", THERE)
    enter(ground, "李六", None)
    enter(ground, "李六", None)  # a name alone says nothing
    assert found(ground, by) == {
        (one, two): {"id_number", "phone"},
        (three, four): {"birthday"},
        (four, five): {"place"},
    }


def test_only_those_are_shown_of_whom_both_lie_within_reach(ground: World) -> None:
    by = keeper(ground, "130400")
    one, two = enter(ground, "周一", phone="13811110001"), enter(ground, "周二", phone="13811110001")
    enter(ground, "周三", THERE, phone="13811110001")
    with_post = enter(ground, "周四", phone="13811110001")
    assert (one, with_post) in found(ground, by)
    with ground.session() as session:
        path = regions.path_of(session, THERE)
        posts.grant(session, with_post, roles.REGIONAL.key, path, None, ground.now, None)
    assert set(found(ground, by)) == {(one, two)}


def test_neither_oneself_nor_who_was_merged_is_shown(ground: World) -> None:
    by = keeper(ground)
    one, two = enter(ground, "吴一", phone="13811110002"), enter(ground, "吴二", phone="13811110002")
    with ground.session() as session, transaction(session):
        people.change(session, by.person, {"phone": "13811110002"}, None, ground.now)
    assert set(found(ground, by)) == {(one, two)}
    with ground.session() as session, transaction(session):
        session.execute(update(Person).where(Person.id == two).values(merged_into_id=one))
    assert found(ground, by) == {}


def test_one_goes_on_from_page_to_page_and_each_pair_comes_once(
    ground: World, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubles, "STEP", 7)
    monkeypatch.setattr(doubles, "MOST", 3)
    by = keeper(ground)
    for number in range(9):
        for _ in range(2 + number % 2):
            enter(ground, f"郑{number}", None, phone=f"1381111{number:04}")
    with ground.session() as session:
        phones = session.execute(
            select(Person.id, Person.phone_hash).where(Person.phone_hash.is_not(None))
        ).all()
    wanted = {(a.id, b.id) for a in phones for b in phones if a.id < b.id and a.phone_hash == b.phone_hash}
    seen: list[tuple[str, str]] = []
    before = ""
    for _ in range(40):
        counted.clear()
        with ground.session() as session:
            page = doubles.likely(session, by, ground.now, before)
        assert len(counted.lines) <= 3
        seen += [(one.earlier.id, one.later.id) for one in page.doubles]
        before = page.before
        if not before:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == wanted
