"""Checks as one draws: publication's own, asked early, with where each finding stands and how it might be put right.

Errors are exactly what publication refuses, by the same code (`versions.check`). Warnings and hints are publication's
and those of `rules`, which look closer; they never refuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import calendar, forms
from app.platform.design import deadends, fixes
from app.platform.design.comparing.words import SORTS
from app.platform.design.finding import LEVELS, Finding, Level
from app.platform.design.rules import RULES, Drawn, Known
from app.platform.engine import Bundle, Problem
from app.platform.engine.load import survey
from app.platform.registry import Words, house
from app.platform.runtime import versions
from app.platform.runtime.bundles import bundles
from app.platform.runtime.errors import Unpublishable
from app.platform.settings.entities import Dictionary

__all__ = ["Finding", "Level", "findings", "words_of"]

HINTS: Final = frozenset({"no_english", "outcome_by_default"})
"""What publication warns of and is no more than a hint here: an outcome too, if it alone takes the default."""
_LAST: Final = (1e9, 1e9)


def findings(
    session: Session,
    process: str,
    files: Mapping[str, bytes],
    *,
    trial: bool = False,
    now: datetime | None = None,
) -> list[Finding]:
    """Everything publication would refuse or warn of, and what else is worth a look.

    Errors come first, then warnings, then hints; within each by file and by place in the drawing. With `now`, today's
    calendar and today's posts are looked at too: steps that nobody can do somewhere. `trial`: as `versions.check`.
    """
    drawn = draw(session, files, now)
    definitions = {}
    try:
        definitions = versions.check(files, trial=trial)
    except Unpublishable as error:
        found = [_of_problem("error", one, drawn) for one in error.problems]
        found += [
            _of_problem("warning", one, drawn)
            for each in drawn
            for chart in each.charts
            for one in chart.problems
            if one.warning
        ]
    else:
        found = [_of_problem("warning", one, drawn) for each in definitions.values() for one in each.warnings]
    for each in drawn:
        if each.charts and each.main.nodes:
            found += [one for rule in RULES for one in rule(each)]
    found += _left_over(files, drawn)
    if now is not None:
        known = {each.process: each for each in drawn}
        for key, definition in definitions.items():
            chart = known[key].main if key in known and known[key].charts else None
            file = chart.file if chart else ""
            found += deadends.findings(session, definition, known[key].forms, file, now)
    return _ordered(_several_by_default(_once(found)), drawn)


def _several_by_default(found: list[Finding]) -> list[Finding]:
    """Where several outcomes take the default, one of them was perhaps forgotten: that is worth a warning."""
    at = Counter((one.file, one.element) for one in found if one.code == "outcome_by_default")
    return [
        replace(one, level="warning")
        if one.code == "outcome_by_default" and at[one.file, one.element] > 1
        else one
        for one in found
    ]


def words_of(problem: Any) -> Words:
    """Why, without the file and the element, which stand beside it."""
    if isinstance(problem, Problem):
        return problem.words
    bare = replace(problem, file="")
    return Words(*(_after(bare.message(language), problem.path) for language in ("zh", "en")))


def _after(text: str, path: str) -> str:
    return text.removeprefix(path).lstrip("： :")


def draw(session: Session, files: Mapping[str, bytes], now: datetime | None = None) -> list[Drawn]:
    """Each process of `files` as its rules look at it; what cannot be read is left out."""
    known = _known(session, now)
    found = []
    for process, bundle in bundles(files).items():
        read, names = {}, {}
        for name, content in bundle.items():
            form = _form(content) if name.endswith(".json") else None
            if form is not None:
                read[form.id], names[form.id] = form, name
        charts = survey(Bundle(process, bundle), versions.catalogue(read))
        found.append(Drawn(process, bundle, charts, read, names, known))
    return found


def _known(session: Session, now: datetime | None) -> Known:
    return Known(
        dictionaries=frozenset(session.scalars(select(Dictionary.key))),
        hooks=frozenset(house.choices) | frozenset(house.checks),
        documents=frozenset(house.documents),
        entities=frozenset(house.entities),
        calendar=calendar.load(session) if now is not None else None,
        now=now,
    )


@lru_cache(maxsize=200)
def _form(content: bytes) -> forms.Form | None:
    """A form as loaded, or nothing where it cannot be; kept, since a drawing changes more often than its forms."""
    try:
        return forms.load(content)
    except forms.BadForm:
        return None


def _of_problem(level: Level, problem: Any, drawn: list[Drawn]) -> Finding:
    file, path = str(getattr(problem, "file", "")), getattr(problem, "path", None)
    element = getattr(problem, "element", None)
    if level == "warning" and problem.code in HINTS:
        level = "hint"
    mine = next((one for one in drawn if any(chart.file == file for chart in one.charts)), None)
    change = fixes.of(problem, mine) if isinstance(problem, Problem) else ()
    where = _where(mine, file, element) if path is None else Words(file, file)
    return Finding(level, problem.code, file, element, words_of(problem), change, where, path)


def _where(drawn: Drawn | None, file: str, element: str | None) -> Words:
    """What people call the element; one without a name by its kind, a flow by where it leads."""
    for chart in drawn.charts if drawn else ():
        if chart.file != file:
            continue
        if element is None:
            return chart.name if chart.name.zh else Words(file, file)
        if element in chart.nodes:
            node = chart.nodes[element]
            before = [flow.source.name for flow in node.incoming if flow.source.name.zh]
            if not node.name.zh and before:
                return Words(f"“{before[0].zh}”之后", f"after “{before[0].en}”")
            sort = SORTS.get(str(node.xml.tag).rpartition("}")[2])
            return node.name if node.name.zh else sort or Words(element, element)
        if element in chart.lanes:
            return chart.lanes[element].name
        flow = next((one for one in chart.flows if one.id == element), None)
        if flow is not None and flow.target.name.zh:
            return Words(f"→ {flow.target.name.zh}", f"→ {flow.target.name.en}")
        if element == chart.process:
            return chart.name
    return Words(element or file, element or file)


def _left_over(files: Mapping[str, bytes], drawn: list[Drawn]) -> Iterator[Finding]:
    """Files that no process of the draft has a use for: they would not be published."""
    used = {name for one in drawn for name in one.files}
    if not drawn:
        return
    for name in sorted(set(files) - used):
        words = Words(
            "没有任何流程使用这个文件，发布时不会带上它", "no process uses this file; it is not published"
        )
        yield Finding("warning", "file_unused", name, None, words, (), Words(name, name))


def _once(found: list[Finding]) -> list[Finding]:
    """Each finding once: bundles of one draft share files, and what is refused is not warned of as well."""
    refused = {(one.code, one.file, one.element) for one in found if one.level == "error"}
    kept: dict[tuple[Any, ...], Finding] = {}
    for one in found:
        if one.level == "error" or (one.code, one.file, one.element) not in refused:
            kept.setdefault((one.level, one.code, one.file, one.element, one.path, one.words), one)
    return list(kept.values())


def _ordered(found: list[Finding], drawn: list[Drawn]) -> list[Finding]:
    places = {
        (chart.file, element): place
        for one in drawn
        for chart in one.charts
        for element, place in _places(chart).items()
    }

    def order(one: Finding) -> tuple[Any, ...]:
        at = places.get((one.file, one.element or ""), (-1.0, -1.0) if one.path is None else _LAST)
        return (LEVELS.index(one.level), one.file, at, one.element or "", one.code)

    return sorted(found, key=order)


def _places(chart: Any) -> dict[str, tuple[float, float]]:
    """Where each element of a file is drawn: left to right, then top to bottom; a flow at its first point."""
    node = next(iter(chart.nodes.values()), None)
    if node is None:
        return {}
    found: dict[str, tuple[float, float]] = {}
    root: etree._Element = node.xml.getroottree().getroot()
    for each in root.iter("{*}BPMNShape", "{*}BPMNEdge"):
        point = next(iter(each.iterchildren("{*}Bounds", "{*}waypoint")), None)
        if point is not None and each.get("bpmnElement"):
            found[each.get("bpmnElement", "")] = (_number(point, "x"), _number(point, "y"))
    return found


def _number(point: etree._Element, name: str) -> float:
    try:
        return float(point.get(name, "0"))
    except ValueError:
        return 0.0
