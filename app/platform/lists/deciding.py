"""One verb at ticked rows: what is wished, what became of each, and how it is found again (C-19)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy.orm import Session

from app.platform import forms, jobs
from app.platform.data import sealing
from app.platform.forms import Complaint, Entry, StepForm
from app.platform.forms.kinds.uploads import File
from app.platform.forms.steps import settle
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.lists.gathering import COMPLETE, NEEDS_FILES, NOT_OPEN
from app.platform.lists.gathering import gather as gather
from app.platform.lists.refusing import Incomplete
from app.platform.lists.refusing import why as why
from app.platform.registry import Acting, Words
from app.platform.runtime import asking, bulk, receipts, substitutes, tasks
from app.platform.runtime import errors as runtime
from app.platform.runtime.tasks import Decision
from app.platform.runtime.views import TaskView

KIND: Final = "lists/decide"
AT_ONCE: Final = 50
TITLES: Mapping[str, tuple[str, str]] = {
    COMPLETE: ("批量办理", "Decide {} in bulk"),
    "claim": ("批量签收", "Claim {}"),
    "unclaim": ("批量放回", "Put {} back"),
    "transfer": ("批量转办", "Transfer {}"),
    "copy": ("批量抄送", "Send copies of {}"),
}
VERBS: Final = tuple(TITLES)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done at each task: a verb of `VERBS`, with an outcome where it decides, and whom it is `to`.

    `comment` is said of all; `own` has the opinions of single tasks instead, by task. `sent` is what the step's form
    was filled in with for all. `key` stands for the whole.
    """

    verb: str = COMPLETE
    outcome: str = ""
    comment: str = ""
    own: Mapping[str, str] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    sent: Mapping[str, Sequence[str]] = field(default_factory=dict)
    key: str | None = None


def submit(session: Session, wanted: Mapping[str, int], wish: Wish, by: Acting, now: datetime) -> str:
    """Do it at the tasks of `wanted` (with the revisions read), at once or above fifty as a job; return the errand.

    The same page sent again is answered with the same errand. Raises `KeyReused` where it has changed meanwhile.
    """
    body = receipts.body_of("together", sorted(wanted), asdict(wish))
    once = (session, by.person, f"together:{wish.key}" if wish.key else None, body)
    before = receipts.answered(*once)
    if before is not None:
        return str(before["errand"])
    if len(wanted) > AT_ONCE:
        answer = receipts.once(*once, now, lambda: {"errand": begin(session, wanted, wish, by, now)})
    else:
        told = do(session, wanted, wish, by, now)
        answer = receipts.once(*once, now, lambda: {"errand": _keep(session, wanted, wish, told, by, now)})
    return str(answer["errand"])


def do(
    session: Session,
    wanted: Mapping[str, int],
    wish: Wish,
    by: Acting,
    now: datetime,
    passed: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Do it and tell: `{"done": n, "tasks": [ids of them], "refused": [{task, zh, en}]}`.

    Each is atomic for itself; `passed(done)` hears after every fifty.
    """
    order, done, refused = list(wanted), [], []
    for start in range(0, len(order), bulk.CHUNK):
        chunk = order[start : start + bulk.CHUNK]
        for result in _chunk(session, chunk, wanted, wish, by, now):
            if result.refusal is None:
                done.append(result.task)
            else:
                words = why(result.refusal)
                refused.append({"task": result.task, "zh": words.zh, "en": words.en})
        passed(start + len(chunk))
    return {"done": len(done), "tasks": done, "refused": refused}


def begin(session: Session, wanted: Mapping[str, int], wish: Wish, by: Acting, now: datetime) -> str:
    """Do the same as an errand; return its id. What was typed is kept sealed."""
    return errands.begin(
        session, KIND, _title(wanted, wish), _arguments(wanted, wish, by), by, now, len(wanted)
    )


def wished(errand: errands.Standing) -> tuple[Wish, list[str]]:
    """What an errand was asked to do, and the tasks that were refused: to be tried again."""
    _, wish = _opened(errand.arguments)
    return replace(wish, key=None), [one["task"] for one in errand.result.get("refused", ())]


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Do it fifty by fifty; begun anew after a fall, what is done already answers from its receipt."""
    errand = arguments["errand"]
    by = behalf.acting(session, arguments["person"], now)
    if by is None:
        return lambda at: errands.refuse(session, errand, NOT_OPEN, at)
    post = next((held for held in by.posts if held.id == arguments["post"]), None)
    by = substitutes.with_principals(session, replace(by, post=post), now)
    wanted, wish = _opened(arguments)
    errands.step(session, errand, 0)
    told = do(session, wanted, wish, by, now, lambda done: errands.step(session, errand, done))
    return lambda at: errands.finish(session, errand, told, at)


def complaints(session: Session, task: str, wish: Wish, by: Acting, now: datetime) -> tuple[Complaint, ...]:
    """What is wrong with what was filled in for all, read for one of them; what only its own data say is left out."""
    try:
        _read(session, tasks.get(session, task, by, now), wish, by, now)
    except Incomplete as incomplete:
        return tuple(one for one in incomplete.complaints if one.code not in ("check", "files"))
    except runtime.RuntimeRefusal:
        return ()
    return ()


def lacking(session: Session, task_ids: Sequence[str], by: Acting, now: datetime) -> dict[str, Words]:
    """Which of the first fifty tasks lack a file of their own that their step requires, whatever the outcome."""
    found = {}
    for task in task_ids[:AT_ONCE]:
        view = tasks.get(session, task, by, now)
        if view.form is not None and _missing_files(session, view, "", by, now):
            found[task] = NEEDS_FILES
    return found


def _chunk(
    session: Session, chunk: Sequence[str], wanted: Mapping[str, int], wish: Wish, by: Acting, now: datetime
) -> list[bulk.Result]:
    if wish.verb != COMPLETE:
        act = bulk.Act(wish.verb, wish.to, wish.comment, wish.key, wish.own)
        return bulk.each(session, chunk, wanted, act, by, now)

    def read(view: TaskView) -> Entry | None:
        return _read(session, view, wish, by, now)

    decision = Decision(wish.outcome, wish.comment, 0, wish.key)
    return bulk.complete(session, chunk, wanted, decision, read, by, now, wish.own)


def _keep(
    session: Session,
    wanted: Mapping[str, int],
    wish: Wish,
    told: Mapping[str, Any],
    by: Acting,
    now: datetime,
) -> str:
    return errands.keep(session, KIND, _title(wanted, wish), _arguments(wanted, wish, by), told, by, now)


def _title(wanted: Mapping[str, int], wish: Wish) -> Words:
    zh, en = TITLES[wish.verb]
    return Words(f"{zh} {len(wanted)} 件", en.format(len(wanted)))


def _arguments(wanted: Mapping[str, int], wish: Wish, by: Acting) -> dict[str, Any]:
    kept = orjson.dumps([dict(wanted), asdict(wish)])
    return {
        "person": by.person,
        "post": by.post.id if by.post else None,
        "sealed": base64.b64encode(sealing.seal(kept)).decode(),
    }


def _opened(arguments: Mapping[str, Any]) -> tuple[dict[str, int], Wish]:
    wanted, kept = orjson.loads(sealing.unseal(base64.b64decode(arguments["sealed"])))
    return wanted, Wish(**{**kept, "to": tuple(kept["to"])})


def _read(session: Session, view: TaskView, wish: Wish, by: Acting, now: datetime) -> Entry | None:
    """Read the same answers for one task; what was left empty stays as it is there. Raises `Incomplete`."""
    if view.form is None:
        return None
    given = asking.at_task(session, view, lambda _: None, by, now, wish.outcome)
    step = _without_files(view.form)
    sent = wish.sent if step.form.together else {}
    texts = {one.name: one.kind.collect(one, sent) for one in step.visible if one.name in step.writable}
    for name, typed in texts.items():
        if not any(typed):
            one = step.form.fields[name]
            texts[name] = list(one.kind.raw(one, view.values.get(name, one.kind.empty()), given))
    entry = forms.read(step, texts, given)
    found = (*entry.complaints, *_missing_files(session, view, wish.outcome, by, now))
    if found:
        raise Incomplete(found)
    return entry


def _missing_files(
    session: Session, view: TaskView, outcome: str, by: Acting, now: datetime
) -> tuple[Complaint, ...]:
    """Files that a task's step requires and that are not there: nobody can upload them for all."""
    assert view.form is not None
    lacks = [one for one in _files(view.form) if not view.values.get(one.name)]
    if not lacks:
        return ()
    given = asking.at_task(session, view, lambda _: None, by, now, outcome)
    shown, settled = settle(view.form.form, view.values, given)
    required = (one for one in lacks if one.name in shown and view.form.required(one, settled, given))
    return tuple(Complaint(one.name, one.label, "files", {}, NEEDS_FILES) for one in required)


def _files(step: StepForm) -> Iterator[forms.Field]:
    return (one for one in step.visible if isinstance(one.kind, File) and one.name in step.writable)


def _without_files(step: StepForm) -> StepForm:
    """A step's form as it is filled in for many: files stay those each has."""
    names = {one.name for one in _files(step)}
    rights = {name: "read" if name in names else right for name, right in step.rights.items()}
    return StepForm(step.form, step.step, rights) if names else step
