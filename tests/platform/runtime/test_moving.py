"""Return, withdraw and repair of whole instances: what other engines lose, this one keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform import engine
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.registry import Outcome
from app.platform.runtime import errors, instances, migrating, moving, tasks, versions
from app.platform.runtime.entities import Incident, Instance, Task
from tests.platform.engine.drawing import Drawing
from tests.platform.engine.nested import Nested, inner, loop, timer
from tests.platform.runtime import chains
from tests.platform.runtime.chains import CITY as AT_CITY
from tests.platform.runtime.chains import files
from tests.platform.runtime.signing import at_council, findings, seats, sign
from tests.platform.runtime.steps import (
    CITY,
    FOREIGN,
    OTHER,
    STARTER,
    begin,
    decide,
    instance_row,
    kinds,
    task_row,
)
from tests.world import APPLICATION, World

FORM = {"forms/fairs/application.json": APPLICATION}
ALL = "return withdraw"


def publish(world: World, *drawings: Any) -> None:
    with world.session() as session:
        versions.publish(session, files(*drawings) | FORM, None, world.now)


def line(process: str = "tests_line") -> Nested:
    """Prepare, check, review by the city, sign: each may be sent back."""
    drawn = Nested(process, form="fairs/application").start().end()
    drawn.lane("city", "check", "review", "sign", **AT_CITY)
    drawn.task("prepare", allow="withdraw", outcomes="send=送审|Send")
    for step in ("check", "review", "sign"):
        drawn.task(step, assignee="", allow=ALL, outcomes="approve=同意|Approve; reject=不同意|Reject!-")
    return drawn.line("begin", "prepare", "check", "review", "sign", "done")


def send_back(
    world: World, instance: str, source: str, to: str, name: str = CITY, **more: Any
) -> tasks.Completed:
    task = world.open_task(instance, source)
    with world.session() as session:
        given = {"revision": 1, "comment": "请补充"} | more
        return moving.send_back(session, task, to, by=world.acting(name), now=world.now, **given)


def step(
    world: World, instance: str, element: str, outcome: str = "approve", name: str = CITY, **more: Any
) -> None:
    decide(world, world.open_task(instance, element), outcome, name, **more)


def walked(world: World, *elements: str, process: str = "tests_line") -> str:
    instance = begin(world, process)
    step(world, instance, "prepare", "send", STARTER)
    for element in elements:
        step(world, instance, element)
    return instance


def test_a_task_goes_back_to_any_step_it_has_passed(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check", "review")
    send_back(any_ground, instance, "sign", "check", items={"district": "与证明不符"})
    assert any_ground.open_elements(instance) == ["check"]
    with any_ground.session() as session:
        task = session.get_one(Task, any_ground.open_task(instance, "check"))
        assert task.is_returned
        told = tasks.get(session, task.id, any_ground.acting(CITY), any_ground.now).returned
    assert told is not None
    assert (told.by_name, told.comment, told.items) == (CITY, "请补充", {"district": "与证明不符"})
    assert kinds(any_ground, instance)[-2:] == ["returned", "opened"]
    for element in ("check", "review", "sign"):
        step(any_ground, instance, element)
    assert instance_row(any_ground, instance).ended == "done"


def test_straight_back_comes_straight_back(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check", "review")
    send_back(any_ground, instance, "sign", "prepare", then="straight_back")
    assert any_ground.open_elements(instance) == ["prepare"]
    step(any_ground, instance, "prepare", "send", STARTER)
    assert any_ground.open_elements(instance) == ["sign"]
    step(any_ground, instance, "sign")
    assert instance_row(any_ground, instance).ended == "done"


def test_a_return_says_where_to_and_why_not(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    with pytest.raises(errors.CannotMove) as caught:
        send_back(any_ground, instance, "review", "sign")
    assert caught.value.code == "not_decided"
    with pytest.raises(errors.MissingOpinion):
        send_back(any_ground, instance, "review", "check", comment=" ")
    with pytest.raises(errors.InstanceChanged):
        send_back(any_ground, instance, "review", "check", revision=7)
    with pytest.raises(errors.Unknown):
        send_back(any_ground, instance, "review", "check", FOREIGN)
    with any_ground.session() as session:
        task = any_ground.open_task(instance, "review")
        places = moving.places_to_return(session, task, any_ground.acting(CITY), any_ground.now)
    assert [(place.element, place.because) for place in places] == [("check", None), ("prepare", None)]


def test_the_same_return_twice_is_done_once(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    task = any_ground.open_task(instance, "review")
    answers = []
    for _ in range(2):
        with any_ground.session() as session:
            by = any_ground.acting(CITY)
            answers.append(
                moving.send_back(session, task, "check", 1, by, any_ground.now, comment="请补充", key="once")
            )
    assert answers[0].next_tasks == answers[1].next_tasks
    assert answers[1].is_repeat
    assert kinds(any_ground, instance).count("returned") == 1


def withdraw(world: World, instance: str, name: str = STARTER) -> tasks.Completed:
    with world.session() as session:
        return moving.withdraw(session, instance, world.acting(name), world.now)


def test_withdraw_after_the_next_reviewer_has_opened_it(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground)
    with any_ground.session() as session:
        tasks.get(session, any_ground.open_task(instance, "check"), any_ground.acting(CITY), any_ground.now)
    withdraw(any_ground, instance)
    assert any_ground.open_elements(instance) == ["prepare"]
    step(any_ground, instance, "prepare", "send", STARTER)
    assert any_ground.open_elements(instance) == ["check"]


def test_what_is_taken_back_has_waited_since_it_first_arrived(any_ground: World) -> None:
    """Approving late and taking it back wins no time."""
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    row = select(Task.opened_at, Task.due_at).where(Task.instance_id == instance, Task.element == "check")
    any_ground.now += timedelta(days=9)
    withdraw(any_ground, instance, CITY)
    with any_ground.session() as session:
        first, again = session.execute(row.order_by(Task.visit)).all()
    assert first == again


def test_no_withdraw_after_he_has_decided_or_signed_for_it(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    with pytest.raises(errors.CannotMove) as caught:
        withdraw(any_ground, instance)
    assert caught.value.code == "acted_since"
    withdraw(any_ground, instance, CITY)
    assert any_ground.open_elements(instance) == ["check"]
    with pytest.raises(errors.CannotMove):
        withdraw(any_ground, instance, CITY)
    other = walked(any_ground)
    with any_ground.session() as session:
        tasks.claim(
            session, any_ground.open_task(other, "check"), 1, any_ground.acting(OTHER), any_ground.now
        )
    with pytest.raises(errors.CannotMove):
        withdraw(any_ground, other)


def counter() -> Drawing:
    """Two branches with a counter-sign each in one of them, and a task before the split."""
    drawn = Nested("tests_counter", form="fairs/application").start().end().both("split").both("join")
    drawn.lane("city", "first", "second", "beside", "ahead", **AT_CITY)
    drawn.task("prepare", outcomes="send=送审|Send", allow="withdraw")
    given = {"assignee": "", "allow": ALL, "outcomes": "approve=同意|Approve; reject=不同意|Reject!-"}
    drawn.task("ahead", **given).task("first", seats="all", **given).task("second", seats="all", **given)
    drawn.task("beside", seats="all", **given)
    drawn.line("begin", "prepare", "ahead", "split", "first", "second", "join", "done").line(
        "split", "beside", "join"
    )
    return drawn


def test_return_from_one_counter_sign_to_an_earlier_counter_sign(any_ground: World) -> None:
    publish(any_ground, counter())
    instance = walked(any_ground, "ahead", process="tests_counter")
    for name in (CITY, OTHER):
        step(any_ground, instance, "first", name=name)
    send_back(any_ground, instance, "second", "first")
    assert sorted(any_ground.open_elements(instance)) == ["beside", "first"]
    for element in ("first", "second", "beside"):
        for name in (CITY, OTHER):
            step(any_ground, instance, element, name=name)
    assert instance_row(any_ground, instance).ended == "done"


def test_return_out_of_one_branch_to_before_the_split_with_a_counter_sign_in_the_other(
    any_ground: World,
) -> None:
    publish(any_ground, counter())
    instance = walked(any_ground, "ahead", process="tests_counter")
    step(any_ground, instance, "beside", name=CITY)  # one of two has signed there
    send_back(any_ground, instance, "first", "ahead")
    assert any_ground.open_elements(instance) == ["ahead"]
    step(any_ground, instance, "ahead")
    assert sorted(any_ground.open_elements(instance)) == ["beside", "first"]
    for element in ("beside", "first", "second"):
        for name in (CITY, OTHER):
            step(any_ground, instance, element, name=name)
    assert instance_row(any_ground, instance).ended == "done"


def test_return_into_and_out_of_a_sub_process(any_ground: World) -> None:
    part = inner().task("look", assignee="", allow=ALL).task("think", assignee="", allow=ALL)
    part.line("i_begin", "look", "think", "i_done")
    drawn = Nested("tests_part", form="fairs/application").start().end().sub("part", part)
    drawn.edge("late", "part", timer("P9WD"), stops=False).end("was_late").line("late", "was_late")
    drawn.lane("city", "part", "after", **AT_CITY).task("prepare", outcomes="send=送审|Send")
    drawn.task("after", assignee="", allow=ALL).line("begin", "prepare", "part", "after", "done")
    publish(any_ground, drawn)
    instance = begin(any_ground, "tests_part")
    step(any_ground, instance, "prepare", "send", STARTER)
    step(any_ground, instance, "look", "done")
    send_back(any_ground, instance, "think", "prepare")
    assert any_ground.open_elements(instance) == ["prepare"]
    step(any_ground, instance, "prepare", "send", STARTER)
    for element in ("look", "think"):
        step(any_ground, instance, element, "done")
    send_back(any_ground, instance, "after", "look")
    assert any_ground.open_elements(instance) == ["look"]
    for element in ("look", "think", "after"):
        step(any_ground, instance, element, "done")
    assert instance_row(any_ground, instance).ended == "done"


def test_an_administrator_moves_a_token_with_a_reason(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground)

    def move(name: str, target: str, reason: str = "误操作") -> None:
        with any_ground.session() as session:
            moving.move(session, instance, "check", target, reason, any_ground.acting(name), any_ground.now)

    with pytest.raises(errors.Forbidden):
        move(CITY, "sign")
    with pytest.raises(errors.Unknown):
        move(FOREIGN, "sign")
    any_ground.enter("管理员", "platform.administrator")
    with pytest.raises(errors.MissingOpinion):
        move("管理员", "sign", " ")
    with pytest.raises(errors.CannotMove):
        move("管理员", "nowhere")
    move("管理员", "sign")
    assert any_ground.open_elements(instance) == ["sign"]
    assert "moved" in kinds(any_ground, instance)


def test_work_that_gives_up_takes_its_error_boundary(any_ground: World) -> None:
    drawn = (
        Nested("tests_giving_up")
        .start()
        .end()
        .names("error", "full")
        .service("sending", "tests/send", "after")
    )
    drawn.edge("caught", "sending", '<bpmn:errorEventDefinition errorRef="full"/>').task("again")
    publish(any_ground, drawn.line("begin", "sending", "done").line("caught", "again", "done"))

    def full(call: Any) -> None:
        posts.grant(call.session, call.starter, "fairs.teacher", "", "*", call.now, call.by)
        raise Outcome("full")

    chains.told["send"] = full
    instance = begin(any_ground, "tests_giving_up", data={})
    any_ground.work()
    assert any_ground.open_elements(instance) == ["again"]
    assert "failed" in kinds(any_ground, instance)
    assert not any_ground.acting(STARTER).holds("fairs.teacher"), "what it had written is taken back"


def test_instances_are_carried_over_to_a_new_version(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    new = line()
    new.parts = [
        part.replace('id="review"', 'id="assess"').replace('"review"', '"assess"') for part in new.parts
    ]
    new.lanes = [lane.replace(">review<", ">assess<") for lane in new.lanes]
    publish(any_ground, new.edge("late", "assess", timer("P3WD")).end("too_late").line("late", "too_late"))
    any_ground.enter("管理员", "platform.administrator")

    def migrate(**more: Any) -> migrating.Migration:
        with any_ground.session() as session:
            by = any_ground.acting("管理员")
            return migrating.migrate(
                session, instance, 2, by=by, now=any_ground.now, **{"mapping": None} | more
            )

    assert [(element, why.zh) for element, why in migrate(dry_run=True).obstacles] == [
        ("review", "新版本中没有该步骤")
    ]
    with pytest.raises(errors.CannotMigrate):
        migrate()
    assert migrate(mapping={"review": "assess"}, dry_run=True).obstacles == ()
    assert (migrate(mapping={"review": "assess"}).old, any_ground.open_elements(instance)) == (1, ["assess"])
    decide(any_ground, any_ground.open_task(instance, "assess"), "approve", CITY, revision=2)
    step(any_ground, instance, "sign")
    assert instance_row(any_ground, instance).ended == "done"
    assert "migrated" in kinds(any_ground, instance)
    assert instances


def test_a_signer_in_the_middle_of_a_sequence_sends_back_freely(any_ground: World) -> None:
    """The issue: the seats close with their token, say why, and are opened anew."""
    world = any_ground
    _, task = at_council(world, seats="sequence", allow="return transfer")
    instance = task_row(world, task).instance_id
    first, second, third = seats(world, task)
    sign(world, task, first)
    with world.session() as session:
        with pytest.raises(errors.Forbidden):
            moving.send_back(session, task, "prepare", 1, world.acting(third), world.now, "还没轮到我")
        moving.send_back(session, task, "prepare", 1, world.acting(second), world.now, "缺材料")
    assert seats(world, task) == {first: "approve", second: "returned", third: "returned"}
    with pytest.raises(errors.TaskTaken) as late:
        sign(world, task, third)
    assert (late.value.by_name, late.value.reason) == (second, "returned")
    again = decide(world, world.open_task(instance, "prepare"), "send").next_tasks[0]
    for name in (first, second, third):
        sign(world, again, name)
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def test_withdraw_leaves_the_other_bodies_of_a_multi_instance_alone(ground: World) -> None:
    """What one body has decided was taken back in another that had passed the same task."""
    words = "onward=继续; again=再来"
    part = inner().xor("meet").task("look").task("think", outcomes=words, allow="withdraw").xor("fork", "on")
    part.task("after").line("i_begin", "meet", "look", "think", "fork").line("after", "i_done")
    part.flow("fork", "meet", 'outcome == "again"').flow("fork", "after", id="on")
    drawn = Nested("tests_bodies").start().end().sub("part", part, loop("2"))
    publish(ground, drawn.line("begin", "part", "done"))
    instance = begin(ground, "tests_bodies", data={})
    with ground.session() as session:
        opened = select(Task.id).where(Task.instance_id == instance).order_by(Task.visit)
        looks = session.scalars(opened).all()
    thinks = [decide(ground, look, "done").next_tasks[0] for look in looks]
    decide(ground, thinks[0], "onward")
    decide(ground, thinks[1], "again")
    with pytest.raises(errors.CannotMove):
        withdraw(ground, instance)
    assert ground.open_elements(instance) == ["after", "look"]


def test_a_decided_step_that_the_new_version_has_no_more_is_still_read_and_refused_in_words(
    any_ground: World,
) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    with any_ground.session() as session:
        old = session.scalars(select(Task.id).where(Task.element == "prepare")).one()
    shorter = Nested("tests_line", form="fairs/application").start().end()
    shorter.lane("city", "check", "review", **AT_CITY)
    for element in ("check", "review"):
        shorter.task(element, assignee="", allow=ALL, outcomes="approve=同意|Approve; reject=不同意|Reject!-")
    publish(any_ground, shorter.line("begin", "check", "review", "done"))
    any_ground.enter("管理员", "platform.administrator")
    by, now = any_ground.acting(STARTER), any_ground.now
    with any_ground.session() as session:
        migrating.migrate(session, instance, 2, None, any_ground.acting("管理员"), now)
        view = tasks.get(session, old, by, now)
        assert (view.state, view.name.zh, view.outcomes, view.form) == ("closed", "任务prepare", (), None)
        definition = versions.of_instance(session, instance).definition
        assert list(engine.people_after(definition, "prepare")) == []
    verbs: list[Any] = [
        lambda session: tasks.complete(session, old, None, tasks.Decision("send", revision=2), by, now),
        lambda session: tasks.claim(session, old, 2, by, now),
        lambda session: tasks.transfer(session, old, by.person, 2, by, now),
        lambda session: moving.send_back(session, old, "check", 2, by, now, "请补充"),
    ]
    for verb in verbs:
        with any_ground.session() as session, pytest.raises(errors.TaskTaken):
            verb(session)


def test_a_state_that_cannot_be_read_is_an_incident_of_whatever_verb_meets_it(any_ground: World) -> None:
    publish(any_ground, line())
    instance = walked(any_ground, "check")
    task = any_ground.open_task(instance, "review")
    any_ground.enter("管理员", "platform.administrator")
    boss, now = any_ground.acting("管理员"), any_ground.now
    with any_ground.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instance).values(tokens=b"CP----nonsense"))
    verbs: list[Any] = [
        lambda session: moving.send_back(session, task, "check", 1, any_ground.acting(CITY), now, "请补充"),
        lambda session: moving.withdraw(session, instance, any_ground.acting(CITY), now),
        lambda session: moving.move(session, instance, "review", "check", "卡住了", boss, now),
    ]
    for count, verb in enumerate(verbs, 1):
        with any_ground.session() as session:
            with pytest.raises(engine.Corrupt):
                verb(session)
            found = session.scalars(select(Incident.element).where(Incident.kind == "engine")).all()
            assert found == ["review", None][: min(count, 2)], "once for each place until it is closed"
