"""Where a person goes after a decision: his own next step, the next case of the list, or the list."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _

from app.platform import lists
from app.platform.runtime.tasks import Completed, Decision
from app.platform.runtime.views import TaskView
from app.rooms.inbox import boxes, rows
from app.rooms.inbox.lists import TODO, first_workable
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import said


def what_was_done(view: TaskView, decision: Decision) -> str:
    """Name what has been done, for the line on the next page."""
    outcome = next((said(one.words) for one in view.outcomes if one.key == decision.outcome), "")
    return _(
        "已办理：%(title)s · %(step)s · %(outcome)s", title=view.title, step=said(view.name), outcome=outcome
    )


def next_page(view: TaskView, done: Completed, args: Mapping[str, str]) -> str:
    """The address of what comes next."""
    own = first_workable(session(), me(), now(), done.next_tasks)
    if own:
        return url_for("inbox.show_task", task=own, fresh=1, **boxes.kept(args))
    if view.starter == me().person:
        return url_for("inbox.show_instance", instance=done.instance)
    return _next_of_list(args)


def same_task(task: str, args: Mapping[str, str]) -> str:
    """The address of a task, with the state of the list it was opened from."""
    return url_for("inbox.show_task", task=task, **trail(args))


def trail(args: Mapping[str, str]) -> dict[str, str]:
    """The state of the list a task was opened from, and the task's place in it."""
    return {**boxes.kept(args), **boxes.place(args)}


def same_instance(instance: str, args: Mapping[str, str]) -> str:
    """The address of an instance, with the state of the list it was opened from."""
    return url_for("inbox.show_instance", instance=instance, **trail(args))


def _next_of_list(args: Mapping[str, str]) -> str:
    """The case that has moved up to the place of the one just decided; without one, the list as it was asked."""
    box, kept = boxes.BOXES.get(args.get("box", ""), TODO), boxes.kept(args)
    if box.key not in rows.OPEN:
        return url_for("inbox.box", **kept)
    asked = lists.read(box, session(), me(), args, offering=False)
    page = lists.fetch(box, session(), me(), asked, now())
    at = boxes.place(args).get("at", "1")
    line = next((row for row in page.rows if row.number >= int(at)), page.rows[0] if page.rows else None)
    if line is None or line.link is None:
        return url_for("inbox.box", **kept)
    return url_for("inbox.show_task", task=line.link.id, fresh=1, **{**kept, "at": str(line.number)})
