"""Declaring, the district's three tabs and the city's list through their pages (P-20…P-29, P-37…P-41)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.pages import House
from tests.platform.runtime.conftest import Counted
from tests.rooms.conftest import Browser
from tests.systems.permits.declaring import CITY, CLOSES, DISTRICT, TEACHER, Contest, contest

HEAD = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.S)


@pytest.fixture(scope="module")
def teams(whole_house: House) -> Contest:
    made = contest(whole_house.world)
    whole_house.account(DISTRICT, "quxian")
    return made


def post_of(teams: Contest, name: str = DISTRICT) -> str:
    return next(p.id for p in teams.world.acting(name).posts if p.role == "permits.district_admin")


def heads(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>|\s", "", head) for head in HEAD.findall(page)]


def cells(page: str) -> list[list[str]]:
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.S)
    return [
        [re.sub(r"<[^>]+>|\s", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
        for row in rows
    ]


def test_a_teacher_types_a_code_and_fills_in(whole_house: House, teams: Contest) -> None:
    """PG-P12, P-39: from the code to the form; the code stands in no address."""
    teacher: Browser = whole_house.visit(TEACHER)
    teacher.get("/permits/declarations/new")
    code = teams.issue()[0]
    answer = teacher.post("/permits/declarations/new", {"code": f"{code[:4]}-{code[4:8]}-{code[8:]}".lower()})
    assert answer.status_code == 303
    assert answer.location.startswith("/inbox/tasks/")
    assert code not in answer.location
    teacher.get(answer.location)
    assert "代表队名称" in teacher.page
    teacher.get("/permits/declarations")
    assert "未提交" in teacher.page


def test_a_wrong_code_keeps_what_was_typed(whole_house: House, teams: Contest) -> None:
    teacher: Browser = whole_house.visit(TEACHER)
    teacher.get("/permits/declarations/new")
    answer = teacher.post("/permits/declarations/new", {"code": "2222-2222-2222"})
    assert answer.status_code == 422
    assert "授权码不正确" in teacher.page
    assert 'value="2222-2222-2222"' in teacher.page


def test_the_three_tabs_in_their_words(whole_house: House, teams: Contest) -> None:
    """P-22, P-24: columns exactly and in order, words exactly."""
    done = teams.passed()
    teams.judge(done)
    waiting, draft = teams.submitted(team_name=["火星队"]), teams.begin()
    teams.issue()
    district: Browser = whole_house.visit(DISTRICT)
    post = post_of(teams)
    district.get(f"/permits/activities/{post}/status?size=100")
    assert [head for head in heads(district.page) if head not in ("", "选择")] == [
        "序号", "区县", "项目类型", "参赛组别", "授权码", "是否使用", "项目编号", "提交参赛", "市级审查",
    ]  # fmt: skip
    by_number = {row[7]: [*row[8:10], row[6]] for row in cells(district.page)}
    assert by_number[teams.row(done).number] == ["是", "审核通过", "已使用"]
    assert by_number[teams.row(waiting).number] == ["是", "尚未审核", "已使用"]
    assert by_number[teams.row(draft).number] == ["否", "尚未审核", "已使用"]
    assert any(row[6] == "未使用" for row in cells(district.page))
    for row in cells(district.page):  # P-25
        assert row[8] == "是" or row[9] == "尚未审核"
    assert "所有类别" in district.page
    assert "所有组" in district.page
    district.get(f"/permits/activities/{post}/review?size=100")
    assert [head for head in heads(district.page) if head not in ("", "选择")] == [
        "序号", "代表队名称", "编号", "项目类型", "组别", "正式提交", "区县审查", "操作",
    ]  # fmt: skip
    assert "您选择的是 尚未审核 的项目" in district.page
    assert "火星队" in district.page
    assert "尚未正式提交" in district.page  # P-29: listed, not to be reviewed, and why
    assert teams.row(done).number not in district.page
    district.get(f"/permits/activities/{post}/review?state=passed")
    assert "您选择的是 审核通过 的项目" in district.page
    assert teams.row(done).number in district.page
    district.get(f"/permits/activities/{post}/grants")
    assert "申报授权查询" in district.page
    assert "作废" in district.page
    for title in ("申报授权查询", "申报状态查询", "申报材料审查"):
        assert title in district.page


def test_material_is_searched_by_number_and_by_team(whole_house: House, teams: Contest) -> None:
    """P-28."""
    one, other = teams.submitted(team_name=["木星队"]), teams.submitted(team_name=["土星队"])
    district: Browser = whole_house.visit(DISTRICT)
    for asked in (teams.row(one).number, "木星"):
        district.get(f"/permits/activities/{post_of(teams)}/review?q={asked}")
        assert "木星队" in district.page
        assert teams.row(other).number not in district.page


def test_a_district_sees_its_own_only(whole_house: House, teams: Contest) -> None:
    """P-20, P-38: neither another district's nor another person's tabs."""
    teams.issue(district="130403")
    name = whole_house.settle("permits.district_admin", "130403", teams.project)
    other: Browser = whole_house.visit(name)
    other.get(f"/permits/activities/{post_of(teams, name)}/status")
    assert "丛台区" in other.page
    assert "邯山区" not in other.page
    assert other.get(f"/permits/activities/{post_of(teams)}/status").status_code == 404
    assert other.get("/permits/activities").location.endswith(f"{post_of(teams, name)}/status")


def test_the_city_sees_all_districts_and_reviews_what_passed(whole_house: House, teams: Contest) -> None:
    """PG-P11, P-37."""
    passed, waiting = teams.passed(), teams.submitted(team_name=["水星队"])
    city: Browser = whole_house.visit(CITY)
    city.get("/permits/lists/declarations?size=100")
    assert [head for head in heads(city.page) if head not in ("", "选择")] == [
        "序号", "代表队名称", "编号", "区县", "项目类型", "组别", "正式提交", "区县审查", "市级审查", "汇总表", "操作",
    ]  # fmt: skip
    assert teams.row(passed).number in city.page
    assert "水星队" not in city.page
    city.get("/permits/lists/declarations?state=&size=100")
    assert teams.row(waiting).number in city.page
    neighbour: Browser = whole_house.visit("邻市")
    neighbour.get("/permits/lists/declarations?state=")
    assert teams.row(passed).number not in neighbour.page


def test_the_statements_of_the_lists_do_not_grow(whole_house: House, teams: Contest) -> None:
    """No statement per row."""
    district: Browser = whole_house.visit(DISTRICT)
    counted = Counted(whole_house.world.engine)
    addresses = [
        f"/permits/activities/{post_of(teams)}/{tab}?size=100" for tab in ("status", "review", "grants")
    ]
    before = []
    for address in addresses:
        counted.clear()
        district.get(address)
        before.append(len(counted.lines))
    for _ in range(3):
        teams.submitted()
    for address, there in zip(addresses, before, strict=True):
        counted.clear()
        district.get(address)
        assert len(counted.lines) == there, address
        assert there <= 20, address


def test_a_pupil_finds_the_own_entry_by_identity_number(whole_house: House, teams: Contest) -> None:
    """PG-P12: read only, by the keyed hash; a namesake finds nothing."""
    from app.platform.data import transaction
    from app.platform.identity import people
    from tests.systems.permits.declaring import id_number

    teams.submitted(team_name=["学生队"])
    name = whole_house.settle("permits.student")
    world = whole_house.world
    pupil: Browser = whole_house.visit(name)
    pupil.get("/permits/participations")
    assert "学生队" not in pupil.page
    with world.session() as session, transaction(session):
        person = world.people[name]
        people.change(
            session,
            person,
            {"name": "甲同学", "id_type": "resident_id", "id_number": id_number()},
            world.acting(name),
            world.now,
        )
    pupil.get("/permits/participations")
    assert "学生队" in pupil.page
    assert id_number() not in pupil.page


def test_the_window_is_said_in_words_on_the_page(whole_house: House, teams: Contest) -> None:
    """P-41."""
    code = teams.issue()[0]
    teams.window(declare_from=teams.world.now + timedelta(days=1), declare_to=CLOSES)
    teacher: Browser = whole_house.visit(TEACHER)
    teacher.get("/permits/declarations/new")
    assert teacher.post("/permits/declarations/new", {"code": code}).status_code == 422
    assert "申报尚未开始" in teacher.page
    teams.window(declare_from=teams.world.now - timedelta(days=1))
