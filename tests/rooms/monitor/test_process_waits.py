"""What waits for a timer, a message or the house's work is counted where it stands, and found in the list."""

from __future__ import annotations

import pytest
from sqlalchemy import event, update

from app.platform import lists
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.monitoring import folding, process_waits
from app.platform.runtime.entities import Instance
from app.platform.runtime.versions import publish
from app.rooms.monitor import process_lists
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime.chains import files
from tests.platform.runtime.conftest import (  # noqa: F401 - fixtures
    any_ground,
    ground,
)
from tests.platform.runtime.steps import begin, decide
from tests.rooms.monitor import cases
from tests.world import World

PROCESS = "tests_waits"
PEOPLE = {"全国管": "", "市管": "130400", "邻市管": "130500"}


def drawing() -> Nested:
    """A task with a timer beside it, work, a gateway that waits for two events, and a timer alone."""
    drawn = Nested(PROCESS).start().end().names("message", "paid").end("late").end("told")
    drawn.task("first", outcomes="go=办理|Go").edge("guard", "first", timer("P9D"), stops=False)
    drawn.service("sending", "tests/send", "after").event("eventBasedGateway", "rivals")
    drawn.catch("reply", refers("message", "paid")).catch("limit", timer("P5D")).catch("rest", timer("P1D"))
    drawn.line("begin", "first", "sending", "rivals", "reply", "rest", "done")
    return drawn.line("rivals", "limit", "late").line("guard", "told")


@pytest.fixture
def watched(any_ground: World) -> World:  # noqa: F811
    """One at its task, one at work, two at the gateway; one of these lies in the next city."""
    world = any_ground
    for name, place in PEOPLE.items():
        world.enter(name, roles.ADMINISTRATOR.key, place)
    with world.session() as session:
        publish(session, files(drawing()), None, world.now)
    begin(world, PROCESS, data={})
    at_gateway = [begin(world, PROCESS, data={}) for _ in range(2)]
    for instance in at_gateway:
        decide(world, world.open_task(instance, "first"), "go")
    world.work()
    at_work = begin(world, PROCESS, data={})
    decide(world, world.open_task(at_work, "first"), "go")
    with world.session() as session, transaction(session):
        cases.lie_in(session, cases.COUNTY)
        cases.lie_in(session, cases.NEXT, at_gateway[1])
    with world.session() as session:
        folding.fold(session, world.now)
        process_lists.read(session)
    return world


def waiting(world: World, *reach: str, version: str | None = None) -> dict[str, int]:
    with world.session() as session:
        return dict(process_waits.of(session, PROCESS, reach, version))


def listed(world: World, name: str, element: str) -> int:
    listing = process_lists.get(PROCESS)
    assert listing is not None
    with world.session() as session:
        by = world.acting(name)
        asked = lists.read(listing, session, by, {"element": element})
        return lists.fetch(listing, session, by, asked, world.now).total


@pytest.mark.parametrize(
    ("reach", "found"),
    [
        ("", {"sending": 1, "reply": 2, "limit": 2}),
        (cases.CITY, {"sending": 1, "reply": 1, "limit": 1}),
        (cases.NEXT, {"reply": 1, "limit": 1}),
        ("140000/", {}),
    ],
)
def test_what_waits_is_counted_within_a_reach_and_what_stands_guard_is_not(
    watched: World, reach: str, found: dict[str, int]
) -> None:
    assert waiting(watched, reach) == found


def test_of_another_version_nothing_waits(watched: World) -> None:
    with watched.session() as session:
        (version,) = {row.version_id for row in session.query(Instance).where(Instance.process == PROCESS)}
    assert waiting(watched, "", version=version) == waiting(watched, "")
    assert waiting(watched, "", version="0" * 26) == {}


@pytest.mark.parametrize("few", [process_lists.FEW, 0])
@pytest.mark.parametrize(("name", "reach"), [("全国管", ""), ("市管", cases.CITY), ("邻市管", cases.NEXT)])
def test_the_list_of_a_step_holds_what_is_counted_there(
    watched: World, name: str, reach: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the database is told to look for them."""
    monkeypatch.setattr(process_lists, "FEW", few)
    counted = waiting(watched, reach)
    for element in ("sending", "reply", "limit", "rest", "guard"):
        assert listed(watched, name, element) == counted.get(element, 0)


def test_a_case_at_both_a_task_and_an_event_is_found_by_either(watched: World) -> None:
    assert listed(watched, "全国管", "first.reply") == 3


def test_what_goes_on_is_counted_no_more(watched: World) -> None:
    watched.work()
    assert waiting(watched, "") == {"reply": 3, "limit": 3}


def test_what_is_suspended_waits_on(watched: World) -> None:
    with watched.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.process == PROCESS).values(state="suspended"))
    assert waiting(watched, "")["limit"] == 2


def test_it_takes_two_statements(watched: World) -> None:
    lines: list[str] = []
    waiting(watched, "")  # the version's program is read once
    event.listen(watched.engine, "before_cursor_execute", lambda *given: lines.append(given[2]))
    waiting(watched, cases.CITY)
    assert len([line for line in lines if line.startswith("SELECT")]) == 2
