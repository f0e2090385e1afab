"""Regions and organisations by page: added, renamed, closed, moved, merged; what waits at a moved desk goes along."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.platform.identity import posts, regions, roles, units
from app.platform.identity.entities import Person, Unit
from app.platform.runtime.entities import Instance, Task
from tests.pages import House
from tests.rooms.conftest import Browser

CITY, DISTRICT, NEXT = "130000/130400/", "130000/130400/130402/", "130000/130400/130403/"


@pytest.fixture(scope="module")
def house(whole_house: House) -> House:
    world = whole_house.world
    for name, username, place in (
        ("省区域管", "province_keeper", "130000"),
        ("市区域管", "city_keeper", "130400"),
        ("区区域管", "district_keeper", "130402"),
        ("邻区区域管", "sibling_keeper", "130403"),
    ):
        world.enter(name, roles.REGIONAL.key, place)
        whole_house.account(name, username)
    return whole_house


def typed(browser: Browser, url: str, **fields: str) -> Any:
    browser.get("/account/password")
    return browser.post(url, fields)


def add(house: House, browser: Browser, name: str, to: str = DISTRICT) -> str:
    answer = typed(browser, "/admin/units/add", name=name, to=to)
    assert answer.status_code == 303, browser.page
    return str(answer.location).rsplit("/", 1)[1]


def path(house: House, unit: str) -> str:
    with house.world.session() as session:
        return session.scalars(select(Unit.path).where(Unit.id == unit)).one()


def test_a_unit_is_added_renamed_closed_and_reopened(house: House) -> None:
    browser = house.visit("区区域管")
    assert browser.get("/admin/units").status_code == 200
    assert browser.get(f"/admin/units/add?to={DISTRICT}").status_code == 200
    assert f'value="{DISTRICT}" checked' in browser.page
    unit = add(house, browser, " 第一 小学 ")
    assert browser.get(f"/admin/units/{unit}").status_code == 200
    assert "第一 小学" in browser.page
    assert typed(browser, f"/admin/units/{unit}/rename", name="实验小学").status_code == 303
    assert typed(browser, f"/admin/units/{unit}/state", turn="closed").status_code == 303
    browser.get(f"/admin/units/{unit}")
    assert "已停用的单位不再供选择" in browser.page
    assert typed(browser, f"/admin/units/{unit}/state", turn="open").status_code == 303
    browser.get("/admin/units?q=实验小学")
    assert "使用中" in browser.page
    assert f"/admin/units/{unit}" in browser.page


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(house: House) -> None:
    browser = house.visit("区区域管")
    answer = typed(browser, "/admin/units/add", name="某校", to=NEXT)
    assert answer.status_code == 422
    assert 'value="某校"' in browser.page
    assert "请在您的管辖范围内选择一个地点" in browser.page
    answer = typed(browser, "/admin/regions/add", name="开发区", code="开", to=DISTRICT)
    assert answer.status_code == 422
    assert "大写字母或数字" in browser.page
    assert f'value="{DISTRICT}" checked' in browser.page


def test_without_a_script_the_form_is_drawn_again_while_one_looks(house: House) -> None:
    browser = house.visit("市区域管")
    fields = {"name": "某校", "to.search": "丛台", "_update": "to"}
    assert typed(browser, "/admin/units/add", **fields).status_code == 200
    assert f'value="{NEXT}"' in browser.page
    assert 'value="某校"' in browser.page
    assert typed(browser, "/admin/units/add", name="某校", _update=f"to:{CITY}").status_code == 200
    assert f'value="{DISTRICT}"' in browser.page


def test_a_local_region_is_added_renamed_moved_closed_and_deleted(house: House) -> None:
    browser = house.visit("市区域管")
    answer = typed(browser, "/admin/regions/add", name="高新区", code="kfq01", to=CITY)
    assert answer.status_code == 303, browser.page
    typed(browser, "/admin/regions/add", name="软件园", code="KFQ02", to=f"{CITY}KFQ01/")
    assert typed(browser, "/admin/regions/KFQ01/rename", name="高新技术开发区").status_code == 303
    with house.world.session() as session:
        assert regions.get(session, "KFQ02").full_name == "河北省邯郸市高新技术开发区软件园"  # type: ignore[union-attr]
    answer = typed(browser, "/admin/regions/KFQ01/move", to=f"{CITY}KFQ01/KFQ02/")
    assert answer.status_code == 422
    assert "不能移到自己或自己的下级之下" in browser.page
    answer = typed(browser, "/admin/regions/KFQ01/move", to=DISTRICT)
    assert answer.status_code == 200
    assert "确认移动" in browser.page
    answer = typed(browser, "/admin/regions/KFQ01/move", to=DISTRICT, seen=f"{CITY}KFQ01/", sure="1")
    assert answer.status_code == 303
    with house.world.session() as session:
        moved = regions.get(session, "KFQ02")
        assert moved is not None
        assert moved.path == f"{DISTRICT}KFQ01/KFQ02/"
        assert moved.full_name == "河北省邯郸市邯山区高新技术开发区软件园"
    assert typed(browser, "/admin/regions/KFQ01/delete").status_code == 422
    assert "可以停用" in browser.page
    assert typed(browser, "/admin/regions/KFQ02/state", turn="closed").status_code == 303
    assert browser.client.get("/regions?parent=KFQ01").json == []
    assert typed(browser, "/admin/regions/KFQ02/delete").status_code == 303
    assert typed(browser, "/admin/regions/KFQ01/delete").status_code == 303


def test_a_published_region_is_locked_and_says_so(house: House) -> None:
    browser = house.visit("市区域管")
    browser.get("/admin/regions/130402")
    assert "国家公布的行政区划不能改名" in browser.page
    assert "place-rename" not in browser.page
    assert typed(browser, "/admin/regions/130402/rename", name="新名").status_code == 422
    assert typed(browser, "/admin/regions/130402/move", to=NEXT).status_code == 422
    assert "只有本地增设的地区可以修改" in browser.page


def test_a_district_neither_sees_nor_changes_what_lies_beside_it(house: House) -> None:
    city, district = house.visit("市区域管"), house.visit("区区域管")
    there = add(house, city, "邻区学校", NEXT)
    assert district.get(f"/admin/units/{there}").status_code == 404
    assert district.get("/admin/regions/130403").status_code == 404
    assert district.get("/admin/regions/130403/below").status_code == 404
    for verb in ("rename", "state", "move", "merge"):
        fields = {"name": "x", "turn": "closed", "to": DISTRICT, "sure": "1", "seen": ""}
        assert typed(district, f"/admin/units/{there}/{verb}", **fields).status_code == 404
    here = add(house, district, "本区学校")
    assert typed(district, f"/admin/units/{here}/move", to=NEXT, sure="1").status_code == 422
    district.get("/admin/units?q=学校")
    assert "本区学校" in district.page
    assert "邻区学校" not in district.page


def test_the_tree_is_opened_by_links_and_by_fragment(house: House) -> None:
    browser = house.visit("省区域管")
    browser.get("/admin/regions")
    assert "邯山区" not in browser.page
    browser.get("/admin/regions?open=130400")
    assert "邯山区" in browser.page
    assert 'aria-expanded="true"' in browser.page
    browser.get("/admin/regions/130400/below")
    assert "邯山区" in browser.page
    assert "<html" not in browser.page
    browser.get("/admin/regions?q=130403")
    assert "丛台区" in browser.page
    assert "河北省邯郸市" in browser.page


def test_what_waits_at_a_desk_moves_with_it_and_the_new_region_looks_after_its_people(house: House) -> None:
    """Two browsers: the official of the moved unit goes on with his task; another keeper sees his people."""
    world = house.world
    city = house.visit("市区域管")
    unit = add(house, city, "审核科")
    old = path(house, unit)
    world.enter("科员", f"{world.system}.city_admin")
    house.account("科员", "desk_clerk")
    with world.session() as session:
        held = posts.of(session, world.people["科员"], world.now)
        posts.end(session, held[0].id, world.now, None)
        posts.grant(session, world.people["科员"], f"{world.system}.city_admin", old, None, world.now, None)
    instance = world.to_review(house.settle())
    with world.session() as session:
        task = session.scalars(select(Task).where(Task.instance_id == instance, Task.state == "open")).one()
        task.place = old
        session.get_one(Instance, instance).place = old
        session.get_one(Person, world.people["科员"]).place = old
        session.commit()
        task_id = task.id
    clerk = house.visit("科员")
    assert clerk.get(f"/inbox/tasks/{task_id}").status_code == 200
    answer = typed(city, f"/admin/units/{unit}/move", to=NEXT)
    assert answer.status_code == 200
    counted = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", city.page)
    assert dict(counted) | {
        "单位": "1",
        "人员": "1",
        "有效岗位": "1",
        "办理中的事项": "1",
        "待办任务": "1",
    } == dict(counted)
    assert typed(city, f"/admin/units/{unit}/move", to=NEXT, seen=old, sure="1").status_code == 303
    new = path(house, unit)
    assert new == f"{NEXT}u{unit}/"
    assert clerk.get(f"/inbox/tasks/{task_id}").status_code == 200
    clerk.get("/inbox/")
    assert task_id in clerk.page
    with world.session() as session:
        assert session.scalars(select(Task.place).where(Task.id == task_id)).one() == new
        assert session.scalars(select(Instance.place).where(Instance.id == instance)).one() == new
    assert house.visit("区区域管").get(f"/admin/units/{unit}").status_code == 404
    keeper = house.visit("邻区区域管")
    assert keeper.get(f"/admin/units/{unit}").status_code == 200
    assert "科员" in keeper.page


def test_a_preview_that_is_out_of_date_moves_nothing(house: House) -> None:
    city = house.visit("市区域管")
    unit = add(house, city, "移动学校")
    typed(city, f"/admin/units/{unit}/move", to=NEXT, seen=path(house, unit), sure="1")
    answer = typed(city, f"/admin/units/{unit}/move", to=DISTRICT, seen=f"{DISTRICT}u{unit}/", sure="1")
    assert answer.status_code == 422
    assert "请重新预览" in city.page


def test_doubles_become_one_and_nothing_of_the_first_is_lost(house: House) -> None:
    world, city = house.world, house.visit("市区域管")
    one, other = add(house, city, "第二中学"), add(house, city, "邯山第二中学")
    inner = typed(city, "/admin/units/add", name="初一年级", to=path(house, one)).location.rsplit("/", 1)[1]
    name = house.settle()
    role = f"{world.system}.city_admin"
    with world.session() as session:
        for unit in (one, other):
            posts.grant(session, world.people[name], role, path(house, unit), None, world.now, None)
    assert typed(city, f"/admin/units/{one}/merge", to=path(house, one)).status_code == 422
    assert typed(city, f"/admin/units/{one}/merge", to=path(house, other)).status_code == 200
    assert "确认合并" in city.page
    fields = {"to": path(house, other), "seen": path(house, one), "sure": "1"}
    assert typed(city, f"/admin/units/{one}/merge", **fields).status_code == 303
    assert path(house, inner) == f"{path(house, other)}u{inner}/"
    with world.session() as session:
        held = [post for post in posts.of(session, world.people[name], world.now) if post.role == role]
        assert [post.place for post in held] == [path(house, other)]
        facts = units.get(session, one)
        assert facts is not None
        assert facts.is_closed
        assert facts.merged_into == other
    assert typed(city, f"/admin/units/{one}/state", turn="open").status_code == 422
    assert typed(city, f"/admin/units/{one}/move", to=NEXT, sure="1").status_code == 422
    city.get(f"/admin/units/{one}")
    assert "已并入该单位" in city.page
