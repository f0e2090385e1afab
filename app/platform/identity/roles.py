"""The house's own roles: who looks after what runs, after people, settings and the record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.platform.identity.places import alone, inside
from app.platform.registry import Acting, Post, Role, Words, house

MANAGE: Final = "platform.instances.manage"  # repair, suspend, cancel, retry; within the post's place
DESIGN: Final = "platform.processes.design"  # draw, check and rehearse chains
PUBLISH: Final = "platform.processes.publish"  # make a drawing count, and approve that another's does
SEND: Final = "platform.messages.send"  # deliver a message to a chain from outside
PEOPLE: Final = "platform.people.manage"  # people and their accounts, within the post's place
UNITS: Final = "platform.units.manage"  # organisations, and local regions, within the post's place
POSTS: Final = "platform.posts.manage"  # give and end posts, issue permission codes, within the post's place
SETTINGS: Final = "platform.settings.manage"  # everything else the installation decides for itself
ROLES_MADE: Final = "platform.roles.manage"  # make roles, and give any of them to others
LOGS: Final = "platform.logs.read"  # who did what; verify the record

SIDES: Final = {SETTINGS: "system", ROLES_MADE: "security", LOGS: "audit"}
"""What keeps the three administrators apart (三员分立): nobody ever holds permissions of two sides."""

ADMINISTRATOR: Final = Role(
    "platform.administrator",
    Words("平台管理员", "Platform administrator"),
    place="region",
    reach="below",
    permissions=frozenset({MANAGE, DESIGN, PUBLISH, SEND}),
    second_factor=True,
)
DESIGNER: Final = Role(
    "platform.designer",
    Words("流程设计员", "Process designer"),
    permissions=frozenset({DESIGN, PUBLISH}),
    second_factor=True,
)
SYSTEM: Final = Role(
    "platform.system_administrator",
    Words("系统管理员", "System administrator"),
    permissions=frozenset({SETTINGS, PEOPLE, UNITS}),
    second_factor=True,
)
SECURITY: Final = Role(
    "platform.security_administrator",
    Words("安全管理员", "Security administrator"),
    permissions=frozenset({ROLES_MADE, POSTS}),
    second_factor=True,
)
AUDIT: Final = Role(
    "platform.audit_administrator",
    Words("审计管理员", "Audit administrator"),
    permissions=frozenset({LOGS}),
    second_factor=True,
)
REGIONAL: Final = Role(
    "platform.region_administrator",
    Words("区域管理员", "Regional administrator"),
    place="region",
    reach="below",
    permissions=frozenset({PEOPLE, UNITS, POSTS}),
    given_by=frozenset({"platform.region_administrator"}),
    second_factor=True,
)
ROLES: Final = (ADMINISTRATOR, DESIGNER, SYSTEM, SECURITY, AUDIT, REGIONAL)


_retired: dict[str, Words] = {}


def title_of(key: str) -> Words:
    """What a role is called, also one that is switched off; its key for what nobody knows."""
    facts = house.roles.get(key)
    return facts.title if facts else _retired.get(key, Words(key, key))


def enter_made(made: Iterable[Role], retired: dict[str, Words]) -> None:
    """Put the roles made here beside those of the leases, instead of those that were; as one change for all threads."""
    global _retired
    _retired = retired
    kept = {key: role for key, role in house.roles.items() if not role.is_made}
    house.roles = kept | {role.key: role for role in made}


def plug() -> None:
    """Enter them beside the systems' roles."""
    house.roles.update({role.key: role for role in ROLES})


def places(posts: Iterable[Post], permission: str) -> frozenset[str]:
    """Return the places for which `posts` give `permission`, as `places.within` reads them; `""` is everywhere."""
    return frozenset(
        reached(house.roles[post.role], post.place)
        for post in posts
        if post.role in house.roles and permission in house.roles[post.role].permissions
    )


def may(posts: Iterable[Post], permission: str, place: str = "") -> bool:
    """Return whether `posts` give `permission` at `place` (or, without one, everywhere)."""
    return inside(place, places(posts, permission))


def reached(role: Role, place: str) -> str:
    """How far a post of `role` at `place` reaches: without a place everywhere, else under it only if the role does."""
    return alone(place) if role.reach == "here" else place


def counting(by: Acting) -> tuple[Post, ...]:
    """The posts that count now: the one worked under, else all."""
    return (by.post,) if by.post else by.posts


def reach_of(by: Acting, permission: str) -> tuple[str, ...]:
    """The places within which `by` has `permission` under the posts that count, without those inside another.

    Empty: nowhere; `("",)`: everywhere.
    """
    found = sorted(places(counting(by), permission))
    return tuple(one for one in found if not any(one != other and one.startswith(other) for other in found))


def sides(role: str) -> frozenset[str]:
    """On which sides of the separation (`SIDES`) a role stands: none, or one."""
    facts = house.roles.get(role)
    return frozenset(SIDES[code] for code in facts.permissions if code in SIDES) if facts else frozenset()
