"""Moments, words and people as the API writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.platform.registry import Words
from app.platform.runtime.views import Decided
from app.rooms.web.language import said


def moment(at: datetime | None) -> str | None:
    """RFC 3339 with the zone; nothing for never."""
    return at.isoformat() if at is not None else None


def words(zh: str | None, en: str | None) -> str | None:
    """A pair of columns in the caller's language."""
    return said(Words(zh, en or zh)) if zh is not None else None


def spoken(of: Words | None) -> str | None:
    """Words in the caller's language; nothing for none."""
    return said(of) if of is not None else None


def person(identity: str | None, name: str | None) -> dict[str, str] | None:
    """Somebody, by id and name."""
    return {"id": identity, "name": name or ""} if identity else None


def decided(of: Decided | None) -> dict[str, Any] | None:
    """Who decided what and when."""
    if of is None:
        return None
    return {
        "by": of.by,
        "by_name": of.by_name,
        "outcome": spoken(of.outcome),
        "comment": of.comment,
        "at": moment(of.at),
        "items": named_items(of.items),
    }


def named_items(items: Mapping[str, str]) -> list[dict[str, str]]:
    """What a return has named: fields begin with a letter, files' ids with a figure."""
    return [
        {"file" if item[:1].isdigit() else "field": item, "reason": reason} for item, reason in items.items()
    ]
