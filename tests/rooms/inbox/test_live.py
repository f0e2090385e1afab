"""An open page asks over HTTP whether it still holds: cheap, conditional, and no proof that somebody is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from app.platform.data import transaction
from app.platform.runtime import control, instances, substitutes, tasks
from app.platform.runtime.entities import Presence
from tests.rooms.inbox.conftest import fields_of
from tests.world import World


class Statements:
    """What the application's own engine executes."""

    def __init__(self, app) -> None:
        from app.extensions import db

        self.lines: list[str] = []
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            self.lines.append(statement)


def pulse(browser, **asked: str):
    tag = asked.pop("tag", None)
    headers = {"Accept": "application/json", **({"If-None-Match": tag} if tag else {})}
    return browser.client.get("/inbox/pulse", query_string=asked, headers=headers)


def at_desk(world: World) -> tuple[str, str]:
    instance = world.to_review()
    return instance, world.open_task(instance, "city_review")


def suspend(world: World, instance: str, why: str = "接到举报，核查中") -> None:
    world.enter("总管", "platform.administrator")
    with world.session() as session:
        control.suspend(session, instance, why, world.acting("总管"), world.now)


def test_nothing_new_is_304_without_a_body_and_something_new_is_not(world: World, visit) -> None:
    instance, task = at_desk(world)
    city = visit("市级")
    first = pulse(city, task=task, instance=instance)
    assert first.status_code == 200
    assert first.json["counts"]["todo"] == 1
    again = pulse(city, task=task, instance=instance, tag=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "no-store"
    world.to_review("组织者乙", "130404")
    after = pulse(city, task=task, instance=instance, tag=first.headers["ETag"])
    assert after.status_code == 200
    assert after.json["counts"]["todo"] == 2
    assert after.json["task"] == first.json["task"]


def test_it_costs_two_statements_with_the_session_also_for_whoever_waits_for_much(
    app, world: World, visit
) -> None:
    """One for who asks, one for everything asked; once a minute a third, that he is still here."""
    instance, task = at_desk(world)
    city, said = visit("市级"), Statements(app)
    pulse(city, task=task, instance=instance)
    for _ in range(3):
        world.now += timedelta(seconds=15)
        said.lines.clear()
        assert pulse(city, task=task, instance=instance, since=task).status_code == 200
        assert len(said.lines) == 2
    said.lines.clear()
    pulse(city)
    assert len(said.lines) == 2


def test_new_ones_are_counted_since_the_page_was_made(world: World, visit) -> None:
    at_desk(world)
    city = visit("市级")
    city.get("/inbox/")
    since = city.page.split('data-since="')[1].split('"')[0]
    assert pulse(city, since=since).json["counts"]["new"] == 0
    world.to_review("组织者乙", "130404")
    assert pulse(city, since=since).json["counts"]["new"] == 1
    for nonsense in ("x", "'; --", "z" * 27, "é" * 26):
        assert "new" not in pulse(city, since=nonsense).json["counts"]
        assert pulse(city, task=nonsense).status_code == 200


def test_an_open_page_does_not_keep_a_session_alive(app, world: World, visit) -> None:
    """Half an hour after the last thing its owner did, the session is over, whatever his page has asked meanwhile."""
    _, task = at_desk(world)
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    for _ in range(29):
        world.now += timedelta(minutes=1)
        assert pulse(city, task=task).status_code == 200
        assert city.client.get(f"/inbox/tasks/{task}/state").status_code == 200
    world.now += timedelta(minutes=2)
    assert pulse(city, task=task).status_code == 401
    assert city.get("/inbox/").status_code == 303


def test_a_substitute_s_pulse_counts_what_waits_for_the_absent_one(world: World, visit) -> None:
    """The session is asked along whether he stands in for anybody; only then is it asked for whom."""
    _, task = at_desk(world)
    with world.session() as session:
        later = world.now + timedelta(days=3)
        person, by = world.people["市级"], world.acting("市级")
        substitutes.appoint(session, person, world.people["教师"], world.now, later, None, by, world.now)
    teacher = visit("教师")
    assert pulse(teacher, task=task).json["counts"]["todo"] == 1
    city = visit("市级二")
    city.get(f"/inbox/tasks/{task}")
    teacher.get(f"/inbox/tasks/{task}")
    assert "市级二 刚刚打开了这件事项" in teacher.page


def test_the_second_reader_sees_the_first_and_the_applicant_sees_neither(world: World, visit) -> None:
    instance, task = at_desk(world)
    one, two, owner = visit("市级"), visit("市级二"), visit("组织者甲")
    one.get(f"/inbox/tasks/{task}")
    assert "打开了这件事项" not in one.page
    world.now += timedelta(minutes=1)
    two.get(f"/inbox/tasks/{task}")
    assert "市级 1 分钟前打开了这件事项" in two.page
    assert 'name="outcome"' in two.page  # nobody is kept out
    for url in (f"/inbox/tasks/{task}", f"/inbox/tasks/{task}/state", f"/inbox/instances/{instance}"):
        owner.get(url)
        assert "打开了这件事项" not in owner.page
    with world.session() as session:
        assert {row.person_id for row in session.query(Presence)} == {
            world.people["市级"],
            world.people["市级二"],
        }


def test_looking_again_writes_once_a_minute(app, world: World, visit) -> None:
    _, task = at_desk(world)
    city, said = visit("市级"), Statements(app)
    city.get(f"/inbox/tasks/{task}")
    said.lines.clear()
    for _ in range(3):
        city.get(f"/inbox/tasks/{task}")
    assert not [line for line in said.lines if line.startswith("INSERT INTO runtime_presence")]


# What is refused at submit, without any script (C-19, pain 43)


def submitted(browser, task: str, **more: str):
    browser.get(f"/inbox/tasks/{task}")
    return {**fields_of(browser.page), "outcome": "reject", "comment": "我的意见", **more}


def test_suspended_while_open_says_by_whom_when_and_why_and_keeps_the_text(world: World, visit) -> None:
    instance, task = at_desk(world)
    city = visit("市级")
    sent = submitted(city, task)
    suspend(world, instance)
    assert city.post(f"/inbox/tasks/{task}", sent).status_code == 409
    for words in ("已挂起", "总管于今天 10:00挂起了这件事项", "接到举报，核查中", "我的意见", "已保留为草稿"):
        assert words in city.page, words
    assert "已被更新" not in city.page
    assert 'name="outcome"' not in city.page
    city.get(f"/inbox/tasks/{task}")  # and it can be read as long as it stands still
    for words in ("总管于今天 10:00挂起了这件事项", "演示中学", "我的意见"):
        assert words in city.page, words
    with world.session() as session:
        control.resume(session, instance, "核查完毕", world.acting("总管"), world.now)
    city.get(f"/inbox/tasks/{task}")
    assert ">我的意见</textarea>" in city.page
    assert 'name="outcome"' in city.page


def test_cancelled_while_open(world: World, visit) -> None:
    instance, task = at_desk(world)
    city = visit("市级")
    sent = submitted(city, task)
    with world.session() as session:
        instances.cancel(session, instance, "不办了", world.acting("组织者甲"), world.now)
    assert city.post(f"/inbox/tasks/{task}", sent).status_code == 409
    for words in ("已撤销", "组织者甲已于今天 10:00撤销这件事项", "不办了", "我的意见"):
        assert words in city.page, words


def test_claimed_while_open(world: World, visit) -> None:
    _, task = at_desk(world)
    city = visit("市级")
    sent = submitted(city, task)
    with world.session() as session:
        tasks.claim(session, task, 1, world.acting("市级二"), world.now)
    assert city.post(f"/inbox/tasks/{task}", sent).status_code == 409
    for words in ("该记录已被处理", "市级二已于今天 10:00签收，正在办理", "我的意见"):
        assert words in city.page, words


def test_the_right_lost_while_open_shows_no_more_than_it_must(world: World, visit) -> None:
    """Whose post has ended meanwhile is told like a stranger."""
    _, task = at_desk(world)
    city = visit("市级")
    sent = submitted(city, task)
    from app.platform.identity.entities import HeldPost

    with world.session() as session, transaction(session):
        session.execute(
            update(HeldPost)
            .where(HeldPost.person_id == world.people["市级"])
            .values(until_at=world.now - timedelta(seconds=1))
        )
    assert city.post(f"/inbox/tasks/{task}", sent).status_code == 404
    assert city.client.get(f"/inbox/tasks/{task}/state").status_code == 404
    assert pulse(city, task=task).json["task"] == ""


# Drafts of two windows


def test_the_older_window_is_told_and_both_texts_stay(world: World, visit) -> None:
    _, task = at_desk(world)
    one, url = visit("市级"), f"/inbox/tasks/{task}"
    first, second = submitted(one, task, comment="甲窗口"), submitted(one, task, comment="乙窗口")
    answer = one.post(f"{url}/draft", first)
    assert answer.status_code == 204
    version = int(answer.headers["ETag"].strip('"'))
    answer = one.post(f"{url}/draft", second, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json["type"] == "draft-outdated"
    answer = one.post(f"{url}/draft?anew=1", second)
    assert (answer.status_code, answer.headers["ETag"]) == (204, f'"{version + 1}"')
    one.get(url)
    assert ">乙窗口</textarea>" in one.page
    assert "另一个窗口写的草稿也保留着" in one.page
    one.get(f"{url}/draft?which=aside")
    assert "甲窗口" in one.page
    one.get(f"{url}/draft")
    assert "乙窗口" in one.page


def test_without_a_script_a_refused_post_does_not_overwrite_the_other_window(world: World, visit) -> None:
    _, task = at_desk(world)
    one, url = visit("市级"), f"/inbox/tasks/{task}"
    old = submitted(one, task, comment="")  # an opinion is asked for: 422
    new = submitted(one, task, comment="另一窗口写的长意见")
    version = int(one.post(f"{url}/draft", new).headers["ETag"].strip('"'))
    assert one.post(url, old).status_code == 422
    assert f'name="_draft" value="{version + 1}"' in one.page
    one.get(f"{url}/draft?which=aside")
    assert "另一窗口写的长意见" in one.page


def test_a_page_that_asks_what_shows_now_is_no_other_window(world: World, visit) -> None:
    """Its script draws the form anew; the draft it has read stays the one there is, and nothing is set aside."""
    task = world.open_task(world.apply(), "file_profile")
    owner, url = visit("组织者甲"), f"/inbox/tasks/{task}"
    owner.get(url)
    sent = {**fields_of(owner.page), "employer": "演示中学"}
    sent["_draft"] = owner.post(f"{url}/draft", sent).headers["ETag"].strip('"')
    assert owner.post(url, {**sent, "department": "科技处", "_update": "script"}).status_code == 200
    assert owner.post(f"{url}/draft", {**sent, "department": "科技处二"}).status_code == 204
    owner.get(url)
    assert 'value="科技处二"' in owner.page
    assert "另一个窗口写的草稿也保留着" not in owner.page


def test_a_draft_of_a_form_shows_every_field_as_typed(world: World, visit) -> None:
    instance = world.apply()
    task = world.open_task(instance, "file_profile")
    owner = visit("组织者甲")
    owner.get(f"/inbox/tasks/{task}")
    owner.post(
        f"/inbox/tasks/{task}/draft",
        {**fields_of(owner.page), "mobile": "138-写了一半", "employer": "演示中学"},
    )
    owner.get(f"/inbox/tasks/{task}/draft")
    assert 'value="138-写了一半"' in owner.page
    assert "演示中学" in owner.page
    assert "<fieldset disabled" in owner.page


def test_nobody_else_sees_a_draft(world: World, visit) -> None:
    _, task = at_desk(world)
    one, two = visit("市级"), visit("市级二")
    one.post(f"/inbox/tasks/{task}/draft", submitted(one, task, comment="只给自己看"))
    two.get(f"/inbox/tasks/{task}/draft")
    assert "只给自己看" not in two.page
    assert "没有保存的草稿" in two.page


# Keys


@pytest.mark.parametrize("there", ["/inbox/", "/inbox/?box=done"])
def test_single_keys_are_switched_off_for_the_person_not_the_browser(world: World, visit, there: str) -> None:
    """WCAG 2.1.4."""
    one = visit("市级")
    one.get(there)
    assert 'data-single="on"' in one.page
    one.get("/inbox/keys")
    answer = one.post("/inbox/keys", {"single": "off", "back": there})
    assert answer.location == there
    elsewhere = visit("市级")
    elsewhere.get(there)
    assert 'data-single="off"' in elsewhere.page
    other = visit("市级二")
    other.get(there)
    assert 'data-single="on"' in other.page
    elsewhere.get("/inbox/keys")
    elsewhere.post("/inbox/keys", {"single": "on", "back": "https://evil.example/"})
    elsewhere.get(there)
    assert 'data-single="on"' in elsewhere.page
