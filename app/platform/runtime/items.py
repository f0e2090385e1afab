"""What a return names to be put right: judged, kept on the instance, and what it leaves open on the way back (C4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import orjson
from sqlalchemy import bindparam, select

from app.platform import engine
from app.platform.audit import chain
from app.platform.engine import Definition, UserTask
from app.platform.forms import Form, StepForm, Wrong, reopened
from app.platform.forms.kinds.uploads import File
from app.platform.forms.typed import tidy
from app.platform.jobs import enqueue
from app.platform.registry import Words, house
from app.platform.runtime import binding
from app.platform.runtime.entities import History
from app.platform.runtime.errors import BadItems

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held
    from app.platform.runtime.versions import Program

LETTER = "documents/correction_letter"
"""The job that prints what was named; a room above has it, by name."""
RETURNS = ("decided", "returned")
"""How the history calls what sends back: the row of the letter, whatever was written after it."""
MOST = 50
LONGEST_REASON = 500
SIGNED = select(History.body).where(
    History.instance_id == bindparam("instance"),
    History.task_id == bindparam("task"),
    History.kind == "signed",
)
Why = Literal["many", "no_reason", "too_long", "control", "unknown", "not_returned"]


@dataclass(frozen=True, slots=True)
class Named:
    """What is found wanting: fields with their reasons, those of its files among them, and the files apart.

    `files`: file id → reason; `of`: file id → the field it was handed in under. `each`: one by one, as it was named.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    each: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields)

    @property
    def told(self) -> dict[str, Any]:
        """What the row that sends back says of it, for the letter and the notice."""
        return {"items": dict(self.each), **({"of": dict(self.of)} if self.of else {})}


@dataclass(frozen=True, slots=True)
class Items:
    """What the return that a task comes from has named. `seq` is the return's row in the history.

    `is_over`: the step that named it (`element`) has been asked again. `labels`: what the fields are called there.
    """

    element: str
    seq: int
    at: datetime
    named: Named
    labels: Mapping[str, Words]
    is_over: bool = False


def judged(items: Mapping[str, str], step: StepForm | None, values: Mapping[str, Any]) -> Named:
    """What `items` (field or file id → reason) name in a form as its reader sees it. Raises `BadItems`."""
    if len(items) > MOST:
        raise _bad("many", "")
    owners, labels = _files(step, values), _labels(step)
    told: dict[str, str] = {}
    for name, text in items.items():
        of = owners.get(name, name)
        if of not in labels:
            raise _bad("unknown", name)
        told[name] = _reason(text, name, labels[of])
    return _gathered(told, owners)


def _gathered(told: Mapping[str, str], owners: Mapping[str, str]) -> Named:
    fields: dict[str, list[str]] = {}
    for name, reason in told.items():
        fields.setdefault(owners.get(name, name), []).append(reason)
    files = {name: reason for name, reason in told.items() if name in owners}
    return Named(
        {name: "；".join(dict.fromkeys(reasons)) for name, reasons in fields.items()},
        files,
        {file: owners[file] for file in files},
        told,
    )


def judged_at(
    held: Held, row: Any, drawn: UserTask, items: Mapping[str, str], values: Mapping[str, Any] | None = None
) -> Named:
    """The same at a task under decision; `values`: what its form shows, if they are at hand. Raises `BadItems`."""
    return judged(items, *_shown(held, row, drawn, items, values))


def _shown(
    held: Held, row: Any, drawn: UserTask, items: Iterable[str], values: Mapping[str, Any] | None = None
) -> tuple[StepForm | None, Mapping[str, Any]]:
    form = shown_form(held.program, drawn)
    if form is None:
        return None, {}
    if values is None:
        fields_only = all(name in form.fields for name in items)
        values = {} if fields_only else binding.load(held.call(row.element), form)
    return form.at(row.element if drawn.form else "start"), values


def of_signers(
    held: Held, row: Any, drawn: UserTask, result: str, about: Mapping[str, str] | None = None
) -> Named | None:
    """What the signers of a task have named together, where their `result` sends back.

    Those before from the history, the last one's `about`. Each was judged when it was named: of what has gone since,
    a file that was replaced, nothing is said any more, and nobody is refused for what others have named. However many
    sign, a thing is named once, with what each has against it: the form bounds them.
    """
    if not next(each.negative for each in drawn.outcomes if each.key == result):
        return None
    rows = held.session.scalars(SIGNED, {"instance": held.id, "task": row.id}).all()
    bodies = [orjson.loads(chain.unseal(held.pen.key, body)) for body in rows if body is not None]
    told: dict[str, list[str]] = {}
    for items in (*(body.get("items", {}) for body in bodies), about or {}):
        for name, text in items.items():
            told.setdefault(name, []).append(tidy(text, lines=True))
    step, values = _shown(held, row, drawn, told)
    owners, labels = _files(step, values), _labels(step)
    left = {
        name: "；".join(dict.fromkeys(texts))
        for name, texts in told.items()
        if owners.get(name, name) in labels
    }
    return _gathered(left, owners) if left else None


def _labels(step: StepForm | None) -> dict[str, Words]:
    """The fields whose answers somebody has given, and what they are called."""
    return {one.name: one.label for one in step.visible if not one.kind.derived} if step else {}


def _files(step: StepForm | None, values: Mapping[str, Any]) -> dict[str, str]:
    """The files handed in under the fields that show, with their fields."""
    fields = [one.name for one in step.visible if isinstance(one.kind, File)] if step else []
    return {file: name for name in fields for file in values.get(name) or ()}


def _reason(text: str, name: str, label: Words) -> str:
    try:
        reason = tidy(text, lines=True)
    except Wrong as wrong:
        raise _bad("control", name, label) from wrong
    if not reason:
        raise _bad("no_reason", name, label)
    if len(reason) > LONGEST_REASON:
        raise _bad("too_long", name, label)
    return reason


def _bad(code: Why, name: str, label: Words | None = None) -> BadItems:
    zh, en = label or Words(name[:100], name[:100])
    said = {
        "many": Words(f"一次最多标记{MOST}项", f"At most {MOST} items can be named"),
        "unknown": Words(f"这一步没有“{zh}”可以退回修改", f"This step shows no “{en}” to be put right"),
        "no_reason": Words(f"请说明【{zh}】需要修改的原因", f"Say what is wrong with “{en}”"),
        "too_long": Words(
            f"【{zh}】的修改原因最多{LONGEST_REASON}个字",
            f"What is wrong with “{en}” has at most {LONGEST_REASON} characters",
        ),
        "control": Words(f"【{zh}】的修改原因含有不能使用的字符", f"The reason for “{en}” cannot be kept"),
    }
    return BadItems(code, name, said[code])


def not_returned(count: int, outcome: Words) -> BadItems:
    """Something is named, and the outcome sends nothing back."""
    zh = f"您标记了{count}项需要修改，而“{outcome.zh}”不会退回。请取消标记，或选择退回的结果。"
    en = f"{count} items are marked, but “{outcome.en}” sends nothing back. Unmark them or choose an outcome that does."
    return BadItems("not_returned", "", Words(zh, en))


def letter_key(instance: str, seq: int) -> str:
    """What tells the job of one return's letter from others."""
    return f"letter:{instance}:{seq}"


def put(held: Held, row: Any, named: Named | None) -> None:
    """Write down, before the engine goes on, what the return of the task `row` names; the one before is over with it.

    Unless tasks of its time still wait, in another branch: these stay as narrow as they were opened.
    """
    if not named and held.items is None:
        return
    seq = held.pen.last(row.id, RETURNS)
    if named:
        _print(held, seq)
    live = engine.tokens(held.program.definition, held.tokens)
    waiting = [token.visit for token in live if token.kind == "user" and token.visit != row.visit]
    old = held.items
    while old is not None and (old.get("over") or not any(visit > old["after"] for visit in waiting)):
        old = old.get("before")
    if not named and old is None:
        held.items = None
        return
    held.items = {
        "element": row.element,
        "at": held.now.isoformat(),
        "seq": seq,
        "after": max(token.visit for token in live),
        "items": dict(named.fields) if named else {},
        **({"files": dict(named.files), "of": dict(named.of)} if named and named.files else {}),
        **({"before": old} if old is not None else {}),
    }


def asked_again(held: Held, elements: Iterable[str]) -> None:
    """What a step has named is over once it is asked again: nothing opened from now on is narrowed by it."""
    held.items = _changed(held.items, set(elements), over=True)


def _print(held: Held, seq: int) -> None:
    """Have the letter that names it all printed, once this is true."""
    if LETTER in house.jobs:
        given = {"instance": held.id, "seq": seq}
        enqueue(held.session, LETTER, given, held.now, key=letter_key(held.id, seq))


def _changed(record: Any, elements: set[str], *, over: bool) -> Any:
    if record is None:
        return None
    kept = {name: value for name, value in record.items() if name not in ("over", "before")}
    is_over = over if record["element"] in elements else bool(record.get("over"))
    before = _changed(record.get("before"), elements, over=over)
    return {**kept, **({"over": True} if is_over else {}), **({"before": before} if before else {})}


def taken_back(held: Held, seq: int, closed: Iterable[str]) -> None:
    """The decision at row `seq` is withdrawn, and with it the tasks at `closed` are: a return with what it named, or
    the answer to one, which then is to be given again. Called before the engine's step is written."""
    record = held.items
    if record is None:
        return
    if record["seq"] == seq:
        held.items = record.get("before")
    elif record.get("over") and record["element"] in set(closed):
        held.items = _changed(record, {record["element"]}, over=False)


def renamed(held: Held, mapping: Mapping[str, str]) -> None:
    """The instance is carried over to a version that calls some elements otherwise."""

    def anew(record: Any) -> Any:
        if record is None:
            return None
        told = {**record, "element": mapping.get(record["element"], record["element"])}
        return told | ({"before": anew(record["before"])} if "before" in record else {})

    held.items = anew(held.items)


def of_task(program: Program, drawn: UserTask, row: Any, instance: Any) -> Items | None:
    """What was named that concerns an open task: it is to be put right there, or it is its own step that named it.

    It concerns the tasks opened by the return, and later ones of the starter until the step that named it is asked
    again: as long as it lies ahead. What others do on the way there is theirs to do anew (docs/forms.md).
    """
    record = instance.items
    while record is not None and row.visit <= record["after"]:
        record = record.get("before")
    if record is None or not record["items"] or row.state != "open":
        return None
    if record["element"] != row.element:
        is_starters = drawn.assignee == "starter" or row.assignee_id == instance.starter_id
        if record.get("over") or not (row.is_returned or is_starters):
            return None
        if not leads_to(program.definition, row.element, record["element"]):
            return None
    return _as_items(record, program)


def _as_items(record: Mapping[str, Any], program: Program) -> Items:
    asked = program.definition.tasks.get(record["element"])
    form = shown_form(program, asked)
    return Items(
        element=record["element"],
        seq=record["seq"],
        at=datetime.fromisoformat(record["at"]),
        named=Named(record["items"], record.get("files", {}), record.get("of", {})),
        labels={name: one.label for name, one in form.fields.items()} if form else {},
        is_over=bool(record.get("over")),
    )


def shown_form(program: Program, drawn: UserTask | None) -> Form | None:
    """The form that whoever decides a step judges: its own, else the one the matter began with."""
    name = (drawn.form if drawn else None) or program.definition.form
    return program.forms.get(name) if name else None


def leads_to(definition: Definition, element: str, target: str) -> bool:
    """Whether a way leads from one user task to another in the drawing."""
    todo, seen = [element], set()
    while todo:
        for after in engine.people_after(definition, todo.pop()):
            if after == target:
                return True
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return False


def step_form(
    form: Form, row: Any, starter: str, found: Items | None, values: Mapping[str, Any], now: datetime
) -> StepForm:
    """The form of a task with the rights that what was named leaves."""
    step = form.at(row.element)
    if found is None or found.element == row.element:
        return step
    if row.assignee_id != starter and not found.named.fields.keys() & step.writable:
        return step  # somebody between, who has work of his own here
    narrow = reopened(form, row.element, found.named.fields, values, now)
    if narrow is None:
        return step
    narrowed = form.at(row.element, narrow)
    keeps = {
        name: frozenset(values.get(name) or ()) - found.named.files.keys()
        for name in set(found.named.of.values())
        if name in narrowed.writable and _only_files(found.named, name)
    }
    return StepForm(form, row.element, narrowed.rights, narrowed.closed, keeps)


def _only_files(named: Named, name: str) -> bool:
    """Whether only files of a field were found wanting and not the field: its reason is then made of theirs alone."""
    theirs = [reason for file, reason in named.files.items() if named.of.get(file) == name]
    return bool(theirs) and named.fields.get(name) == "；".join(dict.fromkeys(theirs))


def nameable(program: Program, drawn: UserTask, step: StepForm | None) -> frozenset[str]:
    """Fields worth naming when the task is sent back: shown here, and to be written at another step of this form."""
    sends_back = "return" in drawn.allow or any(one.negative for one in drawn.outcomes)
    if step is None or not sends_back:
        return frozenset()
    form, definition = step.form, program.definition
    steps = [one.id for one in definition.tasks.values() if one.form == form.id and one.id != drawn.id]
    if definition.form == form.id:
        steps.append("start")
    written = frozenset().union(*(form.at(one).writable for one in steps)) if steps else frozenset()
    return frozenset(one.name for one in step.visible) & written - step.writable
