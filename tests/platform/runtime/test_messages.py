"""Messages and signals between instances, from hooks and from outside: each gets what it waits for, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.platform import engine
from app.platform.data import transaction
from app.platform.runtime import control, doctor, errors, instances, messages, versions
from app.platform.runtime.entities import Incident, Instance, Subscription
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import CITY, FOREIGN, STARTER, begin, decide, instance_row, kinds
from tests.world import World

GO = refers("signal", "go")


def waiting(**more: str) -> Nested:
    """Waits for `paid` about its project."""
    drawn = Nested("tests_waiting").start().end(stage="已付|Paid").names("message", "paid")
    drawn.script("name_it", 'project = "p1"', "amount = 0")
    drawn.catch("wait", refers("message", "paid"), correlation="project", data="amount", **more)
    return drawn.line("begin", "name_it", "wait", "done")


def paying(deliver: str) -> Nested:
    drawn = Nested("tests_paying").start().end().names("message", "paid")
    drawn.script("name_it", 'project = "p1"', "amount = 7")
    drawn.throws("pay", refers("message", "paid"), correlation="project", data="amount", deliver=deliver)
    return drawn.line("begin", "name_it", "pay", "done")


def publish(world: World, *drawings: Any) -> None:
    with world.session() as session:
        versions.publish(session, files(*drawings), None, world.now)


def deliver(world: World, name: str, correlation: Any, who: str = CITY, **data: Any) -> int:
    with world.session() as session:
        return messages.deliver(session, name, correlation, data, world.acting(who), world.now)


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def subscriptions(world: World) -> int:
    with world.session() as session:
        own = Subscription.process.startswith("tests_")
        return session.scalar(select(func.count()).select_from(Subscription).where(own)) or 0


@pytest.mark.parametrize("way", ["after", "together"])
def test_one_instance_lets_another_go_on(any_ground: World, way: str) -> None:
    publish(any_ground, waiting(), paying(way))
    waits = begin(any_ground, "tests_waiting", data={})
    assert subscriptions(any_ground) == 1
    sound(any_ground)
    pays = begin(any_ground, "tests_paying", data={})
    if way == "after":
        assert instance_row(any_ground, waits).state == "running"
        any_ground.work()
    row = instance_row(any_ground, waits)
    assert (row.state, row.stage_zh, row.variables["amount"]) == ("ended", "已付", 7)
    assert "message" in kinds(any_ground, waits)
    assert "thrown" in kinds(any_ground, pays)
    assert subscriptions(any_ground) == 0
    sound(any_ground)


def test_only_the_correlated_ones_are_reached(any_ground: World) -> None:
    publish(any_ground, waiting(from_="fairs.city_admin@starter.region(city)"))
    first, second = (begin(any_ground, "tests_waiting", data={}) for _ in range(2))
    assert deliver(any_ground, "paid", "p2") == 0
    assert deliver(any_ground, "nobody", "p1") == 0
    assert {instance_row(any_ground, each).state for each in (first, second)} == {"running"}


def test_one_message_reaches_each_who_waits_by_a_key_of_his_own(any_ground: World) -> None:
    publish(any_ground, waiting())
    waits = [begin(any_ground, "tests_waiting", data={}) for _ in range(3)]
    with any_ground.session() as session, transaction(session):
        by, now = any_ground.acting(CITY), any_ground.now
        assert messages.send_each(session, "paid", [], {"amount": 3}, by, now) == 0
        assert messages.send_each(session, "paid", ["p2", "nobody"], {"amount": 3}, by, now) == 0
        assert messages.send_each(session, "paid", ["p2", "p1", "p1"], {"amount": 3}, by, now) == 3
    assert {instance_row(any_ground, each).state for each in waits} == {"ended"}
    assert subscriptions(any_ground) == 0
    sound(any_ground)


def test_one_message_to_each_reaches_nobody_when_they_are_too_many(
    any_ground: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(any_ground, waiting())
    waits = begin(any_ground, "tests_waiting", data={})
    monkeypatch.setattr(messages, "MOST_RECEIVERS", 0)
    with any_ground.session() as session, pytest.raises(errors.TooManyReceivers), transaction(session):
        messages.send_each(session, "paid", ["p1"], {"amount": 3}, any_ground.acting(CITY), any_ground.now)
    assert instance_row(any_ground, waits).state == "running"


def test_a_sender_must_be_a_role_there_is(ground: World) -> None:
    with pytest.raises(errors.Unpublishable) as caught:
        publish(ground, waiting(from_="fairs.nobody@everywhere"))
    assert [problem.code for problem in caught.value.problems] == ["unknown_role"]


def test_a_message_only_hooks_may_send_is_refused_from_outside(any_ground: World) -> None:
    publish(any_ground, waiting())
    waits = begin(any_ground, "tests_waiting", data={})
    with pytest.raises(errors.Forbidden):
        deliver(any_ground, "paid", "p1")
    with any_ground.session() as session, transaction(session):
        assert (
            messages.send(session, "paid", "p1", {"amount": 3}, any_ground.acting(CITY), any_ground.now) == 1
        )
    assert instance_row(any_ground, waits).state == "ended"


def test_from_outside_whoever_holds_the_role_may_send(any_ground: World) -> None:
    publish(any_ground, waiting(from_="fairs.organiser@everywhere"))
    waits = begin(any_ground, "tests_waiting", data={})
    with pytest.raises(errors.Forbidden):
        deliver(any_ground, "paid", "p1", FOREIGN)
    with any_ground.session() as session:
        by = any_ground.acting(STARTER)
        for _ in range(2):  # the same key again is answered, not done
            count = messages.deliver(session, "paid", "p1", {"amount": 5}, by, any_ground.now, key="k1")
            assert count == 1
        with pytest.raises(errors.KeyReused):
            messages.deliver(session, "paid", "p1", {"amount": 6}, by, any_ground.now, key="k1")
    assert instance_row(any_ground, waits).variables["amount"] == 5


def test_a_message_starts_a_process(any_ground: World) -> None:
    drawn = Nested("tests_called").end().names("message", "go").task("work")
    drawn.event(
        "startEvent", "begin", refers("message", "go"), data="amount", from_="fairs.organiser@everywhere"
    )
    publish(any_ground, drawn.line("begin", "work", "done"))
    assert deliver(any_ground, "go", "order-7", STARTER, amount=3) == 1
    with any_ground.session() as session:
        row = session.execute(select(Instance).where(Instance.process == "tests_called")).scalar_one()
    assert (row.business_key, row.variables, row.state) == ("order-7", {"amount": 3}, "running")
    sound(any_ground)
    publish(any_ground, Nested("tests_called").start().task("work").end().line("begin", "work", "done"))
    assert subscriptions(any_ground) == 0


def test_a_signal_reaches_everyone(any_ground: World) -> None:
    drawn = (
        Nested("tests_signal")
        .start()
        .end()
        .names("signal", "opened")
        .catch("wait", refers("signal", "opened"))
    )
    shout = (
        Nested("tests_shout")
        .start()
        .end()
        .names("signal", "opened")
        .throws("say", refers("signal", "opened"))
    )
    publish(any_ground, drawn.line("begin", "wait", "done"), shout.line("begin", "say", "done"))
    waiters = [begin(any_ground, "tests_signal", data={}) for _ in range(5)]
    begin(any_ground, "tests_shout", data={})
    any_ground.work()
    assert {instance_row(any_ground, each).state for each in waiters} == {"ended"}
    sound(any_ground)


def test_two_that_answer_each_other_at_once_end_by_themselves(any_ground: World) -> None:
    """Ping pong within one transaction is bounded, and leaves nothing half done."""
    drawn = Nested("tests_echo").start().end().names("message", "ball").script("name_it", 'project = "p1"')
    drawn.xor("again").catch("wait", refers("message", "ball"), correlation="project").xor("enough", "more")
    drawn.throws("back", refers("message", "ball"), correlation="project", deliver="together")
    drawn.line("begin", "name_it", "again", "wait", "back", "enough").flow(
        "enough", "done", 'project == "p2"'
    )
    publish(any_ground, drawn.flow("enough", "again", id="more"))
    both = [begin(any_ground, "tests_echo", data={}) for _ in range(2)]
    before = [instance_row(any_ground, each).revision for each in both]
    with any_ground.session() as session, pytest.raises(errors.TooManyReceivers):
        messages.send(session, "ball", "p1", {}, any_ground.acting(CITY), any_ground.now)
    assert [instance_row(any_ground, each).revision for each in both] == before


def test_an_event_sub_process_hears_of_it_while_the_rest_goes_on(any_ground: World) -> None:
    react = Nested().event("startEvent", "e_begin", refers("message", "news"), 'isInterrupting="false"')
    react.task("read").end("e_done").line("e_begin", "read", "e_done")
    drawn = Nested("tests_news").start().end().names("message", "news").task("work").beside("e", react)
    publish(any_ground, drawn.line("begin", "work", "done"))
    instance = begin(any_ground, "tests_news", data={})
    with any_ground.session() as session:
        messages.send(session, "news", None, {}, any_ground.acting(CITY), any_ground.now)
    assert sorted(any_ground.open_elements(instance)) == ["read", "work"]
    sound(any_ground)
    with any_ground.session() as session:
        instances.cancel(session, instance, "x", any_ground.acting(STARTER), any_ground.now)
    assert subscriptions(any_ground) == 0


def test_what_one_receiver_answers_at_once_reaches_the_next_in_the_same_transaction(
    any_ground: World,
) -> None:
    first = Nested("tests_first").start().end().names("signal", "go", "went").catch("wait", GO)
    first.throws("tell", refers("signal", "went"), deliver="together").line("begin", "wait", "tell", "done")
    second = Nested("tests_second").start().end().names("signal", "go", "went").both("fork").both("join")
    second.catch("one", GO).catch("two", refers("signal", "went"))
    second.line("begin", "fork", "one", "join").line("fork", "two", "join", "done")
    publish(any_ground, first, second)
    both = [begin(any_ground, f"tests_{each}", data={}) for each in ("first", "second")]
    with any_ground.session() as session:
        by, now = any_ground.acting(CITY), any_ground.now
        assert messages.send(session, "go", None, {}, by, now, "signal") == 2
    assert [instance_row(any_ground, each).state for each in both] == ["ended", "ended"]
    sound(any_ground)


def test_an_instance_that_hears_itself_at_once_goes_on_from_there(any_ground: World) -> None:
    """The deadline fires first thing in the verb, and what it throws comes back before the decision is looked at."""
    drawn = Nested("tests_self").start().end().end("side").names("signal", "go").both("fork").both("join")
    drawn.task("ask", outcomes="go=办理|Go").edge("late", "ask", timer("PT1H"), stops=False)
    drawn.throws("tell", GO, deliver="together").catch("wait", GO)
    drawn.line("begin", "fork", "ask", "join").line("fork", "wait", "join", "done").line(
        "late", "tell", "side"
    )
    publish(any_ground, drawn)
    instance = begin(any_ground, "tests_self", data={})
    any_ground.now += timedelta(hours=2)
    decide(any_ground, any_ground.open_task(instance, "ask"), "go")
    assert instance_row(any_ground, instance).state == "ended"
    sound(any_ground)


def test_a_receiver_whose_state_cannot_be_read_has_an_incident_and_nobody_gets_the_message(
    any_ground: World,
) -> None:
    publish(any_ground, waiting(from_="fairs.organiser@everywhere"))
    sane, broken = (begin(any_ground, "tests_waiting", data={}) for _ in range(2))
    with any_ground.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == broken).values(tokens=b"CP----nonsense"))
    with pytest.raises(engine.Corrupt):
        deliver(any_ground, "paid", "p1", STARTER)
    assert instance_row(any_ground, sane).state == "running"
    with any_ground.session() as session:
        assert session.scalars(select(Incident.instance_id)).all() == [broken]


def test_a_long_correlation_starts_a_process_all_the_same(any_ground: World) -> None:
    drawn = Nested("tests_called").end().names("message", "go").task("work")
    drawn.event("startEvent", "begin", refers("message", "go"), from_="fairs.organiser@everywhere")
    publish(any_ground, drawn.line("begin", "work", "done"))
    assert deliver(any_ground, "go", "x" * 200, STARTER) == 1
    with any_ground.session() as session:
        row = session.execute(select(Instance).where(Instance.process == "tests_called")).scalar_one()
    assert row.business_key == "x" * 100


def test_where_the_sender_s_place_comes_to_nothing_not_everybody_of_the_role_may_send(
    any_ground: World,
) -> None:
    publish(any_ground, waiting(from_="fairs.city_admin@variable:nowhere"))
    waits = begin(any_ground, "tests_waiting", data={})
    with pytest.raises(errors.Forbidden):
        deliver(any_ground, "paid", "p1", CITY)
    assert instance_row(any_ground, waits).state == "running"


def test_a_suspended_receiver_holds_up_no_other_and_gets_it_when_it_goes_on(any_ground: World) -> None:
    publish(any_ground, waiting())
    sleeping, awake = (begin(any_ground, "tests_waiting", data={}) for _ in range(2))
    any_ground.enter("管理员", "platform.administrator")
    manager = any_ground.acting("管理员")
    with any_ground.session() as session:
        control.suspend(session, sleeping, "核实", manager, any_ground.now)
        assert (
            messages.send(session, "paid", "p1", {"amount": 4}, any_ground.acting(CITY), any_ground.now) == 2
        )
    assert instance_row(any_ground, awake).state == "ended"
    any_ground.work()
    assert instance_row(any_ground, sleeping).state == "suspended"
    with any_ground.session() as session:
        control.resume(session, sleeping, "核实完毕", manager, any_ground.now)
    any_ground.work(any_ground.now + messages.WAIT)
    assert (
        instance_row(any_ground, sleeping).state,
        instance_row(any_ground, sleeping).variables["amount"],
    ) == (
        "ended",
        4,
    )
    sound(any_ground)


def test_the_stage_of_a_gateway_that_waits_is_the_instance_s_until_an_event_comes(any_ground: World) -> None:
    drawn = Nested("tests_rivals").start().end(stage="已付|Paid").names("message", "paid").end("late")
    drawn.event("eventBasedGateway", "first", stage="待付款|Awaiting payment")
    drawn.catch("reply", refers("message", "paid")).catch("wait", timer("P1D"))
    publish(any_ground, drawn.line("begin", "first", "reply", "done").line("first", "wait", "late"))
    instance = begin(any_ground, "tests_rivals", data={})
    assert instance_row(any_ground, instance).stage_zh == "待付款"
    with any_ground.session() as session:
        messages.send(session, "paid", None, {}, any_ground.acting(STARTER), any_ground.now)
    assert instance_row(any_ground, instance).stage_zh == "已付"
    sound(any_ground)
