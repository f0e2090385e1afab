"""Forms drawn inside a foreign file become drafts of ours; those that stand elsewhere are begun empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.platform.engine.foreign.language import Untranslatable
from app.platform.engine.foreign.sheet import Sheet, cut, name_of, snake
from app.platform.engine.products import extensions, remove, take
from app.platform.engine.vocabulary import local

MOST_FIELDS = 200
_TYPES = {
    "string": "text", "text": "text", "textfield": "text", "long": "number", "integer": "number", "int": "number",
    "number": "number", "double": "decimal", "decimal": "decimal", "boolean": "yes_no", "checkbox": "yes_no",
    "date": "date", "datetime": "date", "enum": "choice", "dropdown": "choice", "select": "choice",
    "radio": "choice", "radio-buttons": "choice", "checklist": "many", "taglist": "many", "textarea": "long_text",
    "multi-line-text": "long_text", "filepicker": "file", "upload": "file", "people": "text", "user": "text",
}  # fmt: skip
_SILENT = frozenset({"html", "button", "spacer", "separator", "image", "default"})
_VARIABLES = frozenset({"number", "choice", "yes_no", "date"})


@dataclass
class Asked:
    """A field as another product draws it."""

    name: str
    kind: str
    label: str
    required: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def read_forms(sheet: Sheet) -> None:
    """Translate the forms of the start and of every task."""
    drawn = _embedded(sheet)
    starts = [start for start in sheet.all("startEvent") if start.getparent() is sheet.process]
    for xml in [*starts, *sheet.all("userTask", "manualTask")]:
        key = _key(xml)
        fields = [*_fields(xml), *(drawn.get(key or "", []))]
        owner = sheet.process if xml in starts else xml
        if not fields and not key:
            continue
        answered = {variable for task, variable in sheet.answered if task == xml.get("id")}
        own = f"{snake(sheet.process.get('id') or '')[:28]}_{snake(xml.get('id') or '')[:28]}"
        name = f"office/{snake(_stem(key)) if key and not fields else own}"
        _write(
            sheet,
            xml,
            name,
            [each for each in fields if each.name not in answered],
            key if not fields else None,
        )
        sheet.set(owner, "form", name)
        sheet.made(xml, key or f"formData ({len(fields)})", f"form={name}")


def _stem(key: str) -> str:
    """`embedded:app:forms/approve.html` is called `approve`."""
    stem = key.rpartition("/")[2].rpartition(":")[2]
    return stem.partition(".")[0] or "form"


def _key(xml: etree._Element) -> str | None:
    found = [
        one for name in ("formKey", "formRef", "formHandlerClass") if (one := take(xml, name)) is not None
    ]
    key = found[0][1] if found else None
    for part in extensions(xml, "formDefinition"):
        key = part.get("formId") or part.get("formKey") or part.get("externalReference") or key
        remove(part)
    return key or None


def _embedded(sheet: Sheet) -> dict[str, list[Asked]]:
    """The forms of Camunda 8 that stand in the process as JSON, under the keys tasks name them by."""
    found: dict[str, list[Asked]] = {}
    for part in extensions(sheet.process, "userTaskForm"):
        try:
            data = json.loads(part.text or "")
            components = data.get("components", []) if isinstance(data, dict) else []
            fields = [_component(each) for each in components if isinstance(each, dict)]
        except (ValueError, RecursionError):
            sheet.open("unknown", sheet.process, f"zeebe:userTaskForm {part.get('id')}")
            fields = []
        found[f"camunda-forms:bpmn:{part.get('id')}"] = [each for each in fields if each is not None]
        remove(part)
    return found


def _component(data: Mapping[str, Any]) -> Asked | None:
    kind = str(data.get("type", ""))
    if kind in _SILENT or not data.get("key"):
        return None
    rules = data.get("validate")
    required = isinstance(rules, dict) and rules.get("required") is True
    listed = data.get("values")
    choices = [
        (str(one.get("value", "")), str(one.get("label", "")))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    beside = ["conditional"] if data.get("conditional") else []
    return Asked(str(data["key"]), kind, str(data.get("label") or data["key"]), required, choices, beside)


def _fields(xml: etree._Element) -> Iterator[Asked]:
    for part in list(extensions(xml, "formProperty", "formData")):
        for one in [part] if local(part) == "formProperty" else [p for p in part if local(p) == "formField"]:
            name = one.get("variable") or one.get("id") or ""
            rules = [each for each in one.iter() if local(each) == "constraint"]
            required = one.get("required") == "true" or any(each.get("name") == "required" for each in rules)
            choices = [
                (each.get("id") or "", each.get("name") or each.get("id") or "")
                for each in one
                if local(each) == "value"
            ]
            beside = [
                f"{each.get('name')}={each.get('config')}" for each in rules if each.get("name") != "required"
            ]
            beside += [f"{n}={one.get(n)}" for n in ("expression", "default", "defaultValue") if one.get(n)]
            label = one.get("name") or one.get("label") or name
            yield Asked(name, one.get("type", "string"), label, required, choices, beside)
        remove(part)


def _write(sheet: Sheet, xml: etree._Element, name: str, fields: list[Asked], elsewhere: str | None) -> None:
    """Write the draft of a form; without fields one paragraph says what to do."""
    made: list[dict[str, Any]] = []
    for one in fields[:MOST_FIELDS]:
        drafted = _draft(sheet, xml, one)
        if drafted is not None and drafted["name"] not in {each["name"] for each in made}:
            made.append(drafted)
    if elsewhere is not None:
        sheet.open("form", xml, elsewhere, form=name)
    if not made:
        told = cut(elsewhere or name_of(xml))
        made = [
            {
                "type": "note",
                "text": [f"原表单“{told}”的字段请在此画出。"],
                "text.en": [f"Draw the fields of the form “{told}” here."],
            }
        ]
    title = name_of(xml if local(xml) != "startEvent" else sheet.process)[:100]
    form = {"id": name, "title": title, "title.en": title, "steps": {"*": "edit"}, "fields": made}
    sheet.files[f"forms/{name}.json"] = json.dumps(form, ensure_ascii=False, indent=2).encode()


def _draft(sheet: Sheet, xml: etree._Element, one: Asked) -> dict[str, Any] | None:
    try:
        name = sheet.variable(one.name)
    except Untranslatable:
        sheet.open("field", xml, one.label)
        return None
    kind = _TYPES.get(one.kind.lower(), "")
    if not kind:
        sheet.open("field", xml, f"{one.name} ({one.kind})")
        kind = "text"
    label = " ".join(one.label.split())[:60] or name
    made: dict[str, Any] = {"type": kind, "name": name, "label": label, "label.en": label}
    if kind == "decimal":
        made |= {"type": "number", "decimals": 2}
    if kind in ("choice", "many"):
        choices = {code: words for code, words in one.choices if code and not set(code) & set(" |\t\n")}
        if choices:
            listed = [
                {"code": c[:60], "label": w[:100] or c, "label.en": w[:100] or c} for c, w in choices.items()
            ]
            made |= {"type": "choice", "choices": listed} | ({"many": True} if kind == "many" else {})
        else:
            sheet.open("field", xml, f"{one.name} ({one.kind})")
            made["type"] = "text"
    if one.required:
        made["required"] = True
    if made["type"] in _VARIABLES and kind != "many":
        made["variable"] = True
    for rule in one.beside:
        sheet.open("field_rule", xml, f"{one.name}: {rule}")
    return made
