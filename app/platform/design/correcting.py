"""A step where the starter corrects what was returned fills its form in as the start does: written when it is drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from app.platform.design.form_drafts import DIAGRAMS, named, own_properties
from app.platform.engine import properties
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import BPMN

_STEPS = re.compile(r'"steps"\s*:\s*(?=\{)')


def corrected(before: Mapping[str, bytes], changed: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The forms of a draft that change because `changed` draws a correction step, with the new rights in them.

    A step that has a right of its own keeps it, and one that was drawn before is left as it is.
    """
    after = {**before, **{name: content for name, content in changed.items() if content is not None}}
    old = {pair for name in changed for pair in _corrections(before.get(name, b""))}
    made: dict[str, bytes] = {}
    for name, content in changed.items():
        if content is None or not name.endswith(DIAGRAMS):
            continue
        for form, step in _corrections(content):
            file = named(after, form)
            if (form, step) in old or file is None or file in changed:
                continue
            text = _with_right(made.get(file, after[file]).decode("utf-8", "replace"), step)
            if text is not None:
                made[file] = text.encode()
    return made


def _corrections(content: bytes) -> Iterator[tuple[str, str]]:
    """(form, step) of the starter's steps that lie on a way back to somebody who can say no."""
    try:
        root = admit(content)
    except NotAdmitted:
        return
    after: dict[str, list[str]] = {}
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        after.setdefault(flow.get("sourceRef") or "", []).append(flow.get("targetRef") or "")
    tasks = {task.get("id") or "": own_properties(task) for task in root.iter(f"{{{BPMN}}}userTask")}
    refusing = {key for key, has in tasks.items() if has.get("assignee") != "starter" and _says_no(has)}
    reached = {key: _reached(after, key) for key in refusing}
    for key, has in tasks.items():
        if has.get("assignee") == "starter" and has.get("form"):
            back = _reached(after, key)
            if any(key in reached[one] and one in back for one in refusing):
                yield has["form"], key


def _says_no(has: Mapping[str, str]) -> bool:
    try:
        return any(outcome.negative for outcome in properties.outcomes(has.get("outcomes", "")))
    except properties.BadValue:
        return False


def _reached(after: Mapping[str, list[str]], start: str) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        for one in after.get(left.pop(), ()):
            if one not in found:
                found.add(one)
                left.append(one)
    return found


def _with_right(text: str, step: str) -> str | None:
    """The form's own text with the start's right for `step` in it; None where it has one, or cannot be read."""
    try:
        data = json.loads(text)
        steps = data["steps"]
        right = steps.get("start", "edit")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if step in steps or right == steps.get("*"):
        return None
    wanted = {**data, "steps": {**steps, step: right}}
    for found in _STEPS.finditer(text):
        _, end = json.JSONDecoder().raw_decode(text, found.end())
        inside = text[found.end() : end - 1].rstrip()
        lead = re.search(r"\n[ \t]*(?=\"[^\"]*\"[^\n]*$)", inside)
        comma = "" if inside == "{" else ","
        space = lead.group() if lead else " " if comma else ""
        entry = f"{json.dumps(step, ensure_ascii=False)}: {json.dumps(right)}"
        tail = text[found.end() + len(inside) : end - 1]
        fresh = text[: found.end()] + inside + comma + space + entry + tail + text[end - 1 :]
        if json.loads(fresh) == wanted:
            return fresh
    return None
