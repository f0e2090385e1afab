"""Every uploaded file by itself, before a bundle is made of them: its name, and whether it is of its kind at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.platform import forms
from app.platform.engine import Problem
from app.platform.engine.decision_files import read_decisions
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.templates import check_template
from app.platform.engine.vocabulary import BPMN
from app.platform.runtime.bundles import DIAGRAMS

_FILE_NAME = re.compile(r"(?=.{1,200}\Z)(?!\.{1,2}(?:/|\Z))[^/\\:]+(?:/(?!\.{1,2}(?:/|\Z))[^/\\:]+)*")


def at_the_door(files: Mapping[str, bytes]) -> Iterator[object]:
    """What is wrong with each file by itself, also where no diagram asks for it: cheap, and before any child starts."""
    for name, content in files.items():
        if not _FILE_NAME.fullmatch(name) or not name.isprintable():
            yield Problem("file_name", name[:80])
        elif name.endswith((*DIAGRAMS, ".dmn")):
            yield from _judge_xml(name, content)
        elif name.endswith(".html"):
            yield from check_template(name, content)
        elif name.endswith(".json"):
            try:
                forms.load(content)
            except forms.BadForm as error:
                yield from (replace(problem, file=name) for problem in error.problems)


def _judge_xml(name: str, content: bytes) -> Iterator[Problem]:
    if name.endswith(".dmn"):
        yield from read_decisions(name, content)[1]
        return
    try:
        root = admit(content)
    except NotAdmitted as refused:
        yield Problem(refused.code, name, None, refused.parameters)
        return
    if root.tag != f"{{{BPMN}}}definitions":
        yield Problem("not_bpmn", name)
