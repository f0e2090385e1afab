"""The demonstration's own keepers: one account for each role of the house, so that every room can be walked."""

from __future__ import annotations

from collections.abc import Iterator

from app.platform.data import transaction
from app.platform.identity import accounts, posts, regions, roles
from app.platform.registry import Ground

REGION = "130400"
KEEPERS = (
    ("pingtai", "周平台", roles.ADMINISTRATOR, ""),
    ("xitong", "吴系统", roles.SYSTEM, ""),
    ("anquan", "郑安全", roles.SECURITY, ""),
    ("shenji", "冯审计", roles.AUDIT, ""),
    ("quyu", "陈区域", roles.REGIONAL, REGION),
    ("sheji", "褚流程", roles.DESIGNER, ""),
)


def plant(ground: Ground) -> Iterator[tuple[str, str]]:
    """Plant them, unless they are there; yield (role, user name) of the accounts one can walk in with."""
    with ground.sessions() as session:
        planted = accounts.by_username(session, KEEPERS[0][0]) is not None
    if not planted:
        with ground.sessions() as session, transaction(session):
            for number, (username, name, role, place) in enumerate(KEEPERS):
                person, _ = accounts.create(
                    session,
                    username,
                    name,
                    None,
                    ground.now,
                    password=ground.password,
                    phone=f"1380000{number:04}",
                    demo=True,
                )
                path = regions.path_of(session, place) if place else ""
                posts.grant(session, person, role.key, path, None, ground.now, None)
    yield from ((role.title.zh, username) for username, _, role, _ in KEEPERS)
