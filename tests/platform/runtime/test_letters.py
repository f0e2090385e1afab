"""What people are told of a verb: what concerns them in person, once, in words; never what they did themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity.entities import Person
from app.platform.notices import Delivery, Notice
from app.platform.registry import Call, Words
from app.platform.runtime import bulk, control, instances, moving, tasks, urging
from app.platform.runtime.entities import Instance
from app.platform.runtime.tasks import Decision
from tests.platform.runtime import clocks
from tests.platform.runtime.chains import told as hook
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.signing import add, at_council, hand, people, sign
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, begin, decide
from tests.platform.runtime.test_bulk import last, started
from tests.platform.runtime.test_statements import MOST, deciding
from tests.world import World


def heard(world: World, name: str) -> list[tuple[str | None, str]]:
    """What somebody has been told: the kind and the text, oldest first."""
    with world.session() as session:
        return [(one.kind, one.text.zh) for one in reversed(notices.of(session, world.people[name]))]


def everything(world: World) -> int:
    with world.session() as session:
        return len(session.scalars(select(Notice.id)).all())


def test_a_task_for_a_role_and_what_one_does_oneself_tell_nobody(any_ground: World) -> None:
    """Two hold the role: they have the badge and the inbox. The starter's own step is no news to him."""
    at_review(any_ground)
    assert everything(any_ground) == 0


def test_whoever_gets_his_matter_back_is_told_once_with_the_opinion(any_ground: World) -> None:
    instance, task = at_review(any_ground)
    back = decide(any_ground, task, "return", CITY, "请补\n盖章页").next_tasks[0]
    text = "“测试”被退回，请在“任务prepare”修改后重新提交。市级的意见：请补 盖章页"
    assert heard(any_ground, STARTER) == [("returned", text)]
    with any_ground.session() as session:
        (one,) = notices.of(session, any_ground.people[STARTER])
    assert (one.title, one.instance, one.task) == (Words("退回：测试", "Sent back: 测试"), instance, back)
    assert everything(any_ground) == 1


def test_the_starter_is_told_that_his_matter_has_ended_and_how(any_ground: World) -> None:
    _, task = at_review(any_ground)
    decide(any_ground, task, "approve", CITY, "材料齐全", key="k")
    decide(any_ground, task, "approve", CITY, "材料齐全", key="k")  # asked again, told once
    assert heard(any_ground, STARTER) == [("ended", "“测试”已办结：已通过。市级的意见：材料齐全")]
    assert everything(any_ground) == 1


def test_a_cancellation_is_told_to_the_starter_unless_it_is_his_own(any_ground: World) -> None:
    people(any_ground)
    mine, theirs = begin(any_ground), begin(any_ground)
    with any_ground.session() as session:
        instances.cancel(session, mine, "不办了", any_ground.acting(STARTER), any_ground.now)
        control.cancel(session, theirs, "重复申请", any_ground.acting("管理员"), any_ground.now)
    assert heard(any_ground, STARTER) == [("ended", "“测试”已被管理员撤销。管理员的意见：重复申请")]


def test_what_the_house_began_by_itself_has_nobody_to_tell_of_its_end(any_ground: World) -> None:
    chain = clocks.scheduled("PT2H", process="tests_scheduled")
    clocks.publish(any_ground, chain)
    clocks.sweep(any_ground, any_ground.now + timedelta(hours=3))
    people(any_ground)
    with any_ground.session() as session:
        (instance,) = session.scalars(select(Instance.id))
        assert session.get_one(Instance, instance).starter_id == ""
        control.cancel(session, instance, "不用了", any_ground.acting("管理员"), any_ground.now)
    assert everything(any_ground) == 0


def test_whoever_a_task_is_transferred_to_is_told_by_whom(any_ground: World) -> None:
    _, task = at_council(any_ground, seats="")
    hand(any_ground, "transfer", task, CITY, "科长", "请您把关")
    text = "市级将“测试”的“任务review”转给您办理。市级的意见：请您把关"
    assert heard(any_ground, "科长") == [("arrived", text)]
    assert everything(any_ground) == 1


def test_advice_is_asked_for_and_comes_back(any_ground: World) -> None:
    _, task = at_council(any_ground, seats="")
    hand(any_ground, "delegate", task, CITY, "科长", "请看预算")
    sign(any_ground, task, "科长", comment="预算合理")
    assert heard(any_ground, "科长") == [
        ("arrived", "市级请您对“测试”的“任务review”提出意见。市级的意见：请看预算")
    ]
    assert heard(any_ground, CITY) == [
        ("arrived", "科长已对“测试”的“任务review”提出意见，请您继续办理。科长的意见：预算合理")
    ]


def test_signers_are_told_when_it_is_their_turn_and_no_sooner(any_ground: World) -> None:
    _, task = at_council(any_ground, seats="sequence")
    names = sorted(name for name in (CITY, OTHER, "市级三") if heard(any_ground, name))
    assert len(names) == 1  # the first in order
    (first,) = names
    assert heard(any_ground, first) == [("arrived", "轮到您签署“测试”的“任务review”。")]
    add(any_ground, task, first, ["科长"], position="after")
    assert heard(any_ground, "科长") == []
    sign(any_ground, task, first)
    assert heard(any_ground, "科长") == [("arrived", "轮到您签署“测试”的“任务review”。")]
    assert len(heard(any_ground, first)) == 1


def test_a_signer_added_side_by_side_is_told_by_whom(any_ground: World) -> None:
    _, task = at_council(any_ground, seats="all")
    before = everything(any_ground)
    assert before == 3
    add(any_ground, task, CITY, ["科长"], position="parallel", comment="涉及财务")
    assert heard(any_ground, "科长") == [
        ("arrived", "市级请您签署“测试”的“任务review”。市级的意见：涉及财务")
    ]
    assert everything(any_ground) == before + 1


def test_whoever_has_a_copy_is_told_once_for_each_task(any_ground: World) -> None:
    _, task = at_council(any_ground, seats="")
    with any_ground.session() as session:
        to = [any_ground.people["科长"], any_ground.people[CITY]]
        for _ in range(2):
            tasks.copy(session, task, to, 1, any_ground.acting(CITY), any_ground.now, "请知悉")
    assert heard(any_ground, "科长") == [("copied", "市级将“测试”抄送给您阅知。市级的意见：请知悉")]
    assert heard(any_ground, CITY) == []


def test_whoever_waits_urges_and_the_kinds_of_timers_are_said(any_ground: World) -> None:
    instance, _ = at_council(any_ground, seats="")
    with any_ground.session() as session:
        urging.urge(session, instance, any_ground.acting(STARTER), any_ground.now)
    assert [kind for kind, _ in heard(any_ground, CITY)] == ["urged"]
    clocks.publish(any_ground, clocks.urged())
    begin(any_ground, "tests_urged")
    clocks.sweep(any_ground, any_ground.now + timedelta(days=60))
    with any_ground.session() as session:
        found = set(session.scalars(select(Notice.kind)))
    assert {"urged", "due", "overdue"} <= found


def test_a_matter_sent_back_by_its_verb_is_told_as_one_returned_by_an_outcome(any_ground: World) -> None:
    _, task = at_council(any_ground, seats="", allow="return")
    with any_ground.session() as session:
        moving.send_back(session, task, "prepare", 1, any_ground.acting(CITY), any_ground.now, "缺页")
    assert heard(any_ground, STARTER) == [
        ("returned", "“测试”被退回，请在“任务prepare”修改后重新提交。市级的意见：缺页")
    ]


def test_what_a_hook_has_said_itself_is_not_said_again(any_ground: World) -> None:
    """A process with words of its own: one notice, its own."""
    wanted = started(any_ground, 1)

    def say(call: Call) -> None:
        notices.send(call.session, [call.starter], Words("区审", "R"), Words("已审", "r"), call.now,
                     kind=notices.MESSAGE, instance=call.instance)  # fmt: skip

    hook["ask"] = say
    tasks_ = bulk_of(any_ground, wanted)
    decide(any_ground, tasks_[0], "go", CITY)
    assert [kind for kind, _ in heard(any_ground, STARTER)] == ["message", "ended"]


def bulk_of(world: World, wanted: list[str]) -> list[str]:
    with world.session() as session:
        done = bulk.complete(
            session, wanted, {}, Decision("approve", "同意"), lambda _: None, world.acting(CITY), world.now
        )
    return [task for one in done if one.done for task in one.done.next_tasks]


@pytest.fixture
def outside(ground: World, tmp_path: Path) -> Iterator[World]:
    """An installation with mail and text messages, and everybody's addresses."""
    with ground.session() as session, transaction(session):
        session.execute(update(Person).values(email="a@example.org", phone="13800001234"))
    notices.use(
        notices.Settings(
            notices.Mail("smtp://127.0.0.1:9", "noreply@chengpi.example"), notices.SmsFile(tmp_path / "sms")
        )
    )
    yield ground
    notices.use(notices.Settings())


def sent(world: World) -> dict[str | None, list[str]]:
    """By which ways notices of each kind leave the house."""
    found: dict[str | None, list[str]] = {}
    with world.session() as session:
        for kind, channel in session.execute(
            select(Notice.kind, Delivery.channel).join(Notice, Notice.id == Delivery.notice_id)
        ):
            found.setdefault(kind, []).append(channel)
    return {kind: sorted(ways) for kind, ways in found.items()}


def test_outside_it_goes_by_what_each_has_chosen(outside: World) -> None:
    _, task = at_review(outside)
    decide(outside, task, "return", CITY, "补")
    assert sent(outside) == {"returned": ["email", "sms"]}  # as is usual
    with outside.session() as session:
        notices.choosing.choose(
            session, outside.people[STARTER], {"returned": ["sms"], "ended": []}, outside.now
        )
    _, task = at_review(outside)
    again = decide(outside, task, "return", CITY, "补").next_tasks[0]
    assert sent(outside) == {"returned": ["email", "sms", "sms"]}
    review = decide(outside, again, "send").next_tasks[0]
    decide(outside, review, "approve", CITY)
    assert sent(outside) == {"returned": ["email", "sms", "sms"]}
    assert len(heard(outside, STARTER)) == 3  # in-app always


def test_a_completion_that_tells_somebody_outside_asks_once_more_and_writes_twice(
    outside: World, counted: Counted
) -> None:
    """Choices and addresses are one statement; the deliveries and their jobs two, whoever is told."""
    _, task = at_review(outside)
    run = deciding(outside, task, "return", CITY, "补")
    counted.clear()
    run()
    assert len(counted.lines) <= MOST
    assert sum("notices_choice" in line for line in counted.lines) == 1


def test_a_chunk_tells_everybody_in_a_handful_of_statements(outside: World, counted: Counted) -> None:
    wanted = started(outside, 50, last())
    counted.clear()
    bulk_of(outside, wanted)
    about = [line for line in counted.lines if "notices_" in line or "jobs_job" in line]
    print(*about, sep="\n")
    assert len(about) <= 5
    assert len(heard(outside, STARTER)) == 50
    assert sent(outside)["ended"] == ["email"] * 50 + ["sms"] * 50


def test_a_verb_that_is_refused_tells_nobody(any_ground: World) -> None:
    wanted = started(any_ground, 1)

    def refuse(_: Call) -> Any:
        raise RuntimeError("broken")

    hook["ask"] = refuse
    bulk_of(any_ground, wanted)
    assert everything(any_ground) == 0
