"""What a rule looks at: a bundle as drawn, its forms, and what the house knows of names and days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.platform.calendar import Calendar
from app.platform.design.finding import Finding, Fix, Level
from app.platform.engine.chart import Chart, Node
from app.platform.forms import Form
from app.platform.registry import Words

START = "start"
"""The step under which a process's own form is asked."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a form can name besides its own fields, and the calendar at a moment, where one is given."""

    dictionaries: frozenset[str] = frozenset()
    hooks: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    calendar: Calendar | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One process with all that belongs to it: `charts` begins with its own, then come those it calls.

    `form_files`: the file of each form by the form's id. `files`: those of the bundle.
    """

    process: str
    files: Mapping[str, bytes]
    charts: tuple[Chart, ...]
    forms: Mapping[str, Form]
    form_files: Mapping[str, str]
    known: Known = field(default_factory=Known)

    @property
    def main(self) -> Chart:
        """The process's own drawing."""
        return self.charts[0]

    def steps(self) -> Iterator[tuple[Chart, Node]]:
        """Every task that asks people, with the drawing it stands in."""
        for chart in self.charts:
            for node in chart.nodes.values():
                if node.kind.is_person:
                    yield chart, node

    def asked(self) -> Iterator[tuple[str, str]]:
        """Every form that is asked with the step it is asked at; a process's own at `start`."""
        own = self.main.properties.get("form", "")
        if own in self.forms:
            yield own, START
        for _, node in self.steps():
            form = node.properties.get("form", "")
            if form in self.forms:
                yield form, node.id


Rule = Callable[[Drawn], Iterator[Finding]]


def called(node: Node) -> Words:
    """What people call a node."""
    return node.name if node.name.zh else Words(node.id, node.id)


def note(level: Level, code: str, chart: Chart, node: Node | None, zh: str, en: str, *fixes: Fix) -> Finding:
    """A finding at a node, or, without one, of the process itself."""
    element = node.id if node is not None else chart.process
    where = called(node) if node is not None else chart.name
    return Finding(level, code, chart.file, element, Words(zh, en), fixes, where)
