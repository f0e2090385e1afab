"""Which messages and signals a chain may ever send."""

from __future__ import annotations

from app.platform.engine.definition import Definition
from app.platform.engine.elements.end_event import End
from app.platform.engine.elements.events import Throw


def thrown(definition: Definition) -> frozenset[tuple[str, str]]:
    """Kind and name of what its throw events, send tasks and ends send, in sub-processes and called chains too."""
    found = set[tuple[str, str]]()
    for station in definition.plan.task_specs.values():
        if isinstance(station, Throw) or (isinstance(station, End) and station.throws):
            assert station.event is not None
            found.add((station.event.kind, station.event.name or ""))
    return frozenset(found)
