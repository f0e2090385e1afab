"""People entered by name and phone: one account to a number, no password, nothing said aloud."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity import accounts, by_phone, one_time_codes, passwords, people, renewing
from app.platform.identity.entities import Account, Person
from app.platform.identity.renewing import Asked
from app.platform.registry import Refused

from .conftest import GOOD, NOW

PHONE = "13900139000"


def enter(session, name="王静", phone=PHONE, by=None):
    return by_phone.open_account(session, name, phone, by, NOW)


def count(session):
    return [session.scalar(select(func.count()).select_from(one)) for one in (Person, Account)]


def refused(session, **given):
    with pytest.raises(Refused) as no:
        enter(session, **given)
    return no.value


def test_a_newcomer_gets_an_account_without_a_password_and_signs_in_by_a_text_message(session):
    person = enter(session, " 王静 ", "+86 139-0013-9000")
    facts, account = people.get(session, person), accounts.get(session, person)
    assert (facts.name, facts.phone, account.login_phone) == ("王静", PHONE, PHONE)
    assert (account.must_change_password, account.is_disabled) == (False, False)
    kept = session.scalar(select(Account.password_hash))
    assert kept == passwords.UNUSABLE
    assert not any(passwords.matches(kept, tried) for tried in ("", "!", PHONE, GOOD))
    to, asked = one_time_codes.to_hash("login", PHONE), Asked("10.0.0.1")
    code = one_time_codes.issue(session, one_time_codes.LOGIN, to, person, asked, NOW)
    came = renewing.sign_in_by_code(session, PHONE, code.id, code.code, asked, NOW)
    assert (came.person, came.must_change) == (person, False)


@pytest.mark.parametrize("phone", [PHONE, "139 0013 9000", "+86-13900139000", "１３９００１３９０００"])
def test_who_signs_in_by_the_number_is_found_however_it_is_written_and_keeps_his_name(session, phone):
    person = enter(session)
    assert enter(session, "王静静", phone) == person
    assert count(session) == [1, 1]
    assert people.get(session, person).name == "王静"


def test_who_registered_himself_is_found(session, person):
    assert enter(session, "兰花", "13800138000") == person
    assert count(session) == [1, 1]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "王3"}, "name"),
        ({"phone": "1390013900"}, "phone"),
        ({"phone": ""}, "phone"),
    ],
)
def test_what_is_typed_wrong_is_refused_naming_its_field(session, given, field):
    assert refused(session, **given).field == field
    assert count(session) == [0, 0]


def test_a_disabled_account_is_refused_in_words_that_name_nobody(session, person):
    accounts.disable(session, person, None, NOW)
    no = refused(session, name="兰花", phone="13800138000")
    assert (no.field, no.words.zh) == ("phone", "使用该手机号码的账号已停用，请联系管理员")


def test_a_closed_account_is_refused_until_its_owner_registers_anew(session):
    gone = enter(session)
    accounts.close(session, gone, None, NOW)
    no = refused(session)
    assert (no.field, "已注销" in no.words.zh, "closed" in no.words.en) == ("phone", True, True)
    assert count(session) == [1, 1]
    back, _ = accounts.create(session, "wang_jing", "王静", None, NOW, phone=PHONE)
    assert enter(session) == back != gone


def test_the_record_says_who_made_it_and_keeps_the_number_to_itself(session, person):
    made = enter(session, by=person)
    rows = audit.read(session, f"person:{made}")
    assert {(row.kind, row.by) for row in rows} == {("person.added", person), ("account.created", person)}
    assert PHONE not in str([row.body for row in rows])
    assert PHONE not in accounts.get(session, made).username


def test_it_joins_the_verb_of_who_enters_and_goes_with_it(session):
    def verb():
        with transaction(session):
            enter(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        verb()
    assert count(session) == [0, 0]


def test_four_at_once_on_one_number_get_one_account(engine):
    found, gate = [], threading.Barrier(4)

    def work(n):
        with Session(engine) as own:
            gate.wait(10)
            with transaction(own):
                found.append(enter(own, f"王{'甲乙丙丁'[n]}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert (len(found), len(set(found))) == (4, 1)
    with Session(engine) as session:
        assert count(session) == [1, 1]
