"""What the pane of a task shows besides the form: one function for each part, put together here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from app.platform.runtime import diagram, versions
from app.rooms.inbox import coming, comparing, inquiring, live, marking, phrases, verbs
from app.rooms.web.acting import session

if TYPE_CHECKING:
    from app.rooms.inbox.answering import Answer


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the pane by the id of its section; `first` is the one shown at once."""

    id: str
    words: str
    count: int = 0
    first: bool = False
    mark: str = ""


def parts(answer: Answer, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Everything beside the form for one task; `shown` is what the page knows already."""
    view = answer.view
    spot = diagram.spot(versions.program(session(), view.version), view.element)
    found: dict[str, Any] = {
        **coming.shown(view),
        **phrases.shown(view),
        **live.shown(answer, shown),
        **verbs.shown(view),
        **inquiring.shown(view),
        "spot": spot,
        **marking.shown(answer),
        **comparing.shown(answer, shown["happened"], in_full=shown["in_full"]),
    }
    return {**found, "tabs": _tabs(answer, {**shown, **found})}


def _tabs(answer: Answer, shown: Mapping[str, Any]) -> Sequence[Tab]:
    """The tabs there is something behind, in their order."""
    form, changes = answer.view.form, shown["comparison"]
    return [
        *([Tab("compare", _("变更对比"), len(changes.changed), first=True)] if changes else []),
        *([Tab("form", _("表单"), first=not changes)] if form else []),
        *([_materials(shown["materials"])] if shown["materials"] else []),
        *([Tab("documents", _("打印件"), len(shown["documents"]))] if shown["documents"] else []),
        *(
            [Tab("questions", _("询问"), shown["open_questions"])]
            if shown["asking"] or shown["questions"]
            else []
        ),
        Tab("history", _("流转记录"), first=form is None),
        *([Tab("diagram", _("流程图"))] if shown["spot"] else []),
    ]


def _materials(found: Sequence[Any]) -> Tab:
    """The materials; a scan that nobody has compared yet is said on the tab already."""
    unread = any(one.verdict == "unverified" for one in found)
    return Tab("materials", _("材料"), len(found), mark=_("未核验") if unread else "")
