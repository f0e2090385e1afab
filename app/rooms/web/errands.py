"""A person's own errands at `/errands`: how far they are, what came of them, stop and try again (C-19, C-28)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as page_session
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.platform.jobs import errands
from app.platform.jobs.errands import Standing
from app.platform.registry import Words
from app.rooms.web import acting
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in

Way = tuple[Words, str]
Lead = Callable[[Standing], Sequence[Way]]
MARKED = 5
STATES = {
    "waiting": (Words("等待办理", "Waiting"), "plain"),
    "running": (Words("办理中", "Running"), "run"),
    "done": (Words("已完成", "Done"), "ok"),
    "failed": (Words("未能完成", "Failed"), "bad"),
    "stopped": (Words("已停止", "Stopped"), "plain"),
}
DOWNLOAD = Words("下载文件", "Download the file")
_leads: dict[str, Lead] = {}
_before_the_file: set[str] = set()
_sayings: dict[str, Callable[[Standing], Words]] = {}
blueprint = Blueprint("errands", __name__, url_prefix="/errands")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the shell shows of errands begun in this browser: how many are under way, how many have ended unseen."""

    under_way: int
    over: int


def leads(kind: str, *, first: bool = False) -> Callable[[Lead], Lead]:
    """Register `lead(standing) -> [(words, address)]`: where the result of errands of this kind leads.

    It is asked for what is done. A result with a `file` offers its download by itself, before the ways of `lead` or
    (`first`) after them.
    """

    def register(lead: Lead) -> Lead:
        _leads[kind] = lead
        if first:
            _before_the_file.add(kind)
        return lead

    return register


def says(kind: str) -> Callable[[Callable[[Standing], Words]], Callable[[Standing], Words]]:
    """Register a sentence on what came of an errand of this kind that is done."""

    def register(saying: Callable[[Standing], Words]) -> Callable[[Standing], Words]:
        _sayings[kind] = saying
        return saying

    return register


def attach(app: Flask) -> None:
    """Serve the pages; remember in the page cookie what was begun, so that people without errands cost no statement."""
    app.register_blueprint(blueprint)
    app.after_request(_remember)
    app.context_processor(
        lambda: {
            "errand_mark": mark,
            "errand_state": STATES.__getitem__,
            "errand_ways": ways,
            "errand_tag": tag,
            "errand_outcome": outcome,
            "errand_why": lambda errand: Words(**errand.result["why"]),
        }
    )


@blueprint.get("")
@signed_in
def index() -> str:
    """Show one's own errands, newest first."""
    found = errands.own(session(), me())
    _seen(found)
    return render_template("web/errands.html", errands=found)


@blueprint.get("/<errand>")
@signed_in
def show(errand: str) -> str:
    """Show one errand; its progress goes on by itself, or with the refresh link."""
    found = _own(errand)
    _seen([found])
    return render_template("web/errand.html", errand=found)


@blueprint.get("/<errand>/progress")
@signed_in
def progress(errand: str) -> Response:
    """Answer the piece of the page that moves; 304 while nothing has."""
    found = _own(errand)
    if request.headers.get("If-None-Match") == tag(found):
        answer = make_response("", 304)
    else:
        _seen([found])
        answer = make_response(
            render_template("web/errand_card.html", errand=found, alone="alone" in request.args)
        )
    answer.headers["ETag"] = tag(found)
    return answer


@blueprint.post("/<errand>/stop")
@signed_in
def stop(errand: str) -> AnyResponse:
    """Call an errand off."""
    _own(errand)
    if errands.stop(session(), errand, me(), now()):
        flash(_("已停止。已经写入的内容保留，其余不再进行。"), "success")
    else:
        flash(_("该任务已经结束，不能再停止。"), "warning")
    return redirect(url_for("errands.show", errand=errand), 303)


@blueprint.post("/<errand>/again")
@signed_in
def again(errand: str) -> AnyResponse:
    """Let an errand that failed try once more."""
    _own(errand)
    if errands.again(session(), errand, me(), now()):
        flash(_("已重新开始。"), "success")
    else:
        flash(_("只有未能完成的任务可以重试。"), "warning")
    return redirect(url_for("errands.show", errand=errand), 303)


def ways(errand: Standing) -> list[Way]:
    """Where an errand that is done leads."""
    if errand.state != "done":
        return []
    found: list[Way] = []
    if file := errand.result.get("file"):
        found.append((DOWNLOAD, url_for("files.download", file=file)))
    if errand.kind in _leads:
        led = list(_leads[errand.kind](errand))
        found = [*led, *found] if errand.kind in _before_the_file else [*found, *led]
    return found


def outcome(errand: Standing) -> Words | None:
    """What came of an errand that is done, in a sentence of its kind."""
    saying = _sayings.get(errand.kind)
    return saying(errand) if saying and errand.state == "done" else None


def tag(errand: Standing) -> str:
    """What changes when the errand does."""
    told = f"{errand.id}:{errand.state}:{errand.done}:{errand.total}:{errand.finished_at}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:16]}"'


def mark() -> Mark | None:
    """What the shell shows; None, and no statement, for a browser in which nothing was begun lately."""
    if "errand_mark" not in g:
        g.errand_mark = _mark(page_session.get("errands") or [])
    return g.errand_mark  # type: ignore[no-any-return]


def _mark(begun: list[str]) -> Mark | None:
    if not begun or acting.who() is None:
        return None
    found = errands.own(session(), me(), only=begun)
    over = sum(errand.is_over for errand in found)
    return Mark(len(found) - over, over) if found else None


def _own(errand: str) -> Standing:
    found = errands.get(session(), errand, me())
    if found is None:
        abort(404)
    return found


def _seen(found: Sequence[Standing]) -> None:
    """Whoever has seen that an errand is over needs no mark of it any more."""
    begun: list[str] = page_session.get("errands") or []
    left = [one for one in begun if not any(errand.id == one and errand.is_over for errand in found)]
    if left != begun:
        page_session["errands"] = left


def _remember(response: Any) -> Any:
    """Note in the page cookie which errands this request has begun."""
    if request.endpoint == "static":
        return response
    begun = session().info.pop(errands.BEGUN, None)
    if begun and acting.bearer() is None:
        kept = [one for one in page_session.get("errands") or [] if one not in begun]
        page_session["errands"] = [*kept, *begun][-MARKED:]
    return response
