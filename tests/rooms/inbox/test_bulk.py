"""Ticked rows of the inbox: decided, claimed, transferred and copied at once, each for itself (D1, B3-25)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, update

from app.platform.data import new_id, transaction
from app.platform.jobs import errands
from app.platform.runtime import control, doctor, history, tasks, versions
from app.platform.runtime.entities import Copy, Instance, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime import chains, test_bulk
from tests.rooms.conftest import Browser
from tests.rooms.inbox.test_statements import counted
from tests.rooms.inbox.test_together import handled, hidden, states
from tests.world import World

ALLOW = "bulk, transfer, copy"


def started(world: World, count: int, allow: str = ALLOW) -> list[str]:
    """Tasks at a review with these verbs; the step behind it is decided one by one."""
    drawn = Drawing("tests_pile", form="fairs/application").lane("city", "review", "second", **chains.CITY)
    drawn.start().task("review", assignee="", outcomes=chains.OUTCOMES, allow=allow)
    drawn.task("second", assignee="", outcomes="go=办理|Go").end().line("begin", "review", "second", "done")
    return test_bulk.started(world, count, drawn)


def ticked(browser: Browser, verb: str, rows: list[str]) -> str:
    """Tick rows of the inbox and press a button of the bar; return where it leads."""
    browser.get("/inbox/?box=todo&size=100")
    shown = re.findall(r'name="row" value="([^"]+)"', browser.page)
    assert set(rows) <= set(shown)
    assert f'name="verb" value="{verb}"' in browser.page
    back = "/inbox/?box=todo&size=100"
    answer = browser.post("/inbox/together/ticked", {"row": rows, "verb": verb, "back": back})
    assert answer.status_code == 303
    browser.get(answer.location)
    return str(answer.location)


def row_of(world: World, task: str) -> Any:
    with world.session() as session:
        return session.execute(select(Task.__table__).where(Task.id == task)).one()


def comments(world: World) -> dict[str, str]:
    """What was said of each decided task."""
    found = {}
    with world.session() as session:
        for instance in session.scalars(select(Instance.id)):
            for row in history.of(session, instance):
                if row.kind == "decided":
                    found[row.task] = row.body["comment"]
    return found


def test_ticked_tasks_are_decided_with_one_opinion_for_all(world: World, visit) -> None:
    """B3-25: complete and comment in bulk, from the inbox itself."""
    wanted = started(world, 3)
    city = visit("市级")
    ticked(city, "yes", wanted[:2])
    assert "已选 2 件，其中 2 件可以一起办理" in city.page
    handled(city, {**hidden(city.page), "outcome": "approve", "comment": "材料齐全"})
    assert "成功 2 件，未办理 0 件。" in city.page
    assert comments(world) == dict.fromkeys(wanted[:2], "材料齐全")
    assert 'href="/inbox/?box=todo&amp;size=100"' in city.page
    assert states(world).count(("review", "open")) == 1


@pytest.mark.parametrize("guide", ["units/chengpi-web.service", "compose.yaml"])
def test_the_address_of_a_hundred_ticked_rows_is_let_through(world: World, visit, guide: str) -> None:
    """The rows and the list they were ticked in stand in it: more than gunicorn takes unless it is told."""
    city = visit("市级")
    city.get("/inbox/")
    back = "/inbox/?" + urlencode(
        {"box": "todo", "q": "关于县区级单位申请延长办理期限的请示" * 4, "size": 100}
    )
    rows = [new_id() for _ in range(100)]
    sent = {**hidden(city.page), "row": rows, "verb": "transfer", "back": back}
    line = f"GET {city.post('/inbox/together/ticked', sent).location} HTTP/1.1\r\n"
    text = (Path(__file__).parents[3] / "docs/guide" / guide).read_text()
    limit = re.search(r"--limit-request-line[ =](\d+)", text)
    assert 4094 < len(line) < (int(limit[1]) if limit else 4094)


def test_each_may_have_an_opinion_of_its_own(world: World, visit) -> None:
    wanted = started(world, 3)
    city = visit("市级")
    ticked(city, "yes", wanted)
    own = {f"own.{wanted[0]}": "第一件另说", f"own.{wanted[1]}": "  "}
    handled(city, {**hidden(city.page), "outcome": "approve", "comment": "同意", **own})
    assert comments(world) == {wanted[0]: "第一件另说", wanted[1]: "同意", wanted[2]: "同意"}


def test_to_refuse_together_needs_an_opinion_for_every_one(world: World, visit) -> None:
    """C-33: said before anything is done, naming the rows without one; what was typed stays."""
    wanted = started(world, 3)
    city = visit("市级")
    ticked(city, "no", wanted)
    sent = {**hidden(city.page), "outcome": "return", f"own.{wanted[0]}": "缺第 2 页"}
    assert city.post("/inbox/together", {**sent, "comment": ""}).status_code == 422
    assert "还有 2 件没有审核意见" in city.page
    assert f'href="#own-{wanted[1]}"' in city.page
    assert f'href="#own-{wanted[0]}"' not in city.page
    assert 'value="缺第 2 页"' in city.page
    assert states(world) == [("review", "open")] * 3
    more = {f"own.{task}": "材料不全" for task in wanted[1:]}
    handled(city, {**sent, **more, "comment": ""})
    assert comments(world) == {wanted[0]: "缺第 2 页", wanted[1]: "材料不全", wanted[2]: "材料不全"}


def test_why_a_row_cannot_be_done_is_said_at_the_row(world: World, visit) -> None:
    """Suspended, claimed by another, decided meanwhile, one's own matter, another step: each in its own words."""
    suspended, claimed, decided, recused, fine, other = started(world, 6)
    world.enter("管理员", "platform.administrator")
    with world.session() as session:
        instance = session.scalar(select(Task.instance_id).where(Task.id == suspended))
        control.suspend(session, instance, "核查中", world.acting("管理员"), world.now)
        tasks.claim(session, claimed, 1, world.acting("市级二"), world.now)
        with transaction(session):
            avoided = {"avoided": world.people["市级"]}
            session.execute(update(Task).where(Task.id == recused).values(avoided))
    world.complete(decided, "approve", "市级二", comment="同意")
    world.complete(other, "approve", "市级二", comment="同意")
    with world.session() as session:
        instance = session.scalar(select(Task.instance_id).where(Task.id == other))
    second = world.open_task(instance, "second")
    city = visit("市级")
    rows = [suspended, claimed, decided, recused, fine, second]
    city.get("/inbox/together?" + "&".join(f"row={row}" for row in rows))
    assert "已选 6 件，其中 1 件可以一起办理" in city.page
    for words in ("事项已挂起", "市级二已签收", "该记录已被处理", "应当回避", "该环节须逐件办理"):
        assert words in city.page, words
    assert hidden(city.page)["task"] == [f"{fine}.1"]


def test_one_step_is_decided_at_a_time_and_the_others_are_a_button_away(world: World, visit) -> None:
    drawn = Drawing("tests_two", form="fairs/application").lane("city", "one", "two", **chains.CITY)
    drawn.start().task("one", assignee="", outcomes=chains.OUTCOMES, allow="bulk")
    drawn.task("two", assignee="", outcomes="go=办理|Go", allow="bulk").end()
    drawn.line("begin", "one", "two", "done")
    with world.session() as session:
        given = chains.files(drawn) | {"forms/fairs/application.json": test_bulk.APPLICATION}
        versions.publish(session, given, None, world.now)
        by = world.acting("组织者甲")
        begun = [
            test_bulk.instances.start(
                session, "tests_two", by=by, post=None, now=world.now, data=chains.HANSHAN
            )
            for _ in range(3)
        ]
    world.decide(begun[0].instance, "one", "approve", "市级二", comment="同意")
    rows = [world.open_task(begun[0].instance, "two"), begun[1].tasks[0], begun[2].tasks[0]]
    city = visit("市级")
    ticked(city, "yes", rows)
    assert "其中 2 件可以一起办理" in city.page
    assert "环节不同，请另行办理" in city.page
    sent = hidden(city.page)
    assert 'name="to_step" value="tests_two:two"' in city.page
    assert city.post("/inbox/together", {**sent, "to_step": "tests_two:two"}).status_code == 200
    assert "其中 1 件可以一起办理" in city.page
    handled(city, {**hidden(city.page), "outcome": "go"})
    assert "成功 1 件" in city.page


def test_ticked_tasks_are_claimed(world: World, visit) -> None:
    wanted = started(world, 3)
    with world.session() as session:
        tasks.claim(session, wanted[0], 1, world.acting("市级"), world.now)
    city = visit("市级")
    ticked(city, "claim", wanted)
    assert "已经签收" in city.page
    sent = hidden(city.page)
    first = handled(city, sent)
    assert "成功 2 件，未办理 0 件。" in city.page
    assert handled(city, sent) == first  # a double click claims nothing twice
    assert {row_of(world, task).claimed_by_id for task in wanted} == {world.people["市级"]}
    assert {row_of(world, task).revision for task in wanted} == {2}


def test_ticked_tasks_are_transferred_to_somebody_found_by_name(world: World, visit) -> None:
    """B3-25: assign in bulk."""
    wanted = started(world, 2)
    city = visit("市级")
    ticked(city, "transfer", wanted)
    sent = hidden(city.page)
    assert city.post("/inbox/together", sent).status_code == 422
    assert "请选择人员" in city.page
    assert (
        city.post(
            "/inbox/together", {**sent, "who": "市级二", "_update": "who", "comment": "请代办"}
        ).status_code
        == 200
    )
    assert "请代办" in city.page
    person = world.people["市级二"]
    assert f'name="to" value="{person}"' in city.page
    handled(city, {**sent, "to": person, "comment": "请代办"})
    assert "成功 2 件，未办理 0 件。" in city.page
    assert {row_of(world, task).assignee_id for task in wanted} == {person}
    city.get("/inbox/?box=todo")
    assert not set(wanted) & set(re.findall(r'name="row" value="([^"]+)"', city.page))
    visit("市级二").get(f"/inbox/tasks/{wanted[0]}")


def test_copies_of_ticked_tasks_go_to_several(world: World, visit) -> None:
    wanted = started(world, 2)
    city = visit("市级")
    ticked(city, "copy", wanted)
    people = [world.people["市级二"], world.people["邻市"]]
    handled(city, {**hidden(city.page), "to": people})
    assert "成功 2 件" in city.page
    with world.session() as session:
        copies = session.execute(select(Copy.task_id, Copy.person_id)).all()
    assert {tuple(row) for row in copies} == {(task, person) for task in wanted for person in people}


def test_a_step_that_does_not_allow_it_is_told_before(world: World, visit) -> None:
    wanted = started(world, 1, allow="bulk")
    city = visit("市级")
    ticked(city, "transfer", wanted)
    assert "该环节不能转办" in city.page
    assert 'name="to"' not in city.page
    forged = {"task": f"{wanted[0]}.1", "row": wanted, "verb": "transfer", "to": world.people["市级二"]}
    handled(city, forged)
    assert "成功 0 件，未办理 1 件。" in city.page
    assert row_of(world, wanted[0]).assignee_id is None


def test_only_the_refused_are_tried_again_with_everything_that_was_typed(world: World, visit) -> None:
    """The row has moved on by one revision meanwhile: tried again as it stands now, with its own opinion."""
    changed, gone, fine = started(world, 3)
    city = visit("市级")
    ticked(city, "no", [changed, gone, fine])
    sent = {**hidden(city.page), "outcome": "return", "comment": "材料不全", f"own.{changed}": "缺盖章"}
    with world.session() as session:
        for verb in (tasks.claim, tasks.unclaim):
            row = session.execute(select(Task.revision).where(Task.id == changed)).one()
            verb(session, changed, row.revision, world.acting("市级二"), world.now)
    world.complete(gone, "approve", "市级二", comment="同意")
    address = handled(city, sent)
    assert "成功 1 件，未办理 2 件。" in city.page
    assert "内容已发生变化" in city.page
    assert "该记录已被处理：市级二，同意" in city.page
    assert f'href="/inbox/instances/{row_of(world, fine).instance_id}"' in city.page
    again = re.search(r'href="(/inbox/together\?again=[^"]+)"', city.page)
    assert again
    city.get(again[1].replace("&amp;", "&"))
    assert "已选 2 件，其中 1 件可以一起办理" in city.page
    assert 'value="缺盖章"' in city.page
    assert ">材料不全</textarea>" in city.page
    fresh = hidden(city.page)
    assert fresh["task"] == [f"{changed}.3"]
    assert fresh["key"] != sent["key"]
    handled(city, {**fresh, "outcome": "return", "comment": "材料不全", f"own.{changed}": "缺盖章"})
    assert "成功 1 件，未办理 0 件。" in city.page
    assert comments(world)[changed] == "缺盖章"
    city.get(address)
    assert "成功 1 件，未办理 2 件。" in city.page  # the first result is kept as it was
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_what_was_done_at_once_is_found_again_among_the_errands(world: World, visit) -> None:
    wanted = started(world, 2)
    city = visit("市级")
    ticked(city, "yes", wanted)
    address = handled(city, {**hidden(city.page), "outcome": "approve"})
    city.get("/errands")
    assert "批量办理 2 件" in city.page
    link = re.search(r'href="(/inbox/together/[^"]+)"', city.page)
    assert link
    assert address.startswith(link[1])
    assert visit("市级二").get(link[1]).status_code == 404
    with world.session() as session:
        (kept,) = errands.own(session, world.acting("市级"))
    assert "同意" not in str(kept.arguments)  # what was typed is sealed


def test_the_same_page_changed_and_sent_again_is_refused(world: World, visit) -> None:
    wanted = started(world, 2)
    city = visit("市级")
    ticked(city, "yes", wanted)
    sent = {**hidden(city.page), "outcome": "approve"}
    handled(city, sent)
    assert city.post("/inbox/together", {**sent, "comment": "另说"}).status_code == 422
    assert "这一页已经提交过一次" in city.page


def test_above_fifty_other_verbs_are_errands_too(world: World, visit) -> None:
    wanted = started(world, 52)
    city = visit("市级")
    city.get("/inbox/together?verb=claim&" + "&".join(f"row={task}" for task in wanted))
    sent = hidden(city.page)
    answer = city.post("/inbox/together", sent)
    assert answer.location.startswith("/errands/")
    assert city.post("/inbox/together", sent).location == answer.location  # a double click begins it once
    world.work()
    city.get(answer.location)
    assert "批量签收 52 件" in city.page
    assert {row_of(world, task).claimed_by_id for task in wanted} == {world.people["市级"]}


def test_a_stranger_ticks_nothing(world: World, visit) -> None:
    """C-11: what one may not see is neither shown nor done."""
    wanted = started(world, 2)
    neighbour = visit("邻市")
    neighbour.get("/inbox/together?verb=claim&" + "&".join(f"row={task}" for task in wanted))
    assert "没有选择事项" in neighbour.page
    handled(neighbour, {"task": [f"{task}.1" for task in wanted], "row": wanted, "verb": "claim"})
    assert "成功 0 件，未办理 2 件。" in neighbour.page
    assert {row_of(world, task).claimed_by_id for task in wanted} == {None}


@pytest.mark.parametrize("verb", ["yes", "claim", "transfer"])
def test_the_page_costs_the_same_for_one_as_for_many(app, world: World, visit, verb: str) -> None:
    wanted = started(world, 20)
    city = visit("市级")
    city.get(f"/inbox/together?verb={verb}&row={wanted[0]}")
    alone = counted(app, city, f"/inbox/together?verb={verb}&row={wanted[0]}")
    many = "&".join(f"row={task}" for task in wanted)
    assert counted(app, city, f"/inbox/together?verb={verb}&{many}") == alone
    assert alone <= 8
