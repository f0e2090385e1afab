"""Demonstration data of delegates, made through the verbs alone: a congress, two units, people in every stage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import accounts, posts, units
from app.platform.registry import Ground
from app.systems.delegates.demo.congress import hold
from app.systems.delegates.demo.people import walk
from app.systems.delegates.entities import Congress
from app.systems.delegates.roles import CONVENER

ASSOCIATION = ("邯郸市科学技术协会", "130400")
UNITS = (("邯山区科学技术协会", "130402"), ("丛台区科学技术协会", "130403"))
ACCOUNTS = (
    ("huanjie", "罗振华", "13900001000"),
    ("lianluo1", "沈若琳", "13900001001"),
    ("lianluo2", "邱明远", "13900001002"),
)
PERSON = ("daibiao", "许安然", "13900001011")


def plant(ground: Ground) -> Iterator[tuple[str, str]]:
    """Plant it, unless it is there; yield (role, user name) of the accounts one can walk in with."""
    with ground.sessions() as session:
        planted = session.scalar(select(Congress.id).limit(1)) is not None
    if not planted:
        begun = ground.now - timedelta(days=20)
        known, places = _settle(ground)
        held = hold(ground, known["huanjie"], places, ACCOUNTS[1:], begun)
        walk(ground, held, known, begun + timedelta(days=1))
    yield from (
        ("换届单位", "huanjie"),
        ("选举单位联络员", "lianluo1"),
        ("选举单位联络员（另一单位）", "lianluo2"),
        ("被推荐人", PERSON[0]),
    )


def _settle(ground: Ground) -> tuple[dict[str, str], tuple[str, str]]:
    """Found the organisations and open the accounts one walks in with; person by user name, the invited units."""
    start = ground.now - timedelta(days=30)
    with ground.sessions() as session, transaction(session):
        known = {}
        for username, name, phone in (*ACCOUNTS, PERSON):
            known[username], _ = accounts.create(
                session, username, name, None, start, password=ground.password, phone=phone, demo=True
            )
        association = units.add(session, *ASSOCIATION, None, start)
        invited = tuple(units.add(session, name, region, None, start) for name, region in UNITS)
        place = units.path_of(session, association)
        posts.grant(session, known["huanjie"], CONVENER, place, None, start, None)
    return known, (invited[0], invited[1])
