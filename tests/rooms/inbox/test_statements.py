"""The inbox asks a fixed number of statements, however many cases, rows and files there are (no N+1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from app.platform.runtime import versions
from tests.bench import loading
from tests.rooms.inbox.conftest import fields_of
from tests.world import World


def counted(app, browser, url: str) -> int:
    with listening(app) as said:
        assert browser.get(url).status_code == 200
    return len(said)


@contextmanager
def listening(app) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    said: list[str] = []
    with app.app_context():
        from app.extensions import db

        engine = db.engine

    def listen(connection, cursor, statement, *rest) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("url", ["/inbox/", "/fairs/lists/applications", "/inbox/?box=done"])
def test_a_list_costs_the_same_for_one_case_as_for_many(app, world: World, visit, url: str) -> None:
    world.to_review()
    city = visit("市级")
    city.get(url)  # what is asked once per process is asked now
    alone = counted(app, city, url)
    for name, district in (("组织者甲", "130403"), ("组织者乙", "130402"), ("组织者乙", "130404")):
        world.to_review(name, district)
    assert counted(app, city, url) == alone
    assert alone <= 14


def test_a_task_page_costs_the_same_after_many_rounds(app, world: World, visit) -> None:
    """History, documents and materials come in one statement each."""
    instance = world.to_review()
    city = visit("市级")
    url = f"/inbox/tasks/{world.open_task(instance, 'city_review')}"
    city.get(url)
    first, again = counted(app, city, url), []
    for _ in range(3):
        world.decide(instance, "city_review", "reject", "市级", comment="请重扫")
        world.decide(instance, "correct", "submit", sent=world.scan(instance=instance))
        url = f"/inbox/tasks/{world.open_task(instance, 'city_review')}"
        city.get(url)  # that he has it open is written once a minute
        again.append(counted(app, city, url))
    assert first <= 40
    assert again == [first + 2] * 3  # the entry seen before, and the file that stood in it


def test_the_page_of_an_instance_costs_the_same_after_many_rounds(app, world: World, visit) -> None:
    """What was last submitted comes in three statements, its regions and files once each."""
    instance = world.to_review()
    city = visit("市级")
    url = f"/inbox/instances/{instance}"
    city.get(url)
    first = counted(app, city, url)
    for _ in range(3):
        world.decide(instance, "city_review", "reject", "市级", comment="请重扫")
        world.decide(instance, "correct", "submit", sent=world.scan(instance=instance))
    assert counted(app, city, url) == first
    assert first <= 40


@pytest.mark.parametrize(("more", "most"), [({}, 20), ({"region": "130402"}, 23)])
def test_a_decision_that_shows_the_next_takes_few_statements(
    app, world: World, visit, more: dict[str, str], most: int
) -> None:
    """Of a chain without tables of its own; what the list is not narrowed by is not looked up for it."""
    with world.session() as session:
        versions.publish(session, loading.files("tests_bench"), None, world.now)
    cases = [world.start("tests_bench", "组织者甲", loading.FILLED) for _ in range(3)]
    for instance in cases:
        world.decide(instance, "prepare", "send", "组织者甲")
    city, (first, second) = visit("市级"), [world.open_task(one, "review") for one in cases[:2]]
    asked = "&".join(f"{name}={value}" for name, value in more.items())
    for task, after in ((first, cases[1]), (second, cases[2])):
        url = f"/inbox/tasks/{task}?at=1&{asked}"
        city.get(url)
        given = {**fields_of(city.page), "outcome": "return", "comment": "补"}
        with listening(app) as said:
            answer = city.post(url, given)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"/inbox/tasks/{world.open_task(after, 'review')}?")
    assert len(said) <= most, said
    assert not [one for one in said if "records_value" in one and not one.startswith("SELECT")]
