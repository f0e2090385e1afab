"""Ticked rows of a list decided alike: what may be, what is asked, and what became of each (C-19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.forms import Complaint
from app.platform.jobs import errands as work
from app.platform.lists import deciding
from app.platform.lists.deciding import Batch
from app.platform.registry import Words
from app.platform.runtime import asking, bulk, policy
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.tasks import Decision
from app.rooms.web import errands, lists
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current
from app.rooms.web.security import safe_target

blueprint = Blueprint("together", __name__, url_prefix="/inbox/together", template_folder="templates")


@blueprint.post("/of/<system>/<key>")
@signed_in
def gather(system: str, key: str) -> Response:
    """Lead from the ticked rows of a list to the page where they are decided: all of it stands in the address."""
    instances = lists.instances_of(
        lists.of(system, key), request.form.getlist("row"), request.form.get("post")
    )
    back = safe_target(request.form.get("back"), f"/{system}/lists/{key}")
    return redirect(url_for("together.show", matter=instances, back=back), 303)


@blueprint.get("")
@signed_in
def show() -> str:
    """Show the ticked matters, which of them can be decided together, and what is asked."""
    matters = request.args.getlist("matter")[: bulk.MOST]
    return _page(deciding.gather(session(), matters, me()), Decision("", "", 0, new_id()), {})


@blueprint.post("")
@signed_in
def decide() -> Response | tuple[str, int] | str:
    """Decide them: at once up to fifty, as an errand above."""
    wanted = _wanted(request.form.getlist("task"))
    batch = deciding.gather(session(), request.form.getlist("matter"), me())
    decision = Decision(
        request.form.get("outcome", ""),
        request.form.get("comment", "").strip(),
        0,
        request.form.get("key") or new_id(),
    )
    names = batch.form.writable if batch.form else frozenset()
    sent = {name: texts for name, texts in drawn.texts(request.form).items() if name in names}
    if wrong := _wrong(batch, wanted, decision):
        return _page(batch, decision, sent, wrong), 422
    if drawn.is_update(request.form):
        return _page(batch, decision, sent)
    if batch.form and batch.ready:
        first = batch.ready[0].task
        if said := deciding.complaints(session(), first, sent, decision.outcome, me(), now()):
            return _page(batch, decision, sent, complaints=said), 422
    if len(wanted) > deciding.AT_ONCE:
        errand = deciding.begin(session(), wanted, decision, sent, me(), now())
        return redirect(url_for("errands.show", errand=errand), 303)
    result = deciding.decide(session(), wanted, decision, sent, me(), now())
    return _told(result, request.form.get("back"))


@blueprint.get("/<errand>")
@signed_in
def result(errand: str) -> str:
    """Show what became of each, of a batch that was an errand."""
    found = work.get(session(), errand, me())
    if found is None or found.kind != deciding.KIND or "done" not in found.result:
        abort(404)
    return _told(found.result, None)


@errands.leads(deciding.KIND)
def _lead(errand: work.Standing) -> Sequence[errands.Way]:
    return [(Words("查看结果", "See the results"), url_for("together.result", errand=errand.id))]


def _wanted(sent: Sequence[str]) -> dict[str, int]:
    """Tasks with the revision they were read at: `<task>.<revision>` each."""
    pairs = (one.partition(".") for one in sent[: bulk.MOST])
    return {
        task: int(text) for task, _dot, text in pairs if text.isascii() and text.isdigit() and len(text) < 9
    }


def _wrong(batch: Batch, wanted: Mapping[str, int], decision: Decision) -> list[tuple[str | None, str]]:
    """What keeps all of them from being decided: the same for each, so it is said before anything is done."""
    if not wanted:
        return [(None, _("没有可以办理的事项。"))]
    chosen = next((one for one in batch.outcomes if one.key == decision.outcome), None)
    if chosen is None:
        # somebody else may have decided them all meanwhile: then each row says so
        return [(None, _("请选择办理结果。"))] if batch.outcomes else []
    if chosen.opinion and not decision.comment:
        return [("comment", _("请填写审核意见"))]
    return []


def _page(
    batch: Batch,
    decision: Decision,
    sent: Mapping[str, Sequence[str]],
    wrong: Sequence[tuple[str | None, str]] = (),
    complaints: Sequence[Complaint] = (),
) -> str:
    given = asking.given(
        session(), {}, lambda _file: None, by=me(), now=now(), outcome=decision.outcome or None
    )
    form = batch.form and drawn.render_form(batch.form, {}, complaints, given, current(), sent=sent or None)
    back = safe_target(request.values.get("back"), url_for("inbox.box"))
    return render_template(
        "inbox/together.html", batch=batch, form=form, decision=decision, summary=wrong, back=back
    )


def _told(result: Mapping[str, Any], back: str | None) -> str:
    refused = {one["task"]: Words(one["zh"], one["en"]) for one in result["refused"]}
    rows = session().execute(
        select(Task.id, Task.instance_id, Instance.title, Instance.number)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.id.in_(refused), policy.readable(me()))
    )
    named = {row.id: row for row in rows}
    return render_template(
        "inbox/together_done.html",
        done=result["done"],
        refused=[(named.get(task), words) for task, words in refused.items()],
        back=safe_target(back, url_for("inbox.box")),
    )
