"""The drawing in an instance's page: inline, so that a click on a step shows its visits, without any script.

What makes it safe to show as it is: `runtime.diagram.svg` escapes every text and attribute it takes from a file, and
tests/rooms/monitor/test_instance_page.py gives it hostile ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask_babel import ngettext
from markupsafe import Markup

from app.platform import engine
from app.platform.monitoring import trails
from app.platform.monitoring.visits import Visit
from app.platform.registry import Words
from app.platform.runtime import diagram, incidents
from app.rooms.web.language import current, said

if TYPE_CHECKING:
    from app.rooms.monitor.casefile import Casefile


def of(
    case: Casefile,
    tree: Sequence[Visit],
    stuck: set[str],
    name_of: Callable[[str], Words],
    address_of: Callable[[str], str],
) -> Markup | None:
    """The diagram with the way walked and where it waited; every step that was visited leads to its visits.

    `name_of` and `address_of`: what a step is called, and where a click on it leads. None where nothing is drawn.
    """
    rows = [row for row in case.rows if case.moment is None or row.seq <= case.moment.seq]
    plan = diagram.plan_of(case.program, current())
    flows, between = trails.walked(plan, rows, case.program.definition.parents)
    if case.moment is not None:
        at, passed, stuck = set(case.moment.here), set(case.moment.passed), set[str]()
    else:
        at, passed = _tokens(case), {row.element for row in rows if row.element}
    counts = Counter(one.element for one in tree if one.element)

    def link(one: str, state: str) -> tuple[str, str] | None:
        if one not in counts and state == "ahead":
            return None
        drawn_as, name = (
            plan.names.get(one, ""),
            said(name_of(one)),
        )  # a name must hold what is to be read there
        step = name if name == drawn_as or not drawn_as else f"{drawn_as} ({name})"
        words = ngettext("%(step)s，%(num)s 次", "%(step)s，%(num)s 次", counts[one], step=step)
        return address_of(one), words

    drawn = diagram.svg(
        plan,
        at,
        (passed | between) - at,
        stuck,
        said(case.view.process_name),
        walked=flows,
        link=link,
    )
    return Markup(drawn) if drawn else None


def _tokens(case: Casefile) -> set[str]:
    """Where it waits now; nothing where its state cannot be read, which an incident says."""
    if case.view.state not in ("running", "suspended"):
        return set()
    try:
        live = engine.tokens(case.program.definition, case.owner.tokens)
    except incidents.BROKEN:
        return {task.element for task in case.view.open_tasks}
    return {token.element for token in live if not token.guards}
