"""Two texts compared line by line: templates of printed documents, and whatever could not be read otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from app.platform.design.comparing.changes import Change, Line
from app.platform.registry import Words

TEMPLATE = Words("打印模板", "Print template")
MOST_LINES = 200


def changes_of_text(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """The lines that differ, at most `MOST_LINES`."""
    old, new = (content.decode("utf-8", "replace").splitlines() for content in (before, after))
    found: list[Line] = []
    for tag, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for number in range(max(end - start, stop - begin)):
            was = old[start + number].strip() if start + number < end else None
            now = new[begin + number].strip() if begin + number < stop else None
            place = (begin if now is not None else start) + number + 1
            found.append(Line(Words(f"第 {place} 行", f"Line {place}"), was, now))
    yield Change("changed", file, None, TEMPLATE, Words(file, file), tuple(found[:MOST_LINES]))
