"""Uploaded files, sorted into one bundle per process: its diagram, and everything that names, however deep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from app.platform.engine.outline import Outline, decisions_of, outline

DIAGRAMS = (".bpmn", ".bpmn20.xml")
REHEARSALS = ".rehearsals"  # the tests kept beside a diagram: JSON that says of which process they are
_QUOTE = rb"(?:&apos;|&quot;|&#3[49];)?"  # as an editor may write one inside an attribute
_NAMED = re.compile(rb"[\"']" + _QUOTE + rb"([a-z_]+/[a-z0-9_]+)" + _QUOTE + rb"['\"]")


def bundles(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Split files into bundles: process key -> file name -> content.

    The key is the process's own id; a diagram whose id cannot be read goes by its file's name, and publication
    says what is wrong with it. A file name says nothing, but for a document template, whose name it is.
    """
    outlines = {name: outline(content) for name, content in files.items() if name.endswith(DIAGRAMS)}
    owners = {process: name for name, one in reversed(outlines.items()) for process in one.processes}
    tables = {name: decisions_of(content) for name, content in files.items() if name.endswith(".dmn")}
    forms = {
        _id_of(name, content): name for name, content in files.items() if name.endswith((".json", ".html"))
    }
    tests = {name: _tested(content) for name, content in files.items() if name.endswith(REHEARSALS)}
    found: dict[str, dict[str, bytes]] = {}
    called = {process for one in outlines.values() for process in one.calls}
    for name, one in outlines.items():
        if not one.can_start and called.intersection(one.processes):
            continue  # only ever a part of another
        diagrams = set(_called(name, outlines, owners))
        key = one.processes[0] if one.processes else name.rpartition("/")[2].partition(".")[0]
        if key in found:
            diagrams |= {other for other in found[key] if other.endswith(DIAGRAMS)}
        asked = {decision for each in diagrams for decision in outlines[each].decisions}
        quoted = {match.decode() for each in diagrams for match in _NAMED.findall(files[each])}
        members = diagrams | {table for table, held in tables.items() if held & asked}
        for form, file in forms.items():
            if form.partition(".")[0] in quoted:
                members.add(file)
        members |= {file for file, process in tests.items() if process == key}
        found[key] = {each: files[each] for each in [name, *sorted(members - {name})]}
    return found


def _called(name: str, outlines: Mapping[str, Outline], owners: Mapping[str, str]) -> Iterator[str]:
    seen, todo = {name}, [name]
    while todo:
        at = todo.pop()
        yield at
        for process in outlines[at].calls:
            other = owners.get(process)
            if other is not None and other not in seen:
                seen.add(other)
                todo.append(other)


def _id_of(name: str, content: bytes) -> str:
    """The id a form carries itself, with its ending; a template goes by its name."""
    stem, _, ending = name.rpartition(".")
    if ending == "json":
        try:
            own = json.loads(content).get("id")
        except (ValueError, AttributeError, RecursionError):
            own = None
        if isinstance(own, str):
            return f"{own}.json"
    return f"{stem.removeprefix('forms/')}.{ending}"


def _tested(content: bytes) -> str | None:
    """The process that tests are of."""
    try:
        process = json.loads(content).get("process")
    except (ValueError, AttributeError, RecursionError):
        return None
    return process if isinstance(process, str) else None


def system_of(process: str, systems: Mapping[str, object]) -> str:
    """The system a process belongs to, by the beginning of its key; `office` for a designer's own."""
    key = process.partition("_")[0]
    return key if key in systems else "office"
