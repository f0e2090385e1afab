"""The world that the tests of delegates walk in is what d_quota.csv and the requirements' roles say."""

from __future__ import annotations

from sqlalchemy import select

from app.systems.delegates.entities import Allotted, Congress
from app.systems.delegates.roles import CONVENER, LIAISON, PARTICIPANT
from tests.systems.delegates.world import CONGRESS, CONVENING, LIAISON_ONE, World


def test_a_congress_is_published_and_two_units_are_invited(world: World) -> None:
    """EN-D1, EN-D2."""
    with world.session() as session:
        congress = session.get_one(Congress, world.congress)
        assert (congress.name, congress.published_at is not None) == (CONGRESS, True)
        seats = session.execute(select(Allotted.identity, Allotted.seats)).all()
    assert sorted(seats) == sorted(
        2
        * [
            ("member", 1),
            ("delegate", 2),
            ("special", 0),
            ("observer", 0),
            ("guest", 0),
            ("staff", 0),
        ]
    )


def test_a_liaison_may_fill_forms_of_all_his_candidates(world: World) -> None:
    """D-04, D-17."""
    liaison, convening = world.acting(LIAISON_ONE), world.acting(CONVENING)
    assert [post.subject for post in liaison.holds(PARTICIPANT)] == ["*"]
    assert len(liaison.holds(LIAISON)) == len(convening.holds(CONVENER)) == 1
    assert not convening.holds(LIAISON)
