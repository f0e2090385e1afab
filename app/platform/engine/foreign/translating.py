"""A foreign file from its bytes to ours: each part of it is asked in turn, and nothing is left unsaid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from lxml import etree

from app.platform.engine.decision_files import DMN
from app.platform.engine.foreign import events, fields, lanes, people, structure, sweeping, tables, ways, work
from app.platform.engine.foreign.lines import Line, Untranslated
from app.platform.engine.foreign.sheet import MOST_LINES, Sheet, bpmn
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.layout import drawn
from app.platform.engine.problems import Problem
from app.platform.engine.products import is_foreign
from app.platform.engine.vocabulary import OURS, local, space


@dataclass(frozen=True, slots=True)
class Translated:
    """A file in our words: its bytes, every line of what became of it, and drafts of forms it held, by file name.

    A file that is ours already has the very bytes it came with.
    """

    content: bytes
    lines: tuple[Line, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))


def translate(content: bytes) -> Translated:
    """Translate a BPMN or DMN file of Camunda, Flowable, Activiti or another tool; never raises for what it holds."""
    try:
        root = admit(content)
    except NotAdmitted as refused:
        return _refused(content, Problem(refused.code, "", None, refused.parameters))
    if local(root) == "definitions" and space(root) in DMN:
        lines: list[Line] = []
        tables.translate_tables(root, lines)
        return _done(content, root, lines, {})
    sheet = Sheet(root, is_foreign(root))
    if root.tag != bpmn("definitions"):
        return _refused(content, Problem("not_bpmn", ""))
    if not structure.choose(sheet):
        return _refused(content, Problem("one_process", "", None, {"found": "0"}))
    structure.rename(sheet)
    people.starters(sheet)
    work.read_work(sheet)
    events.read_events(sheet)
    ways.read_ways(sheet)
    asked = people.read_people(sheet)
    fields.read_forms(sheet)
    lanes.add_lanes(sheet, asked)
    structure.names(sheet)
    sweeping.sweep(sheet)
    structure.undraw(sheet)
    return _done(content, root, sheet.ordered(), sheet.files, anew=sheet.moved)


def _refused(content: bytes, problem: Problem) -> Translated:
    reason = problem.words
    return Translated(
        content, (Untranslated("refused", None, "", {"reason_zh": reason.zh, "reason_en": reason.en}),)
    )


def _done(
    content: bytes, root: etree._Element, lines: list[Line], files: Mapping[str, bytes], *, anew: bool = False
) -> Translated:
    """Write the tree, if anything in it is another than it was."""
    if len(lines) > MOST_LINES:
        more = {"count": str(len(lines) - MOST_LINES)}
        lines = [*lines[:MOST_LINES], Untranslated("more", None, "", more)]
    if etree.tostring(root) == etree.tostring(admit(content)):
        return Translated(content, tuple(lines), files)
    etree.cleanup_namespaces(root, top_nsmap={"spiffworkflow": OURS})
    made = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Translated(drawn(made, anew=True) if anew else made, tuple(lines), files)
