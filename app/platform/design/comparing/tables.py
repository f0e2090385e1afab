"""Two decision tables compared: their columns, and their rules row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lxml import etree

from app.platform.design.comparing.changes import Change, Line, lines
from app.platform.design.comparing.words import TABLE_FACTS
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import local
from app.platform.registry import Words

DECISION = Words("决策表", "Decision table")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision: what it says of itself, what its columns are called, and its rules as rows of texts."""

    facts: dict[str, str]
    columns: tuple[str, ...]
    rows: list[Row]

    def said(self, row: Row) -> str:
        """A rule in words: the columns that ask or answer anything, each with what stands there."""
        given = zip(self.columns, row, strict=False)
        return "; ".join(f"{column}: {text}" for column, text in given if text not in ("", "-"))


def changes_of_table(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """What differs between two DMN files. Raises `ValueError` for what is no XML."""
    old, new = _decisions(before), _decisions(after)
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key), new.get(key)
        known = now or was
        assert known is not None
        title = Words(known.facts.get("name") or key, known.facts.get("name") or key)
        if was is None or now is None:
            shown = tuple(_only(known, number, gone=now is None) for number in range(len(known.rows)))
            yield Change("added" if was is None else "removed", file, key, DECISION, title, shown)
            continue
        found = (*lines(TABLE_FACTS, was.facts, now.facts), *_rules(was, now))
        if found:
            yield Change("changed", file, key, DECISION, title, found)


def _only(table: Table, number: int, *, gone: bool) -> Line:
    said = table.said(table.rows[number])
    return Line(_place(number + 1), said if gone else None, None if gone else said)


def _place(number: int) -> Words:
    return Words(f"第 {number} 条规则", f"Rule {number}")


def _rules(old: Table, new: Table) -> Iterator[Line]:
    for tag, start, end, begin, stop in SequenceMatcher(
        None, old.rows, new.rows, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        for number in range(max(end - start, stop - begin)):
            was = old.said(old.rows[start + number]) if start + number < end else None
            now = new.said(new.rows[begin + number]) if begin + number < stop else None
            yield Line(_place((start if now is None else begin) + number + 1), was, now)


def _decisions(content: bytes) -> dict[str, Table]:
    try:
        root = admit(content)
    except NotAdmitted as error:
        raise ValueError(error.code) from error
    found = {}
    for decision in root.iter():
        if local(decision) != "decision":
            continue
        facts = {"name": str(decision.get("name", ""))}
        columns: list[str] = []
        rows: list[Row] = []
        for table in decision:
            if local(table) != "decisionTable":
                continue
            facts |= {key: str(table.get(key, "")) for key in ("hitPolicy", "aggregation")}
            for side in ("input", "output"):
                asked = [each for each in table if local(each) == side]
                facts[f"{side}s"] = " | ".join(_column(each) for each in asked)
                columns += [str(each.get("label") or each.get("name") or _column(each)) for each in asked]
            rows = [_row(each) for each in table if local(each) == "rule"]
        found[str(decision.get("id", ""))] = Table(facts, tuple(columns), rows)
    return found


def _column(xml: etree._Element) -> str:
    asked = " ".join((each.text or "").strip() for each in xml.iter() if local(each) == "text")
    return " ".join(filter(None, (xml.get("label"), xml.get("name"), asked)))


def _row(xml: etree._Element) -> Row:
    return tuple(
        " ".join((text.text or "").strip() for text in entry.iter() if local(text) == "text")
        for entry in xml
        if local(entry) in ("inputEntry", "outputEntry")
    )
