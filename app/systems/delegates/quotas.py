"""What each invited unit is allotted: the whole matrix read and saved at once (EN-D2, PG-D13)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.identity.entities import Unit
from app.platform.registry import Acting, Refused, Words
from app.systems.delegates import congresses, quota_matrix, rules
from app.systems.delegates.entities import Allotted, Candidate, Invitation
from app.systems.delegates.rules import Allotment, Quota


class Wrong(Exception):
    """Nothing was written: what is wrong, by the name of the cell (`quota_matrix.cell`)."""

    def __init__(self, complaints: Mapping[str, Words]) -> None:
        super().__init__(str(list(complaints)))
        self.complaints = dict(complaints)


@dataclass(frozen=True, slots=True)
class Overrun:
    """A unit that has recommended more of an identity than it may now (2.8, answer 6)."""

    unit: str
    identity: str
    used: int
    seats: int


def of(session: Session, congress: str) -> dict[str, Quota]:
    """What each invitation of a congress is allotted; an empty quota where nothing was entered yet (D-48)."""
    found: dict[str, dict[str, Allotment]] = {
        invitation: {}
        for invitation in session.scalars(select(Invitation.id).where(Invitation.congress_id == congress))
    }
    rows = session.scalars(select(Allotted).where(Allotted.invitation_id.in_(found)))
    for row in rows:
        found[row.invitation_id][row.identity] = Allotment(row.seats, dict(row.minimums))
    return dict(found)


def used(session: Session, congress: str) -> dict[str, list[str]]:
    """The identities of everybody who holds a seat, by unit."""
    found: dict[str, list[str]] = {}
    rows = session.execute(
        select(Candidate.unit_id, Candidate.identity).where(
            Candidate.congress_id == congress, Candidate.removed_at.is_(None)
        )
    )
    for unit, identity in rows:
        found.setdefault(unit, []).append(identity)
    return found


def save(
    session: Session, congress: str, typed: Mapping[str, str], by: Acting, now: datetime
) -> list[Overrun]:
    """Save the whole matrix as typed, or nothing of it; return the units it leaves with more people than seats.

    A row nobody typed anything into stays without quota. Raises `Unknown`, `Wrong`, `Refused`.
    """
    with transaction(session):
        held = congresses.get(session, congress, by)
        if held.ended_at is not None:
            raise Refused("大会已结束，不能修改", "The congress is over")
        rows = session.execute(
            select(Invitation.id, Invitation.unit_id, Unit.name)
            .join(Unit, Unit.id == Invitation.unit_id)
            .where(Invitation.congress_id == held.id)
            .order_by(Invitation.id)
            .with_for_update(of=Invitation)
        ).all()
        before, there = of(session, held.id), used(session, held.id)
        after = _read(typed, [row.id for row in rows], before)
        changed: dict[str, dict[str, list[int]]] = {}
        over: list[Overrun] = []
        for row in rows:
            if row.id not in after:
                continue
            new, old = after[row.id], before[row.id]
            if new == old:
                continue
            changed[row.name] = quota_matrix.differences(old, new)
            seats = rules.seats_used(there.get(row.unit_id, ()))
            over += [
                Overrun(row.name, kind, seats[kind], new[kind].seats)
                for kind in quota_matrix.overrun(old, new, there.get(row.unit_id, ()))
            ]
            _write(session, row.id, new)
        if changed:
            body = {"congress": held.id, "units": changed}
            audit.log(session, "delegates", "quota.changed", by, now, body, congresses.about_of(held.id))
    return over


def _read(typed: Mapping[str, str], rows: Collection[str], before: Mapping[str, Quota]) -> dict[str, Quota]:
    found: dict[str, Quota] = {}
    wrong: dict[str, Words] = {}
    for row in rows:
        cells = [quota_matrix.cell(row, *column) for column in quota_matrix.COLUMNS]
        said = [cell in typed for cell in cells]
        is_empty = not any(typed.get(cell, "").strip() for cell in cells)
        if not any(said) or (is_empty and not before[row]):
            continue
        quota, complaints = quota_matrix.read(typed, row)
        wrong |= {name: Words(*words) for name, words in complaints.items()}
        found[row] = quota
    if wrong:
        raise Wrong(wrong)
    return found


def _write(session: Session, invitation: str, quota: Quota) -> None:
    session.execute(delete(Allotted).where(Allotted.invitation_id == invitation))
    session.add_all(
        Allotted(
            invitation_id=invitation,
            identity=identity,
            seats=allotment.seats,
            minimums=dict(allotment.minimums),
        )
        for identity, allotment in quota.items()
    )
    session.flush()
