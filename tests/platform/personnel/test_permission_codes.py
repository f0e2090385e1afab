"""Permission codes: unguessable, once, revocable, and worth no more than their issuer may give today (C-14)."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.audit.entities import AuditRow
from app.platform.identity import accounts, attempts, permission_codes, posts, roles, sessions
from app.platform.identity.entities import CodeBatch, PermissionCode
from app.platform.identity.messages import Refusal
from app.platform.identity.permission_codes import Issue
from tests.world import World

CITY, DISTRICT = "130000/130400/", "130000/130400/130402/"
REGIONAL = roles.REGIONAL.key
PASSWORD = "Granit-Weide-47"


@pytest.fixture
def keeper(world: World) -> World:
    """A regional administrator of the city, and two who come for a code."""
    person = world.enter("区域", REGIONAL, "130400")
    with world.session() as session:
        accounts.create(session, "quyu", "区域", None, world.now, PASSWORD, person=person, demo=True)
    for name in ("来者", "后来者"):
        world.enter(name)
    return world


def issued(world: World, count: int = 3, place: str = DISTRICT, days: int = 7, name: str = "区域") -> str:
    with world.session() as session:
        until = world.now + timedelta(days=days)
        return permission_codes.issue(
            session, Issue(REGIONAL, place, None, count, until), world.acting(name), world.now
        )


def codes(world: World, batch: str, name: str = "区域") -> list[str]:
    with world.session() as session:
        return [code for _, code in permission_codes.shown(session, batch, world.acting(name), world.now)]


def redeem(world: World, code: str, name: str = "来者", days: int = 0) -> str:
    with world.session() as session:
        now = world.now + timedelta(days=days)
        return permission_codes.redeem(session, code, world.acting(name), "10.0.0.1", now)


def refused(world: World, code: str, name: str = "来者", days: int = 0) -> str:
    with pytest.raises(Refusal) as no:
        redeem(world, code, name, days)
    assert no.value.message("zh") != no.value.message("en")
    return no.value.code


def first(session: Session, batch: str, *where: Any) -> str:
    """The first code of a batch, by its id; one that nobody has redeemed, unless something else is asked."""
    mine = select(PermissionCode.id).where(PermissionCode.batch_id == batch).order_by(PermissionCode.id)
    return session.scalar(mine.where(*(where or (PermissionCode.redeemed_at.is_(None),)))) or ""


def test_a_code_gives_its_post_once(keeper: World) -> None:
    code, *_ = codes(keeper, issued(keeper))
    assert len(code.replace("-", "")) == 20
    redeem(keeper, f"  {code.lower().replace('-', ' ')} ")
    with keeper.session() as session:
        (held,) = posts.of(session, keeper.people["来者"], keeper.now)
        assert (held.role, held.place) == (REGIONAL, DISTRICT)
        kept = session.execute(select(PermissionCode).where(PermissionCode.post_id == held.id)).scalar_one()
        assert kept.code is None
    assert refused(keeper, code, "后来者") == "code_unknown"


def test_only_the_issuer_reads_codes_and_nobody_redeems_his_own(keeper: World) -> None:
    batch = issued(keeper)
    keeper.enter("同级", REGIONAL, "130400")
    with keeper.session() as session, pytest.raises(Refusal):
        permission_codes.shown(session, batch, keeper.acting("同级"), keeper.now)
    assert refused(keeper, codes(keeper, batch)[0], "区域") == "code_own"


def test_what_is_revoked_or_over_is_worth_nothing(keeper: World) -> None:
    batch = issued(keeper)
    one, two, three = codes(keeper, batch)
    assert refused(keeper, one, days=8) == "code_unknown"
    with keeper.session() as session:
        assert (
            permission_codes.revoke(session, batch, keeper.acting("区域"), keeper.now, first(session, batch))
            == 1
        )
    assert refused(keeper, one) == "code_unknown"
    redeem(keeper, two)
    with keeper.session() as session:
        assert permission_codes.revoke(session, batch, keeper.acting("区域"), keeper.now) == 1
        assert posts.of(session, keeper.people["来者"], keeper.now)  # what is bound stays
    assert refused(keeper, three, "后来者") == "code_unknown"
    assert refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW") == "code_unknown"


def test_a_code_is_worth_what_its_issuer_may_give_today(keeper: World) -> None:
    code, *_ = codes(keeper, issued(keeper))
    with keeper.session() as session:
        (post,) = posts.of(session, keeper.people["区域"], keeper.now)
        posts.end(session, post.id, keeper.now, None)
    assert refused(keeper, code) == "issuer_void"


def test_nothing_is_issued_beyond_what_may_be_given(keeper: World) -> None:
    for place, role, count, wrong in (
        ("130000/130500/", REGIONAL, 3, "not_yours"),
        ("130000/", REGIONAL, 3, "not_yours"),
        ("", REGIONAL, 3, "not_yours"),
        (DISTRICT, roles.ADMINISTRATOR.key, 3, "not_yours"),
        (DISTRICT, "nobody", 3, "unknown_role"),
        (DISTRICT, REGIONAL, 0, "count_bad"),
        (DISTRICT, REGIONAL, permission_codes.LARGEST + 1, "count_bad"),
    ):
        asked = Issue(role, place, None, count, keeper.now + timedelta(days=1))
        with keeper.session() as session, pytest.raises(Refusal) as no:
            permission_codes.issue(session, asked, keeper.acting("区域"), keeper.now)
        assert no.value.code == wrong


def test_guessing_is_paused_like_guessing_passwords(keeper: World) -> None:
    for _ in range(5):
        assert refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW") == "code_unknown"
    assert refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW") == "paused_tries"
    code, *_ = codes(keeper, issued(keeper))
    redeem(keeper, code, "后来者")  # nobody else is paused


def test_wrong_codes_are_written_down_without_the_code_and_counted_apart_from_passwords(
    keeper: World,
) -> None:
    with keeper.session() as session:
        password = attempts.account_hash(keeper.people["来者"], "")
        for _ in range(attempts.FAILURES):
            attempts.admit(session, password, "10.0.0.1", None, keeper.now)
        assert isinstance(
            attempts.admit(session, password, "10.0.0.1", None, keeper.now), attempts.Pause
        )  # which pauses no codes
    assert refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW") == "code_unknown"
    assert refused(keeper, codes(keeper, issued(keeper))[0], "区域") == "code_own"
    with keeper.session() as session:
        rows = session.execute(
            select(AuditRow.by_id, AuditRow.key_id, AuditRow.body).where(AuditRow.kind == "codes.refused")
        ).all()
        bodies = audit.bodies(session, [(row.key_id, row.body) for row in rows])
    assert [(row.by_id, body) for row, body in zip(rows, bodies, strict=True)] == [
        (keeper.people["来者"], {"why": "code_unknown", "address": "10.0.0.1"}),
        (keeper.people["区域"], {"why": "code_own", "address": "10.0.0.1"}),
    ]
    for _ in range(attempts.FAILURES - 1):
        assert refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW") == "code_unknown"
    assert refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW") == "paused_tries"
    with keeper.session() as session:
        other = attempts.account_hash(keeper.people["区域"], "")
        for _ in range(attempts.FAILURES):
            refused(keeper, "ABCDE-FGHJK-MNPQR-STUVW", "区域")
        assert isinstance(attempts.admit(session, other, "10.0.0.1", None, keeper.now), attempts.Permit)


def extend(world: World, batch: str, days: int, name: str = "区域", after: int = 0) -> None:
    with world.session() as session:
        until, now = world.now + timedelta(days=days), world.now + timedelta(days=after)
        permission_codes.extend(session, batch, until, world.acting(name, now), now)


def test_a_batch_is_extended_by_its_issuer_while_he_may_give_its_post(keeper: World) -> None:
    batch = issued(keeper)
    one, two, _ = codes(keeper, batch)
    assert refused(keeper, one, days=8) == "code_unknown"
    extend(keeper, batch, 20, after=8)  # what has expired, too
    redeem(keeper, one, days=9)
    keeper.enter("同级", REGIONAL, "130400")
    for days, name, wrong in (
        (30, "同级", "unknown_batch"),
        (0, "区域", "dates_wrong"),
        (20, "区域", "until_shorter"),
    ):
        with pytest.raises(Refusal) as no:
            extend(keeper, batch, days, name)
        assert no.value.code == wrong
    with keeper.session() as session:
        (post,) = posts.of(session, keeper.people["区域"], keeper.now)
        posts.end(session, post.id, keeper.now, None)
    with pytest.raises(Refusal) as no:
        extend(keeper, batch, 30)
    assert no.value.code == "not_yours"
    assert refused(keeper, two, "后来者", days=21) == "code_unknown"


def test_a_batch_is_not_extended_beyond_its_post_nor_when_nothing_is_left(keeper: World) -> None:
    with keeper.session() as session:
        ends = keeper.now + timedelta(days=10)
        asked = Issue(REGIONAL, DISTRICT, None, 1, keeper.now + timedelta(days=5), ends)
        batch = permission_codes.issue(session, asked, keeper.acting("区域"), keeper.now)
    with pytest.raises(Refusal) as no:
        extend(keeper, batch, 11)
    assert (no.value.code, no.value.field) == ("until_beyond_post", "until")
    extend(keeper, batch, 10)
    redeem(keeper, *codes(keeper, batch))
    with pytest.raises(Refusal) as no:
        extend(keeper, batch, 11)
    assert no.value.code == "batch_over"
    other = issued(keeper)
    with keeper.session() as session:
        permission_codes.revoke(session, other, keeper.acting("区域"), keeper.now)
    with pytest.raises(Refusal) as no:
        extend(keeper, other, 30)
    assert no.value.code == "batch_over"


def test_a_code_of_another_batch_is_unknown_and_one_that_is_gone_says_so(keeper: World) -> None:
    batch, other = issued(keeper), issued(keeper)
    with keeper.session() as session:
        by, foreign, own = keeper.acting("区域"), first(session, other), first(session, batch)
        for code, wrong in ((foreign, "unknown_batch"), (own, ""), (own, "codes_gone")):
            with pytest.raises(Refusal) if wrong else nullcontext() as no:
                permission_codes.revoke(session, batch, by, keeper.now, code)
            assert (no.value.code if no else "") == wrong


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(("redeem", "revoke", "come")), max_size=8), late=st.booleans())
def test_the_funnel_always_sums_up(keeper: World, acts: list[str], late: bool) -> None:
    """Each code counts once, whatever became of it."""
    batch = issued(keeper, 4)
    left = codes(keeper, batch)
    for number, act in enumerate(acts):
        if act == "redeem" and left:
            name = f"人{number}{batch[-6:]}"
            keeper.enter(name)
            with suppress(Refusal):  # it has been revoked
                redeem(keeper, left.pop(), name)
            continue
        with keeper.session() as session:
            if act == "revoke" and (free := first(session, batch)):
                with suppress(Refusal):  # it was revoked before
                    permission_codes.revoke(session, batch, keeper.acting("区域"), keeper.now, free)
            taken = select(PermissionCode.redeemed_by_id).where(PermissionCode.batch_id == batch)
            who = session.scalar(taken.where(PermissionCode.redeemed_by_id.is_not(None)))
            if act == "come" and who:
                sessions.begin(session, who, "10.0.0.1", "", keeper.now)
    asked = permission_codes.counts(keeper.now + timedelta(days=30 if late else 0), CodeBatch.id == batch)
    with keeper.session() as session:
        told = permission_codes.sum_of(session.execute(asked).all())
    assert told.cap == 4
    assert told.active + told.bound + told.open + told.revoked + told.expired == 4
    assert told.open == 0 or not late
    assert told.expired == 0 or late


def test_who_comes_back_is_active(keeper: World) -> None:
    batch = issued(keeper, 2)
    redeem(keeper, codes(keeper, batch)[0])
    with keeper.session() as session:
        accounts.create(
            session,
            "laizhe",
            "来者",
            None,
            keeper.now,
            "Granit-Weide-47",
            person=keeper.people["来者"],
            demo=True,
        )
        asked = permission_codes.counts(keeper.now, CodeBatch.id == batch)
        (before,) = session.execute(asked).all()
        sessions.begin(session, keeper.people["来者"], "10.0.0.1", "", keeper.now)
        (after,) = session.execute(asked).all()
    assert (before.bound, before.active, before.open) == (1, 0, 1)
    assert (after.bound, after.active, after.open) == (0, 1, 1)
