"""Pictures that a printed document shows, such as a signature by hand: by what they are, and as the page takes them."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from app.platform.documents.files import facts_of
from app.platform.documents.storage import Storage

LARGEST = (1200, 1200)
"""Pixels: 10 cm at 300 dpi; a larger one is made smaller."""
KEY = "pictures"


def named(session: Session, pictures: Mapping[str, Any]) -> dict[str, str]:
    """What a document's data keep of its pictures: name → name of the content, so that another picture is a change.

    `pictures`: name → a file's id, a field's list of one, or nothing. What is no stored picture is nothing.
    """
    ids = {name: _first(each) for name, each in pictures.items()}
    found = facts_of(session, set(ids.values()) - {""})
    return {
        name: found[each].content if each in found and found[each].type.startswith("image/") else ""
        for name, each in ids.items()
    }


def drawn(storage: Storage, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as a template is filled with them: `pictures.<name>` is what an `img` has for `src`, or empty."""
    if KEY not in data:
        return dict(data)
    pictures = {name: _source(storage.get(content)) if content else "" for name, content in data[KEY].items()}
    return {**data, KEY: pictures}


def _first(value: Any) -> str:
    """The id in a field's value: of the list of one, or by itself."""
    first = next(iter(value), "") if isinstance(value, list | tuple) else value
    return first if isinstance(first, str) else ""


def _source(content: bytes) -> str:
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
        picture.thumbnail(LARGEST)
        out = io.BytesIO()
        picture.convert("RGB").save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
