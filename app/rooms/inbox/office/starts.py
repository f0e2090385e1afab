"""Where anyone sees what he may start, and starts it: chains that belong to no system; systems have their own pages."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.forms import Complaint
from app.platform.identity import roles
from app.platform.records import beginning, chains
from app.platform.records.chains import Chain
from app.platform.registry import Post, Words
from app.platform.runtime import errors, places
from app.rooms.inbox import starting
from app.rooms.inbox.office.blueprint import blueprint
from app.rooms.web import acting
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import current

POST = "post_id"
NOT_YOURS = Words("请选择以哪个岗位发起", "Choose the post under which you start")


@blueprint.get("/start")
@signed_in
def starts() -> str:
    """Show which chains the reader may start, by category, narrowed by a part of the name."""
    text = request.args.get("q", "").strip()[:100]
    every = chains.startable(me())
    found = [one for one in every if _has(one, text)]
    grouped = [(words, list(group)) for words, group in groupby(found, key=lambda one: one.category)]
    return render_template(
        "office/starts.html", by_category=grouped, q=text, found=len(found), total=len(every)
    )


@blueprint.get("/start/<process>")
@signed_in
def start(process: str) -> str:
    """Show the start form of a chain, with what was typed into it and not sent."""
    chain = _mine(process)
    return _page(chain, starting.begin(process) if chain.definition.form else None)


@blueprint.post("/start/<process>")
@signed_in
def send(process: str) -> Response | tuple[str, int]:
    """Start the chain, and show the new instance."""
    chain = _mine(process)
    allowed = chains.posts_for(chain, me())
    post, is_known = _chosen(allowed)
    if chain.definition.form is None:
        if not is_known:
            return _page(chain, None, NOT_YOURS), 422
        return _begun(chain, None, post, request.form.get("key") or None)
    answer = starting.read_begun(process, request.form, request.files)
    if answer.complaints or answer.redraws or not is_known:
        if drawn.keeps_drafts(request.form) and not any(one.code == "not_yours" for one in answer.complaints):
            answer = starting.keep_begun(process, answer, anew=True)
        wrong = bool(answer.complaints) or not (is_known or answer.redraws)
        return _page(chain, answer, None if is_known else NOT_YOURS), 422 if wrong else 200
    try:
        return _begun(chain, answer, post, answer.key)
    except errors.HookRefused as refusal:
        complaint = Complaint(refusal.field, Words("", ""), "refused", {}, refusal.words)
        return _page(chain, replace(answer, complaints=(complaint,))), 422


@blueprint.post("/start/<process>/draft")
@signed_in
def keep_start(process: str) -> tuple[str, int, dict[str, str]]:
    """Keep what is typed and not sent; its version is the answer's ETag."""
    chain = _mine(process)
    if chain.definition.form is None:
        abort(404)
    answer = starting.read_begun(process, request.form)
    kept = starting.keep_begun(process, answer, anew="anew" in request.args)
    return "", 204, {"ETag": f'"{kept.draft}"'}


def any_for_me() -> bool:
    """Whether the person who acts may start anything here."""
    return any(chain.startable(acting.me()) for chain in chains.every())


def _mine(process: str) -> Chain:
    """A chain the reader may start; 404 for any other."""
    chain = chains.get(process)
    if chain is None or not chain.startable(me()):
        abort(404)
    return chain


def _has(chain: Chain, text: str) -> bool:
    words = (*chain.name, *chain.category)
    return not text or any(text.casefold() in each.casefold() for each in words)


def _chosen(allowed: list[Post]) -> tuple[Post | None, bool]:
    """The post he starts under, and whether it is one of those that may: the only one needs no choice."""
    asked = request.form.get(POST, "")
    if not asked:
        return (allowed[0] if allowed else None), len(allowed) < 2
    found = next((post for post in allowed if post.id == asked), None)
    return found, found is not None


def _begun(chain: Chain, answer: starting.Start | None, post: Post | None, key: str | None) -> Response:
    step, entry = (answer.step, answer.entry) if answer else (None, None)
    begun = beginning.begin(session(), chain.process, step, entry, me(), post, now(), key)
    flash(_("已发起，可在这里查看办理进度。"), "success")
    return redirect(url_for("inbox.show_instance", instance=begun.instance), 303)


def _page(chain: Chain, answer: starting.Start | None, complaint: Words | None = None) -> str:
    allowed = chains.posts_for(chain, me())
    named = places.offices_of(session(), (post.place for post in allowed))
    chosen = request.form.get(POST) or (me().post or allowed[0]).id if allowed else ""
    offers = [(post.id, roles.title_of(post.role), named.get(post.place, "")) for post in allowed]
    return render_template(
        "office/start.html",
        chain=chain,
        answer=answer,
        fields=answer.drawn(current()) if answer else "",
        key=answer.key if answer else new_id(),
        posts=offers,
        chosen=chosen,
        complaint=complaint,
    )
