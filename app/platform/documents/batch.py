"""Printing a batch of documents on every core, as an errand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.documents.entities import Document
from app.platform.documents.press import RenderFailed
from app.platform.documents.printing import TooManyPages, keep, prepare
from app.platform.documents.settings import settings
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.registry import Acting, Call, Refused, Words, house
from app.platform.runtime import policy, substitutes
from app.platform.runtime.entities import Instance

BATCH = "documents/batch"
NOBODY = Words("您的账号已停用，未打印。", "Your account is closed: nothing was printed.")
STEP = 10  # files or documents between two words on the progress
Write = Callable[[datetime], None]


def print_later(
    session: Session, template: str, instances: Sequence[str], title: Words, by: Acting, now: datetime
) -> str:
    """Ask for `template` to be printed in each of these instances, on every core; return the errand's id.

    Instances that `by` may not read by then are left out. The result is `{"documents": n, "failed": [instance ids]}`.
    """
    wanted = list(dict.fromkeys(instances))
    arguments = {"template": template, "instances": wanted, "person": by.person}
    return errands.begin(session, BATCH, title, arguments, by, now, len(wanted))


def printed_files(session: Session, instances: Sequence[str], template: str) -> list[str]:
    """The files of the newest print of `template` in each of these instances, in their order. One statement."""
    rows = session.execute(
        select(Document.instance_id, Document.file_id)
        .where(Document.instance_id.in_(list(instances)), Document.template == template)
        .order_by(Document.id)
    )
    newest = {row.instance_id: row.file_id for row in rows}
    return [newest[instance] for instance in instances if instance in newest]


@jobs.two_phase
def print_batch(session: Session, arguments: Mapping[str, Any], now: datetime) -> Write | None:
    """Print one document after the other in as many threads as the press has children.

    Each is kept as soon as it is printed; who takes the errand up again leaves out what is there already.
    """
    errand = str(arguments["errand"])
    found = behalf.acting(session, str(arguments["person"]), now)
    if found is None:
        return lambda at: errands.refuse(session, errand, NOBODY, at)
    by = substitutes.with_principals(session, found, now)
    template, wanted = str(arguments["template"]), list(arguments["instances"])
    try:
        count, failed = print_all(session, errand, template, wanted, by, now)
    except errands.Stopped:
        return None

    def write(moment: datetime) -> None:
        try:
            errands.step(session, errand, len(wanted))
        except errands.Stopped:
            return
        errands.finish(session, errand, {"documents": count, "failed": failed}, moment)

    return write


def mark_of(errand: str) -> str:
    """What stands as element at the documents that an errand has printed."""
    return f"errand:{errand}"


def print_all(
    session: Session, errand: str, template: str, instances: Sequence[str], by: Acting, now: datetime
) -> tuple[int, list[str]]:
    """Print what is not there yet; answer how many documents there are, and where it failed (a hundred at most).

    Raises `Stopped` where the errand was called off.
    """
    mark, total = mark_of(errand), len(instances)
    already = set(session.scalars(select(Document.instance_id).where(Document.element == mark)))
    calls = [
        Call(session, now, by, row.id, row.process, mark, row.variables, row.starter_id)
        for row in _instances(session, instances, by)
        if row.id not in already
    ]
    failed: list[str] = []
    bind = session.get_bind()

    def print_one(call: Call) -> None:
        with Session(bind) as own:
            call = Call(own, now, by, call.instance, call.process, mark, call.variables, call.starter)
            keep(own, prepare(call, template), call, now)

    session.rollback()  # nothing is read while the threads write
    with ThreadPoolExecutor(settings().press.size) as threads:
        waiting = {threads.submit(print_one, call): call.instance for call in calls}
        try:
            for number, done in enumerate(as_completed(waiting), 1):
                error = done.exception()
                if isinstance(error, RenderFailed | TooManyPages | Refused):
                    failed.append(waiting[done])
                elif error is not None:
                    raise error
                if number % STEP == 0:
                    errands.step(session, errand, len(already) + number, total)
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise
    return len(already) + len(calls) - len(failed), sorted(failed)[:100]


def _instances(session: Session, wanted: Sequence[str], by: Acting) -> Iterator[Any]:
    for start in range(0, len(wanted), 500):
        yield from session.execute(
            select(Instance.id, Instance.process, Instance.variables, Instance.starter_id).where(
                Instance.id.in_(wanted[start : start + 500]), policy.readable(by)
            )
        ).all()


def plug() -> None:
    """Register the errand."""
    house.job(BATCH)(print_batch)
