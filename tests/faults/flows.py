"""What is killed: requests as people send them, each with the key it is repeated with, and what must come of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.platform.jobs import Job
from app.platform.runtime import drafts, errors, instances, tasks, work
from app.platform.runtime.entities import Incident
from app.platform.runtime.tasks import Decision
from tests.faults.clocks import CLOCKS
from tests.faults.flow import Facts, Flow, Run, flow, verb
from tests.faults.moves import MOVES
from tests.faults.several import SEVERAL
from tests.platform.runtime import chains
from tests.world import World, profile

STARTER, CITY = "组织者甲", "市级"
LATER = timedelta(minutes=1)  # when the dead worker's lease has run out
CHANGED = (errors.InstanceChanged, errors.TaskTaken)


def publish_chains(world: World) -> None:
    """Publish the small chains beside the real one."""
    chains.furnish(world)


# ── The chain of fairs ───────────────────────────────────────────────────────────────────────────────────────


def deciding(element: str, outcome: str, name: str, comment: str = "", **sent: Any) -> Run:
    """A decision as a browser sends it."""

    def run(world: World, facts: Facts) -> object:
        given = profile() if "profile" in sent else facts.get("scan", {})
        return world.complete(facts[element], outcome, name, given, comment, key="k", revision=1)

    return run


def applied(world: World) -> Facts:
    """An application whose profile is to be filed."""
    instance = world.apply()
    return {"file_profile": world.open_task(instance, "file_profile")}


def filed(world: World) -> Facts:
    """One that is to be submitted."""
    facts = applied(world)
    done = world.complete(facts["file_profile"], "save", sent=profile())
    return {"submit": done.next_tasks[0], "instance": done.instance}


def submitted(world: World) -> Facts:
    """One that is to be printed."""
    facts = filed(world)
    world.complete(facts["submit"], "submit")
    return facts


def printed(world: World) -> Facts:
    """One whose scan is to be uploaded."""
    facts = submitted(world)
    world.work()
    instance = facts["instance"]
    task = world.open_task(instance, "upload_scan")
    return facts | {"upload_scan": task, "scan": world.scan(STARTER, instance)}


def at_city(world: World) -> Facts:
    """One at the city's desk."""
    facts = printed(world)
    deciding("upload_scan", "upload", STARTER)(world, facts)
    return {"city_review": world.open_task(facts["instance"], "city_review"), "instance": facts["instance"]}


PERMITS = (
    flow(
        "start",
        lambda _: {},
        lambda world, _: world.apply(key="start"),
        instance=("running", "未建档"),
        open=["file_profile"],
        entries=1,
        applications=1,
    ),
    flow(
        "file_profile",
        applied,
        deciding("file_profile", "save", STARTER, profile=True),
        open=["submit"],
        decided=1,
        entries=2,
        profiles=1,
    ),
    flow(
        "submit",
        filed,
        deciding("submit", "submit", STARTER),
        instance=("running", "已提交待上传"),
        open=[],
        decided=2,
        entries=3,
        jobs=1,
    ),
    flow(
        "work",
        submitted,
        lambda world, _: world.work(),
        again=lambda world, _: world.work(world.now + LATER),
        open=["upload_scan"],
        jobs=1,
        documents=1,
    ),
    flow(
        "upload",
        printed,
        deciding("upload_scan", "upload", STARTER),
        open=["city_review"],
        decided=3,
        entries=4,
    ),
    flow(
        "approve",
        at_city,
        deciding("city_review", "approve", CITY, "同意"),
        instance=("ended", "已通过"),
        open=[],
        decided=4,
        granted=1,
    ),
    flow(
        "reject",
        at_city,
        deciding("city_review", "reject", CITY, "缺公章"),
        instance=("running", "已退回"),
        open=["correct"],
        decided=4,
        granted=0,
    ),
)


# ── Small chains ──────────────────────────────────────────────────────────────────────────────────────────────


def at_desk(world: World) -> Facts:
    """An instance of `tests_desk` whose review is open."""
    by = world.acting(STARTER)
    with world.session() as session:
        begun = instances.start(
            session, "tests_desk", by=by, post=None, now=world.now, data=chains.HANSHAN, key="begin"
        )
    (prepare,) = begun.tasks
    with world.session() as session:
        done = tasks.complete(session, prepare, None, Decision("send", "", 1), by, world.now)
    return {"instance": begun.instance, "task": done.next_tasks[0], "prepare": prepare}


def claimed(world: World) -> Facts:
    """The same, claimed by one of the city's two reviewers."""
    facts = at_desk(world)
    CLAIM(world, facts)
    return facts


def held_up(world: World) -> Facts:
    """An instance whose work has failed for good: its incident is open."""
    by = world.acting(STARTER)
    with world.session() as session:
        begun = instances.start(session, "tests_hooked", by=by, post=None, now=world.now, data={})
    chains.told["send"] = _breaking
    for element in ("first", "second"):
        with world.session() as session:
            task = world.open_task(begun.instance, element)
            tasks.complete(session, task, None, Decision("go", "", 1), by, world.now)
    for _ in range(3):
        world.work(world.now + timedelta(hours=1))
        world.now += timedelta(hours=1)
    chains.told.clear()
    with world.session() as session:
        incident = session.query(Incident.id).filter(Incident.closed_at.is_(None)).scalar()
        assert session.query(Job.id).filter(Job.state == "failed").count() == 1
    return {"instance": begun.instance, "incident": incident}


def _breaking(_: object) -> None:
    raise RuntimeError("the printer is on fire")


CLAIM = verb(CITY, lambda session, facts, by, now: tasks.claim(session, facts["task"], 1, by, now))

SMALL = (
    flow("claim", at_desk, CLAIM, may=CHANGED, open=["review"], history={"claimed": 1}),
    flow(
        "unclaim",
        claimed,
        verb(CITY, lambda session, facts, by, now: tasks.unclaim(session, facts["task"], 2, by, now)),
        may=CHANGED,
        open=["review"],
        history={"unclaimed": 1},
    ),
    flow(
        "return",
        at_desk,
        verb(
            CITY,
            lambda session, facts, by, now: tasks.complete(
                session, facts["task"], None, Decision("return", "补", 1, "k"), by, now
            ),
        ),
        open=["prepare"],
        history={"decided": 2, "opened": 3},
    ),
    flow(
        "draft",
        at_desk,
        verb(
            CITY,
            lambda session, facts, by, now: drafts.keep(session, facts["task"], {"comment": "尚"}, by, now),
        ),
        open=["review"],
        drafts=1,
    ),
    flow(
        "cancel",
        at_desk,
        verb(
            STARTER,
            lambda session, facts, by, now: instances.cancel(session, facts["instance"], "不办了", by, now),
        ),
        may=(errors.InstanceChanged,),
        instance=("cancelled", "已撤销"),
        open=[],
        history={"cancelled": 1},
    ),
    flow(
        "retry",
        held_up,
        verb(STARTER, lambda session, facts, by, now: work.retry(session, facts["incident"], by, now)),
        may=(errors.Unknown, errors.InstanceChanged),
        incidents=0,
        jobs=1,
    ),
)

ALL = (*PERMITS, *SMALL, *MOVES, *SEVERAL, *CLOCKS)
FLOWS: dict[str, Flow] = {each.name: each for each in ALL}
assert len(FLOWS) == len(ALL)
