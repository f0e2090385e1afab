"""Publishing a draft with a note, now or at a moment, where it is so set after another pair of eyes; and going back.

What is published is exactly the revision that was asked for. Checks, the trial in a child among them, run outside the
transaction, again at the planned moment; what fails then is told and stays listed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.platform import audit, jobs, notices, settings
from app.platform.data import new_id, transaction
from app.platform.design import carrying, drafts, editing, rehearsal_tests, standing
from app.platform.design.entities import Draft
from app.platform.design.errors import CountChanged, MovedOn, NotReady, Planned, Rejected
from app.platform.design.publication_entities import Publication
from app.platform.identity import posts, roles
from app.platform.notices import Kind, kinds
from app.platform.registry import Acting, Words, house
from app.platform.runtime import versions
from app.platform.runtime.entities import Process, Version
from app.platform.runtime.errors import Forbidden, Unknown

JOB: Final = "design/publish"
NOTICE: Final = "publication"
SHORTEST_NOTE, LONGEST_NOTE = 2, 500
TWO_PAIRS: Final = "design.two_pairs_of_eyes"
log = logging.getLogger(__name__)

Check = Callable[[Session, str, Mapping[str, bytes], datetime], Sequence[Words]]

before_publishing: list[Check] = [rehearsal_tests.before_publication]
"""What must hold besides the checks: `(session, process, files, now) -> sentences`, none where all is well.

Asked outside a transaction. The tests that lie with a process are the first of them.
"""

settings.define_group("design", Words("流程设计", "Process design"))
settings.define(
    settings.Definition(
        TWO_PAIRS,
        Words("发布须经他人复核", "Publishing takes two"),
        "yes",
        False,
        group="design",
        about=Words(
            "开启后，流程发布和退回旧版须由另一名有发布权限的人同意才生效",
            "On: what one person wants published counts once another who may publish has agreed",
        ),
    )
)
kinds.enter(
    Kind(
        NOTICE,
        Words("流程发布", "Publications"),
        Words(
            "有流程发布等我复核，或我提交的发布有了结果",
            "A publication waits for my approval, or one of mine has come to something",
        ),
        frozenset({"email"}),
    )
)


@dataclass(frozen=True, slots=True)
class Wish:
    """How to publish: with which note, when (None: now), and whether what runs is carried over, by which mapping.

    `count`: so many instances were confirmed to be carried over.
    """

    note: str
    at: datetime | None = None
    carries: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    count: int | None = None


def ask(session: Session, draft: str, revision: int, wish: Wish, by: Acting, now: datetime) -> str:
    """Publish revision `revision` of a draft, or let that wait; return the publication's id.

    Raises `Forbidden`, `Rejected`, `Unknown`, `MovedOn`, `Planned`, `Unpublishable`, `NotReady`, `CountChanged`.
    """
    mind_holder(by)
    note = _noted(wish, now)
    facts = drafts.get(session, draft)
    files = drafts.files(session, draft, revision)
    look(session, facts.process, files, now)
    with transaction(session):
        row = editing.of(session, draft, lock=True)
        if row.revision != revision:
            raise MovedOn(row.revision)
        if standing.stands_still(session, draft):
            raise Planned()
        values = {"process": row.process, "draft_id": draft, "revision": revision, "of_id": None}
        return _enter(session, values, note, wish, files, by, now)


def roll_back(session: Session, process: str, number: int, note: str, by: Acting, now: datetime) -> str:
    """Publish version `number` of a process again, as a new one; return the publication's id. Raises as `ask`."""
    mind_holder(by)
    wish = Wish(note)
    text = _noted(wish, now)
    earlier = session.execute(
        select(Version.id, Process.current_id)
        .join(Process, Process.key == Version.process)
        .where(Version.process == process, Version.number == number)
    ).one_or_none()
    if earlier is None:
        raise Unknown(process)
    if earlier.id == earlier.current_id:
        raise Rejected(Words("这就是当前版本", "This is the current version"))
    files = drafts.version_files(session, earlier.id)
    look(session, process, files, now)
    with transaction(session):
        values = {"process": process, "draft_id": None, "revision": None, "of_id": earlier.id}
        return _enter(session, values, text, wish, files, by, now)


def look(session: Session, process: str, files: Mapping[str, bytes], now: datetime) -> None:
    """Ask everything that must hold before a publication. Raises `Unpublishable`, `Rejected`, `NotReady`."""
    checked = versions.check(files, trial=True)
    if process not in checked:
        raise Rejected(
            Words(
                f"文件中没有流程“{process}”的流程图",
                f"No diagram of the process “{process}” is among the files",
            )
        )
    failures = tuple(one for check in before_publishing for one in check(session, process, files, now))
    session.rollback()  # ends the reads
    if failures:
        raise NotReady(failures)


def mind_holder(by: Acting) -> None:
    """Raise `Forbidden` unless `by` may publish."""
    if not roles.may(by.posts, roles.PUBLISH):
        raise Forbidden("processes.publish")


def files_of(session: Session, row: Any) -> dict[str, bytes]:
    """The files a publication is about: those of its revision, or of the version it brings back."""
    if row.of_id is not None:
        return drafts.version_files(session, row.of_id)
    return drafts.files(session, row.draft_id, row.revision)


def make(session: Session, row: Any, files: Mapping[str, bytes], by: Acting, now: datetime) -> str:
    """Let it count: the new version, the draft closed, what runs carried over. In the open transaction.

    `by` is who has asked; `row` the publication. Raises `Rejected` where nothing has changed.
    """
    (made,) = versions.publish(session, files, by, now, only=row.process)
    if not made.is_new:
        raise Rejected(
            Words(
                "与当前版本完全相同，没有可发布的修改",
                "It is the same as the current version: there is nothing to publish",
            )
        )
    done = {"state": "published", "ended_at": now, "version_id": made.version}
    session.execute(update(Publication).where(Publication.id == row.id).values(**done))
    if row.draft_id is not None:
        session.execute(update(Draft).where(Draft.id == row.draft_id).values(closed_at=now))
    body = {"process": row.process, "number": made.number, "note": row.note, "publication": row.id}
    if row.of_id is not None:
        body["of"] = session.scalar(select(Version.number).where(Version.id == row.of_id))
    kind = "publication.published" if row.of_id is None else "publication.rolled_back"
    audit.log(session, "design", kind, by, now, body, f"process:{row.process}")
    if row.carries:
        carrying.begin(session, row.process, made.version, row.mapping, by, now)
    return made.version


def plan(session: Session, row: Any, now: datetime) -> None:
    """Let a job publish it at its moment; in the open transaction."""
    jobs.enqueue(session, JOB, {"publication": row.id}, now, key=f"publish:{row.id}", due=row.planned_at)


def tell(session: Session, row: Any, people: Sequence[str], title: Words, text: Words, now: datetime) -> None:
    """Tell people of a publication, whose note stands below; in the open transaction."""
    noted = Words(f"{text.zh}说明：{row.note}", f"{text.en} Note: {row.note}")
    notices.send(session, [one for one in people if one], title, noted, now, kind=NOTICE)


def others(session: Session, person: str, now: datetime) -> list[str]:
    """Everybody else who may publish now."""
    able = [key for key, role in house.roles.items() if roles.PUBLISH in role.permissions]
    found = {one for role in able for one, _name in posts.holders(session, role, "", None, now)}
    return sorted(found - {person})


def named(session: Session, process: str) -> str:
    """What a process is called in a notice: its name, or its key as long as it has none."""
    return session.scalar(select(Process.name_zh).where(Process.key == process)) or process


def _noted(wish: Wish, now: datetime) -> str:
    note = wish.note.strip()
    if not SHORTEST_NOTE <= len(note) <= LONGEST_NOTE:
        words = Words(
            f"请填写修改说明，{SHORTEST_NOTE}至{LONGEST_NOTE}个字",
            f"Say what has changed, in {SHORTEST_NOTE} to {LONGEST_NOTE} characters",
        )
        raise Rejected(words, "note")
    if wish.at is not None and wish.at <= now:
        raise Rejected(Words("计划时间须晚于现在", "The moment must lie in the future"), "at")
    return note


def _enter(
    session: Session,
    values: Mapping[str, Any],
    note: str,
    wish: Wish,
    files: Mapping[str, bytes],
    by: Acting,
    now: datetime,
) -> str:
    """Write the publication down and do what is due: wait for somebody, for the moment, or publish."""
    if wish.carries:
        count = carrying.count(session, str(values["process"]), None, by)
        if wish.count != count:
            raise CountChanged(count)
    waits = bool(settings.value(TWO_PAIRS))
    state = "waiting" if waits else "planned"
    publication = new_id()
    session.execute(
        insert(Publication).values(
            id=publication,
            **values,
            note=note,
            state=state,
            asked_by_id=by.person,
            asked_at=now,
            planned_at=wish.at,
            carries=wish.carries,
            mapping=dict(wish.mapping) if wish.carries else {},
        )
    )
    row = session.execute(select(Publication.__table__).where(Publication.id == publication)).one()
    if waits or wish.at is not None:
        kind = "publication.asked" if waits else "publication.planned"
        body = {"process": row.process, "revision": row.revision, "note": note, "publication": publication}
        if wish.at is not None:
            body["at"] = wish.at.isoformat()
        audit.log(session, "design", kind, by, now, body, f"process:{row.process}")
    if waits:
        name = named(session, row.process)
        title = Words(f"待复核：发布“{name}”", f"To approve: publish “{name}”")
        text = Words(
            f"{by.name}请您复核“{name}”的发布。", f"{by.name} asks you to approve publishing “{name}”."
        )
        tell(session, row, others(session, by.person, now), title, text, now)
    elif wish.at is not None:
        plan(session, row, now)
    else:
        make(session, row, files, by, now)
    return publication
