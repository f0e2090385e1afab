"""The tab 变更对比 of a task that comes again: what its decider saw last beside what stands there now (C4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.platform.runtime import changes, submissions
from app.platform.runtime.history import HistoryRow
from app.rooms.inbox import handing
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current

if TYPE_CHECKING:
    from app.rooms.inbox.answering import Answer


def shown(answer: Answer, happened: Sequence[HistoryRow], *, in_full: bool) -> dict[str, Any]:
    """The comparison and what it compares with; nothing for the starter, who knows what he has changed."""
    view = answer.view
    if view.form is None or view.starter == me().person:
        return {"comparison": None}
    before = changes.before(session(), view, happened)
    if before is None:
        return {"comparison": None}
    if in_full:  # what is masked and stands there no more is revealed here alone
        gone = {name: value for name, value in before.values.items() if not answer.values.get(name)}
        submissions.reveal(session(), view.instance, view.starter, view.form, gone, me(), now())
    about = {
        "instance": view.instance,
        "process": view.process,
        "element": view.element,
        "starter": view.starter,
        "variables": view.variables,
    }
    own = view.items is not None and view.items.element == view.element
    comparison = changes.compare(
        view.form,
        handing.given(before.values, **about),
        handing.given(view.values, **about),
        current(),
        in_full=in_full,
        reasons=view.items.named.fields if own and view.items else {},
    )
    return {"comparison": comparison, "compared_with": before}
