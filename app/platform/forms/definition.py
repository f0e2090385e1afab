"""A form as loaded: sections, fields, rights per step. Nothing here changes after loading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from app.platform.expressions import Expression
from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.forms.kinds.base import Kind
    from app.platform.forms.steps import StepForm

Right = Literal["hidden", "read", "edit", "required"]
Rights = Mapping[str, Right]

RESERVED = frozenset({"csrf_token", "outcome", "comment", "revision", "key", "items"})
"""Names a field may not have: pages and conditions use them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `settings` holds what only its kind knows; `section` is the number of its section."""

    name: str
    kind: Kind
    label: Words
    section: int = 0
    help: Words | None = None
    placeholder: Words | None = None
    required: bool = False
    at: Rights = field(default_factory=dict)
    show_if: Expression | None = None
    require_if: Expression | None = None
    check: str | None = None
    messages: Mapping[str, Words] = field(default_factory=dict)
    variable: bool = False
    mask: str | None = None
    sensitive: bool = False
    autocomplete: str | None = None
    inputmode: str | None = None
    width: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Text between the questions, a paragraph each. Without `at` it shows only while something is asked."""

    paragraphs: tuple[Words, ...]
    at: Rights = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields and notes under one title; a section without a title holds what stands outside of any."""

    title: Words | None
    items: tuple[Field | Note, ...]
    at: Rights = field(default_factory=dict)
    show_if: Expression | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A question about the whole entry: a hook's name, or a condition (`that`) with its words."""

    hook: str | None = None
    that: Expression | None = None
    words: Words | None = None
    field: str | None = None


@dataclass(frozen=True)
class Form:
    """A form as published. `entity` and `row` bind it to a system's row; without them it is free.

    `tabs`: its titled sections are shown as tabs, where there are several. `together` false: what it asks is each
    matter's own, so that of several decided at once nothing is filled in for all.
    """

    id: str
    title: Words
    sections: tuple[Section, ...]
    entity: str | None = None
    row: str | None = None
    steps: Rights = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    tabs: bool = False
    together: bool = True

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Every field by name, in the order of the file."""
        return {item.name: item for item in self._items() if isinstance(item, Field)}

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Instance variables this form sets and their types, with the one that `row` names."""
        named = {one.name: one.kind.variable or "text" for one in self.fields.values() if one.variable}
        if self.row and self.row.startswith("variable:"):
            named.setdefault(self.row.removeprefix("variable:"), "text")
        return named

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Names so that each field comes after those that decide whether it shows, or what it is."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in done:
                return
            for other in sorted(self.show_names(name)):
                visit(other)
            done[name] = None

        for name in self.fields:
            visit(name)
        return tuple(done)

    def show_names(self, name: str) -> frozenset[str]:
        """Fields that decide whether `name` is shown, by its own condition and its section's, or what it is."""
        names: frozenset[str] = frozenset()
        for condition in self.show_conditions(self.fields[name]):
            names |= condition.names & self.fields.keys()
        return names | (self.fields[name].kind.reads(self.fields[name]) & self.fields.keys())

    def show_conditions(self, one: Field) -> tuple[Expression, ...]:
        """All that must hold for a field to be shown."""
        both = (self.sections[one.section].show_if, one.show_if)
        return tuple(condition for condition in both if condition is not None)

    def at(self, step: str, narrow: frozenset[str] | None = None) -> StepForm:
        """Return the form as it is at `step`; `narrow` leaves only the named fields open to change."""
        from app.platform.forms.steps import at

        return at(self, step, narrow)

    def _items(self) -> Iterator[Field | Note]:
        for section in self.sections:
            yield from section.items
