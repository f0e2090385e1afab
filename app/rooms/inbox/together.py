"""Ticked rows handled alike: which can be, what is asked, what became of each, the refused ones tried again (C-19)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.forms import Complaint
from app.platform.jobs import errands as work
from app.platform.lists import deciding
from app.platform.lists.deciding import Wish
from app.platform.lists.gathering import COMPLETE, Batch
from app.platform.registry import Words
from app.platform.runtime import asking, bulk, policy
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.errors import KeyReused
from app.rooms.inbox import ticked
from app.rooms.inbox.lists import TODO
from app.rooms.web import errands, lists, whom
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current, said
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


@blueprint.post("/ticked")
@signed_in
def gather_ticked() -> Response:
    """Lead from ticked rows of the inbox to the page of the verb that was pressed."""
    rows, back = request.form.getlist("row")[: bulk.MOST], safe_target(request.form.get("back"), _inbox())
    asked = request.form.get("verb")
    more = {"verb": ticked.verb_of(asked), "lean": ticked.leaning_of(asked)}
    return redirect(
        url_for("together.show", row=rows, back=back, **{k: v for k, v in more.items() if v}), 303
    )


@blueprint.get("")
@signed_in
def show() -> str:
    """Show the ticked rows, to which of them it can be done, and what is asked."""
    if "again" in request.args:
        return _again(request.args["again"])
    verb = ticked.verb_of(request.args.get("verb"))
    return _page(ticked.gathered(request.args), Wish(verb, key=new_id()))


@blueprint.post("")
@signed_in
def decide() -> Response | tuple[str, int] | str:
    """Do it: at once up to fifty, as an errand above; then show what became of each."""
    batch, wanted = ticked.gathered(request.form), ticked.wanted(request.form.getlist("task"))
    wish = ticked.wish(request.form, batch)
    if drawn.is_update(request.form) or "find" in request.form or "to_step" in request.form:
        return _page(batch, wish)
    if wrong := ticked.wrong(batch, wanted, wish):
        return _page(batch, wish, wrong), 422
    if batch.form and batch.ready:
        first = batch.ready[0].task
        if faults := deciding.complaints(session(), first, wish, me(), now()):
            return _page(batch, wish, complaints=faults), 422
    try:
        errand = deciding.submit(session(), wanted, wish, me(), now())
    except KeyReused as reused:
        return _page(batch, wish, [(None, said(deciding.why(reused)))]), 422
    if len(wanted) > deciding.AT_ONCE:
        return redirect(url_for("errands.show", errand=errand), 303)
    back = safe_target(request.form.get("back"), _inbox())
    return redirect(url_for("together.result", errand=errand, back=back), 303)


@blueprint.get("/<errand>")
@signed_in
def result(errand: str) -> str:
    """Show what became of each: of what was done at once and of what was an errand, as long as errands are kept."""
    found = _own(errand)
    refused = {one["task"]: Words(one["zh"], one["en"]) for one in found.result["refused"]}
    done = found.result.get("tasks", [])
    named = _named([*refused, *done])
    return render_template(
        "inbox/together_done.html",
        errand=found,
        verb=deciding.wished(found)[0].verb,
        names=ticked.NAMES,
        done=found.result["done"],
        done_rows=[named[task] for task in done if task in named],
        refused=[(named.get(task), words) for task, words in refused.items()],
        back=safe_target(request.args.get("back"), _inbox()),
    )


@errands.leads(deciding.KIND)
def _lead(errand: work.Standing) -> Sequence[errands.Way]:
    return [(Words("查看结果", "See the results"), url_for("together.result", errand=errand.id))]


def _own(errand: str) -> work.Standing:
    """One's own batch that has an end; 404 for everything else."""
    found = work.get(session(), errand, me())
    if found is None or found.kind != deciding.KIND or "done" not in found.result:
        abort(404)
    return found


def _again(errand: str) -> str:
    """Those that were refused, as they stand now, with everything that was said and filled in."""
    found = _own(errand)
    wish, refused = deciding.wished(found)
    asked = {"tasks": refused, "verb": wish.verb, "step": request.args.get("step", "")}
    batch = ticked.fit(deciding.gather(session(), me(), **asked))
    last = {one["task"]: Words(one["zh"], one["en"]) for one in found.result["refused"]}
    fresh = Wish(wish.verb, wish.outcome, wish.comment, wish.own, wish.to, wish.sent, new_id())
    return _page(batch, fresh, last=last)


def _page(
    batch: Batch,
    wish: Wish,
    wrong: Sequence[ticked.Wrong] = (),
    complaints: Sequence[Complaint] = (),
    last: Mapping[str, Words] | None = None,
) -> str:
    given = asking.given(session(), {}, lambda _file: None, by=me(), now=now(), outcome=wish.outcome or None)
    sent: Any = dict(wish.sent) or None
    form = batch.form and drawn.render_form(batch.form, {}, complaints, given, current(), sent=sent)
    asks_whom = wish.verb in ticked.ASKS_WHOM
    return render_template(
        "inbox/together.html",
        batch=batch,
        fields=form,
        wish=wish,
        names=ticked.NAMES,
        decides=wish.verb == COMPLETE,
        lean=ticked.leaning_of(request.values.get("lean")),
        whom=whom.offered("to", _anybody, several=wish.verb == "copy") if asks_whom and batch.ready else None,
        here=url_for("together.show", verb=wish.verb, row=[one.task for one in batch.candidates if one.task]),
        wrong={"to": dict(wrong).get("verb-to", "")},
        by_row="matter" not in request.values,
        summary=wrong,
        last=last or {},
        back=safe_target(request.values.get("back"), _inbox()),
    )


def _anybody(_people: Collection[str]) -> Mapping[str, Words]:
    """Nobody is ruled out beforehand: whom one of the tasks avoids is said at that task, in the results."""
    return {}


def _named(tasks: Sequence[str]) -> dict[str, Any]:
    rows = session().execute(
        select(Task.id, Task.instance_id, Task.name_zh, Task.name_en, Instance.title, Instance.number)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.id.in_(tasks), policy.readable(me()))
    )
    return {row.id: row for row in rows}


def _inbox() -> str:
    return url_for("inbox.box", box=TODO.key)
