"""Which verbs besides its outcomes a reader has at a task now, and where each leads: nothing is offered in vain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from app.platform.data import new_id
from app.platform.runtime import moving, urging
from app.platform.runtime.views import InstanceView, TaskView
from app.rooms.inbox import following
from app.rooms.web.acting import me, now, session

IN_REACH = 2
"""So many stand in the footer as buttons; the others are behind 更多."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One verb: its words and its address; `posts` for one that asks nothing more."""

    key: str
    words: str
    url: str
    posts: bool = False


def titles() -> dict[str, str]:
    """What the verbs are called."""
    return {
        "withdraw": _("撤回"),
        "claim": _("签收"),
        "unclaim": _("放回"),
        "return": _("退回到…"),
        "transfer": _("转办"),
        "delegate": _("委托"),
        "signers": _("加签 / 减签"),
        "copy": _("抄送"),
        "print": _("打印"),
    }


def shown(view: TaskView) -> Mapping[str, Any]:
    """What the pane shows of them."""
    offers = _offers(view)
    near = offers if len(offers) <= IN_REACH else offers[:IN_REACH]
    return {"offers": offers, "near_offers": near}


def of_instance(view: InstanceView) -> Mapping[str, Any]:
    """What the page of an instance offers: `may_urge`, `urged_at` if it was today, `may_withdraw`; a key for each."""
    waits = view.state == "running" and any(not task.can_work for task in view.open_tasks)
    may_urge = waits and urging.may_urge(session(), view.id, view.starter, me())
    return {
        "may_urge": may_urge,
        "urged_at": urging.last_today(session(), view.id, now()) if may_urge else None,
        "may_withdraw": view.state == "running" and moving.may_withdraw(session(), view.id, me()),
        "verb_key": new_id(),
    }


def needs_reason(view: TaskView, verb: str) -> bool:
    """Whether it would be an administrator's act, who must say why."""
    return not view.can_work or verb not in view.allow


def _offers(view: TaskView) -> list[Offer]:
    trail = following.trail(request.args)
    named = titles()

    def at(verb: str, *, posts: bool = False) -> Offer:
        return Offer(verb, named[verb], url_for(f"inbox.{verb}", task=view.id, **trail), posts)

    found = []
    if view.state != "open" and moving.withdrawable(session(), [view.id], me()):
        found.append(
            Offer("withdraw", named["withdraw"], url_for("inbox.withdraw", instance=view.instance, **trail))
        )
    found += [at(verb, posts=True) for verb in ("claim", "unclaim") if verb in view.verbs]
    if view.can_work and "return" in view.allow and _has_way_back(view):
        found.append(Offer("return", named["return"], url_for("inbox.send_back", task=view.id, **trail)))
    found += [at(verb) for verb in ("transfer", "delegate", "signers", "copy") if verb in view.verbs]
    found.append(Offer("print", named["print"], url_for("inbox.print_task", task=view.id)))
    return found


def _has_way_back(view: TaskView) -> bool:
    return any(place.because is None for place in moving.places_of(session(), view.id))


def tell(told: str, view: TaskView) -> None:
    """Say on the next page what was done at a task, with the way to take it back as long as there is one."""
    instance = view.instance
    if "withdraw" in view.allow and moving.may_withdraw(session(), instance, me()):
        address = url_for("inbox.withdraw", instance=instance)
        flash({"words": told, "url": address, "way": _("撤回")}, "success")
    else:
        flash(told, "success")
