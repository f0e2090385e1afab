"""What the pages of permission codes let one post, as `test_forgery` tries it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.platform.identity import permission_codes, regions, roles
from tests.pages import House
from tests.rooms.admin.posts_people import KEEPER, keeper
from tests.rooms.forgery import AUDIT


def issued(house: House, count: int = 2) -> str:
    """A batch of the city's administrator, for a district."""
    keeper(house)
    world = house.world
    with world.session() as session:
        place = regions.path_of(session, "130402")
        wanted = permission_codes.Issue(roles.REGIONAL.key, place, None, count, world.now + timedelta(days=9))
        return permission_codes.issue(session, wanted, world.acting(KEEPER), world.now)


def new(house: House) -> Any:
    browser = keeper(house)
    browser.get("/admin/codes/new")
    with house.world.session() as session:
        place = regions.path_of(session, "130402")
    until = (house.world.now + timedelta(days=9)).date().isoformat()
    fields = {"role": roles.REGIONAL.key, "post_place": place, "count": "2", "redeem_until": until}
    fields |= {"note": "发给区县", "subject": "", "from": "", "until": ""}
    return browser, "/admin/codes/new", fields


def of_a_batch(verb: str) -> Any:
    def ready(house: House) -> Any:
        batch, browser = issued(house), keeper(house)
        browser.get(f"/admin/codes/{batch}")
        return browser, f"/admin/codes/{batch}{verb}", {"code": ""}

    return ready


def extended(house: House) -> Any:
    browser, url, _ = of_a_batch("/extend")(house)
    return browser, url, {"redeem_until": (house.world.now + timedelta(days=30)).date().isoformat()}


def redeemed(house: House) -> Any:
    batch, name = issued(house), house.settle()
    with house.world.session() as session:
        codes = permission_codes.shown(session, batch, house.world.acting(KEEPER), house.world.now)
    browser = house.visit(name)
    browser.get("/account/code")
    return browser, "/account/code", {"code": codes[0][1]}


CODE = "identity_permission_code"
POSTS = {
    "issue codes": ("/admin/codes/new", new, AUDIT | {"identity_code_batch", CODE}),
    "read codes": ("/admin/codes/<batch>/show", of_a_batch("/show"), AUDIT, True),
    "revoke codes": (
        "/admin/codes/<batch>/revoke",
        of_a_batch("/revoke"),
        AUDIT
        | frozenset(
            {
                f"{CODE}.revoked_at",
                f"{CODE}.code",
                "identity_code_batch.revoked_at",
                "identity_code_batch.revoked_by_id",
            }
        ),
    ),
    "extend codes": (
        "/admin/codes/<batch>/extend",
        extended,
        AUDIT | frozenset({"identity_code_batch.until_at"}),
    ),
    "redeem a code": (
        "/account/code",
        redeemed,
        AUDIT
        | frozenset(
            {
                "identity_post",
                f"{CODE}.redeemed_by_id",
                f"{CODE}.redeemed_at",
                f"{CODE}.post_id",
                f"{CODE}.code",
                "identity_attempt.has_passed",
            }
        ),
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
