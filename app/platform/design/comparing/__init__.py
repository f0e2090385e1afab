"""Two states of a bundle compared: shapes, properties, forms, decision tables and printed documents, as a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.platform.design.comparing.changes import Change, Line
from app.platform.design.comparing.diagrams import changes_of_diagram
from app.platform.design.comparing.documents import changes_of_text
from app.platform.design.comparing.forms import changes_of_form
from app.platform.design.comparing.tables import changes_of_table
from app.platform.registry import Words

__all__ = ["Change", "Line", "compare"]

Compare = Callable[[str, bytes, bytes], Iterator[Change]]
KINDS: Mapping[str, Compare] = {
    ".bpmn": changes_of_diagram,
    ".bpmn20.xml": changes_of_diagram,
    ".dmn": changes_of_table,
    ".json": changes_of_form,
    ".html": changes_of_text,
}
FILE = Words("文件", "File")


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Change]:
    """Everything that differs, file by file: diagrams first, then tables, forms and printed documents.

    A file that cannot be read is compared as text, so that nothing that differs is passed over.
    """
    found: list[Change] = []
    for name in sorted(before.keys() | after.keys(), key=_rank):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            title = Words(name, name)
            found.append(Change("added" if old is None else "removed", name, None, FILE, title))
        elif old != new:
            found += _of_file(name, old, new)
    return found


def _of_file(name: str, old: bytes, new: bytes) -> list[Change]:
    ending = next((each for each in KINDS if name.endswith(each)), ".html")
    try:
        return list(KINDS[ending](name, old, new))
    except ValueError:  # what stands there is no diagram, table or form: then line by line
        return list(changes_of_text(name, old, new))


def _rank(name: str) -> tuple[int, str]:
    return next((place for place, each in enumerate(KINDS) if name.endswith(each)), len(KINDS)), name
