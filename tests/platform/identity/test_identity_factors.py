"""The second factor (C-50): who must show it, what a code is worth, how often one may guess, who takes it away."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.platform.audit.entities import AuditRow
from app.platform.identity import accounts, factors, people, posts, proof, regions, roles, sessions
from app.platform.identity.entities import Attempt, Factor, RecoveryCode
from app.platform.identity.factors import Whence
from app.platform.identity.messages import Refusal
from app.platform.notices.entities import Notice
from app.platform.personnel import second_factors
from app.platform.registry import Acting, house

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
STEP = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)
GOOD = "Qingshi-7wen-Shu"
HERE = Whence("10.0.0.1")


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house's roles, and an installation that asks."""
    house.roles.update({role.key: role for role in roles.ROLES})
    monkeypatch.setattr(proof._House, "is_on", True)


def come_in(session: Session, person: str, now: datetime = NOW) -> tuple[str, sessions.Visit]:
    token = sessions.begin(session, person, "10.0.0.1", "a browser", now)
    return token, seen(session, token, now)


def seen(session: Session, token: str, now: datetime = NOW) -> sessions.Visit:
    visit = sessions.acting(session, token, now)
    assert visit is not None
    return visit


def code(session: Session, person: str, now: datetime) -> str:
    secret = session.scalar(select(Factor.secret).where(Factor.person_id == person))
    assert secret
    return pyotp.TOTP(secret).at(now)


def enrolled(session: Session, person: str, now: datetime = NOW - timedelta(hours=1)) -> tuple[str, ...]:
    """Set a factor up, an hour ago; return the recovery codes."""
    token, by = come_in(session, person, now)
    factors.begin(session, by, now)
    fresh = factors.confirm(session, by, code(session, person, now), now)
    sessions.end(session, token, now)
    return fresh


def tried(verb, *given) -> str:
    try:
        verb(*given)
    except Refusal as refusal:
        return refusal.code
    return "in"


def verify(
    session: Session, by: sessions.Visit, shown: str, now: datetime = NOW, whence: Whence = HERE
) -> str:
    return tried(factors.verify, session, by, shown, whence, now)


def test_a_post_that_asks_for_it_is_felt_by_the_very_next_request(session, person):
    token, by = come_in(session, person)
    assert by.must_prove is None
    post = posts.grant(session, person, roles.DESIGNER.key, "", None, NOW, None)
    assert seen(session, token).must_prove == "enrol"
    posts.end(session, post, NOW + STEP, None)
    assert seen(session, token, NOW + STEP).must_prove is None


def test_whoever_has_one_is_asked_at_each_login_whatever_he_holds(session, person):
    enrolled(session, person)
    token, by = come_in(session, person)
    assert by.must_prove == "code"
    assert verify(session, by, code(session, person, NOW)) == "in"
    assert seen(session, token).must_prove is None
    assert come_in(session, person)[1].must_prove == "code"


def test_where_it_is_switched_off_nobody_is_asked(session, person, monkeypatch):
    enrolled(session, person)
    posts.grant(session, person, roles.DESIGNER.key, "", None, NOW, None)
    monkeypatch.setattr(proof._House, "is_on", False)
    assert come_in(session, person)[1].must_prove is None


def test_setting_it_up_proves_this_session_and_ends_the_others(session, person):
    token, by = come_in(session, person)
    other, _ = come_in(session, person)
    factors.begin(session, by, NOW)
    assert tried(factors.confirm, session, by, "000000", NOW) == "factor_wrong_new"
    fresh = factors.confirm(session, by, code(session, person, NOW), NOW)
    assert len(set(fresh)) == 10
    assert seen(session, token).must_prove is None
    assert sessions.acting(session, other, NOW) is None
    assert tried(factors.begin, session, by, NOW) == "factor_set"


def test_a_secret_stands_sealed_and_codes_as_hashes(session, person):
    fresh = enrolled(session, person)
    (raw,) = session.execute(text("SELECT secret FROM identity_factor")).one()
    secret = session.scalar(select(Factor.secret))
    assert secret.encode() not in bytes(raw)
    kept = session.scalars(select(RecoveryCode.hash)).all()
    assert len(kept) == 10
    assert not {one.replace("-", "") for one in fresh} & set(kept)


@pytest.mark.parametrize(
    ("away", "answer"), [(-2, "factor_wrong"), (-1, "in"), (0, "in"), (1, "in"), (2, "factor_wrong")]
)
def test_one_step_before_and_after_is_accepted(session, person, away, answer):
    enrolled(session, person)
    _, by = come_in(session, person)
    assert verify(session, by, code(session, person, NOW + away * STEP)) == answer


def test_the_same_step_is_never_accepted_twice_nor_an_older_one(session, person):
    enrolled(session, person)
    shown, before = code(session, person, NOW), code(session, person, NOW - STEP)
    assert verify(session, come_in(session, person)[1], shown) == "in"
    _, by = come_in(session, person)
    assert verify(session, by, shown) == "factor_used"
    assert verify(session, by, before) == "factor_used"
    assert verify(session, by, shown, NOW + STEP) == "factor_used"
    assert verify(session, by, code(session, person, NOW + STEP), NOW + STEP) == "in"


def test_a_clock_set_back_is_said_in_words_and_lets_nobody_in(session, person):
    enrolled(session, person)
    assert verify(session, come_in(session, person)[1], code(session, person, NOW)) == "in"
    earlier = NOW - 10 * MINUTE
    _, by = come_in(session, person, earlier)
    with pytest.raises(Refusal) as caught:
        factors.verify(session, by, code(session, person, earlier), HERE, earlier)
    assert caught.value.code == "clock_back"
    assert "恢复码" in caught.value.message("zh")


def test_a_recovery_code_works_once_in_any_spelling(session, person):
    first, second, *_ = enrolled(session, person)
    token, by = come_in(session, person)
    assert factors.recover(session, by, f" {first.lower().replace('-', ' ')} ", HERE, NOW) == 9
    assert seen(session, token).must_prove is None
    _, by = come_in(session, person)
    assert tried(factors.recover, session, by, first, HERE, NOW) == "recovery_wrong"
    assert factors.recover(session, by, second, HERE, NOW) == 8


def test_new_codes_replace_the_old_ones(session, person):
    old = enrolled(session, person)
    _, by = come_in(session, person)
    new = factors.renew(session, by, code(session, person, NOW), HERE, NOW)
    assert len(new) == 10
    assert tried(factors.recover, session, by, old[0], HERE, NOW) == "recovery_wrong"
    assert factors.recover(session, by, new[0], HERE, NOW) == 9


def test_nobody_uses_a_recovery_code_of_somebody_else(session, person):
    other, _ = accounts.create(session, "mei", "梅花", None, NOW, GOOD)
    enrolled(session, person)
    codes = enrolled(session, other)
    _, by = come_in(session, person)
    assert tried(factors.recover, session, by, codes[0], HERE, NOW) == "recovery_wrong"


def test_ten_thousand_tries_get_nowhere_and_the_owner_comes_in(session, person):
    """C-09, from one address and from 200: both sorts of codes are counted together, apart from the password."""
    enrolled(session, person)
    home = Whence("10.0.0.9", "the owner's own browser")
    assert (
        verify(session, come_in(session, person)[1], code(session, person, NOW - STEP), NOW - STEP, home)
        == "in"
    )
    _, by = come_in(session, person)
    found = [verify(session, by, "000000") for _ in range(1000)]
    assert found.count("factor_wrong") == 5
    assert set(found) == {"factor_wrong", "paused_codes"}
    found = [verify(session, by, "000000", NOW, Whence(f"10.1.{n % 200}.7")) for n in range(3000)]
    found += [
        tried(factors.recover, session, by, "A" * 10, Whence(f"10.1.{n % 200}.7"), NOW) for n in range(1000)
    ]
    assert found.count("factor_wrong") + found.count("recovery_wrong") == 14
    made = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.has_passed.is_(False)))
    assert made == 19
    assert verify(session, by, code(session, person, NOW), NOW, home) == "in"


def test_a_stranger_in_the_owners_network_pauses_him_for_a_quarter_of_an_hour_only(session, person):
    enrolled(session, person)
    _, by = come_in(session, person)
    assert [verify(session, by, "000000") for _ in range(6)][-1] == "paused_codes"
    later = NOW + 15 * MINUTE
    assert verify(session, by, code(session, person, later), later) == "in"


def test_of_two_browsers_with_the_same_code_one_wins(engine, session, person):
    enrolled(session, person)
    visits = [come_in(session, person)[1] for _ in range(6)]
    shown = code(session, person, NOW)
    session.rollback()
    found, start = [], threading.Barrier(len(visits))

    def run(by: sessions.Visit, number: int) -> None:
        with Session(engine) as own:
            start.wait()
            found.append(verify(own, by, shown, NOW, Whence(f"10.2.0.{number}")))

    threads = [threading.Thread(target=run, args=(by, number)) for number, by in enumerate(visits)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == ["factor_used"] * 5 + ["in"]


def test_of_two_browsers_with_the_same_recovery_code_one_wins(engine, session, person):
    codes = enrolled(session, person)
    visits = [come_in(session, person)[1] for _ in range(4)]
    session.rollback()
    found, start = [], threading.Barrier(len(visits))

    def run(by: sessions.Visit, number: int) -> None:
        with Session(engine) as own:
            start.wait()
            found.append(tried(factors.recover, own, by, codes[0], Whence(f"10.2.0.{number}"), NOW))

    threads = [threading.Thread(target=run, args=(by, number)) for number, by in enumerate(visits)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == ["in"] + ["recovery_wrong"] * 3


def test_it_is_given_up_with_a_code_but_not_by_whose_post_asks_for_it(session, person):
    enrolled(session, person)
    _, by = come_in(session, person)
    post = posts.grant(session, person, roles.DESIGNER.key, "", None, NOW, None)
    assert tried(factors.turn_off, session, by, code(session, person, NOW), HERE, NOW) == "factor_needed"
    posts.end(session, post, NOW, None)
    assert tried(factors.turn_off, session, by, "000000", HERE, NOW) == "factor_wrong"
    factors.turn_off(session, by, code(session, person, NOW), HERE, NOW)
    assert factors.standing(session, person) == factors.Standing(None, False, 0)


def test_a_changed_password_keeps_what_this_session_has_shown(session, person):
    enrolled(session, person)
    _, by = come_in(session, person)
    factors.verify(session, by, code(session, person, NOW), HERE, NOW)
    fresh = accounts.change_password(session, by, GOOD, "Anders-Wald-58", NOW)
    assert seen(session, fresh).must_prove is None


def keeper(session: Session, name: str, role: str, place: str = "") -> Acting:
    who = people.add(session, {"name": name, "phone": None}, None, now=NOW)
    posts.grant(session, who, role, place, None, NOW, None)
    return Acting(who, name, name, posts.of(session, who, NOW))


def path(session: Session, region: str) -> str:
    return regions.path_of(session, region)


def test_another_administrator_resets_it_never_oneself(tree, person):
    session = tree
    post = posts.grant(session, person, roles.REGIONAL.key, path(session, "130402"), None, NOW, None)
    city = keeper(session, "市区域管", roles.REGIONAL.key, path(session, "130400"))
    next_one = keeper(session, "邻区", roles.REGIONAL.key, path(session, "130403"))
    system = keeper(session, "系统管", roles.SYSTEM.key)
    security = keeper(session, "安全管", roles.SECURITY.key)
    mine = Acting(person, "lan", "兰花", posts.of(session, person, NOW))
    assert tried(factors.reset, session, person, city, NOW) == "factor_missing"
    for by, answer in (
        (mine, "own_factor"),
        (next_one, "unknown_person"),
        (system, "factor_not_yours"),
        (city, "in"),
        (security, "in"),
    ):
        if answer == "in":
            if not factors.standing(session, person).confirmed_at:
                enrolled(session, person)
            token, _ = come_in(session, person)
            second_factors.reset(session, person, by, NOW)
            assert factors.standing(session, person) == factors.Standing(None, False, 0)
            assert sessions.acting(session, token, NOW) is None
            assert come_in(session, person)[1].must_prove == "enrol"
        else:
            if not factors.standing(session, person).confirmed_at:
                enrolled(session, person)
            assert tried(factors.reset, session, person, by, NOW) == answer
            assert factors.standing(session, person).confirmed_at
    assert session.scalar(select(func.count()).select_from(Notice).where(Notice.person_id == person)) == 2
    told = session.scalars(select(AuditRow.kind).where(AuditRow.kind == "factor.reset")).all()
    assert len(told) == 2
    assert post


def test_the_owner_hears_of_what_is_done_with_his_factor(session, person):
    _, by = come_in(session, person)
    factors.begin(session, by, NOW)
    fresh = second_factors.confirm(session, by, code(session, person, NOW), NOW)
    second_factors.recover(session, by, fresh[0], HERE, NOW)
    second_factors.turn_off(session, by, code(session, person, NOW + STEP), HERE, NOW)
    said = [said["title"][0] for said in session.scalars(select(Notice.said).order_by(Notice.id))]
    assert said == ["两步验证已开启", "使用了一个恢复码", "两步验证已关闭"]


def test_a_verb_that_fails_half_way_has_used_nothing_up(session, person, monkeypatch):
    codes = enrolled(session, person)
    _, by = come_in(session, person)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(factors, "_note", broken)
        with pytest.raises(RuntimeError):
            factors.recover(session, by, codes[0], HERE, NOW)
        with pytest.raises(RuntimeError):
            factors.verify(session, by, code(session, person, NOW), HERE, NOW)
    assert factors.recover(session, by, codes[0], HERE, NOW) == 9
    _, by = come_in(session, person)
    assert verify(session, by, code(session, person, NOW)) == "in"


def test_a_code_typed_with_a_space_counts_and_a_text_does_not(session, person):
    enrolled(session, person)
    _, by = come_in(session, person)
    shown = code(session, person, NOW)
    for typed in ("", "12345", "1234567", "一二三四五六", "１２３４５６", "\0" * 6):
        assert verify(session, by, typed) in ("factor_wrong", "paused_codes")
    later = NOW + 16 * MINUTE
    shown = code(session, person, later)
    assert verify(session, by, f"{shown[:3]} {shown[3:]}", later) == "in"
