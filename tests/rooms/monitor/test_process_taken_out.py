"""A process's list as a file: the rows its filters show, all of them, in its order, as CSV and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.platform import documents, settings
from app.platform.runtime.entities import Instance
from tests.empty_world import EmptyWorld, prepare
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.records import purchases
from tests.platform.records.test_many import fill
from tests.rooms.monitor import taken_out
from tests.rooms.monitor.taken_out import QUESTIONS, begin, lines, numbered, numbers, of_tasks, seen

COUNT = 2_400
"""More than two chunks of rows, and than a list's pages reach."""


@pytest.fixture(scope="module", params=KINDS)
def many(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[EmptyWorld]:
    folder: Path = tmp_path_factory.mktemp("taken_out")
    with fresh(request.param, folder) as address:
        world = EmptyWorld(opened(address))
        settings.forget()
        prepare(world, folder, shared_press, {})
        purchases.people(world)
        purchases.publish(world)
        fill(world, COUNT)
        taken_out.settle(world)
        yield world
        world.engine.dispose()
        settings.forget()


def expected(world: EmptyWorld, name: str) -> list[str]:
    """What a question is about, said by SQL of its own."""
    running = Instance.state == "running"
    where: dict[str, tuple[Any, ...]] = {
        "as it opens": (running,),
        "all": (),
        "ended": (Instance.state == "ended",),
        "at a step": (running, of_tasks(world, element="review")),
        "late at a step": (running, of_tasks(world, element="board", is_late=True)),
        "late": (running, of_tasks(world, is_late=True)),
        "in a city": (Instance.place.startswith("990000/990500/"),),
        "a text": (Instance.title.contains("0042") | Instance.number.contains("0042"),),
        "the oldest first": (),
    }
    found = numbers(world, *where[name])
    return found[::-1] if name == "the oldest first" else found


@pytest.mark.parametrize("name", [one for one in QUESTIONS if one != "begun"])
def test_the_file_holds_what_the_filters_show_in_their_order(many: EmptyWorld, name: str) -> None:
    errand = begin(many, "csv", **QUESTIONS[name])
    many.work()
    found, wanted = lines(many, errand), expected(many, name)
    assert wanted
    assert numbered(found) == wanted
    assert taken_out.standing(many, errand).result["rows"] == len(wanted)


@pytest.mark.parametrize("name", ["as it opens", "late at a step", "in a city", "begun", "the oldest first"])
def test_each_cell_says_what_the_page_says(many: EmptyWorld, name: str) -> None:
    errands = [begin(many, form, **QUESTIONS[name]) for form in ("csv", "xlsx")]
    many.work()
    as_text, as_book = (lines(many, one) for one in errands)
    assert as_text == as_book
    shown = list(seen(many, **QUESTIONS[name]))
    assert shown
    assert as_text[1 : len(shown) + 1] == shown
