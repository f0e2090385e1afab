from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select, text, update

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import accounts, captcha, passwords, people, phones, posts, sessions, sweeping
from app.platform.identity.accounts import Registration
from app.platform.identity.entities import Account, Attempt, Captcha, OpenSession, Person
from app.platform.identity.messages import MESSAGES, Refusal
from app.platform.registry import Words, house

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
GOOD = "Qingshi-7wen-Shu"
FILLED = Registration("hua_2", GOOD, "13900139000", "张华", "permits", agreed=True, repeat=GOOD)
MINUTE = timedelta(minutes=1)


def answer(session, now=NOW):
    return captcha.Answer(captcha.new(session, now, "ABCD").nonce, "ABCD")


def register(session, filled=FILLED, now=NOW):
    return accounts.register(session, filled, answer(session, now), now)


def sign_in(session, login="lan", password=GOOD, now=NOW, address="10.0.0.1", device=None):
    return accounts.sign_in(session, login, password, answer(session, now), address, device, now)


def refused(session, code, **given):
    with pytest.raises(Refusal) as caught:
        sign_in(session, **given)
    assert caught.value.code == code
    return caught.value


# ── registration ──


def test_a_newcomer_registers_and_logs_in_by_name_or_phone_p01(session):
    person = register(session)
    for login in ("hua_2", "HUA_2", "ｈｕａ_2", "13900139000", "+86 139-0013-9000"):
        assert sign_in(session, login).person == person
    facts = people.get(session, person)
    assert (facts.name, facts.phone) == ("张华", "13900139000")
    assert accounts.get(session, person).registered_through == "permits"


@pytest.mark.parametrize("change", [{"phone": "138-0013-8000"}, {"username": " LAN "}])
def test_a_second_account_is_refused_p04(session, person, change):
    with pytest.raises(Refusal) as caught:
        register(session, replace(FILLED, **change))
    assert caught.value.message("zh") == "该账号已存在，已有账号则无需申请新账号"
    assert session.scalars(select(Person.id)).all() == [person]


def test_a_system_that_is_closed_registers_nobody_c06(session):
    for system in ("exams", "nothing"):
        with pytest.raises(Refusal, match="registration_closed"):
            register(session, replace(FILLED, system=system))


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"username": "ab"}, "username_bad", "username"),
        ({"username": "a b c"}, "username_bad", "username"),
        ({"username": "13900139001"}, "username_bad", "username"),
        ({"username": "139-0013-9001"}, "username_bad", "username"),
        ({"name": " "}, "name_required", "name"),
        ({"name": "名" * 101}, "name_bad", "name"),
        ({"name": "兰\0花"}, "name_bad", "name"),
        ({"phone": "12345"}, "phone_bad", "phone"),
        ({"phone": ""}, "phone_bad", "phone"),
        ({"password": "short", "repeat": "short"}, "password_short", "password"),
        ({"repeat": "other"}, "password_unequal", "repeat"),
        ({"agreed": False}, "agreement_required", "agreed"),
    ],
)
def test_a_registration_says_what_is_wrong_with_it(session, change, code, field):
    filled = replace(FILLED, **change)
    assert [(found.code, found.field) for found in accounts.complaints(filled)] == [(code, field)]
    with pytest.raises(Refusal, match=code):
        register(session, filled)
    assert session.scalars(select(Person)).all() == []


def test_all_complaints_come_at_once():
    empty = Registration("", "", "", "", "permits", agreed=False)
    assert len(accounts.complaints(empty)) == 5


def test_a_wrong_captcha_registers_nobody(session):
    challenge = captcha.new(session, NOW, "ABCD")
    with pytest.raises(Refusal, match="captcha_wrong"):
        accounts.register(session, FILLED, captcha.Answer(challenge.nonce, "ABCE"), NOW)


def test_numbers_are_sealed_at_rest(session, person):
    people.change(session, person, {"id_number": "11010119900101001x", "email": "Lan@Example.cn"}, None, NOW)
    for table in ("identity_person", "identity_account", "audit_row"):
        for row in session.execute(text(f"SELECT * FROM {table}")):
            shown = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row)
            assert "13800138000" not in shown
            assert "1990010100" not in shown
            assert "xample" not in shown
    assert people.by_id_number(session, "11010119900101001X")[0].id == person
    assert people.by_last_four(session, "001X")[0].id == person
    assert people.by_phone(session, "138 0013 8000")[0].id == person
    assert people.by_last_four(session, "0019") == []


def test_a_change_of_a_person_is_written_down_without_its_values(session, person):
    people.change(session, person, {"gender": "女", "name": "兰花"}, "admin", NOW)
    people.change(session, person, {"gender": "女"}, "admin", NOW)
    last = audit.read(session, f"person:{person}")[-1]
    assert (last.kind, last.by, last.body) == ("person.changed", "admin", {"fields": ["gender"]})
    with pytest.raises(ValueError, match="has no is_admin"):
        people.change(session, person, {"is_admin": True}, None, NOW)
    with pytest.raises(Refusal, match="unknown_person"):
        people.change(session, "x", {}, None, NOW)


# ── passwords ──


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Ab1!xyz", "password_short"),
        ("abcdefg1", "password_short"),
        ("Ab1" + "x" * 126, "password_long"),
        ("Abc123456", "password_common"),
        ("Woaini1314", "password_common"),
        ("Woaini5201314", "password_common"),
        ("Qwerty123!", "password_common"),
        ("Passw0rd2024", "password_common"),
        ("1234567890", "password_common"),
        ("0987654321", "password_common"),
        ("aaaaaaaaaa", "password_common"),
        ("5201314520", "password_common"),
        ("Admin@123", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("Xy-13900139000", "password_personal"),
        ("Xyz-139000", "password_personal"),
        ("我是张华2026abc", "password_personal"),
        ("my-HUA_2-key9", "password_personal"),
    ],
)
def test_a_weak_password_is_refused(password, code):
    found = passwords.complaint(password, name="张华", phone="13900139000", username="hua_2")
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "password", ["Kd8!mvqz", "correct horse staple", "春江潮水连海平8月明", "zbrtkwpqmv"]
)
def test_a_good_password_is_taken(password):
    assert passwords.complaint(password, name="张华", phone="13900139000", username="hua_2") is None


def test_generated_passwords_are_good_and_all_different_t16():
    drawn = {passwords.generated() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(passwords.complaint(password) is None for password in drawn)


def test_an_old_hash_is_renewed_at_login(session, person, monkeypatch):
    before = session.scalar(select(Account.password_hash))
    monkeypatch.setattr(passwords._Hashing, "hasher", PasswordHasher(2, 8, 1))
    sign_in(session)
    after = session.scalar(select(Account.password_hash))
    assert "t=1" in before
    assert "t=2" in after
    sign_in(session)


def test_a_changed_password_ends_every_session_and_begins_a_new_one(session, person):
    first, second = sign_in(session), sign_in(session)
    by = sessions.acting(session, first.token, NOW)
    token = accounts.change_password(session, by, GOOD, "Another-5word", NOW)
    assert sessions.acting(session, first.token, NOW) is None
    assert sessions.acting(session, second.token, NOW) is None
    assert sessions.acting(session, token, NOW).person == person
    refused(session, "wrong_login")
    sign_in(session, password="Another-5word")


@pytest.mark.parametrize(
    ("old", "new", "repeat", "code"),
    [
        ("wrong", "Another-5word", None, "old_password_wrong"),
        (GOOD, GOOD, None, "password_same"),
        (GOOD, "short", None, "password_short"),
        (GOOD, "xx-兰花-5word", None, "password_personal"),
        (GOOD, "Another-5word", "other", "password_unequal"),
    ],
)
def test_a_password_is_not_changed_to_a_bad_one(session, person, old, new, repeat, code):
    by = sessions.acting(session, sign_in(session).token, NOW)
    with pytest.raises(Refusal, match=code):
        accounts.change_password(session, by, old, new, NOW, repeat)


def test_a_stolen_session_does_not_guess_the_old_password_for_long(session, person):
    by = sessions.acting(session, sign_in(session).token, NOW)
    for number in range(5):
        with pytest.raises(Refusal, match="old_password_wrong"):
            accounts.change_password(session, by, "wrong", "Another-5word", NOW + number * MINUTE)
    with pytest.raises(Refusal, match="paused"):
        accounts.change_password(session, by, GOOD, "Another-5word", NOW + 5 * MINUTE)


# ── accounts made by others ──


def test_a_generated_password_must_be_changed_and_lasts_three_days_c07(session):
    person, password = accounts.create(session, "teacher.wang", "王老师", "admin", NOW)
    signed = sign_in(session, "teacher.wang", password)
    assert signed.must_change
    by = sessions.acting(session, signed.token, NOW)
    assert by.must_change
    late = NOW + timedelta(hours=72)
    refused(session, "password_expired", login="teacher.wang", password=password, now=late)
    token = accounts.change_password(session, by, password, GOOD, NOW)
    assert not sessions.acting(session, token, NOW).must_change
    assert not sign_in(session, "teacher.wang", now=late).must_change
    again = accounts.reset_password(session, person, "admin", NOW)
    assert sign_in(session, "teacher.wang", again).must_change


def test_a_demonstration_account_need_not_change_its_password(session):
    person, password = accounts.create(session, "demo.city", "示例", None, NOW, GOOD, demo=True)
    assert password == GOOD
    signed = sign_in(session, "demo.city")
    assert not signed.must_change
    assert not sessions.acting(session, signed.token, NOW).must_change
    assert not accounts.get(session, person).must_change_password


def test_an_account_can_be_made_for_a_known_person_once(session):
    person = people.add(session, {"name": "王芳"}, None, NOW)
    assert accounts.create(session, "wangfang", "王芳", None, NOW, person=person)[0] == person
    with pytest.raises(Refusal, match="account_exists"):
        accounts.create(session, "wangfang2", "王芳", None, NOW, person=person)


@pytest.mark.parametrize(
    ("username", "phone", "code"), [("x", None, "username_bad"), ("xyz", "1", "phone_bad")]
)
def test_an_account_that_cannot_be_is_refused(session, username, phone, code):
    with pytest.raises(Refusal, match=code):
        accounts.create(session, username, "王芳", None, NOW, phone=phone)


def test_a_disabled_account_is_out_at_once_and_is_told_so_c08(session, person):
    signed = sign_in(session)
    accounts.disable(session, person, "admin", NOW)
    assert sessions.acting(session, signed.token, NOW) is None
    assert refused(session, "account_disabled").message("zh") == "账号已被禁用"
    refused(session, "wrong_login", password="a guess")
    accounts.enable(session, person, "admin", NOW)
    assert sign_in(session).person == person
    kinds = [entry.kind for entry in audit.read(session, f"person:{person}")]
    assert "account.disabled" in kinds
    assert "account.enabled" in kinds
    with pytest.raises(Refusal, match="no_account"):
        accounts.disable(session, "x", None, NOW)


# ── sessions ──


def test_only_the_hash_of_the_cookie_is_stored_t15(session, person):
    token = sign_in(session).token
    assert len(token) >= 43
    assert session.scalars(select(OpenSession.id)).all() == [sessions.session_id(token)]
    assert sessions.acting(session, sessions.session_id(token), NOW) is None


def test_a_session_ends_after_half_an_hour_of_silence_t15(session, person):
    token = sign_in(session).token
    assert sessions.acting(session, token, NOW + 29 * MINUTE) is not None
    assert sessions.acting(session, token, NOW + 58 * MINUTE) is not None
    assert sessions.acting(session, token, NOW + 88 * MINUTE) is None


def test_a_session_ends_after_twelve_hours_however_busy_t15(session, person):
    token = sign_in(session).token
    for minutes in range(20, 12 * 60, 20):
        assert sessions.acting(session, token, NOW + minutes * MINUTE) is not None
    assert sessions.acting(session, token, NOW + timedelta(hours=12)) is None
    sessions.sweep(session, NOW + timedelta(hours=12))
    assert session.scalars(select(OpenSession)).all() == []


def test_signing_out_ends_the_session_at_once_t15(session, person):
    one, other = sign_in(session).token, sign_in(session).token
    accounts.sign_out(session, one, NOW)
    accounts.sign_out(session, one, NOW)
    assert sessions.acting(session, one, NOW) is None
    assert sessions.acting(session, other, NOW) is not None


def test_the_acting_person_carries_the_posts_held_now(session, person):
    token = sign_in(session).token
    post = posts.grant(session, person, "permits_city", "130000/130400/", None, NOW, None)
    by = sessions.acting(session, token, NOW)
    assert [held.id for held in by.posts] == [post]
    assert (by.name, by.username, by.post) == ("兰花", "lan", None)
    sessions.work_as(session, by, post)
    assert sessions.acting(session, token, NOW).post.role == "permits_city"
    with pytest.raises(Refusal, match="unknown_post"):
        sessions.work_as(session, by, "another's")
    posts.end(session, post, NOW, None)
    after = sessions.acting(session, token, NOW)
    assert (after.posts, after.post) == ((), None)


def test_who_registered_through_a_system_must_choose_an_identity_p02(session, person):
    first = sign_in(session)
    assert first.first
    assert not sign_in(session).first
    assert sessions.acting(session, first.token, NOW).must_choose == "permits"
    posts.grant(session, person, "permits_teacher", "", None, NOW, person)
    assert sessions.acting(session, first.token, NOW).must_choose is None
    _, password = accounts.create(session, "city.admin", "市管", None, NOW)
    other = sign_in(session, "city.admin", password)
    assert sessions.acting(session, other.token, NOW).must_choose is None


def counted(session, work):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_knowing_who_acts_takes_one_statement_and_two_once_a_minute(session, person):
    token = sign_in(session).token
    for place in ("130000/130400/", "130000/130500/", "140000/"):
        posts.grant(session, person, "permits_city", place, None, NOW, None)
    sessions.acting(session, token, NOW)  # the first look of a process reads the settings, too
    assert counted(session, lambda: sessions.acting(session, token, NOW)) == 1
    assert counted(session, lambda: sessions.acting(session, token, NOW + 2 * MINUTE)) == 2
    assert counted(session, lambda: sessions.acting(session, token, NOW + 2 * MINUTE)) == 1
    assert counted(session, lambda: sessions.acting(session, "foreign", NOW)) == 1


def test_the_sweep_leaves_what_can_still_be_used(session, person):
    sign_in(session)
    captcha.new(session, NOW)
    assert house.jobs["identity/sweep"] is sweeping.sweep
    sweeping.sweep(session, {}, NOW + MINUTE)
    kept = [session.scalar(select(func.count()).select_from(t)) for t in (OpenSession, Captcha, Attempt)]
    assert kept == [1, 1, 1]
    sweeping.sweep(session, {}, NOW + timedelta(days=90))
    kept = [session.scalar(select(func.count()).select_from(t)) for t in (OpenSession, Captcha, Attempt)]
    assert kept == [0, 0, 0]


# ── captcha ──


def test_a_captcha_is_answered_once(session):
    challenge = captcha.new(session, NOW)
    assert len(challenge.answer) == 4
    assert captcha.letters(session, challenge.nonce, NOW) == challenge.answer
    given = captcha.Answer(challenge.nonce, f" {challenge.answer.lower()} ")
    assert captcha.take(session, given, NOW)
    assert not captcha.take(session, given, NOW)
    assert captcha.letters(session, challenge.nonce, NOW) is None


def test_a_wrong_answer_uses_the_captcha_up(session):
    challenge = captcha.new(session, NOW)
    assert not captcha.take(session, captcha.Answer(challenge.nonce, ""), NOW)
    assert not captcha.take(session, captcha.Answer(challenge.nonce, challenge.answer), NOW)


def test_a_captcha_lasts_five_minutes(session):
    given = answer(session)
    assert not captcha.take(session, given, NOW + 5 * MINUTE)
    late = captcha.new(session, NOW)
    captcha.sweep(session, NOW + 5 * MINUTE)
    assert captcha.letters(session, late.nonce, NOW) is None
    assert session.scalars(select(Captcha)).all() == []


def test_the_other_captcha_is_a_question_in_words_c02(session):
    seen = set()
    for _ in range(40):
        challenge = captcha.question(session, NOW)
        seen.add(challenge.words.zh)
        numbers = [
            ("零一二三四五六七八九".index(letter))
            for letter in challenge.words.zh
            if letter in "一二三四五六七八九"
        ]
        assert challenge.answer == str(sum(numbers))
        assert challenge.words.zh.endswith("等于几？（填数字）")
    assert len(seen) > 5
    full_width = captcha.Answer(
        challenge.nonce, challenge.answer.translate({48 + n: 0xFF10 + n for n in range(10)})
    )
    assert captcha.take(session, full_width, NOW)


def test_a_wrong_captcha_is_refused_before_anything_is_counted(session, person):
    with pytest.raises(Refusal, match="captcha_wrong"):
        accounts.sign_in(session, "lan", GOOD, captcha.Answer("none", "x"), "10.0.0.1", None, NOW)
    assert session.scalars(select(Attempt)).all() == []


# ── phones and messages ──


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("13800138000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("86-138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("12800138000", None),
        ("1380013800", None),
        ("138001380001", None),
        ("", None),
    ],
)
def test_a_phone_is_the_same_however_it_is_written(written, normal):
    assert phones.normal(written) == normal


def test_every_refusal_speaks_both_languages():
    for code, words in MESSAGES.items():
        refusal = Refusal(
            code, minutes=3, limit=128, until="2026-12-31", most=500, seconds=9, left=4, role="r", count=2,
            posts=Words("岗位", "a post"), post="p", kind="k", name="n", at="2026-11-26 10:00",
        )  # fmt: skip
        assert refusal.message("zh") != refusal.message("en")
        assert "{" not in refusal.message("zh") + refusal.message("en")
        assert words.zh
        assert words.en


def test_a_password_changed_while_it_is_checked_lets_nobody_in(session, person, monkeypatch):
    def and_then_it_changed(kept, password):
        with transaction(session):
            session.execute(update(Account).values(password_hash="other"))
        return True

    monkeypatch.setattr(passwords, "matches", and_then_it_changed)
    refused(session, "wrong_login")
