"""An instance that waits for a message or a moment says so, and its page does not ask again and again."""

from __future__ import annotations

from app.platform.runtime import instances, versions
from tests.pages import House
from tests.platform.engine.nested import Nested, refers, timer
from tests.platform.runtime.chains import files


def started(house: House, drawn: Nested) -> str:
    with house.world.session() as session:
        versions.publish(session, files(drawn), None, house.world.now)
        by = house.world.acting("组织者甲")
        return instances.start(
            session, drawn.process, by=by, post=None, now=house.world.now, data={}
        ).instance


def shown(house: House, instance: str) -> str:
    page: str = house.visit("组织者甲").get(f"/inbox/instances/{instance}").get_data(as_text=True)
    return page


def test_it_waits_for_a_message_and_says_its_stage(whole_house: House) -> None:
    drawn = Nested("tests_waits").start().end().names("message", "paid")
    drawn.catch("wait", refers("message", "paid"), stage="等待缴费|Awaiting payment")
    page = shown(whole_house, started(whole_house, drawn.line("begin", "wait", "done")))
    assert "等待缴费。" in page
    assert "every 2s" not in page


def test_it_waits_for_a_moment_and_says_until_when(whole_house: House) -> None:
    drawn = Nested("tests_sleeps").start().end().catch("wait", timer("2030-01-02", "timeDate"))
    page = shown(whole_house, started(whole_house, drawn.line("begin", "wait", "done")))
    assert "正在等待，至迟" in page
    assert "every 2s" not in page
