"""Where a person goes after a decision: his own next step, the next case of the list, or the list."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for
from flask_babel import gettext as _

from app.platform import lists
from app.platform.runtime.tasks import Completed, Decision
from app.platform.runtime.views import TaskView
from app.rooms.inbox import boxes
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
        return url_for("inbox.show_task", task=own, fresh=1, **_kept(args))
    if view.starter == me().person:
        return url_for("inbox.show_instance", instance=done.instance)
    return _next_of_list(args)


def same_task(task: str, args: Mapping[str, str]) -> str:
    """The address of a task, with the state of the list it was opened from."""
    return url_for("inbox.show_task", task=task, **{**_kept(args), **boxes.place(args)})


def _next_of_list(args: Mapping[str, str]) -> str:
    """The case that has moved up to the place of the one just decided."""
    asked = lists.read(TODO, session(), me(), args)
    page = lists.fetch(TODO, session(), me(), asked, now())
    if not page.rows or args.get("box", TODO.key) != TODO.key:
        return url_for("inbox.box", **_kept(args))
    at = args.get("at", "")
    place = int(at) if at.isascii() and at.isdigit() and len(at) < 7 else 1
    line = next((row for row in page.rows if row.number >= place), page.rows[0])
    if line.link is None:
        return url_for("inbox.box", **_kept(args))
    return url_for("inbox.show_task", task=line.link.id, fresh=1, **{**_kept(args), "at": str(line.number)})


def _kept(args: Mapping[str, str]) -> dict[str, str]:
    """The state of the list in the address, and nothing else that a link may have brought along."""
    box = boxes.BOXES.get(args.get("box", ""), TODO)
    asked = lists.read(box, session(), me(), args)
    kept = {"box": box.key, **asked.address}
    return kept if asked.page == 1 else {**kept, "page": str(asked.page)}
