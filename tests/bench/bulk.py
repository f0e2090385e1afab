"""A hundred approvals in bulk beside the same hundred one by one, on each database there is."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.platform.data import new_id
from app.platform.runtime import bulk, instances, tasks, versions
from app.platform.runtime.tasks import Decision
from tests import world as worlds
from tests.bench.harness import Row, against, alternate, prepared
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.runtime import chains
from tests.platform.runtime.test_bulk import pile

TASKS, RUNS = 100, 6


class Desk:
    """Tasks at a desk that allows bulk, and both ways of deciding them."""

    def __init__(self, kind: str) -> None:
        stack = ExitStack()
        atexit.register(stack.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = opened(stack.enter_context(fresh(kind, folder)))
        stack.callback(engine.dispose)
        self.world = chains.furnish(worlds.build(engine, folder, None))  # type: ignore[arg-type]
        self.session = Session(engine)
        stack.callback(self.session.close)
        form = worlds.APPLICATION
        given = chains.files(pile()) | {"forms/fairs/application.json": form}
        versions.publish(self.session, given, None, self.world.now)
        self.starter, self.city = self.world.acting("组织者甲"), self.world.acting("市级")

    def waiting(self) -> list[str]:
        """So many new tasks."""
        begin = partial(
            instances.start, self.session, "tests_pile", by=self.starter, post=None, now=self.world.now
        )
        return [begin(data=chains.HANSHAN).tasks[0] for _ in range(TASKS)]

    def together(self, wanted: Any) -> object:
        """Decide them in bulk."""
        decision = Decision("approve", "同意", 0, new_id())
        now = self.world.now
        done = bulk.complete(self.session, wanted, {}, decision, lambda _view: None, self.city, now)
        assert all(one.done for one in done)
        return done

    def singly(self, wanted: Any) -> object:
        """Decide them one by one."""
        for task in wanted:
            decision = Decision("approve", "同意", 1, new_id())
            tasks.complete(self.session, task, None, decision, self.city, self.world.now)
        return None


def row(kind: str) -> Row:
    """So many in bulk, against so many completions."""
    desk = Desk(kind)
    pair = alternate(prepared(desk.waiting, desk.together), prepared(desk.waiting, desk.singly), RUNS)
    return against(f"runtime.bulk.{kind}", pair, 0.4)


ROWS: dict[str, Callable[[], Row]] = {f"runtime.bulk.{kind}": partial(row, kind) for kind in KINDS}
