"""Codes are counted in the database, whoever counts them and from wherever they are asked (C-03)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import attempts, one_time_codes
from app.platform.identity.entities import OneTimeCode
from app.platform.identity.messages import Refusal
from app.platform.identity.one_time_codes import LIFETIME, PER_ADDRESS, PER_NETWORK, TRIES, Asked
from tests.platform.identity.conftest import NOW

STRANGER, HOME = Asked("192.0.2.1", "other"), Asked("192.0.2.2", "mine")
LATER = timedelta(seconds=61)


def issue(session: Session, person: str | None, asked: Asked, now=NOW, to: str = "13800138000", **more):
    with transaction(session):
        hashed = one_time_codes.to_hash("login", to)
        return one_time_codes.issue(session, "login", hashed, person, asked, now, **more)


def said(session: Session, *given, **more) -> str:
    with pytest.raises(Refusal) as refused:
        issue(session, *given, **more)
    return refused.value.code


def test_strangers_use_up_their_ten_and_the_owner_still_has_his(session, person):
    with transaction(session):
        attempts.came_in(
            session, attempts.account_hash(person, ""), HOME.address, HOME.device, NOW - timedelta(days=80)
        )
    now = NOW
    for _ in range(PER_ADDRESS):
        assert issue(session, person, STRANGER, now).gets
        now += LATER
    assert said(session, person, STRANGER, now) == "code_day"
    assert said(session, person, Asked("192.0.2.77"), now) == "code_day"
    assert issue(session, person, HOME, now).gets
    assert issue(session, person, Asked("192.0.2.9", "mine"), now + LATER).gets
    assert issue(session, person, Asked(HOME.address), now + 2 * LATER).gets


def test_a_network_has_a_hundred_a_day_for_whatever_it_names(session):
    for number in range(PER_NETWORK):
        issue(session, None, STRANGER, to=f"1390000{number:04}")
    assert said(session, None, STRANGER, to="13900009999") == "code_day"
    issue(session, None, HOME, to="13900009999")


def test_a_network_of_ipv6_is_its_64(session):
    for number in range(PER_NETWORK):
        issue(session, None, Asked(f"2001:db8::{number:x}"), to=f"1390000{number:04}")
    assert said(session, None, Asked("2001:db8::ffff"), to="13900009999") == "code_day"


def test_nobodys_code_is_never_right(session):
    issued = issue(session, None, STRANGER)
    assert not issued.gets
    with pytest.raises(Refusal, match="code_wrong"):
        one_time_codes.check(session, "login", issued.id, issued.code, NOW)


def test_a_code_of_one_purpose_serves_no_other(session, person):
    issued = issue(session, person, STRANGER)
    with pytest.raises(Refusal, match="code_void"):
        one_time_codes.check(session, "reset", issued.id, issued.code, NOW)


def test_full_width_digits_and_spaces_are_digits(session, person):
    issued = issue(session, person, STRANGER)
    wide = " ".join(chr(ord(digit) + 0xFEE0) for digit in issued.code)
    assert one_time_codes.check(session, "login", issued.id, wide, NOW).person == person


def test_a_right_code_is_used_once(session, person):
    issued = issue(session, person, STRANGER)
    proved = one_time_codes.check(session, "login", issued.id, issued.code, NOW)
    one_time_codes.use(session, proved, NOW)
    for again in (
        lambda: one_time_codes.use(session, proved, NOW),
        lambda: one_time_codes.check(session, "login", issued.id, issued.code, NOW),
    ):
        with pytest.raises(Refusal, match="code_void"):
            again()


def test_a_ticket_is_shown_and_used_once_within_ten_minutes(session, person):
    issued = issue(session, person, STRANGER)
    proved = one_time_codes.check(session, "login", issued.id, issued.code, NOW)
    with transaction(session):
        ticket = one_time_codes.ticket(session, proved, NOW)
    assert one_time_codes.shown(session, ticket, NOW).person == person
    for value, now in ((ticket + "x", NOW), ("", NOW), (ticket, NOW + timedelta(minutes=10))):
        with pytest.raises(Refusal, match="ticket_void"):
            one_time_codes.shown(session, value, now)
    one_time_codes.use(session, one_time_codes.shown(session, ticket, NOW), NOW)
    with pytest.raises(Refusal, match="ticket_void"):
        one_time_codes.shown(session, ticket, NOW)


def test_at_the_same_time_five_tries_are_checked_and_one_code_is_sent(engine, person):
    """T13: as many at once as the pool has connections."""

    def ask(number: int) -> str:
        with Session(engine) as session:
            try:
                return issue(session, person, Asked(f"198.51.100.{number}")).id
            except Refusal as refusal:
                return refusal.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24)))
    assert answers.count("code_soon") == 23
    (code,) = set(answers) - {"code_soon"}

    def guess(_: int) -> str:
        with Session(engine) as session, pytest.raises(Refusal) as refused:
            one_time_codes.check(session, "login", code, "x", NOW)
        return refused.value.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(40)))
    assert answers.count("code_wrong") == TRIES - 1  # the fifth voids it
    with Session(engine) as session:
        assert session.scalar(select(OneTimeCode.tries)) == TRIES


def test_old_codes_are_swept_when_no_count_asks_for_them(session, person):
    issue(session, person, STRANGER)
    one_time_codes.sweep(session, NOW + timedelta(hours=24))
    assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 1
    one_time_codes.sweep(session, NOW + LIFETIME + timedelta(hours=24))
    assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 0
