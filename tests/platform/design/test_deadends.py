"""Steps that nobody can do somewhere (C6): named in the check, found every night, told once, over with a post."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Insert, func, insert, select, update

from app.platform import settings as settings_of_house
from app.platform.data import transaction
from app.platform.design import checking, deadends, nightly
from app.platform.design.dead_end import DeadEnd
from app.platform.design.ground import Ground, Held, Located, steps
from app.platform.design.reaching import Ask, Looking
from app.platform.engine import Place
from app.platform.identity import accounts, making_roles, posts, regions, roles
from app.platform.identity.eligibility import covers
from app.platform.identity.entities import Account
from app.platform.jobs.entities import Job
from app.platform.notices.entities import Notice
from app.platform.registry import Post, Role, Words, house
from app.platform.runtime import versions
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.conftest import Counted
from tests.world import APPLICATION, World

NOW = datetime(2026, 11, 16, 2, tzinfo=UTC)
FILE = "processes/fairs/desk.bpmn"
PROCESS = "fairs_desk"


def desk(at: str = "variable:district(city)", role: str = "fairs.city_admin", **task: str) -> Drawing:
    """An organiser applies, the city reviews."""
    subject = {"for_": "variable:project"} if "district_admin" in role else {}
    return (
        Drawing(PROCESS, form="fairs/application", start="fairs.organiser", number="T{year}{serial:04}")
        .lane("city", "review", role=role, at=at, name="市级", **subject)
        .start()
        .task("review", assignee="", outcomes="approve=同意|Approve; reject=不同意|Reject!-", **task)
        .end()
        .line("begin", "review", "done")
    )


def files(drawing: Drawing) -> dict[str, bytes]:
    return {FILE: drawing.text().encode(), "forms/fairs/application.json": APPLICATION}


def found(world: World, drawing: Drawing, code: str = "dead_end") -> list[str]:
    with world.session() as session:
        every = checking.findings(session, PROCESS, files(drawing), now=world.now)
    assert [one for one in every if one.level == "error"] == []
    return [one.words.zh for one in every if one.code == code]


def end(world: World, name: str) -> None:
    """End every post of a person."""
    for post in world.acting(name).posts:
        with world.session() as session:
            posts.end(session, post.id, world.now, None)
    world.now += timedelta(minutes=1)


def test_a_chain_that_everybody_can_do_has_no_dead_end(ground: World) -> None:
    assert found(ground, desk()) == []


def test_the_region_whose_last_post_ended_is_named(ground: World) -> None:
    end(ground, "邻市")
    (said,) = found(ground, desk())
    assert said == "办理角色“市级管理员”：1/2 有人；无人：邢台市"


def test_an_account_that_is_shut_does_not_count(ground: World) -> None:
    with ground.session() as session, transaction(session):
        person, _ = accounts.create(
            session, "far1", "远", None, ground.now, password="Passw0rd!long", phone="13800000009"
        )
        posts.grant(
            session, person, "fairs.city_admin", regions.path_of(session, "130500"), None, ground.now, None
        )
    end(ground, "邻市")
    assert found(ground, desk()) == []
    with ground.session() as session:
        accounts.disable(session, person, None, ground.now)
    assert "邢台市" in found(ground, desk())[0]


@pytest.mark.parametrize(
    ("nobody", "is_dead"),
    [("incident", True), ("up", True), ("skip:approve", False), ("fairs.city_admin@everywhere", True)],
)
def test_what_the_drawing_wants_where_nobody_is_eligible_counts(
    ground: World, nobody: str, is_dead: bool
) -> None:
    end(ground, "邻市")
    assert bool(found(ground, desk(nobody=nobody))) is is_dead


def test_a_post_further_up_answers_where_the_step_goes_up(ground: World) -> None:
    end(ground, "邻市")
    with ground.session() as session, transaction(session):
        person = ground.people["组织者乙"]
        posts.grant(
            session, person, "fairs.city_admin", regions.path_of(session, "130000"), None, ground.now, None
        )
    assert found(ground, desk()) == []  # the role reaches below


def test_one_who_alone_could_do_his_own_is_a_hint(ground: World) -> None:
    with ground.session() as session, transaction(session):
        posts.grant(session, ground.people["邻市"], "fairs.organiser", "", None, ground.now, None)
    assert found(ground, desk()) == []
    (said,) = found(ground, desk(), "dead_end_lone")
    assert said.endswith("邢台市")
    assert found(ground, desk(avoid="nobody"), "dead_end_lone") == []


def test_a_subject_that_nobody_answers_for_is_a_hint_and_one_for_all_is_none(ground: World) -> None:
    drawing = desk(at="variable:district", role="fairs.district_admin")
    ground.enter("区县", "fairs.district_admin", "130402", "some-project")
    (said,) = found(ground, drawing, "dead_end_subject")
    assert "邯山区" in said
    ground.enter("区县", "fairs.district_admin", "130402", "*")
    assert found(ground, drawing, "dead_end_subject") == []


# --- every night


def publish(world: World, drawing: Drawing) -> None:
    with world.session() as session:
        versions.publish(session, files(drawing), None, world.now)


def look(world: World, *, opens: bool = True) -> nightly.Looked:
    with world.session() as session:
        return nightly.look(session, None, world.now, opens=opens)


def open_ones(world: World) -> set[tuple[str, str, str]]:
    with world.session() as session:
        rows = session.execute(
            select(DeadEnd.process, DeadEnd.element, DeadEnd.place).where(DeadEnd.closed_at.is_(None))
        )
        return {(row.process, row.element, row.place) for row in rows if row.process == PROCESS}


def letters(world: World, name: str) -> list[str]:
    with world.session() as session:
        told = session.scalars(
            select(Notice).where(Notice.person_id == world.people[name], Notice.kind == nightly.TOLD)
        )
        return [one.said["text"][0] for one in told]


XINGTAI = "130000/130500/"


def test_the_night_finds_it_and_a_post_given_ends_it(ground: World) -> None:
    publish(ground, desk())
    look(ground)
    assert open_ones(ground) == set()
    end(ground, "邻市")
    look(ground)
    assert open_ones(ground) == {(PROCESS, "review", XINGTAI)}
    ground.enter("邻市二", "fairs.city_admin", "130500")
    assert look(ground, opens=False).closed
    assert open_ones(ground) == set()
    end(ground, "邻市二")
    assert not look(ground, opens=False).opened
    assert look(ground).opened
    with ground.session() as session:
        rows = session.scalars(
            select(DeadEnd).where(DeadEnd.process == PROCESS).order_by(DeadEnd.since)
        ).all()
        assert [row.closed_at is None for row in rows] == [False, True]


def near_jobs(world: World) -> int:
    with world.session() as session:
        asked = select(func.count()).select_from(Job).where(Job.name == nightly.NEAR)
        return session.scalar(asked) or 0


def test_a_post_that_is_given_ends_it_at_once(ground: World) -> None:
    publish(ground, desk())
    end(ground, "邻市")
    look(ground)
    ground.enter("邻市二", "fairs.city_admin", "130500")
    assert open_ones(ground) == {(PROCESS, "review", XINGTAI)}, "not before the verb has committed"
    ground.work()
    assert open_ones(ground) == set()


@pytest.mark.parametrize(
    ("role", "place", "asked"),
    [
        ("fairs.city_admin", "130400", 0),
        ("fairs.organiser", "130500", 1),
        ("fairs.district_admin", "130500", 1),
    ],
)
def test_a_post_elsewhere_or_of_another_role_ends_none(
    ground: World, role: str, place: str, asked: int
) -> None:
    publish(ground, desk())
    end(ground, "邻市")
    look(ground)
    opened, before = open_ones(ground), near_jobs(ground)
    ground.enter("别人", role, place, "*" if "district" in role else None)
    assert near_jobs(ground) - before == asked
    ground.work()
    assert open_ones(ground) == opened == {(PROCESS, "review", XINGTAI)}


def test_a_post_given_for_later_ends_it_when_it_begins(ground: World) -> None:
    publish(ground, desk())
    end(ground, "邻市")
    look(ground)
    later = ground.now + timedelta(days=2)
    with ground.session() as session, transaction(session):
        path = regions.path_of(session, "130500")
        posts.grant(
            session,
            ground.people["组织者乙"],
            "fairs.city_admin",
            path,
            None,
            ground.now,
            None,
            from_at=later,
        )
    ground.work()
    assert open_ones(ground) == {(PROCESS, "review", XINGTAI)}
    ground.work(later + timedelta(minutes=1))
    assert open_ones(ground) == set()


def test_a_role_that_comes_to_reach_below_ends_what_its_holders_can_do_now(ground: World) -> None:
    ground.enter("安全员", roles.SECURITY.key, "")

    def draft(reach: str) -> making_roles.Draft:
        return making_roles.Draft("desk", Words("窗口", "Desk"), "region", reach)

    with ground.session() as session:
        role = making_roles.make(session, draft("here"), ground.acting("安全员"), ground.now)
        settings_of_house.catch_up(session)
    ground.enter("省窗口", role, "130000")
    ground.enter("窗口员", role, "130500")
    publish(ground, desk(role=role))
    end(ground, "窗口员")
    look(ground)
    assert (PROCESS, "review", XINGTAI) in open_ones(ground)
    with ground.session() as session:
        making_roles.change(session, role, draft("below"), ground.acting("安全员"), ground.now)
        settings_of_house.catch_up(session)
    ground.work()
    assert open_ones(ground) == set()


def test_nothing_is_asked_where_no_step_lacks_anybody(ground: World) -> None:
    publish(ground, desk())
    look(ground)
    with ground.session() as session:
        session.execute(update(DeadEnd).values(closed_at=ground.now))
        session.commit()
    ground.enter("邻市二", "fairs.city_admin", "130500")
    assert near_jobs(ground) == 0


def test_who_can_give_the_post_hears_of_it_once(ground: World) -> None:
    publish(ground, desk())
    givers = {
        "本市区域": (roles.REGIONAL, "130500"),
        "别市区域": (roles.REGIONAL, "130400"),
        "安全": (roles.SECURITY, ""),
    }
    for name, (role, place) in givers.items():
        ground.enter(name, role.key, place)
        with ground.session() as session, transaction(session):
            session.execute(_account(ground.people[name], f"user{len(name)}{place}"))
    look(ground)
    before = {name: len(letters(ground, name)) for name in givers}
    end(ground, "邻市")
    look(ground)
    look(ground)
    now = {name: letters(ground, name)[before[name] :] for name in before}
    assert [len(now[name]) for name in before] == [1, 0, 1]
    assert "任务review·邢台市" in now["本市区域"][0]


def _account(person: str, username: str) -> Insert:
    return insert(Account).values(
        person_id=person,
        username=username,
        password_hash="x",
        password_at=NOW,
        must_change_password=False,
        is_demo=False,
        is_disabled=False,
        created_at=NOW,
    )


def test_the_sweep_looks_once_a_night_and_closes_by_day(ground: World) -> None:
    publish(ground, desk())
    end(ground, "邻市")
    night = ground.now.replace(hour=18)  # two in the morning in Shanghai
    for _ in range(3):
        with ground.session() as session:
            nightly.sweep(session, night)
    ground.work(night)
    assert open_ones(ground) == {(PROCESS, "review", XINGTAI)}
    ground.enter("邻市三", "fairs.city_admin", "130500")
    with ground.session() as session:
        nightly.sweep(session, ground.now + timedelta(days=1))
    assert open_ones(ground) == set()


def test_the_number_of_statements_does_not_grow_with_the_regions(ground: World, counted: Counted) -> None:
    drawing = desk()
    publish(ground, drawing)

    def count() -> int:
        with ground.session() as session:
            definition = versions.current(session, PROCESS)
            counted.clear()
            deadends.of_chain(session, definition.definition, definition.forms, ground.now)
        return len(counted.lines)

    before = count()
    with ground.session() as session, transaction(session):
        for number in range(40):
            regions.add_local(session, "130500", f"X{number}", f"新区{number}", None, ground.now)
    assert count() == before <= 5


# --- the arithmetic


PATHS = ("13/", "13/04/", "13/04/02/", "13/04/03/", "13/05/", "13/05/02/", "14/", "14/01/", "14/01/01/")
LEVELS = {3: "province", 6: "city", 9: "district"}
ROLE_HERE = Role("trial.here", Words("甲", "A"), place="region")
ROLE_BELOW = Role("trial.below", Words("乙", "B"), place="region", reach="below")


@pytest.fixture(autouse=True)
def trial_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = {role.key: role for role in (ROLE_HERE, ROLE_BELOW)}
    monkeypatch.setattr(house, "roles", {**house.roles, **trial})


def a_ground(held: Mapping[str, list[str]]) -> Ground:
    """The regions above with posts: role -> places, each held by somebody of his own."""
    places = {path: Located(path, path, path, LEVELS[len(path)]) for path in PATHS}
    return Ground(
        places, {role: Held({"*": frozenset(at)}, meant=frozenset(at)) for role, at in held.items()}
    )


HELD = st.lists(st.sampled_from(("", *PATHS)), max_size=5)


@settings(max_examples=200, deadline=None)
@given(
    here=HELD,
    below=HELD,
    role=st.sampled_from([ROLE_HERE, ROLE_BELOW]),
    level=st.sampled_from(["province", "city", "district"]),
)
def test_a_place_is_without_anybody_exactly_where_no_post_covers_it(
    here: list[str], below: list[str], role: Role, level: str
) -> None:
    held = {ROLE_HERE.key: here, ROLE_BELOW.key: below}
    looking = Looking(a_ground(held), (), frozenset(held))
    reach = looking.reach(Ask("x", Words("", ""), role.key, Place("variable", "where", level)))
    mine = [Post("p", role.key, place, "*") for place in held[role.key]]
    roles_ = {role.key: role}
    expected = {
        place
        for place in reach.asked
        if not any(covers(post, role.key, place, None, roles_) for post in mine)
    }
    assert {gap.place for gap in reach.without} == expected
    meant = {place for at in held.values() for place in at} - {""}
    assert all(any(step in meant for step in steps(leaf)) for leaf in looking.leaves)


def test_all_of_a_city_are_named_as_one_and_many_are_counted() -> None:
    ground = a_ground({ROLE_BELOW.key: ["13/"]})
    asked = [f"13/04/{n:02}/" for n in range(1, 20)] + ["13/05/01/", "13/05/02/"]
    said = deadends.named(asked[:-1], asked, ground)
    assert said.zh == "13/04/全部19个、13/05/01/"
    many = [f"{n:02}/01/" for n in range(30)]
    assert deadends.named(many, many, ground).zh.endswith("等30个")


def test_where_anybody_may_start_the_places_are_where_the_chain_is_used(ground: World) -> None:
    text = desk(at="starter.region(city)").text().replace('value="fairs.organiser"', 'value="person"')
    given = {FILE: text.encode(), "forms/fairs/application.json": APPLICATION}
    with ground.session() as session:
        every = checking.findings(session, PROCESS, given, now=ground.now)
    assert [one.code for one in every if one.code == "dead_end"] == []
    (hint,) = [one for one in every if one.code == "dead_end_postless"]
    assert (hint.level, hint.element) == ("hint", "review")
    end(ground, "邻市")
    with ground.session() as session:
        every = checking.findings(session, PROCESS, given, now=ground.now)
    (said,) = [one.words.zh for one in every if one.code == "dead_end"]
    assert said.startswith("办理角色“市级管理员”：1/2 有人；无人：邢台市")
