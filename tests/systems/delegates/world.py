"""The world of delegates: a city's association that holds a congress, two units it has invited, their liaisons."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data import new_id, transaction
from app.platform.identity import accounts, posts, units
from app.platform.runtime.entities import Instance
from app.systems.delegates import rules
from app.systems.delegates.entities import Allotted, Candidate, Congress, Invitation
from app.systems.delegates.roles import CONVENER, LIAISON, PARTICIPANT
from tests import empty_world

SAMPLES = Path(__file__).parent / "samples"
ASSOCIATION = "邯郸市科学技术协会"
UNIT, OTHER_UNIT = "邯山区科学技术协会", "丛台区科学技术协会"
CONGRESS = "邯郸市科学技术协会第九次代表大会"
TERM = "第九次"
CONVENING, LIAISON_ONE, LIAISON_TWO = "换届经办", "邯山联络员", "丛台联络员"
PASSWORD = "Granit-Weide-47"  # of tests/rooms/conftest.py, so that `House.visit` signs in whoever stands in USERNAMES
PHONES = {CONVENING: "13900000001", LIAISON_ONE: "13900000002", LIAISON_TWO: "13900000003"}
USERNAMES = {CONVENING: "convening", LIAISON_ONE: "liaison1", LIAISON_TWO: "liaison2"}


def sample_quota() -> dict[str, rules.Allotment]:
    """What d_quota.csv allots: two delegates, one of them the member's seat."""
    keys = {words[0]: key for key, words in rules.IDENTITIES.items()}
    with (SAMPLES / "d_quota.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return {
        keys[identity]: rules.Allotment(
            int(seats),
            {minimum: int(least) for minimum, least in zip(rules.MINIMUMS, least_of, strict=True) if least},
        )
        for identity, seats, *least_of in rows
    }


@dataclass
class World(empty_world.EmptyWorld):
    """Sessions on one database, and who lives in it."""

    congress: str = ""
    association: str = ""
    units: dict[str, str] = field(default_factory=dict)

    system = "delegates"
    process = "delegates_congress_setup"  # the chain whose form a page of its own shows

    @property
    def unit(self) -> str:
        """The first liaison's unit."""
        return self.units[UNIT]

    @property
    def other_unit(self) -> str:
        """The second liaison's."""
        return self.units[OTHER_UNIT]

    def settle_unit(self, name: str, region: str) -> str:
        """Found an organisation; return its id."""
        with self.session() as session:
            self.units[name] = units.add(session, name, region, None, self.now)
        return self.units[name]

    def appoint(self, name: str, role: str, unit: str, subject: str = "*") -> str:
        """Let somebody live here with an account (by name, phone and password) and a role at a unit."""
        person = self.people.get(name) or self.enter(name)
        with self.session() as session, transaction(session):
            if name in USERNAMES and accounts.get(session, person) is None:
                accounts.create(
                    session, USERNAMES[name], name, None, self.now, PASSWORD,
                    PHONES[name], person=person, demo=True,
                )  # fmt: skip
            facts = units.get(session, unit)
            assert facts is not None
            posts.grant(session, person, role, facts.path, subject, self.now, None)
        return person

    def hold_congress(
        self, name: str = CONGRESS, *, at: str | None = None, published: bool = True, **settings: object
    ) -> str:
        """Enter a congress of the association (or of the unit `at`) as rows, published; return its id."""
        unit, identifier = at or self.association, new_id()
        with self.session() as session, transaction(session):
            facts = units.get(session, unit)
            assert facts is not None
            congress = Congress(
                id=identifier,
                instance_id=new_id(),
                unit_id=unit,
                place=facts.path,
                name=name,
                term=TERM,
                begins_on=date(2026, 12, 20),
                ends_on=date(2026, 12, 22),
                report_by=datetime(2026, 12, 10, 10, 0, tzinfo=UTC),
                made_at=self.now - timedelta(days=2),
                published_at=self.now - timedelta(days=1) if published else None,
            )
            for key, value in settings.items():
                setattr(congress, key, value)
            session.add(congress)
        return identifier

    def invite(
        self,
        unit: str,
        quota: Mapping[str, rules.Allotment] | None = None,
        *,
        liaison: str = LIAISON_ONE,
        congress: str | None = None,
    ) -> str:
        """Invite a unit with this quota (that of d_quota.csv; `{}`: none yet); return the invitation's id."""
        identifier, given = new_id(), sample_quota() if quota is None else quota
        with self.session() as session, transaction(session):
            facts = units.get(session, unit)
            assert facts is not None
            session.add(
                Invitation(
                    id=identifier,
                    congress_id=congress or self.congress,
                    unit_id=unit,
                    place=facts.path,
                    liaison=liaison,
                    phone=PHONES.get(liaison, "13900000009"),
                    liaison_id=self.people.get(liaison),
                    told_at=self.now,
                )
            )
            session.flush()
            session.add_all(
                Allotted(
                    invitation_id=identifier,
                    identity=identity,
                    seats=allotment.seats,
                    minimums=dict(allotment.minimums),
                )
                for identity, allotment in given.items()
            )
        return identifier

    def allot_seats(
        self, unit: str, quota: Mapping[str, rules.Allotment], congress: str | None = None
    ) -> None:
        """Change what a unit is allotted."""
        with self.session() as session, transaction(session):
            invitation = session.scalars(
                select(Invitation.id).where(
                    Invitation.congress_id == (congress or self.congress), Invitation.unit_id == unit
                )
            ).one()
            for row in session.scalars(select(Allotted).where(Allotted.invitation_id == invitation)):
                session.delete(row)
            session.flush()
            session.add_all(
                Allotted(
                    invitation_id=invitation,
                    identity=identity,
                    seats=allotment.seats,
                    minimums=dict(allotment.minimums),
                )
                for identity, allotment in quota.items()
            )

    def stage(self, instance: str) -> str | None:
        """What pages call an instance."""
        with self.session() as session:
            return session.scalar(select(Instance.stage_zh).where(Instance.id == instance))

    def candidate(self, name: str) -> Candidate:
        """A candidate by name, read and let go; the one recommended last, where several are called so."""
        with self.session() as session:
            found = session.scalars(
                select(Candidate).where(Candidate.name == name).order_by(Candidate.id.desc()).limit(1)
            ).one()
            session.expunge(found)
            return found

    def candidates(self, session: Session) -> list[Candidate]:
        """Everybody who holds a seat, in the order of recommendation."""
        return list(
            session.scalars(select(Candidate).where(Candidate.removed_at.is_(None)).order_by(Candidate.id))
        )


def build(engine: Engine, folder: Path, press: documents.Press) -> World:
    """Make the world on an empty database."""
    world = World(engine)
    empty_world.prepare(world, folder, press)
    world.association = world.settle_unit(ASSOCIATION, "130400")
    world.settle_unit(UNIT, "130402")
    world.settle_unit(OTHER_UNIT, "130403")
    world.appoint(CONVENING, CONVENER, world.association)
    for name, unit in ((LIAISON_ONE, world.unit), (LIAISON_TWO, world.other_unit)):
        world.appoint(name, LIAISON, unit)
        world.appoint(name, PARTICIPANT, unit)
    world.congress = world.hold_congress()
    world.invite(world.unit)
    world.invite(world.other_unit, liaison=LIAISON_TWO)
    return world
