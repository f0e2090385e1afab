"""Two windows on one draft: the newer is never overwritten unseen, and what is replaced is set aside (T10)."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from app.platform.data import transaction
from app.platform.runtime import control, drafts, errors, messages, tasks, versions
from app.platform.runtime.entities import Draft
from app.platform.runtime.tasks import Decision
from tests.platform.engine.nested import Nested, refers
from tests.platform.runtime.chains import files
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import CITY, OTHER, STARTER, at_review, begin, count, decide
from tests.world import World

ABOUT = "start:tests_desk"


def keep(world: World, text: str, about: str = ABOUT, name: str = CITY, **more: object) -> int:
    with world.session() as session:
        by = world.acting(name)
        return drafts.keep(session, about, {"comment": text}, by, world.now, **more)  # type: ignore[arg-type]


def of(world: World, about: str = ABOUT, name: str = CITY) -> drafts.Kept | None:
    with world.session() as session:
        return drafts.of(session, about, world.acting(name))


def test_versions_rise_and_the_one_read_may_be_saved_over(ground: World) -> None:
    first = keep(ground, "一", read=0)
    assert [keep(ground, "二", read=first), keep(ground, "三", read=first + 1)] == [first + 1, first + 2]
    kept = of(ground)
    assert kept is not None
    assert (kept.values, kept.version, kept.aside) == ({"comment": "三"}, first + 2, None)


def test_a_version_read_before_a_drop_is_none_of_the_next_draft_s(ground: World) -> None:
    """A window that slept through a decision, say, and a draft that another began after it."""
    _, task = at_review(ground)
    before = keep(ground, "旧", task, read=0)
    with ground.session() as session, transaction(session):
        drafts.drop(session, task, ground.acting(CITY).person)
    keep(ground, "新", task, read=0)
    with pytest.raises(errors.DraftOutdated):
        keep(ground, "睡醒的窗口", task, read=before)
    kept = of(ground, task)
    assert kept is not None
    assert kept.values == {"comment": "新"}


def test_a_newer_draft_is_not_overwritten(ground: World) -> None:
    """Both windows opened before there was a draft: the second to save is refused, and nothing changes."""
    first = keep(ground, "甲窗口", read=0)
    with pytest.raises(errors.DraftOutdated) as refused:
        keep(ground, "乙窗口", read=0)
    assert (refused.value.version, refused.value.saved_at) == (first, ground.now)
    kept = of(ground)
    assert kept is not None
    assert kept.values == {"comment": "甲窗口"}


def test_who_insists_sets_the_other_aside_and_neither_is_lost(ground: World) -> None:
    begun = ground.now
    first = keep(ground, "甲窗口", read=0)
    ground.now += timedelta(seconds=20)
    assert keep(ground, "乙窗口", read=0, anew=True) == first + 1
    kept = of(ground)
    assert kept is not None
    assert (kept.values, kept.aside) == ({"comment": "乙窗口"}, ({"comment": "甲窗口"}, begun))
    with pytest.raises(errors.DraftOutdated):  # now the first window is the older one
        keep(ground, "甲窗口又写", read=first)
    keep(ground, "乙窗口又写", read=first + 1)
    kept = of(ground)
    assert kept is not None
    assert kept.aside is not None
    assert kept.aside[0] == {"comment": "甲窗口"}


def test_a_window_never_quarrels_with_itself(ground: World) -> None:
    """Two of its saves are under way at once when it is left: whichever comes first, the later one stays."""
    for turns in ((1, 2), (2, 1)):
        about = f"{ABOUT}{turns}"
        for turn in turns:
            keep(ground, f"第 {turn} 次", about, read=0, window=drafts.Window("a", turn))
        kept = of(ground, about)
        assert kept is not None
        assert (kept.values, kept.aside) == ({"comment": "第 2 次"}, None)
        with pytest.raises(errors.DraftOutdated):
            keep(ground, "乙窗口", about, read=0, window=drafts.Window("b", 3))
        keep(ground, "乙窗口", about, read=kept.version, window=drafts.Window("b", 4))
        with pytest.raises(errors.DraftOutdated):
            keep(ground, "第 5 次", about, read=kept.version, window=drafts.Window("a", 5))


def test_two_windows_that_say_the_same_do_not_quarrel(ground: World) -> None:
    assert keep(ground, "同样", read=0) == keep(ground, "同样", read=0)


def test_a_program_that_has_read_nothing_saves_over_it_as_before(ground: World) -> None:
    first = keep(ground, "一", read=0)
    assert keep(ground, "二") == first + 1


def test_a_save_is_one_statement(ground: World, counted: Counted) -> None:
    first = keep(ground, "一", read=0)
    by = ground.acting(CITY)
    counted.clear()
    with ground.session() as session:
        drafts.keep(session, ABOUT, {"comment": "二"}, by, ground.now, read=first)
    assert len(counted.lines) == 1


@pytest.mark.parametrize("is_there", [False, True])
def test_of_two_windows_that_save_at_once_one_is_refused(ground: World, is_there: bool) -> None:
    """A race: exactly one is kept under the next version, the other is told."""
    read = keep(ground, "先前", read=0) if is_there else 0
    barrier, told = Barrier(2), {}
    people = {text: ground.acting(CITY) for text in ("甲窗口", "乙窗口")}

    def save(text: str) -> None:
        barrier.wait()
        try:
            with ground.session() as session:
                told[text] = drafts.keep(
                    session, ABOUT, {"comment": text}, people[text], ground.now, read=read
                )
        except errors.DraftOutdated as refused:
            told[text] = -refused.version

    threads = [Thread(target=save, args=(text,)) for text in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = of(ground)
    assert kept is not None
    assert sorted(told.values()) == [-kept.version, kept.version]
    assert told[kept.values["comment"]] == kept.version
    assert kept.version == read + 1 or not is_there


def test_a_refused_decision_keeps_its_text_and_sets_the_other_window_s_aside(ground: World) -> None:
    _, task = at_review(ground)
    keep(ground, "另一个窗口", task, OTHER, read=0)
    decide(ground, task, "approve", CITY)
    decision, by = Decision("return", "我的意见", 1, draft=0), ground.acting(OTHER)
    with ground.session() as session, pytest.raises(errors.TaskTaken):
        tasks.complete(session, task, None, decision, by, ground.now)
    kept = of(ground, task, OTHER)
    assert kept is not None
    assert kept.values["comment"] == "我的意见"
    assert kept.aside is not None
    assert kept.aside[0] == {"comment": "另一个窗口"}


def test_deciding_drops_both(ground: World) -> None:
    _, task = at_review(ground)
    keep(ground, "一", task, read=0)
    keep(ground, "二", task, read=0, anew=True)
    assert count(ground, Draft) == 2
    decide(ground, task, "approve", CITY)
    assert count(ground, Draft) == 0


def test_both_are_swept_when_the_task_is_long_over(ground: World) -> None:
    _, task = at_review(ground)
    keep(ground, "一", task, OTHER, read=0)
    keep(ground, "二", task, OTHER, read=0, anew=True)
    decide(ground, task, "approve", CITY)
    with ground.session() as session:
        assert drafts.sweep(session, ground.now + timedelta(days=91)) == 2


def test_what_is_typed_while_it_is_suspended_or_decided_is_kept(ground: World) -> None:
    """Pain 43: the text outlives the state; a reader who could never decide has nothing to keep."""
    ground.enter("总管", "platform.administrator")
    instance, task = at_review(ground)
    with ground.session() as session:
        control.suspend(session, instance, "核查", ground.acting("总管"), ground.now)
    for name, refused in ((CITY, False), (STARTER, True)):
        with ground.session() as session:
            args = (session, task, {"comment": "写了一半"}, ground.acting(name), ground.now)
            if refused:
                with pytest.raises(errors.Forbidden):
                    tasks.save_draft(*args)
            else:
                assert tasks.save_draft(*args)
    with ground.session() as session:
        view = tasks.get(session, task, ground.acting(CITY), ground.now)
    assert (view.can_work, view.may_keep, view.instance_state) == (False, True, "suspended")
    assert view.draft == {"comment": "写了一半"}


def interrupted(world: World) -> str:
    """A chain that waits at `write`, from where a message leads back to `prepare`; both are the starter's."""
    drawn = (
        Nested("tests_interrupted").start().end().names("message", "moved").script("name_it", 'about = "p1"')
    )
    drawn.task("prepare", outcomes="go=继续|Go on").task("write", outcomes="go=继续|Go on; again=再来|Again")
    drawn.edge("called_back", "write", refers("message", "moved"), correlation="about")
    drawn.xor("decided", default="good").line("begin", "name_it", "prepare", "write", "decided")
    drawn.line("called_back", "prepare").flow("decided", "done", id="good")
    drawn.flow("decided", "prepare", 'outcome == "again"')
    with world.session() as session:
        versions.publish(session, files(drawn), None, world.now)
    instance = begin(world, "tests_interrupted", data={})
    go_on(world, instance)
    return instance


def go_on(world: World, instance: str) -> None:
    decide(world, world.open_task(instance, "prepare"), "go")


def interrupt(world: World) -> None:
    with world.session() as session:
        assert messages.send(session, "moved", "p1", {}, world.acting(CITY), world.now) == 1


def test_what_was_typed_at_a_step_that_is_interrupted_is_there_when_it_comes_again(any_ground: World) -> None:
    instance = interrupted(any_ground)
    first = any_ground.open_task(instance, "write")
    keep(any_ground, "写了一半", first, STARTER)
    keep(any_ground, "别人写的", first, OTHER)
    for _ in range(2):  # however often
        interrupt(any_ground)
        go_on(any_ground, instance)
    again = any_ground.open_task(instance, "write")
    assert again != first
    kept = of(any_ground, again, STARTER)
    assert kept is not None
    assert kept.values == {"comment": "写了一半"}
    assert of(any_ground, again, OTHER) is None, "somebody else has gone on with it meanwhile"
    keep(any_ground, "写完了", again, STARTER, read=kept.version)
    kept = of(any_ground, again, STARTER)
    assert kept is not None
    assert (kept.values, kept.aside) == ({"comment": "写完了"}, None)


def test_what_was_typed_is_not_there_again_once_the_step_was_done(any_ground: World) -> None:
    instance = interrupted(any_ground)
    keep(any_ground, "写了一半", any_ground.open_task(instance, "write"), STARTER)
    interrupt(any_ground)
    go_on(any_ground, instance)
    decide(any_ground, any_ground.open_task(instance, "write"), "again")
    go_on(any_ground, instance)
    assert of(any_ground, any_ground.open_task(instance, "write"), STARTER) is None
