"""A chain that forks, for repairs: left and right at once, then what comes after both."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.platform.runtime import versions
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import CITY, files
from tests.world import APPLICATION, World

KEY = "tests_fork"


def publish(session: Session, world: World) -> None:
    """Publish it, with the form of the fairs."""
    drawn = Drawing(KEY, form="fairs/application").start().both("split").both("join").end()
    drawn.lane("city", "left", "right", "after", **CITY)
    for step in ("left", "right", "after"):
        drawn.task(step, assignee="", due="P3WD", outcomes="go=办理|Go")
    drawn.line("begin", "split", "left", "join", "after", "done").line("split", "right", "join")
    form = {"forms/fairs/application.json": APPLICATION}
    versions.publish(session, files(drawn) | form, None, world.now)
