"""People of a unit on their way to the report, as the tests of slates and review lists need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update

from app.platform.data import new_id, transaction
from app.platform.identity import people
from app.platform.registry import Acting
from app.platform.runtime import messages
from app.platform.runtime.entities import Instance
from app.systems.delegates import rules, slates
from app.systems.delegates.entities import Candidate, Congress, Invitation, Slate
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, World

RIGHT = ("委员/是/40/汉族/民盟/男", "代表/是/50/汉族/中国共产党党员/女")
"""A slate that is green under d_quota.csv."""
CODES = {zh: code for code, (zh, _) in rules.IDENTITIES.items()}


def facts(text: str) -> dict[str, Any]:
    """What a line of d_quota_cases.csv says of a person."""
    identity, grassroots, age, ethnicity, party, gender = text.strip().split("/")
    return {
        "identity": CODES[identity],
        "is_grassroots": grassroots == "是",
        "age": int(age),
        "born_on": date(2026 - int(age), 1, 2),
        "ethnicity": ethnicity,
        "party": party,
        "gender": {"男": "male", "女": "female"}[gender],
    }


def recommend(world: World, name: str, given: Mapping[str, Any], unit: str | None = None) -> str:
    """A candidate whose registration form is filled in, not submitted yet; return the candidate's id."""
    at, identifier = unit or world.unit, new_id()
    with world.session() as session, transaction(session):
        congress = session.get_one(Congress, world.congress)
        person = people.add(session, {"name": name}, None, world.now)
        count = len(session.scalars(select(Candidate.id)).all())
        session.add(
            Candidate(
                id=identifier,
                instance_id="",
                congress_id=congress.id,
                unit_id=at,
                place=congress.place,
                person_id=person,
                name=name,
                phone=f"139{count:08}",
                phone_hash=f"{count:064}",
                recommended_at=world.now,
                submitted_at=world.now,
                **given,
            )
        )
        session.flush()
        data = {"candidate_id": identifier, "congress": congress.id, "unit": at, "convener": congress.unit_id}
        by = Acting("", "", "")
        messages.send(session, "delegates_recommended", identifier, data, by, world.now)
        instance = session.scalars(select(Instance.id).order_by(Instance.id.desc()).limit(1)).one()
        session.execute(update(Candidate).where(Candidate.id == identifier).values(instance_id=instance))
    world.people.setdefault(name, person)
    return identifier


def instance_of(world: World, candidate: str) -> str:
    """The instance of a candidate."""
    with world.session() as session:
        return session.scalars(select(Candidate.instance_id).where(Candidate.id == candidate)).one()


def stage_of(world: World, candidate: str) -> str | None:
    """What pages call a candidate's state."""
    return world.stage(instance_of(world, candidate))


def decide(
    world: World,
    candidate: str,
    element: str,
    outcome: str,
    name: str = LIAISON_ONE,
    comment: str = "",
) -> None:
    """Decide an open step of the candidate without a form."""
    world.decide(instance_of(world, candidate), element, outcome, name, comment=comment)


def waiting(world: World, lines: Sequence[str] = RIGHT, unit: str | None = None) -> list[str]:
    """Candidates who passed the first review and wait to be reported; their ids."""
    found = []
    for number, line in enumerate(lines, 1):
        candidate = recommend(world, f"人选{number}", facts(line), unit)
        decide(world, candidate, "fill", "submit")
        decide(world, candidate, "first_review", "pass", comment="同意")
        found.append(candidate)
    return found


def report(
    world: World, letter: str = "请审核", name: str = LIAISON_ONE, unit: str | None = None
) -> slates.Reported:
    """Press 全部上报."""
    with world.session() as session:
        return slates.report_all(
            session, world.congress, unit or world.unit, letter, world.acting(name), world.now
        )


def withdraw(world: World, candidate: str, name: str = LIAISON_ONE) -> int:
    """撤销, as the message that does it; how many got it."""
    with world.session() as session:
        return messages.send(session, "delegates_withdraw", candidate, {}, world.acting(name), world.now)


def final(world: World, candidate: str, outcome: str = "pass", comment: str = "同意") -> None:
    """The convening unit decides."""
    decide(world, candidate, "final_review", outcome, CONVENING, comment)


def slate_rows(world: World) -> list[Slate]:
    """Every slate there is, in its order."""
    with world.session() as session:
        found = list(session.scalars(select(Slate).order_by(Slate.id)))
        session.expunge_all()
        return found


def figures(world: World, unit: str | None = None) -> slates.Figures:
    """The indicators of a unit."""
    with world.session() as session:
        invitation = session.scalars(
            select(Invitation).where(
                Invitation.congress_id == world.congress, Invitation.unit_id == (unit or world.unit)
            )
        ).one()
        return slates.figures(session, invitation)
