"""A printed document shows a picture that was handed in, and another picture is a change of it (B3-27, C-20)."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.documents import Settings, comparing, printing, templates
from app.platform.registry import house
from tests.platform.documents.test_printing import NOW, call_of

TEMPLATE = "tests/signed"
SHELF = templates.Shelf(
    "tests-signed",
    {
        "forms/tests/signed.html": b"""{% extends "document.html" %}{% set series, pages, title = "QM", 1, "Signed" %}
{% block content %}<p>{{ name }}</p>{% if pictures.signed %}<img src="{{ pictures.signed }}" height="60">{% else %}
<p>-</p>{% endif %}{% endblock %}"""
    },
)


def signature(session: Session, place: Settings, *, wide: int = 400) -> str:
    """Store a signature; return its file id."""
    picture = Image.new("RGB", (wide, 160), "white")
    ImageDraw.Draw(picture).line((20, 20, wide - 20, 140), fill=(200, 20, 20), width=14)
    out = io.BytesIO()
    picture.save(out, "PNG")
    received = documents.check_upload("签名.png", out.getvalue(), frozenset({"image/png"}))
    by = call_of(session).by
    return documents.store(session, place.storage, received, by, NOW, instance="i1", purpose="field:signed")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the hook says; its pictures stand in `pictures`."""
    data: dict[str, Any] = {"name": "WANG", "pictures": {"signed": []}}
    monkeypatch.setitem(house.documents, TEMPLATE, lambda call: dict(data))
    monkeypatch.setattr(printing, "_shelf", lambda call: SHELF)
    return data


def red_of(pdf: bytes) -> int:
    """How many pixels of the first page are red."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("RGB").tobytes()
    return sum(red > 150 and green < 90 for red, green in zip(page[::3], page[1::3], strict=True))


def test_what_was_signed_stands_on_the_paper(session: Session, place: Settings, said: dict[str, Any]) -> None:
    said["pictures"] = {"signed": [signature(session, place)]}
    rendered = printing.prepare(call_of(session), TEMPLATE)
    assert red_of(place.storage.get(rendered.content)) > 300
    said["pictures"] = {"signed": []}
    assert red_of(place.storage.get(printing.prepare(call_of(session), TEMPLATE).content)) == 0


def test_another_signature_is_a_change_of_what_was_printed(
    session: Session, place: Settings, said: dict[str, Any]
) -> None:
    """The same picture stored again is none."""
    said["pictures"] = {"signed": [signature(session, place)]}
    first, _ = printing.snapshot(call_of(session), TEMPLATE)
    said["pictures"] = {"signed": [signature(session, place)]}
    again, _ = printing.snapshot(call_of(session), TEMPLATE)
    assert list(comparing.changed(first, again)) == []
    said["pictures"] = {"signed": [signature(session, place, wide=300)]}
    other, _ = printing.snapshot(call_of(session), TEMPLATE)
    assert list(comparing.changed(first, other)) == ["pictures.signed"]
    assert printing.hash_of(TEMPLATE, first) != printing.hash_of(TEMPLATE, other)


def test_what_is_no_picture_is_not_shown(session: Session, place: Settings, said: dict[str, Any]) -> None:
    said["pictures"] = {"signed": "0" * 26}
    data, _ = printing.snapshot(call_of(session), TEMPLATE)
    assert data["pictures"] == {"signed": ""}
