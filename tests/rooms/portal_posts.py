"""What codes, a forgotten password and another phone let one post, as `test_forgery` tries it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.platform import notices
from app.platform.identity import logins
from app.platform.identity.entities import Account
from app.platform.notices.entities import Delivery
from tests.pages import House
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.forgery import AUDIT

ASKED = AUDIT | {"identity_one_time_code", "notices_delivery", "jobs_job"}


def phone(house: House) -> str:
    house.count += 1
    return f"13500000{house.count:03}"


def visitor(url: str, fields: Mapping[str, str]) -> Callable[[House], Any]:
    """Somebody at the door who asks for a code to a phone of nobody's."""

    def ready(house: House) -> Any:
        browser = house.browser()
        browser.get(url)
        return browser, url, {"to": phone(house), "captcha_answer": "1234", **fields}

    return ready


def owner(url: str, address: Callable[[House], str]) -> Callable[[House], Any]:
    """Somebody who wants to be reached elsewhere."""

    def ready(house: House) -> Any:
        browser = house.visit(house.settle())
        browser.get(url)
        return browser, url, {"to": address(house), "password": PASSWORD, "captcha_answer": "1234"}

    return ready


class Reached(Browser):
    """A browser of a house that can send e-mail."""

    def get(self, url: str, **more: Any) -> Any:
        with mailing():
            return super().get(url, **more)

    def post(self, url: str, data: Any = None, **more: Any) -> Any:
        with mailing():
            return super().post(url, data, **more)


@contextmanager
def mailing() -> Iterator[None]:
    """An installation with a mail server, which nothing is sent to here."""
    before = notices.settings()
    notices.use(replace(before, mail=notices.Mail("smtp://127.0.0.1:1", "house@example.org")))
    yield
    notices.use(before)


def mailbox(house: House) -> Any:
    """Somebody who wants his mail elsewhere."""
    browser = Reached(house.visit(house.settle()).client)
    browser.get("/account/email")
    address = f"n{phone(house)}@example.org"
    return browser, "/account/email", {"to": address, "password": PASSWORD, "captcha_answer": "1234"}


def asked(house: House, number: str = "") -> tuple[Any, str]:
    """Somebody at the door who has asked for a code to sign in; the browser and the code."""
    number = number or phone(house)
    browser = house.browser()
    browser.get("/login/sms")
    answer = browser.post("/login/sms", {"to": number, "agreed": "y", "captcha_answer": "1234"})
    assert answer.location == "/login/sms?step=code", browser.page
    browser.get(answer.location)
    with house.world.session() as session:
        letters = session.scalars(select(Delivery.letter).where(Delivery.letter.is_not(None)))
        text = next(one["text"][0] for one in letters if one["to"] == number)
    return browser, re.findall(r"\d{6}", text)[0]


def renewing(house: House) -> Any:
    """Somebody with a generated password who has proved his phone, on the page of the new password."""
    name, number = house.settle(), phone(house)
    with house.world.session() as session:
        account = session.get_one(Account, house.world.people[name])
        account.login_phone, account.login_phone_hash = number, logins.phone_hash(number)
        account.must_change_password, account.is_demo = True, False
        session.commit()
    browser, code = asked(house, number)
    answer = browser.post("/login/sms?step=code", {"code": code})
    assert answer.location == "/forgot/password", browser.page
    browser.get("/forgot/password")
    return browser, "/forgot/password", {"password": "Anders-Wald-58", "repeat": "Anders-Wald-58"}


POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "code to sign in": ("/login/sms", visitor("/login/sms", {"agreed": "y"}), ASKED),
    "forgotten": ("/forgot", visitor("/forgot", {"channel": "sms"}), ASKED),
    "renewed": (
        "/forgot/password",
        renewing,
        AUDIT
        | {
            "identity_account.password_hash",
            "identity_account.password_at",
            "identity_account.must_change_password",
            "identity_account.first_sign_in_at",
            "identity_one_time_code.used_at",
        },
    ),
    "new mailbox": ("/account/email", mailbox, ASKED),
    "new phone": ("/account/phone", owner("/account/phone", phone), ASKED),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
