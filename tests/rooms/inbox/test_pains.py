"""The pains of other systems' users (B3 23–29, B6 40–43), each as a test that fails if it came back here."""

from __future__ import annotations

import json
import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, event, func, select

from app.platform.data import new_id
from app.platform.lists import views
from app.platform.runtime import control, history, instances, tasks, versions
from app.platform.runtime.entities import Entry, History, Incident
from tests.browser.live import Street
from tests.pages import picture, upload
from tests.platform.engine.drawing import Drawing
from tests.platform.engine.nested import Nested, inner, loop
from tests.platform.jobs.databases import KINDS
from tests.platform.runtime import chains
from tests.platform.runtime.steps import begin
from tests.rooms.inbox.conftest import fields_of
from tests.rooms.inbox.test_bulk import comments, row_of, started, ticked
from tests.rooms.inbox.test_signature import asked as asked_to_sign
from tests.rooms.inbox.test_together import handled, hidden
from tests.world import APPLICATION, World


def published(world: World, *drawings: Drawing, **more: bytes) -> None:
    chains.plug()
    given = chains.files(*drawings) | {"forms/fairs/application.json": APPLICATION} | more
    with world.session() as session:
        versions.publish(session, given, None, world.now)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


# 23: more than 50 tasks: no reusable filters, search and page lost, one click takes a task someone is on


@pytest.mark.browser
def test_23_search_and_page_are_as_they_were_after_a_task_was_opened_and_closed(street: Street) -> None:
    world = street.house.world
    started(world, 34)
    city = street.person("city1")
    address = "/inbox/?box=todo&q=测试&page=2"
    city.go(address)
    shown = [one.get_attribute("href") for one in city.page.locator("[data-cases] .case").all()]
    assert len(shown) == 14
    assert "page=2" in str(shown[3])
    city.page.locator("[data-cases] .case").nth(3).click()
    city.page.wait_for_url("**/inbox/tasks/**")
    expect(city.page.locator("[data-search], input[name=q]").first).to_have_value(
        "测试"
    )  # beside the case, too
    assert city.page.locator("[data-cases] .case").count() == 14
    city.page.reload()
    expect(city.page.locator("input[name=q]").first).to_have_value("测试")
    city.page.go_back()
    assert "page=2" in city.page.url
    assert [one.get_attribute("href") for one in city.page.locator("[data-cases] .case").all()] == shown


def test_23_a_question_is_an_address_that_is_used_again_by_anybody(world: World, visit) -> None:
    """The filters are wholly in the address: sent to a colleague it shows the same."""
    started(world, 22)
    first, second = visit("市级"), visit("市级二")
    pages = []
    for browser in (first, second):
        browser.get("/inbox/?box=todo&q=测试&page=2")
        pages.append(re.findall(r'href="(/inbox/tasks/[^"]+)"', browser.page))
    assert len(pages[0]) == 2
    assert pages[0] == pages[1]
    assert all("q=" in one and "page=2" in one for one in pages[0])


def test_23_one_click_takes_no_task_from_anybody(world: World, visit) -> None:
    """Opening reads; only the button claims, and not what another holds."""
    (task,) = started(world, 1)
    first, second = visit("市级"), visit("市级二")
    first.get(f"/inbox/tasks/{task}")
    second.get(f"/inbox/tasks/{task}")
    assert row_of(world, task).claimed_by_id is None
    first.post(f"/inbox/tasks/{task}/claim", {"revision": 1})
    second.get(f"/inbox/tasks/{task}")
    assert 'name="outcome"' not in second.page
    assert second.post(f"/inbox/tasks/{task}/claim", {"revision": 2}).status_code == 409
    assert row_of(world, task).claimed_by_id == world.people["市级"]


# 24: the filter resets when the process tab is opened; a saved filter "all" drops the completed


@pytest.mark.browser
def test_24_opening_the_diagram_or_the_progress_resets_no_filter(street: Street) -> None:
    world = street.house.world
    task = world.open_task(world.to_review(), "city_review")
    world.to_review("组织者乙")
    city = street.person("city1")
    city.go(f"/inbox/tasks/{task}?box=todo&q=集市")
    box = city.page.locator("input[name=q]").first
    for tab in ("流转记录", "流程图"):
        city.page.locator("[data-tabs]").get_by_role("link", name=tab).click()
        expect(box).to_have_value("集市")
    city.page.locator("[data-tabs]").get_by_role("link", name="办理进度").click()
    city.page.wait_for_url("**/inbox/instances/**")
    expect(city.page.locator("input[name=q]").first).to_have_value("集市")


def test_24_a_kept_view_of_all_states_keeps_the_completed(world: World, visit) -> None:
    """What I started, without a state: running and completed; kept as a view, the same."""
    published(world, chains.desk())
    ended, running = begin(world), begin(world)
    world.decide(ended, "prepare", "send")
    world.decide(ended, "review", "approve", "市级")
    browser = visit("组织者甲")
    browser.get("/inbox/?box=mine")
    assert {ended, running} <= set(re.findall(r"/inbox/(?:tasks|instances)/(\w{26})", browser.page)) | {
        row_of(world, task).instance_id for task in re.findall(r"/inbox/tasks/(\w{26})", browser.page)
    }
    saved = browser.post(
        "/inbox/views", {"box": "mine", "asked": "q=测试", "title": "全部测试", "reach": views.ME}
    )
    browser.get(saved.location)
    browser.get("/inbox/?box=mine")
    address = re.search(r'href="([^"]*view=[^"]+)"', browser.page)
    assert address, "the view stands in the rail"
    browser.get(address[1].replace("&amp;", "&"))
    found = set(re.findall(r"/inbox/instances/(\w{26})", browser.page))
    assert ended in found


# 25: bulk complete, assign, comment


def test_25_many_are_completed_commented_and_assigned_at_once(world: World, visit) -> None:
    """The rest of it is tests/rooms/inbox/test_bulk.py."""
    wanted = started(world, 4)
    city = visit("市级")
    ticked(city, "yes", wanted[:2])
    handled(city, {**hidden(city.page), "outcome": "approve", "comment": "同意举办"})
    assert comments(world) == dict.fromkeys(wanted[:2], "同意举办")
    ticked(city, "transfer", wanted[2:])
    handled(city, {**hidden(city.page), "to": world.people["市级二"]})
    assert {row_of(world, task).assignee_id for task in wanted[2:]} == {world.people["市级二"]}


# 26: default menus too poor for end users


def test_26_an_applicant_finds_what_runs_what_came_back_and_what_is_done(world: World, visit) -> None:
    published(world, chains.desk())
    ended, returned, running = (begin(world) for _ in range(3))
    for instance in (ended, returned, running):
        world.decide(instance, "prepare", "send")
    world.decide(ended, "review", "approve", "市级")
    world.decide(returned, "review", "return", "市级", comment="请补充")
    browser = visit("组织者甲")
    browser.get("/inbox/")
    for box in ("待办", "待签收", "我发起", "已办", "抄送", "草稿"):
        assert f">{box}<" in browser.page, box
    browser.get("/inbox/?box=mine")
    for words in ("已通过", "待审核", "退回"):
        assert words in browser.page, words
    browser.get("/inbox/?box=mine&state=ended")
    assert ended in browser.page
    assert running not in browser.page


# 27: a handwritten signature at a node


def test_27_a_node_asks_for_a_signature_by_hand_and_keeps_it(world: World, visit) -> None:
    """Drawn in a browser: tests/rooms/inbox/test_signature.py."""
    task = asked_to_sign(world)
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    assert "data-sign-pad" in city.page
    sent = {**fields_of(city.page), "outcome": "approve", "advice": "同意推荐"}
    assert city.post(f"/inbox/tasks/{task}", sent).status_code == 422
    assert "请签写【评审人签名】" in city.page
    city.post(f"/inbox/tasks/{task}", {**sent, **upload(picture(), "签名.png", "signed.file")})
    city.get(f"/inbox/tasks/{task}")
    assert re.search(r'<img src="/files/\w+" alt="手写签名：评审人签名"', city.page)


# 28: the approver fills in and uploads at her own node


def test_28_an_approver_fills_in_and_uploads_at_her_own_step_and_nobody_else_does(
    world: World, visit
) -> None:
    drawn = Drawing("tests_own", form="fairs/application").lane("city", "review", **chains.CITY).start()
    drawn.task("prepare", outcomes="send=送审|Send", form="tests/own")
    drawn.task("review", assignee="", outcomes=chains.OUTCOMES, form="tests/own")
    drawn.end().line("begin", "prepare", "review", "done")
    fields = [
        {"name": "plan", "type": "text", "label": "方案", "label.en": "Plan", "at": {"prepare": "edit"}},
        {"name": "score", "type": "number", "label": "评分", "label.en": "Score", "at": {"review": "required"}},
        {"name": "minutes", "type": "file", "label": "会议纪要", "label.en": "Minutes", "at": {"review": "required"}},
    ]  # fmt: skip
    form = {"id": "tests/own", "title": "评审", "title.en": "Review", "fields": fields}
    published(world, drawn, **{"forms/tests/own.json": json.dumps(form).encode()})
    instance = begin(world, "tests_own")
    applicant, city = visit("组织者甲"), visit("市级")
    own = f"/inbox/tasks/{world.open_task(instance, 'prepare')}"
    applicant.get(own)
    assert 'name="score"' not in applicant.page
    sent = {**fields_of(applicant.page), "outcome": "send", "plan": "三天"}
    assert applicant.post(own, {**sent, "score": "100"}).status_code == 422  # not his to fill in
    applicant.post(own, sent)
    url = f"/inbox/tasks/{world.open_task(instance, 'review')}"
    city.get(url)
    filled = {**fields_of(city.page), "outcome": "approve", "score": "92"}
    assert city.post(url, filled).status_code == 422
    assert "请上传【会议纪要】" in city.page
    city.post(url, {**filled, **upload(picture(), "纪要.png", "minutes.file")})
    with world.session() as session:
        values = session.scalars(select(Entry.values).where(Entry.element == "review")).one()
    assert values["score"] == 92
    assert len(values["minutes"]) == 1


# 29: names vanish once the data scope is "only my own"


def test_29_names_are_shown_to_whoever_sees_nothing_but_his_own(world: World, visit) -> None:
    """The applicant holds no post that shows him people; who holds and who decided his case is named all the same."""
    published(world, chains.desk())
    instance = begin(world)
    world.decide(instance, "prepare", "send")
    with world.session() as session:
        tasks.claim(session, world.open_task(instance, "review"), 1, world.acting("市级"), world.now)
    applicant = visit("组织者甲")
    assert (
        applicant.get("/fairs/lists/applications").status_code == 403
    )  # his scope shows him no list of others
    applicant.get(f"/inbox/instances/{instance}")
    assert "市级" in applicant.page
    world.complete(world.open_task(instance, "review"), "return", "市级", comment="请补充", revision=2)
    applicant.get(f"/inbox/tasks/{world.open_task(instance, 'prepare')}")
    assert re.search(r"市级\s*(·|<)", applicant.page)
    assert "请补充" in applicant.page
    (other,) = started(world, 1)
    with world.session() as session:
        tasks.transfer(session, other, world.people["教师"], 1, world.acting("市级"), world.now)
    teacher = visit("教师")  # who holds no post of the city's
    teacher.get("/inbox/")
    assert other in teacher.page
    teacher.get(f"/inbox/tasks/{other}")
    assert "组织者甲" in teacher.page
    assert "市级" in teacher.page


# 40: approving takes long and times out on older cases


def aged(world: World, instance: str, rows: int) -> None:
    """Let an instance's history grow as it does in life: claimed and put back."""
    task, by = world.open_task(instance, "review"), world.acting("市级")
    with world.session() as session:
        revision = row_of(world, task).revision
        while (session.scalar(select(func.count()).where(History.instance_id == instance)) or 0) < rows:
            for verb in (tasks.claim, tasks.unclaim) * 25:
                verb(session, task, revision, by, world.now)
                revision += 1


def test_40_approving_a_case_with_a_thousand_rows_of_history_costs_what_a_young_one_costs(
    app, world: World, visit
) -> None:
    """In statements exactly, in time by the median of ten posts each, taken in turns."""
    published(world, chains.desk())
    old, young = begin(world), begin(world)
    for instance in (old, young):
        world.decide(instance, "prepare", "send")
    aged(world, old, 1_000)
    city = visit("市级")
    city.get("/inbox/")  # for its token
    with app.app_context():
        from app.extensions import db

        engine = db.engine

    def approve(instance: str) -> tuple[int, float]:
        """Send it back by its page's own post, and bring it before the city again."""
        task = world.open_task(instance, "review")
        sent = {
            "outcome": "return",
            "comment": "补",
            "key": new_id(),
            "revision": row_of(world, task).revision,
        }
        with statements(engine) as seen:
            begun = time.perf_counter()
            answer = city.post(f"/inbox/tasks/{task}", sent)
            took = time.perf_counter() - begun
        assert answer.status_code == 302, answer.status
        world.decide(instance, "prepare", "send")
        return len(seen), took

    approve(old), approve(young)
    pairs = [(approve(old), approve(young)) for _ in range(10)]
    assert {each[0][0] for each in pairs} == {each[1][0] for each in pairs}
    aged_ms, fresh_ms = (statistics.median(each[which][1] for each in pairs) * 1e3 for which in (0, 1))
    print(f"\n{aged_ms:.1f} ms with 1,000 rows of history, {fresh_ms:.1f} ms without")
    assert aged_ms <= 1.5 * fresh_ms + 5
    with world.session() as session:
        assert history.first_bad_row(session, old) is None


# 41: a thousand rounds of a multi-instance block every other case


def rounds(count: int) -> Nested:
    """A step that is asked `count` times, one after the other."""
    inside = inner("i").task("once", outcomes="go=办理|Go").line("i_begin", "once", "i_done")
    drawn = Nested("tests_rounds").start().end()
    return drawn.sub("many", inside, loop(count=str(count), one_by_one=True)).line("begin", "many", "done")


@pytest.mark.parametrize("world", KINDS, indirect=True)
def test_41_two_hundred_rounds_of_one_case_hold_up_no_other(world: World) -> None:
    """While one person goes through them, every verb of another's case stays within half a second."""
    published(world, rounds(200), chains.desk())
    long = begin(world, "tests_rounds", data={})
    begun, over, failed = threading.Event(), threading.Event(), []

    def go_round() -> None:
        try:
            for number in range(200):
                world.decide(long, "once", "go")
                if number == 5:
                    begun.set()
        except Exception as error:
            failed.append(error)
        finally:
            begun.set()
            over.set()

    thread = threading.Thread(target=go_round)
    thread.start()
    begun.wait(60)
    meanwhile = []
    while not over.is_set() and len(meanwhile) < 12:
        started_at = time.perf_counter()
        instance = begin(world)
        world.decide(instance, "prepare", "send")
        world.decide(instance, "review", "approve", "市级")
        meanwhile.append((time.perf_counter() - started_at) / 3)
    during = not over.is_set() or len(meanwhile) >= 3
    thread.join(120)
    assert failed == []
    assert during
    assert statistics.median(meanwhile) < 0.5, meanwhile
    with world.session() as session:
        assert instances.view(session, long, world.acting("组织者甲"), world.now).state == "ended"


# 42: stuck in "waiting", no cause shown


def test_42_a_step_that_nobody_can_do_is_an_incident_and_its_page_says_so(world: World, visit) -> None:
    drawn = Drawing("tests_stuck").start().task("first", assignee="hook:tests/someone", outcomes="go=办理|Go")
    published(world, drawn.end().line("begin", "first", "done"))
    instance = begin(world, "tests_stuck", data={})
    with world.session() as session:
        assert session.scalars(select(Incident.kind).where(Incident.instance_id == instance)).all() == [
            "nobody"
        ]
    applicant = visit("组织者甲")
    applicant.get(f"/inbox/instances/{instance}")
    assert "管理员" in where(applicant.page)


def where(page: str) -> str:
    """The sentence that says where a case is."""
    found = re.search(r'<section class="where.*?</section>', page, re.DOTALL)
    assert found, page
    return re.sub(r"<[^>]+>|\s+", " ", found[0]).strip()


def test_42_nothing_waits_without_saying_for_whom_or_for_what(world: World, visit) -> None:
    published(world, chains.desk(), chains.hooked())
    person, working, suspended = begin(world), begin(world, "tests_hooked"), begin(world)
    world.decide(person, "prepare", "send")
    for element in ("first", "second"):
        world.decide(working, element, "go")
    world.enter("管理员", "platform.administrator")
    with world.session() as session:
        control.suspend(session, suspended, "核查中", world.acting("管理员"), world.now)
    applicant = visit("组织者甲")
    said = {}
    for name, instance in (("person", person), ("working", working), ("suspended", suspended)):
        applicant.get(f"/inbox/instances/{instance}")
        said[name] = where(applicant.page)
    assert "市级管理员" in said["person"]
    assert "sending" in said["working"] or "正在" in said["working"]
    assert re.search("挂起|暂停", said["suspended"])
    assert len(set(said.values())) == 3


# 43: a suspended case cannot even be looked at


def test_43_a_suspended_case_can_be_looked_at_and_cannot_be_decided(world: World, visit) -> None:
    (task,) = started(world, 1)
    instance = row_of(world, task).instance_id
    world.enter("管理员", "platform.administrator")
    with world.session() as session:
        control.suspend(session, instance, "核查中", world.acting("管理员"), world.now)
    city, applicant = visit("市级"), visit("组织者甲")
    assert city.get(f"/inbox/tasks/{task}").status_code == 200
    assert "流转记录" in city.page
    assert re.search("挂起|暂停", city.page)
    assert 'name="outcome"' not in city.page
    sent = {"outcome": "approve", "revision": 1, "key": "k"}
    assert city.post(f"/inbox/tasks/{task}", sent).status_code in (409, 422)
    assert row_of(world, task).state == "open"
    assert applicant.get(f"/inbox/instances/{instance}").status_code == 200
    assert re.search("挂起|暂停", where(applicant.page))
    city.get("/inbox/")
    assert task in city.page  # still listed
