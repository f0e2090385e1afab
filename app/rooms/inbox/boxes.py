"""What stands beside every page of the inbox: the boxes with their counts, and one page of the chosen list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.engine import Element
from app.platform.lists import choosing, views
from app.platform.lists.definition import PAGE_SIZES
from app.platform.registry import Acting, Words
from app.platform.runtime import asides, diagram, history, submissions, versions, where_said, whereabouts
from app.platform.runtime.entities import Instance
from app.platform.runtime.history import HistoryRow
from app.platform.runtime.views import InstanceView
from app.rooms.inbox import handing, rail, rows, shelf, sieve, timeline
from app.rooms.inbox.lists import TODO, tally
from app.rooms.inbox.rail import BOXES, ROOM
from app.rooms.web import forms
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current, said

MODE = f"{ROOM}/mode"
TABLE = "table"


def read(args: Mapping[str, str], otherwise: lists.List = TODO, *, alone: bool = False) -> dict[str, Any]:
    """Read which box the address asks for, and one page of it. `alone`: no case beside it, so it may be a table."""
    box, known = BOXES.get(args.get("box", ""), otherwise), lists.Known()
    asked = lists.read(box, session(), me(), args, known)
    saved = views.of(session(), me(), only=rail.NAMES)
    view = next((one for one in saved if one.id == args.get("view") and one.list == name_of(box)), None)
    wide = alone and is_table(args)
    columns = choosing.columns(box, name_of(box) if wide else None, session(), me())
    page = lists.fetch(box, session(), me(), asked, now(), (*columns, rows.RAW))
    address = {"box": box.key, **asked.address, **_look(args)}
    trail = {**address, **({"page": str(page.page)} if page.page > 1 else {}), **place(args)}
    return {
        "box": box,
        "rail": rail.read(box, saved, view.id if view else "", known),
        "page": page,
        "rows": rows.of(page, wide=wide),
        "columns": columns,
        "wide": wide,
        "address": address,
        "trail": trail,
        "asked_text": urlencode(asked.address),
        "chips": sieve.chips(page, address),
        "lost": sieve.lost(page),
        "view": view,
        "view_is_changed": sieve.is_changed(view, page),
        "reaches": views.reaches(me()),
        "sorts": sieve.sorts(box),
        "page_sizes": PAGE_SIZES,
        "list_url": f"/{ROOM}/lists/{box.key}",
        "ticks": box.key in rows.TICKED,
        "sums": _sums(page) if wide else (),
    }


def kept(args: Mapping[str, str]) -> dict[str, str]:
    """The state of the list in the address, and nothing else that a link may have brought along.

    What is asked for is looked up where the list is shown, which says what there is not any more; not here again.
    """
    box = BOXES.get(args.get("box", ""), TODO)
    asked = lists.read(box, session(), me(), args, trusting=True)
    address = {"box": box.key, **asked.address, **_look(args)}
    return address if asked.page == 1 else {**address, "page": str(asked.page)}


def name_of(box: lists.List) -> str:
    """What the catalogue calls a box."""
    return f"{ROOM}/{box.key}"


def is_table(args: Mapping[str, str]) -> bool:
    """Whether the box is to be a table: the address says it, else what the reader chose last."""
    if mode := args.get("mode"):
        return mode == TABLE
    return TABLE in choosing.kept(MODE, session(), me())


def _look(args: Mapping[str, str]) -> dict[str, str]:
    """How the list is looked at: its mode, and the view it was opened from."""
    mode, view = args.get("mode", ""), args.get("view", "")
    found = {"mode": mode} if mode in ("list", TABLE) else {}
    return {**found, "view": view} if view.isascii() and view.isalnum() and len(view) <= 26 else found


def _sums(page: lists.Page) -> Sequence[Words]:
    """The summary fields as columns, where all rows of one matter have the same ones."""
    if "process" not in page.asked.values:
        return ()
    kept = [line.cells[rows.RAW.key]["summary"] for line in page.rows]
    labels = {tuple((one["zh"], one["en"]) for one in summary) for summary in kept if summary}
    return [Words(*label) for label in labels.pop()] if len(labels) == 1 else ()


def story(view: InstanceView, *, in_full: bool = False) -> dict[str, Any]:
    """What the page of an instance tells besides the instance itself.

    `in_full`: its reader has a right of his own to the numbers, which the page has asked for; it is written down.
    """
    told = happened(view.id, view.starter)
    where = whereabouts.of(session(), view, told, me(), now())
    own_task = next((task for task in view.open_tasks if task.can_work), None)
    return {
        "instance": view,
        "happened": told,
        "documents": shelf.printed(view.id, letters=True),
        "own_task": own_task,
        "elements": elements_of(view.id),
        "where": where,
        "where_words": where_said.sentence(where, now()),
        "is_applicant": view.starter == me().person,
        "stops": timeline.of(where, told),
        "steps": timeline.walked(told, view),
        "submitted": _submitted(view, in_full=in_full),
    }


def happened(instance: str, starter: str) -> list[HistoryRow]:
    """What the reader is shown of an instance's history."""
    return asides.happened(session(), instance, history.of(session(), instance), starter, me())


def _submitted(view: InstanceView, *, in_full: bool) -> dict[str, Any] | None:
    """What was last submitted: the form as its reader may see it, with its materials."""
    last = submissions.last_entry(session(), view, me())
    if last is None:
        return None
    given = handing.given(
        last.values,
        instance=view.id,
        process=view.process,
        element=last.element,
        starter=view.starter,
        variables=view.variables,
    )
    in_full = in_full or last.in_full
    if in_full:
        submissions.reveal(session(), view.id, view.starter, last.form, last.values, me(), now())
    fields = forms.render_form(
        last.form,
        last.values,
        (),
        given,
        current(),
        editable=False,
        in_full=in_full,
        file_url=lambda file: url_for("files.download", file=file),
    )
    return {"last": last, "fields": fields, "materials": shelf.materials(last.form, last.values)}


def elements_of(instance: str) -> Mapping[str, Element]:
    """The elements of the drawing an instance runs on, by id: one statement, the drawing is kept in memory."""
    version = session().execute(select(Instance.version_id).where(Instance.id == instance)).scalar_one()
    return versions.program(session(), version).definition.elements


def drawing(view: InstanceView) -> Response:
    """The diagram an instance runs on, marked; 404 where its file draws nothing."""
    picture = diagram.of(session(), view.id, said(view.process_name), current())
    if picture is None:
        abort(404)
    response = Response(picture, mimetype="image/svg+xml")
    response.add_etag()
    return response.make_conditional(request)


def waiting(session: Session, by: Acting, now: datetime) -> int:
    """How many tasks wait for a person, for the menu's badge."""
    return tally(TODO, session, by, now)


def place(args: Mapping[str, str]) -> dict[str, str]:
    """The place in its list that the address names."""
    at = args.get("at", "")
    return {"at": at} if at.isascii() and at.isdigit() and len(at) < 7 else {}
