"""Deciding ticked rows alike: what may be decided together, and what became of each (C-19)."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import forms, jobs
from app.platform.data import sealing
from app.platform.engine import Outcome
from app.platform.forms import Complaint, Entry, StepForm
from app.platform.forms.kinds.uploads import File
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.registry import Acting, Words
from app.platform.runtime import asking, bulk, policy, substitutes, tasks, versions
from app.platform.runtime import errors as runtime
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView

KIND = "lists/decide"
AT_ONCE = 50
NOT_OPEN = Words("没有您可以办理的环节", "Nothing here is open to you")
ALONE = Words("该环节须逐件办理", "This step is decided one by one")
OTHER_STEP = Words("环节不同，请另行办理", "Another step: decide it apart")
NEEDS_FILES = Words("该环节需要上传文件，请逐件办理", "This step asks for files: decide it alone")
SAID: dict[type[Exception], Words] = {
    runtime.TaskOvertaken: Words("已超过办理时限", "Its time has run out"),
    runtime.TaskTaken: Words("该记录已被处理", "Somebody else has decided it"),
    runtime.InstanceChanged: Words(
        "内容已发生变化，请重新查看", "It has changed meanwhile; look at it again"
    ),
    runtime.Unknown: NOT_OPEN,
    runtime.Forbidden: Words(
        "您不能办理这一环节，或该环节须逐件办理", "You may not decide this step, or not in bulk"
    ),
    runtime.MissingOpinion: Words("请填写审核意见", "An opinion is needed"),
    runtime.BadOpinion: Words(
        "审核意见过长或含有无法保存的字符", "The opinion is too long or cannot be kept"
    ),
    runtime.BadOutcome: Words("该环节没有这一办理结果", "This step has no such outcome"),
    runtime.KeyReused: Words("这一页已经提交过一次", "This page was sent before"),
}
FAILED = Words("系统处理时出错，未办理", "It failed on our side and was not decided")


class Incomplete(Exception):
    """The form cannot be taken as it is filled in; `complaints` say where."""

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        super().__init__()
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticked matter: its open task, and why it cannot be decided with the others (None: it can)."""

    instance: str
    title: str
    number: str | None
    task: str = ""
    revision: int = 0
    step: Words = Words("", "")
    why_not: Words | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What may be decided together: one step, its outcomes, and its form with only the fields it asks."""

    candidates: tuple[Candidate, ...]
    outcomes: tuple[Outcome, ...] = ()
    form: StepForm | None = None

    @property
    def ready(self) -> tuple[Candidate, ...]:
        """Those that can be decided."""
        return tuple(one for one in self.candidates if one.why_not is None)


def gather(session: Session, instances: Sequence[str], by: Acting) -> Batch:
    """Look at the open tasks of `instances` before anything is decided. One statement, and one per new version."""
    wanted = list(dict.fromkeys(instances))[: bulk.MOST]
    rows = session.execute(
        select(
            Task.__table__,
            Instance.version_id,
            Instance.id.label("matter"),
            Instance.title,
            Instance.number,
            policy.workable(by).label("is_mine"),
        )
        .select_from(Instance)
        .outerjoin(Task, (Task.instance_id == Instance.id) & (Task.state == "open"))
        .where(Instance.id.in_(wanted), policy.readable(by))
        .order_by(Task.opened_at)
    ).all()
    best: dict[str, Any] = {}
    for row in rows:
        if row.matter not in best or (row.is_mine and not best[row.matter].is_mine):
            best[row.matter] = row
    found = [best[instance] for instance in wanted if instance in best]
    drawn = {row.id: versions.program(session, row.version_id).asked(row) for row in found if row.is_mine}
    allowed = [row for row in found if row.is_mine and bulk.ALLOWED in drawn[row.id].allow]
    if not allowed:
        return Batch(tuple(_candidate(row, ALONE if row.is_mine else NOT_OPEN) for row in found))
    (process, element), _ = Counter((row.process, row.element) for row in allowed).most_common(1)[0]
    first = next(row for row in allowed if (row.process, row.element) == (process, element))
    form = _asked_of_all(session, first, drawn[first.id].form)
    needs_files = form is not None and any(isinstance(one.kind, File) for one in form.visible)

    def why_not(row: Any) -> Words | None:
        if not row.is_mine:
            return NOT_OPEN
        if bulk.ALLOWED not in drawn[row.id].allow:
            return ALONE
        if (row.process, row.element) != (process, element):
            return OTHER_STEP
        return NEEDS_FILES if needs_files else None

    candidates = tuple(_candidate(row, why_not(row)) for row in found)
    return Batch(candidates, drawn[first.id].outcomes, form)


def decide(
    session: Session,
    wanted: Mapping[str, int],
    decision: Decision,
    sent: Mapping[str, Sequence[str]],
    by: Acting,
    now: datetime,
    passed: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Decide the tasks of `wanted` (with the revisions read) and tell: `{"done": n, "refused": [{task, zh, en}]}`.

    Each is atomic for itself; `passed(done)` hears after every fifty.
    """
    outcome = decision.outcome

    def read(view: TaskView) -> Entry | None:
        return _read(session, view, sent, outcome, by, now)

    order, done, refused = list(wanted), 0, []
    for start in range(0, len(order), bulk.CHUNK):
        chunk = order[start : start + bulk.CHUNK]
        for result in bulk.complete(session, chunk, wanted, decision, read, by, now):
            if result.refusal is None:
                done += 1
            else:
                words = why(result.refusal)
                refused.append({"task": result.task, "zh": words.zh, "en": words.en})
        passed(start + len(chunk))
    return {"done": done, "refused": refused}


def complaints(
    session: Session, task: str, sent: Mapping[str, Sequence[str]], outcome: str, by: Acting, now: datetime
) -> tuple[Complaint, ...]:
    """What is wrong with what was filled in for all, read for one of them; what only its own data say is left out."""
    try:
        _read(session, tasks.get(session, task, by, now), sent, outcome, by, now)
    except Incomplete as incomplete:
        return tuple(one for one in incomplete.complaints if one.code != "check")
    except runtime.RuntimeRefusal:
        return ()
    return ()


def begin(
    session: Session,
    wanted: Mapping[str, int],
    decision: Decision,
    sent: Mapping[str, Sequence[str]],
    by: Acting,
    now: datetime,
) -> str:
    """Do the same as an errand; return its id. What was typed is kept sealed."""
    kept = [dict(wanted), decision.outcome, decision.comment, decision.key, dict(sent)]
    arguments = {
        "person": by.person,
        "post": by.post.id if by.post else None,
        "sealed": base64.b64encode(sealing.seal(orjson.dumps(kept))).decode(),
    }
    title = Words(f"批量办理 {len(wanted)} 件", f"Decide {len(wanted)} in bulk")
    return errands.begin(session, KIND, title, arguments, by, now, len(wanted))


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Decide fifty by fifty; begun anew after a fall, what is decided already answers from its receipt."""
    errand = arguments["errand"]
    by = behalf.acting(session, arguments["person"], now)
    if by is None:
        return lambda at: errands.refuse(session, errand, NOT_OPEN, at)
    post = next((held for held in by.posts if held.id == arguments["post"]), None)
    by = substitutes.with_principals(session, replace(by, post=post), now)
    wanted, outcome, comment, key, sent = orjson.loads(sealing.unseal(base64.b64decode(arguments["sealed"])))
    errands.step(session, errand, 0)
    decision = Decision(outcome, comment, 0, key)
    told = decide(session, wanted, decision, sent, by, now, lambda done: errands.step(session, errand, done))
    return lambda at: errands.finish(session, errand, told, at)


def why(refusal: Exception) -> Words:
    """What a row's reader is told; what nobody foresaw says no more than that."""
    if isinstance(refusal, runtime.HookRefused):
        return refusal.words
    if isinstance(refusal, Incomplete):
        return Words(
            *(" ".join(one.message(language) for one in refusal.complaints) for language in ("zh", "en"))
        )
    if isinstance(refusal, runtime.Forbidden) and refusal.words:
        return refusal.words
    return next((SAID[kind] for kind in type(refusal).__mro__ if kind in SAID), FAILED)


def _read(
    session: Session,
    view: TaskView,
    sent: Mapping[str, Sequence[str]],
    outcome: str,
    by: Acting,
    now: datetime,
) -> Entry | None:
    """Read the same answers for one task. Raises `Incomplete`."""
    if view.form is None:
        return None
    given = asking.at_task(session, view, lambda _: None, by, now, outcome)
    entry = forms.read(view.form, {name: list(texts) for name, texts in sent.items()}, given)
    if entry.complaints:
        raise Incomplete(entry.complaints)
    return entry


def _asked_of_all(session: Session, row: Any, form: str | None) -> StepForm | None:
    """The form of the step with the fields it asks, without what it only shows of a single matter."""
    if form is None:
        return None
    step = versions.program(session, row.version_id).forms[form].at(row.element)
    asked = {name: right if name in step.writable else "hidden" for name, right in step.rights.items()}
    return StepForm(step.form, step.step, asked) if step.writable else None


def _candidate(row: Any, why_not: Words | None) -> Candidate:
    if row.id is None:
        return Candidate(row.matter, row.title, row.number, why_not=why_not)
    step = Words(row.name_zh, row.name_en)
    return Candidate(row.matter, row.title, row.number, row.id, row.revision, step, why_not)
