"""What may be done to ticked tasks together, and to which of them not and why: said before anything is done (C-19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.platform.engine import Outcome, UserTask
from app.platform.forms import StepForm
from app.platform.forms.kinds.uploads import File
from app.platform.identity.entities import Person
from app.platform.registry import Acting, Words
from app.platform.runtime import bulk, policy, unanswered, versions
from app.platform.runtime.entities import Instance, Task

COMPLETE = "complete"
NOT_OPEN = Words("没有您可以办理的环节", "Nothing here is open to you")
OVER = Words("该记录已被处理", "Somebody has decided it already")
SUSPENDED = Words("事项已挂起，恢复后才能办理", "The matter is suspended")
RECUSED = Words("您与此事项有关联，应当回避", "You are connected with this matter")
ALONE = Words("该环节须逐件办理", "This step is decided one by one")
OTHER_STEP = Words("环节不同，请另行办理", "Another step: decide it apart")
NEEDS_FILES = Words("该环节需要上传文件，请逐件办理", "This step asks for files: decide it alone")
SEATED = Words("会签环节无需签收", "Several sign this step; nobody claims it")
HELD = Words("已经签收", "Claimed already")
ASKED = Words("有未答复的询问，办理后一并关闭", "Questions wait for an answer; deciding closes them")
NOT_ALLOWED: Mapping[str, Words] = {
    "transfer": Words("该环节不能转办", "This step cannot be transferred"),
    "copy": Words("该环节不能抄送", "This step sends no copies"),
}
Claimer = aliased(Person)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticked matter: its task, and why nothing can be done to it with the others (None: it can).

    `note`: what is to be known before it is done.
    """

    instance: str
    title: str
    number: str | None
    task: str = ""
    revision: int = 0
    step: Words = Words("", "")
    why_not: Words | None = None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step at which some of the ticked tasks stand: those of one step are decided together."""

    key: str
    words: Words
    count: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What may be done together; to be decided: one step, its outcomes, and its form with only what it asks of all.

    `steps` are all the steps that may be decided in bulk, the chosen one is `step`. `own_files` says that the step
    asks for files: each row's own count, none are asked for together.
    """

    candidates: tuple[Candidate, ...]
    outcomes: tuple[Outcome, ...] = ()
    form: StepForm | None = None
    steps: tuple[Step, ...] = ()
    step: str = ""
    own_files: bool = False

    @property
    def ready(self) -> tuple[Candidate, ...]:
        """Those to which it can be done."""
        return tuple(one for one in self.candidates if one.why_not is None)

    def without(self, faults: Mapping[str, Words]) -> Batch:
        """The same where some tasks turned out not to be fit."""
        marked = (
            replace(one, why_not=faults[one.task]) if one.task in faults else one for one in self.candidates
        )
        return replace(self, candidates=tuple(marked))


def gather(
    session: Session,
    by: Acting,
    *,
    instances: Sequence[str] = (),
    tasks: Sequence[str] = (),
    verb: str = COMPLETE,
    step: str = "",
) -> Batch:
    """Look at ticked tasks, and at the open task of ticked instances, before anything is done.

    `step` (`<process>:<element>`) chooses which of several steps is decided, else the one most of them stand at.
    One statement each, and one per version not in memory.
    """
    found = _tasks(session, by, tasks) + _open_tasks(session, by, instances)
    drawn = {row.id: versions.program(session, row.version_id).asked(row) for row in found if row.id}
    first = {row.matter + (row.id or ""): _why_not(row, drawn.get(row.id), by, verb) for row in found}

    def candidates(more: Callable[[Any], Words | None] = lambda row: None) -> tuple[Candidate, ...]:
        return tuple(_candidate(row, first[row.matter + (row.id or "")] or more(row), verb) for row in found)

    allowed = [row for row in found if first[row.matter + (row.id or "")] is None]
    if verb != COMPLETE or not allowed:
        return Batch(candidates())
    counted = Counter(_step_of(row) for row in allowed)
    chosen = step if step in counted else counted.most_common(1)[0][0]
    names = {_step_of(row): Words(row.name_zh, row.name_en) for row in allowed}
    model = next(row for row in allowed if _step_of(row) == chosen)
    form, own_files = _asked_of_all(session, model, drawn[model.id].form)
    return Batch(
        candidates(lambda row: OTHER_STEP if _step_of(row) != chosen else None),
        drawn[model.id].outcomes,
        form,
        tuple(Step(key, names[key], count) for key, count in counted.most_common()),
        chosen,
        own_files,
    )


def _tasks(session: Session, by: Acting, tasks: Sequence[str]) -> list[Any]:
    wanted = list(dict.fromkeys(tasks))[: bulk.MOST]
    if not wanted:
        return []
    asked = _looked_at(by).join(Task, Task.instance_id == Instance.id).where(Task.id.in_(wanted))
    found = {row.id: row for row in session.execute(_with_claimer(asked, by))}
    return [found[task] for task in wanted if task in found]


def _open_tasks(session: Session, by: Acting, instances: Sequence[str]) -> list[Any]:
    """Of each instance the open task that is the reader's, else any, else none."""
    wanted = list(dict.fromkeys(instances))[: bulk.MOST]
    if not wanted:
        return []
    asked = (
        _looked_at(by)
        .outerjoin(Task, (Task.instance_id == Instance.id) & (Task.state == "open"))
        .where(Instance.id.in_(wanted))
        .order_by(Task.opened_at)
    )
    best: dict[str, Any] = {}
    for row in session.execute(_with_claimer(asked, by)):
        if row.matter not in best or (row.is_mine and not best[row.matter].is_mine):
            best[row.matter] = row
    return [best[instance] for instance in wanted if instance in best]


def _looked_at(by: Acting) -> Any:
    return select(
        Task.__table__,
        Instance.version_id,
        Instance.id.label("matter"),
        Instance.title,
        Instance.number,
        Instance.state.label("stands"),
        Claimer.name.label("claimer"),
        policy.workable(by).label("is_mine"),
        unanswered.IS_ASKED,
    ).select_from(Instance)


def _with_claimer(asked: Any, by: Acting) -> Any:
    return asked.outerjoin(Claimer, Claimer.id == Task.claimed_by_id).where(policy.readable(by))


def _why_not(row: Any, drawn: UserTask | None, by: Acting, verb: str) -> Words | None:
    """Why the verb cannot be done to a task by itself, whatever else is ticked."""
    if drawn is None:
        return NOT_OPEN
    if row.state != "open":
        return OVER
    if row.stands == "suspended":
        return SUSPENDED
    if not row.is_mine:
        if policy.is_recused(by, row) and (row.assignee_id == by.person or policy.is_candidate(by, row)):
            return RECUSED
        if row.claimed_by_id and row.claimed_by_id != by.person:
            return Words(f"{row.claimer}已签收", f"Claimed by {row.claimer}")
        return NOT_OPEN
    if verb == COMPLETE:
        return None if bulk.ALLOWED in drawn.allow else ALONE
    if verb == "claim":
        return SEATED if row.seats != "one" else HELD if row.claimed_by_id else None
    return None if verb in drawn.allow else NOT_ALLOWED.get(verb, NOT_OPEN)


def _asked_of_all(session: Session, row: Any, form: str | None) -> tuple[StepForm | None, bool]:
    """The form of the step with what it asks of all: without what it only shows of one matter, and without files."""
    if form is None:
        return None, False
    step = versions.program(session, row.version_id).forms[form].at(row.element)
    files = {one.name for one in step.visible if isinstance(one.kind, File) and one.name in step.writable}
    asked = step.writable - files if step.form.together else frozenset()
    rights = {name: right if name in asked else "hidden" for name, right in step.rights.items()}
    return (StepForm(step.form, step.step, rights) if asked else None), bool(files)


def _step_of(row: Any) -> str:
    return f"{row.process}:{row.element}"


def _candidate(row: Any, why_not: Words | None, verb: str) -> Candidate:
    if row.id is None:
        return Candidate(row.matter, row.title, row.number, why_not=why_not)
    step = Words(row.name_zh, row.name_en)
    note = ASKED if row.is_asked and verb == COMPLETE and why_not is None else None
    return Candidate(row.matter, row.title, row.number, row.id, row.revision, step, why_not, note)
