"""What the templates of `fields/` are handed: a field, a note, a section, worked out for one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as defaulting
from itertools import groupby
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from app.platform.forms import Field
from app.platform.forms.kinds.uploads import File
from app.rooms.web.flags import Flag


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as its template sees it. `raw` are the texts in the inputs, `words` what a reader sees.

    `flag`: the mark that a judge may set beside it; `reason`: why it was sent back; `keeps`: files that must stay.
    In a row of a table `cell` is its whole name (队员 第 · 2 · 行 姓名) and `sent_as` its input's name.
    """

    field: Field
    id: str
    label: str
    help: str
    placeholder: str
    editable: bool
    required: bool
    hidden: bool
    raw: Sequence[str]
    value: Any
    words: str
    offers: Any
    error: str
    conditions: Mapping[str, str] = defaulting(default_factory=dict)
    address: Callable[[str], str] | None = None
    language: str = "zh"
    sent_as: str = ""
    cell: tuple[str, str, str] | None = None
    focus: bool = False
    follows: str = ""
    flag: Flag | None = None
    reason: str = ""
    keeps: frozenset[str] = frozenset()

    @property
    def english(self) -> bool:
        """Whether the reader's language is English."""
        return self.language.startswith("en")

    @property
    def regions(self) -> str:
        """Where the next level of a region is fetched; empty where the house does not serve it."""
        return url_for("regions.below") if "regions.below" in current_app.view_functions else ""

    @property
    def name(self) -> str:
        """Name of the field and of its input."""
        return self.sent_as or self.field.name

    @property
    def type(self) -> str:
        """Key of the field type, and name of its template."""
        return self.field.kind.key

    @property
    def text(self) -> str:
        """The text of a field that is typed."""
        return self.raw[0] if self.raw else ""

    def size(self, count: int) -> str:
        """A file size as people read it."""
        return size(count)

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width."""
        kind = self.field.kind
        if self.field.width is not None:
            return self.field.width == "full"
        return kind.wide if self.editable else kind.wide_to_read

    @property
    def described(self) -> str:
        """Ids of what describes the input."""
        limits = "limits" if isinstance(self.field.kind, File) else ""
        parts = [("error", self.error), ("help", self.help), ("limits", limits), ("reason", self.reason)]
        return " ".join(f"{self.id}-{part}" for part, text in parts if text)


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note as its template sees it."""

    paragraphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its fields; hidden when none of them shows. `wrong`: how much in it is complained of."""

    title: str
    items: Sequence[Shown | ShownNote]
    wrong: int = 0

    @property
    def hidden(self) -> bool:
        """Whether nothing of it shows."""
        return all(isinstance(item, Shown) and item.hidden for item in self.items)

    @property
    def is_titled(self) -> bool:
        """Whether its title says more than the label of its only field."""
        labels = [item.label for item in self.items if isinstance(item, Shown)]
        return bool(self.title) and labels != [self.title]

    @property
    def only_notes(self) -> bool:
        """Whether it says something and neither asks nor tells anything."""
        return all(isinstance(item, ShownNote) for item in self.items)

    @property
    def asks(self) -> bool:
        """Whether any of its fields is answered here."""
        return any(isinstance(item, Shown) and item.editable for item in self.items)

    @property
    def runs(self) -> list[tuple[str, list[Shown | ShownNote]]]:
        """Its items in runs of the same sort: ask, read, note."""
        return [(sort, list(items)) for sort, items in groupby(self.items, _sort)]


def size(count: int) -> str:
    """Return a file size as people read it."""
    if count < 1024:
        return _("%(count)s 字节", count=count)
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


def _sort(item: Shown | ShownNote) -> str:
    if isinstance(item, ShownNote):
        return "note"
    return "ask" if item.editable else "read"
