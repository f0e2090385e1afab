"""What the district's own page does with its summary besides its steps: the upload is deleted (P-33)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.registry import Acting, Refused, Words
from app.platform.runtime import messages
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import Unknown
from app.systems.permits import summaries

NOT_REVIEWED = Words(
    "尚有未审核的项目，不能生成汇总表", "Some declarations are not reviewed yet: there is no summary"
)
ONE_FILE = Words("只允许上传1个文件", "Only one file may be uploaded")
DECIDED = Words(
    "汇总表已由市级管理员办理，不能删除", "The city has dealt with the summary: it cannot be deleted"
)
NOT_YET = Words(
    "请等待汇总表生成并打印、签字、盖章后再上传",
    "Wait for the summary, print it, and have it signed and stamped",
)


def open_step(session: Session, instance: str, *elements: str) -> str | None:
    """The id of the summary's open task at one of `elements`."""
    return session.scalar(is_open(instance, *elements))


def is_open(instance: str, *elements: str) -> Select[str]:
    """Asks for the summary's open task at one of `elements`."""
    return select(Task.id).where(
        Task.instance_id == instance, Task.element.in_(elements), Task.state == "open"
    )


def delete_upload(
    session: Session, project: str, district: str, upload: str, by: Acting, now: datetime
) -> None:
    """Take the upload back before the city has confirmed it; it is kept as history (P-33, P-36).

    Raises `Unknown` for what is no upload of the pair, `Refused` once it counts no more or the city has decided.
    """
    found = next((each for each in summaries.uploads(session, project, district) if each.id == upload), None)
    if found is None:
        raise Unknown(upload)
    with transaction(session):
        reached = 0
        if found.aside_at is None:
            about = summaries.correlation(project, district)
            reached = messages.send(session, summaries.DELETED, about, {}, by, now)
        if not reached:
            raise Refused(DECIDED.zh, DECIDED.en)
