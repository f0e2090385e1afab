"""A process's list taken out as its page does it, beside what the same list shows and what the database holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import func, select, update

from app.platform import documents, lists
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.entities import Account
from app.platform.jobs import errands
from app.platform.jobs.errands import Standing
from app.platform.lists import List, saying
from app.platform.runtime.entities import Instance, Task
from app.rooms.monitor import process_lists
from tests.empty_world import EmptyWorld
from tests.platform.records.purchases import PROCESS

KEEPER = "流程监控员"
HIDDEN = ("starter", "unit", "started_at", "ended_at", "f_item", "f_kind", "f_amount", "f_needed")
"""Columns that are not shown at first; whoever takes a list out may have chosen them."""


def listing() -> List:
    found = process_lists.get(PROCESS)
    assert found is not None
    return found


def columns() -> list[str]:
    """What the reader has chosen: what is shown at first, and the fields of the form."""
    return [one.key for one in listing().columns if not one.hidden_at_first or one.key in HIDDEN]


def settle(world: EmptyWorld, place: str = "") -> None:
    """Somebody who may take the list out, over tasks of which every third is late."""
    person = world.enter(KEEPER, roles.ADMINISTRATOR.key, place)
    with world.session() as session, transaction(session):
        given = {"username": "keeper", "password_hash": "-", "password_at": world.now}
        session.add(Account(person_id=person, created_at=world.now, **given))
        late = func.substr(Task.id, 26, 1) < "A"
        due = update(Task).where(Task.state == "open")
        session.execute(due.where(late).values(due_at=world.now - timedelta(days=2)))
        session.execute(due.where(~late).values(due_at=world.now + timedelta(days=30)))


def begin(world: EmptyWorld, form: str, **asked: str) -> str:
    """Ask for the file; return the errand."""
    by, wanted = world.acting(KEEPER), None
    with world.session() as session:
        address = lists.read(listing(), session, by, asked).address
        wanted = lists.exporting.Wanted(address, columns(), form=form)
        return lists.exporting.begin(session, listing(), wanted, by, world.now)


def standing(world: EmptyWorld, errand: str) -> Standing:
    with world.session() as session:
        found = errands.get(session, errand, world.acting(KEEPER))
    assert found is not None
    return found


def lines(world: EmptyWorld, errand: str) -> list[tuple[str, ...]]:
    """What stands in the file, its head first; every cell as text."""
    done = standing(world, errand)
    assert done.state == "done", done
    with world.session() as session:
        found = documents.open_file(session, documents.settings().storage, done.result["file"])
    assert found is not None
    file, content = found
    if file.name.endswith(".csv"):
        return [tuple(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    book = load_workbook(io.BytesIO(content), read_only=True)
    return [tuple(_text(value) for value in row) for row in book.worksheets[0].iter_rows(values_only=True)]


def seen(world: EmptyWorld, **asked: str) -> Iterator[tuple[str, ...]]:
    """What the pages of the list show one after the other, as far as they go."""
    by, keys, number = world.acting(KEEPER), columns(), 1
    shown = tuple(one for one in listing().columns if one.key in keys)
    with world.session() as session:
        while True:
            given = {**asked, "size": "100", "page": str(number)}
            question = lists.read(listing(), session, by, given)
            page = lists.fetch(listing(), session, by, question, world.now, shown)
            for line in page.rows:
                cells = (_text(saying.plain(one, line.cells[one.key], "zh")) for one in shown)
                yield (str(line.number), *cells) if listing().numbered else tuple(cells)
            if number >= page.pages:
                return
            number += 1


def numbers(world: EmptyWorld, *where: Any) -> list[str]:
    """The numbers of the instances for which a condition holds, those begun last first."""
    asked = select(Instance.number).where(Instance.process == PROCESS, *where)
    with world.session() as session:
        return [
            str(one)
            for one in session.scalars(asked.order_by(Instance.started_at.desc(), Instance.id.desc()))
        ]


def numbered(found: list[tuple[str, ...]]) -> list[str]:
    """The same of a file's lines."""
    place = found[0].index("编号")
    return [line[place] for line in found[1:]]


def of_tasks(world: EmptyWorld, **where: Any) -> Any:
    """That an instance has an open task at a step, or one that is late."""
    asked = select(Task.instance_id).where(Task.state == "open")
    if where.get("element"):
        asked = asked.where(Task.element == where["element"])
    if where.get("is_late"):
        asked = asked.where(Task.due_at < world.now)
    return Instance.id.in_(asked)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "as it opens": {},
    "all": {"state": ""},
    "ended": {"state": "ended"},
    "at a step": {"element": "review"},
    "late at a step": {"element": "board", "trouble": "overdue"},
    "late": {"trouble": "overdue"},
    "in a city": {"region": "990500", "state": ""},
    "a text": {"q": "0042", "state": ""},
    "begun": {"state": "", "started_from": "2026-11-10", "started_to": "2026-11-12"},
    "the oldest first": {"state": "", "sort": "started_at"},
}
