"""Settings as a process holds them: read together, and read anew as soon as anybody has changed one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ScalarSelect, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.audit import keys
from app.platform.data import transaction
from app.platform.registry import Acting, Words
from app.platform.settings.definition import DEFINITIONS
from app.platform.settings.entities import Revision, Setting

Reader = Callable[[Session], None]


class _Known:
    """What this process has read: of which database, and the number of the revision; None before the first look."""

    of: tuple[str, int] | None = None
    values: ClassVar[dict[str, Any]] = {}


_readers: list[Reader] = []


def on_change(read: Reader) -> Reader:
    """Register `read(session)`, called whenever anything may have changed: roles made here, menus, channels."""
    if read not in _readers:
        _readers.append(read)
    return read


def revision() -> ScalarSelect[int]:
    """The current number, to be asked along with who acts: `catch_up` wants it."""
    return select(func.coalesce(func.max(Revision.number), 0)).scalar_subquery()


def catch_up(session: Session, number: int | None = None) -> None:
    """Read all anew if `number` (asked now, where it is not given) is another than the one known.

    Call it where a request or a job begins: what was changed in another process is felt by the next one in this.
    """
    found = session.scalar(select(revision())) if number is None else number
    of = (str(session.get_bind().engine.url), int(found or 0))
    if of == _Known.of:
        return
    _Known.values = {row.key: row.value for row in session.execute(select(Setting.key, Setting.value))}
    for read in _readers:
        read(session)
    _Known.of = of


def forget() -> None:
    """Know nothing: the next `catch_up` reads. For tests, and after a restore."""
    _Known.of, _Known.values = None, {}


def value(key: str) -> Any:
    """What a setting says now, in this process."""
    known, definition = _Known.values, DEFINITIONS[key]
    if key not in known:
        return definition.initial()
    return Words(*known[key]) if definition.kind == "words" else known[key]


def stored(session: Session, key: str) -> Any:
    """What the database says of a setting, None where it is the default: for verbs that change a part of one."""
    return session.scalar(select(Setting.value).where(Setting.key == key))


def is_changed(key: str) -> bool:
    """Whether an administrator has given a setting a value of its own."""
    return key in _Known.values


def all_values() -> dict[str, Any]:
    """Every setting with what it says now."""
    return {key: value(key) for key in DEFINITIONS}


def change(session: Session, key: str, new: Any, by: Acting | str | None, now: datetime) -> bool:
    """Give a setting another value (None: back to the default), with an audit row of before and after.

    Returns whether anything changed. Raises `KeyError` for what is not defined, `BadSetting`. Who may is asked by
    the room's guard.
    """
    definition = DEFINITIONS[key]
    kept = None if new is None else definition.checked(new)
    with transaction(session):
        touch(session)
        before = session.scalar(select(Setting.value).where(Setting.key == key))
        if before == kept:
            return False
        session.execute(delete(Setting).where(Setting.key == key))
        if kept is not None:
            who = by.person if isinstance(by, Acting) else by
            session.execute(insert(Setting).values(key=key, value=kept, changed_at=now, changed_by_id=who))
        said = ("***", "***") if definition.kind == "secret" else (before, kept)
        body = {"setting": key, "before": said[0], "after": said[1]}
        audit.log(session, "settings", "setting.changed", by, now, body, f"setting:{key}")
    return True


def touch(session: Session) -> None:
    """Say that something settings stand for has changed, in the verb that changes it: the row is its lock."""
    found = session.execute(update(Revision).where(Revision.id == 1).values(number=Revision.number + 1))
    if not found.rowcount:  # type: ignore[attr-defined]
        keys.insert_if_absent(session, Revision, {"id": 1, "number": 0})
        session.execute(update(Revision).where(Revision.id == 1).values(number=Revision.number + 1))
