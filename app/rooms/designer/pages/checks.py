"""How far a lane reaches today, asked as one draws it; and the steps that nobody can do somewhere."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.platform.design import deadends, nightly
from app.platform.design.dead_end import DeadEnd
from app.platform.identity import roles
from app.platform.lists import catalogue
from app.platform.registry import Words, house
from app.platform.runtime.entities import Process
from app.rooms.designer.blueprint import blueprint
from app.rooms.designer.deadend_list import DEAD_ENDS, SEEING, reach_of
from app.rooms.web import acting, lists, menus
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import Missing, needs, signed_in
from app.rooms.web.language import said

MOST_NAMED = 200
STRIP = 6
"""Steps shown above the list, those with the most places first."""
catalogue.enter("designer", (DEAD_ENDS,))
menus.offer(
    menus.Offer(
        Words("环节无人办理", "Steps nobody can do"),
        "designer.dead_ends",
        "warning",
        order=72,
        among=lambda: frozenset(SEEING),
    )
)


@blueprint.get("/reach")
@needs(roles.DESIGN)
def reach() -> Response | tuple[Response, int]:
    """`?role=&at=&for=&nobody=&starts=&roles=&level=`: in how many places somebody holds it, and which have nobody."""
    asked = request.args
    role = asked.get("role", "").strip()
    if role not in house.roles:
        return jsonify(message=_("没有这个角色")), 422
    lane = deadends.Lane(
        role,
        asked.get("at", "").strip(),
        asked.get("for", "").strip(),
        asked.get("nobody", "").strip() or "incident",
        tuple(part.strip() for part in asked.get("starts", "").split(";") if part.strip()),
        frozenset(asked.get("roles", "").split(",")) & house.roles.keys(),
        asked.get("level") or None,
    )
    try:
        found, ground = deadends.of_lane(session(), lane, now())
    except deadends.BadValue:
        return jsonify(message=_("任职地点的写法不正确")), 422
    names = [said(ground.called(gap.place)) for gap in found.without[:MOST_NAMED]]
    return jsonify(
        {
            "regions": len(found.asked),
            "with": len(found.asked) - len(found.without),
            "without": names,
            "partial": [said(ground.called(place)) for place in found.partial[:MOST_NAMED]],
            "message": said(deadends.line(found, ground)),
        }
    )


@blueprint.get("/deadends")
@signed_in
def dead_ends() -> str:
    """Every step that nobody can do in some place within one's reach, with the steps that have most of them."""
    _admit()
    return lists.answer(
        DEAD_ENDS, "designer/deadends.html", strip=_strip(), seen=_seen_at(), may_look=_may_look()
    )


@blueprint.post("/deadends/look")
@signed_in
def look_again() -> Any:
    """Look everything over now: what is over is closed at once, what is new is opened."""
    if not _may_look():
        raise Missing(roles.DESIGN)
    done = nightly.look(session(), me(), now())
    if not done.opened and not done.closed:
        flash(_("已重新核对，没有变化。"), "success")
    else:
        told = _(
            "已重新核对：新发现%(opened)d处，已解决%(closed)d处。",
            opened=len(done.opened),
            closed=len(done.closed),
        )
        flash(told, "success")
    return redirect(url_for("designer.dead_ends"), 303)


def _may_look() -> bool:
    return any(acting.may(code) for code in SEEING)


def _admit() -> None:
    if not _may_look():
        raise Missing(roles.DESIGN)


def _seen_at() -> Any:
    return session().scalar(select(func.max(DeadEnd.seen_at)).where(DeadEnd.closed_at.is_(None)))


def _strip() -> list[tuple[Words, Words, int, str]]:
    """The steps with most places that have nobody: step, process, how many, and the process's key."""
    rows = session().execute(
        select(
            DeadEnd.process,
            func.max(DeadEnd.name_zh),
            func.max(DeadEnd.name_en),
            func.max(Process.name_zh),
            func.max(Process.name_en),
            func.count(),
        )
        .outerjoin(Process, Process.key == DeadEnd.process)
        .where(DeadEnd.closed_at.is_(None), nightly.visible(reach_of(me())))
        .group_by(DeadEnd.process, DeadEnd.element)
        .order_by(func.count().desc(), DeadEnd.process, DeadEnd.element)
        .limit(STRIP)
    )
    return [
        (Words(zh, en), Words(process_zh or key, process_en or key), count, key)
        for key, zh, en, process_zh, process_en, count in rows
    ]
