"""A new holder takes over: what nobody could answer is offered to him at once, and he is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.authority import Wanted
from app.platform.identity.messages import Refusal
from app.platform.notices import Notice
from app.platform.personnel import taking_over
from app.platform.registry import Acting
from app.platform.runtime import stepping
from app.platform.runtime.entities import Incident
from tests.platform.runtime.signing import council, findings, inbox, people, publish, seats
from tests.platform.runtime.steps import CITY, OTHER, at_review, begin, decide
from tests.platform.runtime.test_unattended import end, found
from tests.world import World

PLACE = "130000/130400/"
ROLE = "fairs.city_admin"
DAY = timedelta(days=1)


def giver(world: World) -> Acting:
    """Who may give any role, everywhere."""
    roles.plug()
    world.enter("安全员", roles.SECURITY.key)
    return world.acting("安全员")


def give(world: World, name: str, **more: object) -> taking_over.Given:
    by = giver(world)
    with world.session() as session:
        return taking_over.give(session, world.people[name], Wanted(ROLE, PLACE, **more), by, world.now)  # type: ignore[arg-type]


def told(world: World, name: str) -> list[str]:
    with world.session() as session:
        rows = session.scalars(select(Notice.said).where(Notice.person_id == world.people[name]))
        return [said["text"][0] for said in rows]


def reported(world: World, task: str) -> None:
    """An incident says that nobody can answer the review."""
    with world.session() as session, transaction(session):
        held = stepping.hold(session, Acting("", "", ""), world.now, task=task)
        stepping.open_incident(held, "nobody", "review", "审核")
        stepping.save(held)


def still_open(world: World) -> int:
    with world.session() as session:
        return len(session.scalars(select(Incident.id).where(Incident.closed_at.is_(None))).all())


@pytest.fixture
def left(ground: World) -> tuple[World, str]:
    """A task of the city's that nobody can answer, as an incident says."""
    people(ground)
    _, task = at_review(ground)
    end(ground, CITY, OTHER, "市级三")
    reported(ground, task)
    return ground, task


def test_what_waits_unattended_is_offered_to_the_new_holder_and_he_is_told(left: tuple[World, str]) -> None:
    world, task = left
    assert give(world, "科长").offered == 1
    assert (inbox(world, "科长"), found(world), still_open(world)) == ([task], {}, 0)
    assert "此前无人办理的1项任务现由您办理" in told(world, "科长")[0]
    assert findings(world) == []


def test_where_somebody_could_answer_already_nothing_is_offered(ground: World) -> None:
    people(ground)
    at_review(ground)
    assert give(ground, "科长").offered == 0
    assert told(ground, "科长") == []


def test_a_post_elsewhere_is_offered_nothing(left: tuple[World, str]) -> None:
    world, task = left
    by = giver(world)
    with world.session() as session:
        wanted = Wanted(ROLE, "130000/130500/")
        assert taking_over.give(session, world.people["科长"], wanted, by, world.now).offered == 0
    assert found(world) == {task: "no_holder"}


def test_a_post_that_begins_later_is_offered_it_then(left: tuple[World, str]) -> None:
    world, task = left
    assert give(world, "科长", from_at=world.now + DAY).offered == 0
    world.work()
    assert (found(world), still_open(world)) == ({task: "no_holder"}, 1)
    world.now += DAY
    assert found(world) == {}
    world.work()
    assert still_open(world) == 0
    assert len(told(world, "科长")) == 1


def test_seats_that_were_never_filled_are_filled(ground: World) -> None:
    """`people` of the council all go before it opens: nobody sits."""
    people(ground)
    end(ground, CITY, OTHER, "市级三")
    publish(ground, council(seats="all"))
    instance = begin(ground, "tests_council")
    task = decide(ground, ground.open_task(instance, "prepare"), "send").next_tasks[0]
    assert (seats(ground, task), found(ground)) == ({}, {task: "seat"})
    assert give(ground, "科长").offered == 1
    assert (seats(ground, task), inbox(ground, "科长"), still_open(ground)) == ({"科长": "open"}, [task], 0)
    assert findings(ground) == []


def test_a_post_given_otherwise_is_swept_up_within_the_hour(left: tuple[World, str]) -> None:
    world, _ = left
    with world.session() as session:
        assert taking_over.sweep(session, world.now) == 0
    world.enter("科长", ROLE, "130400")
    with world.session() as session:
        assert taking_over.sweep(session, world.now) == 1
        assert taking_over.sweep(session, world.now) == 0
    assert still_open(world) == 0


def test_what_may_not_be_given_offers_nothing(left: tuple[World, str]) -> None:
    world, task = left
    with world.session() as session:
        by = world.acting("科长")
        with pytest.raises(Refusal):
            taking_over.give(session, world.people["局长"], Wanted(ROLE, PLACE), by, world.now)
    assert found(world) == {task: "no_holder"}
