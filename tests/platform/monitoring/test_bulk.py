"""One verb at many instances: the set is frozen, each is done once, and what cannot be done says why."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.platform import documents
from app.platform.audit.entities import AuditRow
from app.platform.data import transaction
from app.platform.identity.entities import HeldPost
from app.platform.jobs import errands
from app.platform.jobs.walking import Settled
from app.platform.monitoring import bulk, bulk_choosing, bulk_running, repairing
from app.platform.monitoring.bulk import BadWish, Changed
from app.platform.monitoring.bulk_choosing import Picked
from app.platform.monitoring.bulk_verbs import Wish
from app.platform.runtime import control
from app.platform.runtime.entities import Instance, Task
from app.platform.runtime.errors import Forbidden, Unknown
from tests.platform.design import mixed
from tests.platform.monitoring import many
from tests.platform.monitoring.many import ADMIN, SECOND, begin, counts, look, states, steer, why
from tests.platform.runtime.signing import findings
from tests.platform.runtime.steps import decide, kinds
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def populated(world: World, count: int = 6) -> list[str]:
    """Instances of one version at their first step."""
    many.settle(world)
    mixed.publish(world, mixed.drawing())
    return [mixed.begun(world, "prepare") for _ in range(count)]


def lines_of(world: World, file: str | None) -> list[tuple[Any, ...]]:
    with world.session() as session:
        found = documents.open_file(session, documents.settings().storage, file or "")
        assert found is not None
        return list(load_workbook(io.BytesIO(found[1])).active.values)


def test_those_that_can_be_are_suspended_and_the_others_say_why(ground: World) -> None:
    instances = populated(ground)
    mixed.stop(ground, instances[0])
    with ground.session() as session:
        control.cancel(session, instances[1], "误发起", ground.acting(SECOND), ground.now)
    found = many.sorted_for(ground, Picked(tuple(instances)), Wish("suspend"))
    assert {words.zh: count for words, count in found.reasons} == {"已经挂起": 1, "已结束": 1}
    run = begin(ground, instances, "suspend")
    assert (look(ground, run).total, counts(ground, run)) == (6, {"skipped": 2})
    ground.work()
    done = look(ground, run)
    assert (done.state, dict(done.results)) == ("ended", {"done": 4, "skipped": 2})
    assert states(ground, instances) == {"suspended": 5, "cancelled": 1}
    assert kinds(ground, instances[2])[-1] == "suspended"
    rows = lines_of(ground, done.file)
    assert rows[0] == ("编号", "事项", "地区", "结果", "原因")
    assert sorted(row[3:] for row in rows[1:]) == sorted(
        [("成功", None)] * 4 + [("跳过", "已经挂起"), ("跳过", "已结束")], key=str
    )
    assert findings(ground) == []


def test_taken_back_those_go_on_in_which_nothing_has_happened_since(ground: World) -> None:
    instances = populated(ground, 4)
    run = begin(ground, instances, "suspend")
    with pytest.raises(Settled):
        steer(ground, bulk.undo, run)
    ground.work()
    assert look(ground, run).undo_until == look(ground, run).ended_at + DAY  # type: ignore[operator]
    with ground.session() as session:
        control.resume(session, instances[0], "已核对", ground.acting(SECOND), ground.now)
    undo = steer(ground, bulk.undo, run)
    ground.work()
    assert (counts(ground, undo), states(ground, instances)) == ({"done": 3, "skipped": 1}, {"running": 4})
    assert why(ground, undo, instances[0]) == "其后又有变化，未撤销"
    assert (look(ground, run).undone, look(ground, run).undo_until) == (undo, None)
    assert look(ground, undo).undo_until is None
    with pytest.raises(Settled):
        steer(ground, bulk.undo, run)
    assert findings(ground) == []


def test_after_a_day_nothing_is_taken_back(ground: World) -> None:
    run = begin(ground, populated(ground, 2), "suspend")
    ground.work()
    assert look(ground, run, at=ground.now + DAY + HOUR).undo_until is None
    with pytest.raises(Settled):
        steer(ground, bulk.undo, run, at=ground.now + DAY + HOUR)


def test_an_ended_instance_cannot_be_brought_back(ground: World) -> None:
    instances = populated(ground, 3)
    run = begin(ground, instances, "cancel")
    ground.work()
    assert (counts(ground, run), states(ground, instances)) == ({"done": 3}, {"cancelled": 3})
    assert look(ground, run).undo_until is None
    with pytest.raises(Settled):
        steer(ground, bulk.undo, run)


def test_what_is_urged_is_urged_once_a_day(ground: World) -> None:
    instances = populated(ground, 3)
    first = begin(ground, instances[:2], "urge", reason="")
    ground.work()
    assert counts(ground, first) == {"done": 2}
    second = begin(ground, instances, "urge", reason="")
    ground.work()
    assert counts(ground, second) == {"done": 1, "skipped": 2}
    assert "已催办过" in why(ground, second, instances[0])
    assert [kinds(ground, one).count("urged") for one in instances] == [1, 1, 1]


def test_open_tasks_go_to_one_person(ground: World) -> None:
    instances = populated(ground, 3)
    to = mixed.manager(ground, "接办人")
    run = begin(ground, instances, "transfer", to=to)
    ground.work()
    assert counts(ground, run) == {"done": 3}
    with ground.session() as session:
        held = session.scalars(select(Task.assignee_id).where(Task.state == "open")).all()
    assert set(held) == {to}
    again = begin(ground, instances, "transfer", to=to)
    ground.work()
    assert (counts(ground, again), why(ground, again, instances[0])) == (
        {"skipped": 3},
        "此人正在办理这项任务。",
    )


def test_only_the_tasks_of_the_list_are_given_away(ground: World) -> None:
    instances = populated(ground, 2)
    mixed.step(ground, instances[0], "prepare")
    wanted = ground.open_task(instances[0], "a")
    picked = Picked((instances[0],), "task", frozenset({wanted}))
    to = mixed.manager(ground, "接办人")
    run = begin(ground, [], "transfer", picked=picked, to=to)
    ground.work()
    assert counts(ground, run) == {"done": 1}
    with ground.session() as session:
        asked = select(Task.element).where(Task.assignee_id == to, Task.state == "open")
        assert session.scalars(asked).all() == ["a"]


def test_nobody_gives_tasks_to_himself_or_to_someone_unknown(ground: World) -> None:
    instances = populated(ground, 1)
    for to in ("", ground.people[ADMIN], "0" * 26):
        with pytest.raises(BadWish):
            begin(ground, instances, "transfer", to=to)


def test_what_has_failed_is_tried_again(ground: World) -> None:
    many.settle(ground)
    mixed.publish(ground, mixed.drawing())
    instances = [mixed.begun(ground, "pause") for _ in range(3)]
    mixed.sweep(ground, ground.now + timedelta(days=4))
    for one in instances:
        mixed._on(ground, one, "incident")
    mixed._fail(ground, instances[:2])
    fine = [*instances]
    found = many.sorted_for(ground, Picked(tuple(fine)), Wish("retry"))
    assert {one.id for one in found.fit} == set(instances[:2])
    run = begin(ground, fine, "retry", reason="")
    ground.work(ground.now + HOUR)
    assert counts(ground, run) == {"done": 2, "skipped": 1}
    ground.work(ground.now + HOUR)
    assert states(ground, instances) == {"ended": 3}


def test_tokens_are_moved_from_one_step_to_another_of_one_version(ground: World) -> None:
    instances = populated(ground, 3)
    behind = mixed.begun(ground, "pause")
    with ground.session() as session:
        version = session.get_one(Instance, instances[0]).version_id
    given = {"version": version, "source": "prepare", "target": "pause"}
    found = many.sorted_for(ground, Picked((*instances, behind)), Wish("move", **given))
    assert {words.zh for words, _count in found.reasons} == {"不在所选的环节"}
    mixed.step(ground, instances[0], "prepare")
    run = begin(ground, [*instances, behind], "move", **given)
    ground.work()
    assert counts(ground, run) == {"done": 2, "skipped": 2}
    assert [ground.open_elements(one) for one in instances[1:]] == [[], []]
    with pytest.raises(BadWish):
        begin(ground, instances, "move", version=version, source="prepare")
    assert findings(ground) == []


def test_where_a_token_may_not_go_nothing_is_done_and_it_says_why(ground: World) -> None:
    instances = populated(ground, 2)
    with ground.session() as session:
        version = session.get_one(Instance, instances[0]).version_id
    run = begin(ground, instances, "move", version=version, source="prepare", target="join")
    ground.work()
    assert counts(ground, run) == {"failed": 2}
    assert "汇合处的网关" in why(ground, run, instances[0])
    assert ground.open_elements(instances[0]) == ["prepare"]


def test_they_are_carried_over_and_back(ground: World) -> None:
    instances = populated(ground, 3)
    mixed.publish(ground, mixed.drawing(extra=True))
    current = mixed.begun(ground, "prepare")
    run = begin(ground, [*instances, current], "migrate", reason="")
    ground.work()
    assert (counts(ground, run), why(ground, run, current)) == ({"done": 3, "skipped": 1}, "已是现行版本")
    decide(ground, ground.open_task(instances[0], "prepare"), "go", revision=2)
    undo = steer(ground, bulk.undo, run)
    ground.work()
    assert counts(ground, undo) == {"done": 2, "skipped": 1}
    with ground.session() as session:
        versions = {one: session.get_one(Instance, one).version_id for one in instances}
    assert versions[instances[1]] == versions[instances[2]] != versions[instances[0]]
    assert findings(ground) == []


def test_what_stands_against_a_migration_is_said_of_each(ground: World) -> None:
    many.settle(ground)
    mixed.publish(ground, mixed.drawing())
    behind = mixed.begun(ground, "pause")
    mixed.sweep(ground, ground.now + timedelta(days=4))
    mixed.publish(ground, mixed.drawing(last="final"))
    run = begin(ground, [behind], "migrate", reason="")
    ground.work()
    assert counts(ground, run) == {"failed": 1}
    assert why(ground, run, behind) == "任务last：新版本中没有该步骤"


def test_one_s_own_application_is_left_out_also_where_it_was_begun_by_another(ground: World) -> None:
    instances = populated(ground, 2)
    with ground.session() as session, transaction(session):
        his = update(Instance).where(Instance.id == instances[0])
        session.execute(his.values(starter_id=ground.people[SECOND]))
    found = many.sorted_for(ground, Picked(tuple(instances)), Wish("suspend"), SECOND)
    assert [(one.id, words.zh) for one, words in found.unfit] == [(instances[0], "本人的申请")]
    run = begin(ground, instances[:1], "suspend")
    steer(ground, bulk.pause, run)
    steer(ground, bulk.go_on, run, who=SECOND)
    ground.work()
    assert (counts(ground, run), why(ground, run, instances[0])) == ({"skipped": 1}, "本人的申请")
    assert states(ground, instances) == {"running": 2}


def test_what_lies_outside_the_reach_is_not_there_whoever_names_it(ground: World) -> None:
    instances = populated(ground, 2)
    ground.enter("邻市管理员", "platform.administrator", "130500")
    picked = Picked(tuple(instances))
    with ground.session() as session:
        assert bulk_choosing.look(session, picked, ground.acting("邻市管理员"), ground.now) == []
    with pytest.raises(Changed) as caught:
        begin(ground, instances, "suspend", who="邻市管理员")
    assert caught.value.count == 0
    with pytest.raises(Forbidden):
        begin(ground, instances, "suspend", who="市级")
    run = begin(ground, instances, "suspend")
    for verb in (bulk.pause, bulk.stop, bulk.undo):
        with pytest.raises(Unknown):
            steer(ground, verb, run, who="邻市管理员")
    with pytest.raises(Unknown):
        look(ground, run, who="邻市管理员")


def test_whose_post_ends_meanwhile_does_no_more(ground: World) -> None:
    instances = populated(ground, 3)
    run = begin(ground, instances, "suspend")
    with ground.session() as session, transaction(session):
        gone = update(HeldPost).where(HeldPost.person_id == ground.people[ADMIN])
        session.execute(gone.values(until_at=ground.now))
    ground.work()
    assert (look(ground, run, SECOND).state, states(ground, instances)) == ("failed", {"running": 3})


def test_an_instance_that_leaves_the_reach_meanwhile_is_left_out(ground: World) -> None:
    instances = populated(ground, 2)
    mixed.manager(ground, "市管理员")
    with ground.session() as session, transaction(session):
        here = update(HeldPost).where(HeldPost.person_id == ground.people["市管理员"])
        session.execute(here.values(place="130000/130400/"))
        session.execute(update(Instance).values(place="130000/130400/130402/"))
    run = begin(ground, instances, "suspend", who="市管理员")
    with ground.session() as session, transaction(session):
        session.execute(update(Instance).where(Instance.id == instances[0]).values(place="130000/130500/"))
    ground.work()
    assert counts(ground, run) == {"done": 1, "skipped": 1}
    assert why(ground, run, instances[0]) == "已不在您的管辖范围"


def test_nothing_joins_after_the_confirmation(ground: World) -> None:
    instances = populated(ground, 3)
    found = many.sorted_for(ground, Picked(tuple(instances)), Wish("suspend"))
    mixed.stop(ground, instances[0])
    wish, question = Wish("suspend", many.WHY), bulk.Question("instances", {})
    picked, confirmed = Picked(tuple(instances)), bulk.Confirmed(3, found.mark)
    with ground.session() as session, pytest.raises(Changed) as caught:
        bulk.begin(session, picked, wish, question, confirmed, ground.acting(ADMIN), ground.now)
    assert caught.value.count == 2
    run = begin(ground, instances, "suspend")
    late = mixed.begun(ground, "prepare")
    with ground.session() as session:
        control.resume(session, instances[0], "恢复", ground.acting(SECOND), ground.now)
    ground.work()
    assert counts(ground, run) == {"done": 2, "skipped": 1}
    assert states(ground, [instances[0], late]) == {"running": 2}


def test_a_reason_is_wanted_where_the_verb_wants_one(ground: World) -> None:
    instances = populated(ground, 1)
    for reason in ("", "四个字吧", "字" * 501):
        with pytest.raises(repairing.BadReason):
            begin(ground, instances, "cancel", reason=reason)


def test_sent_twice_it_is_begun_once_and_recorded_once(ground: World) -> None:
    instances = populated(ground, 2)
    assert begin(ground, instances, "suspend", key="once") == begin(ground, instances, "suspend", key="once")
    ground.work()
    with ground.session() as session:
        rows = session.scalars(select(AuditRow.kind).where(AuditRow.kind.startswith("bulk.")))
        assert sorted(rows) == ["bulk.begun", "bulk.ended"]


def interrupted(world: World, monkeypatch: pytest.MonkeyPatch, after: int, act: Any) -> None:
    """Run the errand, and do something once so many instances are through."""
    one, done = bulk_running.one, 0

    def counted(*given: Any) -> None:
        nonlocal done
        one(*given)
        done += 1
        if done == after:
            act()

    with monkeypatch.context() as patch:
        patch.setattr(bulk_running, "CHUNK", 2)
        patch.setattr(bulk_running, "one", counted)
        world.work()


def test_paused_it_rests_and_goes_on_where_it_was(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = populated(ground)
    run = begin(ground, instances, "suspend")
    interrupted(ground, monkeypatch, 3, lambda: steer(ground, bulk.pause, run))
    assert (look(ground, run).state, look(ground, run).done) == ("paused", 4), "the chunk it was at is ended"
    with pytest.raises(Settled):
        steer(ground, bulk.pause, run)
    ground.work()
    assert states(ground, instances) == {"suspended": 4, "running": 2}
    steer(ground, bulk.go_on, run)
    ground.work()
    assert (look(ground, run).state, states(ground, instances)) == ("ended", {"suspended": 6})


def test_stopped_it_leaves_the_rest(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = populated(ground)
    run = begin(ground, instances, "suspend")
    interrupted(ground, monkeypatch, 2, lambda: steer(ground, bulk.stop, run))
    assert (look(ground, run).state, states(ground, instances)) == ("stopped", {"suspended": 2, "running": 4})
    with pytest.raises(Settled):
        steer(ground, bulk.go_on, run)
    undo = steer(ground, bulk.undo, run)
    ground.work()
    assert (counts(ground, undo), states(ground, instances)) == ({"done": 2}, {"running": 6})


def test_one_stopped_among_the_errands_can_go_on(ground: World) -> None:
    instances = populated(ground, 2)
    run = begin(ground, instances, "suspend")
    with ground.session() as session:
        found = errands.own(session, ground.acting(ADMIN))
        assert errands.stop(session, found[0].id, ground.acting(ADMIN), ground.now)
    ground.work()
    assert look(ground, run).state == "paused"
    steer(ground, bulk.go_on, run)
    ground.work()
    assert counts(ground, run) == {"done": 2}


def test_two_at_once_do_each_instance_once(ground: World, monkeypatch: pytest.MonkeyPatch) -> None:
    instances = populated(ground, 5)
    first, second = begin(ground, instances, "suspend"), begin(ground, instances[1:], "suspend", who=SECOND)
    ground.work()
    assert (counts(ground, first), counts(ground, second)) == ({"done": 5}, {"skipped": 4})
    assert [kinds(ground, one).count("suspended") for one in instances] == [1] * 5
    assert why(ground, second, instances[1]) == "已经挂起"
    assert findings(ground) == []
