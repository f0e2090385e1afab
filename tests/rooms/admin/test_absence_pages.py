"""The pages of absences, unattended tasks and many posts: bad input in words, nothing beyond one's reach."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select, update

from app.platform.data import new_id, transaction
from app.platform.identity import posts, regions, roles
from app.platform.identity.entities import Account, HeldPost, Person
from app.platform.runtime.entities import Substitute, Task
from tests.pages import House
from tests.rooms.admin.posts_absences import lonely
from tests.rooms.admin.test_people_pages import city, kinds, newcomer, place, town
from tests.rooms.conftest import Browser

__all__ = ["city", "town"]


def named(house: House, name: str, **more: str) -> str:
    """Somebody kept in 邯山区 under a name of his own."""
    person = newcomer(house, **more)
    with house.world.session() as session, transaction(session):
        session.execute(update(Person).where(Person.id == person).values(name=name))
    return person


def days(house: House, first: int, last: int) -> dict[str, str]:
    dates = [(house.world.now + timedelta(days=each)).date().isoformat() for each in (first, last)]
    return {"from": dates[0], "until": dates[1]}


def of(house: House, person: str) -> list[Substitute]:
    with house.world.session() as session:
        return list(session.scalars(select(Substitute).where(Substitute.person_id == person)))


def listed(browser: Browser, key: str, **asked: str) -> str:
    browser.get(f"/admin/lists/{key}?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    return browser.page


def test_an_absence_is_entered_found_shown_at_the_person_and_ended(town: House, city: Browser) -> None:
    away, stand_in = named(town, "休假甲"), named(town, "代班甲")
    city.get("/admin/absences/new")
    city.post("/admin/absences/new", {"_update": "away", "away": "休假甲"})
    assert f'name="person" value="{away}"' in city.page
    city.post("/admin/absences/new", {"_update": "who", "who": "代班甲", "person": away})
    assert f'name="to" value="{stand_in}"' in city.page
    assert re.search(f'name="person" value="{away}" checked', city.page)
    answer = city.post("/admin/absences/new", {"person": away, "to": stand_in, **days(town, 0, 2)})
    assert (answer.status_code, answer.location) == (303, f"/admin/people/{away}")
    (made,) = of(town, away)
    city.get(f"/admin/people/{away}")
    assert "代班甲" in city.page
    assert f'action="/admin/absences/{made.id}/end"' in city.page
    for asked in ({"who": "休假甲"}, {"who": "代班甲", "state": "now"}):
        assert f"/admin/absences/{made.id}/end" in listed(city, "absences", **asked)
    for state in ("coming", "over"):
        assert made.id not in listed(city, "absences", who="休假甲", state=state)
    back = {"back": f"/admin/people/{away}"}
    assert city.post(f"/admin/absences/{made.id}/end", back).location == f"/admin/people/{away}"
    assert "代班甲" in listed(city, "absences", who="休假甲", state="over")
    assert kinds(town, away)[-2:] == ["substitute.appointed", "substitute.ended"]


@pytest.mark.parametrize(
    ("typed", "sentence", "field"),
    [
        ({"person": ""}, "请选择休假人员", "person"),
        ({"to": ""}, "请选择代理人", "to"),
        ({"to": "himself"}, "不能由本人代理本人", "to"),
        ({"to": "keeper"}, "不能指定您本人为代理人", "to"),
        ({"to": "abroad"}, "找不到该代理人，或不在您的管辖范围内", "to"),
        ({"to": "shut"}, "代理人没有账号，或账号已停用", "to"),
        ({"person": "abroad"}, "没有该人员", "person"),
        ({"until": "2020-01-01"}, "结束日期不能早于开始日期", "until"),
        ({"from": "2020-01-01", "until": "2020-01-02"}, "代理的结束时间必须晚于开始时间和现在", "until"),
        ({"from": "nonsense"}, "请填写开始日期", "from"),
        ({"until": ""}, "请填写结束日期", "until"),
        ({"scope": "some"}, "请选择至少一个流程", "processes"),
        ({"scope": "some", "processes": "nowhere"}, "没有这样的流程", "processes"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_stays(
    town: House, city: Browser, typed: dict[str, str], sentence: str, field: str
) -> None:
    people = {
        "himself": (away := newcomer(town)),
        "keeper": town.world.people["市区域管"],
        "abroad": newcomer(town, "130502"),
        "shut": newcomer(town),
        "able": newcomer(town),
    }
    with town.world.session() as session, transaction(session):
        session.execute(update(Account).where(Account.person_id == people["shut"]).values(is_disabled=True))
    given = {"person": away, "to": people["able"], **days(town, 0, 2), **typed}
    city.get("/admin/absences/new")
    answer = city.post("/admin/absences/new", {key: people.get(value, value) for key, value in given.items()})
    assert answer.status_code == 422
    assert sentence in city.page
    assert f'href="#verb-{field}"' in city.page
    assert f'name="until" value="{given["until"]}"' in city.page
    assert of(town, away) == []


def test_overlapping_days_and_doubts_are_said(town: House, city: Browser) -> None:
    away, first, second = (newcomer(town) for _ in range(3))
    city.get("/admin/absences/new")
    assert (
        city.post("/admin/absences/new", {"person": away, "to": first, **days(town, 0, 2)}).status_code == 303
    )
    given = {"person": away, "to": second, **days(town, 1, 4)}
    assert city.post("/admin/absences/new", given).status_code == 422
    assert "这段时间内同样的流程已经有人代理" in city.page
    other = {"person": second, "to": away, **days(town, 1, 4)}
    assert city.post("/admin/absences/new", other).status_code == 422
    assert "代理人这段时间本人也休假" in city.page
    assert of(town, second) == []
    assert city.post("/admin/absences/new", {**other, "despite": "1"}).status_code == 303
    assert len(of(town, second)) == 1


def test_a_district_s_administrator_sees_and_ends_no_absence_outside(town: House, city: Browser) -> None:
    """C-11."""
    away, stand_in = named(town, "邻区休假", code="130403"), newcomer(town, "130403")
    city.get("/admin/absences/new")
    city.post("/admin/absences/new", {"person": away, "to": stand_in, **days(town, 0, 2)})
    (made,) = of(town, away)
    district = town.visit("区区域管")
    assert made.id not in listed(district, "absences", who="邻区休假")
    assert "邻区休假" not in district.page.replace('value="邻区休假"', "")
    assert district.post(f"/admin/absences/{made.id}/end", {}).status_code == 404
    district.get("/admin/absences/new")
    district.post("/admin/absences/new", {"_update": "away", "away": "邻区休假"})
    assert away not in district.page
    given = {"person": away, "to": newcomer(town), **days(town, 5, 6)}
    assert district.post("/admin/absences/new", given).status_code == 422
    assert "没有该人员" in district.page
    assert [one.ended_at for one in of(town, away)] == [None]


def test_a_lonely_task_is_listed_with_why_and_assigned_after_a_preview(town: House, city: Browser) -> None:
    task, to = lonely(town), named(town, "接办甲")
    page = listed(city, "unattended", size="100")
    assert f"/admin/unattended/{task}" in page
    assert re.search(r"指定的办理人某人.账号已停用", page)
    url = f"/admin/unattended/{task}"
    city.get(url)
    assert city.post(url, {"do": "preview", "reason": "离岗"}).status_code == 422
    assert "请选择人员" in city.page
    assert city.post(url, {"do": "preview", "to": to, "reason": ""}).status_code == 422
    assert "请填写原因" in city.page
    assert city.post(url, {"do": "preview", "to": to, "reason": "离" * 501}).status_code == 422
    assert "原因最多500个字" in city.page
    assert city.post(url, {"do": "preview", "to": to, "reason": "离岗"}).status_code == 200
    assert "交给接办甲" in city.page
    with town.world.session() as session:
        assert session.get_one(Task, task).assignee_id != to
    typed = {"do": "confirm", "to": to, "reason": "离岗"}
    assert city.post(url, {**typed, "revision": "7"}).status_code == 409
    assert "尚未改派" in city.page
    assert city.post(url, {**typed, "revision": "x"}).status_code == 409
    assert city.post(url, {**typed, "revision": "1"}).status_code == 303
    with town.world.session() as session:
        assert session.get_one(Task, task).assignee_id == to
    assert task not in listed(city, "unattended", size="100")
    assert city.get(url).status_code == 409
    assert "已有人可以办理" in city.page


def test_who_lies_outside_or_was_forgotten_is_not_assigned_it(town: House, city: Browser) -> None:
    task, abroad = lonely(town), newcomer(town, "130502")
    url = f"/admin/unattended/{task}"
    for to in (abroad, "0" * 26, town.world.people["市区域管"]):
        city.get(url)
        answer = city.post(url, {"do": "confirm", "to": to, "reason": "离岗", "revision": "1"})
        assert answer.status_code == 422
    district = town.visit("区区域管")
    assert task not in listed(district, "unattended", size="100")
    assert district.get(url).status_code == 404
    assert district.post(url, {"do": "confirm", "to": abroad, "reason": "离岗"}).status_code == 404


def test_the_post_is_given_from_the_task_s_page_with_everything_filled_in(town: House, city: Browser) -> None:
    task, to = lonely(town), newcomer(town)
    key = f"{town.world.system}.city_admin"
    city.get(f"/admin/unattended/{task}")
    answer = city.post(f"/admin/unattended/{task}", {"do": "post", "to": to})
    assert answer.status_code == 303
    assert answer.location.startswith(f"/admin/people/{to}/posts?role={key}&post_place=")
    security = town.visit("安全管")
    security.get(answer.location)
    assert f'value="{key}" selected' in security.page
    assert f'value="{place(town, "130400")}" checked' in security.page


def test_the_list_asks_the_same_number_of_statements_for_ten_and_two_hundred(
    town: House, city: Browser
) -> None:
    """Not one more for each task."""
    task, lines, world = lonely(town), [], town.world
    with town.app.app_context():
        from app.extensions import db

        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: lines.append(given[2]))
    counts = []
    for number in (9, 190):
        with world.session() as session, transaction(session):
            row = dict(session.execute(select(Task.__table__).where(Task.id == task)).one()._mapping)
            more = [row | {"id": new_id(), "visit": number * 1000 + each} for each in range(number)]
            session.execute(insert(Task), more)
        listed(city, "unattended", size="100")  # what is kept in memory is kept
        lines.clear()
        listed(city, "unattended", size="100")
        counts.append(len(lines))
    assert counts[0] == counts[1]
    assert "100" in city.page
    with world.session() as session, transaction(session):
        session.execute(Task.__table__.delete().where(Task.visit >= 1000))


def test_the_managers_are_told_of_ticked_tasks(town: House, city: Browser) -> None:
    task = lonely(town)
    listed(city, "unattended")
    answer = city.post("/admin/unattended/send/of", {"row": task})
    assert answer.location == f"/admin/unattended/send?task={task}"
    city.get(answer.location)
    assert "<b>平台管</b>" in city.page
    assert city.post("/admin/unattended/send", {"task": task}).status_code == 303
    reader = town.visit("平台管")
    reader.get("/notices")
    assert "1项任务无人办理" in reader.page
    answer = city.post("/admin/unattended/send/of", {"asked": "", "post": ""})
    assert task in answer.location  # nothing ticked: all that the list shows
    assert city.post("/admin/unattended/send", {"task": "0" * 26}).status_code == 422


def given(house: House, **dates: object) -> tuple[str, str]:
    """Somebody of 邯山区 with a post there: his id and the post's."""
    person, now = newcomer(house), house.world.now
    with house.world.session() as session:
        at = regions.path_of(session, "130402")
        post = posts.grant(session, person, roles.REGIONAL.key, at, None, now, None, **dates)  # type: ignore[arg-type]
    return person, post


def row(house: House, post: str) -> HeldPost:
    with house.world.session() as session:
        return session.get_one(HeldPost, post)


def test_dates_of_ticked_posts_are_changed_together_and_bad_ones_are_refused(
    town: House, city: Browser
) -> None:
    (_, one), (_, other) = given(town), given(town)
    page = listed(city, "posts", size="100")
    assert f"/admin/posts/dates?post={one}" in page
    answer = city.post("/admin/posts/dates/of", {"row": [one, other]})
    assert answer.location == f"/admin/posts/dates?post={one}&post={other}"
    city.get(answer.location)
    for typed, sentence in (
        ({}, "请填写要修改的日期"),
        ({"until": "2020-01-01"}, "结束时间须晚于开始时间和现在"),
        ({"until": "tomorrow"}, "请填写正确的日期"),
        ({"from": "2027-01-01"}, "该岗位已经开始，开始日期不能修改"),
        ({"until": "2027-01-01", "lasting": "1"}, "请在结束日期和长期有效中只选一项"),
    ):
        assert city.post("/admin/posts/dates", {"post": [one, other], **typed}).status_code == 422
        assert sentence in city.page
    assert city.post("/admin/posts/dates", {"post": [one, other], "until": "2027-01-01"}).status_code == 303
    assert row(town, one).until_at == row(town, other).until_at != None  # noqa: E711
    assert city.post("/admin/posts/dates", {"post": one, "lasting": "1"}).status_code == 303
    assert row(town, one).until_at is None


def test_ticked_posts_are_ended_after_a_preview(town: House, city: Browser) -> None:
    (_, one), (_, other) = given(town), given(town)
    city.get(f"/admin/posts/end?post={one}&post={other}")
    assert "将结束2个岗位" in city.page
    mark = re.search(r'name="mark" value="(\w+)"', city.page)
    assert mark
    assert city.post("/admin/posts/end", {"post": [one, other], "mark": "another"}).status_code == 409
    assert row(town, one).ended_at is None
    assert city.post("/admin/posts/end", {"post": [one, other], "mark": mark[1]}).status_code == 303
    assert row(town, one).ended_at == row(town, other).ended_at == town.world.now


def test_posts_outside_are_neither_shown_nor_touched(town: House) -> None:
    """C-11: to a district's administrator a post of the neighbouring district is not there."""
    _, post = given(town)
    neighbour = town.visit("邻区区域管")
    for path in ("dates", "end"):
        neighbour.get(f"/admin/posts/{path}?post={post}")
        assert "没有选择岗位" in neighbour.page
    assert neighbour.post("/admin/posts/dates", {"post": post, "lasting": "1", "until": ""}).status_code in (
        404,
        422,
    )
    assert neighbour.post("/admin/posts/end", {"post": post, "mark": ""}).status_code in (409, 422)
    assert (row(town, post).ended_at, row(town, post).until_at) == (None, None)
