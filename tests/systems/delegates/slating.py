"""People of a unit on their way to the report, as the tests of slates and review lists need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import cycle, product

from sqlalchemy import select

from app.platform.runtime import messages
from app.systems.delegates import candidates, rules, slates
from app.systems.delegates.entities import Candidate, Invitation, Slate
from tests.systems.delegates import filling
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, World

_names = cycle(["".join(each) for each in product("赵钱孙李周吴郑王冯陈", "安和平宁清明朗远思齐", "之文")])
RIGHT = ("委员/是/40/汉族/民盟/男", "代表/是/50/汉族/中国共产党党员/女")
"""A slate that is green under d_quota.csv."""
CODES = {zh: code for code, (zh, _) in rules.IDENTITIES.items()}


def facts(world: World, text: str) -> tuple[str, dict[str, Sequence[str]]]:
    """What a line of d_quota_cases.csv says of a person: the identity, and the form that says the rest."""
    identity, grassroots, age, ethnicity, party, gender = text.strip().split("/")
    born = date(world.now.year - int(age), 1, 2)
    return CODES[identity], {
        "is_grassroots": ["yes" if grassroots == "是" else "no"],
        "born_on": [f"{born:%Y-%m-%d}"],
        "id_number": [filling.id_number(born, 611 if gender == "男" else 622)],
        "ethnicity": [ethnicity],
        "party": [party],
        "gender": ["male" if gender == "男" else "female"],
    }


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


def waiting(world: World, lines: Sequence[str] = RIGHT) -> list[str]:
    """Candidates who passed the first review and wait to be reported; their ids."""
    found = []
    for line in lines:
        name = next(_names)
        identity, form = facts(world, line)
        instance = filling.passed(world, name, identity, **form)
        with world.session() as session:
            found.append(candidates.of_instance(session, instance).id)
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
        return slates.figures(session, world.congress, unit or world.unit, world.now)


def invitation_of(world: World, unit: str | None = None) -> str:
    """The id of a unit's invitation."""
    with world.session() as session:
        return session.scalars(
            select(Invitation.id).where(
                Invitation.congress_id == world.congress, Invitation.unit_id == (unit or world.unit)
            )
        ).one()
