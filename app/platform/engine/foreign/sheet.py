"""The file while it is translated: its tree, the lines told so far, and the few ways in which parts change it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from app.platform.engine.foreign import language
from app.platform.engine.foreign.lines import Line, Translation, Untranslated
from app.platform.engine.vocabulary import BPMN, OURS, local, space
from app.platform.expressions import FUNCTIONS

MOST_LINES: Final = 500
_TAKEN: Final = frozenset(
    {
        *FUNCTIONS,
        *keyword.kwlist,
        "csrf_token",
        "outcome",
        "comment",
        "revision",
        "key",
        "items",
        "true",
        "false",
        "null",
    }
)
"""Names that mean something to expressions, forms and pages: no variable can have them."""
_STEMS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def bpmn(tag: str) -> str:
    """A tag of BPMN with its namespace."""
    return f"{{{BPMN}}}{tag}"


def snake(name: str) -> str:
    """A name as variables, fields and forms have here: `approvalResult` is `approval_result`; or ""."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", _STEMS.sub("_", name)).lower().strip("_")
    return (name if name[:1].isalpha() else f"x_{name}")[:60].rstrip("_") if name else ""


def cut(text: str) -> str:
    """A text short enough for a line."""
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:99] + "…"


class Sheet:
    """One file being translated. `process` is the one that is kept."""

    process: etree._Element

    def __init__(self, root: etree._Element, foreign: bool) -> None:
        self.root, self.foreign = root, foreign
        self.lines: list[Line] = []
        self.places = [xml.get("id") for xml in root.iter() if xml.get("id")]
        self.files: dict[str, bytes] = {}
        self.variables: dict[str, str] = {}
        self.starters: set[str] = set()  # the variables that hold who started
        self.answered: set[tuple[str, str]] = set()  # a task, and the variable that its outcome stands for
        self.moved = False  # whether what is drawn no longer fits what there is

    def made(self, xml: etree._Element | None, found: str, made: str) -> None:
        """Tell that something is said in our words now."""
        self.lines.append(Translation(self.id_of(xml), cut(found), cut(made)))

    def open(self, code: str, xml: etree._Element | None, found: str, **parameters: str) -> None:
        """Tell that something was not understood."""
        self.lines.append(
            Untranslated(
                code, self.id_of(xml), cut(found), {key: cut(value) for key, value in parameters.items()}
            )
        )

    @staticmethod
    def id_of(xml: etree._Element | None) -> str | None:
        """The id of the nearest element that can be seen in the drawing."""
        while xml is not None:
            if xml.get("id") and not local(xml).endswith(("Definition", "Characteristics", "time")):
                return xml.get("id")
            xml = xml.getparent()
        return None

    def ordered(self) -> list[Line]:
        """The lines in the file's order, those of the whole file first."""
        places: dict[str | None, int] = {key: place for place, key in enumerate(self.places)}
        return sorted(
            self.lines, key=lambda line: -1 if line.element is None else places.get(line.element, 0)
        )

    def all(self, *tags: str) -> Iterator[etree._Element]:
        """The elements of the process with one of these tags, in the file's order."""
        wanted = {bpmn(tag) for tag in tags}
        return iter([xml for xml in self.process.iter() if xml.tag in wanted])

    def set(self, xml: etree._Element, name: str, value: str) -> None:
        """Give an element one of our properties."""
        holder = xml.find(bpmn("extensionElements"))
        if holder is None:
            holder = etree.Element(bpmn("extensionElements"))
            after = [each for each in xml if local(each) == "documentation"]
            xml.insert(len(after), holder)
        entries = holder.find(f"{{{OURS}}}properties")
        if entries is None:
            entries = etree.SubElement(holder, f"{{{OURS}}}properties")
        for entry in entries:
            if entry.get("name") == name:
                entry.set("value", value)
                return
        etree.SubElement(entries, f"{{{OURS}}}property", {"name": name, "value": value})

    @staticmethod
    def get(xml: etree._Element, name: str) -> str | None:
        """One of our properties of an element."""
        for entry in xml.iterfind(f"{bpmn('extensionElements')}/{{{OURS}}}properties/{{{OURS}}}property"):
            if entry.get("name") == name:
                return entry.get("value")
        return None

    def variable(self, name: str) -> str:
        """Our name of a foreign variable; told the first time, where it differs."""
        if name not in self.variables:
            ours = snake(name)
            if not ours:
                raise language.Untranslatable
            if ours in _TAKEN:
                ours += "_value"
            while ours in self.variables.values():
                ours += "_2"
            self.variables[name] = ours
            if ours != name:
                self.made(None, name, ours)
        return self.variables[name]

    def ours(self, text: str) -> str | None:
        """A foreign expression in our language; None where it is none. Raises `Untranslatable`."""
        tree = language.read(text)
        return None if tree is None else language.written(tree, self.variable)

    def flows(self, node: etree._Element, end: str) -> list[etree._Element]:
        """The flows that leave a node (`end` is `sourceRef`) or come to it (`targetRef`)."""
        return [flow for flow in self.all("sequenceFlow") if flow.get(end) == node.get("id")]


def name_of(xml: etree._Element) -> str:
    """What people call an element: its name, else its id."""
    return (xml.get("name") or xml.get("id") or local(xml)).strip()


def is_bpmn(xml: etree._Element) -> bool:
    """Whether a tag is of BPMN."""
    return space(xml) == BPMN
