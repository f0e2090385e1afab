"""Absences that administrators enter: within their reach, in words where they cannot be, told to both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import regions, roles
from app.platform.identity.entities import Account, Person
from app.platform.identity.messages import Refusal
from app.platform.notices import Notice
from app.platform.personnel import absences
from app.platform.personnel.absences import Absence
from app.platform.registry import Acting
from app.platform.runtime import substitutes
from app.platform.runtime.entities import Substitute, Task
from app.platform.runtime.errors import BadStanding
from tests.platform.runtime.signing import inbox, people, stands_in
from tests.platform.runtime.steps import CITY, OTHER, at_review
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture
def office(ground: World) -> tuple[World, Acting]:
    """The city's clerks with their administrator; 科长 is kept in the city, 局长 in the next one."""
    people(ground)
    roles.plug()
    ground.enter("市人事", roles.REGIONAL.key, "130400")
    with ground.session() as session, transaction(session):
        for name, code in (("科长", "130400"), ("局长", "130500")):
            place = regions.path_of(session, code)
            session.execute(update(Person).where(Person.id == ground.people[name]).values(place=place))
    return ground, ground.acting("市人事")


def absence(world: World, person: str = CITY, stand_in: str = "科长", **more: Any) -> Absence:
    """Three days from now; people by name, or by an id that is nobody's."""
    ids = [world.people.get(name, name) for name in (person, stand_in)]
    made = Absence(*ids, world.now, world.now + 3 * DAY)
    return replace(made, **more)


def enter(world: World, wanted: Absence, by: Acting) -> str:
    with world.session() as session:
        return absences.enter(session, wanted, by, world.now)


def told(world: World, name: str) -> list[str]:
    with world.session() as session:
        rows = session.scalars(
            select(Notice.said).where(Notice.person_id == world.people[name]).order_by(Notice.id)
        )
        return [said["text"][0] for said in rows]


def test_the_stand_in_works_and_both_are_told_and_it_is_written_down(office: tuple[World, Acting]) -> None:
    world, by = office
    _, task = at_review(world)
    made = enter(world, absence(world), by)
    assert inbox(world, "科长", stands_in(world, "科长")) == [task]
    assert told(world, CITY) == told(world, "科长") != []
    assert "由科长代理市级" in told(world, CITY)[0]
    with world.session() as session:
        absences.end(session, made, by, world.now)
    assert stands_in(world, "科长").substitutes_for == ()
    assert told(world, CITY)[-1] == told(world, "科长")[-1] == "市人事已结束科长对市级的代理。"
    with world.session() as session:
        kinds = [one.kind for one in audit.read(session, f"person:{world.people[CITY]}")]
        absences.end(session, made, by, world.now)  # again: nothing happens, nobody is told
    assert kinds[-2:] == ["substitute.appointed", "substitute.ended"]
    assert len(told(world, CITY)) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stand_in": CITY}, "oneself"),
        ({"until_at": -1}, "dates"),
        ({"processes": ("tests_nowhere",)}, "unknown_process"),
        ({"stand_in": "市人事"}, "own_stand_in"),
        ({"stand_in": "局长"}, "stand_in_elsewhere"),
        ({"stand_in": "0" * 26}, "stand_in_elsewhere"),
        ({"stand_in": "助理"}, "stand_in_elsewhere"),
        ({"stand_in": "市级三"}, "stand_in_shut"),
        ({"person": "局长"}, "unknown_person"),
        ({"person": "0" * 26}, "unknown_person"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    office: tuple[World, Acting], change: dict[str, Any], code: str
) -> None:
    """市级三's account is shut; 助理 is kept nowhere; a foreign person and none answer alike."""
    world, by = office
    given = dict(change)
    if given.get("until_at") == -1:
        given["until_at"] = world.now - DAY
    with world.session() as session, transaction(session):
        shut = update(Account).where(Account.person_id == world.people["市级三"])
        session.execute(shut.values(is_disabled=True))
    with pytest.raises((Refusal, BadStanding)) as refused:
        enter(world, absence(world, **given), by)
    assert refused.value.code == code
    with world.session() as session:
        assert session.scalars(select(Substitute.id)).all() == []
    assert told(world, CITY) == []


def test_two_stand_in_at_a_time_only_for_different_processes(office: tuple[World, Acting]) -> None:
    world, by = office
    enter(world, absence(world, processes=("tests_desk",)), by)
    enter(world, absence(world, stand_in=OTHER, processes=("fairs_application",)), by)
    later = {"from_at": world.now + 3 * DAY, "until_at": world.now + 5 * DAY}
    enter(world, absence(world, **later), by)
    for again in ({}, {"processes": ("tests_desk",)}, later | {"stand_in": OTHER}):
        with pytest.raises(BadStanding) as refused:
            enter(world, absence(world, **again), by)
        assert refused.value.code == "overlap"
    assert "已经有人代理" in refused.value.words.zh


def test_an_absence_that_was_ended_overlaps_with_nothing(office: tuple[World, Acting]) -> None:
    world, by = office
    made = enter(world, absence(world), by)
    with world.session() as session:
        absences.end(session, made, by, world.now)
    enter(world, absence(world), by)


def test_an_administrator_ends_nobody_s_absence_outside(office: tuple[World, Acting]) -> None:
    """C-11: one of another area is not there."""
    world, by = office
    with world.session() as session:
        his = world.acting("局长")
        made = substitutes.appoint(
            session, his.person, world.people["科长"], world.now, world.now + DAY, None, his, world.now
        )
    for one in (made, "0" * 26):
        with world.session() as session, pytest.raises(Refusal) as refused:
            absences.end(session, one, by, world.now)
        assert refused.value.code == "unknown_absence"
    with world.session() as session:
        assert session.scalar(select(Substitute.ended_at).where(Substitute.id == made)) is None


def test_who_is_higher_is_not_to_be_stood_in_for(office: tuple[World, Acting]) -> None:
    """Somebody with rights of the house that the administrator has not got: his stand-in would have them."""
    world, by = office
    world.enter("科长", roles.ADMINISTRATOR.key, "130400")
    with pytest.raises(Refusal) as refused:
        enter(world, absence(world, person="科长", stand_in=OTHER), by)
    assert refused.value.code == "person_higher"


def test_a_stand_in_who_could_not_answer_is_warned_of(office: tuple[World, Acting]) -> None:
    world, by = office
    _, task = at_review(world)

    def doubts(**more: Any) -> absences.Doubts:
        with world.session() as session:
            return absences.doubts(session, absence(world, **more), by, world.now)

    assert not doubts()
    with world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(avoided=world.people["科长"]))
    assert doubts() == absences.Doubts(1, None)
    assert not doubts(processes=("tests_lines",))
    assert not doubts(stand_in=OTHER)
    enter(world, absence(world, person="科长", stand_in=OTHER), by)
    assert doubts() == absences.Doubts(1, world.now + 3 * DAY)
    assert not doubts(from_at=world.now + 3 * DAY, until_at=world.now + 4 * DAY, processes=("tests_lines",))
    assert not doubts(stand_in="局长")  # nothing is said of who is not seen
