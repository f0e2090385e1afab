"""Ask and answer at a task that stays where it is: who may, what is kept, and what closes a question."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.identity.entities import Account
from app.platform.notices import Notice
from app.platform.registry import Post
from app.platform.runtime import (
    asides,
    control,
    doctor,
    errors,
    history,
    instances,
    migrating,
    moving,
    policy,
    questions,
    tasks,
    urging,
    withdrawing,
)
from app.platform.runtime.entities import Question, Task, Timer
from tests.platform.runtime.asking import (
    answer,
    ask,
    asked,
    at_inquiry,
    inquiring,
    one_more,
    row,
    take_back,
    waiting,
)
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import council, findings, hand, publish, sign, view
from tests.platform.runtime.steps import CITY, FOREIGN, OTHER, STARTER, decide, instance_row, kinds, task_row
from tests.platform.runtime.test_races import at_once
from tests.world import World

FRIEND = "科长"


def bodies(world: World, instance: str, kind: str) -> list[dict]:
    with world.session() as session:
        return [dict(one.body) for one in history.of(session, instance) if one.kind == kind]


def told(world: World, name: str) -> list[str]:
    """What somebody was told, the newest last."""
    with world.session() as session:
        mine = select(Notice).where(Notice.person_id == world.people[name]).order_by(Notice.id)
        return [one.said["title"][0].partition("：")[0] for one in session.scalars(mine)]


def readable(world: World, instance: str, name: str) -> bool:
    with world.session() as session:
        return policy.may_read(session, world.acting(name), instance)


def test_a_question_is_asked_and_answered_and_the_task_stays(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world)
    question = ask(world, task, STARTER, "  公章\r\n为何不清？ ")
    assert world.open_elements(instance) == ["review"]
    assert (told(world, STARTER), waiting(world, STARTER)) == (["请您答复"], 1)
    answer(world, question, text="已重新盖章。")
    assert (told(world, CITY), waiting(world, STARTER)) == (["已答复"], 0)
    (one,) = asked(world, instance)
    assert (one.asked_by_name, one.to_name, one.text, one.answer) == (
        CITY,
        STARTER,
        "公章\n为何不清？",
        "已重新盖章。",
    )
    assert (one.step.zh, one.is_open, one.closed_at) == ("任务review", False, world.now)
    assert kinds(world, instance)[-2:] == ["asked", "answered"]
    (said,) = bodies(world, instance, "asked")
    assert (said["comment"], said["to"][0]["name"], said["question"]) == (
        "公章\n为何不清？",
        STARTER,
        question,
    )
    assert bodies(world, instance, "answered")[0]["comment"] == "已重新盖章。"
    assert findings(world) == []
    sign(world, task, CITY)
    assert instance_row(world, instance).state == "ended"
    assert "unasked" not in kinds(world, instance)


def test_a_colleague_without_a_post_reads_and_answers_and_decides_nothing(any_ground: World) -> None:
    """policy.readable: whoever is asked may read while it waits, and for good once he has answered."""
    world = any_ground
    instance, task = at_inquiry(world)
    assert not readable(world, instance, FRIEND)
    question = ask(world, task, FRIEND)
    assert readable(world, instance, FRIEND)
    assert not readable(world, instance, FOREIGN)
    seen = view(world, task, FRIEND)
    assert (seen.can_work, seen.verbs) == (False, frozenset())
    with pytest.raises(errors.Forbidden):
        sign(world, task, FRIEND)
    answer(world, question, FRIEND)
    assert readable(world, instance, FRIEND)


def test_only_who_may_work_the_task_asks_and_only_where_the_step_allows_it(ground: World) -> None:
    instance, task = at_inquiry(ground)
    with pytest.raises(errors.Forbidden):
        ask(ground, task, FRIEND, name=STARTER)  # he may read it
    with pytest.raises(errors.Unknown):
        ask(ground, task, FRIEND, name=FOREIGN)
    with pytest.raises(errors.Forbidden):
        ask(ground, task, FRIEND, name="管理员")  # it is not an administrator's to ask for others
    publish(ground, council(allow="transfer"))
    silent = decide(ground, ground.open_task(_council(ground), "prepare"), "send").next_tasks[0]
    with pytest.raises(errors.Forbidden):
        ask(ground, silent, FRIEND)
    assert "ask" in view(ground, task, CITY).verbs
    with ground.session() as session:
        assert session.scalars(select(Question.id)).all() == []
    assert kinds(ground, instance)[-1] == "opened"


def _council(world: World) -> str:
    from tests.platform.runtime.steps import begin

    return begin(world, "tests_council")


def test_one_asks_neither_oneself_nor_anybody_who_cannot_sign_in(ground: World) -> None:
    _, task = at_inquiry(ground)
    with pytest.raises(errors.BadPerson) as found:
        ask(ground, task, CITY)
    assert found.value.code == "oneself"
    with ground.session() as session, transaction(session):
        session.execute(
            update(Account).where(Account.person_id == ground.people[FRIEND]).values(is_disabled=True)
        )
    with pytest.raises(errors.BadPerson) as found:
        ask(ground, task, FRIEND)
    assert found.value.code == "no_account"
    assert told(ground, FRIEND) == []


def test_recusal_is_no_bar_to_being_asked(ground: World) -> None:
    """Who would judge his own may not decide; what he knows may be asked."""
    _, task = at_inquiry(ground, avoid="starter")
    answer(ground, ask(ground, task, STARTER), STARTER)
    assert findings(ground) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("  \n ", "required"), ("问" * 2_001, "too_long"), ("问\x00", "control")],
)
def test_a_question_and_an_answer_are_texts_that_can_be_kept(ground: World, text: str, code: str) -> None:
    instance, task = at_inquiry(ground)
    with pytest.raises(errors.BadQuestion) as found:
        ask(ground, task, STARTER, text)
    assert found.value.code == code
    question = ask(ground, task, STARTER, "问" * 2_000)
    with pytest.raises(errors.BadQuestion) as found:
        answer(ground, question, text=text)
    assert found.value.code == code
    assert row(ground, question).closed_at is None
    assert kinds(ground, instance)[-1] == "asked"


def test_twenty_questions_of_a_task_wait_at_once_and_no_more(ground: World) -> None:
    _, task = at_inquiry(ground)
    made = [ask(ground, task, STARTER, f"第{number}问") for number in range(questions.MOST_OPEN)]
    with pytest.raises(errors.BadQuestion) as found:
        ask(ground, task, FRIEND)
    assert (found.value.code, found.value.most) == ("too_many", 20)
    take_back(ground, made[0])
    ask(ground, task, FRIEND)


def test_only_who_was_asked_answers_and_once(any_ground: World) -> None:
    world = any_ground
    _, task = at_inquiry(world)
    question = ask(world, task, FRIEND)
    with pytest.raises(errors.Forbidden):
        answer(world, question, CITY)
    with pytest.raises(errors.Unknown):
        answer(world, question, FOREIGN)
    with pytest.raises(errors.Unknown):
        answer(world, "0" * 26, FRIEND)
    answer(world, question, FRIEND)
    with pytest.raises(errors.QuestionClosed) as found:
        answer(world, question, FRIEND, "再说一遍")
    assert (found.value.how, found.value.by_name) == ("answered", FRIEND)
    with pytest.raises(errors.QuestionClosed):
        take_back(world, question)


def test_who_asked_or_holds_the_task_takes_it_back(ground: World) -> None:
    instance, task = at_inquiry(ground)
    first, second = ask(ground, task, FRIEND), ask(ground, task, FRIEND)
    with pytest.raises(errors.Forbidden):
        take_back(ground, first, FRIEND)
    with pytest.raises(errors.Unknown):
        take_back(ground, first, FOREIGN)
    take_back(ground, first, CITY)
    hand(ground, "transfer", task, CITY, OTHER)
    take_back(ground, second, OTHER)
    assert [one["why"] for one in bodies(ground, instance, "unasked")] == ["taken_back"] * 2
    assert waiting(ground, FRIEND) == 0
    with pytest.raises(errors.QuestionClosed) as found:
        answer(ground, first, FRIEND)
    assert found.value.how == "closed"


def test_an_administrator_takes_back_what_nobody_answers_and_the_deadline_goes_on(ground: World) -> None:
    instance, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    assert task_row(ground, task).paused_at is not None
    take_back(ground, question, "管理员")
    assert task_row(ground, task).paused_at is None
    assert bodies(ground, instance, "unasked")[0]["name"] == "管理员"
    assert findings(ground) == []


def test_urging_reminds_whoever_owes_an_answer_too_and_once(ground: World) -> None:
    instance, task = at_inquiry(ground)
    first = ask(ground, task, FRIEND)
    ask(ground, task, FRIEND, "还有一问")
    answer(ground, ask(ground, task, "邻市"), "邻市")

    def waited() -> list[str]:
        names = {person: name for name, person in ground.people.items()}
        with ground.session() as session:
            return [names[one] for one in urging.waited_for(session, instance, ground.now)]

    assert waited()[-1:] == [FRIEND]
    assert Counter(waited()) == Counter([CITY, OTHER, "市级三", FRIEND])
    with ground.session() as session:
        urging.urge(session, instance, ground.acting(STARTER), ground.now)
    assert told(ground, FRIEND)[-1] == "催办"
    assert told(ground, "邻市")[-1] == "请您答复"
    answer(ground, first, FRIEND)
    assert FRIEND in waited()


def test_a_question_taken_back_leaves_no_right_to_read(any_ground: World) -> None:
    """Asked by mistake and taken back within the minute: the wrong colleague reads nothing any more."""
    world = any_ground
    instance, task = at_inquiry(world)
    question = ask(world, task, FRIEND)
    assert readable(world, instance, FRIEND)
    take_back(world, question)
    assert not readable(world, instance, FRIEND)
    with world.session() as session, pytest.raises(errors.Unknown):
        tasks.get(session, task, world.acting(FRIEND), world.now)
    answer(world, ask(world, task, FRIEND), FRIEND)
    take_back(world, ask(world, task, FRIEND))
    assert readable(world, instance, FRIEND)  # he answered another one


def test_after_a_transfer_the_one_who_has_the_task_hears_of_the_answer_too(ground: World) -> None:
    _, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    hand(ground, "transfer", task, CITY, OTHER)
    answer(ground, question, FRIEND)
    assert told(ground, CITY)[-1] == told(ground, OTHER)[-1] == "已答复"


@pytest.mark.parametrize("how", ["decided", "returned", "moved", "cancelled", "seats"])
def test_with_its_task_a_question_is_closed(any_ground: World, how: str) -> None:
    world = any_ground
    instance, task = at_inquiry(world, seats="all" if how == "seats" else "one", allow="signers return ask")
    question, kept = ask(world, task, FRIEND), one_more(world)
    other = ask(world, kept[1], FRIEND)
    with world.session() as session:
        revision = session.get_one(Task, task).revision
        if how == "returned":
            moving.send_back(session, task, "prepare", revision, world.acting(CITY), world.now, "补")
        elif how == "moved":
            moving.move(session, instance, "review", "prepare", "误", world.acting("管理员"), world.now)
        elif how == "cancelled":
            instances.cancel(session, instance, "不办了", world.acting(STARTER), world.now)
    if how == "decided":
        sign(world, task, CITY, "return")
    elif how == "seats":
        sign(world, task, CITY)
        assert row(world, question).closed_at is None  # one of three
        sign(world, task, OTHER)
        sign(world, task, "市级三")
    closed = row(world, question)
    assert (closed.closed_at, closed.answer) == (world.now, None)
    assert bodies(world, instance, "unasked") == [
        {"question": question, "why": "closed", "name": bodies(world, instance, "unasked")[0]["name"]}
    ]
    assert task_row(world, task).paused_at is None
    assert row(world, other).closed_at is None
    assert waiting(world, FRIEND) == 1
    with pytest.raises(errors.QuestionClosed):
        answer(world, question, FRIEND)
    assert findings(world) == []
    assert not readable(world, instance, FRIEND)  # he has never answered


def test_the_starter_sees_what_he_is_asked_and_others_only_where_the_matter_is_his_to_decide(
    any_ground: World,
) -> None:
    world = any_ground
    instance, task = at_inquiry(world, avoid="nobody")
    answer(world, ask(world, task, FRIEND, "可信吗？"), FRIEND, "否。")
    ask(world, task, STARTER)

    def seen(name: str, posts: tuple[Post, ...] = ()) -> tuple[int, int]:
        with world.session() as session:
            by, starter = world.acting(name), world.people[STARTER]
            by = replace(by, posts=by.posts + posts)
            asked_there = asides.questions(session, questions.of(session, instance), starter, by)
            rows = asides.happened(session, instance, history.of(session, instance), starter, by)
            return len(asked_there), sum(row.kind in asides.KINDS for row in rows)

    assert seen(STARTER) == (1, 1)
    assert seen(CITY) == seen(FRIEND) == seen("管理员") == (2, 3)
    assert seen(STARTER, world.acting(CITY).posts) == (2, 3)  # he may decide the step that asks
    assert seen(STARTER, world.acting("邻市").posts) == (1, 1)


def test_asking_is_an_act_and_answering_none(ground: World) -> None:
    """What stood decided cannot be taken back once somebody has begun to ask about it."""
    instance, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    with ground.session() as session, pytest.raises(errors.CannotMove):
        moving.withdraw(session, instance, ground.acting(STARTER), ground.now)
    take_back(ground, question)
    with ground.session() as session, pytest.raises(errors.CannotMove):
        moving.withdraw(session, instance, ground.acting(STARTER), ground.now)
    assert "answered" not in withdrawing.ACTS
    other, _ = one_more(ground)
    with ground.session() as session:
        moving.withdraw(session, other, ground.acting(STARTER), ground.now)


def test_suspended_nothing_is_asked_or_answered(ground: World) -> None:
    instance, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    with ground.session() as session:
        control.suspend(session, instance, "检查", ground.acting("管理员"), ground.now)
    for act in (
        lambda: ask(ground, task, STARTER),
        lambda: answer(ground, question, FRIEND),
        lambda: take_back(ground, question),
    ):
        with pytest.raises(errors.InstanceChanged):
            act()
    with ground.session() as session:
        control.resume(session, instance, "好了", ground.acting("管理员"), ground.now)
    answer(ground, question, FRIEND)
    assert findings(ground) == []


def test_the_same_key_asks_and_answers_once(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world)
    first = ask(world, task, FRIEND, key="k", revision=1)
    assert ask(world, task, FRIEND, key="k", revision=1) == first
    with pytest.raises(errors.KeyReused):
        ask(world, task, FRIEND, "别的问题", key="k", revision=1)
    for _ in range(2):
        answer(world, first, FRIEND, key="a")
    second = ask(world, task, FRIEND)
    for _ in range(2):
        take_back(world, second, key="b")
    assert kinds(world, instance)[-4:] == ["asked", "answered", "asked", "unasked"]
    assert told(world, FRIEND) == ["请您答复"] * 2


def test_whoever_was_about_to_decide_reads_the_answer_first(ground: World) -> None:
    _, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    read = view(ground, task, CITY).revision
    answer(ground, question, FRIEND)
    with pytest.raises(errors.InstanceChanged):
        sign(ground, task, CITY, revision=read)
    with pytest.raises(errors.InstanceChanged):
        ask(ground, task, FRIEND, revision=read)
    sign(ground, task, CITY)


def test_carried_over_to_a_version_that_asks_nothing_a_question_is_closed(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world)
    question = ask(world, task, FRIEND)
    publish(world, inquiring(allow="withdraw", pause=""))
    with world.session() as session:
        migrating.migrate(session, instance, 2, None, world.acting("管理员"), world.now)
    assert row(world, question).closed_at == world.now
    assert task_row(world, task).paused_at is None
    assert findings(world) == []
    sign(world, task, CITY)
    assert findings(world) == []


def test_carried_over_to_a_version_that_asks_too_it_stays(ground: World) -> None:
    instance, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    publish(ground, inquiring(summary=""))
    publish(ground, inquiring(outcomes="approve=准|Approve; return=退|Return!-"))
    with ground.session() as session:
        migrating.migrate(session, instance, 2, None, ground.acting("管理员"), ground.now)
    answer(ground, question, FRIEND)
    assert findings(ground) == []


def test_of_sixteen_answers_at_once_one_is_kept(any_ground: World) -> None:
    world = any_ground
    instance, task = at_inquiry(world)
    question, by = ask(world, task, FRIEND), world.acting(FRIEND)

    def run(number: int) -> str:
        with world.session() as session:
            questions.answer(session, question, f"第{number}个答复", by, world.now)
            return "kept"

    found = at_once(run)
    assert Counter(each if each == "kept" else type(each).__name__ for each in found) == {
        "kept": 1,
        "QuestionClosed": 15,
    }
    assert kinds(world, instance).count("answered") == 1
    assert findings(world) == []


@pytest.mark.parametrize("round_", range(4))
def test_decided_while_it_is_answered_and_asked_everything_stays_sound(
    any_ground: World, round_: int
) -> None:
    """Whichever comes first: an answer that came too late is refused, a question asked too late as well."""
    world = any_ground
    instance, task = at_inquiry(world)
    question, now = ask(world, task, FRIEND), world.now
    people = [world.acting(name) for name in (CITY, FRIEND, OTHER)]
    revision = task_row(world, task).revision

    def run(number: int) -> object:
        with world.session() as session:
            if number % 3 == 0:
                decision = tasks.Decision("approve", "见", revision)
                return tasks.complete(session, task, None, decision, people[0], now)
            if number % 3 == 1:
                return questions.answer(session, question, "答", people[1], now)
            return questions.ask(session, task, people[1].person, "再问", revision, people[2], now)

    found = at_once(run, 6)
    refused = (errors.TaskTaken, errors.InstanceChanged, errors.QuestionClosed, errors.Forbidden)
    assert [each for each in found if isinstance(each, Exception) and not isinstance(each, refused)] == []
    assert sum(not isinstance(each, Exception) for each in found) >= 1
    assert findings(world) == []
    assert kinds(world, instance).count("answered") <= 1


def test_a_question_asked_while_the_decision_waits_for_the_lock_is_closed_with_it(any_ground: World) -> None:
    """What a decision knows of questions it reads under the lock, not beside it."""
    world = any_ground
    instance, task = at_inquiry(world)
    by, revision = world.acting(CITY), task_row(world, task).revision
    begun, found = threading.Event(), []

    def decide_later() -> None:
        with world.session() as session:
            begun.set()
            try:
                found.append(
                    tasks.complete(
                        session, task, None, tasks.Decision("approve", "见", revision + 1), by, world.now
                    )
                )
            except Exception as error:
                found.append(error)

    with world.session() as session, transaction(session):
        ask_in(world, session, task, revision)
        thread = threading.Thread(target=decide_later)
        thread.start()
        begun.wait()
        thread.join(0.3)  # it waits for the lock
    thread.join()
    assert isinstance(found[0], tasks.Completed), found
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def ask_in(world: World, session: object, task: str, revision: int) -> str:
    people = world.people
    return questions.ask(session, task, people[FRIEND], "问", revision, world.acting(CITY), world.now)  # type: ignore[arg-type]


def test_the_doctor_finds_a_question_at_a_closed_task_and_a_deadline_that_stands_still_for_nothing(
    ground: World,
) -> None:
    instance, task = at_inquiry(ground)
    question = ask(ground, task, FRIEND)
    with ground.session() as session, transaction(session):
        session.execute(update(Question).values(closed_at=ground.now))
    assert _codes(ground) == ["paused"]
    with ground.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(paused_at=None))
        session.execute(
            update(Question).where(Question.id == question).values(closed_at=None, is_pausing=False)
        )
    assert _codes(ground) == []
    sign(ground, task, CITY)
    with ground.session() as session, transaction(session):
        session.execute(update(Question).values(closed_at=None))
    assert _codes(ground) == ["question_open"]
    assert instance_row(ground, instance).state == "ended"


def test_the_doctor_finds_a_timer_that_runs_on_while_the_deadline_stands_still(ground: World) -> None:
    _, task = at_inquiry(ground, remind="P1WD")
    question = ask(ground, task, FRIEND)
    assert _codes(ground) == []
    with ground.session() as session, transaction(session):
        session.execute(update(Timer).where(Timer.task_id == task).values(next_at=Timer.due_at))
    assert _codes(ground) == ["timer_awake"]
    answer(ground, question, FRIEND)
    assert _codes(ground) == []


def _codes(world: World) -> list[str]:
    with world.session() as session:
        return [one.code for one in doctor.examine(session, world.now)]


def test_the_verbs_take_few_statements_and_a_decision_without_questions_none_more(
    ground: World, counted: Counted
) -> None:
    from tests.platform.runtime.test_statements import MOST, deciding
    from tests.platform.runtime.test_statements import told as said

    _, task = at_inquiry(ground)
    _, other = one_more(ground)
    plain = said(counted, "decided, nothing asked", deciding(ground, other, "approve", CITY))
    by, revision = ground.acting(CITY), task_row(ground, task).revision
    friend = ground.people[FRIEND]
    made: list[str] = []

    def run() -> None:
        with ground.session() as session:
            made.append(questions.ask(session, task, friend, "问", revision, by, ground.now, "k"))

    assert said(counted, "ask", run) <= MOST + 2
    answering = ground.acting(FRIEND)

    def reply() -> None:
        with ground.session() as session:
            questions.answer(session, made[0], "答", answering, ground.now, "k")

    assert said(counted, "answer", reply) <= MOST + 4
    ask(ground, task, FRIEND)
    ask(ground, task, STARTER)
    run_one = deciding(ground, task, "approve", CITY)
    assert said(counted, "decided, two asked", run_one) == plain + 2
    instance = task_row(ground, task).instance_id
    counted.clear()
    with ground.session() as session:
        assert len(questions.of(session, instance)) == 3
    assert len(counted.lines) == 1
