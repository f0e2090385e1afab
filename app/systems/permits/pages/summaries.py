"""资格审查汇总表: the district prints, uploads and deletes its summary (P-31…P-36); the city looks over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.platform import documents
from app.platform.documents import Document, StoredFile
from app.platform.identity import people
from app.platform.registry import Post, Refused, Words
from app.platform.runtime import history, tasks
from app.rooms.inbox import answering
from app.rooms.web import lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.security import safe_target
from app.rooms.web.shown import size
from app.systems.permits import queries, summaries, summary_verbs
from app.systems.permits.pages.blueprint import blueprint
from app.systems.permits.roles import DISTRICT_ADMIN
from app.systems.permits.summary_lists import SUMMARIES, TONES, matrix, uploaded_files

WHY = {
    "stale": Words("有新提交的项目，已失效", "Out of date: something was submitted since"),
    "returned": Words("市级退回", "Returned by the city"),
    "deleted": Words("区县删除", "Deleted by the district"),
    "replaced": Words("重新上传", "Uploaded again"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """One line of the table of uploads; `why` says why it counts no more."""

    id: str
    file: StoredFile
    by: str
    at: Any
    why: Words | None

    @property
    def size(self) -> str:
        """The size as people say it: 1.3 MB."""
        return size(self.file.size)


@dataclass(frozen=True, slots=True)
class Block:
    """What the district sees of its summary below 申报材料审查 (PG-P8). `why_not`: why there is no print to be had."""

    post: str
    instance: str | None
    stage: Words | None
    counts: summaries.Counts
    print: str | None
    why_not: Words | None
    current: Upload | None
    history: tuple[Upload, ...]
    may_upload: bool
    may_delete: bool
    returned: str = ""
    limit: int = documents.LIMIT

    @property
    def tone(self) -> str:
        """The look of the stage."""
        tone = TONES[self.stage.zh][1] if self.stage and self.stage.zh in TONES else "plain"
        return {"waiting": "wait", "good": "ok", "info": "run"}.get(tone, tone)

    @property
    def upload_why(self) -> Words:
        """Why nothing can be uploaded now (C-17)."""
        if (
            self.current is not None
            and self.stage
            and self.stage.zh in (summaries.UPLOADED, summaries.CONFIRMED)
        ):
            return summary_verbs.ONE_FILE
        return self.why_not or summary_verbs.NOT_YET


@blueprint.app_template_global("district_summary")
def block(post: str) -> Block:
    """The summary of one of the reader's own districts, by the id of the post. Aborts with 404 for any other."""
    held, district = _own(post)
    pair = (held.subject, district)
    newest, counted = summaries.newest(session(), *pair), summaries.counts(session(), *pair)
    stage = Words(newest.stage_zh or "", newest.stage_en or "") if newest else None
    file = _print(newest.instance_id, stage.zh) if newest and stage else None
    listed = _uploads(*pair)
    current_one = next(
        (each for each in listed if each.why is None and newest and newest.closed_at is None), None
    )
    return Block(
        post=post,
        instance=newest.instance_id if newest else None,
        stage=stage,
        counts=counted,
        print=file,
        why_not=None if file else _why_not(counted),
        current=current_one or next((each for each in listed if each.why is None), None),
        history=tuple(each for each in listed if each.why is not None),
        may_upload=bool(file and stage and stage.zh in summaries.AWAITING_UPLOAD),
        may_delete=bool(current_one and stage and stage.zh == summaries.UPLOADED),
        returned=_opinion(newest.instance_id) if newest and stage and stage.zh == "待上传" else "",
    )


@blueprint.get("/projects/<post>/summary")
@needs("p.project.manage")
def summary(post: str) -> str:
    """Show the summary of one project and district, with its uploads (P-32, P-34)."""
    return _page(post)


@blueprint.post("/projects/<post>/summary/print")
@needs("p.project.manage")
def print_summary(post: str) -> Response | tuple[str, int]:
    """Hand out the print; with it the step 打印签字盖章 is done (P-31, P-32)."""
    shown = block(post)
    if shown.print is None or shown.instance is None:
        return _page(post, shown.why_not), 409
    _complete(shown.instance, "print_summary", "printed")
    return redirect(url_for("files.download", file=shown.print), 303)


@blueprint.post("/projects/<post>/summary/uploads")
@needs("p.project.manage")
def upload_summary(post: str) -> Response | tuple[str, int]:
    """Take in the signed and stamped summary: exactly one PDF (P-33, P-35)."""
    shown = block(post)
    if shown.may_delete or len(request.files.getlist("scan.file")) > 1:
        return _page(post, summary_verbs.ONE_FILE), 422
    if not shown.may_upload or shown.instance is None:
        return _page(post, summary_verbs.NOT_YET), 409
    _complete(shown.instance, "print_summary", "printed")
    refused = _complete(shown.instance, "upload", "upload")
    if refused is not None:
        return _page(post, refused), 409 if refused is summary_verbs.NOT_YET else 422
    flash(_("汇总表已上传，等待市级管理员确认。"), "success")
    return redirect(_back(post), 303)


@blueprint.post("/projects/<post>/summary/uploads/<upload>/delete")
@needs("p.project.manage")
def delete_summary(post: str, upload: str) -> Response | tuple[str, int]:
    """Delete the upload before the city confirms it (P-33, P-34)."""
    held, district = _own(post)
    try:
        summary_verbs.delete_upload(session(), held.subject, district, upload, me(), now())
    except Refused as refused:
        return _page(post, refused.words), 409
    flash(_("文件已删除，可以重新上传。"), "success")
    return redirect(_back(post), 303)


@blueprint.get("/summaries")
@needs("p.summary.view")
def summary_list() -> str:
    """Show the city all its districts: a matrix of where each stands, and the list with its figures."""
    return lists.answer(SUMMARIES, "permits/summary_list.html", matrix=matrix(session(), me(), now()))


@blueprint.post("/summaries/zip")
@needs("p.summary.view")
def zip_summaries() -> Response:
    """Pack the uploaded summaries of the present filter, as an errand."""
    files = uploaded_files(session(), me(), lists.question(), now())
    if not files:
        flash(_("当前筛选没有已上传的汇总表。"), "warning")
        return redirect(url_for("permits.summary_list"), 303)
    title = Words("资格审查汇总表", "District summaries")
    errand = documents.zip_later(session(), list(files), title, me(), now(), names=files)
    return redirect(url_for("errands.show", errand=errand), 303)


def _complete(instance: str, element: str, outcome: str) -> Words | None:
    """Decide the open step `element` with what was sent; say what is wrong with it, or that there is no such step."""
    task = summary_verbs.open_step(session(), instance, element)
    if task is None:
        return summary_verbs.NOT_YET
    view = tasks.get(session(), task, me(), now())
    posted = MultiDict({"outcome": outcome, "revision": str(view.revision)})
    answer = answering.read(view, posted, request.files)
    if answer.complaints:
        said = answer.complaints[0]
        return Words(said.message("zh"), said.message("en"))
    try:
        tasks.complete(session(), task, answer.entry, answer.decision, me(), now())
    except answering.REFUSALS:  # a colleague was faster, or a new submission has come: the page says which
        return summary_verbs.NOT_YET
    return None


def _own(post: str) -> tuple[Post, str]:
    """One of the reader's own posts that manages a district, and the district's code; 404 for any other."""
    held = next((each for each in me().holds(DISTRICT_ADMIN) if each.id == post and each.place), None)
    if held is None:
        abort(404)
    return held, held.place.rstrip("/").rpartition("/")[2]


def _print(instance: str, stage: str) -> str | None:
    """The file of the print that holds; None while it is being set, whatever was printed in rounds before (P-36)."""
    if stage not in summaries.PRINTED:
        return None
    prints = select(Document.file_id).where(
        Document.instance_id == instance, Document.template == summaries.TEMPLATE
    )
    if stage == summaries.TO_PRINT:
        prints = prints.where(summary_verbs.is_open(instance, "print_summary").exists())
    return session().scalar(prints.order_by(Document.id.desc()).limit(1))


def _opinion(instance: str) -> str:
    """What the city said when it returned the summary last; C-33."""
    return history.last_opinions(session(), [instance]).get(instance, "")


def _why_not(counted: summaries.Counts) -> Words:
    if counted.is_complete:
        return Words("汇总表正在生成，请稍候刷新本页", "The summary is being generated; reload in a moment")
    return summary_verbs.NOT_REVIEWED


def _uploads(project: str, district: str) -> list[Upload]:
    rows = list(summaries.uploads(session(), project, district))
    if not rows:
        return []
    names = people.names(session(), {row.uploaded_by for row in rows})
    files = documents.facts_of(session(), {row.file_id for row in rows})
    return [
        Upload(
            row.id,
            files[row.file_id],
            names.get(row.uploaded_by, ""),
            row.uploaded_at,
            WHY.get(row.aside_because, Words("", "")) if row.aside_at else None,
        )
        for row in rows
        if row.file_id in files
    ]


def _page(post: str, complaint: Words | None = None) -> str:
    held = next((item for item in queries.managed(session(), me().posts) if item[0].id == post), None)
    if held is None:
        abort(404)
    return render_template("permits/summary.html", managed=held, post=post, summary_complaint=complaint)


def _back(post: str) -> str:
    return safe_target(request.form.get("back"), url_for("permits.summary", post=post))
