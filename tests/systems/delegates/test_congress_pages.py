"""大会信息及受邀单位配置 as a convener walks through it (PG-D13, PG-D12)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.platform.data import new_id
from app.systems.delegates import quota_matrix
from app.systems.delegates.entities import Candidate, Congress, Invitation
from app.systems.delegates.invitations import Reported
from tests.pages import House
from tests.processes.test_delegates_congress_setup import TERMS, create, invite
from tests.rooms.conftest import Browser
from tests.rooms.inbox.conftest import fields_of
from tests.systems.delegates import town
from tests.systems.delegates.world import (
    CONGRESS,
    CONVENING,
    LIAISON_ONE,
    OTHER_UNIT,
    UNIT,
    World,
    sample_quota,
)


@pytest.fixture(scope="module")
def house(whole_house: House) -> House:
    town.know(whole_house)
    return whole_house


@pytest.fixture
def convener(house: House) -> Browser:
    browser = house.visit(CONVENING)
    browser.get("/account")  # whose token the posts carry
    return browser


def world_of(house: House) -> World:
    assert isinstance(house.world, World)
    return house.world


def congress_called(house: House, name: str) -> Congress:
    with house.world.session() as session:
        found = session.scalars(select(Congress).where(Congress.name == name)).one()
        session.expunge(found)
        return found


def test_a_convener_sets_a_congress_up_from_the_empty_form_to_publication(
    house: House, convener: Browser
) -> None:
    """PG-D13, EN-D1, EN-D2, PR-D1."""
    convener.get("/delegates/congresses/new")
    answer = convener.post("/delegates/congresses/new", {**fields_of(convener.page), **TERMS})
    assert answer.status_code == 303, convener.page
    row = congress_called(house, TERMS["name"])
    home = f"/delegates/congresses/{row.id}"
    assert answer.location == f"{home}/units"
    convener.get(f"{home}/units?q=邯山")
    unit = world_of(house).unit
    ticked = {"q": "邯山", "unit": unit, f"liaison.{unit}": "高新甲", f"phone.{unit}": "13800000031"}
    assert convener.post(f"{home}/units", ticked).status_code == 303
    assert convener.post(f"{home}/units", {"list": f"{OTHER_UNIT}\t高新乙\t13800000032"}).status_code == 303
    answer = convener.post(f"{home}/units/done")
    assert answer.location == f"{home}/quotas"
    convener.get(f"{home}/quotas")
    with house.world.session() as session:
        rows = session.scalars(select(Invitation.id).where(Invitation.congress_id == row.id)).all()
    cells = {}
    for each in rows:
        cells |= quota_matrix.typed(sample_quota(), each)
    assert set(cells) <= set(re.findall(r'name="([^"]+)"', convener.page))
    assert convener.post(f"{home}/quotas", cells).status_code == 303
    convener.post(f"{home}/publish")
    convener.get(home)
    assert "大会已发布" in convener.page
    assert convener.page.count("已通知") >= 2
    assert "138****0031" in convener.page
    assert "13800000031" not in convener.page  # D-47
    for change in ("新建大会", "邀请单位", "修改名额", "发布大会"):
        assert change in convener.page
    assert f"{UNIT} 代表：基层工作者：0 → 2" in convener.page


def test_what_is_wrong_with_a_congress_is_said_and_kept(convener: Browser) -> None:
    """EN-D1: bad input is answered in words that name the field."""
    answer = convener.post("/delegates/congresses/new", TERMS | {"name": "", "term": "第十一次"})
    assert answer.status_code == 422
    assert "请填写【名称】" in convener.page
    assert 'value="第十一次"' in convener.page
    wrong = TERMS | {"name": "日期大会", "ends_on": "2026-12-01"}
    answer = convener.post("/delegates/congresses/new", wrong)
    assert answer.status_code == 422
    assert "【结束时间】不能早于【开始时间】" in convener.page
    assert 'value="日期大会"' in convener.page


def test_a_second_congress_of_the_same_name_and_term_is_refused(house: House, convener: Browser) -> None:
    create(world_of(house), name="重名大会")
    answer = convener.post("/delegates/congresses/new", TERMS | {"name": "重名大会"})
    assert answer.status_code == 422
    assert "已有同名、同届次的大会" in convener.page


def test_each_wrong_row_of_a_pasted_list_is_named_and_the_list_kept(house: House, convener: Browser) -> None:
    """PG-D13."""
    home = f"/delegates/congresses/{create(world_of(house), name='名单大会')}"
    text = f"{UNIT}\t高新甲\t13800000041\n\n ,，\t\n没有这个单位\t高新乙\t123"
    answer = convener.post(f"{home}/units", {"list": text})
    assert answer.status_code == 422
    assert "第 4 行 没有这个单位：没有找到这个单位" in convener.page
    assert "第 4 行 没有这个单位：手机号码应为11位" in convener.page
    assert "高新甲" in convener.page
    assert text.split("\n")[-1] in convener.page


def test_a_ticked_unit_without_liaison_stays_ticked(house: House, convener: Browser) -> None:
    """PG-D13."""
    home = f"/delegates/congresses/{create(world_of(house), name='勾选大会')}"
    unit = world_of(house).unit
    answer = convener.post(
        f"{home}/units", {"q": "邯山", "unit": unit, f"liaison.{unit}": "", f"phone.{unit}": "139"}
    )
    assert answer.status_code == 422
    assert "请填写联络员姓名" in convener.page
    assert re.search(rf'name="unit" value="{unit}"[^>]* checked', convener.page)
    assert 'value="139"' in convener.page


def test_what_is_wrong_with_a_cell_is_named_and_every_number_kept(house: House, convener: Browser) -> None:
    """EN-D2: minimum over seats refused; the whole matrix stays as typed."""
    congress = create(world_of(house), name="名额大会")
    [invitation] = invite(world_of(house), congress, Reported("", "高新甲", "13800000042", UNIT))
    cells = quota_matrix.typed(sample_quota(), invitation) | {
        f"{invitation}.member.women": "7",
        f"{invitation}.guest": "很多",
    }
    answer = convener.post(f"/delegates/congresses/{congress}/quotas", cells)
    assert answer.status_code == 422
    assert f"{UNIT} · 委员：女性工作者：不能超过名额" in convener.page
    assert f"{UNIT} · 参会嘉宾名额：请填写 0 到 9999 的整数" in convener.page
    assert 'value="很多"' in convener.page
    assert 'value="7"' in convener.page


def test_a_unit_whose_quota_falls_below_use_is_named_in_a_warning(house: House, convener: Browser) -> None:
    """2.8 answer 6: it is saved all the same."""
    world = world_of(house)
    with world.session() as session:
        invitation = session.scalars(
            select(Invitation.id).where(
                Invitation.congress_id == world.congress, Invitation.unit_id == world.unit
            )
        ).one()
        session.add(
            Candidate(
                instance_id=new_id(),
                congress_id=world.congress,
                unit_id=world.unit,
                place="",
                person_id=world.people[LIAISON_ONE],
                name="高新己",
                phone="13800000046",
                phone_hash="pages",
                identity="delegate",
                recommended_at=world.now,
            )
        )
        session.commit()
    nothing = dict.fromkeys(quota_matrix.typed(sample_quota(), invitation), "0")
    convener.post(f"/delegates/congresses/{world.congress}/quotas", nothing)
    convener.get(f"/delegates/congresses/{world.congress}")
    assert f"{UNIT}：代表已占 1 位，多于现有名额 0 位" in convener.page
    assert "超过名额" in convener.page


def test_a_menu_entry_that_holds_nothing_says_so(house: House) -> None:
    """2.4: 大会管理 and 我的应用 are shells, no dead entries."""
    liaison = house.visit(LIAISON_ONE)
    for path, heading in (("affairs", "大会管理"), ("applications", "我的应用")):
        liaison.get(f"/delegates/{path}")
        assert heading in liaison.page
        assert "这里还没有内容" in liaison.page


def test_the_blank_form_has_every_field_of_the_registration_form(house: House, convener: Browser) -> None:
    """PG-D12, EN-D3, EN-D4."""
    convener.get("/delegates/forms/blank")
    for label in ("民族", "证件号", "工作单位及职务", "主要学习工作经历", "政协常委"):
        assert label in convener.page, label


def test_a_deadline_in_the_past_is_refused_at_its_field_and_what_was_typed_is_kept(
    house: House, convener: Browser
) -> None:
    """D-45: of a published congress; the moment that counted counts."""
    address = f"/delegates/congresses/{house.world.congress}/edit"
    convener.get(address)
    given = {**TERMS, "name": CONGRESS, "ends_on": "2026-12-22", "report_by": "2025-12-10T18:00"}
    assert convener.post(address, given).status_code == 422
    assert "【上报截止时间】不能早于现在" in convener.page
    assert 'value="2025-12-10T18:00"' in convener.page
    convener.get(address)
    assert 'value="2026-12-10T18:00"' in convener.page
