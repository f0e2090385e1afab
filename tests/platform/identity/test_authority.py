"""What an administrator may give: never more than he holds, nor longer, nor elsewhere, by any route (C-11, C-14)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import authority, behalf, people, permission_codes, posts, roles
from app.platform.identity.authority import Wanted
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.identity.messages import MESSAGES, Refusal
from app.platform.identity.permission_codes import Issue
from app.platform.registry import Post, Principal, Role, Words, house

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PROVINCE, CITY = "130000/", "130000/130400/"
DISTRICT, SIBLING, ELSEWHERE = CITY + "130402/", CITY + "130403/", "110000/110101/"
REGIONAL, SECURITY = roles.REGIONAL.key, roles.SECURITY.key
JUDGE = Role("judge", Words("评委", "Judge"), "region", "project", "below")
CLERK = Role("clerk", Words("经办", "Clerk"), "region", given_by=frozenset({REGIONAL}))
CITIZEN = Role("citizen", Words("申请人", "Applicant"), chosen_by_oneself=True)
KEEPER = Role("keeper", Words("管岗", "Keeper"), "region", permissions=frozenset({roles.POSTS}))


@pytest.fixture(autouse=True)
def house_roles(lease, monkeypatch):
    extra = {role.key: role for role in (*roles.ROLES, JUDGE, CLERK, KEEPER, CITIZEN)}
    monkeypatch.setattr(house, "roles", {**house.roles, **extra})


@pytest.fixture
def places(tree):
    return tree


def someone(session, name="某某", **facts):
    person = people.add(session, {"name": name}, None, NOW)
    with transaction(session):
        session.add(
            Account(person_id=person, username=f"u{person[-12:]}".lower(), password_hash="x", password_at=NOW,
                    created_at=NOW, **facts)
        )  # fmt: skip
        session.flush()
    return person


def holding(session, *held, name="管理员"):
    """Somebody with these posts: (role, place, subject, until)."""
    person = someone(session, name)
    for role, place, *more in held:
        subject, until = (*more, None, None)[:2]
        posts.grant(session, person, role, place, subject, NOW, None, until_at=until)
    return person


def as_now(session, person, now=NOW):
    acting = behalf.acting(session, person, now)
    assert acting is not None
    return acting


def refused(code, act, *given, **more):
    with pytest.raises(Refusal) as found:
        act(*given, **more)
    assert found.value.code == code
    assert found.value.message("zh")
    assert found.value.message("en")
    return found.value


def test_the_regional_administrator_gives_below_his_place_and_nowhere_else(places):
    session, other = places, someone(places)
    by = as_now(session, holding(session, (REGIONAL, CITY)))
    assert authority.give(session, other, Wanted("clerk", DISTRICT), by, NOW)
    for place in (PROVINCE, ELSEWHERE, ""):
        refused("not_yours", authority.give, session, other, Wanted("clerk", place), by, NOW)
    refused("not_yours", authority.give, session, other, Wanted("judge", DISTRICT, "a"), by, NOW)
    refused("not_yours", authority.give, session, other, Wanted(SECURITY), by, NOW)


def test_each_refusal_has_its_words(places):
    session, other = places, someone(places)
    me = holding(session, (REGIONAL, CITY, None, NOW + 9 * DAY), ("judge", CITY, "a"))
    by = as_now(session, me)

    def give(code, wanted, person=other):
        return refused(code, authority.give, session, person, wanted, by, NOW)

    give("unknown_role", Wanted("nobody", CITY))
    give("unknown_person", Wanted("clerk", CITY), "0" * 26)
    give("own_post", Wanted("clerk", CITY), me)
    give("place_wrong", Wanted("clerk", "999999/"))
    give("place_wrong", Wanted(SECURITY, CITY))
    give("subject_needed", Wanted("judge", CITY))
    give("dates_wrong", Wanted("clerk", CITY, until_at=NOW))
    give("dates_wrong", Wanted("clerk", CITY, from_at=NOW + 3 * DAY, until_at=NOW + 2 * DAY))
    late = give("beyond_term", Wanted("clerk", CITY, until_at=NOW + 10 * DAY))
    assert late.parameters["until"] == "2026-05-15"
    give("beyond_term", Wanted("clerk", CITY))
    refused("unknown_post", authority.take, session, "0" * 26, by, NOW)
    refused("own_post", authority.take, session, by.posts[0].id, by, NOW)
    assert {"not_yours", "separation", "person_elsewhere", "person_higher"} <= set(MESSAGES)


def test_whoever_was_merged_into_another_gets_no_post(places):
    session, gone = places, someone(places)
    with transaction(session):
        session.execute(update(Person).where(Person.id == gone).values(merged_into_id=someone(session)))
    by = as_now(session, holding(session, (REGIONAL, CITY)))
    refused("unknown_person", authority.give, session, gone, Wanted("clerk", CITY), by, NOW)


def test_what_two_posts_allow_together_ends_with_the_first_of_them(places):
    """To hold a role for ever, and the right to give posts for a week, is to give the role for a week."""
    session, other = places, someone(places)
    by = as_now(session, holding(session, ("judge", CITY, "a"), (REGIONAL, CITY, None, NOW + 7 * DAY)))
    refused("beyond_term", authority.give, session, other, Wanted("judge", CITY, "a"), by, NOW)
    assert authority.give(session, other, Wanted("judge", CITY, "a", until_at=NOW + 7 * DAY), by, NOW)
    refused(
        "not_yours", authority.give, session, other, Wanted("judge", CITY, "b", until_at=NOW + DAY), by, NOW
    )
    refused(
        "not_yours", authority.give, session, other, Wanted("judge", CITY, "*", until_at=NOW + DAY), by, NOW
    )


def test_a_keeper_of_posts_who_reaches_here_gives_nothing_below(places):
    session, other = places, someone(places)
    by = as_now(session, holding(session, ("judge", CITY, "a"), ("keeper", CITY)))
    assert authority.give(session, other, Wanted("judge", CITY, "a"), by, NOW)
    refused("not_yours", authority.give, session, other, Wanted("judge", DISTRICT, "a"), by, NOW)


def test_a_short_post_before_one_to_come_does_not_bridge_what_nobody_may_give(places):
    """Equal posts are one: a day now and a year from autumn would be held without a break."""
    session, other = places, someone(places)
    autumn = NOW + 150 * DAY
    posts.grant(session, other, "clerk", CITY, None, NOW, None, from_at=autumn, until_at=autumn + 365 * DAY)
    by = as_now(session, holding(session, (REGIONAL, CITY, None, NOW + 30 * DAY)))
    wanted = Wanted("clerk", CITY, until_at=NOW + DAY)
    refused("beyond_term", authority.give, session, other, wanted, by, NOW)
    assert posts.of(session, other, NOW + 2 * DAY) == ()
    longer = as_now(session, holding(session, (REGIONAL, CITY)))
    assert authority.give(session, other, wanted, longer, NOW)


def test_a_post_does_not_begin_before_it_was_given(places):
    session, other = places, someone(places)
    by = as_now(session, holding(session, (REGIONAL, CITY)))
    authority.give(session, other, Wanted("clerk", CITY, from_at=NOW - 99 * DAY), by, NOW)
    assert posts.tenures(session, other)[0].from_at == NOW


def test_only_the_post_worked_under_counts_and_never_another_ones(places):
    session, other = places, someone(places)
    me = holding(session, (REGIONAL, CITY), ("clerk", DISTRICT))
    by = as_now(session, me)
    clerk = next(post for post in by.posts if post.role == "clerk")
    forged = Post(as_now(session, holding(session, (REGIONAL, PROVINCE))).posts[0].id, REGIONAL, PROVINCE)
    for post in (clerk, forged):
        under = replace(by, post=post)
        refused("not_yours", authority.give, session, other, Wanted("clerk", CITY), under, NOW)


def test_a_substitute_gives_nothing_in_the_stead_of_the_absent(places):
    session, other = places, someone(places)
    absent = as_now(session, holding(session, (REGIONAL, CITY)))
    stands_in = replace(
        as_now(session, someone(session)), substitutes_for=(Principal(absent.person, "缺席", absent.posts),)
    )
    refused("not_yours", authority.give, session, other, Wanted("clerk", CITY), stands_in, NOW)
    assert authority.why_not_manage(session, other, stands_in, NOW).code == "person_elsewhere"


@pytest.mark.parametrize("wait", [timedelta(0), DAY])
def test_with_the_term_all_of_it_ends_at_the_next_verb(places, wait):
    """Who still stands in the door with what he held is asked again."""
    session, other = places, someone(places)
    end = NOW + DAY
    chief = as_now(session, holding(session, (REGIONAL, PROVINCE)))
    me = holding(session, (REGIONAL, CITY, None, end))
    by = as_now(session, me)
    held = authority.give(session, other, Wanted("clerk", CITY, until_at=end), by, NOW)
    assert authority.why_not_manage(session, other, by, NOW) is None
    at = end + wait
    if not wait:
        at = NOW + timedelta(hours=1)
        authority.take(session, by.posts[0].id, chief, at)
    refused("not_yours", authority.give, session, other, Wanted("clerk", CITY, until_at=at + DAY), by, at)
    refused("not_yours", authority.take, session, held, by, at)
    assert authority.why_not_manage(session, other, by, at).code == "person_elsewhere"
    issue = Issue("clerk", CITY, None, 1, at + DAY, at + timedelta(hours=1))
    refused("not_yours", permission_codes.issue, session, issue, by, at)
    assert authority.givable(session, by, at) == ()


def test_a_post_whose_role_is_gone_is_ended_by_the_security_administrator_alone(places, monkeypatch):
    session = places
    other = holding(session, ("clerk", CITY))
    post = as_now(session, other).posts[0].id
    peer = as_now(session, holding(session, ("clerk", CITY), (REGIONAL, CITY)))
    security = as_now(session, holding(session, (SECURITY, "")))
    monkeypatch.delitem(house.roles, "clerk")
    refused("not_yours", authority.take, session, post, peer, NOW)
    authority.take(session, post, security, NOW)
    assert posts.of(session, other, NOW) == ()


def test_who_registered_himself_is_not_taken_over_by_who_gave_him_his_posts(places):
    session = places
    citizen = someone(session, "公民", registered_through="permits")
    by = as_now(session, holding(session, (REGIONAL, CITY)))
    authority.give(session, citizen, Wanted("clerk", DISTRICT), by, NOW)
    assert not authority.could_give_all(session, citizen, by, NOW)
    posts.grant(session, citizen, "clerk", SIBLING, None, NOW, None)  # known to others, too
    assert authority.could_give_all(session, citizen, by, NOW)
    colleague = someone(session)
    authority.give(session, colleague, Wanted("clerk", DISTRICT), by, NOW)
    assert authority.could_give_all(session, colleague, by, NOW)


def test_an_identity_one_chose_oneself_lies_in_nobodys_area(places):
    """Who holds one besides his post in the city is the city's; a citizen is nobody's, nor by a post given to him."""
    session = places
    by = as_now(session, holding(session, (REGIONAL, CITY)))
    official = someone(session)
    posts.grant(session, official, "citizen", "", None, NOW, official)
    posts.grant(session, official, "clerk", DISTRICT, None, NOW, None)
    assert authority.why_not_manage(session, official, by, NOW) is None
    posts.grant(session, official, "clerk", ELSEWHERE, None, NOW, None)
    assert authority.why_not_manage(session, official, by, NOW).code == "person_elsewhere"
    citizen = someone(session, registered_through="permits")
    posts.grant(session, citizen, "citizen", "", None, NOW, citizen)
    assert authority.why_not_manage(session, citizen, by, NOW).code == "person_elsewhere"
    authority.give(session, citizen, Wanted("clerk", DISTRICT), by, NOW)
    assert authority.why_not_manage(session, citizen, by, NOW).code == "person_elsewhere"


SIDES = [roles.SYSTEM.key, roles.SECURITY.key, roles.AUDIT.key]


@pytest.mark.parametrize("held", SIDES)
@pytest.mark.parametrize("wanted", SIDES)
@pytest.mark.parametrize("route", ["give", "code", "later"])
def test_nobody_is_on_two_sides_by_any_route(places, held, wanted, route):
    """System, security and audit administrator are never one person (三员分立)."""
    if held == wanted:
        return
    session = places
    chief = as_now(session, holding(session, (SECURITY, "")))
    other = someone(session)
    begins = NOW + 30 * DAY if route == "later" else NOW
    posts.grant(session, other, held, "", None, NOW, None, from_at=begins)
    if route == "code":
        batch = permission_codes.issue(session, Issue(wanted, "", None, 1, NOW + DAY), chief, NOW)
        ((_, code),) = permission_codes.shown(session, batch, chief, NOW)
        by = as_now(session, other)
        refused("separation", permission_codes.redeem, session, code, by, "192.0.2.1", NOW)
    else:
        refused("separation", authority.give, session, other, Wanted(wanted), chief, NOW)
    assert {row.post.role for row in posts.tenures(session, other)} == {held}


def codes_of(session, by, count=1, place=DISTRICT, until=None):
    batch = permission_codes.issue(session, Issue("clerk", place, None, count, NOW + 5 * DAY, until), by, NOW)
    return [code for _, code in permission_codes.shown(session, batch, by, NOW)]


def test_a_code_gives_what_its_issuer_may_still_give_and_not_to_himself(places):
    session = places
    chief = as_now(session, holding(session, (REGIONAL, PROVINCE)))
    me = holding(session, (REGIONAL, CITY))
    by = as_now(session, me)
    first, second = codes_of(session, by, 2)
    refused("code_own", permission_codes.redeem, session, first, by, "192.0.2.1", NOW)
    comer = as_now(session, someone(session))
    assert permission_codes.redeem(session, first.lower(), comer, "192.0.2.1", NOW)
    authority.take(session, by.posts[0].id, chief, NOW)
    late = as_now(session, someone(session))
    refused("issuer_void", permission_codes.redeem, session, second, late, "192.0.2.2", NOW)
    assert posts.of(session, late.person, NOW) == ()


def test_two_who_redeem_one_code_at_once_one_gets_it(engine, places):
    session = places
    by = as_now(session, holding(session, (REGIONAL, CITY)))
    (code,) = codes_of(session, by)
    comers = [as_now(session, someone(session)) for _ in range(4)]
    session.rollback()
    gate = Barrier(len(comers))

    def try_it(comer):
        with Session(engine) as own:
            gate.wait()
            try:
                return permission_codes.redeem(own, code, comer, "192.0.2.9", NOW)
            except Refusal as refusal:
                return refusal

    with ThreadPoolExecutor(len(comers)) as pool:
        told = list(pool.map(try_it, comers))
    assert sum(isinstance(one, str) for one in told) == 1
    assert {one.code for one in told if isinstance(one, Refusal)} == {"code_unknown"}
    assert sum(bool(posts.of(session, comer.person, NOW)) for comer in comers) == 1


def at_the_same_moment(engine, *acts):
    """Let each (verb, what it is given) run on a session of its own, all at once: what it returned, or its refusal."""
    gate = Barrier(len(acts))

    def run(act):
        verb, *given = act
        with Session(engine) as own:
            gate.wait()
            try:
                return verb(own, *given)
            except Refusal as refusal:
                return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        found = list(pool.map(run, acts))
    for one in found:
        assert not isinstance(one, Refusal) or "{" not in one.message("zh") + one.message("en")
    return found


give_anew = partial(authority.give, anew=True)


def test_of_two_who_end_or_give_one_post_at_once_one_does_and_the_other_reads_who(engine, places):
    session = places
    for _ in range(5):
        two = [as_now(session, holding(session, (REGIONAL, PROVINCE), name=name)) for name in ("甲", "乙")]
        other = someone(session)
        session.rollback()
        given = at_the_same_moment(
            engine, *((give_anew, other, Wanted("clerk", CITY), by, NOW) for by in two)
        )
        (post,) = (one for one in given if isinstance(one, str))
        (late,) = (one for one in given if isinstance(one, Refusal))
        winner = "甲" if given[0] == post else "乙"
        assert (late.code, late.parameters["name"].zh) == ("post_held", winner)
        assert len(posts.of(session, other, NOW)) == 1
        session.rollback()
        ended = at_the_same_moment(engine, *((authority.take, post, by, NOW) for by in two))
        (late,) = (one for one in ended if one is not None)
        winner = "甲" if ended[0] is None else "乙"
        assert (late.code, late.parameters["name"].zh) == ("post_ended", winner)
        assert posts.of(session, other, NOW) == ()
        session.rollback()


def test_one_post_that_is_given_and_ended_at_once_is_there_or_not_as_the_last_says(engine, places):
    session = places
    for _ in range(5):
        one, two = (as_now(session, holding(session, (REGIONAL, PROVINCE))) for _ in range(2))
        other = someone(session)
        post = authority.give(session, other, Wanted("clerk", CITY), one, NOW)
        session.rollback()
        given, ended = at_the_same_moment(
            engine, (give_anew, other, Wanted("clerk", CITY), one, NOW), (authority.take, post, two, NOW)
        )
        assert ended is None
        is_new = isinstance(given, str)
        assert is_new or given.code == "post_held"
        assert bool(posts.of(session, other, NOW)) == is_new
        session.rollback()


def test_a_code_that_is_revoked_and_redeemed_at_once_is_one_of_both(engine, places):
    session = places
    for _ in range(5):
        by = as_now(session, holding(session, (REGIONAL, CITY)))
        batch = permission_codes.issue(session, Issue("clerk", DISTRICT, None, 1, NOW + DAY), by, NOW)
        ((_, code),) = permission_codes.shown(session, batch, by, NOW)
        comer = as_now(session, someone(session))
        session.rollback()
        took, gone = at_the_same_moment(
            engine,
            (permission_codes.redeem, code, comer, "192.0.2.9", NOW),
            (permission_codes.revoke, batch, by, NOW),
        )
        is_taken = isinstance(took, str)
        assert is_taken == bool(posts.of(session, comer.person, NOW))
        assert (gone.code == "codes_gone") if is_taken else ((gone, took.code) == (1, "code_unknown"))
        session.rollback()


def test_what_is_given_while_the_right_to_it_ends_is_given_before_or_not_at_all(engine, places):
    session = places
    for _ in range(5):
        me = holding(session, (REGIONAL, CITY))
        by, others = as_now(session, me), [someone(session) for _ in range(3)]
        session.rollback()
        gate = Barrier(4)

        def give(other, by=by, gate=gate):
            with Session(engine) as own:
                gate.wait()
                try:
                    return authority.give(own, other, Wanted("clerk", CITY), by, NOW)
                except Refusal as refusal:
                    return refusal.code

        def end(by=by, gate=gate):
            with Session(engine) as own:
                gate.wait()
                posts.end(own, by.posts[0].id, NOW, None)

        with ThreadPoolExecutor(4) as pool:
            ended = pool.submit(end)
            told = list(pool.map(give, others))
            ended.result()
        for other, answer in zip(others, told, strict=True):
            assert bool(posts.of(session, other, NOW)) == (answer != "not_yours")
        session.rollback()
        refused("not_yours", authority.give, session, others[0], Wanted("clerk", DISTRICT), by, NOW)


PLACES = [PROVINCE, CITY, DISTRICT, SIBLING, ELSEWHERE, ""]
GIVEN = ["clerk", "judge", REGIONAL, SECURITY, "keeper"]
days = st.one_of(st.none(), st.integers(-3, 40))
steps = st.lists(
    st.tuples(
        st.sampled_from(["give", "code", "take", "chain"]),
        st.sampled_from(GIVEN),
        st.sampled_from(PLACES),
        st.sampled_from([None, "a", "b", "*"]),
        days,
        days,
        st.integers(0, 25),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=10,
)
some_terms = st.lists(
    st.tuples(
        st.sampled_from(["judge", REGIONAL, "keeper"]), st.sampled_from(PLACES[:4]), st.integers(1, 30)
    ),
    min_size=1,
    max_size=3,
)


@given(some_terms, steps)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_sequence_yields_more_than_the_first_administrator_held(places, terms, acts):
    """By giving, codes, ending, and through those he has raised himself: role, place, subject and term stay within."""
    session = places
    me = someone(session, "甲")
    best: dict[str, list[tuple[str, datetime]]] = {}
    for role, place, until in terms:
        subject = "a" if role == "judge" else None
        posts.grant(session, me, role, place, subject, NOW, None, until_at=NOW + until * DAY)
    for row in session.execute(select(HeldPost.__table__).where(HeldPost.person_id == me)):
        best.setdefault(row.role, []).append((row.place, row.until_at))
    crowd = [someone(session, f"乙{n}") for n in range(3)]
    made: set[str] = set()
    moment = NOW
    for verb, role, place, subject, begins, ends, wait, who in acts:
        moment += timedelta(hours=wait)
        actor = crowd[who - 1] if verb == "chain" and who else me
        by = as_now(session, actor, moment)
        dates = {
            "from_at": None if begins is None else moment + begins * DAY,
            "until_at": None if ends is None else moment + ends * DAY,
        }
        to = crowd[who % 3]
        try:
            if verb == "code":
                issue = Issue(role, place, subject, 1, moment + DAY, dates["until_at"])
                batch = permission_codes.issue(session, issue, by, moment)
                ((_, code),) = permission_codes.shown(session, batch, by, moment)
                permission_codes.redeem(session, code, as_now(session, to, moment), f"10.0.0.{who}", moment)
            elif verb == "take" and made:
                authority.take(session, sorted(made)[who % len(made)], by, moment)
            else:
                made.add(authority.give(session, to, Wanted(role, place, subject, **dates), by, moment))
        except Refusal:
            session.rollback()
    for row in session.execute(select(HeldPost.__table__).where(HeldPost.person_id.in_(crowd))):
        assert row.role in ("clerk", "judge", REGIONAL, "keeper"), row
        roots = best.get(REGIONAL, []) + best.get(row.role, [])
        assert row.place, row
        within = [until for place, until in roots if row.place.startswith(place)]
        assert within, (row, roots)
        assert row.until_at is not None, row
        assert row.until_at <= max(within), (row, roots)
        if row.role == "judge":
            assert row.subject == "a", row
            assert any(row.place.startswith(place) for place, _ in best["judge"])
        if row.role == "clerk":
            assert any(row.place.startswith(place) for place, _ in best[REGIONAL])
    last = NOW + 60 * DAY
    for person in (me, *crowd):
        by = as_now(session, person, last)
        assert authority.givable(session, by, last) == ()
        assert by.posts == ()
