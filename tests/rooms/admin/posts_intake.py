"""What accounts in batches let one post, as `test_forgery` tries it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.jobs import Errand
from app.platform.personnel import first_passwords
from tests.pages import House
from tests.rooms.forgery import AUDIT


def unsent(house: House) -> Any:
    """A regional administrator with somebody to make an account for."""
    name = house.settle(roles.REGIONAL.key, "130400")
    with house.world.session() as session:
        at = house.world.now
        place = next(post.place for post in house.world.acting(name).posts if post.role == roles.REGIONAL.key)
        session.add(Person(name="待开户", place=place, created_at=at))
        session.commit()
    browser = house.visit(name)
    browser.get("/admin/accounts/batch")
    return browser, "/admin/accounts/batch", {"which": "without", "prefix": "p"}


def of_the_list(house: House) -> Any:
    """The same, on the way from the list of people."""
    browser, _, _ = unsent(house)
    browser.get("/admin/lists/people?state=none")
    return browser, "/admin/accounts/batch/of", {"asked": "state=none", "post": ""}


def slips(house: House) -> Any:
    """The same, whose slips wait."""
    browser, url, fields = unsent(house)
    browser.post(url, {**fields, "way": "print"})
    house.world.work()
    with house.world.session() as session:
        errand = session.scalar(
            select(Errand.id).where(Errand.kind == first_passwords.KIND).order_by(Errand.id.desc()).limit(1)
        )
    browser.get(f"/admin/accounts/slips/{errand}")
    return browser, f"/admin/accounts/slips/{errand}", {}


POSTS: dict[str, Any] = {
    "accounts in batches": ("/admin/accounts/batch", unsent, AUDIT | {"jobs_errand", "jobs_job"}),
    "accounts of a list": ("/admin/accounts/batch/of", of_the_list, frozenset()),
    "password slips": ("/admin/accounts/slips/<errand>", slips, AUDIT | {"documents_file"}, True),
}
