"""Many documents printed and handed out as one ZIP, in one errand: a form for each, every file by its name (C-30)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import sealing
from app.platform.documents import batch, zipping
from app.platform.documents.entities import Document
from app.platform.identity import behalf
from app.platform.jobs import errands
from app.platform.registry import Acting, Refused, Words, house
from app.platform.runtime import substitutes

KIND = "documents/bundle"
NOTHING = Words(
    "没有可打印的内容，或您已无权查看，未打包。",
    "There is nothing to print, or it is no longer yours to see.",
)
TOO_MUCH = Words(
    f"打印件超过{zipping.MOST_BYTES >> 20} MB，请缩小范围后分批下载。",
    f"The prints exceed {zipping.MOST_BYTES >> 20} MB; choose fewer.",
)


def bundle_later(
    session: Session,
    template: str,
    instances: Sequence[str],
    title: Words,
    file_name_of: Callable[[str], str] | None,
    by: Acting,
    now: datetime,
) -> str:
    """Ask for `template` to be printed in each of `instances` and packed, in this order; return the errand's id.

    `title` names the errand and the ZIP (`大会名-登记表`), `file_name_of(instance)` each PDF in it (`姓名-身份-登记表`;
    None: as its document is called); equal names are told apart by `(2)`. Names are asked for now, kept sealed: people
    stand in them. What `by` may not read by then, and what cannot be printed, is left out. The result is `{"file":
    id, "files": n, "left_out": n, "failed": [instance ids]}`. Joins the open transaction. Raises `Refused` for none
    or too many.
    """
    wanted = list(dict.fromkeys(instances))
    if not wanted:
        raise Refused("没有可以打包的文件", "There are no files to pack")
    if len(wanted) > zipping.MOST_FILES:
        raise Refused(
            f"一次最多打包{zipping.MOST_FILES}个文件，请缩小范围后分批下载",
            f"A ZIP may hold {zipping.MOST_FILES} files; choose fewer",
        )
    names = {instance: _pdf(file_name_of(instance)) for instance in wanted} if file_name_of else {}
    arguments = {
        "template": template,
        "instances": wanted,
        "person": by.person,
        "sealed": base64.b64encode(sealing.seal(orjson.dumps([title.zh, names]))).decode(),
    }
    return errands.begin(session, KIND, title, arguments, by, now, total=len(wanted))


def _pdf(name: str) -> str:
    return f"{name.removesuffix('.pdf')}.pdf"


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Print what is not printed yet, then pack; who takes it up again goes on where it stood. Raises `Stopped`."""
    errand, wanted = str(arguments["errand"]), list(arguments["instances"])
    found = behalf.acting(session, str(arguments["person"]), now)
    if found is None:
        return lambda at: errands.refuse(session, errand, batch.NOBODY, at)
    by = substitutes.with_principals(session, found, now)
    _, failed = batch.print_all(session, errand, str(arguments["template"]), wanted, by, now)
    printed = _printed(session, errand)
    files = zipping.readable(session, by, [printed[one] for one in wanted if one in printed])
    session.rollback()
    if not files:
        return lambda at: errands.refuse(session, errand, NOTHING, at)
    if sum(file.size for file in files) > zipping.MOST_BYTES:
        return lambda at: errands.refuse(session, errand, TOO_MUCH, at)
    name, named = orjson.loads(sealing.unseal(base64.b64decode(arguments["sealed"])))
    names = {printed[instance]: called for instance, called in named.items() if instance in printed}
    more = {"failed": failed}
    total = len(wanted)
    return zipping.packed(session, errand, files, names, name, by, total, begins_at=total, more=more)


def _printed(session: Session, errand: str) -> dict[str, str]:
    """The file of each instance that this errand has printed."""
    rows = session.execute(
        select(Document.instance_id, Document.file_id)
        .where(Document.element == batch.mark_of(errand))
        .order_by(Document.id)
    )
    return {str(row.instance_id): row.file_id for row in rows}


def plug() -> None:
    """Register the errand."""
    house.job(KIND)(run)
