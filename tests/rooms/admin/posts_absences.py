"""What the pages about absences, unattended tasks and posts in numbers let one post, as `test_forgery` tries it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from app.platform.data import transaction
from app.platform.identity import posts, roles
from app.platform.identity.entities import Account
from app.platform.personnel import absences, ending_posts
from app.platform.runtime.entities import Task
from tests.pages import House
from tests.rooms.admin.posts_people import KEEPER, keeper, somebody
from tests.rooms.forgery import AUDIT, CLAIM, STORY

NEWS = frozenset({"notices_notice"})
SUBSTITUTE = frozenset({"runtime_substitute"})


def _day(house: House, days: int) -> str:
    return (house.world.now + timedelta(days=days)).date().isoformat()


def _entering(house: House) -> Any:
    browser = keeper(house)
    browser.get("/admin/absences/new")
    dates = {"from": _day(house, 1), "until": _day(house, 3)}
    return browser, "/admin/absences/new", {"person": somebody(house), "to": somebody(house), **dates}


def _ending(house: House) -> Any:
    browser, world = keeper(house), house.world
    wanted = absences.Absence(
        somebody(house), somebody(house), world.now + timedelta(days=1), world.now + timedelta(days=3)
    )
    with world.session() as session:
        made = absences.enter(session, wanted, world.acting(KEEPER), world.now)
    browser.get("/admin/lists/absences")
    return browser, f"/admin/absences/{made}/end", {}


def lonely(house: House) -> str:
    """A task of the city's that is named for somebody whose account is shut."""
    world, shut = house.world, somebody(house)
    task = world.open_task(world.to_review(house.settle()), "city_review")
    with world.session() as session, transaction(session):
        session.execute(update(Account).where(Account.person_id == shut).values(is_disabled=True))
        session.execute(update(Task).where(Task.id == task).values(assignee_id=shut))
    return task


def _assigning(house: House) -> Any:
    browser, task = keeper(house), lonely(house)
    browser.get(f"/admin/unattended/{task}")
    typed = {"to": somebody(house), "reason": "原办理人已离岗", "revision": "1", "key": f"assign {task}"}
    return browser, f"/admin/unattended/{task}", {"do": "confirm", **typed}


def _alerting(house: House) -> Any:
    world = house.world
    if "事项管" not in world.people:
        world.enter("事项管", roles.ADMINISTRATOR.key, "130000")
        house.account("事项管", "flow_keeper")
    browser, task = keeper(house), lonely(house)
    browser.get(f"/admin/unattended/send?task={task}")
    return browser, "/admin/unattended/send", {"task": task}


def _of_posts(path: str, **fields: Any) -> Callable[[House], Any]:
    def ready(house: House) -> Any:
        browser, person, world = keeper(house), somebody(house), house.world
        with world.session() as session:
            post = posts.of(session, person, world.now)[0].id
            mark = ending_posts.preview(session, [post], world.acting(KEEPER), world.now).mark
        browser.get(f"/admin/people/{person}")
        given = {name: value(house) if callable(value) else value for name, value in fields.items()}
        return browser, path, {**given, "post": post, **({"mark": mark} if path.endswith("/end") else {})}

    return ready


def _leading(path: str, listed: str) -> Callable[[House], Any]:
    def ready(house: House) -> Any:
        browser = keeper(house)
        browser.get(f"/admin/lists/{listed}")
        return browser, path, {"row": "0" * 26}

    return ready


POSTS: dict[str, tuple[Any, ...]] = {
    "enter an absence": (
        "/admin/absences/new",
        _entering,
        AUDIT | NEWS | SUBSTITUTE | {"runtime_receipt"},
    ),
    "end an absence": (
        "/admin/absences/<appointment>/end",
        _ending,
        AUDIT | NEWS | {"runtime_substitute.ended_at"},
    ),
    "assign a task": (
        "/admin/unattended/<task>",
        _assigning,
        AUDIT | NEWS | STORY | CLAIM | {"runtime_task.assignee_id", "runtime_receipt"},
    ),
    "alert": ("/admin/unattended/send", _alerting, AUDIT | NEWS),
    "alert of": (
        "/admin/unattended/send/of",
        _leading("/admin/unattended/send/of", "unattended"),
        frozenset(),
    ),
    "dates of posts": (
        "/admin/posts/dates",
        _of_posts("/admin/posts/dates", until=lambda house: _day(house, 30)),
        AUDIT | {"identity_post.until_at", "jobs_job"},
    ),
    "dates of": ("/admin/posts/dates/of", _leading("/admin/posts/dates/of", "posts"), frozenset()),
    "end posts": (
        "/admin/posts/end",
        _of_posts("/admin/posts/end"),
        AUDIT | {"identity_post.ended_at", "identity_post.ended_by", "jobs_job"},
    ),
    "end posts of": ("/admin/posts/end/of", _leading("/admin/posts/end/of", "posts"), frozenset()),
}
"""By name: the rule, who is brought to its page, and what the post may write."""
