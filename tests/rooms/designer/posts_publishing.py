"""What the pages of publishing and migrating let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.platform.data import transaction
from app.platform.design import carrying, drafts, publishing
from app.platform.identity import roles
from app.platform.registry import Words
from app.platform.runtime import instances, versions
from app.platform.runtime.entities import Version
from tests.pages import House
from tests.platform.engine.drawing import Drawing
from tests.rooms.forgery import AUDIT, Post

ERRAND = frozenset({"jobs_job", "jobs_errand"})
MADE = frozenset({"runtime_version", "runtime_version_file", "runtime_process.current_id"})
MADE |= {"settings_revision", "settings_revision.number"}  # all processes hear of it
SETTLED = frozenset(
    f"design_publication.{name}" for name in ("state", "decided_by_id", "decided_at", "ended_at")
)


def drawn(key: str, *steps: str) -> bytes:
    """A small chain that may be published."""
    chain = Drawing(key, start="person", title="'试用'").start().end()
    for step in steps:
        chain.task(step)
    return chain.line("begin", *steps, "done").text().encode()


def at_draft(verb: str, fields: Mapping[str, Any], *, plans: bool = False) -> Callable[[House], Any]:
    """Somebody who may publish, at the page of a draft of his own; or of what he has planned."""

    def ready(house: House) -> Any:
        name, world = house.settle(roles.DESIGNER.key), house.world
        by, key = world.acting(name), f"office_publishing{house.count}"
        with world.session() as session:
            files = {f"{key}.bpmn": drawn(key, "first")}
            draft = drafts.begin(session, key, Words("请假", ""), files, by, world.now)
            planned = ""
            if plans:
                wish = publishing.Wish("先看一看", world.now + timedelta(days=1))
                planned = publishing.ask(session, draft, 1, wish, by, world.now)
        browser = house.visit(name)
        browser.get("/designer/")
        url = f"/designer/publications/{planned}/{verb}" if plans else f"/designer/drafts/{draft}/{verb}"
        return browser, url, dict(fields)

    return ready


def at_process(path: str, fields: Mapping[str, Any], *, carries: bool = False) -> Callable[[House], Any]:
    """Whoever looks after everything, at a process of two versions and one instance on the first."""

    def ready(house: House) -> Any:
        name, world = house.settle(roles.ADMINISTRATOR.key), house.world
        by, key = world.acting(name), f"office_two{house.count}"
        with world.session() as session:
            versions.publish(session, {f"{key}.bpmn": drawn(key, "first")}, by, world.now)
            instances.start(session, key, by=by, post=None, now=world.now, data={})
            versions.publish(session, {f"{key}.bpmn": drawn(key, "first", "second")}, by, world.now)
            migration = ""
            if carries:
                with transaction(session):
                    newest = select(Version.id).where(Version.process == key, Version.number == 2)
                    version = session.scalars(newest).one()
                    migration = carrying.begin(session, key, version, {}, by, world.now)
        browser = house.visit(name)
        browser.get("/designer/")
        return browser, f"/designer/{path}".format(process=key, migration=migration), dict(fields)

    return ready


CONFIRMED = {"revision": "1", "note": "第一版", "scope": "new", "when": "now", "do": "confirm", "seen": "1"}
DRAFT, VERSION = "/designer/drafts/<draft>", "/designer/processes/<process>/versions/<int:number>"
POSTS = {
    "publish a draft": Post(
        f"{DRAFT}/publish",
        at_draft("publish", {**CONFIRMED, "at": "", "count": ""}),
        AUDIT | MADE | {"design_publication", "design_draft.closed_at", "runtime_process"},
    ),
    "forecast for a draft": Post(f"{DRAFT}/study", at_draft("study", {}), ERRAND | {"design_study"}),
    "take a publication back": Post(
        "/designer/publications/<publication>/<verb>",
        at_draft("take_back", {"reason": ""}, plans=True),
        AUDIT | SETTLED,
    ),
    "back to a version": Post(
        "/designer/processes/<process>/back",
        at_process("processes/{process}/back", {"number": "1", "note": "先用原来的"}),
        AUDIT | MADE | {"design_publication"},
    ),
    "carry over": Post(
        f"{VERSION}/carry",
        at_process("processes/{process}/versions/2/carry", {"count": "1"}),
        AUDIT | ERRAND | {"design_carrying", "design_carried"},
    ),
    "forecast for a version": Post(
        f"{VERSION}/study",
        at_process("processes/{process}/versions/2/study", {}),
        ERRAND | {"design_study"},
    ),
    "pause a migration": Post(
        "/designer/migrations/<migration>/<verb>",
        at_process("migrations/{migration}/pause", {}, carries=True),
        AUDIT | {"design_carrying.state"},
    ),
}
