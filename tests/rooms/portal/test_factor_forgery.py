"""T11, T19 for the posts of the second factor and of single sign-on, at an installation that asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.platform.identity import factors as verbs
from app.platform.identity import oidc, proof, sessions
from app.platform.identity.entities import External
from tests.pages import House
from tests.rooms import factor_rows, factors
from tests.rooms.conftest import PASSWORD
from tests.rooms.forgery import AUDIT, Post, works_only_as_meant, writes_no_more_than_asked

ISSUER = "https://idp.example.org"
TOLD = frozenset({"notices_notice"})
CODES = frozenset({"identity_recovery_code"})


@pytest.fixture(autouse=True, scope="module")
def asked(whole_house: House) -> Iterator[None]:
    app = whole_house.app
    app.extensions["chengpi"] = replace(app.extensions["chengpi"], oidc=oidc.Provider(ISSUER, "a", "b"))
    proof.use(True)
    yield
    proof.use(False)


def with_factor(url: str, *, recovery: bool = False, proved: bool = False) -> Callable[[House], Any]:
    """Somebody who has a factor and has come in with the password."""

    def ready(house: House) -> Any:
        name = house.settle()
        person, now = house.world.people[name], house.world.now
        with house.world.session() as session:
            codes = factors.set_up(session, person, now)
            digits = factors.shown(session, person, now)
        browser = house.visit(name)
        browser.get("/factor")
        if proved:
            with house.world.session() as session:
                visit = sessions.acting(session, browser.client.get_cookie("chengpi").value, now)
                verbs._prove(session, visit, now)
                session.commit()
            browser.get("/account/factor")
        return browser, url, {"secret_code": codes[0] if recovery else digits}

    return ready


def setting_up(house: House) -> Any:
    name = house.settle()
    browser = house.visit(name)
    browser.get("/account/factor")
    browser.post("/account/factor/start")
    browser.get("/account/factor")
    with house.world.session() as session:
        digits = factors.shown(session, house.world.people[name], house.world.now)
    return browser, "/account/factor", {"secret_code": digits}


def at_account(url: str, fields: dict[str, str]) -> Callable[[House], Any]:
    def ready(house: House) -> Any:
        name = house.settle()
        with house.world.session() as session:
            person, now = house.world.people[name], house.world.now
            session.add(External(issuer=ISSUER, subject=name, person_id=person, linked_at=now))
            session.commit()
        browser = house.visit(name)
        browser.get("/account")
        return browser, url, fields

    return ready


POSTS = {
    "code": Post("/factor", with_factor("/factor"), AUDIT | {"identity_factor.last_step"}),
    "recovery": Post(
        "/factor/recovery",
        with_factor("/factor/recovery", recovery=True),
        AUDIT | TOLD | {"identity_recovery_code.used_at"},
    ),
    "start": Post(
        "/account/factor/start", at_account("/account/factor/start", {}), frozenset({"identity_factor"})
    ),
    "confirm": Post(
        "/account/factor",
        setting_up,
        AUDIT | TOLD | CODES | {"identity_factor.confirmed_at", "identity_factor.last_step"},
    ),
    "renew": Post(
        "/account/factor/codes",
        with_factor("/account/factor/codes", proved=True),
        AUDIT | CODES | {"identity_factor.last_step"},
    ),
    "off": Post(
        "/account/factor/off",
        with_factor("/account/factor/off", proved=True),
        AUDIT | TOLD | CODES | {"identity_factor"},
    ),
    "link": Post("/account/sso", at_account("/account/sso", {"password": PASSWORD}), frozenset()),
    "unlink": Post(
        "/account/sso/unlink", at_account("/account/sso/unlink", {}), AUDIT | TOLD | {"identity_external"}
    ),
}


def test_every_post_of_these_pages_is_tried() -> None:
    assert {rule for method, rule in factor_rows.ROWS if method == "POST"} == {
        one.rule for one in POSTS.values()
    }


@pytest.mark.parametrize("name", POSTS)
def test_a_forged_post_changes_nothing_and_an_honest_one_works(whole_house: House, name: str) -> None:
    works_only_as_meant(whole_house, POSTS[name])


@pytest.mark.parametrize("name", POSTS)
def test_fields_that_no_form_asks_for_change_nothing(whole_house: House, name: str) -> None:
    writes_no_more_than_asked(whole_house, POSTS[name])
