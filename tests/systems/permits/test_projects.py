"""The city keeps its projects and issues codes through pages (EN-P1, P-39, P-40)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.systems.permits import rules
from app.systems.permits.entities import Authorisation, Project
from tests.pages import House
from tests.rooms.conftest import Browser

LIST, NEW, CODES, ISSUE = "/permits/projects", "/permits/projects/new", "/permits/codes", "/permits/codes/new"
MARCH, JUNE = datetime(2026, 3, 1, 1, 0, tzinfo=UTC), datetime(2027, 6, 1, 10, 0, tzinfo=UTC)
GOOD = {
    "name": "青少年航模竞赛",
    "prefix": "h",
    "year": "2026",
    "categories": "静态模型\n\n 飞行 \n",
    "groups": "小学组\n初中组",
    "declare_from": "2026-03-01T09:00",
    "declare_to": "2027-06-01T18:00",
    "review_to": "2027-06-15T18:00",
}


@pytest.fixture
def city(whole_house: House) -> Browser:
    return whole_house.visit("市级")


def projects(house: House) -> dict[str, Project]:
    with house.world.session() as session:
        return {row.name: row for row in session.scalars(select(Project))}


def make(city: Browser, **over: str) -> Any:
    city.get(NEW)
    return city.post(NEW, {**GOOD, **over})


def test_a_city_makes_a_project_and_changes_it(whole_house: House, city: Browser) -> None:
    assert make(city).location == LIST
    row = projects(whole_house)["青少年航模竞赛"]
    assert (row.prefix, row.year, row.categories, row.groups) == (
        "H",
        2026,
        ["静态模型", "飞行"],
        ["小学组", "初中组"],
    )
    assert (row.declare_from, row.declare_to) == (MARCH, JUNE)
    assert row.place.endswith("/130400/")
    city.get(f"{LIST}/{row.id}/terms")
    assert 'value="2026-03-01T09:00"' in city.page
    assert set(re.findall(r'name="([a-z_]+)"', city.page)) >= GOOD.keys()  # what is shown can be sent back
    assert city.post(f"{LIST}/{row.id}/terms", {**GOOD, "name": "航模公开赛"}).location == LIST
    assert "航模公开赛" in projects(whole_house)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"name": " "}, "请填写项目名称"),
        ({"prefix": "1"}, "编号前缀是一个大写字母"),
        ({"prefix": "RR"}, "编号前缀是一个大写字母"),
        ({"year": "20260"}, "请填写年度"),
        ({"categories": "\n"}, "每行一项"),
        ({"groups": "小学组\n小学组"}, "有重复的项"),
        ({"declare_to": "2026-02-01T09:00"}, "申报截止时间须晚于开始时间"),
        ({"review_to": "2026-05-01T09:00"}, "审查截止时间不能早于申报截止时间"),
        ({"declare_from": ""}, "请填写申报开始时间"),
        ({"declare_from": "yesterday"}, "请填写申报开始时间"),
    ],
)
def test_terms_that_do_not_stand_are_named_and_kept(
    whole_house: House, city: Browser, over: dict[str, str], said: str
) -> None:
    before = set(projects(whole_house))
    answer = make(city, **{"name": "没有建立的项目", **over})
    assert answer.status_code == 422
    assert said in city.page
    assert ("初中组" if "categories" in over else "静态模型") in city.page
    assert set(projects(whole_house)) == before


def test_another_city_neither_sees_nor_changes_it(whole_house: House, city: Browser) -> None:
    make(city, name="本市的项目")
    row = projects(whole_house)["本市的项目"]
    neighbour = whole_house.visit("邻市")
    neighbour.get(LIST)
    assert "本市的项目" not in neighbour.page
    for path in ("terms", "open"):
        assert neighbour.post(f"{LIST}/{row.id}/{path}", GOOD).status_code == 404
    assert neighbour.get(f"{ISSUE}?project={row.id}").status_code == 404


def test_codes_are_issued_seen_and_taken_back(whole_house: House, city: Browser) -> None:
    make(city, name="发码的项目")
    row = projects(whole_house)["发码的项目"]
    sent = {
        "project": row.id,
        "district": "130402",
        "category": "飞行",
        "group": "初中组",
        "count": "12",
    }
    city.get(f"{ISSUE}?project={row.id}")
    assert city.post(ISSUE, {**sent, "count": "0"}).status_code == 422
    assert "数量须在 1 到 200 之间" in city.page
    assert city.post(ISSUE, {**sent, "district": "130502"}).status_code == 422
    answer = city.post(ISSUE, sent)
    assert answer.location == f"{CODES}?project={row.id}"
    city.get(f"{CODES}?project={row.id}&size=20")
    shown = re.findall(r">([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})<", city.page)
    assert len(set(shown)) == 12
    with whole_house.world.session() as session:
        code = session.scalars(select(Authorisation).where(Authorisation.project_id == row.id).limit(1)).one()
    assert rules.shown_code(code.code) in shown
    neighbour = whole_house.visit("邻市")
    neighbour.get(CODES)
    assert shown[0] not in neighbour.page
    assert neighbour.post(f"{CODES}/{code.id}/revoke", {}).status_code == 404
    assert city.post(f"{CODES}/{code.id}/revoke", {"back": "https://evil.example/"}).location == CODES
    city.get(f"{CODES}?use=revoked")
    assert "已作废" in city.page
    # what codes were issued for stays
    assert city.post(f"{LIST}/{row.id}/terms", {**GOOD, "categories": "静态模型"}).status_code == 422
    assert "飞行已发放授权码，不能删除" in city.page


def test_a_closed_project_takes_nothing_new(whole_house: House, city: Browser) -> None:
    make(city, name="停用的项目")
    row = projects(whole_house)["停用的项目"]
    city.get(LIST)
    assert city.post(f"{LIST}/{row.id}/open", {}).location == LIST
    assert not projects(whole_house)["停用的项目"].is_open
    assert city.get(f"{ISSUE}?project={row.id}").status_code == 404
    assert city.post(f"{LIST}/{row.id}/open?to=open", {}).location == LIST
    assert projects(whole_house)["停用的项目"].is_open


def test_numbers_and_days_beyond_all_bounds_are_complained_of(whole_house: House, city: Browser) -> None:
    """No digit and no year breaks the page: what was typed is refused in words."""
    project = next(iter(projects(whole_house).values()))
    city.get(f"{ISSUE}?project={project.id}")
    sent = {"project": project.id, "district": "130402", "count": "9" * 5000}
    sent |= {"category": project.categories[0], "group": project.groups[0]}
    assert city.post(ISSUE, sent).status_code == 422
    assert make(city, declare_from="0001-01-01T00:00").status_code == 422


def test_a_closed_project_s_codes_can_still_be_filtered(whole_house: House, city: Browser) -> None:
    """A link to them must not show those of all projects instead."""
    make(city, name="先开后停的项目")
    row = projects(whole_house)["先开后停的项目"]
    city.post(
        ISSUE, {"project": row.id, "district": "130402", "category": "飞行", "group": "初中组", "count": "3"}
    )
    city.post(f"{LIST}/{row.id}/open", {})
    city.get(f"{CODES}?project={row.id}")
    assert "共 3 条" in city.page
    assert "2026 年先开后停的项目" in city.page
