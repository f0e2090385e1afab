"""Forms that cannot be filled, that nobody asks, or that name what is not there; and what their prints read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from app.platform.design.finding import Finding
from app.platform.design.rules.drawn import Drawn, note
from app.platform.forms import Field, Form
from app.platform.registry import Words

_PRINT_NAMES: Final = frozenset(
    {"fonts", "tight", "number", "code", "printed_at", "pages", "page", "version"}
)
"""What every print is given besides its own data."""
_SHARED: Final = frozenset({"day", "said"})


def dead_fields(drawn: Drawn) -> Iterator[Finding]:
    """A question that must be answered, and that no step lets anybody write."""
    steps: dict[str, list[str]] = defaultdict(list)
    for form, step in drawn.asked():
        steps[form].append(step)
    for form, asked in steps.items():
        found = drawn.forms[form]
        writable = frozenset().union(*(found.at(step).writable for step in asked))
        for name, one in found.fields.items():
            must = one.required or one.require_if is not None
            if must and name not in writable and not one.kind.derived:
                yield _at(
                    drawn,
                    found,
                    "required_never_edited",
                    f"$.{name}",
                    Words(
                        f"“{one.label.zh}”必填，但没有任何环节可以填写",
                        f"“{one.label.en}” is required, and no step lets anybody fill it in",
                    ),
                )


def dead_buttons(drawn: Drawn) -> Iterator[Finding]:
    """A step that asks nothing and decides nothing."""
    for chart, node in drawn.steps():
        form = drawn.forms.get(node.properties.get("form", ""))
        if form is None or "outcomes" in node.properties or node.detail is None:
            continue
        if not form.at(node.id).writable:
            yield note(
                "warning",
                "dead_button",
                chart,
                node,
                "表单没有可以填写的字段，也没有设定按钮：办理人只能点“提交”",
                "its form has nothing to fill in and it declares no outcomes: people can only press Submit",
            )


def unasked(drawn: Drawn) -> Iterator[Finding]:
    """A form that comes along, and that neither a step nor the start asks."""
    asked = {form for form, _ in drawn.asked()}
    for form, file in drawn.form_files.items():
        if form not in asked and form in drawn.forms and not _is_named(drawn, form):
            yield _at(
                drawn,
                drawn.forms[form],
                "form_unasked",
                None,
                Words("没有任何环节使用这张表单", "no step asks this form"),
                file=file,
            )


def _is_named(drawn: Drawn, form: str) -> bool:
    """Whether a drawing names the form otherwise: a service task may print by it."""
    return any(
        form.encode() in content for name, content in drawn.files.items() if not name.endswith(".json")
    )


def missing_names(drawn: Drawn) -> Iterator[Finding]:
    """Dictionaries and hooks that a form names and the house does not have."""
    for form in drawn.forms.values():
        for path, one in _fields(form):
            source = one.settings.get("dictionary")
            if source is not None and source not in drawn.known.dictionaries:
                yield _unknown(
                    drawn, form, f"{path}.dictionary", "字典", "dictionary", source, drawn.known.dictionaries
                )
            hook = one.settings.get("hook")
            if isinstance(hook, str) and hook not in drawn.known.hooks:
                yield _unknown(drawn, form, f"{path}.hook", "选项函数", "hook", hook, drawn.known.hooks)
            if one.check is not None and one.check not in drawn.known.hooks:
                yield _unknown(drawn, form, f"{path}.check", "校验函数", "hook", one.check, drawn.known.hooks)
        for number, check in enumerate(form.checks):
            if check.hook is not None and check.hook not in drawn.known.hooks:
                path = f"$.checks[{number}]"
                yield _unknown(drawn, form, path, "校验函数", "hook", check.hook, drawn.known.hooks)
        if form.entity is not None and form.entity not in drawn.known.entities:
            yield _unknown(drawn, form, "$.entity", "业务数据", "entity", form.entity, drawn.known.entities)


def _fields(form: Form) -> Iterator[tuple[str, Field]]:
    for name, one in form.fields.items():
        yield f"$.{name}", one
        for column in one.settings.get("columns", ()):
            if isinstance(column, Field):
                yield f"$.{name}.{column.name}", column


def prints(drawn: Drawn) -> Iterator[Finding]:
    """A print that is not written as it must be, or that reads a field there is not."""
    fields = frozenset(name for form in drawn.forms.values() for name in form.fields)
    for file, content in drawn.files.items():
        if not file.endswith(".html"):
            continue
        template = file.removeprefix("forms/").removesuffix(".html")
        try:
            tree = _ENVIRONMENT_FOR_PRINTS.parse(content.decode("utf-8", "replace"))
        except TemplateSyntaxError as error:
            words = Words(f"第{error.lineno}行：{error.message}", f"line {error.lineno}: {error.message}")
            yield Finding("warning", "print_syntax", file, None, words, (), Words(file, file))
            continue
        yield from _said(drawn, file, tree)
        if template not in drawn.known.documents and fields:
            for name in sorted(_reads(tree) - fields - _PRINT_NAMES):
                yield _print(file, name, fields)


def _reads(tree: nodes.Template) -> set[str]:
    return meta.find_undeclared_variables(tree)


def _said(drawn: Drawn, file: str, tree: nodes.Template) -> Iterator[Finding]:
    """`value | said("<system>/<form>", "field")`: the field whose words are meant must be there."""
    for each in tree.find_all(nodes.Filter):
        arguments: list[Any] = [one.value for one in each.args if isinstance(one, nodes.Const)]
        if each.name != "said" or len(arguments) != 2:
            continue
        form, name = drawn.forms.get(str(arguments[0])), str(arguments[1]).partition(".")[0]
        if form is not None and name not in form.fields:
            yield _print(file, name, frozenset(form.fields))


def _print(file: str, name: str, known: frozenset[str]) -> Finding:
    near = "".join(get_close_matches(name, sorted(known), 1))
    hint = Words(f"，是否指“{near}”？", f"; did you mean “{near}”?") if near else Words("", "")
    words = Words(
        f"打印模板用到“{name}”，表单中没有这个字段{hint.zh}",
        f"the print reads “{name}”, which no form has{hint.en}",
    )
    return Finding("warning", "print_field", file, None, words, (), Words(file, file))


def _unknown(
    drawn: Drawn, form: Form, path: str, zh: str, en: str, name: str, known: frozenset[str]
) -> Finding:
    near = "".join(get_close_matches(name, sorted(known), 1))
    hint = Words(f"，是否指“{near}”？", f"; did you mean “{near}”?") if near else Words("", "")
    words = Words(f"没有{zh}“{name}”{hint.zh}", f"there is no {en} “{name}”{hint.en}")
    return _at(drawn, form, "form_names", path, words)


def _at(
    drawn: Drawn, form: Form, code: str, path: str | None, words: Words, *, file: str | None = None
) -> Finding:
    where = file or drawn.form_files.get(form.id, form.id)
    return Finding("warning", code, where, None, words, (), form.title, path)


def _prints() -> Environment:
    found = Environment(autoescape=True)
    found.filters |= dict.fromkeys(_SHARED, str)
    return found


_ENVIRONMENT_FOR_PRINTS = _prints()
RULES = (dead_fields, dead_buttons, unasked, missing_names, prints)
