"""A scan compared with what was printed, and what was printed with what holds now (C-20, P-17, P-21, P-36).

Refused are another document's scan, a print whose data have changed since, a page twice and a page missing. A page on
which no code of ours can be read is not refused but left unverified, for the reviewer to look at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.documents import files as stored
from app.platform.documents.entities import Document, Reading
from app.platform.documents.printing import code_of, snapshot
from app.platform.documents.reading import readings
from app.platform.forms import Compared, Wrong
from app.platform.registry import Call, Words, house
from app.platform.runtime import versions
from app.platform.runtime.entities import Instance

VERIFIED, UNVERIFIED = "verified", "unverified"
SPARE = 4  # pages there may be besides all fronts and backs
NAMED = 8  # changed fields named in a refusal
OTHER = Words("其他内容", "other content")
_CODE = re.compile(r"(?P<number>[A-Z]{1,8}\d{4}-\d{6,9})\.(?P<page>\d{1,4})/(?P<pages>\d{1,4})\.[0-9A-F]{16}")
_INDEX = re.compile(r"\[\d+\]")
_document, _reading = Document.__table__, Reading.__table__
_FACTS = (
    _document.c.id,
    _document.c.number,
    _document.c.instance_id,
    _document.c.template,
    _document.c.element,
    _document.c.pages,
    _document.c.data_hash,
)


class Code(NamedTuple):
    """A code as it stands on a page."""

    number: str
    page: int
    pages: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of what was uploaded: which printed pages its codes name."""

    file: str
    codes: tuple[tuple[Any, int], ...]  # (the print's row, the page)


def verify(call: Call, template: str, files: Sequence[str]) -> Compared:
    """Compare the scans `files`, together one signed print of `template` in the call's instance, with it.

    Reads their codes first where that was not done. `facts` go into the record: verdict, number, both hashes. Raises
    what the document's hook raises.
    """
    session = call.session
    found = [facts for file in files if (facts := stored.facts(session, file))]
    owner = session.execute(
        select(Instance.process, Instance.starter_id, Instance.variables).where(Instance.id == call.instance)
    ).one_or_none()
    if owner is None or not found:
        return Compared(None, {})
    call = replace(call, process=owner.process, starter=owner.starter_id, variables=owner.variables)
    prints = _prints(call, template)
    too_many = _too_many(found, prints.values())
    if too_many is not None:
        return Compared(too_many, {})
    pages = readings(session, found, call.now)
    codes = {code.number for file in found for page in pages[file.id] for code in read_codes(page.ours)}
    prints |= _others(call, codes - prints.keys())
    sheets = [Sheet(file.id, _valid(page.ours, prints)) for file in found for page in pages[file.id]]
    own = [row for row in prints.values() if (row.instance_id, row.template) == (call.instance, template)]
    newest = max(own, key=lambda row: row.id, default=None)
    used = {row.id: row for sheet in sheets for row, _ in sheet.codes}
    fault = (
        _foreign(used.values(), call, template, newest)
        or _stale(call, template, used.values())
        or _incomplete(sheets)
    )
    if fault is not None:
        return Compared(fault, {})
    matched: Any = max(used.values(), key=lambda row: row.id, default=newest)
    is_whole = bool(used) and _pages_of(sheets) == set(range(1, matched.pages + 1))
    verdict = VERIFIED if is_whole else UNVERIFIED
    _record(call, files, verdict, matched)
    kept: dict[str, Any] = {
        "template": template,
        "verdict": verdict,
        "scans": [{"file": file.id, "content": file.content} for file in found],
    }
    if matched is not None:
        kept["print"] = {"number": matched.number, "data": matched.data_hash}
    return Compared(None, kept)


def read_codes(texts: Iterable[str]) -> Iterator[Code]:
    """Take codes apart; what has not our form is passed over."""
    for text in texts:
        found = _CODE.fullmatch(text)
        if found:
            yield Code(found["number"], int(found["page"]), int(found["pages"]), text)


def _prints(call: Call, template: str) -> dict[str, Any]:
    """What was printed from this template in the instance, by number."""
    own = (_document.c.instance_id == call.instance, _document.c.template == template)
    return {row.number: row for row in call.session.execute(select(*_FACTS).where(*own))}


def _others(call: Call, numbers: Iterable[str]) -> dict[str, Any]:
    """Other documents of these numbers."""
    asked = sorted(numbers)[:500]
    if not asked:
        return {}
    rows = call.session.execute(select(*_FACTS).where(_document.c.number.in_(asked)))
    return {row.number: row for row in rows}


def _too_many(found: Iterable[stored.StoredFile], prints: Iterable[Any]) -> Wrong | None:
    """Far more pages than were printed, with their backs: no scan of that, and not worth reading."""
    count, total = sum(file.pages or 1 for file in found), max((row.pages for row in prints), default=0)
    return Wrong("scan_pages", count=count, total=total) if total and count > 2 * total + SPARE else None


def _valid(texts: Iterable[str], prints: Mapping[str, Any]) -> tuple[tuple[Any, int], ...]:
    """The prints and pages that codes name whose keyed hash is right: others may have been made by anybody."""
    found: dict[tuple[str, int], Any] = {}
    for code in read_codes(texts):
        row = prints.get(code.number)
        if row is not None and code.text == code_of(code.number, code.page, row.pages, row.data_hash):
            found[code.number, code.page] = row
    return tuple((row, page) for (_, page), row in found.items())


def _foreign(used: Iterable[Any], call: Call, template: str, newest: Any) -> Wrong | None:
    for row in used:
        if (row.instance_id, row.template) != (call.instance, template):
            own = newest.number if newest is not None else ""
            return Wrong("other_document", number=row.number, own=own, how="known" if own else "")
    return None


def _stale(call: Call, template: str, used: Iterable[Any]) -> Wrong | None:
    """Whether what was printed is still so; a reprint of the same data has the same hash and is as good."""
    rows = {row.data_hash: row for row in used}
    if not rows:
        return None
    for row in rows.values():
        data, labels = snapshot(replace(call, element=row.element or ""), template)
        printed = call.session.scalar(select(_document.c.data).where(_document.c.id == row.id))
        paths = list(changed(printed, data))
        if paths:
            return Wrong("stale", fields=_named(call, paths, labels))
    return None


def changed(printed: Any, present: Any, path: str = "") -> Iterator[str]:
    """Paths of what differs, such as `values.employer` or `rows[3].result`; a list of another length is one leaf."""
    if isinstance(printed, Mapping) and isinstance(present, Mapping):
        for name in dict.fromkeys([*printed, *present]):
            if path or name != "file_name":
                at = f"{path}.{name}" if path else name
                yield from changed(printed.get(name), present.get(name), at)
    elif isinstance(printed, list) and isinstance(present, list) and len(printed) == len(present):
        for number, (before, after) in enumerate(zip(printed, present, strict=True)):
            yield from changed(before, after, f"{path}[{number}]")
    elif printed != present:
        yield path


def _named(call: Call, paths: Sequence[str], labels: Mapping[str, Words]) -> Words:
    """The changed leaves by label: the hook's, else that of the form field of the name, else of what they are in."""
    forms = versions.of_instance(call.session, call.instance).forms.values()
    asked = {name: one.label for form in forms for name, one in form.fields.items()}
    known = {**asked, **labels}
    found = list(dict.fromkeys(_label(_INDEX.sub("", path), known) for path in paths))
    found.sort(key=lambda words: words == OTHER)
    shown, more = found[:NAMED], len(found) > NAMED
    return Words(
        "、".join(words.zh for words in shown) + ("等" if more else ""),
        ", ".join(words.en for words in shown) + (" and others" if more else ""),
    )


def _label(path: str, known: Mapping[str, Words]) -> Words:
    while path:
        for name in (path, path.rpartition(".")[2]):
            if name in known:
                return known[name]
        path = path.rpartition(".")[0]
    return OTHER


def _pages_of(sheets: Iterable[Sheet]) -> set[int]:
    return {page for sheet in sheets for _, page in sheet.codes}


def _incomplete(sheets: Sequence[Sheet]) -> Wrong | None:
    """A page twice, or one that cannot be there: fewer sheets without a code than pages not found."""
    counted = Counter(page for sheet in sheets for page in {page for _, page in sheet.codes})
    doubled = sorted(page for page, times in counted.items() if times > 1)
    total = max((row.pages for sheet in sheets for row, _ in sheet.codes), default=0)
    if doubled:
        return Wrong("page_doubled", pages=_listed(doubled), total=total)
    missing = sorted(set(range(1, total + 1)) - counted.keys())
    unread = sum(1 for sheet in sheets if not sheet.codes)
    if len(missing) > unread:
        return Wrong("page_missing", pages=_listed(missing), total=total)
    return None


def _listed(pages: Sequence[int]) -> Words:
    return Words("、".join(map(str, pages)), ", ".join(map(str, pages)))


def _record(call: Call, files: Sequence[str], verdict: str, matched: Any) -> None:
    """Keep what a reviewer is shown of the scans, unless it stands there already."""
    values = {
        "verdict": verdict,
        "document_id": matched.id if matched is not None else None,
        "print_hash": matched.data_hash if matched is not None else None,
    }
    rows = call.session.execute(
        select(_reading.c.verdict, _reading.c.document_id, _reading.c.print_hash).where(
            _reading.c.file_id.in_(list(files))
        )
    ).all()
    if any(tuple(row) != tuple(values.values()) for row in rows):
        with transaction(call.session):
            call.session.execute(
                update(Reading)
                .where(_reading.c.file_id.in_(list(files)))
                .values(**values, compared_at=call.now)
            )


def plug() -> None:
    """Let forms ask, through the house, how scans compare."""
    house.compare_scans = verify
