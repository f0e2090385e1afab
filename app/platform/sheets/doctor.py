"""The doctor's look at imports: counts agree with rows, and what runs has a job that runs it (I8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform.jobs import Errand, Job
from app.platform.runtime.doctor import Finding
from app.platform.sheets import catalogue
from app.platform.sheets.entities import Failure, Import

LIVE = ("waiting", "running", "failed")  # a failed job waits for whoever asks for it again


def imports(session: Session, _now: datetime) -> Iterator[Finding]:
    """Examine every import."""
    table = Import.__table__
    kept = (
        select(func.count())
        .select_from(Failure)
        .where(Failure.import_id == table.c.id)
        .scalar_subquery()
        .label("kept")
    )
    job = (
        select(Job.state)
        .join(Errand, Errand.job_id == Job.id)
        .where(Errand.id == table.c.errand_id)
        .scalar_subquery()
        .label("job")
    )
    for row in session.execute(select(*table.c, kept, job).order_by(table.c.id)).all():
        for code, detail in _wrong(session, row):
            yield Finding("I8", None, code, f"import {row.id} of {row.sheet}: {detail}")


def _wrong(session: Session, row: Any) -> Iterator[tuple[str, str]]:
    if row.good + row.bad != row.handled or row.handled > row.total:
        yield (
            "import_counts",
            f"{row.good} good and {row.bad} bad of {row.handled} handled, {row.total} in all",
        )
    if row.kept != row.bad:
        yield "import_failures", f"{row.bad} bad, {row.kept} kept"
    if row.state == "running":
        if row.job not in LIVE:
            yield "import_stuck", f"runs, but its job is {row.job or 'gone'}"
        return
    if row.state == "done" and row.handled != row.total:
        yield "import_short", f"done at {row.handled} of {row.total}"
    if row.bad and row.failures_id is None and row.undone_at is None:
        yield "import_unreturned", f"{row.bad} bad rows and no workbook of them"
    sheet = catalogue.get(row.sheet)
    if sheet is None or sheet.count is None:
        return
    there = sheet.count(session, row.id)
    if there > (0 if row.undone_at else row.created):
        yield "import_rows", f"{there} rows carry it, {row.created} were entered"
