"""Lists a page at a time: after the last row seen, not after so many; the cursor is signed, so only ours is taken."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Select, and_, func, or_, select

from app.platform.data import sealing
from app.rooms.api.problems import bad_field
from app.rooms.api.reading import Asked
from app.rooms.api.schemas import FLAG, MOST_ROWS, Schema, said
from app.rooms.web.acting import session

USUAL = 50
ARGUMENTS: Mapping[str, Schema] = {
    "limit": said(
        {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        f"每页行数，默认 {USUAL}",
        f"rows of a page; {USUAL} unless told",
    ),
    "cursor": said(
        {"type": "string", "maxLength": 400}, "上一页的 `next_cursor`", "`next_cursor` of the page before"
    ),
    "count": said(FLAG, "同时返回 `total`", "answer `total` too"),
}


def page(
    name: str,
    rows: Select[Any],
    at: Any,
    identity: Any,
    asked: Asked,
    shown: Callable[[Any], dict[str, Any]],
    *,
    latest_first: bool = False,
) -> dict[str, Any]:
    """One page of `rows`, ordered by the moment `at` and then by `identity`; `shown` makes each row's JSON.

    Raises `Problem` for a cursor that this list has not given out.
    """
    limit = asked.query.get("limit", USUAL)
    wanted = rows.add_columns(at.label("cursor_at"), identity.label("cursor_id"))
    if (cursor := asked.query.get("cursor")) is not None:
        last_at, last_id = _read(name, cursor)
        beyond = (at < last_at, identity < last_id) if latest_first else (at > last_at, identity > last_id)
        wanted = wanted.where(or_(beyond[0], and_(at == last_at, beyond[1])))
    order = (at.desc(), identity.desc()) if latest_first else (at, identity)
    found = session().execute(wanted.order_by(*order).limit(limit + 1)).all()
    answer: dict[str, Any] = {"items": [shown(row) for row in found[:limit]], "next_cursor": None}
    if len(found) > limit:
        last = found[limit - 1]
        answer["next_cursor"] = _write(name, last.cursor_at, last.cursor_id)
    if asked.query.get("count"):
        inner = rows.with_only_columns(identity).order_by(None).subquery()
        answer["total"] = session().scalar(select(func.count()).select_from(inner)) or 0
    return answer


def _write(name: str, at: datetime, identity: str) -> str:
    told = orjson.dumps([at.isoformat(), identity])
    return base64.urlsafe_b64encode(_mark(name, told).encode() + told).decode().rstrip("=")


def _read(name: str, cursor: str) -> tuple[datetime, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raw = b""
    mark, told = raw[:16], raw[16:]
    if not told or not hmac.compare_digest(mark, _mark(name, told).encode()):
        raise bad_field("cursor", "cursor", "游标无效，请从第一页开始", "This cursor is not from this list")
    at, identity = orjson.loads(told)
    return datetime.fromisoformat(at), identity


def _mark(name: str, told: bytes) -> str:
    return sealing.digest(f"api-cursor:{name}", told.decode("utf-8", "replace"))[:16]
