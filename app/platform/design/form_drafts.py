"""Forms of a draft: which there are, which steps of its diagrams ask each, and what a new one begins as."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from lxml import etree

from app.platform import forms
from app.platform.design.errors import Rejected
from app.platform.engine import properties
from app.platform.engine.definition import DONE, Outcome
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import BPMN, OURS
from app.platform.identity import roles
from app.platform.registry import Words

ID: Final = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
LONGEST_ID: Final = 80
LONGEST_TITLE: Final = 60
DIAGRAMS: Final = (".bpmn", ".bpmn20.xml")
ANYBODY: Final = Words("任何登录的人", "Anyone signed in")
_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that asks a form: `start`, or a task's id; `who` does it, by which buttons it is left."""

    key: str
    sort: Literal["start", "task"]
    name: Words
    who: Words | None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftForm:
    """A form of a draft. `id` is its own, or where it has none, its file's name; `faults` counts what is wrong."""

    file: str
    id: str
    title: Words
    count: int
    faults: int
    steps: tuple[Step, ...]


def listed(files: Mapping[str, bytes]) -> list[DraftForm]:
    """Every form of a draft, by id."""
    steps = _asked(files)
    found = [
        _listed(name, content, steps)
        for name, content in files.items()
        if name.endswith(".json") and name.startswith("forms/")
    ]
    return sorted(found, key=lambda one: (one.id, one.file))


def named(files: Mapping[str, bytes], form: str) -> str | None:
    """The file of the form `form`, or None."""
    return next((one.file for one in listed(files) if one.id == form), None)


def steps_of(files: Mapping[str, bytes], form: str) -> tuple[Step, ...]:
    """The steps that ask a form, as they stand on the diagram from left to right."""
    return _asked(files).get(form, ())


def begun(
    files: Mapping[str, bytes],
    form: str,
    title: Words,
    template: bytes | None = None,
    edited: Sequence[str] = (),
) -> tuple[str, bytes]:
    """The name and text of a new form `form`, empty or like `template`. Raises `Rejected` for what cannot be.

    It is filled in at the start and at the steps `edited`, and read at all others. A copy keeps its questions and
    belongs to no system's row any more; rights at the steps of another diagram mean nothing here and go.
    """
    if not ID.fullmatch(form) or len(form) > LONGEST_ID:
        words = Words(
            "表单标识形如 office/leave：小写字母、数字和下划线，中间一个斜线",
            "A form's key is like office/leave: lower-case letters, digits and underscores around one slash",
        )
        raise Rejected(words, "form")
    if not title.zh or max(map(len, title)) > LONGEST_TITLE:
        raise Rejected(
            Words("请填写表单名称，最多 60 个字", "Name the form, in at most 60 characters"), "title"
        )
    file = f"forms/{form}.json"
    if file in files or named(files, form) is not None:
        raise Rejected(Words("已有这个标识的表单", "There is a form with this key"), "form")
    head: dict[str, Any] = {"id": form, "title": title.zh, "title.en": title.en or title.zh}
    rest: dict[str, Any] = {"steps": {"*": "read", "start": "edit"}, "fields": []}
    if template is not None:
        rest = _copied(template)
    rest["steps"].update(dict.fromkeys(edited, "edit"))
    return file, _laid_out(head | rest).encode()


def _laid_out(data: Mapping[str, Any]) -> str:
    """The text of a form as people lay it out: a line per field."""

    def plain(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def item(one: Mapping[str, Any]) -> str:
        if one["type"] != "section":
            return "    " + plain(one)
        parts = [f"      {plain(key)}: {plain(value)}" for key, value in one.items() if key != "fields"]
        inner = ",\n".join("    " + item(each) for each in one["fields"])
        return "    {\n" + ",\n".join([*parts, f'      "fields": [\n{inner}\n      ]']) + "\n    }"

    lines = [
        f"  {plain(key)}: {plain(value)}" for key, value in data.items() if key not in ("fields", "checks")
    ]
    fields = ",\n".join(item(each) for each in data["fields"])
    lines.append(f'  "fields": [\n{fields}\n  ]' if fields else '  "fields": []')
    if "checks" in data:
        checks = ",\n".join("    " + plain(each) for each in data["checks"])
        lines.append(f'  "checks": [\n{checks}\n  ]' if checks else '  "checks": []')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _copied(template: bytes) -> dict[str, Any]:
    try:
        data = json.loads(template)
        forms.load(template)
    except (ValueError, forms.BadForm) as error:
        raise Rejected(
            Words("作为模板的表单不能使用", "The form to begin with cannot be read"), "template"
        ) from error
    return {
        "steps": {"*": "read", "start": "edit"},
        **{key: value for key, value in data.items() if key in ("tabs", "checks")},
        "fields": [_freed(each) for each in data["fields"]],
    }


def _freed(item: dict[str, Any]) -> dict[str, Any]:
    """A field or section without its rights at another diagram's steps."""
    kept = {key: value for key, value in item.items() if key != "at"}
    if kept["type"] == "section":
        kept["fields"] = [_freed(each) for each in kept["fields"]]
    return kept


def _listed(name: str, content: bytes, steps: Mapping[str, tuple[Step, ...]]) -> DraftForm:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        data = None
    data = data if isinstance(data, dict) else {}
    id_ = data.get("id") if isinstance(data.get("id"), str) else None
    id_ = id_ or name.removeprefix("forms/").removesuffix(".json")
    title = str(data.get("title") or id_)
    try:
        form, faults = forms.load(content), 0
    except forms.BadForm as error:
        form, faults = None, len(error.problems)
    count = len(form.fields) if form else 0
    return DraftForm(
        name, id_, Words(title, str(data.get("title.en") or title)), count, faults, steps.get(id_, ())
    )


def _asked(files: Mapping[str, bytes]) -> dict[str, tuple[Step, ...]]:
    """The steps of all diagrams by the form they ask. A diagram that cannot be read asks none."""
    found: dict[str, list[tuple[tuple[bool, float], Step]]] = {}
    for name, content in files.items():
        if not name.endswith(DIAGRAMS):
            continue
        try:
            root = admit(content)
        except NotAdmitted:
            continue
        lefts = _lefts(root)
        for form, step in _steps(root):
            place = (step.sort != "start", lefts.get(step.key, 0.0))
            found.setdefault(form, []).append((place, step))
    ordered = {form: sorted(each, key=lambda pair: pair[0]) for form, each in found.items()}
    return {form: tuple({step.key: step for _, step in each}.values()) for form, each in ordered.items()}


def _steps(root: etree._Element) -> Iterator[tuple[str, Step]]:
    for process in root.iter(f"{{{BPMN}}}process"):
        own = own_properties(process)
        if own.get("form"):
            rule = own["start"].replace(";", " ").split()[0].partition("@")[0] if own.get("start") else ""
            who = ANYBODY if rule == "person" else _title_of(rule)
            yield own["form"], Step("start", "start", Words("发起", "Start"), who)
        lanes = _lanes(process)
        for kind in ("userTask", "manualTask"):
            for task in process.iter(f"{{{BPMN}}}{kind}"):
                has = own_properties(task)
                if not has.get("form"):
                    continue
                key = task.get("id") or ""
                name = task.get("name") or key
                who = Words("申请人", "Applicant") if has.get("assignee") == "starter" else lanes.get(key)
                words = Words(name, has.get("name.en") or name)
                yield has["form"], Step(key, "task", words, who, _outcomes(has.get("outcomes")))


def _lanes(process: etree._Element) -> dict[str, Words]:
    """Who acts at each element: its lane's role, or name."""
    found: dict[str, Words] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        has = own_properties(lane)
        name = lane.get("name") or ""
        said = _title_of(has.get("role", "")) or (Words(name, has.get("name.en") or name) if name else None)
        for each in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            if said is not None:
                found[(each.text or "").strip()] = said
    return found


def _title_of(role: str) -> Words | None:
    return roles.title_of(role) if role else None


def own_properties(element: etree._Element) -> dict[str, str]:
    """Our own properties of one element, not of what lies within it."""
    extension = element.find(f"{{{BPMN}}}extensionElements")
    if extension is None:
        return {}
    return {
        each.get("name") or "": (each.get("value") or "").strip()
        for each in extension.iter(f"{{{OURS}}}property")
    }


def _outcomes(value: str | None) -> tuple[Outcome, ...]:
    if not value:
        return (DONE,)
    try:
        return properties.outcomes(value)
    except properties.BadValue:
        return ()


def _lefts(root: etree._Element) -> dict[str, float]:
    """How far right each shape is drawn."""
    found: dict[str, float] = {}
    for shape in root.iter(_SHAPE):
        bounds = shape.find(_BOUNDS)
        try:
            found[shape.get("bpmnElement") or ""] = float(bounds.get("x") or 0) if bounds is not None else 0.0
        except ValueError:
            continue
    return found
