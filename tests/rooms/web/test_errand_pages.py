"""One's own errands: left and found again, watched cheaply, stopped and tried again by nobody else."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.platform import jobs
from app.platform.jobs import errands
from app.platform.registry import Words, house
from app.rooms.web import errands as pages
from tests.rooms.conftest import Browser
from tests.rooms.inbox.test_statements import counted
from tests.world import World

from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # isort: skip  # the world behind real pages

KIND = "test/counting"
TITLE = Words("打包材料", "Archive")


@pytest.fixture
def begin(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Begin an errand for somebody that does `run` when the house works."""

    def start(name: str = "市级", run: Callable[..., Any] | None = None) -> str:
        monkeypatch.setitem(house.jobs, KIND, run or finishing({}))
        with world.session() as session:
            return errands.begin(session, KIND, TITLE, {}, world.acting(name), world.now)

    return start


def finishing(result: dict[str, Any]) -> Callable[..., Any]:
    return lambda session, arguments, now: errands.finish(session, arguments["errand"], result, now)


def told(world: World, errand: str, done: int, total: int) -> None:
    with world.session() as session:
        errands.step(session, errand, done, total)


def test_an_errand_is_watched_and_found_again(world: World, visit, begin) -> None:  # noqa: F811
    errand = begin()
    city = visit("市级")
    city.get(f"/errands/{errand}")
    assert "打包材料" in city.page
    assert "排队中" in city.page
    told(world, errand, 3, 8)
    city.get("/errands")
    assert '<progress aria-labelledby="errand-' in city.page
    assert 'max="8" value="3"' in city.page
    assert "3 / 8" in city.page


def test_while_nothing_moves_the_answer_is_304(world: World, visit, begin) -> None:  # noqa: F811
    errand = begin()
    city = visit("市级")
    url = f"/errands/{errand}/progress"
    first = city.client.get(url)
    given = {"If-None-Match": first.headers["ETag"]}
    shown = re.search(r"hx-headers='([^']+)'", first.get_data(as_text=True))
    assert shown
    assert json.loads(html.unescape(shown[1])) == given
    still = city.client.get(url, headers=given)
    assert (still.status_code, still.data) == (304, b"")
    told(world, errand, 1, 2)
    moved = city.client.get(url, headers=given)
    assert moved.status_code == 200
    assert "hx-trigger" in moved.get_data(as_text=True)
    world.work()
    over = city.client.get(url, headers={"If-None-Match": moved.headers["ETag"]})
    assert "hx-trigger" not in over.get_data(as_text=True)


def test_stop_and_its_words(world: World, visit, begin) -> None:  # noqa: F811
    errand = begin()
    city = visit("市级")
    city.get(f"/errands/{errand}")
    assert city.post(f"/errands/{errand}/stop").status_code == 303
    city.get(f"/errands/{errand}")
    assert "已停止" in city.page
    assert "排队中" not in city.page
    city.post(f"/errands/{errand}/stop")
    city.get("/errands")
    assert "该任务已经结束，不能再停止。" in city.page


def test_what_failed_is_tried_again(world: World, visit, begin) -> None:  # noqa: F811
    def sick(session: Any, arguments: Any, now: Any) -> None:
        raise ValueError

    errand = begin(run=sick)
    for _ in range(3):
        with world.session() as session:
            session.execute(jobs.Job.__table__.update().values(due_at=world.now))
            session.commit()
        world.work()
    city = visit("市级")
    city.get(f"/errands/{errand}")
    assert "未能完成" in city.page
    assert "重试" in city.page
    assert city.post(f"/errands/{errand}/again").status_code == 303
    city.get(f"/errands/{errand}")
    assert "排队中" in city.page
    city.post(f"/errands/{errand}/again")
    city.get(f"/errands/{errand}")
    assert "只有未能完成的任务可以重试。" in city.page


def test_why_it_cannot_be_done_is_said_and_not_tried_again(world: World, visit, begin) -> None:  # noqa: F811
    why = {"why": {"zh": "超过一百万条。", "en": "Too many."}}
    errand = begin(
        run=lambda session, arguments, now: errands.finish(session, arguments["errand"], why, now, "failed")
    )
    world.work()
    city = visit("市级")
    city.get(f"/errands/{errand}")
    assert "超过一百万条。" in city.page
    assert "重试" not in city.page


def test_a_kind_may_say_where_its_result_leads(world: World, visit, begin, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setitem(pages._leads, KIND, lambda errand: [(Words("查看记录", "Open"), "/inbox/?q=x")])
    errand = begin(run=finishing({"file": "f" * 26}))
    city = visit("市级")
    city.get(f"/errands/{errand}")
    assert "查看记录" not in city.page
    world.work()
    city.get(f"/errands/{errand}")
    assert 'href="/inbox/?q=x"' in city.page
    assert f'href="/files/{"f" * 26}"' in city.page


def test_it_is_nobody_elses_business(world: World, visit, begin) -> None:  # noqa: F811
    errand = begin()
    other = visit("市级二")
    other.get("/errands")
    assert "没有后台任务" in other.page
    assert other.get(f"/errands/{errand}").status_code == 404
    assert other.get(f"/errands/{errand}/progress").status_code == 404
    for verb in ("stop", "again"):
        assert other.post(f"/errands/{errand}/{verb}").status_code == 404


def test_the_shell_shows_what_was_begun_here_and_costs_others_nothing(app, world: World, visit) -> None:  # noqa: F811
    """One statement on the pages of whoever has begun something, until he has seen that it is over; none before."""
    world.to_review()
    city, url = visit("市级"), "/fairs/lists/applications"
    city.get(url)
    before = counted(app, city, "/account")
    city.get(url)
    city.post(f"{url}/export", {"asked": ""})
    assert counted(app, city, "/account") == before + 1
    assert mark(city) == "后台任务：1 项进行中"
    assert mark(visit("市级")) is None
    world.work()
    city.get("/account")
    assert mark(city) == "后台任务：1 项已结束"
    city.get("/errands")
    assert counted(app, city, "/account") == before
    assert mark(city) is None


def test_the_pages_cost_the_same_for_one_as_for_many(app, world: World, visit, begin) -> None:  # noqa: F811
    first = begin()
    city = visit("市级")
    city.get("/errands")
    alone = counted(app, city, "/errands")
    for _ in range(5):
        begin()
    assert counted(app, city, "/errands") == alone
    assert counted(app, city, f"/errands/{first}/progress") <= 4


def mark(browser: Browser) -> str | None:
    found = re.search(r"errand-mark[^>]*>.*?<span>([^<]+)</span>", browser.page)
    return found[1] if found else None
