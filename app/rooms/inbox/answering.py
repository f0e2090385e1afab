"""Reads what a person sent for a task, and says what the task page shows of it again: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform import forms
from app.platform.data import new_id
from app.platform.forms import Complaint, Entry, Given
from app.platform.registry import Words
from app.platform.runtime import asking, drafts, errors, history, tasks, views
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView
from app.rooms.inbox import shelf
from app.rooms.web import kept
from app.rooms.web.acting import me, now, session

REFUSALS = (
    errors.TaskTaken,
    errors.InstanceChanged,
    errors.HookRefused,
    errors.MissingOpinion,
    errors.BadOutcome,
    errors.KeyReused,
)
OPINION = Words("审核意见", "Opinion")


@dataclass(frozen=True)
class Answer:
    """What was sent for one task, and what is to be said about it."""

    view: TaskView
    given: Given
    decision: Decision
    values: Mapping[str, Any]
    entry: Entry | None = None
    complaints: tuple[Complaint, ...] = ()
    notice: str = ""
    taken: errors.TaskTaken | None = None
    redraws: bool = False

    def shown(self) -> dict[str, Any]:
        """Everything the task page shows."""
        return {
            "task": self.view,
            "given": self.given,
            "values": self.values,
            "decision": self.decision,
            "complaints": self.complaints,
            "notice": self.notice,
            "taken": self.taken,
            "editable": self.view.can_work and self.taken is None,
            "materials": shelf.materials(self.view, self.values),
            "documents": shelf.printed(self.view.instance),
            "happened": history.of(session(), self.view.instance),
        }


def again(view: TaskView) -> Answer:
    """The task as its reader left it: what a lost session kept, else his draft, else what is stored."""
    typed = kept.take() if view.can_work else None
    if typed is not None:
        return replace(read(view, typed), complaints=(), notice=_("已恢复您登录失效前填写的内容，请核对后提交。"))
    draft = view.draft or {}
    values = {**view.values, **draft.get("values", {})}
    decision = Decision("", str(draft.get("comment", "")), view.revision, new_id())
    return Answer(view, _given(view), decision, values)


def read(
    view: TaskView, sent: MultiDict[str, str], uploads: MultiDict[str, FileStorage] | None = None
) -> Answer:
    """Read a post: the decision, the uploads (stored first, refused ones as complaints), the form."""
    given = _given(view)
    decision = Decision(
        sent.get("outcome", ""),
        sent.get("comment", "").strip(),
        sent.get("revision", 0, int),
        sent.get("key") or None,
    )
    if view.form is None or not view.form.writable:
        return Answer(view, given, decision, view.values)
    fields, refused = shelf.receive(view, sent, uploads) if uploads and view.can_work else (sent, ())
    entry = forms.read(view.form, {name: fields.getlist(name) for name in fields}, given)
    entry = forms.with_complaints(entry, refused)
    redraws = "redraw" in sent
    return Answer(
        view,
        given,
        decision,
        entry.values,
        entry,
        () if redraws else entry.complaints,
        redraws=redraws,
    )


def keep(answer: Answer) -> None:
    """Keep what has been typed so far as this person's draft."""
    if answer.view.can_work:
        typed = tasks.as_draft(answer.entry, answer.decision)
        drafts.keep(session(), answer.view.id, typed, me(), now())


def refused(answer: Answer, refusal: Exception) -> tuple[Answer, int]:
    """Say why the verb refused, with the task as it is now and everything typed."""
    view = views.task(session(), answer.view.id, me(), now())
    fresh = replace(answer, view=view)
    if isinstance(refusal, errors.TaskTaken):
        return replace(fresh, taken=refusal), 409
    if isinstance(refusal, errors.InstanceChanged):
        decision = replace(answer.decision, revision=view.revision, key=new_id())
        notice = _("在您填写期间，这件事项已被更新。您填写的内容已保留，请核对最新内容后再次提交。")
        return replace(fresh, notice=notice, decision=decision), 409
    if isinstance(refusal, errors.KeyReused):
        notice = _("这一页已经提交过一次，请核对后再次提交。")
        return replace(fresh, notice=notice, decision=replace(answer.decision, key=new_id())), 422
    return replace(fresh, complaints=(_complaint(refusal),)), 422


def is_repeat(answer: Answer, refusal: Exception) -> bool:
    """Say whether a refused post only repeats what the same person has already decided (a double click)."""
    decided = views.task(session(), answer.view.id, me(), now()).decided
    return isinstance(refusal, errors.KeyReused) and decided is not None and decided.by == me().person


def _complaint(refusal: Exception) -> Complaint:
    if isinstance(refusal, errors.MissingOpinion):
        zh, en = refusal.outcome
        words = Words(f"选择“{zh}”时，请填写【审核意见】", f"“{en}” needs an opinion")
        return Complaint("comment", OPINION, "required", {}, words)
    if isinstance(refusal, errors.HookRefused):
        return Complaint(refusal.field, Words("", ""), "refused", {}, refusal.words)
    return Complaint(None, Words("", ""), "outcome", {}, Words("请选择办理结果。", "Choose an outcome."))


def _given(view: TaskView) -> Given:
    return asking.given(
        session(),
        view.values,
        shelf.file_facts,
        by=me(),
        now=now(),
        instance=view.instance,
        process=view.process,
        element=view.element,
        starter=view.starter,
    )
