"""Asking at a task and answering on the page of the matter, as two people do it (D1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import accounts
from app.platform.runtime import control, questions
from app.platform.runtime.entities import Question, Task
from tests.platform.runtime.asking import inquiring
from tests.platform.runtime.signing import publish
from tests.platform.runtime.steps import begin
from tests.platform.runtime.steps import decide as decided
from tests.rooms.conftest import PASSWORD
from tests.rooms.inbox.conftest import fields_of
from tests.rooms.inbox.test_statements import counted
from tests.world import World

ASKED = "公章为何不清？"


@pytest.fixture
def review(world: World) -> tuple[str, str]:
    """A review that may ask, its deadline three working days away: instance and task."""
    publish(world, inquiring())
    return another(world)


def another(world: World) -> tuple[str, str]:
    instance = begin(world, "tests_inquiring")
    return instance, decided(world, world.open_task(instance, "prepare"), "send").next_tasks[0]


def hidden(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([\w-]+)"', page)[0]


def ask(browser, task: str, to: str = "starter", text: str = ASKED, **more: str):
    browser.get(f"/inbox/tasks/{task}/ask")
    sent = {"revision": hidden(browser.page, "revision"), "key": hidden(browser.page, "key"), "who": ""}
    return browser.post(f"/inbox/tasks/{task}/ask", {**sent, "to": to, "text": text, **more})


def one_of(world: World, instance: str) -> questions.QuestionView:
    with world.session() as session:
        return questions.of(session, instance)[-1]


def reply(browser, instance: str, question: str, text: str = "已重新盖章。"):
    browser.get(f"/inbox/instances/{instance}")
    key = hidden(browser.page, "key")
    return browser.post(f"/inbox/questions/{question}/answer", {"text": text, "key": key})


def test_the_reviewer_asks_and_the_applicant_answers_on_top_of_his_page(
    world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city, applicant = visit("市级"), visit("组织者甲")
    city.get(f"/inbox/tasks/{task}")
    assert 'href="#questions"' in city.page
    assert "等待答复期间，本环节时限暂停。" in city.page
    answer = ask(city, task)
    assert (answer.status_code, answer.location) == (302, f"/inbox/tasks/{task}?box=todo#questions")
    city.get(f"/inbox/tasks/{task}")
    assert "时限已暂停" in city.page
    assert "有 1 个询问还没有答复" in city.page
    city.get("/inbox/")
    assert "时限已暂停" in city.page
    applicant.get("/inbox/?box=mine")
    assert 'href="/inbox/questions"' in applicant.page
    applicant.get("/inbox/questions")
    assert ASKED in applicant.page
    question = one_of(world, instance)
    assert f"/inbox/instances/{instance}#question-{question.id}" in applicant.page
    assert reply(applicant, instance, question.id).status_code == 302
    applicant.get(f"/inbox/instances/{instance}")
    assert "请您答复" not in applicant.page.split('id="where"')[0].split("case-sheet")[1]
    applicant.get("/inbox/questions?show=answered")
    assert "已重新盖章。" in applicant.page
    city.get(f"/inbox/tasks/{task}")
    assert "已重新盖章。" in city.page.split('id="questions"')[1].split('id="history"')[0]
    assert "已重新盖章。" in city.page.split('id="history"')[1]
    assert "组织者甲" in city.page.split('id="history"')[1]
    assert "时限已暂停" not in city.page
    assert "还没有答复" not in city.page


def test_a_colleague_is_found_by_a_part_of_the_name_without_scripts(
    world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city = visit("市级")
    answer = ask(city, task, "starter", "先留着", who="级二", _update="who")
    assert answer.status_code == 200
    assert "先留着" in city.page
    assert "市级二" in city.page
    person = world.people["市级二"]
    assert f'value="{person}"' in city.page
    assert one_count(world) == 0
    assert ask(city, task, person, who="级二").status_code == 302
    assert one_of(world, instance).to == person
    assert ask(city, task, "", who="市级二").status_code == 422  # nobody is chosen by a name alone
    assert f'value="{person}"' in city.page
    assert one_count(world) == 1


def one_count(world: World) -> int:
    with world.session() as session:
        return len(session.scalars(select(Question.id)).all())


def test_the_search_names_whoever_holds_an_office_and_others_only_by_their_whole_name(
    visit, world: World, review: tuple[str, str]
) -> None:
    _, task = review
    city = visit("市级")

    def found(who: str) -> str:
        city.get(f"/inbox/tasks/{task}/ask?who={who}")
        return city.page.partition('id="people-list"')[2].partition("</ul>")[0] or city.page

    assert "市级二" in found("市")
    assert "不能选择您本人。" in found("市级")
    assert re.search(rf'value="{world.people["市级"]}" disabled', found("市级"))
    assert world.people["组织者乙"] not in found("组织")  # a role one gives oneself is no office
    assert world.people["组织者乙"] in found("组织者乙")
    found("%")
    assert "没有找到“%”" in city.page


def test_what_is_wrong_is_said_and_everything_typed_stays(
    world: World, visit, review: tuple[str, str]
) -> None:
    _, task = review
    city = visit("市级")
    for sent, said in (
        ({"to": "", "who": "查无此人"}, "请选择向谁询问。"),
        ({"to": world.people["市级"]}, "不能选择您本人。"),
        ({"to": "0" * 26}, "找不到此人"),
    ):
        assert ask(city, task, text="很长的问题", **sent).status_code == 422
        assert said in city.page
        assert "很长的问题" in city.page
    assert ask(city, task, text=" ").status_code == 422
    assert "请填写内容。" in city.page
    assert ask(city, task, text="问" * 2001).status_code == 422
    assert "最多2000个字，现有2001个。" in city.page
    assert ask(city, task, text="改过了", revision="99").status_code == 409
    assert "已被更新" in city.page
    assert "改过了" in city.page
    assert one_count(world) == 0


def test_a_double_click_asks_once(world: World, visit, review: tuple[str, str]) -> None:
    _, task = review
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}/ask")
    sent = {name: hidden(city.page, name) for name in ("revision", "key")}
    for _ in range(2):
        answer = city.post(f"/inbox/tasks/{task}/ask", {**sent, "to": "starter", "who": "", "text": ASKED})
        assert answer.status_code == 302
    assert one_count(world) == 1


def test_an_answer_under_a_key_that_was_used_keeps_what_was_typed(
    world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city, applicant = visit("市级"), visit("组织者甲")
    ask(city, task)
    first = one_of(world, instance).id
    ask(city, task, "starter", "还有一问")
    second = one_of(world, instance).id
    sent = {"text": "第一答", "key": "k"}
    applicant.get(f"/inbox/instances/{instance}")
    assert applicant.post(f"/inbox/questions/{first}/answer", sent).status_code == 302
    answer = applicant.post(f"/inbox/questions/{second}/answer", {"text": "第二答", "key": "k"})
    assert answer.status_code == 422
    assert "第二答" in applicant.page
    assert "已经提交过一次" in applicant.page
    fresh = {"text": "第二答", "key": hidden(applicant.page, "key")}
    assert applicant.post(f"/inbox/questions/{second}/answer", fresh).status_code == 302
    assert one_of(world, instance).answer == "第二答"


def test_a_double_click_takes_back_once_and_one_too_late_reads_why(
    world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city, applicant = visit("市级"), visit("组织者甲")
    ask(city, task)
    question = one_of(world, instance).id
    for _ in range(2):
        answer = city.post(f"/inbox/questions/{question}/take-back", {})
        assert (answer.status_code, answer.location) == (302, f"/inbox/tasks/{task}?box=todo#questions")
        city.get(f"/inbox/tasks/{task}")
        assert "已收回询问。" in city.page
    ask(city, task)
    late = one_of(world, instance).id
    reply(applicant, instance, late)
    city.get(f"/inbox/tasks/{task}")
    assert city.post(f"/inbox/questions/{late}/take-back", {}).status_code == 302
    city.get(f"/inbox/tasks/{task}")
    assert "组织者甲已于" in city.page


def test_a_task_decided_meanwhile_keeps_the_question_that_was_typed(
    world: World, visit, review: tuple[str, str]
) -> None:
    _, task = review
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}/ask")
    sent = {name: hidden(city.page, name) for name in ("revision", "key")}
    decided(world, task, "approve", "市级二")
    answer = city.post(f"/inbox/tasks/{task}/ask", {**sent, "to": "starter", "who": "", "text": ASKED})
    assert answer.status_code == 409
    assert "市级二" in city.page
    assert ASKED in city.page


def test_an_answer_refused_is_shown_again(world: World, visit, review: tuple[str, str]) -> None:
    instance, task = review
    city, applicant = visit("市级"), visit("组织者甲")
    ask(city, task)
    question = one_of(world, instance).id
    assert reply(applicant, instance, question, " ").status_code == 422
    assert "请填写内容。" in applicant.page
    assert reply(applicant, instance, question, "答" * 2_001).status_code == 422
    assert "答" * 2_001 in applicant.page
    applicant.get(f"/inbox/instances/{instance}")
    city.get(f"/inbox/tasks/{task}")
    assert city.post(f"/inbox/questions/{question}/take-back", {}).status_code == 302
    answer = applicant.post(f"/inbox/questions/{question}/answer", {"text": "来晚了", "key": "k"})
    assert answer.status_code == 409
    assert "来晚了" in applicant.page
    assert "不再需要答复" in applicant.page


def test_a_colleague_whose_question_was_taken_back_keeps_what_he_typed_and_reads_nothing(
    world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city, colleague = visit("市级"), visit("邻市")
    ask(city, task, world.people["邻市"])
    assert colleague.get(f"/inbox/instances/{instance}").status_code == 200
    city.get(f"/inbox/tasks/{task}")
    city.post(f"/inbox/questions/{one_of(world, instance).id}/take-back", {})
    sent = {"text": "来晚了", "key": "k"}
    answer = colleague.post(f"/inbox/questions/{one_of(world, instance).id}/answer", sent)
    assert answer.status_code == 409
    assert "来晚了" in colleague.page
    assert "不再需要答复" in colleague.page
    assert colleague.get(f"/inbox/instances/{instance}").status_code == 404


def test_what_colleagues_ask_each_other_is_not_shown_to_the_applicant(
    world: World, visit, review: tuple[str, str]
) -> None:
    """Neither on the page of the matter, nor on the task's, its print or in its history."""
    instance, task = review
    city, colleague, applicant = visit("市级"), visit("邻市"), visit("组织者甲")
    city.get(f"/inbox/tasks/{task}")
    assert "询问同事的内容申请人看不到。" in city.page
    ask(city, task, world.people["邻市"], "他的材料可信吗？")
    reply(colleague, instance, one_of(world, instance).id, "恐怕不可信。")
    ask(city, task, world.people["邻市"], "再查一次？")
    city.post(f"/inbox/questions/{one_of(world, instance).id}/take-back", {})
    ask(city, task, "starter", "公章为何不清？")
    urls = (f"/inbox/instances/{instance}", f"/inbox/tasks/{task}", f"/inbox/tasks/{task}/print")
    secret = ("他的材料可信吗", "恐怕不可信", "再查一次", "收回询问", "邻市")
    for url in urls:
        assert applicant.get(url).status_code == 200
        assert [one for one in secret if one in applicant.page] == []
        assert "公章为何不清？" in applicant.page
    for reader in (city, colleague):
        reader.get(f"/inbox/tasks/{task}")
        assert [one for one in secret[:3] if one not in reader.page] == []


def test_suspended_it_is_readable_and_waits(world: World, visit, review: tuple[str, str]) -> None:
    from tests.platform.runtime.signing import roles

    instance, task = review
    applicant = visit("组织者甲")
    ask(visit("市级"), task)
    roles.plug()
    world.enter("管理员", "platform.administrator")
    with world.session() as session:
        control.suspend(session, instance, "检查", world.acting("管理员"), world.now)
    applicant.get(f"/inbox/instances/{instance}")
    assert ASKED in applicant.page
    assert "事项已挂起，暂时不能答复。" in applicant.page
    question = one_of(world, instance).id
    answer = applicant.post(f"/inbox/questions/{question}/answer", {"text": "先写好", "key": "k"})
    assert answer.status_code == 409
    assert "先写好" in applicant.page


def test_an_administrator_is_offered_to_take_a_question_back(
    world: World, app, visit, review: tuple[str, str]
) -> None:
    """Whoever was asked may be away for good: the pause ends with the question."""
    from tests.platform.runtime.signing import roles
    from tests.rooms.conftest import Browser

    instance, task = review
    city = visit("市级")
    ask(city, task, world.people["邻市"])
    roles.plug()
    world.enter("管理员", "platform.administrator")
    with world.session() as session:
        person = world.people["管理员"]
        accounts.create(session, "manager1", "管理员", None, world.now, PASSWORD, person=person, demo=True)
    keeper = Browser(app.test_client())
    keeper.sign_in("manager1")
    keeper.get(f"/inbox/tasks/{task}")
    url = f"/inbox/questions/{one_of(world, instance).id}/take-back"
    assert url in keeper.page
    assert keeper.post(url, {}).status_code == 302
    assert not one_of(world, instance).is_open
    city.get(f"/inbox/tasks/{task}")
    assert "时限已暂停" not in city.page


def test_what_is_paused_is_not_overdue_in_the_list(world: World, visit, review: tuple[str, str]) -> None:
    _, task = review
    city = visit("市级")
    ask(city, task)
    world.now += timedelta(days=30)
    city = visit("市级")
    city.get("/inbox/?due=overdue")
    assert f"/inbox/tasks/{task}" not in city.page
    city.get("/inbox/")
    assert "时限已暂停" in city.page


def test_deciding_with_an_open_question_closes_it_and_the_page_has_said_so(
    world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city = visit("市级")
    ask(city, task)
    city.get(f"/inbox/tasks/{task}")
    assert "现在办理，未答复的询问将一并关闭。" in city.page
    answer = city.post(f"/inbox/tasks/{task}", {**fields_of(city.page), "outcome": "approve"})
    assert answer.status_code == 302
    assert not one_of(world, instance).is_open
    city.get(f"/inbox/instances/{instance}")
    assert "未答复，询问关闭" in city.page


def test_a_step_that_asks_nothing_has_no_such_part(world: World, visit) -> None:
    instance = world.to_review()
    city = visit("市级")
    city.get(f"/inbox/tasks/{world.open_task(instance, 'city_review')}")
    assert 'id="questions"' not in city.page
    assert city.get(f"/inbox/tasks/{world.open_task(instance, 'city_review')}/ask").status_code == 403


def test_the_pages_cost_the_same_however_much_is_asked(
    app, world: World, visit, review: tuple[str, str]
) -> None:
    instance, task = review
    city, applicant = visit("市级"), visit("组织者甲")
    ask(city, task)
    pages = (
        (city, f"/inbox/tasks/{task}"),
        (city, f"/inbox/tasks/{task}/ask"),
        (applicant, f"/inbox/instances/{instance}"),
        (applicant, "/inbox/questions"),
        (applicant, "/"),
    )
    for browser, url in pages:
        browser.get(url)
    few = [counted(app, browser, url) for browser, url in pages]
    by, people = world.acting("市级"), world.people
    for number in range(12):
        with world.session() as session:
            revision = session.get_one(Task, task).revision
            questions.ask(session, task, people["组织者甲"], f"第{number}问", revision, by, world.now)
    for _ in range(3):
        _, other = another(world)
        ask(city, other)
    print(few)
    assert [counted(app, browser, url) for browser, url in pages] == few
    assert max(few) <= 30


def test_the_list_of_questions_has_pages(world: World, visit, review: tuple[str, str]) -> None:
    instance, task = review
    with world.session() as session, transaction(session):
        for number in range(23):
            session.add(
                Question(
                    instance_id=instance,
                    task_id=task,
                    asked_by_id=world.people["市级"],
                    to_id=world.people["组织者甲"],
                    text=f"第{number:02}问",
                    asked_at=world.now + timedelta(seconds=number),
                )
            )
    applicant = visit("组织者甲")
    applicant.get("/inbox/questions")
    assert ("第00问" in applicant.page, "第20问" in applicant.page) == (True, False)
    applicant.get("/inbox/questions?from=2")
    assert ("第00问" in applicant.page, "第22问" in applicant.page) == (False, True)
    for odd in ("0", "x", "99999999999999999999", "-3"):
        assert applicant.get(f"/inbox/questions?from={odd}").status_code == 200
