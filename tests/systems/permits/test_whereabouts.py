"""Where a declaration is and what comes: its reminders listen beside it, and nothing is foreseen of them."""

from __future__ import annotations

from app.platform.runtime import history, instances, where_said, whereabouts
from tests.systems.permits.declaring import TEACHER, contest
from tests.world import World


def test_the_reviews_are_foreseen_and_no_reminder(world: World) -> None:
    instance = contest(world).begin()
    by, now = world.acting(TEACHER), world.now
    with world.session() as session:
        view = instances.view(session, instance, by, now)
        where = whereabouts.of(session, view, history.of(session, instance), by, now)
    assert [one.element for one in where.coming] == ["submit", "district_review", "city_review"]
    assert where.ends
    assert where_said.sentence(where, now).zh.startswith("轮到您了：填报")
