"""Reading what was written down: many rows' bodies at once, each under the key of its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.audit import chain
from app.platform.audit.entities import AuditKey


def bodies(session: Session, rows: Iterable[tuple[str, bytes]]) -> list[Mapping[str, Any] | None]:
    """Open the bodies of rows given as (key id, sealed body), in their order.

    None where the key was erased, or where the body does not open with it (`verify` names such a row). One statement.
    """
    wanted = list(rows)
    ids = {key for key, _ in wanted}
    found = (
        session.execute(select(AuditKey.id, AuditKey.key).where(AuditKey.id.in_(ids))).all() if ids else ()
    )
    secrets = {row.id: bytes.fromhex(row.key) for row in found if row.key is not None}
    return [_opened(secrets.get(key), body) for key, body in wanted]


def _opened(secret: bytes | None, body: bytes) -> Mapping[str, Any] | None:
    if secret is None:
        return None
    try:
        opened: Mapping[str, Any] = orjson.loads(chain.unseal(secret, body))
    except InvalidTag:
        return None
    return opened
