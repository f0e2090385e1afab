"""Publishing in a transaction that is taken back: versions that one session alone knows of, for rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Lock

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.platform import forms
from app.platform.data import new_id
from app.platform.engine import Definition, Faulty, Problem
from app.platform.registry import house
from app.platform.runtime import subscriptions, timers, versions
from app.platform.runtime.bundles import bundles, system_of
from app.platform.runtime.entities import Process, Version
from app.platform.runtime.errors import Unpublishable

READ_KEPT = 32
Parsed = tuple[dict[str, bytes], Definition, dict[str, forms.Form]]
_lock = Lock()


def publish_aside(session: Session, files: Mapping[str, bytes], now: datetime) -> list[str]:
    """Publish every diagram in `files` in a transaction that will be taken back; return their processes.

    Nobody else ever hears of these versions: this session's info holds their programs under `versions.ASIDE`, and
    whoever takes the transaction back takes them out. What is parsed is kept by what is in it. Raises `Unpublishable`.
    """
    aside = session.info.setdefault(versions.ASIDE, {})
    found = read_once(files)
    for process, (bundle, definition, known) in sorted(found.items()):
        version = new_id()
        number = session.scalar(select(func.max(Version.number)).where(Version.process == process)) or 0
        named = {"name_zh": definition.name.zh, "name_en": definition.name.en}
        if not number:
            session.execute(
                insert(Process).values(key=process, system=system_of(process, house.systems), **named)
            )
        session.execute(
            insert(Version).values(
                id=version, process=process, number=number + 1, hash=version, published_at=now
            )
        )
        session.execute(update(Process).where(Process.key == process).values(current_id=version, **named))
        aside[version] = versions.Program(version, process, definition, known, bundle)
        subscriptions.of_process(session, definition)
        try:
            timers.arm_starts(session, version, definition, now)
        except Faulty as error:
            problem = Problem("timer_time", process, error.element, error.parameters)
            raise Unpublishable((problem,)) from error
    return sorted(found)


def read_once(files: Mapping[str, bytes], *, trial: bool = False) -> Mapping[str, Parsed]:
    """Check and parse `files`, unless the very same were not long ago. Raises `Unpublishable`. `trial`: as `check`."""
    digest = versions.digest_of(files)
    with _lock:
        kept: Mapping[str, Parsed] | None = versions.read_before.get(digest)
        if kept is not None:
            versions.read_before.move_to_end(digest)
            return kept
    read = {
        process: (bundle, *versions.read_bundle(process, bundle, trial=trial))
        for process, bundle in bundles(files).items()
    }
    with _lock:
        versions.read_before[digest] = read
        while len(versions.read_before) > READ_KEPT:
            versions.read_before.popitem(last=False)
    return read
