"""What every verb's own page asks and says: a comment, the key and revision, what is wrong, and who was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.platform.data import new_id
from app.platform.runtime import errors, history, tasks
from app.platform.runtime.tasks import Completed
from app.platform.runtime.views import TaskView
from app.rooms.inbox import boxes, following, live, verbs
from app.rooms.inbox.overtaken import Banner
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import said

REFUSALS = (
    errors.TaskTaken,
    errors.InstanceChanged,
    errors.BadPerson,
    errors.MissingOpinion,
    errors.BadItems,
    errors.BadOpinion,
    errors.CannotMove,
    errors.HookRefused,
    errors.KeyReused,
)
LEAVING = ("not_seated", "decided", "not_added", "last")
"""Codes of `BadPerson` about somebody who is to sign no more."""


@dataclass(frozen=True)
class VerbForm:
    """A verb at a task as asked so far. `wrong` has a sentence for each field; `""` is the whole."""

    view: TaskView
    verb: str
    comment: str = ""
    revision: int = 0
    key: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    taken: Banner | None = None

    @property
    def needs_comment(self) -> bool:
        """Whether nothing is done without a word why."""
        return self.verb == "return" or verbs.needs_reason(self.view, self.verb)

    @property
    def is_offered(self) -> bool:
        """Whether the reader has this verb: else the verb itself says why not, whatever he has typed."""
        return self.verb in self.view.verbs

    @property
    def is_open(self) -> bool:
        """Whether there is anything to be done here still."""
        return self.taken is None and self.view.state == "open"


def fresh(task: str, verb: str) -> VerbForm:
    """The empty page of a verb. Raises `Unknown`; `Forbidden` to whom the verb is not offered."""
    view = tasks.get(session(), task, me(), now())
    if view.state == "open" and verb not in view.verbs:
        raise errors.Forbidden(f"task.{verb}")
    return VerbForm(view, verb, revision=view.revision, key=new_id())


def read(task: str, verb: str, posted: MultiDict[str, str]) -> VerbForm:
    """A verb's page as posted. Raises `Unknown`; `Forbidden` to whoever works there and has no such verb."""
    view = tasks.get(session(), task, me(), now())
    if view.can_work and verb not in view.verbs:
        raise errors.Forbidden(f"task.{verb}")
    return VerbForm(
        view,
        verb,
        posted.get("comment", "").strip(),
        posted.get("revision", 0, int),
        posted.get("key") or new_id(),
    )


def refused(form: VerbForm, refusal: Exception) -> tuple[VerbForm, int]:
    """The same page with everything typed, and why it was refused."""
    view = tasks.get(session(), form.view.id, me(), now())
    anew = replace(form, view=view, revision=view.revision, key=new_id())
    if isinstance(refusal, errors.TaskTaken):
        happened = history.of(session(), view.instance)
        return replace(anew, taken=live.what_became(view, happened, refusal, is_sudden=True)), 409
    if isinstance(refusal, errors.InstanceChanged):
        notice = _("在您填写期间，这件事项已被更新。您填写的内容已保留，请核对最新内容后再提交。")
        return replace(anew, notice=notice), 409
    if isinstance(refusal, errors.KeyReused):
        return replace(anew, notice=_("这一页已经提交过一次，请核对后再提交。")), 422
    status = 409 if isinstance(refusal, errors.CannotMove) else 422
    return replace(anew, wrong=_wrong(form, refusal)), status


def complain(form: VerbForm, name: str, sentence: str) -> VerbForm:
    """The same page with one thing said against it."""
    return replace(form, wrong={**form.wrong, name: sentence})


def page(form: VerbForm, template: str, **more: object) -> str:
    """Draw a verb's page beside the list it was opened from."""
    leads = url_for("inbox.show_task", task=form.view.id, **following.trail(request.args))
    return render_template(
        template,
        **boxes.read(request.args),
        form=form,
        task=form.view,
        verb_title=_("退回") if form.verb == "return" else verbs.titles()[form.verb],
        to_task=leads,
        summary=[(f"verb-{name}" if name else None, sentence) for name, sentence in form.wrong.items()],
        **more,
    )


def done(form: VerbForm, told: str, completed: Completed | None = None, *, stays: bool = False) -> str:
    """Say what was done, and return where its reader goes on: as after a decision, or at the same task."""
    flash(told, "success")
    view = form.view
    if not view.can_work:
        return url_for("inbox.show_instance", instance=view.instance)
    if stays:
        return following.same_task(view.id, request.args)
    return following.next_page(view, completed or Completed(view.instance, ()), request.args)


def _wrong(form: VerbForm, refusal: Exception) -> dict[str, str]:
    if isinstance(refusal, errors.BadPerson):
        return {"remove" if refusal.code in LEAVING else "to": said(refusal.words)}
    if isinstance(refusal, errors.MissingOpinion):
        return {"comment": _("请填写退回意见") if form.verb == "return" else _("请填写原因")}
    if isinstance(refusal, errors.BadItems):
        return {"items": said(refusal.words)}
    if isinstance(refusal, errors.BadOpinion):
        if refusal.code == "too_long":
            return {
                "comment": _("最多%(most)s个字，现有%(length)s个", most=refusal.most, length=refusal.length)
            }
        return {"comment": _("含有不能使用的字符")}
    if isinstance(refusal, errors.CannotMove):
        return {"to": said(refusal.words)}
    assert isinstance(refusal, errors.HookRefused)
    return {"": said(refusal.words)}
