"""The frozen roster of a report, and what a later report changed in it (D-33, D-40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.registry import Words
from app.systems.delegates import candidates, choices, rules
from app.systems.delegates.entities import Candidate, Congress, Slate

LABELS: Mapping[str, Words] = {
    "name": Words("姓名", "Name"),
    "identity": Words("身份", "Role"),
    "gender": Words("性别", "Sex"),
    "ethnicity": Words("民族", "Ethnicity"),
    "party": Words("党派", "Party"),
    "second_party": Words("党派2", "Second party"),
    "born_on": Words("出生日期", "Born"),
    "age": Words("年龄", "Age"),
    "grassroots": Words("基层一线", "Grass-roots"),
}
Roster = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """A person whom a report has and the one before had not, or the other way round, or with other data."""

    kind: Literal["added", "left", "changed"]
    name: str
    identity: str
    fields: tuple[tuple[Words, str, str], ...] = ()


def entry(candidate: Candidate, congress: Congress, now: datetime, *, is_new: bool) -> dict[str, Any]:
    """A person of a roster as the congress receives him. `new`: it is this report that sends him."""
    return {
        "id": candidate.id,
        "name": candidate.name,
        "identity": candidate.identity,
        "gender": candidate.gender,
        "ethnicity": candidate.ethnicity,
        "party": candidate.party,
        "second_party": candidate.second_party,
        "born_on": candidate.born_on.isoformat() if candidate.born_on else None,
        "age": candidates.standing_of(candidate, congress, now).age,
        "grassroots": bool(candidate.is_grassroots),
        "new": is_new,
    }


def changes(before: Roster, after: Roster) -> list[Change]:
    """What a report changed against the one before: who came, who left, whose data are others."""
    was, now = ({one["id"]: one for one in roster} for roster in (before, after))
    found = [Change("added", one["name"], one["identity"]) for key, one in now.items() if key not in was]
    found += [Change("left", one["name"], one["identity"]) for key, one in was.items() if key not in now]
    for key in now.keys() & was.keys():
        fields = tuple(
            (words, _said(was[key].get(name)), _said(now[key].get(name)))
            for name, words in LABELS.items()
            if was[key].get(name) != now[key].get(name)
        )
        if fields:
            found.append(Change("changed", now[key]["name"], now[key]["identity"], fields))
    return sorted(found, key=lambda one: (("added", "left", "changed").index(one.kind), one.name))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if value in rules.IDENTITIES:
        return rules.IDENTITIES[value][0]
    if value in choices.GENDERS:
        return choices.GENDERS[value].zh
    return "" if value is None else str(value)


def before(session: Session, slate: Slate) -> Slate | None:
    """The report of the same unit before this one, or None where this is the first."""
    return session.scalars(
        select(Slate)
        .where(
            Slate.congress_id == slate.congress_id,
            Slate.unit_id == slate.unit_id,
            Slate.serial < slate.serial,
            Slate.reported_at.is_not(None),
        )
        .order_by(Slate.serial.desc())
        .limit(1)
    ).one_or_none()


def changed_by(session: Session, slate: Slate) -> list[Change] | None:
    """What a supplementary report changed; None of a first one, and of one not sent yet (D-40)."""
    earlier = before(session, slate)
    if slate.roster is None or earlier is None:
        return None
    return changes(earlier.roster or (), slate.roster)


def newly(roster: Roster | None) -> int:
    """How many a report has sent."""
    return sum(bool(one["new"]) for one in roster or ())
