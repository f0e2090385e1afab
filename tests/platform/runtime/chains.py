"""Small chains for tests of the runtime, and hooks that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.platform.registry import Call, Hooks, Words, house
from app.platform.runtime import versions
from tests.platform.engine.drawing import Drawing
from tests.world import APPLICATION, World

OUTCOMES = "approve=同意|Approve; return=退回|Return!-"
CITY = {"role": "fairs.city_admin", "at": "variable:district(city)"}
HANSHAN = {"district": "130402"}

told: dict[str, Callable[[Call], Any]] = {}
"""What the hooks `tests/ask` (now) and `tests/send` (after) do; nothing unless told."""

hooks = Hooks("tests")


@hooks.action()
def ask(call: Call) -> Mapping[str, Any] | None:
    return told.get("ask", lambda _: None)(call)


@hooks.action(when="after")
def send(call: Call) -> Mapping[str, Any] | None:
    return told.get("send", lambda _: None)(call)


@hooks.assignee
def someone(call: Call) -> str | None:
    return told.get("someone", lambda _: None)(call)  # type: ignore[no-any-return]


def plug() -> None:
    """Let the diagrams of this file be published."""
    if "tests/ask" not in house.actions:
        house.plug(hooks)


def desk(process: str = "tests_desk", **more: str) -> Drawing:
    """Prepare, review by the city, return or end; no form anywhere but at a start by page."""
    return (
        Drawing(process, form="fairs/application", **more)
        .lane("city", "review", **CITY)
        .start()
        .task("prepare", outcomes="send=送审|Send")
        .task("review", assignee="", outcomes=OUTCOMES, stage="待审核|Under review")
        .xor("decided", default="good")
        .end(stage="已通过|Passed")
        .line("begin", "prepare", "review", "decided")
        .flow("decided", "prepare", 'outcome == "return"', id="back")
        .flow("decided", "done", id="good")
    )


def hooked() -> Drawing:
    """A decision that asks a hook now, and one whose work is done after."""
    return (
        Drawing("tests_hooked")
        .start()
        .task("first", outcomes="go=办理|Go")
        .service("asking", "tests/ask", "now")
        .task("second", outcomes="go=办理|Go")
        .service("sending", "tests/send", "after")
        .task("third", outcomes="go=办理|Go")
        .end()
        .line("begin", "first", "asking", "second", "sending", "third", "done")
    )


def wide(branches: int = 8) -> Drawing:
    """As many open tasks at once as there are branches."""
    drawing = Drawing("tests_wide", form="fairs/application").start().both("fork").both("join").end()
    drawing.lane("city", *(f"part{n}" for n in range(branches)), **CITY)
    drawing.line("begin", "fork")
    for n in range(branches):
        drawing.task(f"part{n}", assignee="", outcomes="go=办理|Go").line("fork", f"part{n}", "join")
    return drawing.line("join", "done")


def furnish(world: World) -> World:
    """Publish the small chains."""
    plug()
    form = APPLICATION
    given = files(desk(), hooked(), wide()) | {"forms/fairs/application.json": form}
    with world.session() as session:
        versions.publish(session, given, None, world.now)
    return world


def path(drawing: Drawing) -> str:
    """The file a drawing is published from."""
    return f"processes/{drawing.process.replace('_', '/', 1)}.bpmn"


def files(*drawings: Drawing, **more: bytes) -> dict[str, bytes]:
    """Drawings as publication takes them."""
    return {path(drawing): drawing.text().encode() for drawing in drawings} | more


SAID = Words("今天不行", "Not today")
