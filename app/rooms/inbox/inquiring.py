"""The pages of asking and answering: the part of a task, the box on top of an instance, and what waits for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.data import new_id
from app.platform.forms.typed import presentable
from app.platform.registry import Words
from app.platform.runtime import asides, errors, instances, policy, questions, tasks, unanswered, versions
from app.platform.runtime.fate import Fate
from app.platform.runtime.questions import QuestionView
from app.platform.runtime.views import InstanceView, TaskView
from app.rooms.inbox import boxes, following, overtaken
from app.rooms.inbox.lists import MINE, TODO
from app.rooms.web import desk, refusals, whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import signed_in
from app.rooms.web.language import said
from app.rooms.web.whom import Whom

blueprint = Blueprint("questions", __name__, url_prefix="/inbox", template_folder="templates")

REFUSALS = (
    errors.BadPerson,
    errors.BadQuestion,
    errors.InstanceChanged,
    errors.KeyReused,
    errors.TaskTaken,
)
ROWS, ON_DESK = 20, 6
STARTER = "starter"
"""The choice that is not searched for."""


@dataclass(frozen=True)
class Asking:
    """The form of a question as its reader left it: whom, what, and what is wrong with either (`to`, `text`)."""

    task: TaskView
    pauses: bool
    to: str = ""
    text: str = ""
    key: str = ""
    whom: Whom | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def may_ask_starter(self) -> bool:
        """Whether there is an applicant to ask, who is not the reader himself."""
        return self.task.starter not in ("", me().person)


@dataclass(frozen=True)
class Answering:
    """An answer that was refused: to which question, what was typed, and why."""

    question: str
    text: str
    wrong: str = ""
    notice: str = ""


def lay() -> None:
    """Lay the questions that wait on the desk."""
    desk.lay(desk.Piece("inbox.questions", "inbox/_desk_questions.html", _on_desk, 5, ("questions.css",)))


def shown(view: TaskView) -> dict[str, Any]:
    """What has been asked in the instance of a task, and the form to ask; nothing where its process never asks."""
    if not unanswered.may_be(versions.program(session(), view.version).definition):
        return {"questions": (), "open_questions": 0, "asking": None, "manages_questions": False}
    found = asides.questions(session(), questions.of(session(), view.instance), view.starter, me())
    at_task = [one for one in found if one.is_open and one.task == view.id]
    asking = _begin(view) if unanswered.ASK in view.verbs else None
    manages = policy.may_manage(me(), view.starter_place, view.starter)
    return {
        "questions": found,
        "open_questions": len(at_task),
        "asking": asking,
        "manages_questions": manages,
    }


def told(view: InstanceView, refused: Answering | None = None) -> dict[str, Any]:
    """The questions of an instance that wait for its reader, on top of its page."""
    mine = [one for one in questions.of(session(), view.id) if one.is_open and one.to == me().person]
    return {"to_answer": mine, "answering": refused, "answer_key": new_id()}


def _begin(view: TaskView) -> Asking:
    task = versions.program(session(), view.version).definition.tasks.get(view.element)
    pauses = view.due_at is not None and task is not None and "asking" in task.pause
    to = STARTER if view.starter not in ("", me().person) else ""
    return Asking(view, pauses, to=to, key=new_id(), whom=whom.unasked("to", several=False))


@blueprint.get("/tasks/<task>/ask")
@signed_in
def ask_page(task: str) -> str:
    """Show the form of a question by itself; whom to choose among follows what is searched for."""
    typed = _begin(_askable(task))
    return _ask_page(replace(typed, to=request.args.get("to", typed.to)))


@blueprint.post("/tasks/<task>/ask")
@signed_in
def ask(task: str) -> Response | tuple[str, int]:
    """Ask the person chosen, or look for one."""
    view, posted = tasks.get(session(), task, me(), now()), request.form
    typed = replace(
        _begin(view),
        to=posted.get("to", ""),
        text=presentable(posted.get("text", "")),
        key=posted.get("key") or new_id(),
    )
    may = unanswered.ASK in view.verbs
    if whom.is_search(posted) and may:
        return _ask_page(typed), 200
    to = typed.task.starter or "" if typed.to == STARTER else typed.to
    if not to and may:
        return _ask_page(replace(typed, wrong={"to": _("请选择向谁询问。")})), 422
    try:
        revision = posted.get("revision", 0, int)
        questions.ask(session(), task, to, typed.text, revision, me(), now(), key=typed.key)
    except REFUSALS as refusal:
        return _refused(replace(typed, task=tasks.get(session(), task, me(), now())), refusal)
    flash(_("已发出询问，答复后会通知您。"), "success")
    return redirect(f"{following.same_task(task, request.args)}#questions")


@blueprint.post("/questions/<question>/answer")
@signed_in
def answer(question: str) -> Response | tuple[str, int]:
    """Answer a question that one was asked."""
    asked = questions.one(session(), question, me())
    text = presentable(request.form.get("text", ""))
    try:
        questions.answer(session(), question, text, me(), now(), key=request.form.get("key") or None)
    except errors.BadQuestion as bad:
        return _answer_page(asked, Answering(question, text, refusals.question_sentence(bad))), 422
    except errors.QuestionClosed as closed:
        return _answer_page(asked, Answering(question, text, notice=refusals.closed_sentence(closed))), 409
    except errors.InstanceChanged:
        words = _("事项已挂起，暂时不能答复。您填写的内容保留在这里。")
        return _answer_page(asked, Answering(question, text, notice=words)), 409
    except errors.KeyReused:
        words = _("这一页已经提交过一次，请核对后再提交。")
        return _answer_page(asked, Answering(question, text, notice=words)), 422
    flash(_("已答复。"), "success")
    return redirect(following.same_instance(asked.instance, request.args))


@blueprint.post("/questions/<question>/take-back")
@signed_in
def take_back(question: str) -> Response:
    """Take back a question that is not answered yet; clicked twice, it is taken back once."""
    asked = questions.one(session(), question, me())
    try:
        questions.take_back(session(), question, me(), now(), key=f"take-back-{question}")
        flash(_("已收回询问。"), "success")
    except errors.QuestionClosed as closed:
        flash(refusals.closed_sentence(closed), "warning")
    return redirect(f"{following.same_task(asked.task, request.args)}#questions")


@blueprint.get("/questions")
@signed_in
def show() -> str:
    """List the questions that wait for the reader, or those he has answered."""
    return _list_page()


def _list_page(**more: Any) -> str:
    answered, at = request.args.get("show") == "answered", request.args.get("from", 1, int)
    at = min(max(at, 1), 500)
    rows = _rows(answered=answered, limit=ROWS + 1, offset=(at - 1) * ROWS)
    more |= {"asked_rows": rows[:ROWS], "answered": answered, "at": at, "is_more": len(rows) > ROWS}
    return render_template("inbox/questions.html", **boxes.read(request.args), **more)


def _rows(*, answered: bool, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    wanted = questions.box(me(), answered=answered)
    wanted = wanted.order_by(*questions.in_order(answered=answered)).limit(limit).offset(offset)
    rows = session().execute(wanted)
    return [{**row._mapping, "step": Words(row.name_zh, row.name_en)} for row in rows]


def _on_desk() -> Mapping[str, Any] | None:
    rows = _rows(answered=False, limit=ON_DESK)
    return {"rows": rows} if rows else None


def _askable(task: str) -> TaskView:
    """A task at which the reader may ask. Raises `Unknown`, `Forbidden`."""
    view = tasks.get(session(), task, me(), now())
    if unanswered.ASK not in view.verbs:
        raise errors.Forbidden("task.ask")
    return view


def _refused(typed: Asking, refusal: Exception) -> tuple[str, int]:
    """Say why nobody was asked, with everything typed."""
    if isinstance(refusal, errors.BadPerson):
        return _ask_page(replace(typed, wrong={"to": said(refusal.words)})), 422
    if isinstance(refusal, errors.BadQuestion):
        return _ask_page(replace(typed, wrong={"text": refusals.question_sentence(refusal)})), 422
    fresh = replace(typed, key=new_id())
    if isinstance(refusal, errors.TaskTaken):
        kind = "decided" if refusal.outcome else "claimed"
        taken = Fate(kind, None, refusal.by_name, refusal.at, refusal.outcome)
        return _ask_page(replace(fresh, notice=overtaken.sentence(taken))), 409
    if isinstance(refusal, errors.KeyReused):
        return _ask_page(replace(fresh, notice=_("这一页已经提交过一次，请核对后再提交。"))), 422
    words = _("在您填写期间，这件事项已被更新。您填写的内容已保留，请核对后再提交。")
    return _ask_page(replace(fresh, notice=words)), 409


def _ask_page(typed: Asking) -> str:
    """The form by itself, with the people that are offered; nobody is where the task is not open to be asked at."""
    if unanswered.ASK in typed.task.verbs:
        typed = replace(typed, whom=whom.offered("to", whom.not_oneself, several=False, fixed=(STARTER,)))
    return render_template("inbox/ask.html", **boxes.read(request.args), asking=typed, task=typed.task)


def _answer_page(asked: QuestionView, refused: Answering) -> str:
    try:
        view = instances.view(session(), asked.instance, me(), now())
    except errors.Unknown:  # the question was closed, and with it his right to read
        return _list_page(answering=refused)
    box = MINE if view.starter == me().person else TODO
    more = told(view, refused)
    return render_template(
        "inbox/instance.html", **boxes.read(request.args, box), **boxes.story(view), **more
    )
