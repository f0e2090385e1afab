"""Printing a document: data and template outside any transaction, the rows inside, a QR code on each page.

A template is `forms/<system>/<name>.html` (see `templates.py`), its data what the hook
`house.documents["<system>/<name>"](call)` returns. Of that only `file_name` is ours, the name of the PDF, and `labels`,
neither printed nor hashed: what a path (`values.employer`) or a leaf's name is called when it has changed since the
print; else the form field of that name says it. `pictures` (name → a file's id or a field's value) are shown:
`<img src="{{ pictures.signed }}">`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.platform.data import new_id, sealing, transaction
from app.platform.documents import inlaid, templates
from app.platform.documents.entities import Document
from app.platform.documents.files import enter
from app.platform.documents.names import document_name
from app.platform.documents.numbers import next_number
from app.platform.documents.press import RenderFailed, Sheet
from app.platform.documents.settings import Settings, settings
from app.platform.documents.uploads import Received
from app.platform.registry import Action, Call, Words, house
from app.platform.runtime import versions

TIGHTEST = 4
CODE = 60  # characters a code may have (documents.md)
_HASH = 16  # hex digits: 64 bits


class TooManyPages(Exception):
    """The document does not fit on the pages its template allows, however tight."""

    def __init__(self, template: str, pages: int, most: int) -> None:
        super().__init__(f"{template}: {pages} pages instead of {most}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document on disk that no row knows yet. `missing`: characters printed as 〓 for want of a glyph."""

    template: str
    number: str
    data: Mapping[str, Any] = field(repr=False)
    data_hash: str
    content: str
    received: Received = field(repr=False)
    missing: tuple[str, ...] = ()


def prepare(call: Call, template: str) -> Rendered:
    """Read the data, number, render and store the PDF. Not to be called in a verb's transaction.

    Raises `RenderFailed`, `TooManyPages`, `StorageFull`; whatever the document's hook raises.
    """
    if call.session.info.get("verb"):
        raise RuntimeError("documents are rendered before the transaction begins")
    place = settings()
    shelf = _shelf(call)
    series = templates.manner(shelf, template).series
    data, _ = snapshot(call, template)
    number = next_number(call.session, series, call.now)
    sheet, pdf, data_hash = render(place, shelf, template, number, data)
    name = document_name(f"{data.get('file_name', number).removesuffix('.pdf')}.pdf")
    received = Received(name, "application/pdf", pdf, pages=sheet.pages)
    return Rendered(template, number, data, data_hash, place.storage.put(pdf), received, sheet.missing)


def snapshot(call: Call, template: str) -> tuple[dict[str, Any], dict[str, Words]]:
    """What a document says now, surely JSON, and the labels its hook has for it."""
    said = dict(house.documents[template](call))
    labels = said.pop("labels", {})
    if inlaid.KEY in said:
        said[inlaid.KEY] = inlaid.named(call.session, said[inlaid.KEY])
    named = {
        name: words if isinstance(words, Words) else Words(words, words) for name, words in labels.items()
    }
    return orjson.loads(orjson.dumps(said)), named


def _shelf(call: Call) -> templates.Shelf:
    """The templates as frozen in the version the instance runs on."""
    version = versions.of_instance(call.session, call.instance)
    return templates.Shelf(version.version, version.files)


def render(
    place: Settings, shelf: templates.Shelf, template: str, number: str, data: Mapping[str, Any]
) -> tuple[Sheet, bytes, str]:
    """Set the pages and stamp their codes: (the sheet before stamping, the PDF, the hash of the data)."""
    manner = templates.manner(shelf, template)
    shown = inlaid.drawn(place.storage, data)
    for tight in range(TIGHTEST + 1):
        html = templates.fill(place, shelf, template, {**shown, "number": number, "tight": tight})
        try:
            sheet = place.press.typeset(html, place.templates)
        except RenderFailed as failed:
            if failed.code == "failed" and tight < TIGHTEST:
                continue  # a cell higher than a page breaks the renderer; tighter it may not be
            raise
        if sheet.pages <= manner.pages:
            break
    else:
        raise TooManyPages(template, sheet.pages, manner.pages)
    data_hash = hash_of(template, data)
    codes = [code_of(number, page, sheet.pages, data_hash) for page in range(1, sheet.pages + 1)]
    return sheet, place.press.stamp(sheet.pdf, codes, manner.title or number), data_hash


def keep(session: Session, rendered: Rendered, call: Call, now: datetime) -> str:
    """Write the rows of a rendered document and return the document's id; joins the open transaction."""
    identifier = new_id()
    with transaction(session):
        file = enter(
            session,
            rendered.content,
            rendered.received,
            owner=call.starter,
            now=now,
            instance=call.instance,
            purpose="document",
        )
        session.execute(
            insert(Document).values(
                id=identifier,
                number=rendered.number,
                instance_id=call.instance,
                element=call.element,
                template=rendered.template,
                data=dict(rendered.data),
                data_hash=rendered.data_hash,
                pages=rendered.received.pages,
                file_id=file,
                created_at=now,
            )
        )
    return identifier


def hash_of(template: str, data: Mapping[str, Any]) -> str:
    """Keyed hash of what a document says, whatever the order of its keys."""
    canonical = orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    return sealing.digest("documents.data", f"{template}\0{canonical}")


def code_of(number: str, page: int, pages: int, data_hash: str) -> str:
    """What a page's QR code says: number, page and a keyed hash of both and of the data."""
    spot = f"{number}.{page}/{pages}"
    code = f"{spot}.{sealing.digest('documents.code', f'{spot}.{data_hash}')[:_HASH].upper()}"
    if len(code) > CODE:
        raise ValueError(f"a code of {len(code)} characters")
    return code


def write_down(call: Call, template: str) -> None:
    """The second half of the action `platform/document`: the rows of what `prepare` rendered."""
    if not isinstance(call.prepared, Rendered) or call.prepared.template != template:
        raise RuntimeError(f"{template} was not prepared")
    keep(call.session, call.prepared, call, call.now)


def plug() -> None:
    """Register the room's action with the house."""
    house.actions["platform/document"] = Action(
        name="platform/document",
        run=write_down,
        parameters=frozenset({"template"}),
        required=frozenset({"template"}),
        returns={},
        when="after",
        prepare=prepare,
        effects=False,  # what a later print says holds; an earlier one stays in the record
    )
