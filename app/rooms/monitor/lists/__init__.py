"""The lists behind the monitor's numbers: instances, overdue tasks, what failed."""

from __future__ import annotations

from dataclasses import replace

from app.platform.lists import Act, catalogue
from app.rooms.monitor.lists.incidents import INCIDENTS
from app.rooms.monitor.lists.instances import INSTANCES, STATES
from app.rooms.monitor.lists.overdue import OVERDUE
from app.rooms.monitor.lists.rows import IN_BULK, ROOM, processes, reach_of, tabs

__all__ = ["IN_BULK", "LISTS", "ROOM", "STATES", "attach", "processes", "reach_of", "tabs"]

LISTS = tuple(
    replace(one, acts=(Act(IN_BULK, f"/monitor/bulk/of/{one.key}"),))
    for one in (INSTANCES, OVERDUE, INCIDENTS)
)


def attach() -> None:
    """Enter the room's lists, served at `/monitor/lists/<key>`."""
    catalogue.enter(ROOM, LISTS)
