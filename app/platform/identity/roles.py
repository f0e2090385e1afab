"""The house's own roles: who looks after what runs, whichever systems live here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.platform.registry import Post, Role, Words, house

MANAGE: Final = "platform.instances.manage"  # repair, suspend, cancel, retry; within the post's place
PUBLISH: Final = "platform.processes.publish"
SEND: Final = "platform.messages.send"  # deliver a message to a chain from outside

ADMINISTRATOR: Final = Role(
    "platform.administrator",
    Words("平台管理员", "Platform administrator"),
    place="region",
    reach="below",
    permissions=frozenset({MANAGE, PUBLISH, SEND}),
)
DESIGNER: Final = Role(
    "platform.designer", Words("流程设计员", "Process designer"), permissions=frozenset({PUBLISH})
)
ROLES: Final = (ADMINISTRATOR, DESIGNER)


def plug() -> None:
    """Enter them beside the systems' roles."""
    house.roles.update({role.key: role for role in ROLES})


def places(posts: Iterable[Post], permission: str) -> frozenset[str]:
    """Return the places for which `posts` give `permission`: paths, under which it holds; `""` is everywhere."""
    return frozenset(
        post.place
        for post in posts
        if post.role in house.roles and permission in house.roles[post.role].permissions
    )


def may(posts: Iterable[Post], permission: str, place: str = "") -> bool:
    """Return whether `posts` give `permission` at `place` (or, without one, everywhere)."""
    return any(place.startswith(held) for held in places(posts, permission))
