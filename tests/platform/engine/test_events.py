"""Timers, messages, signals, errors and terminate, in every position they stand in."""

from __future__ import annotations

import pytest

from app.platform.engine import Faulty, Step, start
from app.platform.registry import Outcome
from tests.platform.engine.drawing import NOW, Drawing, never_called
from tests.platform.engine.nested import TERMINATE, Events, Nested, inner, refers, timer


def plain() -> Nested:
    return Nested(form="permits/apply").start().end()


def test_a_timer_on_the_way_waits_and_goes_on() -> None:
    walk = Events(
        plain().catch("wait", timer("P3WD"), stage="等待|Waiting").line("begin", "wait", "done").load()
    )
    (token,) = walk.step.opened
    assert (token.kind, token.timer, walk.step.stage and walk.step.stage.en) == ("timer", "P3WD", "Waiting")
    assert walk.fires("wait").step.ended == "done"


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("PT2H", "timeDuration", "PT2H"),
        ('"P2D"', "timeDuration", "P2D"),
        ("2027-01-01", "timeDate", "2027-01-01"),
        ("project", "timeDate", "2027-05-01T08:00"),
        ('"P3WD" if project == "x" else "P5WD"', "timeDuration", "P5WD"),
    ],
)
def test_a_timer_may_be_written_bare_or_computed(text: str, tag: str, expected: str) -> None:
    drawn = plain().catch("wait", timer(text, tag)).line("begin", "wait", "done")
    assert Events(drawn.load(), project="2027-05-01T08:00").step.opened[0].timer == expected


def test_a_timer_that_is_no_time_is_an_incident() -> None:
    drawn = plain().catch("wait", timer("project", "timeDate")).line("begin", "wait", "done").load()
    with pytest.raises(Faulty) as caught:
        start(drawn, {"project": "someday"}, never_called, NOW)
    assert (caught.value.element, caught.value.code) == ("wait", "bad_timer")


def test_a_deadline_interrupts_the_task_it_guards() -> None:
    drawn = plain().task("ask").edge("late", "ask", timer("P3WD")).task("late_task")
    drawn.line("begin", "ask", "done").line("late", "late_task", "done")
    walk = Events(drawn.load())
    assert walk.waits() == ["ask", "late"]
    assert walk.open["late"].host == "ask"
    assert walk.fires("late").waits() == ["late_task"]
    assert {t.element for t in walk.step.closed} == {"ask", "late"}
    assert Events(drawn.load()).do("ask").step.ended == "done"


def test_a_reminder_runs_beside_and_ends_by_itself() -> None:
    drawn = plain().task("ask").edge("remind", "ask", timer("P1D"), stops=False).task("note").end("noted")
    drawn.line("begin", "ask", "done").line("remind", "note", "noted")
    walk = Events(drawn.load())
    assert walk.fires("remind").waits() == ["ask", "note"]
    assert walk.do("ask").waits() == ["note"]
    assert walk.do("note").step.ended == "done"


def test_a_message_may_come_more_than_once_to_an_edge_that_does_not_stop() -> None:
    drawn = plain().names("message", "more").task("ask").task("read").end("was_read")
    drawn.edge("heard", "ask", refers("message", "more"), stops=False, correlation="project")
    drawn.line("begin", "ask", "done").line("heard", "read", "was_read")
    walk = Events(drawn.load(), project="p1")
    assert walk.open["heard"].correlation == "p1"
    walk.fires("heard").fires("heard")
    assert walk.waits() == ["ask", "heard", "read", "read"]
    walk.do("read").do("ask")
    assert walk.waits() == ["read"]
    assert walk.do("read").step.ended == "done"


def test_a_message_brings_what_the_event_names() -> None:
    drawn = (
        plain()
        .names("message", "paid")
        .catch("wait", refers("message", "paid"), data="amount", correlation="project")
    )
    drawn.xor("much", "little").task("check").line("begin", "wait", "much")
    drawn.flow("much", "check", "amount > 100").flow("much", "done", id="little").line("check", "done")
    assert Events(drawn.load(), project="p").fires("wait", amount=300, other=1).waits() == ["check"]
    assert Events(drawn.load(), project="p").fires("wait", amount=3).step.ended == "done"


def test_messages_and_signals_go_out_with_correlation_and_data() -> None:
    drawn = plain().names("message", "paid").names("signal", "open")
    drawn.throws("tell", refers("message", "paid"), correlation="project", data="project", deliver="together")
    drawn.throws("shout", refers("signal", "open")).line("begin", "tell", "shout", "done")
    step = Events(drawn.load(), project="p").step
    told, shouted = step.thrown
    assert (told.kind, told.name, told.correlation, dict(told.data), told.deliver) == (
        "message", "paid", "p", {"project": "p"}, "together",
    )  # fmt: skip
    assert (shouted.kind, shouted.name, shouted.correlation, shouted.deliver) == (
        "signal",
        "open",
        None,
        "after",
    )


def test_send_and_receive_tasks_are_throw_and_catch() -> None:
    drawn = plain().names("message", "m")
    drawn.event("sendTask", "send", "", 'messageRef="m"').event(
        "receiveTask", "receive", "", 'messageRef="m"'
    )
    drawn.edge("late", "receive", timer("P1D")).end("too_late").line("begin", "send", "receive", "done").line(
        "late", "too_late"
    )
    walk = Events(drawn.load())
    assert walk.step.thrown[0].name == "m"
    assert walk.waits() == ["late", "receive"]
    assert walk.fires("late").step.ended == "too_late"


def test_a_message_end_sends() -> None:
    drawn = (
        Nested()
        .start()
        .names("message", "m")
        .event("endEvent", "done", refers("message", "m"))
        .line("begin", "done")
    )
    assert Events(drawn.load()).step.thrown[0].element == "done"


def test_the_first_of_several_events_decides() -> None:
    drawn = plain().names("message", "yes").event("eventBasedGateway", "first", stage="等回复|Waiting")
    drawn.catch("reply", refers("message", "yes")).catch("late", timer("P1D")).end("too_late")
    drawn.line("begin", "first", "reply", "done").line("first", "late", "too_late")
    walk = Events(drawn.load())
    assert walk.waits() == ["late", "reply"]
    assert walk.fires("late").step.ended == "too_late"
    assert Events(drawn.load()).fires("reply").step.ended == "done"


def rivals(gateway: str, **reply: str) -> Nested:
    """A task, then a gateway whose stage is `gateway`, that waits for a reply or a day."""
    drawn = plain().names("message", "yes").task("ask", stage="填报中|Drafting")
    drawn.event("eventBasedGateway", "first", **({"stage": gateway} if gateway else {}))
    drawn.catch("reply", refers("message", "yes"), **reply).catch("late", timer("P1D")).end("too_late")
    return drawn.line("begin", "ask", "first", "reply", "done").line("first", "late", "too_late")


@pytest.mark.parametrize(
    ("drawn", "stage"),
    [
        (rivals("等回复|Waiting"), "Waiting"),
        (rivals("", stage="等来函|Awaiting a letter"), "Awaiting a letter"),
        (rivals("等回复|Waiting", stage="等来函|Awaiting a letter"), "Awaiting a letter"),
        (rivals(""), None),
    ],
    ids=["the gateway's", "its event's", "both: the event's", "neither"],
)
def test_a_gateway_that_waits_for_events_declares_the_stage(drawn: Nested, stage: str | None) -> None:
    step = Events(drawn.load()).do("ask").step
    assert (step.stage and step.stage.en) == stage


def test_a_process_starts_by_message_timer_or_plainly() -> None:
    drawn = (
        plain().names("message", "go").event("startEvent", "called", refers("message", "go"), data="amount")
    )
    drawn.event("startEvent", "monthly", timer("P1D")).task("work").xor("any")
    drawn.line("begin", "any").line("called", "any").line("monthly", "any").line("any", "work", "done")
    definition = drawn.load()
    assert {e: event and event.kind for e, event in definition.begins.items()} == {
        "begin": None, "called": "message", "monthly": "timer",
    }  # fmt: skip
    step = start(definition, {"amount": 3}, never_called, NOW, at="called")
    assert [t.element for t in step.opened] == ["work"]
    assert step.log[0].element == "called"
    with pytest.raises(Faulty, match="no_such_start"):
        start(definition, {}, never_called, NOW, at="work")


def test_terminate_ends_everything_around_it_and_no_more() -> None:
    drawn = plain().both("split").task("a").task("b").event("endEvent", "stop", TERMINATE).end("other")
    drawn.line("begin", "split", "a", "stop").line("split", "b", "other")
    drawn.parts = [part for part in drawn.parts if 'id="done"' not in part]
    walk = Events(drawn.load())
    assert walk.do("a").step.ended == "stop"
    assert {t.element for t in walk.step.closed} == {"a", "b"}


def test_terminate_in_a_sub_process_ends_only_that() -> None:
    part = Nested().start("i_begin").both("i_split").task("x").task("y")
    part.event("endEvent", "i_stop", TERMINATE).end("i_done").line("i_begin", "i_split", "x", "i_stop").line(
        "i_split", "y", "i_done"
    )
    drawn = plain().sub("part", part).task("after").line("begin", "part", "after", "done")
    walk = Events(drawn.load())
    assert walk.do("x").waits() == ["after"]
    assert walk.do("after").step.ended == "done"


def raising(code: str):
    def call(element: str, action: str, parameters: object) -> None:
        raise Outcome(code)

    return call


def with_error(code: str | None = "full") -> Nested:
    drawn = plain().names("error", "full", "other").service("count", "permits/quota").task("waiting_list")
    drawn.edge("caught", "count", refers("error", code))
    drawn.line("begin", "count", "done").line("caught", "waiting_list", "done")
    return drawn


@pytest.mark.parametrize("code", ["full", None])
def test_an_error_of_a_service_task_takes_its_boundary(code: str | None) -> None:
    walk = Events(with_error(code).load(), raising("full"))
    assert walk.waits() == ["waiting_list"]
    assert [entry.element for entry in walk.step.log if entry.kind == "entered"] == [
        "begin", "count", "caught", "waiting_list",
    ]  # fmt: skip


def test_an_error_nobody_expects_is_an_incident() -> None:
    with pytest.raises(Faulty, match="no_boundary"):
        Events(with_error().load(), raising("else"))


def test_an_error_of_work_done_after_takes_its_boundary_too() -> None:
    drawn = (
        plain()
        .names("error", "bad")
        .service("scan", "permits/scan")
        .edge("caught", "scan", refers("error", "bad"))
        .task("again")
    )
    drawn.line("begin", "scan", "done").line("caught", "again", "done")
    walk = Events(drawn.load())
    assert walk.fails("scan", "bad").waits() == ["again"]
    assert [t.element for t in walk.step.closed] == ["scan"]


def test_an_error_climbs_out_of_sub_processes_until_somebody_takes_it() -> None:
    deep = Nested().start("d_begin").task("deepest").event("endEvent", "d_fail", refers("error", "bad"))
    deep.line("d_begin", "deepest", "d_fail")
    part = Nested().start("i_begin").sub("deep", deep).end("i_done").line("i_begin", "deep", "i_done")
    drawn = (
        plain().names("error", "bad").sub("part", part).edge("caught", "part", refers("error")).end("failed")
    )
    drawn.line("begin", "part", "done").line("caught", "failed")
    walk = Events(drawn.load())
    assert walk.do("deepest").step.ended == "failed"


def test_an_error_end_at_the_top_ends_the_instance() -> None:
    drawn = (
        plain()
        .names("error", "bad")
        .both("split")
        .task("a")
        .task("b")
        .event("endEvent", "failed", refers("error", "bad"))
    )
    drawn.line("begin", "split", "a", "failed").line("split", "b", "done")
    walk = Events(drawn.load())
    assert walk.do("a").step.ended == "failed"


def beside(start: str, stops: bool = True) -> Drawing:
    part = Nested()
    part.event("startEvent", "e_begin", start, "" if stops else 'isInterrupting="false"')
    return part.task("react").end("e_done").line("e_begin", "react", "e_done")


def test_an_event_sub_process_interrupts_what_is_around_it() -> None:
    drawn = (
        plain()
        .names("message", "stop")
        .beside("e", beside(refers("message", "stop")))
        .task("a")
        .task("b")
        .both("split")
        .both("join")
    )
    drawn.line("begin", "split", "a", "join", "done").line("split", "b", "join")
    walk = Events(drawn.load())
    assert walk.waits() == ["a", "b", "e_begin"]
    assert walk.do("a").fires("e_begin").waits() == ["react"]
    assert walk.do("react").step.ended == "e_done"


def test_an_event_sub_process_that_does_not_interrupt_runs_beside() -> None:
    drawn = (
        plain().names("message", "news").beside("e", beside(refers("message", "news"), stops=False)).task("a")
    )
    drawn.line("begin", "a", "done")
    walk = Events(drawn.load())
    walk.fires("e_begin").fires("e_begin")
    assert walk.waits() == ["a", "e_begin", "react", "react"]
    assert walk.do("a").waits() == ["e_begin", "react", "react"]
    walk.do("react").do("react")
    assert walk.step.ended == "done"


def test_an_event_sub_process_takes_errors_of_its_scope_and_goes_with_it() -> None:
    part = (
        Nested()
        .start("i_begin")
        .task("x")
        .event("endEvent", "i_fail", refers("error", "bad"))
        .xor("i_way", "i_ok")
        .end("i_done")
    )
    part.line("i_begin", "x").flow("x", "i_way").flow("i_way", "i_fail", "paid").flow(
        "i_way", "i_done", id="i_ok"
    )
    part.beside("e", beside(refers("error", "bad")))
    drawn = Nested(form="permits/fee").start().end().names("error", "bad").sub("part", part).task("after")
    drawn.line("begin", "part", "after", "done")
    walk = Events(drawn.load(), paid=True)
    assert walk.do("x").waits() == ["react"]
    assert walk.do("react").waits() == ["after"]
    assert Events(drawn.load(), paid=False).do("x").waits() == ["after"]


def test_a_timer_guards_a_whole_sub_process() -> None:
    part = inner().task("x").line("i_begin", "x", "i_done")
    drawn = plain().sub("part", part).edge("late", "part", timer("P5WD")).end("too_late")
    drawn.line("begin", "part", "done").line("late", "too_late")
    walk = Events(drawn.load())
    assert walk.open["late"].host == "part"
    assert walk.fires("late").step.ended == "too_late"
    assert {t.element for t in walk.step.closed} == {"x", "late"}
    assert Events(drawn.load()).do("x").step.ended == "done"


def test_a_step_that_ended_something_leaves_no_guard_behind() -> None:
    drawn = (
        plain()
        .task("ask")
        .edge("late", "ask", timer("P3WD"))
        .line("begin", "ask", "done")
        .line("late", "done")
    )
    step: Step = Events(drawn.load()).do("ask").step
    assert {t.element for t in step.closed} == {"ask", "late"}
