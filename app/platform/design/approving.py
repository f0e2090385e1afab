"""A publication that waits: approved or declined by another, taken back, and published at its moment by a job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import audit, jobs
from app.platform.data import transaction
from app.platform.design import publishing
from app.platform.design.errors import NotReady, OwnEyes, Rejected, Settled
from app.platform.design.publication_entities import Publication
from app.platform.identity import behalf, roles
from app.platform.registry import Acting, Words, house
from app.platform.runtime.errors import MissingReason, Unknown, Unpublishable

LONGEST_REASON = 500
log = logging.getLogger(__name__)
NO_LONGER = Words(
    "提交发布的人已没有发布权限，或账号已停用",
    "Whoever asked for it may not publish any more, or has no account",
)
BROKE = Words(
    "系统发布时出错，请联系技术支持后重新发布",
    "Publishing failed in the system; ask the support, then publish again",
)


def approve(session: Session, publication: str, by: Acting, now: datetime) -> None:
    """Agree to what another wants published: it counts now, or is planned for its moment.

    Raises `Forbidden`, `Unknown`, `Settled`, `OwnEyes`, and what the checks raise: then it goes on waiting.
    """
    publishing.mind_holder(by)
    row = _row(session, publication)
    files = publishing.files_of(session, row)
    publishing.look(session, row.process, files, now)
    with transaction(session):
        row = _held(session, publication, "waiting")
        if row.asked_by_id == by.person:
            raise OwnEyes()
        asker = behalf.acting(session, row.asked_by_id, now)
        if asker is None or not roles.may(asker.posts, roles.PUBLISH):
            raise Rejected(NO_LONGER)
        later = row.planned_at is not None and row.planned_at > now
        _set(session, publication, state="planned", decided_by_id=by.person, decided_at=now)
        body = {"process": row.process, "note": row.note, "publication": publication}
        audit.log(session, "design", "publication.approved", by, now, body, f"process:{row.process}")
        if later:
            publishing.plan(session, row, now)
        else:
            publishing.make(session, row, files, asker, now)
        name = publishing.named(session, row.process)
        title = Words(f"已同意：发布“{name}”", f"Approved: publish “{name}”")
        then = (
            Words("将按计划时间发布。", "It will be published at its moment.")
            if later
            else Words("已发布。", "It is published.")
        )
        text = Words(
            f"{by.name}同意了“{name}”的发布，{then.zh}",
            f"{by.name} has approved publishing “{name}”. {then.en}",
        )
        publishing.tell(session, row, [row.asked_by_id], title, text, now)


def decline(session: Session, publication: str, reason: str, by: Acting, now: datetime) -> None:
    """Disagree, with a reason; the draft may be changed again. Raises as `approve`, and `MissingReason`."""
    publishing.mind_holder(by)
    why = _reason(reason)
    with transaction(session):
        row = _held(session, publication, "waiting")
        if row.asked_by_id == by.person:
            raise OwnEyes()
        words = {"zh": why, "en": why}
        _set(
            session,
            publication,
            state="declined",
            decided_by_id=by.person,
            decided_at=now,
            ended_at=now,
            reason=words,
        )
        body = {"process": row.process, "publication": publication, "reason": why}
        audit.log(session, "design", "publication.declined", by, now, body, f"process:{row.process}")
        name = publishing.named(session, row.process)
        title = Words(f"未同意：发布“{name}”", f"Declined: publish “{name}”")
        text = Words(
            f"{by.name}不同意发布“{name}”：{why}。", f"{by.name} does not agree to publish “{name}”: {why}."
        )
        publishing.tell(session, row, [row.asked_by_id], title, text, now)


def take_back(session: Session, publication: str, by: Acting, now: datetime) -> None:
    """Take back what waits or is planned, by anybody who may publish; the draft may be changed again.

    Raises `Forbidden`, `Unknown`, `Settled`.
    """
    publishing.mind_holder(by)
    with transaction(session):
        row = _held(session, publication, "waiting", "planned")
        _set(session, publication, state="taken_back", decided_by_id=by.person, decided_at=now, ended_at=now)
        body = {"process": row.process, "publication": publication}
        audit.log(session, "design", "publication.taken_back", by, now, body, f"process:{row.process}")
        if row.asked_by_id != by.person:
            name = publishing.named(session, row.process)
            title = Words(f"已撤回：发布“{name}”", f"Taken back: publish “{name}”")
            text = Words(f"{by.name}撤回了“{name}”的发布。", f"{by.name} has taken back publishing “{name}”.")
            publishing.tell(session, row, [row.asked_by_id], title, text, now)


@house.job(publishing.JOB)
@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None] | None:
    """Publish what is planned, at its moment: everything is checked again; a failure is told and stays listed."""
    publication = arguments["publication"]
    row = session.execute(
        select(Publication.__table__).where(Publication.id == publication, Publication.state == "planned")
    ).one_or_none()
    if row is None:
        return None  # taken back
    asker = behalf.acting(session, row.asked_by_id, now)
    if asker is None or not roles.may(asker.posts, roles.PUBLISH):
        return lambda at: _fail(session, row, NO_LONGER, at)
    files = publishing.files_of(session, row)
    wrong = _wrong(session, row, files, now)
    if wrong is not None:
        return lambda at: _fail(session, row, wrong, at)

    def write(at: datetime) -> None:
        try:
            with session.begin_nested():
                held = _held(session, publication, "planned")
                publishing.make(session, held, files, asker, at)
        except Settled:
            return
        except (Rejected, Unpublishable) as error:
            _fail(session, row, _words(error), at)
            return
        name = publishing.named(session, row.process)
        title = Words(f"已发布：“{name}”", f"Published: “{name}”")
        text = Words(f"“{name}”已按计划发布。", f"“{name}” was published as planned.")
        publishing.tell(session, row, [row.asked_by_id], title, text, at)

    return write


def _wrong(session: Session, row: Any, files: Mapping[str, bytes], now: datetime) -> Words | None:
    """Why it cannot be published now, None where it can."""
    try:
        publishing.look(session, row.process, files, now)
    except (Rejected, Unpublishable, NotReady) as error:
        return _words(error)
    except Exception:  # a check that breaks must not leave the publication waiting for ever, unseen
        log.exception("publication %s could not be checked", row.id)
        return BROKE
    return None


def _words(error: Exception) -> Words:
    if isinstance(error, Rejected):
        return error.words
    if isinstance(error, NotReady):
        said = [Words(one.zh, one.en) for one in error.failures]
    else:
        problems: Any = getattr(error, "problems", ())
        said = [Words(one.message("zh"), one.message("en")) for one in problems]
    return Words("；".join(one.zh for one in said[:5]), "; ".join(one.en for one in said[:5]))


def _fail(session: Session, row: Any, why: Words, now: datetime) -> None:
    done = session.execute(
        update(Publication)
        .where(Publication.id == row.id, Publication.state == "planned")
        .values(state="failed", ended_at=now, reason=why._asdict())
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return
    body = {"process": row.process, "publication": row.id, "reason": why.zh}
    audit.log(session, "design", "publication.failed", None, now, body, f"process:{row.process}")
    name = publishing.named(session, row.process)
    title = Words(f"未能发布：“{name}”", f"Not published: “{name}”")
    text = Words(f"“{name}”未能按计划发布：{why.zh}。", f"“{name}” was not published as planned: {why.en}.")
    publishing.tell(session, row, [row.asked_by_id, row.decided_by_id or ""], title, text, now)


def _row(session: Session, publication: str) -> Any:
    row = session.execute(select(Publication.__table__).where(Publication.id == publication)).one_or_none()
    if row is None:
        raise Unknown(publication)
    if row.state != "waiting":
        raise Settled()
    return row


def _held(session: Session, publication: str, *states: str) -> Any:
    """The publication under lock. Raises `Unknown`, `Settled` where it is in none of these states."""
    row = session.execute(
        select(Publication.__table__).where(Publication.id == publication).with_for_update()
    ).one_or_none()
    if row is None:
        raise Unknown(publication)
    if row.state not in states:
        raise Settled()
    return row


def _set(session: Session, publication: str, **values: Any) -> None:
    session.execute(update(Publication).where(Publication.id == publication).values(**values))


def _reason(text: str) -> str:
    why = text.strip()
    if not why:
        raise MissingReason()
    if len(why) > LONGEST_REASON:
        raise Rejected(
            Words(f"原因最多{LONGEST_REASON}个字", f"A reason has at most {LONGEST_REASON} characters"),
            "reason",
        )
    return why
