"""Ticked rows decided alike: what may be is said before, what became of each after (C-19)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import lists
from app.platform.lists import catalogue, deciding
from app.platform.registry import Acting, Words
from app.platform.runtime import doctor, instances, policy, questions, versions
from app.platform.runtime.entities import Entry, Instance, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime import chains, test_bulk
from tests.rooms.conftest import Browser
from tests.world import APPLICATION, World

URL = "/fairs/lists/pile"


FORM = {
    "id": "tests/advice",
    "title": "审查意见",
    "title.en": "Review",
    "steps": {"review": "edit"},
    "fields": [
        {
            "name": "advice",
            "type": "text",
            "label": "推荐意见",
            "label.en": "Advice",
            "at": {"review": "required"},
        },
        {"name": "origin", "type": "text", "label": "来源", "label.en": "Origin", "at": {"review": "read"}},
    ],
}


def asked(world: World, count: int, form: Mapping[str, Any] = FORM) -> list[str]:
    """The same with a form to be filled in at the review."""
    drawn = Drawing("tests_pile", form="fairs/application").lane("city", "review", **chains.CITY)
    drawn.start().task("review", assignee="", outcomes=chains.OUTCOMES, allow="bulk", form="tests/advice")
    drawn.end().line("begin", "review", "done")
    given = {
        "forms/fairs/application.json": APPLICATION,
        "forms/tests/advice.json": json.dumps(form).encode(),
    }
    with world.session() as session:
        versions.publish(session, chains.files(drawn) | given, None, world.now)
        return [
            instances.start(
                session,
                "tests_pile",
                by=world.acting("组织者甲"),
                post=None,
                now=world.now,
                data=chains.HANSHAN,
            ).tasks[0]
            for _ in range(count)
        ]


def started(world: World, count: int) -> list[str]:
    """Tasks at a review that may be decided in bulk; the step behind it may not."""
    drawn = Drawing("tests_pile", form="fairs/application").lane("city", "review", "second", **chains.CITY)
    drawn.start().task("review", assignee="", outcomes=chains.OUTCOMES, allow="bulk")
    drawn.task("second", assignee="", outcomes="go=办理|Go").end().line("begin", "review", "second", "done")
    return test_bulk.started(world, count, drawn)


def piled(session: Session, acting: Acting, now: datetime) -> Any:
    return select(Instance.id, Instance.title, Instance.number).where(policy.readable(acting))


PILE = lists.List(
    key="pile",
    title=Words("待审核材料", "Pile"),
    columns=(lists.Column("title", Words("事项", "Matter"), fixed=True, card="title"),),
    query=piled,
    order=(Instance.id,),
    row="id",
    instance="id",
    together=Words("批量审核", "Review together"),
    size=100,
)


@pytest.fixture(autouse=True)
def pile(app: Any) -> Iterator[None]:
    """The list stands beside that of fairs."""
    known = catalogue.get("fairs/applications")
    assert known is not None
    catalogue.enter("fairs", [known, PILE])
    yield
    catalogue.enter("fairs", [known])


def ticked(browser: Browser, most: int = 1000) -> Any:
    """Tick what the list shows, and open the page where it is decided."""
    browser.get(f"{URL}?size=100")
    assert 'formaction="/inbox/together/of/fairs/pile"' in browser.page
    rows = re.findall(r'name="row" value="([^"]+)"', browser.page)[:most]
    answer = browser.post("/inbox/together/of/fairs/pile", {"row": rows, "back": URL})
    assert answer.status_code == 303
    browser.get(answer.location)
    return answer.location


def hidden(page: str) -> dict[str, Any]:
    """What the page's form sends along."""
    named = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("task", "matter", "row")}
    alone = re.findall(r'name="(key|back|verb|step|lean)" value="([^"]*)"', page)
    return {**named, **{name: html.unescape(text) for name, text in alone}}


def handled(browser: Browser, fields: dict[str, Any]) -> str:
    """Send the page, and read what became of each; return the address of the result."""
    answer = browser.post("/inbox/together", fields)
    assert answer.status_code == 303, browser.page
    browser.get(answer.location)
    return str(answer.location)


def states(world: World) -> list[tuple[str, str]]:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []
        return sorted((row.element, row.state) for row in session.execute(select(Task.element, Task.state)))


def test_ticked_matters_are_decided_together(world: World, visit) -> None:
    started(world, 3)
    city = visit("市级")
    ticked(city)
    assert "已选 3 件，其中 3 件可以一起办理" in city.page
    handled(city, {**hidden(city.page), "outcome": "approve", "comment": "同意"})
    assert "成功 3 件，未办理 0 件。" in city.page
    assert f'href="{URL}"' in city.page
    assert states(world) == [("review", "closed")] * 3 + [("second", "open")] * 3


def test_what_cannot_be_decided_so_is_told_before(world: World, visit) -> None:
    """A step that is decided one by one, and one that waits for somebody else, are not sent along."""
    first, *_ = started(world, 2)
    with world.session() as session:
        instance = session.scalar(select(Task.instance_id).where(Task.id == first))
    world.decide(instance, "review", "approve", "市级")
    draft = world.apply()
    city = visit("市级")
    city.get(f"/inbox/together?matter={instance}&matter={draft}&matter=nonsense")
    assert "其中 0 件可以一起办理" in city.page
    assert "该环节须逐件办理" in city.page
    assert 'name="task"' not in city.page
    applicant = visit("组织者甲")
    applicant.get(f"/inbox/together?matter={instance}&matter={draft}")
    assert "没有您可以办理的环节" in applicant.page


def test_rows_whose_questions_would_be_closed_say_so_before(world: World, visit) -> None:
    drawn = Drawing("tests_pile", form="fairs/application").lane("city", "review", **chains.CITY)
    drawn.start().task("review", assignee="", outcomes=chains.OUTCOMES, allow="bulk ask transfer")
    drawn.end().line("begin", "review", "done")
    task, _ = test_bulk.started(world, 2, drawn)
    city, to = visit("市级"), world.people["组织者甲"]
    with world.session() as session:
        first = session.get_one(Task, task).instance_id
        question = questions.ask(session, task, to, "为何？", 1, world.acting("市级"), world.now)
    ticked(city)
    assert "已选 2 件，其中 2 件可以一起办理" in city.page
    assert city.page.count("有未答复的询问") == 1
    city.get(f"/inbox/together?matter={first}&verb=transfer")
    assert "有未答复的询问" not in city.page
    with world.session() as session:
        questions.answer(session, question, "因为。", world.acting("组织者甲"), world.now)
    ticked(city)
    assert "有未答复的询问" not in city.page


def test_an_opinion_that_is_missing_is_asked_for_once_for_all(world: World, visit) -> None:
    """C-33: what was chosen and typed stays, and nothing is decided."""
    started(world, 2)
    city = visit("市级")
    ticked(city)
    answer = city.post("/inbox/together", {**hidden(city.page), "outcome": "return", "comment": " "})
    assert answer.status_code == 422
    assert "请填写审核意见" in city.page
    assert 'aria-invalid="true"' in city.page
    assert city.post("/inbox/together", {**hidden(city.page), "outcome": "nonsense"}).status_code == 422
    assert states(world) == [("review", "open")] * 2


def test_what_the_step_asks_is_filled_in_once_for_all(world: World, visit) -> None:
    """C-16: what is missing is named at its field before anything is decided; then it is kept with each."""
    asked(world, 3)
    city = visit("市级")
    ticked(city)
    assert 'name="advice"' in city.page
    assert "来源" not in city.page
    sent = {**hidden(city.page), "outcome": "approve", "comment": "同意"}
    assert city.post("/inbox/together", {**sent, "advice": ""}).status_code == 422
    assert "推荐意见" in city.page
    assert "同意" in city.page
    assert states(world) == [("review", "open")] * 3
    handled(city, {**sent, "advice": "推荐参加市级比赛"})
    assert "成功 3 件，未办理 0 件。" in city.page
    with world.session() as session:
        kept = session.scalars(select(Entry.values).where(Entry.task_id.is_not(None)))
        assert [values["advice"] for values in kept] == ["推荐参加市级比赛"] * 3


def test_what_is_each_matter_s_own_is_not_filled_in_for_all(world: World, visit) -> None:
    """D-22: one result and one opinion; what somebody sends besides is not read."""
    advice = {**FORM["fields"][0], "at": {"review": "edit"}}
    asked(world, 2, {**FORM, "together": False, "fields": [advice]})
    city = visit("市级")
    ticked(city)
    assert "推荐意见" not in city.page
    assert "对所选事项统一填写" not in city.page
    handled(city, {**hidden(city.page), "outcome": "approve", "comment": "同意", "advice": "统一的意见"})
    assert "成功 2 件，未办理 0 件。" in city.page
    with world.session() as session:
        kept = session.scalars(select(Entry.values).where(Entry.task_id.is_not(None)))
        assert [values.get("advice") or "" for values in kept] == [""] * 2


def test_each_row_is_done_for_itself(world: World, visit) -> None:
    """C-19: whom somebody else was quicker with is named, the others are decided."""
    first, *_ = started(world, 3)
    city, other = visit("市级"), "市级二"
    ticked(city)
    sent = hidden(city.page)
    with world.session() as session:
        instance = session.scalar(select(Task.instance_id).where(Task.id == first))
    world.decide(instance, "review", "approve", other)
    handled(city, {**sent, "outcome": "approve", "comment": "同意"})
    assert "成功 2 件，未办理 1 件。" in city.page
    assert "该记录已被处理" in city.page
    assert f'href="/inbox/instances/{instance}"' in city.page


def test_the_same_page_sent_twice_decides_once(world: World, visit) -> None:
    started(world, 2)
    city = visit("市级")
    ticked(city)
    sent = {**hidden(city.page), "outcome": "approve", "comment": "同意"}
    assert handled(city, sent) == handled(city, sent)
    assert "成功 2 件，未办理 0 件。" in city.page
    assert states(world) == [("review", "closed")] * 2 + [("second", "open")] * 2


def test_above_fifty_it_is_an_errand(world: World, visit) -> None:
    started(world, 53)
    city = visit("市级")
    ticked(city)
    sent = {**hidden(city.page), "outcome": "approve", "comment": "同意"}
    with world.session() as session:
        stale = session.scalar(select(Task.instance_id).where(Task.id == sent["task"][7].split(".")[0]))
    answer = city.post("/inbox/together", sent)
    assert answer.status_code == 303
    world.decide(stale, "review", "approve", "市级二")
    world.work()
    city.get(answer.location)
    assert "批量办理 53 件" in city.page
    link = re.search(r'href="(/inbox/together/[^"]+)"', city.page)
    assert link
    city.get(link[1])
    assert "成功 52 件，未办理 1 件。" in city.page
    assert "该记录已被处理" in city.page
    assert visit("市级二").get(link[1]).status_code == 404
    assert states(world).count(("review", "closed")) == 53


def test_rows_beyond_the_scope_and_lists_without_it_answer_nothing(world: World, visit) -> None:
    """C-11."""
    started(world, 1)
    neighbour = visit("邻市")
    neighbour.get(URL)
    with world.session() as session:
        instance = session.scalar(select(Instance.id))
    answer = neighbour.post("/inbox/together/of/fairs/pile", {"row": [instance]})
    assert "matter" not in answer.location
    neighbour.get(f"/inbox/together?matter={instance}")
    assert "没有选择事项" in neighbour.page
    assert neighbour.post("/inbox/together/of/fairs/applications", {"row": ["x"]}).status_code == 404


def test_it_costs_the_same_to_look_at_one_as_at_many(world: World) -> None:
    from sqlalchemy import event

    started(world, 12)
    by = world.acting("市级")
    with world.session() as session:
        matters = list(session.scalars(select(Instance.id)))
        deciding.gather(session, by, instances=matters)  # the version's program is read once per process
        said: list[str] = []
        event.listen(world.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
        assert len(deciding.gather(session, by, instances=matters).ready) == 12
        assert len([one for one in said if one.startswith("SELECT")]) == 1


def test_an_errand_that_fell_goes_on_where_it_was(world: World) -> None:
    """Decided twice by the same page, each is decided once and told as done."""
    wanted = dict.fromkeys(started(world, 60), 1)
    by = world.acting("市级")
    wish = deciding.Wish(outcome="approve", comment="同意", key="key")
    with world.session() as session:
        deciding.do(session, dict(list(wanted.items())[:50]), wish, by, world.now)
        deciding.begin(session, wanted, wish, by, world.now)
    world.work()
    with world.session() as session:
        (standing,) = lists.deciding.errands.own(session, by)
    assert (standing.state, standing.done) == ("done", 60)
    assert standing.result == {"done": 60, "tasks": list(wanted), "refused": []}
