"""A house in which a chain was published that no Python file of it knows, and the people who use it."""

from __future__ import annotations

from app.platform.identity import roles
from tests.pages import House
from tests.platform.records import purchases
from tests.platform.records.purchases import BOARD, CLERK, HEAD
from tests.rooms.matrix import ABSENT, Town

PEOPLE = {
    "clerk": ("职员甲", CLERK, "130402"),
    "colleague": ("职员乙", CLERK, "130403"),
    "head": ("负责人甲", HEAD, "130402"),
    "other_head": ("负责人乙", HEAD, "130403"),
    "member": ("组员一", BOARD, "130400"),
    "second": ("组员二", BOARD, "130400"),
    "platform": ("平台员", roles.ADMINISTRATOR.key, ""),
    "security": ("安全员", roles.SECURITY.key, ""),
    "onlooker": ("旁人", "", ""),
}
"""By the user name: who has which post."""


def move_in(house: House) -> None:
    """Publish the chain and let its people live in the house, once."""
    world = house.world
    if "职员甲" in world.people:
        return
    name, role, place = PEOPLE["security"]
    world.enter(name, role, place)
    house.account(name, "security_office")
    make_roles(house)
    for username, (name, role, place) in PEOPLE.items():
        if name not in world.people:
            world.enter(name, role, place)
            house.account(name, f"{username}_office")
    purchases.publish(world)


def make_roles(house: House) -> None:
    """The roles of the chain, made by an administrator on the page for it."""
    browser = house.visit("安全员")
    for slug, zh, en in purchases.ROLES:
        browser.get("/admin/roles/new")
        sent = {
            "slug": slug,
            "title_zh": zh,
            "title_en": en,
            "scope": "region",
            "reach": "here",
            "subject": "",
        }
        answer = browser.post("/admin/roles/new", sent)
        assert answer.status_code == 303, browser.page
    purchases.catch_up(house.world)


def settle(house: House) -> Town:
    """The same with browsers, one running instance and one that has come to the board."""
    house.app.config["PROPAGATE_EXCEPTIONS"] = False  # a failure is an answer too: 500
    move_in(house)
    house.register("undecided", "13800000001")
    browsers = {
        "visitor": house.browser(),
        "undecided": house.visit("undecided"),
        **{username: house.visit(name) for username, (name, _, _) in PEOPLE.items()},
    }
    return Town(
        house, browsers, {"absent": ABSENT, "process": purchases.PROCESS, "foreign": house.world.process}
    )
