"""Two reviewers, one task, at the same instant (T10): exactly one decides, the other reads who."""

from __future__ import annotations

from threading import Barrier, Thread

from app.platform.runtime import history
from tests.rooms.inbox.conftest import fields_of
from tests.world import World


def test_of_two_deciders_at_once_exactly_one_wins(world: World, visit) -> None:
    instance = world.to_review()
    task = world.open_task(instance, "city_review")
    browsers = {"approve": visit("市级"), "reject": visit("市级二")}
    for browser in browsers.values():
        browser.get(f"/inbox/tasks/{task}")
    bodies = {
        outcome: {**fields_of(browser.page), "outcome": outcome, "comment": f"意见 {outcome}"}
        for outcome, browser in browsers.items()
    }
    barrier, answers = Barrier(2), {}

    def press(outcome: str) -> None:
        barrier.wait()
        answers[outcome] = browsers[outcome].post(f"/inbox/tasks/{task}", bodies[outcome])

    threads = [Thread(target=press, args=(outcome,)) for outcome in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = {outcome: answer.status_code for outcome, answer in answers.items()}
    assert sorted(statuses.values()) == [302, 409], statuses
    loser = next(outcome for outcome, status in statuses.items() if status == 409)
    assert "该记录已被处理" in browsers[loser].page
    assert f"意见 {loser}" in browsers[loser].page
    with world.session() as session:
        decided = [
            row
            for row in history.of(session, instance)
            if row.element == "city_review" and row.kind == "decided"
        ]
    assert [row.outcome for row in decided] == [next(o for o in statuses if o != loser)]
