"""What the pages of projects, codes and declarations let one post, as `test_forgery` tries it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.systems.permits import projects
from app.systems.permits.entities import Authorisation
from app.systems.permits.rules import Terms
from tests.pages import House
from tests.rooms.forgery import AUDIT, STEP, Post, at
from tests.rooms.inbox.conftest import fields_of
from tests.systems.permits.declaring import Contest
from tests.systems.permits.test_projects import GOOD


def of_the_city(house: House, url: str, fields: dict[str, Any]) -> Any:
    """The city, before it posts."""
    browser = house.visit("市级")
    browser.get("/account/password")
    return browser, url, fields


def project(house: House) -> str:
    """A new project of the city's."""
    world = house.world
    day = world.now + timedelta(days=1)
    terms = Terms("航模公开赛", "H", 2026, ("静态模型",), ("小学组",), world.now, day, None)
    with world.session() as session:
        return projects.create(session, terms, world.acting("市级"), world.now)


def change_terms(house: House) -> Any:
    return of_the_city(house, f"/permits/projects/{project(house)}/terms", GOOD)


def close(house: House) -> Any:
    return of_the_city(house, f"/permits/projects/{project(house)}/open?to=closed", {})


def order(house: House) -> Any:
    sent = {"project": house.world.project, "district": "130402", "category": "机器人综合技能"}
    return of_the_city(house, "/permits/codes/new", {**sent, "group": "小学组", "count": "2"})


def revoke(house: House) -> Any:
    (code,) = Contest(house.world).issue()
    with house.world.session() as session:
        row = next(one for one in session.scalars(select(Authorisation)) if one.code == code)
        return of_the_city(house, f"/permits/codes/{row.id}/revoke", {})


def declare(house: House) -> Any:
    """A teacher with a code, while the window is open."""
    world, contest = house.world, Contest(house.world)
    contest.window(declare_from=world.now - timedelta(days=1), declare_to=world.now + timedelta(days=9))
    browser = house.visit(house.settle("permits.teacher"))
    browser.get("/permits/declarations/new")
    return browser, "/permits/declarations/new", {**fields_of(browser.page), "code": contest.issue()[0]}


TERMS = frozenset(f"permits_project.{name}" for name in GOOD)
POSTS = {
    "new project": Post(
        "/permits/projects/new",
        at("/permits/projects/new", GOOD, "permits.city_admin"),
        AUDIT | {"permits_project"},
    ),
    "terms": Post("/permits/projects/<project>/terms", change_terms, AUDIT | TERMS),
    "close": Post("/permits/projects/<project>/open", close, AUDIT | {"permits_project.is_open"}),
    "codes": Post("/permits/codes/new", order, AUDIT | {"permits_authorisation"}),
    "revoke": Post(
        "/permits/codes/<authorisation>/revoke", revoke, AUDIT | {"permits_authorisation.revoked_at"}
    ),
    "declare": Post(
        "/permits/declarations/new",
        declare,
        STEP
        | {
            "permits_declaration",
            "permits_authorisation.used_at",
            "permits_serial",
            "permits_serial.last",
            "runtime_instance",
            "runtime_timer",
        },
    ),
}
