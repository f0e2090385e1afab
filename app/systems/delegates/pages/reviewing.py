"""What a unit does beside deciding: 撤销, 上传文件, a person's detail page, and the forms of many (PG-D7…PG-D10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from werkzeug.wrappers import Response

from app.platform import documents
from app.platform.identity.entities import Unit
from app.platform.registry import Refused, Words, house
from app.platform.runtime import instances
from app.platform.runtime.entities import Instance
from app.rooms.inbox import boxes, shelf
from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current
from app.rooms.web.security import safe_target
from app.systems.delegates import attachments, candidates, recommending, reports, reviewing, reviews, stages
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.pages.blueprint import blueprint
from app.systems.delegates.recommended_lists import identity_of, of_own_units
from app.systems.delegates.review_lists import FINAL_REVIEW, REPORTED
from app.systems.delegates.slate_lists import of_own_congresses


@blueprint.get("/candidates/<candidate>")
@needs("d.person.view")
def candidate(candidate: str) -> str:
    """Show a person: state, the last review, and what the form says (PG-D10, D-28, D-38)."""
    return _person(_seen(candidate), attachments.of(session(), candidate))


@blueprint.get("/mine/<candidate>")
@needs("d.form.fill")
def my_form(candidate: str) -> str:
    """Show a person the same of himself, whoever has filled in his form; not what his unit keeps beside it (2.2)."""
    return _person(_found(candidate, Candidate.person_id == me().person), ())


@blueprint.post("/candidates/<candidate>/withdraw")
@needs("d.person.review")
def withdraw(candidate: str) -> Response:
    """撤销: back to 初审待审核 (D-25, D-27); why not, where somebody was quicker."""
    try:
        reviewing.withdraw(session(), candidate, me(), now())
        flash(_("已撤销，该人员回到初审待审核。"), "success")
    except Refused as refused:
        flash(_said(refused.words), "warning")
    return redirect(
        safe_target(request.form.get("back"), url_for("web.list", system="delegates", key="rejected")), 303
    )


@blueprint.get("/candidates/<candidate>/files")
@needs("d.slate.report")
def candidate_files(candidate: str) -> str:
    """Show the files beside a person, and take more (D-29)."""
    return _files(_own(candidate))


@blueprint.post("/candidates/<candidate>/files")
@needs("d.slate.report")
def add_file(candidate: str) -> Response | tuple[str, int]:
    """上传文件 (D-29)."""
    row = _own(candidate)
    try:
        attachments.mind_waiting(session(), row)
        file, complaint = shelf.receive_one(request.files.get("file"), attachments.TYPES, row.instance_id)
        if file is None:
            return _files(row, complaint), 422
        attachments.add(session(), candidate, file, me(), now())
    except Refused as refused:
        return _files(row, refused.words), 422
    flash(_("文件已上传。"), "success")
    return redirect(url_for("delegates.candidate_files", candidate=candidate), 303)


@blueprint.post("/candidates/<candidate>/files/<attachment>/delete")
@needs("d.slate.report")
def delete_file(candidate: str, attachment: str) -> Response | tuple[str, int]:
    """Take a file away again."""
    row = _own(candidate)
    try:
        attachments.remove(session(), candidate, attachment, me(), now())
    except Refused as refused:
        return _files(row, refused.words), 422
    flash(_("文件已删除。"), "success")
    return redirect(url_for("delegates.candidate_files", candidate=candidate), 303)


@blueprint.post("/reported/forms")
@needs("d.form.manage")
def pack_forms() -> Response:
    """导出登记表: the forms of the ticked rows, or of all asked for, as one ZIP (D-37)."""
    reader = lists.reading_as(request.form.get("post"))
    is_unit = "d.slate.report" in house.permissions(reader.posts)
    listing, page = (REPORTED, "reported") if is_unit else (FINAL_REVIEW, "final_review")
    try:
        errand = reports.forms_later(
            session(), listing, request.form.getlist("row"), lists.question(), reader, now()
        )
    except Refused as refused:
        flash(_said(refused.words), "warning")
        return redirect(url_for("web.list", system="delegates", key=page), 303)
    return redirect(url_for("errands.show", errand=errand), 303)


def _person(row: Any, files: Sequence[attachments.Attached]) -> str:
    """The page of a person, numbers in full: it opens to himself, his unit and the convening unit alone (D-47)."""
    view = instances.view(session(), row["instance_id"], me(), now())
    made = reviews.of(session(), view.id)
    return render_template(
        "delegates/candidate.html",
        row=row,
        identity=identity_of(row),
        stage=stages.chip(row),
        last=made[-1] if made else None,
        reviews=made,
        files=files,
        **boxes.story(view, in_full=True),
    )


def _seen(candidate: str) -> Any:
    """A candidate of one's own unit, or one reported to one's own congress; else 404 (D-44)."""
    reported = Instance.stage_zh.in_(sorted(candidates.REPORTED))
    return _found(candidate, or_(of_own_units(me()), of_own_congresses(me()) & reported))


def _found(candidate: str, whose: ColumnElement[bool]) -> Any:
    """A candidate who was not removed, if he is of these; else 404."""
    found = session().execute(
        select(
            Candidate.id,
            Candidate.instance_id,
            Candidate.name,
            Candidate.identity,
            Candidate.submitted_at,
            Unit.name.label("unit"),
            Congress.name.label("congress"),
            Instance.stage_zh,
            Instance.stage_en,
        )
        .join(Congress, Congress.id == Candidate.congress_id)
        .join(Unit, Unit.id == Candidate.unit_id)
        .join(Instance, Instance.id == Candidate.instance_id)
        .where(Candidate.id == candidate, Candidate.removed_at.is_(None), whose)
    )
    return found.mappings().one_or_none() or abort(404)


def _own(candidate: str) -> Candidate:
    return recommending.own(session(), candidate, me())


def _files(row: Candidate, complaint: Words | None = None) -> str:
    return render_template(
        "delegates/files.html",
        row=row,
        files=attachments.of(session(), row.id),
        is_open=candidates.stage_of(session(), row) == candidates.FIRST_PASSED,
        complaint=complaint,
        limit=documents.LIMIT,
    )


def _said(words: Words) -> str:
    return words.said(current())
