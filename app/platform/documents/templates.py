"""Templates of printed documents: sandboxed Jinja on one paper, with the few words a printed form needs.

A template extends `document.html` and says at its top how it wants to be printed:
`{% set series, pages, title = "SQ", 1, "…" %}`. `series` (capital letters) begins the number; `pages` is the most
it may take: its variable `tight` rises from 0 to 4 until it fits; `title` stands in the PDF's properties.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    Undefined,
    nodes,
    pass_environment,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.platform import forms
from app.platform.documents.settings import Settings

_PAPER = Path(__file__).with_name("templates")
_NONE = "—"


@dataclass(frozen=True)
class Shelf:
    """Where templates and the forms whose words they use stand: a folder, or the files of a frozen version.

    `name` tells shelves apart: a version's id, or the folder's path.
    """

    name: str
    files: Mapping[str, bytes] | None = field(default=None, compare=False)

    def read(self, name: str) -> bytes:
        """The file `<system>/<name>`. Raises `FileNotFoundError`."""
        if self.files is None:
            return (Path(self.name) / name).read_bytes()
        if f"forms/{name}" not in self.files:
            raise FileNotFoundError(name)
        return self.files[f"forms/{name}"]

    @property
    def loader(self) -> BaseLoader:
        """How Jinja finds the templates on it."""
        if self.files is None:
            return FileSystemLoader(self.name)
        return FunctionLoader(lambda name: (self.files or {}).get(f"forms/{name}", b"").decode() or None)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a template wants to be printed."""

    series: str = "WS"
    pages: int = 200
    title: str = ""


@lru_cache(maxsize=200)
def manner(shelf: Shelf, template: str) -> Manner:
    """Read what a template says of itself, without filling it."""
    environment = _environment(shelf)
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, f"{template}.html")
    said: dict[str, Any] = {}
    for each in environment.parse(source).find_all(nodes.Assign):
        names, node = each.target, each.node
        try:
            values = node.as_const() if isinstance(node, nodes.Expr) else ()
        except nodes.Impossible:
            continue
        if isinstance(names, nodes.Tuple):
            said.update(
                zip((name.name for name in names.items if isinstance(name, nodes.Name)), values, strict=True)
            )
        elif isinstance(names, nodes.Name):
            said[names.name] = values
    return Manner(**{key: said[key] for key in Manner.__slots__ if key in said})


def fill(place: Settings, shelf: Shelf, template: str, data: Mapping[str, Any]) -> str:
    """Fill a template; everything in `data` is text to it, never markup."""
    environment = _environment(shelf)
    return environment.get_template(f"{template}.html").render(**data, fonts=str(place.fonts))


@lru_cache(maxsize=100)
def _environment(shelf: Shelf) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([shelf.loader, FileSystemLoader(str(_PAPER))]),
        autoescape=True,
        undefined=StrictUndefined,
    )
    environment.globals["shelf"] = shelf
    environment.filters |= {"day": _day, "said": _said}
    return environment


def _day(value: Any) -> str:
    """2026-03-02 as 2026年3月2日; nothing as a dash."""
    if isinstance(value, Undefined) or not value:
        return _NONE
    day = date.fromisoformat(value)
    return f"{day.year}年{day.month}月{day.day}日"


@pass_environment
def _said(environment: ImmutableSandboxedEnvironment, code: Any, form: str, name: str) -> str:
    """A choice's code in the words of the form that asked for it (`table.column` of a table); nothing as a dash."""
    if isinstance(code, Undefined) or not code:
        return _NONE
    return _choices(cast(Shelf, environment.globals["shelf"]), form, name).get(code, str(code))


@lru_cache(maxsize=500)
def _choices(shelf: Shelf, form: str, name: str) -> Mapping[str, str]:
    loaded = forms.load(shelf.read(f"{form}.json"))
    whole, _, column = name.partition(".")
    one = loaded.fields[whole]
    if column:
        one = next(each for each in one.settings["columns"] if each.name == column)
    return {each["code"]: each["label"] for each in one.settings.get("choices", ())}
