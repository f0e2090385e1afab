"""A chain whose steps allow every verb, and an office whose people can sign in, for tests of the verbs' pages."""

from __future__ import annotations

from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import posts, roles, units
from app.platform.runtime.entities import History, Task
from tests.pages import House
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import CITY
from tests.platform.runtime.signing import publish
from tests.platform.runtime.steps import begin, decide
from tests.world import World

OFFICE = "市科技活动办公室"
ALL = "transfer delegate signers copy return withdraw"
OUTCOMES = "approve=同意|Approve; reject=不同意|Reject!-"


def chain() -> Drawing:
    """The starter prepares, the city checks and reviews; each step may be taken back, the city's have every verb."""
    return (
        Drawing("tests_office", form="fairs/application")
        .lane("city", "check", "review", **CITY)
        .start()
        .task("prepare", outcomes="send=送审|Send", allow="withdraw")
        .task("check", assignee="", outcomes="pass=通过|Pass", allow=ALL, avoid="starter")
        .task(
            "review", assignee="", outcomes=OUTCOMES, allow=ALL, avoid="starter", stage="待审核|Under review"
        )
        .end(stage="已通过|Passed")
        .line("begin", "prepare", "check", "review", "done")
    )


def direct() -> Drawing:
    """A chain whose first step may be sent back, had anybody decided before it."""
    return (
        Drawing("tests_direct", form="fairs/application")
        .lane("city", "check", **CITY)
        .start()
        .task("check", assignee="", outcomes="pass=通过|Pass", allow="return copy")
        .end()
        .line("begin", "check", "done")
    )


def furnish(house: House) -> None:
    """Publish the chain, and let an office of the city and an administrator move in."""
    world = house.world
    roles.plug()
    publish(world, chain(), direct())
    with world.session() as session, transaction(session):
        office = units.add(session, OFFICE, "130400", None, world.now)
        place = next(one.path for one in units.under(session, "") if one.id == office)
    for number, name in enumerate(("王科长", "赵干事", "钱干事")):
        world.enter(name)
        with world.session() as session, transaction(session):
            posts.grant(session, world.people[name], "fairs.district_admin", place, "*", world.now, None)
        house.account(name, f"office{number}")
    world.enter("平台管理员", "platform.administrator")
    house.account("平台管理员", "manager1")


def at_check(world: World, name: str = "组织者甲") -> tuple[str, str]:
    """A matter before the city's first step: the instance and its task."""
    instance = begin(world, "tests_office", name=name)
    return instance, decide(world, world.open_task(instance, "prepare"), "send", name).next_tasks[0]


def at_review(world: World, name: str = "组织者甲") -> tuple[str, str]:
    """A matter before the city's second step."""
    instance, task = at_check(world, name)
    return instance, decide(world, task, "pass", "市级二").next_tasks[0]


def row(world: World, task: str) -> Task:
    with world.session() as session:
        return session.get_one(Task, task)


def happened(world: World, instance: str) -> list[str]:
    """What has happened, by kind."""
    with world.session() as session:
        asked = select(History.kind).where(History.instance_id == instance).order_by(History.seq)
        return list(session.scalars(asked))
