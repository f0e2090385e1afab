"""What is killed: requests as a browser sends them, each with the key it is repeated with, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.platform.documents import Document
from app.platform.identity.entities import HeldPost
from app.platform.jobs import Job
from app.platform.runtime.entities import Entry, Instance, Task
from app.systems.permits.entities import Application, Profile
from tests.platform.runtime import chains
from tests.world import World, profile

Facts = dict[str, Any]
LATER = timedelta(minutes=1)  # when the dead worker's lease has run out


@dataclass(frozen=True)
class Flow:
    """`prepare` brings the world to the request, `run` sends it, `again` repeats it, `expected` says the result."""

    name: str
    prepare: Callable[[World], Facts]
    run: Callable[[World, Facts], object]
    expected: Callable[[World, Facts], dict[str, Any]]
    again: Callable[[World, Facts], object]
    wanted: dict[str, Any]

    def complaints(self, world: World, facts: Facts) -> list[str]:
        """Where what there is differs from what one undisturbed request makes."""
        there = self.expected(world, facts)
        return [
            f"{name}: {there[name]!r} instead of {value!r}"
            for name, value in self.wanted.items()
            if there[name] != value
        ]


def publish_chains(world: World) -> None:
    """Publish the small chains beside the real one."""
    chains.furnish(world)


def _count(world: World, entity: Any, *where: Any) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(entity).where(*where)) or 0


def _state(world: World, facts: Facts) -> dict[str, Any]:
    with world.session() as session:
        instances = session.scalars(select(Instance)).all()
        shown = [(i.state, i.stage_zh) for i in instances]
    (instance,) = instances
    decided = _count(world, Task, Task.state == "closed")
    return {
        "instance": shown[0],
        "open": world.open_elements(instance.id),
        "decided": decided,
        "entries": _count(world, Entry),
        "applications": _count(world, Application),
        "profiles": _count(world, Profile),
        "jobs": _count(world, Job),
        "documents": _count(world, Document),
        "granted": _count(world, HeldPost, HeldPost.role == "permits.district_admin"),
    }


def _start(world: World, _facts: Facts) -> object:
    return world.apply(key="start")


def _deciding(element: str, outcome: str, name: str, comment: str = "", **sent: Any) -> Callable[..., object]:
    def run(world: World, facts: Facts) -> object:
        given = profile() if "profile" in sent else facts.get("scan", {})
        return world.complete(facts[element], outcome, name, given, comment, key="k", revision=1)

    return run


def _applied(world: World) -> Facts:
    instance = world.apply()
    return {"file_profile": world.open_task(instance, "file_profile")}


def _filed(world: World) -> Facts:
    facts = _applied(world)
    done = world.complete(facts["file_profile"], "save", sent=profile())
    return {"submit": done.next_tasks[0], "instance": done.instance}


def _submitted(world: World) -> Facts:
    facts = _filed(world)
    world.complete(facts["submit"], "submit")
    return facts


def _printed(world: World) -> Facts:
    facts = _submitted(world)
    world.work()
    instance = facts["instance"]
    task = world.open_task(instance, "upload_scan")
    return facts | {"upload_scan": task, "scan": world.scan("组织者甲", instance)}


def _at_city(world: World) -> Facts:
    facts = _printed(world)
    _deciding("upload_scan", "upload", "组织者甲")(world, facts)
    return {"city_review": world.open_task(facts["instance"], "city_review")}


def _flow(
    name: str,
    prepare: Callable[[World], Facts],
    run: Callable[[World, Facts], object],
    again: Callable[[World, Facts], object] | None = None,
    **wanted: Any,
) -> Flow:
    return Flow(name, prepare, run, _state, again or run, wanted)


FLOWS = {
    flow.name: flow
    for flow in (
        _flow(
            "start",
            lambda _: {},
            _start,
            instance=("running", "未建档"),
            open=["file_profile"],
            entries=1,
            applications=1,
        ),
        _flow(
            "file_profile",
            _applied,
            _deciding("file_profile", "save", "组织者甲", profile=True),
            open=["submit"],
            decided=1,
            entries=2,
            profiles=1,
        ),
        _flow(
            "submit",
            _filed,
            _deciding("submit", "submit", "组织者甲"),
            instance=("running", "已提交待上传"),
            open=[],
            decided=2,
            entries=3,
            jobs=1,
        ),
        _flow(
            "work",
            _submitted,
            lambda world, _: world.work(),
            lambda world, _: world.work(world.now + LATER),
            open=["upload_scan"],
            jobs=1,
            documents=1,
        ),
        _flow(
            "upload",
            _printed,
            _deciding("upload_scan", "upload", "组织者甲"),
            open=["city_review"],
            decided=3,
            entries=4,
        ),
        _flow(
            "approve",
            _at_city,
            _deciding("city_review", "approve", "市级", "同意"),
            instance=("ended", "已通过"),
            open=[],
            decided=4,
            granted=1,
        ),
        _flow(
            "reject",
            _at_city,
            _deciding("city_review", "reject", "市级", "缺公章"),
            instance=("running", "已退回"),
            open=["correct"],
            decided=4,
            granted=0,
        ),
    )
}
