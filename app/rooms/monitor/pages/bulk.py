"""One verb at all that a list shows: how many, what can be done to them, and a number typed before it is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.identity import authority, roles
from app.platform.monitoring import bulk, bulk_choosing, bulk_verbs, repair_requests, repairing
from app.platform.monitoring.bulk import BadWish, Changed, Confirmed
from app.platform.monitoring.bulk_choosing import Picked, Sorted, TooMany
from app.platform.monitoring.bulk_verbs import Candidate, Verb, Wish
from app.platform.monitoring.repair_lines import BadLine
from app.platform.monitoring.repairing import BadReason, Preview
from app.platform.registry import Words
from app.platform.runtime import errors, handable, naming
from app.rooms.monitor import bulk_moves, bulk_sources, line_words, lists
from app.rooms.monitor.blueprint import blueprint
from app.rooms.monitor.bulk_sources import Source
from app.rooms.web import whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import said

Answer = Response | str | tuple[str, int]
LONGEST = 100  # characters of an id or an element that a form names


@dataclass
class Page:
    """The page as far as it is filled in. `found`: to whom the verb chosen can be done; `wrong`: sentences by field."""

    source: Source
    picked: Picked
    candidates: list[Candidate]
    wish: Wish | None
    found: Sorted | None = None
    refused: Mapping[str, Words] | None = None
    count: str = ""
    preview: Preview | None = None
    previewed: str = ""
    offer: bulk_moves.Offer | None = None
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.post("/bulk/of/<source>")
@needs(roles.MANAGE)
def bulk_of(source: str) -> Response:
    """Lead on from a list: with the rows ticked, else with all that it shows."""
    if source not in bulk_sources.titles():
        raise errors.Unknown(source)
    ticked = bulk_sources.ids(request.form.getlist("row"))
    asked = dict(parse_qsl(request.form.get("asked", ""), keep_blank_values=True))
    asked = {key: value for key, value in asked.items() if key not in ("list", "row", "verb", "size", "sort")}
    if len(ticked) > bulk_sources.MOST_TICKED:
        most = bulk_sources.MOST_TICKED
        flash(_("一次最多勾选 %(most)d 项；要处理更多，请用筛选缩小范围后不勾选。", most=most), "warning")
        ticked = ticked[:most]
    return redirect(url_for("monitor.bulk", **{**asked, "list": source, "row": list(ticked)}), 303)


@blueprint.get("/bulk", endpoint="bulk")
@needs(roles.MANAGE)
def bulk_page() -> Answer:
    """Show what the list of `?list=` holds under its question, and what can be done; `?verb=`: with its form."""
    try:
        return _show(_read(request.args.get("verb", "")))
    except TooMany:
        return _too_many()


@blueprint.post("/bulk", endpoint="do_bulk")
@needs(roles.MANAGE)
def do_bulk() -> Answer:
    """Look for people, choose further, show what the first would come to, or begin it."""
    form = request.form
    try:
        page = _read(form.get("verb", ""))
    except TooMany:
        return _too_many()
    do = form.get("do", "")
    if page.wish is None:
        page.wrong[""] = _("请选择处理方式")
    elif do == "preview" and not whom.is_search(form):
        _preview(page)
    elif do == "confirm" and not whom.is_search(form):
        return _confirm(page)
    return (_show(page), 422) if page.wrong else _show(page)


def _read(verb: str) -> Page:
    source, picked = bulk_sources.of_request()
    candidates = bulk_choosing.look(session(), picked, me(), now(), with_tokens=verb == "move")
    form = request.form
    if verb not in bulk_verbs.VERBS:
        return Page(source, picked, candidates, None)
    given = {name: form.get(name, "")[:LONGEST] for name in ("version", "source", "target")}
    chosen = whom.chosen(form, "to")
    wish = Wish(cast(Verb, verb), form.get("reason", "").strip(), chosen[0] if chosen else "", **given)
    page = Page(source, picked, candidates, wish, count=form.get("count", "").strip())
    if verb == "migrate":
        page.refused = bulk_moves.obstacles(candidates)
    if verb == "move":
        page.offer = bulk_moves.offer(candidates, wish)
        page.previewed = form.get("previewed", "")
    page.found = bulk_choosing.sort(candidates, wish, me(), now(), page.refused)
    return page


def _mind(page: Page, wish: Wish) -> None:
    """Complain of what is missing in a wish."""
    try:
        page.wish = bulk.mind(session(), wish, me(), now())
    except BadWish as error:
        page.wrong[error.field] = said(error.words)
    except BadReason as error:
        page.wrong["reason"] = said(error.words)
    except errors.Forbidden as error:
        page.wrong[""] = said(error.words) if error.words else _("您没有权限执行这一项。")


def _preview(page: Page) -> None:
    wish, found = cast(Wish, page.wish), page.offer
    _mind(page, wish)
    if page.wrong or found is None:
        return
    try:
        page.preview = bulk_moves.preview(found, wish)
        page.previewed = _mark_of(wish)
    except BadLine as error:
        page.wrong["target"] = said(error.words)


def _confirm(page: Page) -> Answer:
    wish, found = cast(Wish, page.wish), cast(Sorted, page.found)
    _mind(page, wish)
    if wish.verb == "move" and not page.wrong and page.previewed != _mark_of(wish):
        page.wrong["target"] = _("所选环节已改，请重新预览第一件。")
    mark = request.form.get("mark", "")
    status = 422
    if mark != found.mark:
        page.wrong["count"] = _changed(len(found.fit))
        status = 409
    elif page.count != str(len(found.fit)):
        page.wrong["count"] = _("请输入将要处理的件数：%(count)d", count=len(found.fit))
    if page.wrong:
        if wish.verb == "move" and "target" not in page.wrong and "source" not in page.wrong:
            _keep_preview(page)
        return _show(page), status
    key = request.form.get("key") or None
    confirmed = Confirmed(len(found.fit), mark)
    try:
        begun = bulk.begin(
            session(),
            page.picked,
            cast(Wish, page.wish),
            page.source.question,
            confirmed,
            me(),
            now(),
            key=key,
            refused=page.refused,
        )
    except Changed as error:
        page.wrong["count"] = _changed(error.count)
        return _show(page), 409
    flash(_("已开始，可以离开此页面，随时从“批量处理”回来查看。"), "success")
    return redirect(url_for("monitor.bulk_run", run=begun), 303)


def _keep_preview(page: Page) -> None:
    """Show the preview again beside the complaint of something else."""
    wish = cast(Wish, page.wish)
    if page.offer is not None and page.previewed == _mark_of(wish):
        try:
            page.preview = bulk_moves.preview(page.offer, wish)
        except BadLine as error:
            page.wrong["target"] = said(error.words)


def _changed(count: int) -> str:
    return _("可处理的事项有变化，现为 %(count)d 件，请核对后重新输入。", count=count)


def _mark_of(wish: Wish) -> str:
    return f"{wish.version}:{wish.source}:{wish.target}"


def _show(page: Page) -> str:
    wish, found = page.wish, page.found
    at, person, takes_two = now(), me().person, repair_requests.takes_two()
    outlines = [
        (verb, bulk_choosing.sort(page.candidates, Wish(verb), me(), at)) for verb in bulk_verbs.VERBS
    ]
    ordered = [*found.fit, *(one for one, _why in found.unfit)] if found else page.candidates
    whys = {one.id: why for one, why in found.unfit} if found else {}
    needs_preview = wish is not None and wish.verb == "move" and page.preview is None
    return render_template(
        "monitor/bulk.html",
        page=page,
        source=page.source,
        total=len(page.candidates),
        sample=ordered[: bulk_choosing.SAMPLE],
        states=lists.STATES,
        whys=whys,
        outlines=outlines,
        names=bulk_verbs.NAMES,
        two=bulk_verbs.TWO if takes_two else frozenset(),
        two_words=bulk.TWO_NEEDED,
        undoable=bulk_verbs.BACK,
        reasoned=bulk_verbs.REASONED,
        wish=wish,
        found=found,
        offer=page.offer,
        preview=page.preview,
        value=line_words.value,
        at=page.offer.first if page.offer else None,
        needs_preview=needs_preview,
        wrong=page.wrong,
        summary=[(_field(key), text) for key, text in page.wrong.items()],
        whom=_whom(page) if wish is not None and wish.verb == "transfer" else None,
        address=page.source.address,
        key=request.form.get("key") or new_id(),
        shortest=repairing.SHORTEST,
        longest=repairing.LONGEST,
        own=person,
        forecast_most=bulk_moves.FORECAST,
    )


def _field(key: str) -> str | None:
    return {"": None, "to": "verb-to"}.get(key, f"bulk-{key}")


def _whom(page: Page) -> whom.Whom:
    only = authority.seen_within(roles.reach_of(me(), roles.MANAGE), now())
    return whom.offered("to", _why_not(page), several=False, only=only)


def _why_not(page: Page) -> Any:
    """Why somebody cannot be given the first of the tasks; of the others it is said when their turn comes."""
    first = next((task for one in (page.found.fit if page.found else ()) for task in one.tasks), "")

    def told(people: Collection[str]) -> Mapping[str, Words]:
        own = {me().person: naming.TELL["own"]} if me().person in people else {}
        if not first or not people:
            return own
        told = dict(handable.why_not(session(), first, "transfer", list(people), me(), now()))
        kept = {one: why for one, why in told.items() if why == naming.TELL["recused"]}
        return kept | own

    return told


def _too_many() -> tuple[str, int]:
    source = bulk_sources.asked_of(request.args)
    return render_template("monitor/bulk_too_many.html", most=bulk_choosing.MOST, source=source), 422
