"""The button at what stands still: a repair of one line, for a reason, and by two where that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.monitoring import mends, repair_requests, repairing
from app.platform.monitoring.repair_lines import BadLine, Line
from app.platform.registry import Acting, Words
from app.platform.runtime import errors
from app.platform.runtime.moving import hold_to_manage

POSTS: Final = frozenset({"retry", *mends.VERBS})
"""The verbs that a button does at once; the others lead to a page."""
ALONE: Final = frozenset({"resume", "retry"})
"""What the page of an instance lets one do without a second one, so that nothing is gained by asking for him here."""


@dataclass
class NotMended(Exception):
    """The button did not help, in words; nothing has been changed."""

    words: Words


def by_two(verb: str) -> bool:
    """Whether the installation wants a second one for this verb."""
    return verb not in ALONE and repair_requests.takes_two()


def mend(session: Session, verb: str, key: str, reason: str, by: Acting, now: datetime) -> str | None:
    """Mend what stands still; return the repair that waits for a second one, None where it is done.

    `verb` and `key` are a stall's. By whoever looks after the instance. Raises `Unknown`, `Forbidden`, `BadReason`,
    `NotMended`.
    """
    if verb not in POSTS:
        raise errors.Unknown(key)
    instance, lines = mends.instance_of(session, verb, key), [Line(verb, key)]  # type: ignore[arg-type]
    try:
        with transaction(session):
            held = hold_to_manage(session, instance, by, now)
            asked = (session, instance, lines, repairing.reason_of(reason), held.revision)
            if by_two(verb):
                return repair_requests.ask(*asked, int(held.row.history_length), by, now)
            repairing.apply(*asked, by, now)
            told = {"verb": verb, "instance": instance, "key": key}
            audit.log(session, "runtime", "stall.mended", by, now, told)
    except BadLine as error:
        raise NotMended(error.words) from error
    return None
