"""What a post allows its holder to give: the rule of `authority`, over what somebody holds at this moment.

Private to identity: whoever gives, takes or asks goes through `authority`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import settings
from app.platform.identity import posts, roles
from app.platform.identity.entities import HeldPost
from app.platform.identity.places import lies_below
from app.platform.identity.posts import EVERY_SUBJECT
from app.platform.registry import Acting, Words, house

GIVERS = "roles.givers"
"""The setting that names further givers: `{role: [roles whose holders may give it, besides the lease's]}`."""

settings.define(
    settings.Definition(GIVERS, Words("谁可授予", "Who may give it"), "json", dict, group="roles"),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A post with its end, as the rule sees it."""

    id: str
    role: str
    place: str
    subject: str
    until_at: datetime | None


def held(session: Session, by: Acting, now: datetime) -> list[Held]:
    """What `by` holds at this moment, under the post he works under; with its end."""
    rows = session.execute(
        select(HeldPost.id, HeldPost.role, HeldPost.place, HeldPost.subject, HeldPost.until_at).where(
            HeldPost.person_id == by.person, posts.live(now)
        )
    )
    return [Held(*row) for row in rows if by.post is None or row.id == by.post.id]


def givers(mine: Sequence[Held], role: str, place: str, subject: str) -> list[Held]:
    """Those of `mine` that allow giving `role` at `place` for `subject`, each with the moment until which it does."""
    found = []
    for one in mine:
        if not includes(one, place, subject, role):
            continue
        if gives(one, role):
            found.append(one)
        elif one.role == role:  # with the right to give posts there: as long as both are held
            keys = managing(mine, place)
            found += [replace(one, until_at=_earlier(one.until_at, key.until_at)) for key in keys]
    return found


def gives(one: Held, role: str) -> bool:
    """Whether a post by itself allows giving `role` where it reaches."""
    facts, wanted = house.roles.get(one.role), house.roles.get(role)
    if facts is None:
        return False
    if roles.ROLES_MADE in facts.permissions:
        return True
    if wanted is None:
        return False
    return one.role in wanted.given_by or one.role in settings.value(GIVERS).get(role, ())


def managing(mine: Iterable[Held], place: str) -> list[Held]:
    """Those of `mine` by which posts are managed at `place`."""
    return [
        one
        for one in mine
        if one.role in house.roles
        and roles.POSTS in house.roles[one.role].permissions
        and reaches(one, place)
    ]


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def reaches(one: Held, place: str) -> bool:
    """Whether a post reaches `place`: one without a place everywhere, one that reaches `here` its own place alone."""
    return lies_below(place, roles.reached(house.roles[one.role], one.place))


def includes(one: Held, place: str, subject: str, role: str) -> bool:
    """Whether a post includes `place` and `subject`: the whole of it, where the two roles ask for the same kind."""
    facts, wanted = house.roles.get(one.role), house.roles.get(role)
    if facts is None or not reaches(one, place):
        return False
    alike = facts.subject is not None and wanted is not None and facts.subject == wanted.subject
    return not alike or one.subject in (EVERY_SUBJECT, subject)


def lasts(held: datetime | None, wanted: datetime | None) -> bool:
    """Whether what is held until `held` lasts until `wanted`; None is for ever."""
    return held is None or (wanted is not None and wanted <= held)
