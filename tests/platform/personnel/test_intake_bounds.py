"""C-11: no import by a regional administrator enters anybody, or gives anything, beyond his place or his right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.platform.data import new_id, transaction
from app.platform.identity import posts, regions, roles, units
from app.platform.identity.entities import Account, HeldPost, Person, Region, Unit
from app.platform.identity.people import id_number_hash
from app.platform.personnel import intake
from app.platform.registry import Acting, Post
from app.platform.sheets import Intake, Row
from tests.platform.jobs.databases import fresh
from tests.platform.personnel.bureau import CITY, NOW, Bureau, card, founded

ROLES = ("教研员", "评委", "机要员", "区域管理员", "系统管理员", "platform.administrator", "没有")
BRANCHES = st.lists(st.integers(0, 5), min_size=1, max_size=6)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 7),  # which card: some are there already
        st.integers(0, 30),  # where he is kept; what is not there names nothing
        st.booleans(),
        st.sampled_from((*ROLES, None)),
        st.integers(0, 30),  # where the post is
        st.sampled_from((None, "p1", "*")),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    with fresh("sqlite", tmp_path) as address, founded(address, tmp_path) as bureau:
        yield bureau


def test_no_import_reaches_beyond_its_sender(bureau: Bureau) -> None:
    serial = iter(range(10**6))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        branches=BRANCHES, at=st.integers(0, 30), rows=ROWS, known=st.lists(st.integers(0, 30), max_size=4)
    )
    def attempt(branches: list[int], at: int, rows: list[Any], known: list[int]) -> None:
        _attempt(bureau, f"{next(serial):04}", branches, at, rows, known)

    attempt()


def _attempt(
    bureau: Bureau, mark: str, branches: list[int], at: int, rows: list[Any], known: list[int]
) -> None:
    start = int(mark) * 10
    with bureau.sessions() as session:
        codes = ["130400"]
        for number, branch in enumerate(branches):
            above = codes[branch % len(codes)]
            code = f"L{mark}{number}"
            regions.add_local(session, above, code, f"片区{mark}{number}", None, NOW)
            units.add(session, f"单位{mark}{number}", code, None, NOW)
            codes.append(code)
        places = [
            *session.execute(select(Region.code, Region.path)).all(),
            *session.execute(select(Unit.id, Unit.path)).all(),
        ]
        mine = [place for place in places if place[1].startswith(CITY)]
        own = session.execute(select(Region.path).where(Region.code == codes[at % len(codes)])).scalar_one()
        with transaction(session):
            keeper, others = new_id(), [new_id() for _ in known]
            session.add(Person(id=keeper, name="管理员", created_at=NOW))
            for place, other in zip(known, others, strict=True):
                number = card(start + len(others) - 1 - others.index(other))
                session.add(
                    Person(
                        id=other,
                        name="人甲",
                        id_number=number,
                        id_number_hash=id_number_hash(number),
                        place=mine[place % len(mine)][1],
                        created_at=NOW,
                    )
                )
        post = posts.grant(session, keeper, roles.REGIONAL.key, own, None, NOW, None)
        held = Post(post, roles.REGIONAL.key, own)
        by = Acting(keeper, "管理员", "keeper", (held,), held)
        before = _standing(session)
        record = new_id()
        prepared = intake.prepare(session, by, NOW)
        wanted = [Row(number + 2, _values(row, mine, start)) for number, row in enumerate(rows)]
        session.rollback()
        with transaction(session):
            intake.store_people(Intake(session, NOW, by, record, held.role, own, prepared), wanted)
        after = _standing(session)
        new_people = set(after[0]) - set(before[0])
        for person in new_people:
            assert (after[0][person] or "").startswith(own)
        for person in set(after[1]) - set(before[1]):
            assert (
                person in new_people
                or (after[0][person] or "").startswith(own)
                or _holds(after[2], person, own)
            )
        for given_post in set(after[2]) - set(before[2]):
            who, role, place = after[2][given_post]
            assert place.startswith(own)
            assert role in {"bureau.teacher", "bureau.judge", roles.REGIONAL.key}
            assert who != keeper
        assert set(before[2]) <= set(after[2])
        assert all(after[0][person] == place for person, place in before[0].items())


def _values(row: Any, places: list[Any], start: int) -> dict[str, Any]:
    which, kept, has_account, role, place, subject = row
    return {
        "name": "人甲",
        "id_number": card(start + which),
        "kept": places[kept % len(places)][0] if kept < 25 else None,
        "account": "yes" if has_account else None,
        "role": role,
        "place": (places[place % len(places)][0] if place < 28 else None) if role else None,
        "subject": subject if role else None,
    }


def _standing(session: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """People with their places, accounts, and posts."""
    return (
        {row.id: row.place for row in session.execute(select(Person.id, Person.place))},
        {row.person_id: row.username for row in session.execute(select(Account.person_id, Account.username))},
        {
            row.id: (row.person_id, row.role, row.place)
            for row in session.execute(
                select(HeldPost.id, HeldPost.person_id, HeldPost.role, HeldPost.place).where(
                    HeldPost.ended_at.is_(None)
                )
            )
        },
    )


def _holds(held: dict[str, Any], person: str, own: str) -> bool:
    return any(who == person and place.startswith(own) for who, _, place in held.values())
