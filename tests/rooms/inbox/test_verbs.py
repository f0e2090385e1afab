"""The pages of the verbs: who is offered what, what becomes of it, and what a refusal says (D1, B3-27, B3-28)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform import documents
from app.platform.runtime import substitutes
from app.platform.runtime.entities import Copy, History, Seat
from tests.pages import House, house_of
from tests.platform.runtime.steps import begin
from tests.rooms.conftest import Browser
from tests.rooms.inbox.conftest import fields_of
from tests.rooms.inbox.offices import at_check, at_review, furnish, happened, row
from tests.rooms.inbox.test_statements import counted

VERB = re.compile(r'data-verb="(\w+)"')


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press) -> Iterator[House]:
    with house_of(tmp_path_factory.mktemp("verbs"), shared_press) as house:
        furnish(house)
        yield house


def offered(browser: Browser, url: str) -> set[str]:
    """The verbs on a page, each once."""
    assert browser.get(url).status_code == 200
    return set(VERB.findall(browser.page))


def send(browser: Browser, url: str, **typed: object):
    """Open a verb's page, and post it with `typed`."""
    assert browser.get(url).status_code == 200, browser.page
    return browser.post(url, {**fields_of(browser.page), **typed})


def person(house: House, name: str) -> str:
    return house.world.people[name]


def input_of(page: str, value: str) -> str:
    found = re.search(rf'<input[^>]*value="{value}"[^>]*>', page)
    assert found, value
    return found[0]


def test_the_footer_offers_exactly_the_verbs_the_reader_has(house: House) -> None:
    _, task = at_review(house.world)
    people = {"claim", "transfer", "delegate", "signers", "copy", "return", "print"}
    assert offered(house.visit("市级"), f"/inbox/tasks/{task}") == people
    assert offered(house.visit("组织者甲"), f"/inbox/tasks/{task}") == {"print"}
    assert offered(house.visit("平台管理员"), f"/inbox/tasks/{task}") == {
        "transfer",
        "signers",
        "copy",
        "print",
    }


def test_a_step_with_nowhere_to_go_back_to_offers_no_return(house: House) -> None:
    city, instance = house.visit("市级"), begin(house.world, "tests_direct")
    task = house.world.open_task(instance, "check")
    assert offered(city, f"/inbox/tasks/{task}") == {"claim", "copy", "print"}
    city.get(f"/inbox/tasks/{task}/return")
    assert "没有可以退回的环节" in city.page


def test_claiming_names_whoever_was_quicker_on_the_page_itself(house: House) -> None:
    """C-19."""
    _, task = at_review(house.world)
    url, first, second = f"/inbox/tasks/{task}", house.visit("市级"), house.visit("市级二")
    second.get(url)
    first.get(url)
    assert first.post(f"{url}/claim", {"revision": "1"}).status_code == 302
    assert offered(first, url) >= {"unclaim"}
    assert second.post(f"{url}/claim", {"revision": "1"}).status_code == 409
    assert "市级已于" in second.page
    assert "签收，正在办理" in second.page
    assert first.post(f"{url}/unclaim", {"revision": "2"}).status_code == 302
    assert "claim" in offered(second, url)


def test_a_transfer_changes_hands_and_the_giver_goes_on_with_the_next_case(house: House) -> None:
    instance, task = at_review(house.world)
    giver, taker = house.visit("市级"), house.visit("王科长")
    answer = send(
        giver, f"/inbox/tasks/{task}/transfer?box=todo&at=1", to=person(house, "王科长"), comment="请办"
    )
    assert answer.status_code == 303
    assert task not in answer.location
    giver.get(answer.location)
    assert "已转办给王科长" in giver.page
    assert "transfer" not in offered(giver, f"/inbox/tasks/{task}")
    taker.get(f"/inbox/tasks/{task}")
    assert "由您本人办理" in taker.page
    assert "→ 王科长" in taker.page
    assert happened(house.world, instance)[-1] == "transferred"


def test_the_same_page_sent_twice_transfers_once(house: House) -> None:
    instance, task = at_review(house.world)
    giver, url = house.visit("市级"), f"/inbox/tasks/{task}/transfer"
    giver.get(url)
    typed = {**fields_of(giver.page), "to": person(house, "王科长")}
    assert [giver.post(url, typed).status_code for _ in range(2)] == [303, 303]
    assert happened(house.world, instance).count("transferred") == 1


def test_a_refused_transfer_keeps_everything_typed_and_says_why(house: House) -> None:
    _, task = at_review(house.world)
    giver, url = house.visit("市级"), f"/inbox/tasks/{task}/transfer"
    assert send(giver, url, comment="请接手").status_code == 422
    assert "请选择人员" in giver.page
    assert "请接手" in giver.page
    assert send(giver, url, to=person(house, "市级"), comment="请接手").status_code == 422
    assert "不能选择您本人" in giver.page
    assert "请接手" in giver.page
    assert send(giver, url, to=person(house, "组织者甲"), comment="请接手").status_code == 422
    assert "应当回避" in giver.page
    assert send(giver, url, to=person(house, "王科长"), revision="7", comment="请接手").status_code == 409
    assert "已被更新" in giver.page
    assert "请接手" in giver.page
    assert " checked" in input_of(giver.page, person(house, "王科长"))
    assert giver.post(url, fields_of(giver.page) | {"to": person(house, "王科长")}).status_code == 303


def test_whom_somebody_quicker_has_decided_for_reads_who_it_was(house: House) -> None:
    """C-19, B3-25: nothing typed is lost."""
    _, task = at_review(house.world)
    slow, quick, url = house.visit("市级"), house.visit("市级二"), f"/inbox/tasks/{task}"
    slow.get(f"{url}/transfer")
    typed = {**fields_of(slow.page), "to": person(house, "王科长"), "comment": "我写的"}
    assert send(quick, url, outcome="approve").status_code == 302
    assert slow.post(f"{url}/transfer", typed).status_code == 409
    assert "市级二已于" in slow.page
    assert "我写的" in slow.page
    assert slow.get(f"{url}/transfer").status_code == 302  # the task itself tells


def test_who_may_not_do_it_gets_no_page_of_it(house: House) -> None:
    _, task = at_review(house.world)
    starter, stranger, manager = house.visit("组织者甲"), house.visit("教师"), house.visit("平台管理员")
    for verb in ("transfer", "delegate", "copy", "signers", "return"):
        assert starter.get(f"/inbox/tasks/{task}/{verb}").status_code == 403, verb
        assert stranger.get(f"/inbox/tasks/{task}/{verb}").status_code == 404, verb
    assert manager.get(f"/inbox/tasks/{task}/delegate").status_code == 403
    assert manager.get(f"/inbox/tasks/{task}/transfer").status_code == 200


def test_an_administrator_must_say_why(house: House) -> None:
    instance, task = at_review(house.world)
    manager, url = house.visit("平台管理员"), f"/inbox/tasks/{task}/transfer"
    assert send(manager, url, to=person(house, "王科长")).status_code == 422
    assert "请填写原因" in manager.page
    answer = send(manager, url, to=person(house, "王科长"), comment="岗位空缺")
    assert answer.location == f"/inbox/instances/{instance}"
    assert row(house.world, task).assignee_id == person(house, "王科长")


def test_delegated_it_comes_back_with_the_advice(house: House) -> None:
    _, task = at_review(house.world)
    giver, adviser = house.visit("市级"), house.visit("王科长")
    assert send(giver, f"/inbox/tasks/{task}/delegate", to=person(house, "王科长")).status_code == 303
    giver.get(f"/inbox/tasks/{task}")
    assert "依次签署 0/1" in giver.page
    assert "受市级委托提出意见" in giver.page
    assert send(adviser, f"/inbox/tasks/{task}", outcome="approve", comment="可以").status_code == 302
    giver.get(f"/inbox/tasks/{task}")
    assert "请您签署" in giver.page or "您担任" in giver.page
    assert send(giver, f"/inbox/tasks/{task}", outcome="approve").status_code == 302
    assert row(house.world, task).state == "closed"


def test_copied_persons_read_it_and_are_not_offered_twice(house: House) -> None:
    instance, task = at_review(house.world)
    giver, reader, url = house.visit("市级"), house.visit("赵干事"), f"/inbox/tasks/{task}/copy"
    both = [person(house, "赵干事"), person(house, "钱干事")]
    assert reader.get(f"/inbox/instances/{instance}").status_code == 404
    answer = send(giver, url, to=both)
    assert task in answer.location  # he goes on with the same task
    giver.get(answer.location)
    assert "已抄送赵干事、钱干事" in giver.page
    assert reader.get(f"/inbox/instances/{instance}").status_code == 200
    giver.get(url)
    assert "disabled" in input_of(giver.page, both[0])
    assert "已抄送此人" in giver.page
    with house.world.session() as session:
        assert len(session.scalars(select(Copy).where(Copy.instance_id == instance)).all()) == 2


def test_signers_come_and_go(house: House) -> None:
    _, task = at_review(house.world)
    giver, url = house.visit("市级"), f"/inbox/tasks/{task}/signers"
    added = person(house, "王科长")
    assert send(giver, url).status_code == 422
    answer = send(giver, url, to=[added, person(house, "赵干事")], position="after", comment="会审")
    giver.get(answer.location)
    assert "已加签王科长、赵干事" in giver.page
    assert "依次签署 0/3" in giver.page
    giver.get(url)
    assert "disabled" not in input_of(giver.page, added)  # added ones may go
    assert "disabled" in input_of(giver.page, person(house, "市级"))
    assert send(giver, url, remove=[added]).status_code == 303
    with house.world.session() as session:
        seats = {one.person_id: one for one in session.scalars(select(Seat).where(Seat.task_id == task))}
    assert seats[added].closed_reason == "removed"
    assert send(giver, url, remove=[person(house, "市级")]).status_code == 422
    assert "只能减去加签的人" in giver.page
    assert send(giver, url, to=[person(house, "组织者甲")]).status_code == 422
    assert "应当回避" in giver.page


def test_sent_back_to_a_chosen_step_and_straight_back(house: House) -> None:
    """B2: a return goes where it is sent, not always to the start."""
    instance, task = at_review(house.world)
    reviewer, url = house.visit("市级"), f"/inbox/tasks/{task}/return"
    assert send(reviewer, url, to="prepare").status_code == 422
    assert "请填写退回意见" in reviewer.page
    assert " checked" in input_of(reviewer.page, "prepare")
    assert send(reviewer, url, to="review", comment="改").status_code == 409
    assert send(reviewer, url, comment="改").status_code == 422
    assert send(reviewer, url, to="prepare", then="straight_back", comment="请补材料").status_code == 303
    assert house.world.open_elements(instance) == ["prepare"]
    starter = house.visit("组织者甲")
    prepare = house.world.open_task(instance, "prepare")
    starter.get(f"/inbox/tasks/{prepare}")
    assert "请补材料" in starter.page
    assert "→ 任务prepare" in starter.page
    assert send(starter, f"/inbox/tasks/{prepare}", outcome="send").status_code == 302
    assert house.world.open_elements(instance) == ["review"]


def test_a_decision_can_be_taken_back_until_somebody_acts(house: House) -> None:
    instance, task = at_check(house.world)
    city = house.visit("市级")
    answer = send(city, f"/inbox/tasks/{task}?box=todo", outcome="pass")
    city.get(answer.location)
    way = f"/inbox/instances/{instance}/withdraw"
    assert f'href="{way}"' in city.page  # on the line that says what was done
    assert "withdraw" in offered(city, f"/inbox/tasks/{task}?box=done")
    assert "可撤回" in city.page
    assert "withdraw" in offered(city, f"/inbox/instances/{instance}")
    assert send(city, way, comment="看错了").status_code == 303
    assert house.world.open_elements(instance) == ["check"]
    assert "withdraw" not in offered(city, f"/inbox/instances/{instance}")
    send(city, f"/inbox/tasks/{house.world.open_task(instance, 'check')}", outcome="pass")
    other = house.visit("市级二")
    review = house.world.open_task(instance, "review")
    other.get(f"/inbox/tasks/{review}")
    city.get(way)
    typed = fields_of(city.page)
    assert other.post(f"/inbox/tasks/{review}/claim", {"revision": "1"}).status_code == 302
    assert "withdraw" not in offered(city, f"/inbox/instances/{instance}")
    assert city.post(way, typed).status_code == 409
    assert "不能撤回" in city.page
    assert house.world.open_elements(instance) == ["review"]


def test_urging_is_for_who_waits_and_once_a_working_day(house: House) -> None:
    instance, _ = at_check(house.world)
    starter, city, url = house.visit("组织者甲"), house.visit("市级"), f"/inbox/instances/{instance}"
    assert "urge" not in offered(city, url)
    assert "urge" in offered(starter, url)
    assert send(starter, url) is not None
    answer = starter.post(f"{url}/urge", {"key": "a"})
    starter.get(answer.location)
    assert "已催办，已通知办理人" in starter.page
    assert re.search(r'data-verb="urge" disabled', starter.page)
    starter.get(starter.post(f"{url}/urge", {"key": "b"}).location)
    assert "每个工作日只能催办一次" in starter.page
    assert happened(house.world, instance).count("urged") == 1
    assert city.post(f"{url}/urge").status_code == 403


def test_searching_finds_by_name_and_unit_without_a_script_and_loses_nothing(house: House) -> None:
    _, task = at_review(house.world)
    giver, url = house.visit("市级"), f"/inbox/tasks/{task}/copy"
    giver.get(url)
    typed = {**fields_of(giver.page), "comment": "请看", "to": [person(house, "赵干事")]}
    assert giver.post(url, {**typed, "who": "科技 王", "_update": "who"}).status_code == 200
    assert "请看" in giver.page
    assert " checked" in input_of(giver.page, person(house, "赵干事"))
    assert input_of(giver.page, person(house, "王科长"))
    assert person(house, "钱干事") not in giver.page
    assert giver.get(f"{url}?who=钱&to={person(house, '赵干事')}&q=测试").status_code == 200
    assert input_of(giver.page, person(house, "钱干事"))
    assert " checked" in input_of(giver.page, person(house, "赵干事"))
    with house.world.session() as session:
        assert not session.scalars(select(Copy).where(Copy.task_id == task)).all()


def test_whoever_registered_himself_leafs_through_no_directory_of_officials(house: House) -> None:
    """Anybody may ask for somebody to stand in: his search names only whom he knows already."""
    applicant = house.visit("组织者甲")
    for typed in ("", "王", "科长", "科技"):
        assert applicant.get(f"/inbox/absence?who={typed}").status_code == 200
        assert person(house, "王科长") not in applicant.page
        assert person(house, "市级二") not in applicant.page
    assert "请输入完整的姓名" in applicant.page
    applicant.get("/inbox/absence?who=王科长")
    assert input_of(applicant.page, person(house, "王科长"))
    official = house.visit("市级")
    official.get("/inbox/absence?who=王")
    assert input_of(official.page, person(house, "王科长"))


def test_the_print_view_holds_form_and_history_and_masks_as_the_page_does(house: House) -> None:
    name = house.settle()
    instance = house.world.to_review(name)
    url = f"/inbox/tasks/{house.world.open_task(instance, 'city_review')}"
    city = house.visit("市级")
    assert city.get(f"{url}/print").status_code == 200
    for words in ("集市申请", "演示中学", "提交申请", "13800001234"):
        assert words in city.page, words
    assert '<nav class="inbox-boxes"' not in city.page
    assert house.visit("教师").get(f"{url}/print").status_code == 404
    manager = house.visit("平台管理员")
    manager.get(f"{url}/print")
    assert "演示中学" in manager.page
    assert "13800001234" not in manager.page


def test_a_substitute_is_appointed_acts_as_himself_or_for_the_absent_one_and_gives_it_back(
    house: House,
) -> None:
    """B3-29: an absence hands the tasks on, and the record says for whom."""
    absent, present = house.visit("市级"), house.visit("市级二")
    _, task = at_review(house.world, "组织者乙")
    absent.get("/inbox/absence")
    typed = fields_of(absent.page)
    assert absent.post("/inbox/absence", typed).status_code == 422
    assert "请选择代理人" in absent.page
    assert "请填写结束日期" in absent.page
    wanted = {
        **typed,
        "to": person(house, "市级二"),
        "until": f"{house.world.now + timedelta(days=3):%Y-%m-%d}",
    }
    assert absent.post("/inbox/absence", {**wanted, "until": "2020-01-01"}).status_code == 422
    assert absent.post("/inbox/absence", {**wanted, "scope": "some"}).status_code == 422
    some = {**wanted, "scope": "some", "processes": ["tests_office"]}
    assert [absent.post("/inbox/absence", some).status_code for _ in range(2)] == [303, 303]
    with house.world.session() as session:
        [standing] = substitutes.of(session, person(house, "市级二"))
    assert standing.processes == frozenset({"tests_office"})
    present.get("/inbox/absence")
    assert "我代理的人" in present.page
    present.get(f"/inbox/tasks/{task}")
    assert "以谁的名义办理" in present.page
    answer = send(
        present, f"/inbox/tasks/{task}", outcome="approve", on_behalf_of=person(house, "市级"), comment="同意"
    )
    assert answer.status_code == 302
    with house.world.session() as session:
        [last] = session.scalars(select(History).where(History.task_id == task, History.kind == "decided"))
        assert last.by_id == person(house, "市级二")
    absent.get(f"/inbox/tasks/{task}")
    assert "市级二 代 市级" in absent.page
    stranger = house.visit("教师")
    stranger.get("/inbox/absence")
    assert stranger.post(f"/inbox/absence/{standing.id}/end").status_code == 404
    assert present.post(f"/inbox/absence/{standing.id}/end").status_code == 303
    present.get("/inbox/absence")
    assert "已结束" in present.page
    assert f"/inbox/absence/{standing.id}/end" not in present.page


def test_who_acts_only_for_another_reads_so(house: House) -> None:
    _, task = at_review(house.world)
    world, teacher = house.world, house.visit("教师")
    with world.session() as session:
        until = world.now + timedelta(days=1)
        people = (person(house, "市级"), person(house, "教师"))
        made = substitutes.appoint(session, *people, world.now, until, None, world.acting("市级"), world.now)
    teacher.get(f"/inbox/tasks/{task}")
    assert "您正在代市级办理" in teacher.page
    assert "以谁的名义办理" not in teacher.page
    with world.session() as session:
        substitutes.end(session, made, world.acting("市级"), world.now)


@pytest.mark.parametrize("verb", ["transfer", "copy", "signers", "return"])
def test_a_verbs_page_costs_the_same_however_many_people_there_are(house: House, verb: str) -> None:
    _, task = at_review(house.world)
    city, url = house.visit("市级"), f"/inbox/tasks/{task}/{verb}"
    city.get(url)
    before = counted(house.app, city, url)
    for _ in range(3):
        house.settle(f"{house.world.system}.city_admin", "130400")
    assert counted(house.app, city, url) == before
    assert before <= 22
