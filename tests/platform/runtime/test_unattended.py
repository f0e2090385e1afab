"""Tasks that nobody can answer are found by the clock, with the reason, in one statement whatever their number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from app.platform.data import new_id, transaction
from app.platform.identity import posts
from app.platform.identity.entities import Account, HeldPost
from app.platform.registry import Acting
from app.platform.runtime import assigning, errors, seating, stepping, unattended
from app.platform.runtime.entities import Incident, Instance, Seat, Task
from tests.platform.personnel.test_leaving import keeper
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import at_council, findings, inbox, people, seats, sign
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, decide, kinds, task_row
from tests.world import World

DAY = timedelta(days=1)


def found(world: World, at: datetime | None = None) -> dict[str, str]:
    """The unattended tasks at a moment, each with why."""
    now = at or world.now
    with world.session() as session:
        rows = session.execute(
            select(Task.id, unattended.why(now).label("why"))
            .join(Instance, Instance.id == Task.instance_id)
            .where(unattended.unattended(now))
        )
        return {row.id: row.why for row in rows}


def posts_of(world: World, *names: str) -> list[str]:
    with world.session() as session:
        return [one.id for name in names for one in posts.of(session, world.people[name], world.now)]


def end(world: World, *names: str) -> None:
    with world.session() as session:
        for post in posts_of(world, *names):
            posts.end(session, post, world.now, None)


def shut(world: World, *names: str) -> None:
    with world.session() as session, transaction(session):
        ids = [world.people[name] for name in names]
        session.execute(update(Account).where(Account.person_id.in_(ids)).values(is_disabled=True))


def change(world: World, task: str, **values: Any) -> None:
    with world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(**values))


@pytest.fixture
def lonely(ground: World) -> tuple[World, str, str]:
    """A task of the city's, whose three clerks can all sign in."""
    people(ground)
    instance, task = at_review(ground)
    return ground, instance, task


def test_a_task_is_unattended_the_moment_its_last_holder_goes(lonely: tuple[World, str, str]) -> None:
    world, _, task = lonely
    end(world, CITY, OTHER)
    assert found(world) == {}
    end(world, "市级三")
    assert found(world) == {task: "no_holder"}
    world.enter("科长", "fairs.city_admin", "130400")
    assert found(world) == {}


def test_a_post_whose_date_has_come_ends_at_that_very_moment(lonely: tuple[World, str, str]) -> None:
    world, _, task = lonely
    until = world.now + DAY
    end(world, OTHER, "市级三")
    with world.session() as session:
        posts.shorten(session, posts_of(world, CITY)[0], until, world.now, None)
    last = until - timedelta(microseconds=1)
    assert (found(world, last), inbox(world, CITY, world.acting(CITY, last))) == ({}, [task])
    assert (found(world, until), inbox(world, CITY, world.acting(CITY, until))) == ({task: "no_holder"}, [])
    with world.session() as session:
        row = session.execute(
            select(
                Task.opened_at,
                unattended.why(until).label("why"),
                unattended.lost_at(until).label("lost_at"),
                unattended.shut_at().label("shut_at"),
                unattended.reported_at().label("reported_at"),
            ).where(Task.id == task)
        ).one()
    assert unattended.since(row._mapping) == until


def test_why_is_said(lonely: tuple[World, str, str]) -> None:
    world, _, task = lonely
    everybody = (CITY, OTHER, "市级三")
    change(world, task, avoided=" ".join(world.people[name] for name in everybody))
    assert found(world) == {task: "all_recused"}
    change(world, task, avoided=None)
    assert found(world) == {}
    shut(world, *everybody)
    assert found(world) == {task: "all_shut"}
    change(world, task, assignee_id=world.people[CITY])
    assert found(world) == {task: "shut"}
    change(world, task, assignee_id=world.people["科长"], avoided=world.people["科长"])
    assert found(world) == {task: "recused"}
    change(world, task, assignee_id=None, role=None, avoided=None)
    assert found(world) == {task: "nameless"}


def test_posts_of_another_place_or_role_answer_for_nothing(lonely: tuple[World, str, str]) -> None:
    world, _, task = lonely
    end(world, CITY, OTHER, "市级三")
    world.enter("科长", "fairs.city_admin", "130500")
    world.enter("局长", "fairs.organiser")
    assert found(world) == {task: "no_holder"}
    world.enter("局长", "fairs.city_admin")  # everywhere includes the city
    assert found(world) == {}


def test_a_seat_that_nobody_fills_any_more_is_found(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    assert found(ground) == {}
    end(ground, OTHER)
    assert found(ground) == {task: "seat"}
    ground.enter(OTHER, "fairs.city_admin", "130400")
    assert found(ground) == {}
    with ground.session() as session, transaction(session):
        session.execute(delete(Seat).where(Seat.task_id == task))
    assert found(ground) == {task: "seat"}


@pytest.mark.parametrize("rule", ["one", "all", "any", "sequence"])
def test_the_sql_answers_as_the_verb_does(ground: World, rule: str) -> None:
    """Whatever is done to the holders, `seating.anybody` and the condition agree."""
    _, task = at_council(ground, seats=rule)
    changes = [
        lambda: end(ground, CITY),
        lambda: shut(ground, OTHER),
        lambda: change(ground, task, avoided=ground.people["市级三"]),
        lambda: change(ground, task, avoided=None),
        lambda: end(ground, OTHER, "市级三"),
        lambda: change(ground, task, assignee_id=ground.people["科长"]),
        lambda: shut(ground, "科长"),
    ]
    for done in changes:
        done()
        with ground.session() as session, transaction(session):
            held = stepping.hold(session, Acting("", "", ""), ground.now, task=task)
            row = session.execute(select(Task.__table__).where(Task.id == task)).one()
            answered = seating.anybody(held, row)
            session.flush()
        assert (task not in found(ground)) == answered


def test_what_is_suspended_or_closed_is_not_unattended(lonely: tuple[World, str, str]) -> None:
    world, instance, _ = lonely
    end(world, CITY, OTHER, "市级三")
    with world.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instance).values(state="suspended"))
    assert found(world) == {}


def many(world: World, task: str, number: int) -> None:
    """So many more tasks like this one."""
    with world.session() as session, transaction(session):
        row = dict(session.execute(select(Task.__table__).where(Task.id == task)).one()._mapping)
        rows = [row | {"id": new_id(), "visit": 1000 + each} for each in range(number)]
        session.execute(insert(Task), rows)


def test_a_task_is_given_to_a_named_person_with_the_reason(lonely: tuple[World, str, str]) -> None:
    world, instance, task = lonely
    by = keeper(world)
    end(world, CITY, OTHER, "市级三")
    with world.session() as session, transaction(session):
        held = stepping.hold(session, by, world.now, task=task)
        stepping.open_incident(held, "nobody", "review", "审核")
        stepping.save(held)
    with world.session() as session:
        seen = assigning.find(session, task, by, world.now)
        assert (seen.why, seen.role, seen.seat_of) == ("no_holder", "fairs.city_admin", None)
        assigning.assign(session, task, world.people["科长"], seen.revision, "原办理人离岗", by, world.now)
    assert (task_row(world, task).assignee_id, found(world)) == (world.people["科长"], {})
    assert kinds(world, instance)[-1] == "transferred"
    with world.session() as session:
        assert session.scalars(select(Incident.closed_at)).one() == world.now
        with pytest.raises(errors.Attended):
            assigning.find(session, task, by, world.now)
    decide(world, task, "approve", "科长", "同意", revision=task_row(world, task).revision)
    assert findings(world) == []


def test_the_seat_that_nobody_fills_is_given(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    by = keeper(ground)
    end(ground, OTHER)
    with ground.session() as session:
        seen = assigning.find(session, task, by, ground.now)
        assert seen.seat_of == OTHER
        with pytest.raises(errors.BadPerson) as refused:
            assigning.assign(session, task, ground.people[CITY], seen.revision, "离岗", by, ground.now)
        assert refused.value.code == "already"
        assigning.assign(session, task, ground.people["科长"], seen.revision, "离岗", by, ground.now)
    assert seats(ground, task) == {CITY: "open", OTHER: "transferred", "市级三": "open", "科长": "open"}
    sign(ground, task, "科长")
    assert findings(ground) == []


@pytest.mark.parametrize(
    ("to", "code"),
    [("人事员", "own"), (STARTER, "recused"), ("无账号", "no_account"), ("局长", "no_account")],
)
def test_whoever_cannot_take_it_is_refused(lonely: tuple[World, str, str], to: str, code: str) -> None:
    """局长's account is shut."""
    world, _, task = lonely
    by = keeper(world)
    world.enter("无账号")
    end(world, CITY, OTHER, "市级三")
    shut(world, "局长")
    change(world, task, avoided=world.people[STARTER])
    with world.session() as session, pytest.raises(errors.BadPerson) as refused:
        assigning.assign(session, task, world.people[to], 1, "离岗", by, world.now)
    assert refused.value.code == code
    assert task_row(world, task).assignee_id is None


def test_nobody_assigns_outside_his_area_or_what_is_answered_or_what_he_started(
    lonely: tuple[World, str, str],
) -> None:
    world, _, task = lonely
    by, foreign = keeper(world, "130400", "本市人事"), keeper(world, "130500", "邻市人事")
    to = world.people["科长"]

    def assign(who: Acting, revision: int = 1, reason: str = "离岗") -> None:
        with world.session() as session:
            assigning.assign(session, task, to, revision, reason, who, world.now)

    with pytest.raises(errors.Attended):
        assign(by)
    end(world, CITY, OTHER, "市级三")
    for who in (foreign, world.acting("科长"), world.acting(STARTER)):
        with pytest.raises(errors.Unknown):
            assign(who)
    with pytest.raises(errors.MissingReason):
        assign(by, reason=" ")
    with pytest.raises(errors.InstanceChanged):
        assign(by, revision=7)
    with pytest.raises(errors.BadPerson) as outside:
        assign(by)  # 科长 is kept nowhere, and holds no post in the city
    assert outside.value.code == "no_account"
    with world.session() as session, transaction(session):
        starter = select(HeldPost.id).where(HeldPost.person_id == by.person).scalar_subquery()
        assert session.scalar(select(starter))
        session.execute(update(Instance).values(starter_id=by.person))
    with pytest.raises(errors.Forbidden):
        assign(by)


def test_the_query_costs_the_same_at_ten_and_at_two_hundred(
    lonely: tuple[World, str, str], counted: Counted
) -> None:
    world, _, task = lonely
    end(world, CITY, OTHER, "市级三")
    counts = []
    for number in (9, 190):
        many(world, task, number)
        counted.clear()
        found(world)
        counts.append(len(counted.lines))
    assert counts == [1, 1]
    assert len(found(world)) == 200
