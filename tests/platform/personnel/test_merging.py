"""Merging doubles: the act does exactly what the preview shows, and nothing is left with the one that goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import people as persons
from app.platform.identity import posts, roles, sessions
from app.platform.identity.entities import Account, HeldPost, OpenSession, Person, Token
from app.platform.identity.messages import Refusal
from app.platform.notices.entities import Notice
from app.platform.personnel import belonging, doctor, merging
from app.platform.personnel import history as personal
from app.platform.registry import Acting, Role, Words, house
from app.platform.runtime import doctor as examiner
from app.platform.runtime import drafts, history, instances, policy, substitutes, tasks
from app.platform.runtime.entities import Draft, Incident, Instance, Question, Seat, Substitute, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import HANSHAN
from tests.platform.runtime.signing import at_council, council, people, publish
from tests.platform.runtime.steps import begin, decide
from tests.tenants.fairs.entities import Application, Profile
from tests.world import World


def keeper(world: World, name: str = "合并员") -> Acting:
    """Who looks after all people, and may give every post: a role made for it."""
    roles.plug()
    house.roles["tests.keeper"] = Role(
        "tests.keeper",
        Words("合并员", "Keeper"),
        permissions=frozenset({roles.PEOPLE, roles.POSTS, roles.ROLES_MADE}),
    )
    if name not in world.people:
        world.enter(name, "tests.keeper")
    return world.acting(name)


def plan(world: World, keep: str, drop: str, *fields: str) -> merging.Plan:
    return merging.Plan(world.people[keep], world.people[drop], frozenset(fields))


def see(world: World, wanted: merging.Plan, by: Acting) -> merging.Preview:
    with world.session() as session:
        return merging.preview(session, wanted, by, world.now)


def go(world: World, wanted: merging.Plan, by: Acting) -> merging.Preview:
    shown = see(world, wanted, by)
    with world.session() as session:
        done = merging.merge(session, wanted, shown.mark, by, world.now)
    assert done == shown
    sound(world)
    return done


def sound(world: World) -> None:
    with world.session() as session:
        more = (doctor.places, doctor.doubles)
        assert [str(one) for one in examiner.examine(session, world.now, more)] == []


def one(world: World, table: Any, id_: str) -> Any:
    with world.session() as session:
        return session.execute(select(table.__table__).where(table.id == id_)).one()


def refuse(world: World, wanted: merging.Plan, by: Acting) -> set[str]:
    """The codes for which a preview says that nothing is merged; the verb says the same."""
    shown = see(world, wanted, by)
    with world.session() as session, pytest.raises(Refusal) as caught:
        merging.merge(session, wanted, shown.mark, by, world.now)
    assert caught.value.code == shown.refused[0].code
    return {one.code for one in shown.refused}


def at_desk(world: World, claims: str | None = None, starter: str = "组织者甲") -> tuple[str, str]:
    instance = begin(world, "tests_desk", starter)
    task = decide(world, world.open_task(instance, "prepare"), "send", starter).next_tasks[0]
    if claims:
        with world.session() as session:
            tasks.claim(session, task, 1, world.acting(claims), world.now)
    return instance, task


def test_what_was_the_ones_is_the_others(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    instance, task = at_desk(ground, "市级")
    other, _ = at_desk(ground, starter="组织者乙")
    done = go(ground, plan(ground, "市级二", "市级"), by)
    assert [(fate.task, fate.held, fate.becomes) for fate in done.work] == [(task, "claimed", "moves")]
    keep = ground.people["市级二"]
    assert one(ground, Task, task).claimed_by_id == keep
    with ground.session() as session:
        assert session.scalar(select(Person.merged_into_id).where(Person.id == ground.people["市级"])) == keep
        last = history.of(session, instance)[-1]
        assert (last.kind, last.by) == ("transferred", by.person)
        assert history.first_bad_row(session, instance) is None
        assert session.scalar(select(func.count()).select_from(Notice).where(Notice.person_id == keep)) == 1
    decide(ground, task, "approve", "市级二", revision=3)
    assert other


def test_who_is_what_he_started_is_his_and_he_does_not_decide_on_it(ground: World) -> None:
    """0033: whoever becomes the starter by a merge judges it no more, nor did he claim it."""
    people(ground)
    by = keeper(ground)
    instance, task = at_desk(ground, "市级二", "组织者甲")
    done = go(ground, plan(ground, "市级二", "组织者甲"), by)
    assert [(fate.task, fate.is_keeps, fate.becomes) for fate in done.work] == [(task, True, "released")]
    row = one(ground, Task, task)
    assert row.claimed_by_id is None
    assert ground.people["市级二"] in row.avoided.split(" ")
    assert one(ground, Instance, instance).starter_id == ground.people["市级二"]
    assert not policy.may_work(ground.acting("市级二"), row)
    decide(ground, task, "approve", "市级", revision=row.revision)


def test_the_reverse_is_released_too(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    instance, task = at_desk(ground, "市级", "组织者甲")
    done = go(ground, plan(ground, "组织者甲", "市级"), by)
    assert [(fate.is_keeps, fate.becomes, fate.why) for fate in done.work] == [(False, "released", "own")]
    row = one(ground, Task, task)
    assert row.claimed_by_id is None
    assert not policy.may_work(ground.acting("组织者甲"), row)
    assert instance


def test_what_was_his_by_name_on_his_own_application_waits_with_an_incident(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    instance, task = at_desk(ground)
    with ground.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(assignee_id=ground.people["助理"]))
    done = go(ground, plan(ground, "组织者甲", "助理"), by)
    assert [fate.becomes for fate in done.work] == ["stuck"]
    with ground.session() as session:
        assert session.scalars(select(Incident.kind).where(Incident.instance_id == instance)).all() == [
            "nobody"
        ]


def test_of_two_seats_at_one_table_one_is_left(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    done = go(ground, plan(ground, "市级二", "市级"), keeper(ground))
    assert [(fate.held, fate.becomes, fate.why) for fate in done.work] == [("seat", "removed", "already")]
    with ground.session() as session:
        left = session.scalars(select(Seat.person_id).where(Seat.task_id == task, Seat.state == "open")).all()
    assert sorted(left) == sorted(ground.people[name] for name in ("市级二", "市级三"))


def test_a_seat_goes_over_where_the_other_has_none(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    done = go(ground, plan(ground, "助理", "市级"), keeper(ground))
    assert [fate.becomes for fate in done.work] == ["moves"]
    decide(ground, task, "approve", "助理", revision=2)
    sound(ground)


def test_the_last_seat_that_closes_lets_the_others_votes_decide(ground: World) -> None:
    instance, task = at_council(ground, seats="all")
    decide(ground, task, "approve", "市级二")
    decide(ground, task, "approve", "市级三")
    go(ground, plan(ground, "市级二", "市级"), keeper(ground))
    assert one(ground, Task, task).outcome == "approve"
    assert instance


def test_posts_go_over_with_their_dates_and_equal_ones_become_one(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    until = ground.now + timedelta(days=30)
    with ground.session() as session:
        later = posts.grant(
            session,
            ground.people["市级"],
            "fairs.city_admin",
            "130000/130500/",
            None,
            ground.now,
            None,
            until_at=until,
        )
        path = ground.acting("市级").posts[0].place
        (kept,) = ground.acting("市级二").posts
    done = go(ground, plan(ground, "市级二", "市级"), by)
    assert {fate.becomes for fate in done.posts} == {"moves", "ends"}
    row = one(ground, HeldPost, later)
    assert (row.person_id, row.until_at, row.ended_at) == (ground.people["市级二"], until, None)
    with ground.session() as session:
        held = posts.of(session, ground.people["市级二"], ground.now)
    assert {post.id for post in held} == {later, kept.id}
    assert path


def test_a_post_that_may_not_be_given_stops_it_and_is_named(ground: World) -> None:
    people(ground)
    roles.plug()
    ground.enter("人事员", roles.SYSTEM.key)
    by = ground.acting("人事员")
    with ground.session() as session, transaction(session):
        session.execute(
            Account.__table__.delete().where(
                Account.person_id.in_([ground.people["市级"], ground.people["助理"]])
            )
        )
    assert refuse(ground, plan(ground, "助理", "市级"), by) == {"merge_post"}
    with ground.session() as session:
        assert session.scalar(select(Person.merged_into_id).where(Person.id == ground.people["市级"])) is None
        assert len(posts.of(session, ground.people["市级"], ground.now)) == 1


def test_nobody_comes_by_a_merge_to_what_he_could_not_give(ground: World) -> None:
    """Whoever knows the one's password would have all that is the other's."""
    people(ground)
    roles.plug()
    ground.enter("人事员", roles.SYSTEM.key)
    by = ground.acting("人事员")
    assert "merge_access" in refuse(ground, plan(ground, "助理", "组织者甲"), by)


def test_the_sides_of_the_separation_are_never_joined(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    house.roles["tests.left"] = Role("tests.left", Words("左", "L"), permissions=frozenset({roles.LOGS}))
    house.roles["tests.right"] = Role(
        "tests.right", Words("右", "R"), permissions=frozenset({roles.SETTINGS})
    )
    with ground.session() as session:
        for name, role in (("助理", "tests.left"), ("科长", "tests.right")):
            posts.grant(session, ground.people[name], role, "", None, ground.now, None)
        assert posts.apart(session, ground.people["助理"], "tests.right", ground.now)
    with ground.session() as session, pytest.raises(Refusal, match="person_higher"):
        merging.preview(session, plan(ground, "助理", "科长"), by, ground.now)


def test_two_identities_of_one_system_are_not_one_persons(ground: World) -> None:
    people(ground)
    assert refuse(ground, plan(ground, "组织者甲", "教师"), keeper(ground)) == {"merge_identity"}


def test_an_account_passes_over_to_whoever_has_none_and_else_is_closed(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    with ground.session() as session, transaction(session):
        session.execute(Account.__table__.delete().where(Account.person_id == ground.people["助理"]))
        name = session.scalar(select(Account.username).where(Account.person_id == ground.people["科长"]))
        for who in ("科长", "局长"):
            person = ground.people[who]
            sessions.begin(session, person, "127.0.0.1", "", ground.now)
            fixed = {"name": "t", "hash": who * 32, "created_at": ground.now}
            session.execute(insert(Token).values(id=who, person_id=person, **fixed))
    assert go(ground, plan(ground, "助理", "科长"), by).account == "passes"
    with ground.session() as session:
        assert session.get_one(Account, ground.people["助理"]).username == name
        assert session.get(Account, ground.people["科长"]) is None
    assert go(ground, plan(ground, "助理", "局长"), by).account == "closes"
    with ground.session() as session:
        assert session.get_one(Account, ground.people["局长"]).closed_at is not None
        assert session.get_one(Account, ground.people["助理"]).closed_at is None
        assert session.scalar(select(func.count()).select_from(OpenSession)) == 0
        open_ = select(func.count()).select_from(Token).where(Token.revoked_at.is_(None))
        assert session.scalar(open_) == 0


def test_substitutes_of_the_one_never_come_to_stand_in_for_the_other(ground: World) -> None:
    people(ground)
    by, until = keeper(ground), ground.now + timedelta(days=9)
    with ground.session() as session:
        later = until + timedelta(days=9)
        for absent, present, *when in (
            ("市级", "科长", ground.now, until),
            ("局长", "市级", ground.now, until),
            ("市级", "市级二", until, later),
            ("市级二", "市级", ground.now, until),
        ):
            who = [ground.people[name] for name in (absent, present)]
            substitutes.appoint(session, *who, *when, None, by, ground.now)
    done = go(ground, plan(ground, "市级二", "市级"), by)
    assert sorted((one.is_absent, one.other_name, one.becomes) for one in done.standings) == [
        (False, "局长", "moves"),
        (False, "市级二", "ended"),
        (True, "市级二", "ended"),
        (True, "科长", "ended"),
    ]
    with ground.session() as session:
        rows = session.execute(
            select(Substitute.person_id, Substitute.substitute_id).where(Substitute.ended_at.is_(None))
        ).all()
    assert [tuple(row) for row in rows] == [(ground.people["局长"], ground.people["市级二"])]


def test_facts_are_taken_as_chosen_and_what_is_empty_is_filled(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    with ground.session() as session:
        persons.change(
            session,
            ground.people["科长"],
            {"gender": "male", "birth_on": date(1980, 1, 2), "phone": "13800001111", "name": "科长甲"},
            None,
            ground.now,
        )
        persons.change(session, ground.people["助理"], {"gender": "female"}, None, ground.now)
    done = go(ground, plan(ground, "助理", "科长", "name"), by)
    assert set(done.takes) == {"name", "birth_on", "phone"}
    with ground.session() as session:
        kept = session.get_one(Person, ground.people["助理"])
        assert (kept.name, kept.gender, kept.birth_on, kept.phone) == (
            "科长甲",
            "female",
            date(1980, 1, 2),
            "13800001111",
        )
        assert kept.phone_hash == persons.phone_hash("13800001111")
        rows = [row for row in audit.read(session, f"person:{kept.id}") if row.kind == "person.merged"]
        assert len(rows) == 1


def test_drafts_and_questions_go_over_and_the_others_own_stay(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    instance, task = at_desk(ground, "市级二")
    with ground.session() as session:
        for name, about in (("科长", "start:a"), ("科长", "start:b"), ("助理", "start:a")):
            drafts.keep(session, about, {"who": name}, ground.acting(name), ground.now)
    asked = {"id": "q1", "instance_id": instance, "task_id": task, "text": "怎么看？", "asked_at": ground.now}
    people_ = {"asked_by_id": ground.people["市级二"], "to_id": ground.people["科长"]}
    with ground.session() as session, transaction(session):
        session.execute(insert(Question).values(**asked, **people_))
    go(ground, plan(ground, "助理", "科长"), by)
    with ground.session() as session:
        found = {
            about: drafts.of(session, about, ground.acting("助理")).values["who"]
            for about in ("start:a", "start:b")
        }
        assert found == {"start:a": "助理", "start:b": "科长"}
        assert session.scalar(select(func.count()).select_from(Draft)) == 3
        assert session.get_one(Question, "q1").to_id == ground.people["助理"]


def test_who_was_merged_is_asked_as_the_one_he_is(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that names the one that is gone asks the other."""
    people(ground)
    by = keeper(ground)
    go(ground, plan(ground, "助理", "科长"), by)
    go(ground, plan(ground, "局长", "助理"), by)
    monkeypatch.setitem(house.assignees, "tests/clerk", lambda _call: ground.people["科长"])
    form = Drawing("tests_named", form="fairs/application").start()
    form = form.task("prepare", outcomes="send=送审|Send").task("clerk", assignee="hook:tests/clerk").end()
    publish(ground, form.line("begin", "prepare", "clerk", "done"))
    named = begin(ground, "tests_named", data=HANSHAN)
    decide(ground, ground.open_task(named, "prepare"), "send")
    assert one(ground, Task, ground.open_task(named, "clerk")).assignee_id == ground.people["局长"]
    with ground.session() as session:
        assert personal.merged(session, ground.people["局长"]) == [
            ground.people["助理"],
            ground.people["科长"],
        ]
        assert personal.merged(session, ground.people["科长"]) == []
        assert persons.who_is(session, ground.people["科长"]) == ground.people["局长"]
        granted = posts.grant(session, ground.people["科长"], "fairs.teacher", "", None, ground.now, None)
    assert one(ground, HeldPost, granted).person_id == ground.people["局长"]


def test_what_was_still_written_for_the_one_follows(ground: World) -> None:
    people(ground)
    by, late = keeper(ground), ground.acting("组织者甲")
    go(ground, plan(ground, "组织者乙", "组织者甲"), by)
    with ground.session() as session:
        given = {"data": {"district": "130402"}}
        started = instances.start(session, "tests_desk", by=late, post=None, now=ground.now, **given).instance
    ground.work(ground.now + timedelta(minutes=5))
    assert one(ground, Instance, started).starter_id == ground.people["组织者乙"]
    sound(ground)


def test_nobody_merges_himself_nor_whom_he_does_not_look_after_nor_by_an_old_preview(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    for keep, drop, code in (
        ("合并员", "助理", "own_merge"),
        ("助理", "合并员", "own_merge"),
        ("助理", "助理", "same_person"),
    ):
        with ground.session() as session, pytest.raises(Refusal, match=code):
            merging.preview(session, plan(ground, keep, drop), by, ground.now)
    ground.enter("区域员", roles.REGIONAL.key, "130400")
    with ground.session() as session, pytest.raises(Refusal, match="unknown_person"):
        merging.preview(session, plan(ground, "市级", "邻市"), ground.acting("区域员"), ground.now)
    wanted = plan(ground, "市级二", "市级")
    shown = see(ground, wanted, by)
    at_desk(ground, "市级")
    with ground.session() as session, pytest.raises(merging.Changed):
        merging.merge(session, wanted, shown.mark, by, ground.now)
    go(ground, wanted, by)
    with ground.session() as session, pytest.raises(Refusal, match="person_merged"):
        merging.preview(session, wanted, by, ground.now)


def test_what_only_one_person_can_have_stops_it_and_one_file_each_stays(ground: World) -> None:
    """Of two live applications for the same neither is thrown away; of two profiles that of whoever stays counts."""
    people(ground)
    by = keeper(ground)
    with ground.session() as session, transaction(session):
        for name in ("组织者甲", "组织者乙"):
            filled = {
                "address": "路",
                "origin": "130402",
                "employer": "校",
                "department": "处",
                "position": "师",
            }
            session.add(Profile(person_id=ground.people[name], **filled))
    wanted = plan(ground, "组织者甲", "组织者乙")
    assert see(ground, wanted, by).left == ("fairs_profile",)
    first, _ = ground.apply("组织者甲"), ground.apply("组织者乙")
    assert refuse(ground, wanted, by) == {"merge_clash"}
    with ground.session() as session, transaction(session):
        session.execute(
            update(Application).values(closed_at=ground.now).where(Application.instance_id == first)
        )
    go(ground, wanted, by)
    with ground.session() as session:
        of = session.scalars(select(Application.person_id)).all()
        assert set(of) == {ground.people["组织者甲"]}
        assert session.scalar(select(func.count()).select_from(Profile)) == 2


def test_addresses_stay_with_the_account_where_a_password_could_not_be_sent(ground: World) -> None:
    """Who may not give all posts of the account's owner changes neither where its password would go."""
    people(ground)
    roles.plug()
    ground.enter("人事员", roles.SYSTEM.key)
    by = ground.acting("人事员")
    with ground.session() as session:
        persons.change(session, ground.people["助理"], {"phone": "13800002222"}, None, ground.now)
    shown = see(ground, plan(ground, "市级", "助理", "phone"), by)
    assert shown.fixed == ("phone",)
    assert "phone" not in shown.takes
    assert refuse(ground, plan(ground, "市级", "助理", "phone"), by) == {"addresses_kept"}
    go(ground, plan(ground, "市级", "助理"), by)
    with ground.session() as session:
        assert session.get_one(Person, ground.people["市级"]).phone is None


def test_who_lost_his_account_does_not_stay_instead_of_who_has_one(ground: World) -> None:
    people(ground)
    by = keeper(ground)
    with ground.session() as session, transaction(session):
        session.execute(
            update(Account).where(Account.person_id == ground.people["助理"]).values(is_disabled=True)
        )
    assert refuse(ground, plan(ground, "助理", "科长"), by) == {"merge_closed"}
    go(ground, plan(ground, "科长", "助理"), by)


def test_the_doctor_names_whatever_is_still_held_by_who_was_merged(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    at_desk(ground, "市级")
    gone = ground.people["市级"], ground.people["组织者甲"]
    with ground.session() as session, transaction(session):
        session.execute(
            update(Person).where(Person.id.in_(gone)).values(merged_into_id=ground.people["助理"])
        )
    with ground.session() as session:
        codes = {finding.code for finding in doctor.doubles(session, ground.now)}
    assert codes == {"merged_post", "merged_account", "merged_task", "merged_seat", "merged_starter"}
    with ground.session() as session, transaction(session):
        session.execute(update(Person).where(Person.id == gone[0]).values(merged_into_id=gone[0]))
    with ground.session() as session:
        assert "merged_nowhere" in {finding.code for finding in doctor.doubles(session, ground.now)}
    assert task


def test_every_column_that_names_somebody_is_somebodys_or_says_who_acted() -> None:
    """What a new table keeps about a person is placed here, or in `belonging.MOVED`."""
    named = {
        f"{table.name}.{column.name}"
        for table in belonging.Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith(("_by", "_by_id", "person_id", "owner_id", "_to_id", "starter_id"))
        or column.name in ("to_id", "by_id", "substitute_id", "assignee_id", "closed_for_id")
    }
    moved = {f"{column.table.name}.{column.name}" for column in belonging.columns()}
    assert moved >= belonging.MOVED
    platform = {
        one for one in named if one.split("_")[0] in PLATFORM and one.split(".")[0] not in belonging.APART
    }
    assert platform - moved == ACTED


PLATFORM = ("audit", "documents", "identity", "jobs", "lists", "notices", "runtime", "settings", "sheets")
ACTED = {
    "audit_row.by_id",
    "identity_code_batch.revoked_by_id",
    "identity_one_time_code.person_id",
    "identity_role.given_by",
    "jobs_job.leased_by",
    "notices_endpoint.created_by_id",
    "runtime_copy.by_id",
    "runtime_entry.by_id",
    "runtime_history.by_id",
    "runtime_incident.closed_by_id",
    "runtime_instance.starter_id",  # joining
    "runtime_presence.person_id",
    "runtime_question.closed_by_id",
    "runtime_receipt.person_id",
    "runtime_seat.added_by_id",
    "runtime_seat.closed_by_id",
    "runtime_seat.delegated_by_id",
    "runtime_substitute.appointed_by_id",
    "runtime_task.claimed_by_id",  # joining
    "runtime_task.closed_for_id",  # belonging, by the substitutes' decisions
    "runtime_timer.leased_by",
    "runtime_version.published_by_id",
    "settings_value.changed_by_id",
    "sheets_import.undone_by",
}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_there_was_nothing_is_left_with_the_one_that_goes(ground: World, seed: int) -> None:
    random = Random(seed)
    people(ground)
    by = keeper(ground)
    publish(ground, council(seats=random.choice(("all", "sequence", "any"))))
    for _ in range(8):
        starter = random.choice(("组织者甲", "组织者乙"))
        if random.random() < 0.5:
            _, task = at_desk(ground, random.choice(("市级", "市级二", None)), starter)
            if random.random() < 0.3:
                with ground.session() as session, transaction(session):
                    to = ground.people[random.choice(("市级", "助理", "组织者甲"))]
                    held = {"assignee_id": to, "claimed_by_id": None, "claimed_at": None}
                    session.execute(update(Task).where(Task.id == task).values(**held))
                if to in one(ground, Task, task).avoided.split(" "):
                    with ground.session() as session, transaction(session):
                        session.execute(update(Task).where(Task.id == task).values(assignee_id=None))
        else:
            instance = begin(ground, "tests_council", starter)
            task = decide(ground, ground.open_task(instance, "prepare"), "send", starter).next_tasks[0]
            for name in random.sample(("市级", "市级二", "市级三"), random.randrange(3)):
                row = one(ground, Task, task)
                with ground.session() as session:
                    sits = session.scalar(
                        select(Seat.id).where(
                            Seat.task_id == task, Seat.person_id == ground.people[name], Seat.state == "open"
                        )
                    )
                if row.state == "open" and sits:
                    decide(ground, task, "approve", name, revision=row.revision)
    sound(ground)
    keep, drop = random.choice(
        (
            ("市级", "市级二"),
            ("组织者甲", "市级"),
            ("市级", "组织者甲"),
            ("助理", "市级"),
            ("组织者甲", "组织者乙"),
            ("市级二", "组织者乙"),
        )
    )
    go(ground, plan(ground, keep, drop), by)
    gone = ground.people[drop]
    with ground.session() as session:
        for column in belonging.columns():
            if column.table.name not in belonging.PREFERENCES:
                held = select(func.count()).select_from(column.table).where(column == gone)
                assert session.scalar(held) == 0, column
    assert ground.work(ground.now + timedelta(minutes=5)) >= 0
    sound(ground)


def test_of_two_who_merge_both_ways_at_once_one_wins(ground: World) -> None:
    world = ground
    people(world)
    both = [keeper(world, "甲办"), keeper(world, "乙办")]
    plans = [plan(world, "助理", "科长"), plan(world, "科长", "助理")]
    marks = [see(world, wanted, by).mark for wanted, by in zip(plans, both, strict=True)]
    gate = Barrier(2)

    def run(number: int) -> str:
        with world.session() as session:
            gate.wait()
            try:
                merging.merge(session, plans[number], marks[number], both[number], world.now)
            except (Refusal, merging.Changed) as no:
                return getattr(no, "code", "changed")
        return "merged"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == ["merged", "person_merged"]
    sound(world)
