"""The demonstration's congress: made, its units invited, its seats allotted, published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.platform.forms import read
from app.platform.registry import Ground
from app.platform.runtime import asking, versions
from app.systems.delegates import candidates, congresses, invitations, quota_matrix, quotas, rules
from app.systems.delegates.demo import steps

NAME = "邯郸市科学技术协会第九次代表大会"
SEATS: Mapping[str, tuple[int, ...]] = {
    rules.MEMBER: (2, 1, 1, 0, 1, 1),
    rules.DELEGATE: (6, 2, 2, 1, 1, 2),
    "special": (2,),
    "observer": (1,),
    "guest": (1,),
    "staff": (1,),
}
SMALL: Mapping[str, tuple[int, ...]] = {rules.MEMBER: (1, 1, 1, 0, 1, 0), rules.DELEGATE: (3, 1, 1, 0, 1, 0)}
"""The second unit's: close to the manual's example, so that its slate can be reported whole."""


def hold(
    ground: Ground,
    convening: str,
    units: Sequence[str],
    liaisons: Sequence[tuple[str, str, str]],
    at: datetime,
) -> str:
    """Make and publish it; return the congress's id."""
    with ground.sessions() as session:
        by = steps.acting(session, convening, at)
        step = versions.current(session, congresses.PROCESS).forms[congresses.FORM].at("configure")
        given = asking.given(
            session,
            dict(congresses.DEFAULTS),
            lambda _: None,
            by=by,
            now=at,
            process=congresses.PROCESS,
        )
        entry = steps.good(read(step, _terms(ground.now), given))
        congress = congresses.create(session, entry, by, at)
        reported = [
            invitations.Reported(unit, name, phone)
            for unit, (_, name, phone) in zip(units, liaisons, strict=True)
        ]
        invited = invitations.invite(session, congress, reported, by, at)
        congresses.to_quotas(session, congress, by, at)
        typed: dict[str, str] = {}
        for invitation, seats in zip(invited, (SEATS, SMALL), strict=True):
            typed |= _typed(invitation, seats)
        quotas.save(session, congress, typed, by, at)
        congresses.publish(session, congress, by, at)
    return congress


def _terms(now: datetime) -> dict[str, list[str]]:
    day = candidates.local_day(now)
    return {
        "name": [NAME],
        "term": ["第九次"],
        "begins_on": [(day + timedelta(days=40)).isoformat()],
        "ends_on": [(day + timedelta(days=42)).isoformat()],
        "report_by": [f"{day + timedelta(days=21)}T18:00"],
        "young": ["with"],
        "heads": ["equal"],
    }


def _typed(invitation: str, seats: Mapping[str, tuple[int, ...]]) -> dict[str, str]:
    """What the quota matrix is filled in with for one unit."""
    quota = {
        identity: rules.Allotment(heads, dict(zip(rules.MINIMUMS, least, strict=False)))
        for identity, (heads, *least) in seats.items()
    }
    return quota_matrix.typed(quota, invitation)
