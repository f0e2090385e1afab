"""What the pages about people let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.platform.identity import accounts, posts, regions, roles, sessions
from app.platform.identity.entities import Person
from tests.pages import House
from tests.rooms.conftest import PASSWORD
from tests.rooms.forgery import AUDIT

KEEPER = "市区域管"


def keeper(house: House) -> Any:
    """A browser of the city's administrator."""
    if KEEPER not in house.world.people:
        house.world.enter(KEEPER, roles.REGIONAL.key, "130400")
        house.account(KEEPER, "city_keeper")
    return house.visit(KEEPER)


def somebody(house: House) -> str:
    """Somebody fresh who is kept in the city and holds a post there; his id."""
    house.count += 1
    world = house.world
    with world.session() as session:
        place = regions.path_of(session, "130402")
        name, username = f"某人{'甲乙丙丁戊己庚辛壬癸'[house.count % 10]}", f"somebody{house.count}"
        person, _ = accounts.create(session, username, name, None, world.now, password=PASSWORD)
        session.get_one(Person, person).place = place
        session.get_one(Person, person).email = "somebody@example.org"
        session.commit()
        posts.grant(session, person, roles.REGIONAL.key, place, None, world.now, None)
        sessions.begin(session, person, "127.0.0.1", "", world.now)
    return person


def place_of(house: House, code: str) -> str:
    """The path of a region."""
    with house.world.session() as session:
        return regions.path_of(session, code)


def at(path: str, **fields: str) -> Callable[[House], Any]:
    """The city's administrator on the page of somebody of the city; a field `@130402` is the path of that region."""

    def ready(house: House) -> Any:
        browser, person = keeper(house), somebody(house)
        with house.world.session() as session:
            post = posts.of(session, person, house.world.now)[0].id
        given = {
            name: place_of(house, value[1:])
            if value.startswith("@")
            else post
            if value == "his post"
            else value
            for name, value in fields.items()
        }
        browser.get(f"/admin/people/{person}")
        return browser, path.format(person=person, post=post), given

    return ready


ONE = "/admin/people/<person>"
FACTS = {"id_number": "", "gender": "", "phone": "", "email": "", "login_phone": ""}
NEW = {"name": "新来的人", "kept": "@130402", "username": "", **FACTS}
POSTS: dict[str, tuple[Any, ...]] = {
    "enter a person": (
        "/admin/people/new",
        at("/admin/people/new", **NEW, role=roles.REGIONAL.key),
        AUDIT | {"identity_person", "identity_post"},
    ),
    "reveal": (
        f"{ONE}/reveal",
        at("/admin/people/{person}/reveal", field="email", reason="核对"),
        AUDIT,
        True,
    ),
    "edit a person": (
        f"{ONE}/edit",
        at("/admin/people/{person}/edit", name="改名", kept="@130402", **FACTS),
        AUDIT | {"identity_person.name"},
    ),
    "disable an account": (
        f"{ONE}/account/<verb>",
        at("/admin/people/{person}/account/disable"),
        AUDIT | {"identity_account.is_disabled", "jobs_job"},
    ),
    "end a person's session": (
        f"{ONE}/sessions/<which>/end",
        at("/admin/people/{person}/sessions/all/end"),
        AUDIT,
    ),
    "give a post": (
        f"{ONE}/posts",
        at("/admin/people/{person}/posts", role=roles.REGIONAL.key, post_place="@130403"),
        AUDIT | {"identity_post"},
    ),
    "end a post": (
        f"{ONE}/posts/<post>/end",
        at("/admin/people/{person}/posts/{post}/end"),
        AUDIT | {"identity_post.ended_at", "identity_post.ended_by", "jobs_job"},
    ),
    "transfer a person": (
        f"{ONE}/transfer",
        at("/admin/people/{person}/transfer", to="@130403", post="his post", confirm="1"),
        AUDIT
        | {
            "identity_person.place",
            "identity_post",
            "identity_post.ended_at",
            "identity_post.ended_by",
            "jobs_job",
        },
    ),
}
"""By name: the rule, who is brought to its page, what the post may write, and whether it answers with a page."""
