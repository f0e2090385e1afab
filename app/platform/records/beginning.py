"""Starts a chain by its start form: with the files that were uploaded before there was an instance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data import transaction
from app.platform.forms import Entry, StepForm
from app.platform.registry import Acting, Post
from app.platform.runtime import instances
from app.platform.runtime.errors import KeyReused
from app.platform.runtime.instances import Started


def begin(
    session: Session,
    process: str,
    step: StepForm | None,
    entry: Entry | None,
    by: Acting,
    post: Post | None,
    now: datetime,
    key: str | None,
) -> Started:
    """Start `process` under `post`, and hand its files to the instance, all or nothing. Raises as `instances.start`."""

    def start() -> Started:
        data: Entry | dict[str, Any] = entry if entry is not None else {}
        return instances.start(session, process, by=by, post=post, now=now, data=data, key=key)

    files = list(_loose(session, step, entry))
    try:
        with transaction(session):
            started = start()
            for file in files:
                documents.attach(session, file, started.instance)
            return started
    except KeyReused:
        return start()  # two clicks at once: the other one has committed, and this one is its answer


def _loose(session: Session, step: StepForm | None, entry: Entry | None) -> Iterator[str]:
    """Files of an entry that belong to no instance yet."""
    for one in step.visible if step and entry else ():
        if entry and one.kind.how in ("upload", "sign"):
            for file in entry.written.get(one.name) or ():
                facts = documents.facts(session, file)
                if facts is not None and facts.instance is None:
                    yield file
