"""What a manager does to an instance: only he, only with a reason, once, and written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.platform.registry import Acting
from app.platform.runtime import control, doctor, errors, history, instances, tasks
from tests.platform.engine.nested import Nested
from tests.platform.runtime.chains import HANSHAN, told
from tests.platform.runtime.clocks import guarded, publish, sweep, timers
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, STARTER, at_review, begin, decide, instance_row, kinds
from tests.world import World

BOSS, ELSEWHERE = "总管", "邢台总管"
Verb = Callable[..., None]


def boss(world: World, name: str = BOSS, place: str = "") -> Acting:
    world.enter(name, "platform.administrator", place)
    return world.acting(name)


def do(
    world: World,
    verb: Verb,
    *given: Any,
    by: Acting | None = None,
    key: str | None = None,
    reason: str = "核查",
) -> None:
    with world.session() as session:
        verb(session, *given, reason, by or boss(world), world.now, key)


def sound(world: World) -> None:
    with world.session() as session:
        findings = [each for each in doctor.examine(session, world.now) if each.code != "unknown_state"]
        assert findings == []


def last(world: World, instance: str) -> history.HistoryRow:
    with world.session() as session:
        return history.of(session, instance)[-1]


def test_suspended_it_can_be_read_and_nothing_more(any_ground: World) -> None:
    world = any_ground
    instance, task = at_review(world)
    do(world, control.suspend, instance)
    row = last(world, instance)
    assert (row.kind, row.by_name, row.body) == ("suspended", BOSS, {"comment": "核查", "name": BOSS})
    city = world.acting(CITY)
    with world.session() as session:
        shown = tasks.get(session, task, city, world.now)
        assert (shown.can_work, shown.outcomes) == (False, ())
        assert instances.view(session, instance, city, world.now).state == "suspended"
    with pytest.raises(errors.InstanceChanged):
        decide(world, task, "approve", CITY)
    with world.session() as session, pytest.raises(errors.InstanceChanged):
        tasks.claim(session, task, 1, city, world.now)
    with pytest.raises(errors.InstanceChanged):
        do(world, control.suspend, instance)
    do(world, control.resume, instance, reason="核查完毕")
    decide(world, task, "approve", CITY)
    assert kinds(world, instance)[-4:] == ["suspended", "resumed", "decided", "ended"]
    sound(world)


def test_resuming_what_runs_is_refused(ground: World) -> None:
    instance, _ = at_review(ground)
    with pytest.raises(errors.InstanceChanged):
        do(ground, control.resume, instance)


def to_sending(world: World) -> str:
    instance = begin(world, "tests_hooked")
    for element in ("first", "second"):
        decide(world, world.open_task(instance, element), "go")
    return instance


@pytest.mark.parametrize("when", ["before it ran", "after it was passed over"])
def test_work_waits_while_suspended_and_is_done_once_after(any_ground: World, when: str) -> None:
    world, done = any_ground, []
    told["send"] = lambda call: done.append(call.by.person)
    instance = to_sending(world)
    do(world, control.suspend, instance)
    if when == "after it was passed over":
        world.work()
    assert done == []
    do(world, control.resume, instance)
    world.work()
    assert done == [world.people[STARTER]]  # still in the name of who decided
    assert world.open_elements(instance) == ["third"]
    assert world.work() == 0
    sound(world)


def test_work_whose_job_is_long_forgotten_is_written_down_anew(ground: World) -> None:
    from app.platform import jobs

    done: list[str] = []
    told["send"] = lambda call: done.append(call.element)
    instance = to_sending(ground)
    do(ground, control.suspend, instance)
    ground.work()
    with ground.session() as session:
        jobs.forget_done(session, ground.now + timedelta(days=30))
    do(ground, control.resume, instance)
    ground.work()
    assert done == ["sending"]


VERBS: dict[str, Callable[[str], tuple[Any, ...]]] = {
    "suspend": lambda instance: (control.suspend, instance),
    "cancel": lambda instance: (control.cancel, instance),
    "set_variables": lambda instance: (control.set_variables, instance, {"district": "130403"}),
}


@pytest.mark.parametrize("verb", VERBS)
def test_only_who_looks_after_the_place_may(ground: World, verb: str) -> None:
    instance, _ = at_review(ground)
    before = kinds(ground, instance)
    with pytest.raises(errors.Forbidden):
        do(ground, *VERBS[verb](instance), by=ground.acting(CITY))
    with pytest.raises(errors.Unknown):
        do(ground, *VERBS[verb](instance), by=ground.acting("邻市"))
    if verb != "cancel":
        with pytest.raises(errors.Forbidden):
            do(ground, *VERBS[verb](instance), by=ground.acting(STARTER))
    with pytest.raises(errors.Unknown):
        do(ground, *VERBS[verb]("0" * 26))
    assert kinds(ground, instance) == before


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("", errors.MissingReason),
        (" \n ", errors.MissingReason),
        ("长" * 2_001, errors.BadOpinion),
        ("\x00", errors.BadOpinion),
    ],
)
def test_without_a_proper_reason_nothing_happens(
    ground: World, verb: str, reason: str, refusal: type[Exception]
) -> None:
    instance, _ = at_review(ground)
    with pytest.raises(refusal):
        do(ground, *VERBS[verb](instance), reason=reason)
    assert instance_row(ground, instance).state == "running"


@pytest.mark.parametrize("verb", VERBS)
def test_a_repeat_with_the_same_key_does_nothing_more(any_ground: World, verb: str) -> None:
    world = any_ground
    instance, _ = at_review(world)
    do(world, *VERBS[verb](instance), key="k1")
    after = kinds(world, instance)
    do(world, *VERBS[verb](instance), key="k1")
    assert kinds(world, instance) == after
    with pytest.raises(errors.KeyReused):
        do(world, *VERBS[verb](instance), key="k1", reason="另一个原因")


def test_a_manager_cancels_what_is_not_his_own_and_what_is_suspended(any_ground: World) -> None:
    world = any_ground
    publish(world, guarded())
    instance = begin(world, "tests_guarded", data={})
    do(world, control.suspend, instance)
    do(world, control.cancel, instance, reason="重复申请")
    row = instance_row(world, instance)
    assert (row.state, row.ended) == ("cancelled", "cancelled")
    assert world.open_elements(instance) == []
    assert timers(world) == []
    assert last(world, instance).body["comment"] == "重复申请"
    with pytest.raises(errors.InstanceChanged):
        do(world, control.cancel, instance)
    assert sweep(world, world.now + timedelta(days=1)) == 0
    sound(world)


def test_the_starter_still_cancels_his_own(ground: World) -> None:
    instance, _ = at_review(ground)
    do(ground, control.cancel, instance, by=ground.acting(STARTER))
    assert instance_row(ground, instance).state == "cancelled"


def choosing() -> Nested:
    """A gateway that reads a variable nobody but the start sets."""
    chain = Nested("tests_choosing", form="fairs/application").start().task("first", outcomes="go=办理|Go")
    chain.xor("which", default="plain").task("special", outcomes="go=办理|Go").end()
    chain.line("begin", "first", "which").flow("which", "special", 'district == "130403"')
    chain.flow("which", "done", id="plain").line("special", "done")
    assert isinstance(chain, Nested)
    return chain


def test_variables_set_by_a_manager_count_from_then_on(any_ground: World) -> None:
    world = any_ground
    publish(world, choosing())
    instance = begin(world, "tests_choosing", data=HANSHAN)
    do(world, control.set_variables, instance, {"district": "130403"}, reason="区县填错")
    row = last(world, instance)
    assert row.kind == "variables"
    assert row.body == {
        "before": {"district": "130402"}, "after": {"district": "130403"}, "comment": "区县填错", "name": BOSS,
    }  # fmt: skip
    decide(world, world.open_task(instance, "first"), "go")
    assert world.open_elements(instance) == ["special"]
    assert instance_row(world, instance).variables["district"] == "130403"
    sound(world)


def test_they_can_be_set_while_suspended_and_it_stays_so(ground: World) -> None:
    publish(ground, choosing())
    instance = begin(ground, "tests_choosing", data=HANSHAN)
    do(ground, control.suspend, instance)
    do(ground, control.set_variables, instance, {"district": None})
    assert instance_row(ground, instance).state == "suspended"
    assert instance_row(ground, instance).variables["district"] is None


@pytest.mark.parametrize(
    "values",
    [{}, {"distrct": "x"}, {"outcome": "approve"}, {"district": ["x"]}, {"district": "x" * 2_001}, {"district": 10**16},
     {"district": float("nan")}, {"district": {"a": 1}}],
)  # fmt: skip
def test_only_what_the_process_declares_and_only_scalars(ground: World, values: dict[str, Any]) -> None:
    publish(ground, choosing())
    instance = begin(ground, "tests_choosing", data=HANSHAN)
    before = kinds(ground, instance)
    with pytest.raises(errors.BadVariable):
        do(ground, control.set_variables, instance, values)
    assert kinds(ground, instance) == before


def test_each_takes_a_fixed_number_of_statements(ground: World, counted: Counted) -> None:
    instance, _ = at_review(ground)
    by = boss(ground)
    for verb, more in (
        (control.suspend, ()),
        (control.set_variables, ({"district": "130403"},)),
        (control.resume, ()),
    ):
        counted.clear()
        do(ground, verb, instance, *more, by=by, key=verb.__name__)
        print(f"\n{verb.__name__}: {len(counted.lines)} statements")
        assert len(counted.lines) <= 12
