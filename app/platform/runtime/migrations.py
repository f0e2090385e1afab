"""Many instances carried over to another version: each is a job of its own, so none holds up another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.platform.identity import people, posts, roles
from app.platform.identity.places import below
from app.platform.jobs import enqueue
from app.platform.registry import Acting, house
from app.platform.runtime import migrating, receipts
from app.platform.runtime.entities import Instance, Version
from app.platform.runtime.errors import Forbidden, InstanceChanged, Unknown

JOB = "runtime/migrate"
LIVE = ("running", "suspended")


def begin(
    session: Session,
    process: str,
    version: int,
    mapping: Mapping[str, str],
    by: Acting,
    now: datetime,
    key: str | None = None,
) -> int:
    """Set a job for each live instance of `process` that `by` looks after and that is not on `version` yet.

    Returns how many. Raises `Unknown` where there is no such version, `Forbidden` for who looks after none,
    `KeyReused`.
    """
    looked_after = roles.places(by.posts, roles.MANAGE)
    if not looked_after:
        raise Forbidden("instance.manage")
    body = receipts.body_of("migrations", process, version, dict(mapping))

    def run() -> Mapping[str, Any]:
        target = session.scalar(
            select(Version.id).where(Version.process == process, Version.number == version)
        )
        if target is None:
            raise Unknown(process)
        found = session.scalars(
            select(Instance.id).where(
                Instance.process == process,
                Instance.state.in_(LIVE),
                Instance.version_id != target,
                or_(*(below(Instance.place, place) for place in sorted(looked_after))),
            )
        ).all()
        for instance in found:
            arguments = {"instance": instance, "version": version, "mapping": dict(mapping), "by": by.person}
            enqueue(session, JOB, arguments, now, instance=instance)
        return {"instances": len(found)}

    return int(receipts.once(session, by.person, key, body, now, run)["instances"])


@house.job(JOB)
def carry(session: Session, arguments: Mapping[str, Any], now: datetime) -> None:
    """Carry one instance over; one that ended meanwhile, or that something stands against, stays where it is.

    Whoever asked for it must still look after it.
    """
    person = arguments["by"]
    name = people.names(session, {person}).get(person, "")
    by = Acting(person, name, "", posts.of(session, person, now))
    instance, version, mapping = arguments["instance"], arguments["version"], arguments["mapping"]
    state = session.scalar(select(Instance.state).where(Instance.id == instance))
    if state not in LIVE:
        return
    try:
        with session.begin_nested():
            seen = migrating.migrate(session, instance, version, mapping, by, now, dry_run=True)
    except (Forbidden, InstanceChanged, Unknown):
        return
    if not seen.obstacles:
        migrating.migrate(session, instance, version, mapping, by, now)
