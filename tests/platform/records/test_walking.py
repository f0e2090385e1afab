"""A page of a register is found by a walk: the same rows in the same order as its query has, whoever asks whatever."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app.platform import lists
from app.platform.identity import roles
from app.platform.lists import catalogue
from app.platform.lists.fetch import narrow, order
from app.platform.records import chains, scope
from app.platform.records.entities import Value
from tests.empty_world import EmptyWorld
from tests.platform.records import purchases
from tests.platform.records.purchases import BOARD, CLERK, HEAD, PROCESS, sent

TAGS = {
    "tags": {
        "type": "choice",
        "name": "tags",
        "label": "用途",
        "label.en": "Uses",
        "many": True,
        "choices": [
            {"code": code, "label": code.upper(), "label.en": code.upper()}
            for code in ("lab", "desk", "field")
        ],
    },
    "trip": {"type": "period", "name": "trip", "label": "期间", "label.en": "Days"},
}
QUESTIONS: tuple[Mapping[str, str], ...] = (
    {},
    {"f_kind": "furniture"},
    {"f_kind": "furniture", "f_urgent": "yes"},
    {"f_kind": "computer", "stage": "待负责人审核"},
    {"f_tags": "lab"},
    {"f_tags": "lab", "f_kind": "computer"},
    {"f_trip_from": "2026-12-03", "f_trip_to": "2026-12-05"},
    {"f_item": "Desk"},
    {"f_item": "桌", "region": "130400"},
    {"f_amount_from": "500", "f_amount_to": "2000"},
    {"f_granted_from": "1"},
    {"f_granted_from": "1", "f_kind": "computer"},
    {"f_needed_from": "2026-12-03"},
    {"q": "职员甲"},
    {"q": "ase"},
    {"q": "0001", "f_urgent": "no"},
    {"stage": "未批准"},
    {"outcome": "-"},
    {"region": "130402"},
    {"started_from": "2026-11-16"},
)
SORTS = (
    "",
    "number",
    "-number",
    "started_at",
    "-started_at",
    "f_amount",
    "-f_amount",
    "f_granted",
    "-f_needed",
)
PEOPLE = ("职员甲", "负责人甲", "组员一", "全国组员", "平台员", "邢台管理员", "两任", "旁人")


@pytest.fixture
def full(world: EmptyWorld) -> EmptyWorld:
    """Forty instances at all stages, some of their values missing; and people who see them for different reasons."""
    purchases.publish(world, purchases.files(asked=purchases.form(**TAGS)))
    chance = random.Random(7)
    for number in range(40):
        name = chance.choice(("职员甲", "职员甲", "职员乙", "职员丙"))
        over = {
            "item": chance.choice(("办公桌", "Desk lamp", "笔记本", "50%")),
            "kind": chance.choice(("computer", "furniture", "other")),
            "amount": chance.choice(("", "600", "600", "1999.5", "20000")),
            "needed": chance.choice(("", "2026-12-01", "2026-12-04")),
            "urgent": chance.choice(("yes", "no")),
            "trip_from": "2026-12-04" if number % 3 else "",
            "trip_to": "2026-12-08" if number % 3 else "",
        }
        instance = world.start(PROCESS, name, sent(**over, tags=[["lab"], ["lab", "desk"], []][number % 3]))
        head = name.replace("职员", "负责人")
        world.now += timedelta(minutes=number % 3)
        if number % 4:
            world.decide(
                instance,
                "review",
                "reject" if number % 4 == 1 else "approve",
                head,
                {"granted": [str(number % 5 + 1)]},
                comment="意见",
            )
    world.enter("全国组员", BOARD, "")
    world.enter("邢台管理员", roles.ADMINISTRATOR.key, "130500")
    world.enter("两任", CLERK, "130402")
    world.enter("两任", HEAD, "130403")
    world.enter("两任", roles.ADMINISTRATOR.key, "130500")
    world.start(PROCESS, "两任", sent(kind="furniture", amount="700"))
    return world


def test_a_walk_finds_what_the_query_finds(full: EmptyWorld) -> None:
    listing = catalogue.get(f"office/{PROCESS}")
    assert listing is not None
    seen = 0
    with full.session() as session:
        for name in PEOPLE:
            by = full.acting(name)
            for question in QUESTIONS:
                for sort in SORTS if len(question) < 2 else SORTS[:6:5]:
                    asked = lists.read(listing, session, by, {**question, "sort": sort, "size": "100"})
                    assert asked.lost == (), question
                    whole = narrow(session, listing.query(session, by, full.now), listing, asked, full.now)
                    wanted = list(session.scalars(whole.order_by(*order(listing, asked))))
                    page = lists.fetch(listing, session, by, asked, full.now)
                    assert [line.row for line in page.rows] == wanted, (name, question, sort)
                    assert page.total == len(wanted), (name, question, sort)
                    seen += len(wanted)
    assert seen > 1_000


def test_every_page_goes_on_where_the_one_before_ended(full: EmptyWorld) -> None:
    listing = catalogue.get(f"office/{PROCESS}")
    assert listing is not None
    with full.session() as session:
        for name in ("平台员", "全国组员", "负责人甲"):
            by = full.acting(name)
            for question in (
                {"sort": "-f_amount"},
                {"sort": "f_needed"},
                {"f_urgent": "yes"},
                {"q": "职员"},
                {},
            ):
                whole = lists.read(listing, session, by, {**question, "size": "100"})
                every = [line.row for line in lists.fetch(listing, session, by, whole, full.now).rows]
                found: list[str | None] = []
                for number in range(1, 6):
                    asked = lists.read(listing, session, by, {**question, "size": "10", "page": str(number)})
                    page = lists.fetch(listing, session, by, asked, full.now)
                    assert page.page == min(number, page.pages)
                    if page.page == number:
                        assert [line.number for line in page.rows] == list(
                            range(len(found) + 1, len(found) + 1 + len(page.rows))
                        )
                        found += [line.row for line in page.rows]
                assert found == every, (name, question)


def test_what_is_hidden_is_neither_asked_nor_sorted_by(full: EmptyWorld) -> None:
    """A reviewer of one place who looks after another sees the inner field there alone."""
    chain = chains.get(PROCESS)
    assert chain is not None
    by = full.acting("两任")
    reach = scope.of(chain, by)
    assert reach.managed
    assert not reach.everywhere
    listing = catalogue.get(f"office/{PROCESS}")
    assert listing is not None
    with full.session() as session:
        session.execute(update(Value).where(Value.field == "granted").values(number=3))
        asked = lists.read(listing, session, by, {"f_granted_from": "3", "size": "100"})
        regions = {line.cells["region"] for line in lists.fetch(listing, session, by, asked, full.now).rows}
    assert regions == {"丛台区", "襄都区"}, "where he reviews it, and where he looks after it"


def test_a_page_costs_as_many_statements_however_many_rows_there_are(full: EmptyWorld) -> None:
    listing = catalogue.get(f"office/{PROCESS}")
    assert listing is not None
    said: list[str] = []
    event.listen(full.engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    with full.session() as session:
        for name in ("平台员", "全国组员", "负责人甲"):
            for question in QUESTIONS:
                by = full.acting(name)
                asked = lists.read(listing, session, by, {**question, "size": "100"})
                said.clear()
                lists.fetch(listing, session, by, asked, full.now)
                assert len(said) <= 7, (name, question, said)
