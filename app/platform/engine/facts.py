"""What a definition is loaded from and checked against: a bundle of files, and what the house offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of one version, frozen together: `process` is the id run, `files` name → content."""

    process: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """A hook a service task may call: its parameters, the variables it returns, and when it runs."""

    parameters: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    returns: Mapping[str, type] = field(default_factory=dict)
    when: Literal["now", "after"] = "now"
    effects: bool = True  # whether a return past it would leave something behind
    undo: bool = False


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role a lane may name: where it is held (`none`, `region`, `unit`) and for which kind of subject."""

    place: str = "none"
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A form a task may ask: its fields, and the variables it sets with their types."""

    fields: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a diagram can name."""

    actions: Mapping[str, ActionFacts] = field(default_factory=dict)
    roles: Mapping[str, RoleFacts] = field(default_factory=dict)
    forms: Mapping[str, FormFacts] = field(default_factory=dict)
    assignees: frozenset[str] = frozenset()
