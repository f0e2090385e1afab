from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, create_engine, select

from app.platform import audit
from app.platform.identity import accounts, choosing, people, posts
from app.platform.identity.eligibility import TaskColumns, covers, eligible_clause
from app.platform.identity.messages import Refusal
from app.platform.registry import Acting, Post, Role, Words

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
CITY, DISTRICT = "130000/130400/", "130000/130400/130402/"


def held(session, person, role="permits_district", place=DISTRICT, subject="robots", **dates):
    return posts.grant(session, person, role, place, subject, NOW, None, **dates)


def test_a_granted_post_is_held(session, person):
    post = held(session, person)
    assert posts.of(session, person, NOW) == (Post(post, "permits_district", DISTRICT, "robots"),)
    assert audit.read(session, f"person:{person}")[-1].body["role"] == "permits_district"


def test_granting_twice_is_granting_once(session, person):
    assert held(session, person) == held(session, person)
    assert len(posts.of(session, person, NOW)) == 1
    assert held(session, person, subject="chess") != held(session, person)


def test_an_ended_post_is_no_longer_held_and_can_be_granted_again(session, person):
    post = held(session, person)
    posts.end(session, post, NOW, None)
    posts.end(session, post, NOW + timedelta(days=1), None)
    assert posts.of(session, person, NOW) == ()
    assert held(session, person) != post
    assert [tenure.ended_at for tenure in posts.tenures(session, person)] == [NOW, None]


def test_a_post_is_held_from_its_first_to_before_its_last_moment(session, person):
    until = NOW + timedelta(days=2)
    post = held(session, person, from_at=NOW + timedelta(days=1), until_at=until)
    assert posts.of(session, person, NOW) == ()
    assert posts.of(session, person, NOW + timedelta(days=1)) != ()
    assert posts.of(session, person, until) == ()
    again = posts.grant(session, person, "permits_district", DISTRICT, "robots", until, None)
    assert again != post
    assert len(posts.of(session, person, until)) == 1


def test_granting_again_for_longer_lengthens_the_post(session, person):
    month, year = NOW + timedelta(days=30), NOW + timedelta(days=365)
    post = held(session, person, until_at=month)
    assert held(session, person, until_at=year) == post
    assert held(session, person, until_at=month) == post
    assert posts.tenures(session, person)[0].until_at == year
    assert held(session, person) == post
    assert posts.tenures(session, person)[0].until_at is None
    kinds = [entry.kind for entry in audit.read(session, f"person:{person}")]
    assert kinds.count("post.widened") == 2


@pytest.mark.parametrize(("role", "who", "code"), [("nobody", None, "role"), ("permits_city", "x", "person")])
def test_an_unknown_role_or_person_is_refused(session, person, role, who, code):
    with pytest.raises(Refusal, match=f"unknown_{code}"):
        posts.grant(session, who or person, role, "", None, NOW, None)
    with pytest.raises(Refusal, match="unknown_post"):
        posts.end(session, "x", NOW, None)


def test_holders_honour_reach_and_subject(session, person):
    other = people.add(session, {"name": "王芳"}, None, NOW)
    held(session, person)
    held(session, other, subject=None)
    posts.grant(session, other, "permits_city", CITY, None, NOW, None)

    def names(role, place, subject):
        return [name for _, name in posts.holders(session, role, place, subject, NOW)]

    assert names("permits_district", DISTRICT, "robots") == ["兰花", "王芳"]
    assert names("permits_district", DISTRICT, "chess") == ["王芳"]
    assert names("permits_district", CITY, "robots") == []
    assert names("permits_city", DISTRICT, "whatever") == ["王芳"]
    assert names("permits_city", "130000/", None) == []
    assert names("undeclared", DISTRICT, None) == []


def test_whose_account_is_disabled_is_no_holder_c08(session, person):
    """Else a matter would wait for somebody who cannot come in."""
    held(session, person)

    def holders():
        return [who for who, _ in posts.holders(session, "permits_district", DISTRICT, "robots", NOW)]

    assert holders() == [person]
    accounts.disable(session, person, None, NOW)
    assert holders() == []
    accounts.enable(session, person, None, NOW)
    assert holders() == [person]


ROLES = {
    role.key: role
    for role in (
        Role("here", Words("", ""), "region"),
        Role("here_for", Words("", ""), "region", "project"),
        Role("below", Words("", ""), "region", None, "below"),
        Role("below_for", Words("", ""), "region", "project", "below"),
    )
}
PLACES = ["", "13/", "13/04/", "13/04/02/", "13/04/03/", "13/05/", "14/"]
some_posts = st.lists(
    st.builds(
        Post,
        st.just("p"),
        st.sampled_from([*ROLES, "undeclared"]),
        st.sampled_from(PLACES),
        st.sampled_from(["*", "a", "b"]),
    ),
    max_size=8,
)
TASKS = [(role, place, subject) for role in ROLES for place in PLACES for subject in (None, "a", "b")]
task = Table("task", MetaData(), Column("role", String), Column("place", String), Column("subject", String))


@pytest.fixture(scope="module")
def tasks():
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        task.create(connection)
        connection.execute(
            task.insert(), [dict(zip(("role", "place", "subject"), row, strict=True)) for row in TASKS]
        )
        yield connection
    engine.dispose()


@given(some_posts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_clause_finds_exactly_the_tasks_that_the_posts_cover(tasks, mine):
    clause = eligible_clause(mine, TaskColumns(task.c.role, task.c.place, task.c.subject), ROLES)
    found = {tuple(row) for row in tasks.execute(select(task).where(clause))}
    assert found == {row for row in TASKS if any(covers(post, *row, ROLES) for post in mine)}


def test_no_posts_find_no_tasks(tasks):
    clause = eligible_clause((), TaskColumns(task.c.role, task.c.place, task.c.subject), ROLES)
    assert tasks.execute(select(task).where(clause)).all() == []


def test_permission_for_one_project_shows_nothing_of_another_p20():
    post = Post("p", "permits_district", DISTRICT, "robots")
    assert covers(post, "permits_district", DISTRICT, "robots")
    assert not covers(post, "permits_district", DISTRICT, "chess")
    assert not covers(post, "permits_district", CITY, "robots")


def acting(session, person):
    return Acting(person, "兰花", "lan", posts.of(session, person, NOW))


def test_an_identity_is_chosen_once_p02(session, person):
    by = acting(session, person)
    assert choosing.chosen(by, "permits") is None
    post = choosing.choose(session, by, "permits", "permits_organiser", NOW)
    by = acting(session, person)
    assert choosing.chosen(by, "permits").key == "permits_organiser"
    assert choosing.choose(session, by, "permits", "permits_organiser", NOW) == post
    with pytest.raises(Refusal, match="identity_fixed"):
        choosing.choose(session, by, "permits", "permits_teacher", NOW)


def test_an_identity_may_change_while_the_system_says_so_p05(session, person):
    by = acting(session, person)
    choosing.choose(session, by, "permits", "permits_organiser", NOW)
    choosing.choose(session, by, "permits", "permits_teacher", NOW, settled=False)
    assert [post.role for post in posts.of(session, person, NOW)] == ["permits_teacher"]
    choosing.change(session, person, "permits", "permits_organiser", "the city", NOW)
    assert [post.role for post in posts.of(session, person, NOW)] == ["permits_organiser"]


def test_only_offered_roles_can_be_chosen(session, person):
    by = acting(session, person)
    for system, role in [("permits", "permits_city"), ("exams", "permits_organiser"), ("none", "x")]:
        with pytest.raises(Refusal, match="identity_not_open"):
            choosing.choose(session, by, system, role, NOW)
