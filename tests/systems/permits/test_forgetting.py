"""What permits keeps of people goes with the case whose time is over, and with nothing else (issue 6, retention)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.personnel import retention
from app.platform.registry import house
from app.platform.runtime import doctor, instances
from app.platform.runtime.entities import Instance
from app.systems.permits import declarations, profiles, queries, summaries, verbs
from app.systems.permits.entities import Application, Declaration, Member, Profile
from tests.systems.permits.declaring import CITY, contest
from tests.world import World

NAME = "组织者甲"


def approved(world: World, district: str = "130402") -> str:
    instance = world.to_review(NAME, district)
    world.decide(instance, "city_review", "approve", CITY, comment="同意")
    world.work()
    return instance


def erase(world: World, instance: str) -> None:
    with world.session() as session:
        assert retention.erase(session, instance, None, world.now, "test")


def profile_of(world: World) -> Profile | None:
    with world.session() as session:
        return session.get(Profile, world.people[NAME])


def test_every_chain_says_what_it_forgets_and_what_stays(world: World) -> None:
    for process in (verbs.PROCESS, declarations.PROCESS, summaries.PROCESS):
        assert process in house.forgetters
    with world.session() as session:
        left = {one.process: one.left for one in retention.standing(session, world.now)}
    assert left[verbs.PROCESS] is not None
    assert "区县" in left[verbs.PROCESS].zh
    assert retention.UNTOUCHED not in left.values()


def test_the_printed_profile_goes_and_the_page_of_the_case_shows_nothing_filed_since(world: World) -> None:
    first, second = approved(world), approved(world, "130404")
    world.now += timedelta(days=40)
    erase(world, first)
    with world.session() as session:
        kept = {one.instance_id: one for one in session.scalars(select(Application))}
        assert (kept[first].snapshot, kept[first].scan_id) == ({}, None)
        assert kept[first].district == "130402"
        assert kept[second].snapshot
        assert kept[second].scan_id
        shown = house.entities["permits/application"].load(_call(world, session, first), kept[first].id)
        assert not {"full_name", "id_number", "address", "mobile"} & set(shown)
        assert doctor.examine(session, world.now) == []
    assert profile_of(world) is not None  # the other case is still kept
    erase(world, second)
    assert profile_of(world) is None
    with world.session() as session:
        assert not queries.has_profile(session, world.people[NAME])


def _call(world: World, session: object, instance: str) -> object:
    from app.platform.registry import Call

    person = world.people[NAME]
    return Call(session, world.now, world.acting(CITY), instance, verbs.PROCESS, "city_review", {}, person)  # type: ignore[arg-type]


def test_a_profile_that_was_saved_since_is_kept_for_what_comes(world: World) -> None:
    instance = approved(world)
    world.now += timedelta(days=3)
    with world.session() as session, transaction(session):
        by = world.acting(NAME)
        profiles.store(session, by.person, {"address": "新址"}, by, world.now)
    erase(world, instance)
    found = profile_of(world)
    assert found is not None
    assert found.address == "新址"


def test_a_case_that_runs_needs_the_profile(world: World) -> None:
    first = approved(world)
    world.apply(NAME, "130404")
    erase(world, first)
    assert profile_of(world) is not None


def test_a_team_and_its_members_go_and_the_number_stays(world: World) -> None:
    teams = contest(world)
    gone, stays = teams.submitted(), teams.submitted()
    number = teams.row(gone).number
    with world.session() as session:
        instances.cancel(session, gone, "测试", world.acting("教师"), world.now)
        ended = session.scalar(select(Instance.ended_at).where(Instance.id == gone))
        if ended is None:
            with transaction(session):
                row = session.get_one(Instance, gone)
                row.ended_at = world.now
    erase(world, gone)
    row = teams.row(gone)
    assert (row.number, row.team_name, row.school, row.coach, row.coach_phone) == (number, *[None] * 4)
    assert (row.about, row.attachments, row.recommendation) == (None, [], None)
    with world.session() as session:
        held = session.scalars(select(Member.declaration_id)).all()
        kept = session.scalars(select(Declaration.id).where(Declaration.instance_id == stays)).one()
        assert set(held) == {kept}


def test_a_system_that_breaks_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep forgets the rest, and what broke is whole and due again."""
    from app.platform import settings
    from app.platform.registry import Forgetting

    broken, fine = approved(world), approved(world, "130404")
    real = house.forgetters[verbs.PROCESS].run

    def run(session: object, instance: str, now: object) -> None:
        if instance == broken:
            raise RuntimeError("broken")
        real(session, instance, now)  # type: ignore[arg-type]

    monkeypatch.setitem(house.forgetters, verbs.PROCESS, Forgetting(run))
    later = world.now + timedelta(days=70)
    with world.session() as session:
        settings.change(session, retention.PERIODS, {verbs.PROCESS: 2}, None, world.now)
        settings.catch_up(session)
        assert retention.sweep(session, later) == 1
        keys = {row.id: row.record_key for row in session.execute(select(Instance.id, Instance.record_key))}
        assert keys[broken]
        assert keys[fine] is None
    monkeypatch.undo()
    with world.session() as session:
        assert retention.sweep(session, later) == 1
        settings.forget()
