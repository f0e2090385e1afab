"""Reads what a person sent for a task, and says what the task page shows of it again: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform import forms
from app.platform.data import new_id
from app.platform.forms import Complaint, Entry, Given
from app.platform.registry import Words
from app.platform.runtime import drafts, errors, history, submissions, tasks, versions
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView
from app.rooms.inbox import boxes, handing, marking, pane, shelf
from app.rooms.inbox.starting import Start as Start
from app.rooms.inbox.starting import read_start as read_start
from app.rooms.inbox.starting import start as start
from app.rooms.web import flags, kept
from app.rooms.web import forms as drawn
from app.rooms.web.acting import me, now, session
from app.rooms.web.flags import Flag
from app.rooms.web.language import current

REFUSALS = (
    errors.TaskTaken,
    errors.InstanceChanged,
    errors.HookRefused,
    errors.MissingOpinion,
    errors.BadItems,
    errors.BadOpinion,
    errors.BadOutcome,
    errors.KeyReused,
)
UNKEPT = (errors.MissingOpinion, errors.BadOpinion, errors.BadOutcome)
"""Of these the ones after which the verb itself has kept no draft."""
OPINION = "comment"
LABEL = Words("审核意见", "Opinion")


@dataclass(frozen=True)
class Answer:
    """What was sent for one task, and what is to be said about it."""

    view: TaskView
    decision: Decision
    entry: Entry | None = None
    complaints: tuple[Complaint, ...] = ()
    notice: str = ""
    taken: errors.TaskTaken | None = None
    redraws: bool = False
    flags: Mapping[str, Flag] = field(default_factory=dict)

    @property
    def editable(self) -> bool:
        """Whether the reader may still answer."""
        return self.view.can_work and self.taken is None

    @property
    def values(self) -> Mapping[str, Any]:
        """The form's values: as answered, else as stored."""
        return self.entry.values if self.entry and self.editable else self.view.values

    def shown(self) -> dict[str, Any]:
        """Everything the task page shows."""
        if lifts_masks(self.view) and self.view.form is not None:
            submissions.reveal(
                session(), self.view.instance, self.view.starter, self.view.form, self.values, me(), now()
            )
        opinion = next((one for one in self.complaints if one.field == OPINION), None)
        others = [one for one in self.complaints if one.field is None and self.view.form is None]
        asks = self.editable and self.view.form is not None and bool(self.view.form.writable)
        shown = {
            "task": self.view,
            "draw_form": self._drawn,
            "asks": asks,
            "editable": self.editable,
            "decision": self.decision,
            "opinion_complaint": opinion and opinion.message(current()),
            "summary": [(OPINION, opinion.message(current()))]
            if opinion
            else [(None, one.message(current())) for one in others],
            "notice": self.notice,
            "taken": self.taken,
            "materials": shelf.materials(self.view.form, self.values),
            "documents": shelf.printed(self.view.instance),
            "elements": versions.program(session(), self.view.version).definition.elements,
            "in_full": lifts_masks(self.view),
            "happened": boxes.happened(self.view.instance, self.view.starter),
        }
        return {**shown, **pane.parts(self, shown)}

    def _drawn(self, after_notes: str = "") -> str:
        """The form; what is to be printed first stands between its notes and its fields."""
        if self.view.form is None:
            return ""
        return drawn.render_form(
            self.view.form,
            self.view.values,
            [one for one in self.complaints if one.field != OPINION],
            _given(self.view, self.decision.outcome),
            current(),
            editable=self.editable,
            sent=self.entry.sent if self.entry else None,
            in_full=lifts_masks(self.view),
            flags=marking.of_fields(self),
            reasons=marking.reasons(self.view),
            file_url=lambda file: url_for("files.download", file=file),
            after_notes=after_notes,
        )


def lifts_masks(view: TaskView) -> bool:
    """Whether masks are lifted: for who may decide or has decided the task, and for the starter (C-38)."""
    decided, person = view.decided, me().person
    if any(seat.person == person and seat.state == "decided" for seat in view.seats):
        return True
    return view.can_work or person in (view.starter, decided.by if decided else None)


def again(view: TaskView) -> Answer:
    """The task as its reader left it: what a lost session kept, else his draft, else what is stored."""
    typed = kept.take() if view.can_work else None
    if typed is not None:
        notice = _("已恢复您登录失效前填写的内容，请核对后再提交。")
        return replace(read(view, typed), complaints=(), notice=notice, redraws=False)
    draft = view.draft or {}
    comment = str(draft.get("comment", ""))
    decision = Decision("", comment, view.revision, new_id(), draft=view.draft_version)
    answer = Answer(view, decision, flags=flags.of_draft(draft))
    if view.can_work and view.form is not None and view.form.writable and draft:
        entry = forms.read(view.form, _texts(view, draft), _given(view))
        answer = replace(answer, entry=entry)
    return answer


def read(
    view: TaskView, posted: MultiDict[str, str], uploads: MultiDict[str, FileStorage] | None = None
) -> Answer:
    """Read a post: the decision, the uploads (stored first, refused ones as complaints), the form."""
    marked = marking.read(view, posted)
    decision = Decision(
        posted.get("outcome", ""),
        posted.get("comment", "").strip(),
        posted.get("revision", 0, int),
        posted.get("key") or None,
        posted.get("on_behalf_of") or None,
        items=flags.items(marked.values()),
        draft=posted.get("_draft", type=int),
    )
    if view.form is None:
        return Answer(view, decision)
    sent, refused = drawn.texts(posted), []
    if uploads and view.can_work:
        sent, refused = drawn.take_uploads(view.form, sent, uploads, shelf.taking(view.instance))
    entry = forms.read(view.form, sent, _given(view, decision.outcome))
    entry = forms.with_complaints(entry, refused)
    redraws = drawn.is_update(posted)
    wrong = (*entry.complaints, *marking.complaints(view, decision.outcome, marked))
    return Answer(view, decision, entry, tuple(refused) if redraws else wrong, redraws=redraws, flags=marked)


def keep(answer: Answer, *, anew: bool = False) -> int:
    """Keep what has been typed so far as this person's draft, exactly as typed; return its version.

    Raises `Forbidden`; `DraftOutdated` where another window has kept a newer one, unless `anew` sets that aside.
    """
    typed = tasks.as_draft(answer.entry, answer.decision)
    sent = answer.entry.sent if answer.entry else {}
    marked = {"flags": flags.kept(answer.flags.values())} if answer.flags else {}
    values, read = {**typed, "sent": sent, **marked}, answer.decision.draft
    task, window = answer.view.id, drawn.window()
    return tasks.save_draft(session(), task, values, me(), now(), read=read, anew=anew, window=window)


def keep_refused(answer: Answer) -> Answer:
    """Keep what was typed into a post that is shown again, unless it reached for what is not the sender's."""
    forged = any(one.code == "not_yours" for one in answer.complaints)
    if not answer.view.can_work or forged:
        return answer
    return replace(answer, decision=replace(answer.decision, draft=keep(answer, anew=True)))


def kept_draft(view: TaskView, *, aside: bool) -> dict[str, Any]:
    """What is kept of what was typed, exactly as typed: this window's, or the one that was set aside."""
    found = drafts.of(session(), view.id, me()) if view.may_keep else None
    which = found and (found.aside if aside else (found.values, found.saved_at))
    values, saved_at = which or ({}, None)
    return {
        "task": view,
        "aside": aside,
        "saved_at": saved_at,
        "comment": values.get("comment", ""),
        "fields": _as_typed(view, values) if which else "",
        "other": found is not None and found.aside is not None,
    }


def _as_typed(view: TaskView, draft: Mapping[str, Any]) -> str:
    if view.form is None or not view.form.writable:
        return ""
    return drawn.render_form(
        view.form, view.values, (), _given(view), current(), sent=_texts(view, draft), in_full=view.can_work
    )


def refused(answer: Answer, refusal: Exception) -> tuple[Answer, int]:
    """Say why the verb refused, with the task as it is now and everything typed."""
    if isinstance(refusal, UNKEPT):
        answer = keep_refused(answer)
    view = tasks.get(session(), answer.view.id, me(), now())
    fresh = replace(answer, view=view)
    anew = replace(answer.decision, revision=view.revision, key=new_id(), draft=view.draft_version)
    fresh = replace(fresh, decision=replace(answer.decision, draft=view.draft_version))
    if isinstance(refusal, errors.TaskTaken):
        return replace(fresh, taken=refusal), 409
    if isinstance(refusal, errors.InstanceChanged):
        if not view.can_work:  # suspended, say: the banner tells by whom, when and why
            return replace(fresh, decision=anew), 409
        notice = _("在您填写期间，这件事项已被更新。您填写的内容已保留，请核对最新内容后再提交。")
        return replace(fresh, notice=notice, decision=anew), 409
    if isinstance(refusal, errors.KeyReused):
        return replace(fresh, notice=_("这一页已经提交过一次，请核对后再提交。"), decision=anew), 422
    return replace(fresh, complaints=(_complaint(refusal),)), 422


def is_repeat(answer: Answer, refusal: Exception) -> bool:
    """Say whether a refused post only repeats what the same person has already decided (a double click)."""
    if not isinstance(refusal, errors.KeyReused | errors.TaskTaken):
        return False
    happened = history.of(session(), answer.view.instance)
    mine = [row for row in happened if row.task == answer.view.id and row.by == me().person]
    decided = [row.outcome for row in mine if row.kind in ("decided", "signed", "advised")]
    return decided == [answer.decision.outcome]


def _complaint(refusal: Exception) -> Complaint:
    if isinstance(refusal, errors.MissingOpinion):
        zh, en = refusal.outcome
        words = Words(f"选择“{zh}”时，请填写【审核意见】", f"“{en}” needs an opinion")
        return Complaint(OPINION, LABEL, "required", {}, words)
    if isinstance(refusal, errors.BadOpinion):
        return Complaint(OPINION, LABEL, refusal.code, {"max": refusal.most, "length": refusal.length})
    if isinstance(refusal, errors.BadItems):
        return Complaint(refusal.name or None, Words("", ""), "reason", {}, refusal.words)
    if isinstance(refusal, errors.HookRefused):
        return Complaint(refusal.field, Words("", ""), "refused", {}, refusal.words)
    return Complaint(None, Words("", ""), "outcome", {}, Words("请选择办理结果。", "Choose an outcome."))


def _texts(view: TaskView, draft: Mapping[str, Any]) -> dict[str, list[str]]:
    """A draft's texts as typed; of one that a refused verb kept, its values as they would have been typed."""
    if draft.get("sent"):
        return dict(draft["sent"])
    assert view.form is not None
    values, given = {**view.values, **draft.get("values", {})}, _given(view)
    return {
        one.name: one.kind.raw(one, values.get(one.name, one.kind.empty()), given)
        for one in view.form.visible
        if one.name in view.form.writable
    }


def _given(view: TaskView, outcome: str = "") -> Given:
    """What the task's form may ask for."""
    return handing.given(
        view.values,
        instance=view.instance,
        process=view.process,
        element=view.element,
        starter=view.starter,
        variables=view.variables,
        outcome=outcome or None,
    )
