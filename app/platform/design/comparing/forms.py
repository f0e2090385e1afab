"""Two forms compared: settings, fields by their name with what each says, and their order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.platform.design.comparing.changes import Change, lines
from app.platform.design.comparing.words import FORM_FACTS
from app.platform.registry import Words

FORM, FIELD = Words("表单", "Form"), Words("字段", "Field")
SECTION, NOTE = Words("分组", "Section"), Words("说明文字", "Note")
_SORTS = {"section": SECTION, "note": NOTE}
_INSIDE = {"fields"}


def changes_of_form(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """What differs between two form files. Raises `ValueError` for what is no form."""
    old, new = _loaded(before), _loaded(after)
    form = Words(str(new.get("title", file)), str(new.get("title.en", new.get("title", file))))
    own = tuple(lines(FORM_FACTS, _flat(old), _flat(new)))
    if own:
        yield Change("changed", file, None, FORM, form, own)
    was, now = dict(_parts(old)), dict(_parts(new))
    for key in dict.fromkeys([*now, *was]):
        one, other = was.get(key), now.get(key)
        known = other or one or {}
        sort = _SORTS.get(str(known.get("type")), FIELD)
        said = Words(_name(known, "") or key, _name(known, ".en") or _name(known, "") or key)
        title = Words(f"{form.zh} · {said.zh}", f"{form.en} · {said.en}")
        facts = tuple(lines(FORM_FACTS, _flat(one or {}), _flat(other or {})))
        if one is None or other is None:
            yield Change("added" if one is None else "removed", file, key, sort, title, facts)
        elif facts:
            yield Change("changed", file, key, sort, title, facts)
    common = [key for key in was if key in now]
    if common != [key for key in now if key in was]:
        order = Words("字段次序", "Order of fields")
        yield Change("moved", file, None, order, form)


def _loaded(content: bytes) -> dict[str, Any]:
    try:
        form = json.loads(content)
    except (UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not a form") from error
    if not isinstance(form, dict):
        raise ValueError("not a form")
    return form


def _parts(form: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Fields, sections and notes, each by a key of its own, with the section it stands in."""
    items = form.get("fields")
    count: dict[str, int] = {}
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        kind = str(item.get("type"))
        key = item.get("name") or f"{kind}:{item.get('title') or item.get('text') or ''}"
        key = f"{place}/{key}" if kind in _SORTS and place else str(key)
        count[key] = count.get(key, 0) + 1
        key = key if count[key] == 1 else f"{key}#{count[key]}"
        yield key, {**item, **({"place": place} if place else {})}
        if kind == "section":
            yield from _parts(item, str(item.get("title", "")))


def _name(item: Mapping[str, Any], language: str) -> str:
    said = item.get(f"label{language}") or item.get(f"title{language}") or item.get(f"text{language}") or ""
    text = " ".join(map(str, said)) if isinstance(said, list) else str(said)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _flat(item: Mapping[str, Any]) -> dict[str, str]:
    """Settings as text; of rights per step one each, so that a change of one is one line."""
    facts: dict[str, str] = {}
    for key, value in item.items():
        if key in _INSIDE or key.startswith("$"):
            continue
        if key in ("at", "steps") and isinstance(value, dict):
            facts |= {f"{key}.{step}": _text(right) for step, right in value.items()}
        else:
            facts[key] = _text(value)
    return facts


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
