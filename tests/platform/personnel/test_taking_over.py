"""A new holder takes over: what nobody could answer is offered to him at once, and he is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.data import new_id, transaction
from app.platform.identity import accounts, permission_codes, posts, roles
from app.platform.identity.authority import Wanted
from app.platform.identity.entities import Person
from app.platform.identity.messages import Refusal
from app.platform.notices import Notice
from app.platform.personnel import intake, moving, redeeming, taking_over
from app.platform.registry import Acting, Role, Words, house
from app.platform.runtime import stepping
from app.platform.runtime.entities import Incident
from app.platform.sheets import Intake, Row, Stored
from tests.platform.personnel.bureau import person
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


def test_a_code_that_is_redeemed_takes_over_at_once(left: tuple[World, str]) -> None:
    world, task = left
    by = giver(world)
    with world.session() as session:
        accounts.create(session, "anquan", "安全员", None, world.now, "Granit-47-Weide", person=by.person)
        wanted = permission_codes.Issue(ROLE, PLACE, None, 1, world.now + DAY)
        batch = permission_codes.issue(session, wanted, by, world.now)
        ((_, code),) = permission_codes.shown(session, batch, by, world.now)
        given = redeeming.redeem(session, code, world.acting("科长"), "10.0.0.1", world.now)
    assert (given.offered, inbox(world, "科长"), found(world), still_open(world)) == (1, [task], {}, 0)
    assert "此前无人办理的1项任务现由您办理" in told(world, "科长")[0]


def test_whoever_is_transferred_takes_over_there_at_once(
    left: tuple[World, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, task = left
    boss = Role("tests.boss", Words("人事", "Staff"), permissions=frozenset({roles.PEOPLE, roles.ROLES_MADE}))
    monkeypatch.setitem(house.roles, boss.key, boss)
    chief = world.enter("科长", ROLE, "130500")
    world.enter("人事员", boss.key)
    by = world.acting("人事员")
    with world.session() as session:
        (post,) = posts.of(session, chief, world.now)
        moving.transfer(session, chief, moving.Transfer(PLACE, (post.id,)), by, world.now)
    assert (inbox(world, "科长"), found(world), still_open(world)) == ([task], {}, 0)
    assert len(told(world, "科长")) == 1


def test_of_many_given_at_once_each_is_told_what_is_his(left: tuple[World, str]) -> None:
    """As an import gives them: both hold the post before either is offered anything."""
    world, task = left
    world.enter("科长", ROLE, "130400")
    world.enter("局长", ROLE, "130400")
    world.enter("管理员", ROLE, "130500")
    names = ("科长", "局长", "管理员")
    with world.session() as session, transaction(session):
        ids = [posts.of(session, world.people[name], world.now)[-1].id for name in names]
        assert taking_over.offer_all(session, ids, Acting("", "", ""), world.now) == 1
    assert (inbox(world, "局长"), found(world), still_open(world)) == ([task], {}, 0)
    assert [len(told(world, name)) for name in names] == [1, 1, 0]


def test_whoever_is_imported_takes_over_at_once(
    left: tuple[World, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, task = left
    lends = frozenset({roles.PEOPLE, roles.POSTS, roles.ROLES_MADE})
    boss = Role("tests.boss", Words("人事", "Staff"), permissions=lends)
    monkeypatch.setitem(house.roles, boss.key, boss)
    world.enter("人事员", boss.key)
    by = world.acting("人事员")
    row = person(1, name="新来", kept="130400", account=None, role=ROLE, place="130400")
    with world.session() as session, transaction(session):
        known = intake.prepare(session, by, world.now)
        handed = Intake(session, world.now, by, new_id(), boss.key, "", known)
        assert intake.store_people(handed, [Row(2, row)]) == Stored([], 1)
        world.people["新来"] = session.scalars(select(Person.id).where(Person.name == "新来")).one()
    assert (inbox(world, "新来"), found(world), still_open(world)) == ([task], {}, 0)
    assert len(told(world, "新来")) == 1


def test_what_may_not_be_given_offers_nothing(left: tuple[World, str]) -> None:
    world, task = left
    with world.session() as session:
        by = world.acting("科长")
        with pytest.raises(Refusal):
            taking_over.give(session, world.people["局长"], Wanted(ROLE, PLACE), by, world.now)
    assert found(world) == {task: "no_holder"}
