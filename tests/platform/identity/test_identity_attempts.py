import threading
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.platform.identity import accounts, attempts, captcha, passwords
from app.platform.identity.entities import Attempt
from app.platform.identity.messages import Refusal

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
GOOD = "Qingshi-7wen-Shu"
MINUTE = timedelta(minutes=1)
HOME, AWAY = "10.0.0.1", "203.0.113.9"


def sign_in(session, password=GOOD, now=NOW, address=AWAY, device=None, login="lan"):
    """What a try came to: `in`, or the code of the refusal."""
    answer = captcha.Answer(captcha.new(session, now, "ABCD").nonce, "ABCD")
    try:
        accounts.sign_in(session, login, password, answer, address, device, now)
    except Refusal as refusal:
        return refusal.code
    return "in"


def fail(session, times, **given):
    return [sign_in(session, "wrong", **given) for _ in range(times)]


def test_five_failures_pause_the_pair_for_a_quarter_of_an_hour_c09(session, person):
    assert fail(session, 6) == ["wrong_login"] * 5 + ["paused"]
    assert sign_in(session, now=NOW + 14 * MINUTE) == "paused"
    assert sign_in(session, now=NOW + 15 * MINUTE) == "in"


def test_the_pause_says_how_long_it_lasts(session, person):
    fail(session, 5)
    answer = captcha.Answer(captcha.new(session, NOW, "ABCD").nonce, "ABCD")
    with pytest.raises(Refusal) as caught:
        accounts.sign_in(session, "lan", GOOD, answer, AWAY, None, NOW + timedelta(seconds=30))
    assert caught.value.message("zh") == "登录失败次数过多，请15分钟后再试"


def test_another_address_and_another_account_go_on_c09(session, person):
    fail(session, 5)
    assert sign_in(session, address=HOME) == "in"
    assert sign_in(session, login="somebody else") == "wrong_login"


def test_a_success_wipes_the_failures_out(session, person):
    fail(session, 4)
    assert sign_in(session, now=NOW + MINUTE) == "in"
    assert fail(session, 5, now=NOW + 2 * MINUTE) == ["wrong_login"] * 5
    assert sign_in(session, now=NOW + 2 * MINUTE) == "paused"


def test_failures_that_lie_far_apart_pause_nothing(session, person):
    found = [sign_in(session, "wrong", now=NOW + number * 4 * MINUTE) for number in range(12)]
    assert found == ["wrong_login"] * 12


def test_failures_before_a_pause_do_not_count_again_after_it(session, person):
    fail(session, 4)
    fail(session, 1, now=NOW + 14 * MINUTE)
    assert sign_in(session, now=NOW + 28 * MINUTE) == "paused"
    assert fail(session, 5, now=NOW + 29 * MINUTE) == ["wrong_login"] * 5
    assert sign_in(session, now=NOW + 29 * MINUTE) == "paused"


def test_tries_during_a_pause_do_not_lengthen_it(session, person):
    fail(session, 5)
    for number in range(14):
        assert sign_in(session, "wrong", now=NOW + number * MINUTE) == "paused"
    assert sign_in(session, now=NOW + 15 * MINUTE) == "in"


def test_twenty_tries_over_all_addresses_are_checked_c09(session, person):
    found = [sign_in(session, "wrong", address=f"198.51.100.{number}") for number in range(200)]
    assert found == ["wrong_login"] * 20 + ["paused"] * 180
    assert sign_in(session, address="192.0.2.1") == "paused"
    assert sign_in(session, address="192.0.2.1", now=NOW + 15 * MINUTE) == "in"


def test_the_owner_is_not_locked_out_by_strangers_c09(session, person):
    assert sign_in(session, address=HOME) == "in"
    assert sign_in(session, address=AWAY, device="my browser") == "in"
    later = NOW + timedelta(days=1)
    for number in range(40):
        sign_in(session, "wrong", address=f"198.51.100.{number}", now=later)
    assert sign_in(session, address="192.0.2.1", now=later) == "paused"
    assert sign_in(session, address=HOME, now=later) == "in"
    assert sign_in(session, address="192.0.2.1", device="my browser", now=later) == "in"


def test_a_stranger_at_the_owners_address_does_not_lock_the_owners_device(session, person):
    assert sign_in(session, address=HOME, device="my browser") == "in"
    later = NOW + timedelta(days=1)
    assert fail(session, 6, address=HOME, now=later)[-1] == "paused"
    assert sign_in(session, address=HOME, device="my browser", now=later) == "in"


def test_a_known_device_has_its_own_five_c09(session, person):
    assert sign_in(session, device="my browser") == "in"
    later = NOW + timedelta(days=1)
    found = [
        sign_in(session, "wrong", device="my browser", address=f"198.51.100.{number}", now=later)
        for number in range(6)
    ]
    assert found == ["wrong_login"] * 5 + ["paused"]


def test_an_address_is_forgotten_after_ninety_days_c09(session, person):
    assert sign_in(session, address=HOME) == "in"
    later = NOW + timedelta(days=90)
    for number in range(20):
        sign_in(session, "wrong", address=f"198.51.100.{number}", now=later)
    assert sign_in(session, address=HOME, now=later) == "paused"
    attempts.sweep(session, later)
    assert session.scalar(select(func.count()).select_from(Attempt)) == 20


def test_name_and_phone_are_one_account(session, person):
    fail(session, 3)
    assert fail(session, 3, login="138 0013 8000") == ["wrong_login", "wrong_login", "paused"]


def test_an_unknown_account_pauses_like_a_known_one(session):
    assert fail(session, 6, login="nobody") == ["wrong_login"] * 5 + ["paused"]


def test_neighbours_in_one_ipv6_network_are_one_address():
    assert (
        attempts.network("2001:db8:1:2::1") == attempts.network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    )
    assert attempts.network("2001:db8:1:3::1") != attempts.network("2001:db8:1:2::1")
    assert attempts.network("::ffff:10.0.0.1") == "10.0.0.1"
    assert attempts.network("10.0.0.1") == "10.0.0.1"
    assert attempts.network("unknown") == "unknown"


def test_the_count_outlives_the_process(engine, session, person):
    fail(session, 5)
    with Session(engine) as another:
        assert sign_in(another) == "paused"


def test_four_at_once_get_five_tries_together_t13(engine, session, person):
    found, gate = [], threading.Barrier(4)

    def work():
        with Session(engine) as mine:
            gate.wait()
            found.extend(fail(mine, 5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["paused"] * 15 + ["wrong_login"] * 5


def test_a_try_is_counted_before_the_password_is_looked_at(session, person, monkeypatch):
    counts = []

    def look(kept, password):
        session.rollback()
        counts.append(session.scalar(select(func.count()).select_from(Attempt)))
        raise MemoryError

    monkeypatch.setattr(passwords, "matches", look)
    for _ in range(5):
        with pytest.raises(MemoryError):
            sign_in(session)
    assert counts == [1, 2, 3, 4, 5]
    assert sign_in(session) == "paused"


def test_no_password_is_looked_at_during_a_pause(session, person, monkeypatch):
    fail(session, 5)
    monkeypatch.setattr(passwords, "matches", lambda *_: pytest.fail("looked"))
    assert sign_in(session) == "paused"


def test_an_unknown_account_takes_the_way_of_a_known_one_t14(session, person, monkeypatch):
    """The same statements in the same order, and one Argon2 check each."""
    ways, checks = [], []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: checks.append(1) or verify(*given))

    def note(_connection, _cursor, statement, *_rest):
        ways[-1].append(statement)

    fail(session, 1, login="warm up")
    checks.clear()
    event.listen(session.get_bind(), "before_cursor_execute", note)
    for login in ("lan", "nobody", "13800138000", "13900139000"):
        ways.append([])
        assert fail(session, 1, login=login) == ["wrong_login"]
    event.remove(session.get_bind(), "before_cursor_execute", note)
    assert ways[0] == ways[1]
    assert ways[2] == ways[3]
    assert len(checks) == 4


def test_an_unknown_account_takes_as_long_as_a_known_one_t14(monkeypatch):
    monkeypatch.setattr(passwords._Hashing, "hasher", PasswordHasher(1, 4096, 1))
    kept, took = passwords.hashed(GOOD), {True: [], False: []}
    for number in range(120):
        is_known = number % 2 == 0
        begun = perf_counter()
        assert not passwords.matches(kept if is_known else None, "wrong")
        took[is_known].append(perf_counter() - begun)
    assert min(took[False]) == pytest.approx(min(took[True]), rel=0.3)
