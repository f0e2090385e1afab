"""What stands beside every page of the inbox: the boxes with their counts, and one page of the chosen list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.engine import Element
from app.platform.jobs.entities import Job
from app.platform.registry import Acting, Words
from app.platform.runtime import history, submissions, versions
from app.platform.runtime.entities import Instance
from app.platform.runtime.views import InstanceView
from app.rooms.inbox import handing, shelf, speaking
from app.rooms.inbox.lists import COUNTED, LISTS, TODO, tally
from app.rooms.web import forms, menus
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import current

BOXES = {box.key: box for box in LISTS}


def read(args: Mapping[str, str], otherwise: lists.List = TODO) -> dict[str, Any]:
    """Read which box the address asks for, and one page of it."""
    box = BOXES.get(args.get("box", ""), otherwise)
    asked = lists.read(box, session(), me(), args)
    page = lists.fetch(box, session(), me(), asked, now())
    address = {"box": box.key, **asked.address}
    trail = {**address, **({"page": str(page.page)} if page.page > 1 else {}), **place(args)}
    counts = {one.key: _said(_count(one)) for one in LISTS}
    return {"box": box, "boxes": LISTS, "counts": counts, "page": page, "address": address, "trail": trail}


def story(view: InstanceView) -> dict[str, Any]:
    """What the page of an instance tells besides the instance itself."""
    happened = history.of(session(), view.id)
    own_task = next((task for task in view.open_tasks if task.can_work), None)
    return {
        "instance": view,
        "happened": happened,
        "documents": shelf.printed(view.id),
        "own_task": own_task,
        "steps": speaking.steps_of(happened, view),
        "elements": elements_of(view.id),
        "where": speaking.where_sentence(view, _worked_on(view)),
        "submitted": _submitted(view),
    }


def _submitted(view: InstanceView) -> dict[str, Any] | None:
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
    if last.in_full:
        submissions.reveal(session(), view.id, view.starter, last.form, last.values, me(), now())
    fields = forms.render_form(
        last.form,
        last.values,
        (),
        given,
        current(),
        editable=False,
        in_full=last.in_full,
        file_url=lambda file: url_for("files.download", file=file),
    )
    return {"last": last, "fields": fields, "materials": shelf.materials(last.form, last.values)}


def elements_of(instance: str) -> Mapping[str, Element]:
    """The elements of the drawing an instance runs on, by id: one statement, the drawing is kept in memory."""
    version = session().execute(select(Instance.version_id).where(Instance.id == instance)).scalar_one()
    return versions.program(session(), version).definition.elements


def _worked_on(view: InstanceView) -> Words | None:
    """The step the house itself is working on for this instance, such as 生成权限申请表."""
    if not view.is_working:
        return None
    arguments = (
        session()
        .execute(
            select(Job.arguments)
            .where(Job.instance_id == view.id, Job.state.in_(("waiting", "running")))
            .limit(1)
        )
        .scalar_one_or_none()
    )
    element = elements_of(view.id).get((arguments or {}).get("element", ""))
    return element.name if element else None


def _count(box: lists.List) -> int:
    if box is TODO:  # the menu's badge is the same number: ask once
        return menus.count_of("todo") or 0
    return tally(box, session(), me(), now())


def waiting(session: Session, by: Acting, now: datetime) -> int:
    """How many tasks wait for a person, for the menu's badge."""
    return tally(TODO, session, by, now)


def _said(number: int) -> str:
    return str(number) if number <= COUNTED else f"{COUNTED}+"


def place(args: Mapping[str, str]) -> dict[str, str]:
    """The place in its list that the address names."""
    at = args.get("at", "")
    return {"at": at} if at.isascii() and at.isdigit() and len(at) < 7 else {}
