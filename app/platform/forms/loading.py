"""From a form file to a `Form`: read, check against the schema, check what a schema cannot say, build."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator

from app.platform.expressions import BadExpression, Expression, parse
from app.platform.forms.definition import RESERVED, Check, Field, Form, Note, Section
from app.platform.forms.kinds import KINDS
from app.platform.forms.problems import BadForm, Problem, from_schema, meant
from app.platform.forms.schema import schema
from app.platform.registry import Words

MOST_PROBLEMS = 100
BIGGEST = 1_000_000  # bytes; the largest real forms have some 30,000
KEPT = 100  # forms


@lru_cache(maxsize=KEPT)
def load(content: bytes) -> Form:
    """Return the form in `content` (UTF-8 JSON). Raises `BadForm` with every problem found.

    The schema takes some 30 ms, and each check, publication and start reads the same forms for several chains: what
    was read last is kept, by its content.
    """
    data = _json(content)
    errors = _validator().iter_errors(data)
    problems = sorted(islice(from_schema(errors), MOST_PROBLEMS), key=lambda problem: problem.path)
    if problems:
        raise BadForm(problems)
    builder = _Builder()
    form = builder.form(data)
    problems = [*builder.problems, *_cycles(form)]
    if problems:
        raise BadForm(problems)
    return form


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def _json(content: bytes) -> Any:
    if len(content) > BIGGEST:
        raise BadForm([Problem("too_big", "$", {"max": str(BIGGEST)})])

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for key, value in pairs:
            if key in known:
                raise BadForm([Problem("duplicate_key", "$", {"key": key})])
            known[key] = value
        return known

    def never(name: str) -> Any:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=never)
    except (ValueError, RecursionError) as error:
        raise BadForm([Problem("not_json", "$", {"error": str(error)[:200]})]) from error


def _words(data: Mapping[str, Any], name: str) -> Words | None:
    return Words(data[name], data[f"{name}.en"]) if name in data else None


def _both(data: Mapping[str, str]) -> Words:
    return Words(data["zh"], data["en"])


def _names(items: Sequence[Mapping[str, Any]], at: str) -> Iterator[tuple[str, str]]:
    for number, item in enumerate(items):
        path = f"{at}[{number}]"
        if item["type"] == "section":
            for inner, each in enumerate(item["fields"]):
                if "name" in each:
                    yield each["name"], f"{path}.fields[{inner}].name"
        elif "name" in item:
            yield item["name"], f"{path}.name"


class _Builder:
    """Builds a form from data that fits the schema, noting every problem on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.known: dict[str, str] = {}
        self.types: dict[str, Mapping[str, Any]] = {}

    def form(self, data: Mapping[str, Any]) -> Form:
        self._take_names(data["fields"], "$.fields")
        sections: list[Section] = []
        loose: list[Field | Note] = []
        for number, item in enumerate(data["fields"]):
            path = f"$.fields[{number}]"
            if item["type"] != "section":
                loose.append(self._item(item, path, len(sections)))
                continue
            if loose:
                sections.append(Section(None, tuple(loose)))
                loose = []
            inner = [
                self._item(each, f"{path}.fields[{place}]", len(sections))
                for place, each in enumerate(item["fields"])
            ]
            condition = self._condition(item, "show_if", path)
            sections.append(Section(_words(item, "title"), tuple(inner), item.get("at", {}), condition))
        if loose:
            sections.append(Section(None, tuple(loose)))
        return Form(
            id=data["id"],
            title=Words(data["title"], data["title.en"]),
            sections=tuple(sections),
            entity=data.get("entity"),
            row=data.get("row"),
            steps=data.get("steps", {}),
            checks=tuple(self._checks(data.get("checks", ()))),
            tabs=data.get("tabs", False),
            together=data.get("together", True),
        )

    def _take_names(self, items: Sequence[Mapping[str, Any]], at: str) -> None:
        for name, path in _names(items, at):
            if name in RESERVED:
                self._fault("reserved", path, value=name)
            if name in self.known:
                self._fault("twice", path, value=name)
            self.known[name] = path
        for item in items:
            for each in item["fields"] if item["type"] == "section" else (item,):
                if "name" in each:
                    self.types[each["name"]] = each

    def _item(self, data: Mapping[str, Any], path: str, section: int) -> Field | Note:
        if data["type"] == "note":
            lines = zip(data["text"], data["text.en"], strict=False)
            if len(data["text"]) != len(data["text.en"]):
                self._fault("missing", path, key="text.en")
            return Note(tuple(Words(zh, en) for zh, en in lines), data.get("at", {}))
        return self._field(data, path, section)

    def _field(self, data: Mapping[str, Any], path: str, section: int) -> Field:
        kind = KINDS[data["type"]]
        settings = {key: value for key, value in data.items() if key in kind.settings}
        for key in kind.conditions:
            if key in settings:
                settings[key] = self._condition(data, key, path)
        if kind.nests:
            settings[kind.nests] = self._nested(data[kind.nests], f"{path}.{kind.nests}", section)
        one = Field(
            name=data["name"],
            kind=kind,
            label=Words(data["label"], data["label.en"]),
            section=section,
            help=_words(data, "help"),
            placeholder=_words(data, "placeholder"),
            required=data.get("required", False),
            at=data.get("at", {}),
            show_if=self._condition(data, "show_if", path),
            require_if=self._condition(data, "require_if", path),
            check=data.get("check"),
            messages={code: _both(words) for code, words in data.get("messages", {}).items()},
            variable=data.get("variable", False),
            mask=data.get("mask"),
            sensitive=data.get("sensitive", False),
            autocomplete=data.get("autocomplete"),
            inputmode=data.get("inputmode"),
            width=data.get("width"),
            settings=settings,
        )
        for setting, code in kind.faults(one):
            self._fault(code, f"{path}.{setting}", value=one.name)
        self._fills(settings.get("fills", {}), path)
        self._sums(settings.get("sum_of"), path)
        return one

    def _nested(self, items: Sequence[Mapping[str, Any]], path: str, section: int) -> tuple[Field, ...]:
        """The fields of a row; they know each other and nothing of the form around them."""
        row = _Builder()
        row._take_names(items, path)
        fields = tuple(row._field(each, f"{path}[{place}]", section) for place, each in enumerate(items))
        self.problems += row.problems
        return fields

    def _fills(self, fills: Mapping[str, str], path: str) -> None:
        for what, name in fills.items():
            target = self.types.get(name)
            if target is None:
                self._unknown(name, f"{path}.fills.{what}")
            elif target["type"] != ("date" if what == "birth_date" else "choice"):
                self._fault("fills_type", f"{path}.fills.{what}", value=name)

    def _sums(self, column: str | None, path: str) -> None:
        """A sum is of a column of numbers of one of the form's tables."""
        if column is None:
            return
        table, _, name = column.partition(".")
        columns = self.types.get(table, {}).get("columns", ())
        known = [each["name"] for each in columns if each["type"] in ("number", "money")]
        if table not in self.types:
            self._unknown(table, f"{path}.sum_of")
        elif name not in known:
            self._fault("not_summed", f"{path}.sum_of", value=column)

    def _condition(self, data: Mapping[str, Any], key: str, path: str) -> Expression | None:
        if key not in data:
            return None
        try:
            found = parse(data[key])
        except BadExpression as error:
            self._fault("bad_expression", f"{path}.{key}", error=str(error))
            return None
        for name in sorted(found.names - self.known.keys() - {"outcome"}):
            self._unknown(name, f"{path}.{key}")
        return found

    def _checks(self, checks: Sequence[Any]) -> Iterator[Check]:
        for number, check in enumerate(checks):
            path = f"$.checks[{number}]"
            if isinstance(check, str):
                yield Check(hook=check)
                continue
            if check.get("field") is not None and check["field"] not in self.known:
                self._unknown(check["field"], f"{path}.field")
            words = _both(check["message"]) if "message" in check else None
            yield Check(check.get("hook"), self._condition(check, "that", path), words, check.get("field"))

    def _unknown(self, name: str, path: str) -> None:
        self._fault("unknown_field", path, value=name, suggestion=meant(name, self.known))

    def _fault(self, code: str, path: str, **parameters: str) -> None:
        self.problems.append(Problem(code, path, parameters))


def _cycles(form: Form) -> Iterator[Problem]:
    """Fields that, through the conditions for being shown, wait for themselves."""
    reads = {name: form.show_names(name) for name in form.fields}
    for name in form.fields:
        reached: set[str] = set()
        waiting = list(reads[name])
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting.extend(reads[other])
        if name in reached:
            yield Problem("cycle", "$", {"value": name})
