"""Proving the whole record as an errand: every chain walked, compared with the ends kept outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.platform import audit, jobs
from app.platform.data import one_moment
from app.platform.jobs import errands
from app.platform.registry import Acting, Words, house
from app.platform.runtime import heads

KIND = "runtime/prove"
VERIFIED = "audit.verified"
NAMED = 20  # chains that do not hold, named in the result


def begin(session: Session, folder: Path, by: Acting, now: datetime) -> str:
    """Begin the proof in the name of `by`; return the errand. `folder`: where the chains' ends are kept."""
    title = Words("核验日志", "Verify the record")
    return errands.begin(session, KIND, title, {"heads": str(folder), "person": by.person}, by, now)


@house.job(KIND)
@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Walk every chain outside any transaction; what was found is written down with the errand's end."""
    outside = heads.kept(Path(arguments["heads"]))
    with Session(session.get_bind()) as reading, one_moment(reading):
        broken = [str(each) for each in heads.verify(reading, outside)]
    body = {"broken": len(broken), "first": broken[:NAMED], "count": len(outside.instances)}

    def write(at: datetime) -> None:
        audit.log(session, "audit", VERIFIED, arguments["person"], at, body)
        errands.finish(session, arguments["errand"], body, at)

    return write
