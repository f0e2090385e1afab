"""Where an instance is, for programs: the sentence its page shows, and the facts it is made of."""

from __future__ import annotations

from typing import Any

from app.platform.runtime import history, where_said, whereabouts
from app.platform.runtime.views import InstanceView
from app.rooms.api.saying import moment, spoken
from app.rooms.web.acting import me, now, session


def shown(view: InstanceView) -> dict[str, Any]:
    """What `where` of an instance says to whoever asks."""
    where = whereabouts.of(session(), view, history.of(session(), view.id), me(), now())
    return {
        "state": where.state,
        "sentence": spoken(where_said.sentence(where, now())),
        "holders": [
            {
                "task": one.task,
                "element": one.element,
                "name": spoken(one.name),
                "who": spoken(one.who),
                "since": moment(one.since),
                "due_at": moment(one.due_at),
                "working_days_left": one.left,
            }
            for one in where.holdings
        ],
        "next": [
            {"element": one.element, "name": spoken(one.name), "who": spoken(one.who)} for one in where.coming
        ],
        "ends_then": where.ends,
    }
