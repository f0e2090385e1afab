"""A claim ends with what it was made by: nothing waits for who may not decide it any more (issue 6, at once)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.platform import settings
from app.platform.data import transaction
from app.platform.identity import accounts, making_roles, posts, regions, roles
from app.platform.identity.entities import Account, HeldPost
from app.platform.personnel import local_regions, moving_places
from app.platform.registry import Words, house
from app.platform.runtime import doctor, handing_on, history, lapsing, tasks, work
from app.platform.runtime.entities import Incident, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.signing import publish
from tests.platform.runtime.steps import CITY, STARTER, at_review, begin, decide
from tests.world import World

OTHER, CITY_PATH = "市级二", "130000/130400/"


@pytest.fixture
def claimed(ground: World) -> tuple[World, str, str]:
    """A task that the city's first clerk has claimed, at a desk of two."""
    instance, task = at_review(ground)
    with ground.session() as session:
        tasks.claim(session, task, 1, ground.acting(CITY), ground.now)
    return ground, instance, task


def post_of(world: World) -> str:
    with world.session() as session:
        return posts.of(session, world.people[CITY], world.now)[0].id


def given_back(world: World, instance: str, task: str) -> None:
    with world.session() as session:
        last = history.of(session, instance)[-1]
        assert (last.kind, last.task, last.by, last.body["reason"]) == ("unclaimed", task, None, "lapsed")
        assert doctor.examine(session, world.now) == []
    decide(world, task, "approve", OTHER, "同意", revision=3)


def test_with_the_post_the_claim_ends(claimed: tuple[World, str, str]) -> None:
    world, instance, task = claimed
    with world.session() as session:
        posts.end(session, post_of(world), world.now, None)
    world.work()
    given_back(world, instance, task)


def test_a_post_that_lapses_gives_back_at_its_end_and_not_before(claimed: tuple[World, str, str]) -> None:
    world, instance, task = claimed
    with world.session() as session:
        posts.shorten(session, post_of(world), world.now + timedelta(days=2), world.now, None)
    world.work()
    with world.session() as session:
        assert lapsing.sweep(session, world.now + timedelta(days=1)) == 0
    world.now += timedelta(days=2)
    world.work()
    given_back(world, instance, task)


def test_a_shut_account_holds_nothing(claimed: tuple[World, str, str]) -> None:
    world, instance, task = claimed
    with world.session() as session:
        accounts.create(
            session, "shijiyi", CITY, None, world.now, "Granit-Weide-47", person=world.people[CITY]
        )
        accounts.disable(session, world.people[CITY], None, world.now)
    world.work()
    given_back(world, instance, task)


def test_a_post_elsewhere_or_for_another_role_is_none_and_an_equal_one_is(
    claimed: tuple[World, str, str],
) -> None:
    """The condition in SQL answers as the policy does, whichever post is left."""
    world, _, _ = claimed
    with world.session() as session:
        held = session.get_one(HeldPost, post_of(world))
        role, place = held.role, held.place
        posts.grant(session, world.people[CITY], role, "", None, world.now, None)
        posts.end(session, held.id, world.now, None)
        assert lapsing.sweep(session, world.now) == 0  # everywhere includes the city
        (everywhere,) = posts.of(session, world.people[CITY], world.now)
        posts.grant(session, world.people[CITY], role, place[:-1] + "9/", None, world.now, None)
        posts.end(session, everywhere.id, world.now, None)
        assert lapsing.sweep(session, world.now) == 1
        assert lapsing.sweep(session, world.now) == 0


def assigned(world: World) -> tuple[str, str]:
    """A task that the city's first clerk has been handed by name."""
    instance, task = at_review(world)
    with world.session() as session:
        row = session.get_one(Task, task)
        row.assignee_id, row.role = world.people[CITY], None
        session.commit()
    return instance, task


def shut(world: World, name: str = CITY) -> None:
    with world.session() as session:
        if session.get(Account, world.people[name]) is None:
            accounts.create(
                session, f"u{name}", name, None, world.now, "Granit-Weide-47", person=world.people[name]
            )
        accounts.disable(session, world.people[name], None, world.now)


def incidents_of(world: World, instance: str) -> list[tuple[str, str | None]]:
    with world.session() as session:
        found = select(Incident).where(Incident.instance_id == instance, Incident.closed_at.is_(None))
        return [(one.kind, one.element) for one in session.scalars(found)]


def test_a_task_named_for_somebody_whose_account_is_shut_is_an_incident_once(ground: World) -> None:
    """Nothing is silently stuck: the doctor asks for it, the job says it, a second look says nothing more."""
    instance, _ = assigned(ground)
    shut(ground)
    with ground.session() as session:
        assert [finding.code for finding in doctor.examine(session, ground.now)] == ["nobody"]
    ground.work()
    assert incidents_of(ground, instance) == [("nobody", "review")]
    with ground.session() as session:
        assert doctor.examine(session, ground.now) == []
        assert lapsing.sweep(session, ground.now) == 0
        last = history.of(session, instance)[-1]
        assert (last.kind, last.outcome, last.by) == ("incident", "nobody", None)


def test_the_chore_finds_what_no_job_was_told_of(ground: World) -> None:
    shut(ground)
    ground.work()
    instance, _ = assigned(ground)
    with ground.session() as session:
        assert lapsing.sweep(session, ground.now) == 1
        assert lapsing.sweep(session, ground.now) == 0
    assert incidents_of(ground, instance) == [("nobody", "review")]


def test_handed_on_it_is_over(ground: World) -> None:
    instance, task = assigned(ground)
    shut(ground)
    ground.work()
    with ground.session() as session:
        accounts.create(
            session, "shijier", OTHER, None, ground.now, "Granit-Weide-47", person=ground.people[OTHER]
        )
        person, heir = ground.people[CITY], ground.people[OTHER]
        with transaction(session):
            held = handing_on.hold(session, [instance], ground.acting(OTHER), ground.now)
            fates = handing_on.draw_up(session, person, heir, {}, [""], ground.now)
            handing_on.carry_out(session, fates, held, "离岗", ground.now)
        assert doctor.examine(session, ground.now) == []
    assert incidents_of(ground, instance) == []
    decide(ground, task, "approve", OTHER, "同意", revision=2)


def test_opened_again_the_account_answers_and_a_retry_before_it_does_not(ground: World) -> None:
    instance, task = assigned(ground)
    shut(ground)
    ground.work()
    with ground.session() as session:
        incident = session.scalars(select(Incident.id).where(Incident.instance_id == instance)).one()
        roles.plug()
        ground.enter("管理员", roles.ADMINISTRATOR.key)
        work.retry(session, incident, ground.acting("管理员"), ground.now)
    assert incidents_of(ground, instance) == [("nobody", "review")]
    with ground.session() as session:
        accounts.enable(session, ground.people[CITY], None, ground.now)
    ground.work()
    assert incidents_of(ground, instance) == []
    with ground.session() as session:
        assert doctor.examine(session, ground.now) == []
    decide(ground, task, "approve", CITY, "同意")


def test_a_task_that_opens_for_somebody_whose_account_is_shut_is_an_incident_at_once(ground: World) -> None:
    drawing = (
        Drawing("tests_named", form="fairs/application")
        .start()
        .task("first", outcomes="send=送审|Send")
        .task("second", outcomes="send=送审|Send")
        .end()
        .line("begin", "first", "second", "done")
    )
    publish(ground, drawing)
    instance = begin(ground, "tests_named")
    starter = ground.acting(STARTER)
    shut(ground, STARTER)
    decide(ground, ground.open_task(instance, "first"), "send", by=starter)
    assert incidents_of(ground, instance) == [("nobody", "second")]


@pytest.fixture
def own_roles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Roles that are made here are none of the next test's."""
    monkeypatch.setattr(house, "roles", dict(house.roles))
    yield
    settings.forget()


@pytest.mark.usefixtures("own_roles")
def test_a_role_that_is_switched_off_or_reaches_less_gives_its_claims_back(ground: World) -> None:
    """Not by the hourly chore: with the change. A post that still answers keeps its claim."""
    world = ground
    for how in ("off", "reach"):
        key = made_reviewer(world, how)
        instance, task = at_review(world)
        with world.session() as session:
            session.execute(update(Task).where(Task.id == task).values(role=key))
            session.commit()
            tasks.claim(session, task, 1, world.acting("审核员"), world.now)
        other = at_review(world)[1]
        with world.session() as session:
            tasks.claim(session, other, 1, world.acting(OTHER), world.now)
            if how == "off":
                making_roles.turn(session, key, True, world.acting("安全管"), world.now)
            else:
                making_roles.change(
                    session, key, reviewing(how, reach="here"), world.acting("安全管"), world.now
                )
        with world.session() as session:
            settings.catch_up(session)
        world.work()
        with world.session() as session:
            last = history.of(session, instance)[-1]
            assert (last.kind, last.task, last.body["reason"]) == ("unclaimed", task, "lapsed")
            assert session.get_one(Task, other).claimed_by_id == world.people[OTHER]
            assert lapsing.sweep(session, world.now) == 0


@pytest.mark.usefixtures("own_roles")
def test_a_change_of_name_alone_asks_nobody_anything(ground: World) -> None:
    key = made_reviewer(ground, "name")
    ground.work()
    with ground.session() as session:
        draft = replace(reviewing("name"), title=Words("审核员（新）", "Reviewer"))
        assert making_roles.change(session, key, draft, ground.acting("安全管"), ground.now)
    assert ground.work() == 0


def test_a_place_that_moves_gives_back_what_was_claimed_from_where_it_lay(ground: World) -> None:
    world = ground
    world.enter("区域管", roles.REGIONAL.key, "130000")
    with world.session() as session:
        code = local_regions.add(session, CITY_PATH, "KFQ", "开发区", world.acting("区域管"), world.now)
        place = regions.path_of(session, code)
    instance, task = at_review(world)
    with world.session() as session:
        session.execute(update(Task).where(Task.id == task).values(place=place))
        session.commit()
        tasks.claim(session, task, 1, world.acting(CITY), world.now)
        moving_places.move_region(session, code, "130000/130500/", world.acting("区域管"), world.now)
    world.work()
    with world.session() as session:
        last = history.of(session, instance)[-1]
        assert (last.kind, last.task, last.body["reason"]) == ("unclaimed", task, "lapsed")


def reviewing(slug: str, reach: str = "below") -> making_roles.Draft:
    return making_roles.Draft(f"review_{slug}", Words("审核员", "Reviewer"), place="region", reach=reach)


def made_reviewer(world: World, slug: str) -> str:
    """A role made here, held by 审核员 at the province; its key."""
    world.enter("安全管", roles.SECURITY.key)
    with world.session() as session:
        key = making_roles.make(session, reviewing(slug), world.acting("安全管"), world.now)
        settings.catch_up(session)
    world.enter("审核员", key, "130000")
    return key
