"""Long work with many documents, as errands: a ZIP of files, and printing a batch on every core (C-30)."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.documents.entities import Document, File
from app.platform.documents.files import StoredFile, enter, facts, may_have
from app.platform.documents.names import document_name, numbered
from app.platform.documents.press import RenderFailed
from app.platform.documents.printing import TooManyPages, keep, prepare
from app.platform.documents.settings import settings
from app.platform.documents.uploads import Received
from app.platform.identity import accounts, people, posts
from app.platform.jobs import errands
from app.platform.registry import Acting, Call, Refused, Words, house
from app.platform.runtime import policy, substitutes
from app.platform.runtime.entities import Instance

ZIP, BATCH = "documents/zip", "documents/batch"
RESULT = "result"
MOST_FILES = 2000
MOST_BYTES = 200 * 1024 * 1024
STEP = 10  # files or documents between two words on the progress
Write = Callable[[datetime], None]


def zip_later(session: Session, files: Sequence[str], title: Words, by: Acting, now: datetime) -> str:
    """Ask for one ZIP of stored files, in this order; return the errand's id. Joins the open transaction.

    What `by` may not have by then is left out and counted. The result is `{"file": id, "files": n, "left_out": n}`.
    Raises `Refused` where it would be too many or too much.
    """
    wanted = list(dict.fromkeys(files))
    size = session.scalar(select(func.sum(File.size)).where(File.id.in_(wanted[: MOST_FILES + 1]))) or 0
    if not wanted:
        raise Refused("没有可以打包的文件", "There are no files to pack")
    if len(wanted) > MOST_FILES or size > MOST_BYTES:
        raise Refused(
            f"一次最多打包{MOST_FILES}个文件、{MOST_BYTES >> 20} MB，请缩小范围后分批下载",
            f"A ZIP may hold {MOST_FILES} files and {MOST_BYTES >> 20} MB; choose fewer",
        )
    arguments = {"files": wanted, "person": by.person}
    return errands.begin(session, ZIP, title, arguments, by, now, len(wanted))


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
def pack(session: Session, arguments: Mapping[str, Any], now: datetime) -> Write | None:
    """Write the ZIP beside the database; the row of its file comes with the end of the errand."""
    errand, by = str(arguments["errand"]), _acting(session, str(arguments["person"]), now)
    title = _title(session, errand, by)
    found = list(_readable(session, arguments["files"], by))
    left_out = len(arguments["files"]) - len(found)
    try:
        content = _packed(session, errand, found)
    except errands.Stopped:
        return None
    received = Received(document_name(f"{title}.zip"), "application/zip", content)
    stored = settings().storage.put(content)

    def write(moment: datetime) -> None:
        if not found:
            errands.finish(session, errand, {"files": 0, "left_out": left_out}, moment, "failed")
            return
        try:
            errands.step(session, errand, len(arguments["files"]))
        except errands.Stopped:
            return
        file = enter(session, stored, received, owner=by.person, now=moment, instance=None, purpose=RESULT)
        said = {"file": file, "files": len(found), "left_out": left_out}
        errands.finish(session, errand, said, moment)

    return write


def _packed(session: Session, errand: str, found: Sequence[StoredFile]) -> bytes:
    """The ZIP, made in a file nobody else sees; PDFs and pictures are not pressed any further."""
    names = numbered(document_name(file.name) for file in found)
    with tempfile.TemporaryFile() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for number, (file, name) in enumerate(zip(found, names, strict=True)):
                if number % STEP == 0:
                    errands.step(session, errand, number)
                archive.writestr(name, settings().storage.get(file.content))
        target.seek(0)
        return target.read()


def _readable(session: Session, files: Sequence[str], by: Acting) -> Iterator[StoredFile]:
    for file in files:
        known = facts(session, file)
        if known is not None and may_have(session, by, known):
            yield known


@jobs.two_phase
def print_batch(session: Session, arguments: Mapping[str, Any], now: datetime) -> Write | None:
    """Print one document after the other in as many threads as the press has children.

    Each is kept as soon as it is printed; who takes the errand up again leaves out what is there already.
    """
    errand, by = str(arguments["errand"]), _acting(session, str(arguments["person"]), now)
    template, mark, total = str(arguments["template"]), f"errand:{errand}", len(arguments["instances"])
    already = set(session.scalars(select(Document.instance_id).where(Document.element == mark)))
    calls = [
        Call(session, now, by, row.id, row.process, mark, row.variables, row.starter_id)
        for row in _instances(session, arguments["instances"], by)
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
        except BaseException as error:
            threads.shutdown(cancel_futures=True)
            if isinstance(error, errands.Stopped):
                return None
            raise
    count = len(already) + len(calls) - len(failed)

    def write(moment: datetime) -> None:
        try:
            errands.step(session, errand, total)
        except errands.Stopped:
            return
        errands.finish(session, errand, {"documents": count, "failed": sorted(failed)[:100]}, moment)

    return write


def _instances(session: Session, wanted: Sequence[str], by: Acting) -> Iterator[Any]:
    for start in range(0, len(wanted), 500):
        yield from session.execute(
            select(Instance.id, Instance.process, Instance.variables, Instance.starter_id).where(
                Instance.id.in_(wanted[start : start + 500]), policy.readable(by)
            )
        ).all()


def _acting(session: Session, person: str, now: datetime) -> Acting:
    """The person with the posts held now; whose account is closed has none."""
    account = accounts.get(session, person)
    if account is not None and account.is_disabled:
        return Acting(person, "", "")
    name = people.names(session, {person}).get(person, "")
    acting = Acting(person, name, account.username if account else "", posts.of(session, person, now))
    return substitutes.with_principals(session, acting, now)


def _title(session: Session, errand: str, by: Acting) -> str:
    standing = errands.get(session, errand, by)
    return standing.title.zh if standing is not None else ZIP


def plug() -> None:
    """Register the errands."""
    house.job(ZIP)(pack)
    house.job(BATCH)(print_batch)
