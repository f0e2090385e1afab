"""The substitutions of somebody who was entered twice: those in which he stands in go on, those for him end.

Whoever stands in for somebody has all that he has: so nobody comes to stand in for the one that stays by a merge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.identity import authority
from app.platform.registry import Acting
from app.platform.runtime import substitutes
from app.platform.runtime.entities import Substitute


@dataclass(frozen=True, slots=True)
class StandingFate:
    """What becomes of a substitution. `other`: the one who stands in for him, or for whom he stands in."""

    id: str
    is_absent: bool
    other: str
    other_name: str
    until_at: datetime
    becomes: Literal["ended", "moves"]


def draw_up(session: Session, drop: str, keep: str, by: Acting, now: datetime) -> list[StandingFate]:
    """What becomes of the substitutions of `drop` that are not over, and of those between the two."""
    found = []
    for one in reversed(substitutes.of(session, drop)):
        if one.ended_at is not None or one.until_at <= now:
            continue
        is_absent = one.person == drop
        other, name = (one.substitute, one.substitute_name) if is_absent else (one.person, one.person_name)
        goes = not is_absent and other != keep and authority.why_not_manage(session, other, by, now) is None
        found.append(StandingFate(one.id, is_absent, other, name, one.until_at, "moves" if goes else "ended"))
    return found


def hand(session: Session, drop: str, fates: Iterable[StandingFate], by: Acting, now: datetime) -> None:
    """End what ends; the rest goes over with all that is somebody's (`belonging`). In the open transaction."""
    for fate in fates:
        if fate.becomes == "ended":
            session.execute(update(Substitute).where(Substitute.id == fate.id).values(ended_at=now))
            said = {"id": fate.id, "substitute": fate.other if fate.is_absent else drop}
            about = f"person:{drop if fate.is_absent else fate.other}"
            audit.log(session, "runtime", "substitute.ended", by, now, said, about)
