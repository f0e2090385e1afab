"""Where is my application: one sentence for each state, who holds it, since when, how long, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.platform.calendar import Calendar, saying
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.registry import Words
from app.platform.runtime import (
    control,
    history,
    instances,
    moving,
    urging,
    versions,
    where_said,
    whereabouts,
)
from app.platform.runtime.errors import Unknown
from app.platform.runtime.whereabouts import Whereabouts
from tests.platform.engine.drawing import Drawing
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime import chains, clocks, signing
from tests.platform.runtime.chains import told as hook
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, begin, decide
from tests.platform.runtime.test_statements import crowd, lengthen
from tests.world import World

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday


def found(world: World, instance: str, name: str = STARTER, at: datetime | None = None) -> Whereabouts:
    by, now = world.acting(name), at or world.now
    with world.session() as session:
        view = instances.view(session, instance, by, now)
        return whereabouts.of(session, view, history.of(session, instance), by, now)


def said(world: World, instance: str, name: str = STARTER, at: datetime | None = None) -> Words:
    return where_said.sentence(found(world, instance, name, at), at or world.now)


def test_it_is_held_by_an_office_since_when_and_ends_then(any_ground: World) -> None:
    instance, _ = at_review(any_ground)
    assert said(any_ground, instance) == (
        "现在由邯郸市市级管理员办理“任务review”，今天 10:00送达；办完即办结。",
        "Now with City administrator, 邯郸市 for “review”, since today 10:00; it is the last step.",
    )
    later = any_ground.now + timedelta(days=2)
    assert "11月16日 10:00送达" in said(any_ground, instance, at=later).zh


def test_it_is_ones_own_turn_and_says_who_comes_after(any_ground: World) -> None:
    instance = begin(any_ground)
    assert said(any_ground, instance).zh == "轮到您了：任务prepare；之后由邯郸市市级管理员办理“任务review”。"
    assert said(any_ground, instance).en.startswith(
        "It is your turn: prepare; then City administrator, 邯郸市 does"
    )
    assert [one.element for one in found(any_ground, instance).coming] == ["review"]
    assert found(any_ground, instance).ends


def test_it_was_sent_back_by_whom_and_what_to_do(any_ground: World) -> None:
    instance, task = at_review(any_ground)
    decide(any_ground, task, "return", CITY, "缺页")
    where = found(any_ground, instance)
    assert (where.state, where.returned and where.returned.comment) == ("returned", "缺页")
    assert said(any_ground, instance).zh == (
        "市级于今天 10:00退回给您，请在“任务prepare”修改后重新提交；之后由邯郸市市级管理员办理“任务review”。"
    )
    for_staff = said(any_ground, instance, CITY).zh
    assert for_staff.startswith("现在由组织者甲办理“任务prepare”（退回修改），今天 10:00送达；之后由邯郸市")


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (0, "还剩 3 个工作日"),
        (2, "还剩 1 个工作日"),
        (3, "今天到期"),
        (4, "已超期 1 个工作日"),  # Friday
        (6, "已超期 1 个工作日"),  # Sunday: no working day since
        (7, "已超期 2 个工作日"),
    ],
)
def test_working_days_are_counted_by_the_calendar(ground: World, later: int, words: str) -> None:
    clocks.publish(ground, clocks.urged())
    instance = begin(ground, "tests_urged")
    assert f"送达，{words}；" in said(ground, instance, at=ground.now + timedelta(days=later)).zh


def test_days_off_are_no_days_left() -> None:
    days = Calendar({datetime(2026, 3, 5).date(): False, datetime(2026, 3, 7).date(): True})
    for due, left in ((5, 0), (6, 1), (7, 2), (8, 2), (9, 3)):
        assert saying.left(NOON.replace(day=due), NOON, days) == left
    assert saying.limit(NOON.replace(day=5), NOON, days).zh == "下一个工作日前到期"
    assert saying.limit(NOON.replace(day=6), NOON, days) == ("还剩 1 个工作日", "1 working day left")
    assert saying.limit(NOON - timedelta(hours=1), NOON, days).zh == "已超期"
    assert saying.left(NOON - timedelta(hours=1), NOON, days) == -1


def test_several_at_once_are_all_named(ground: World) -> None:
    both = Drawing("tests_both", form="fairs/application").start().both("fork").both("join").end()
    both.lane("city", "one", **chains.CITY).line("begin", "fork")
    both.task("one", assignee="", outcomes="go=办理|Go", due="P2WD").line("fork", "one", "join")
    both.task("two", outcomes="go=办理|Go").line("fork", "two", "join").line("join", "last", "done")
    signing.publish(ground, both.task("last", outcomes="go=办理|Go"))
    instance = begin(ground, "tests_both")
    assert said(ground, instance).zh == (
        "轮到您了：任务two；同时由邯郸市市级管理员办理“任务one”；之后由您办理“任务last”。"
    )
    decide(ground, ground.open_task(instance, "two"), "go")
    assert said(ground, instance).zh == (
        "现在由邯郸市市级管理员办理“任务one”，今天 10:00送达，还剩 2 个工作日；之后由您办理“任务last”。"
    )
    wide = begin(ground, "tests_wide")
    text = said(ground, wide).zh
    assert text.startswith("现在有 8 个环节同时办理：由邯郸市市级管理员办理“任务part0”（今天 10:00送达）；")
    assert text.count("市级管理员") == 6
    assert text.endswith("；等 8 个环节；办完即办结。")


def test_where_several_sign_it_says_how_many_have(ground: World) -> None:
    instance, task = signing.at_council(ground, seats="all")
    signing.sign(ground, task, CITY)
    assert "办理“任务review”（已签 1/3）" in said(ground, instance).zh


def test_it_waits_for_a_message_or_a_moment(ground: World) -> None:
    drawn = Nested("tests_waits").start().end().names("message", "paid")
    drawn.catch("wait", refers("message", "paid"), stage="等待缴费|Awaiting payment")
    drawn.task("after", outcomes="go=办理|Go").line("begin", "wait", "after", "done")
    sleeps = Nested("tests_sleeps").start().end().catch("wait", timer("2030-01-02", "timeDate"))
    clocks.publish(ground, drawn, sleeps.line("begin", "wait", "done"))
    assert said(ground, begin(ground, "tests_waits", data={})).zh == "等待缴费；之后由您办理“任务after”。"
    asleep = begin(ground, "tests_sleeps", data={})
    assert said(ground, asleep) == (
        "正在等待，至迟2030年1月2日 00:00继续。",
        "Waiting, until 2 Jan 2030 00:00 at the latest.",
    )


def test_the_house_itself_is_working_on_it_until_it_fails(ground: World) -> None:
    instance = begin(ground, "tests_hooked")
    decide(ground, ground.open_task(instance, "first"), "go")
    decide(ground, ground.open_task(instance, "second"), "go")
    assert said(ground, instance) == ("正在sending……", "sending is under way…")

    def fail(_: Any) -> None:
        raise RuntimeError("no")

    hook["send"] = fail
    for minutes in (0, 1, 10):
        ground.work(ground.now + timedelta(minutes=minutes))
    assert found(ground, instance).state == "incident"
    assert said(ground, instance).zh == "系统处理时遇到问题，管理员会处理；您不需要重新提交。"


def test_nobody_can_do_it(ground: World) -> None:
    with ground.session() as session, transaction(session):
        for name in (CITY, OTHER):
            for post in ground.acting(name).posts:
                posts.end(session, post.id, ground.now, None)
    instance, _ = at_review(ground)
    assert said(ground, instance).zh == "“任务review”暂时没有人可以办理，管理员会安排；您不需要重新提交。"


def test_suspended_it_says_by_whom_since_when_and_what_goes_on(any_ground: World) -> None:
    signing.people(any_ground)
    instance, _ = at_review(any_ground)
    with any_ground.session() as session:
        control.suspend(session, instance, "等批复", any_ground.acting("管理员"), any_ground.now)
    where = found(any_ground, instance)
    assert where.stopped
    assert where.stopped.comment == "等批复"
    assert said(any_ground, instance).zh == (
        "已由管理员于今天 10:00暂停办理，恢复后继续“任务review”；资料仍可查看。"
    )
    with any_ground.session() as session:
        control.resume(session, instance, "批了", any_ground.acting("管理员"), any_ground.now)
    assert found(any_ground, instance).state == "held"


def test_it_has_ended_or_was_cancelled(any_ground: World) -> None:
    instance, task = at_review(any_ground)
    decide(any_ground, task, "approve", CITY)
    assert said(any_ground, instance) == ("已于今天 10:00办结：已通过。", "Ended today 10:00: Passed.")
    other = begin(any_ground)
    with any_ground.session() as session:
        instances.cancel(session, other, "不办了", any_ground.acting(STARTER), any_ground.now)
    where = found(any_ground, other)
    assert where.stopped
    assert where.stopped.comment == "不办了"
    assert said(any_ground, other).zh == "已由组织者甲于今天 10:00撤销。"


def test_it_knows_when_it_was_urged(ground: World) -> None:
    instance, _ = at_review(ground)
    assert found(ground, instance).urged_at is None
    with ground.session() as session:
        urging.urge(session, instance, ground.acting(STARTER), ground.now)
    assert found(ground, instance).urged_at == ground.now


def test_what_is_foreseen_goes_past_hooks_and_stops_where_only_they_know(ground: World) -> None:
    """Work now and after is passed over; what nobody knows yet is left out, and nothing is called."""
    called: list[str] = []
    hook["ask"] = hook["send"] = lambda call: called.append(call.element)
    instance = begin(ground, "tests_hooked")
    where = found(ground, instance)
    assert ([one.element for one in where.coming], where.ends) == (["second", "third"], True)
    assert called == []


def test_a_circle_is_not_walked_for_ever(ground: World) -> None:
    drawn = Drawing("tests_circle").start().end().xor("decided", default="on")
    drawn.task("first", outcomes="go=办理|Go; stop=停|Stop-").line("begin", "first", "decided")
    drawn.flow("decided", "done", 'outcome == "stop"', id="out").flow("decided", "first", id="on")
    with ground.session() as session:
        versions.publish(session, chains.files(drawn), None, ground.now)
    where = found(ground, begin(ground, "tests_circle", data={}))
    assert (where.coming, where.ends) == ((), False)


def test_whoever_may_not_read_it_is_told_nothing(ground: World) -> None:
    instance, _ = at_review(ground)
    with pytest.raises(Unknown):
        found(ground, instance, "邻市")


def test_it_takes_few_statements_whatever_there_is_to_see(ground: World, counted: Counted) -> None:
    clocks.publish(ground, clocks.urged())
    instance = begin(ground, "tests_urged")
    by = ground.acting(STARTER)

    def count() -> int:
        with ground.session() as session:
            view = instances.view(session, instance, by, ground.now)
            happened = history.of(session, instance)
            counted.clear()
            whereabouts.of(session, view, happened, by, ground.now)
            return len(counted.lines)

    few = count()
    lengthen(ground, instance, 1_000)
    crowd(ground, instance, 200)
    assert count() == few <= 6


def test_after_a_withdrawal_it_is_ones_own_again(ground: World) -> None:
    back = Drawing("tests_back").start().task("first", outcomes="go=办理|Go", allow="withdraw")
    back.task("second", outcomes="go=办理|Go").end().line("begin", "first", "second", "done")
    with ground.session() as session:
        versions.publish(session, chains.files(back), None, ground.now)
    instance = begin(ground, "tests_back", data={})
    decide(ground, ground.open_task(instance, "first"), "go")
    with ground.session() as session:
        moving.withdraw(session, instance, ground.acting(STARTER), ground.now)
    assert said(ground, instance).zh == "轮到您了：任务first；之后由您办理“任务second”。"
