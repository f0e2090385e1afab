"""What the posts of regions and units may write, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from app.platform.identity import regions, roles, units
from app.platform.identity.entities import Unit
from tests.pages import House
from tests.rooms.forgery import AUDIT

DISTRICT, NEXT = "130000/130400/130402/", "130000/130400/130403/"
MOVED = AUDIT | {"identity_unit.path", "identity_unit.parent_id", "identity_unit.region_code", "jobs_job"}


def of_the_tree(kind: str, verb: str, **fields: str) -> Callable[[House], Any]:
    """The city's administrator, and a unit or local region of the district made for him."""

    def ready(house: House) -> Any:
        world, browser = house.world, house.visit(house.settle(roles.REGIONAL.key, "130400"))
        key, code = "", f"L{house.count}"
        given = dict(fields)
        with world.session() as session:
            if kind == "unit":
                key = units.add(session, "一校", "130402", None, world.now)
                other = units.add(session, "二校", "130402", None, world.now)
                if verb == "/merge":
                    given["to"] = session.scalars(select(Unit.path).where(Unit.id == other)).one()
            elif kind == "region":
                regions.add_local(session, "130402", code, "开发区", None, world.now)
                key = code
        if "seen" in given:
            given["seen"] = f"{DISTRICT}u{key}/" if kind == "unit" else f"{DISTRICT}{key}/"
        if verb == "/add" and "code" in given:
            given["code"] = code
        browser.get("/account/password")
        place = {"unit": f"/admin/units/{key}", "region": f"/admin/regions/{key}"}.get(kind, kind)
        return browser, f"{place}{verb}", given

    return ready


SURE = {"sure": "1", "seen": ""}
POSTS: dict[str, tuple[str, Callable[[House], Any], frozenset[str]]] = {
    "add a unit": (
        "/admin/units/add",
        of_the_tree("/admin/units", "/add", name="新校", to=DISTRICT),
        AUDIT | {"identity_unit"},
    ),
    "rename a unit": (
        "/admin/units/<unit>/rename",
        of_the_tree("unit", "/rename", name="新名"),
        AUDIT | {"identity_unit.name"},
    ),
    "close a unit": (
        "/admin/units/<unit>/state",
        of_the_tree("unit", "/state", turn="closed"),
        AUDIT | {"identity_unit.is_closed"},
    ),
    "move a unit": ("/admin/units/<unit>/move", of_the_tree("unit", "/move", to=NEXT, **SURE), MOVED),
    "merge units": (
        "/admin/units/<unit>/merge",
        of_the_tree("unit", "/merge", **SURE),
        AUDIT | {"identity_unit.is_closed", "identity_unit.merged_into_id", "jobs_job"},
    ),
    "add a region": (
        "/admin/regions/add",
        of_the_tree("/admin/regions", "/add", name="新区", code="", to=DISTRICT),
        AUDIT | {"identity_region"},
    ),
    "rename a region": (
        "/admin/regions/<code>/rename",
        of_the_tree("region", "/rename", name="新名"),
        AUDIT | {"identity_region.name", "identity_region.full_name"},
    ),
    "close a region": (
        "/admin/regions/<code>/state",
        of_the_tree("region", "/state", turn="closed"),
        AUDIT | {"identity_region.is_closed"},
    ),
    "delete a region": (
        "/admin/regions/<code>/delete",
        of_the_tree("region", "/delete"),
        AUDIT | {"identity_region"},
    ),
    "move a region": (
        "/admin/regions/<code>/move",
        of_the_tree("region", "/move", to=NEXT, **SURE),
        AUDIT | {f"identity_region.{name}" for name in ("path", "parent", "full_name")} | {"jobs_job"},
    ),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
