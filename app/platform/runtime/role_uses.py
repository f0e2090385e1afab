"""Says whether a published process names a role, so that what still runs does not lose it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.identity import making_roles
from app.platform.runtime.entities import VersionFile

_AT_ONCE = 50


@making_roles.use
def is_named(session: Session, role: str) -> bool:
    """Whether any file of any version, diagram, table or form, has the role's key in it as a word of its own."""
    wanted = role.encode()
    for content in session.scalars(select(VersionFile.content).execution_options(yield_per=_AT_ONCE)):
        rest = content.split(wanted)
        if any(not part[:1].isalnum() and part[:1] != b"_" for part in rest[1:]):
            return True
    return False
