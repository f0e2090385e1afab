"""Pages and verbs of the summary ask a fixed number of statements, however many declarations and uploads there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from tests.pages import House
from tests.systems.permits.district import CITY, District, district, new_project
from tests.systems.permits.test_summary_pages import sit
from tests.world import World

NOT_COUNTED = ("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE", "COMMIT")


def counted(engine: Engine, run: Callable[[], Any]) -> int:
    said: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        run()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return sum(not one.startswith(NOT_COUNTED) for one in said)


def test_the_page_of_the_summary_costs_the_same_after_many_rounds(whole_house: House) -> None:
    from app.extensions import db

    with whole_house.app.app_context():
        engine = db.engine
    desk = sit(whole_house)
    desk.there.to_upload()
    desk.there.upload()
    desk.look()
    once = counted(engine, desk.look)
    for _ in range(3):
        desk.there.send_back()
        desk.there.upload()
    desk.there.review(desk.there.submitted(), "fail")
    desk.there.generated()
    desk.there.printed()
    desk.there.upload()
    assert counted(engine, desk.look) == once
    assert once <= 16


def test_the_city_s_overview_costs_the_same_for_many_districts(whole_house: House) -> None:
    from app.extensions import db

    with whole_house.app.app_context():
        engine = db.engine
    city = whole_house.visit(CITY)
    one = sit(whole_house)
    one.there.submitted()
    city.get("/permits/summaries?size=100")
    few = counted(engine, lambda: city.get("/permits/summaries?size=100"))
    for code in ("130403", "130404"):
        for project in (one.there.project, new_project(whole_house.world)):
            sit(whole_house, code, project).there.submitted()
    assert counted(engine, lambda: city.get("/permits/summaries?size=100")) == few
    assert few <= 16


def test_submitting_and_reviewing_cost_the_same_beside_many(world: World) -> None:
    """The watcher counts in the database, never row by row."""
    there: District = district(world)

    def season() -> tuple[int, int]:
        drafted = there.declare()
        submit = counted(world.engine, lambda: there.decide(drafted, "fill", "submit"))
        return submit, counted(world.engine, lambda: there.review(drafted))

    for _ in range(2):
        there.submitted()  # one always waits, so that nothing is printed
        season()
    before = season()
    for _ in range(10):
        there.review(there.submitted())
    assert season() == before
    print(before)
    assert max(before) <= 40
