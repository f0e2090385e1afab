"""Roles, settings, menus, dictionaries and working days by page: felt at once, refused in words, nothing typed lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from app.platform import calendar
from app.platform.calendar.entities import CalendarDay
from app.platform.identity import roles
from app.platform.jobs.entities import Job
from app.platform.registry import house as leases
from app.platform.runtime import asking
from app.platform.settings import dictionaries
from tests.pages import House
from tests.rooms.conftest import Browser
from tests.rooms.inbox.test_statements import counted


@pytest.fixture
def system(whole_house: House) -> Browser:
    return whole_house.visit(whole_house.settle(roles.SYSTEM.key))


@pytest.fixture
def security(whole_house: House) -> Browser:
    return whole_house.visit(whole_house.settle(roles.SECURITY.key))


@pytest.fixture(autouse=True)
def seeded(whole_house: House) -> Iterator[None]:
    with whole_house.world.session() as session:
        dictionaries.seed(session, whole_house.world.now)
    return


def test_the_title_is_changed_on_every_page_at_once_and_taken_back(
    whole_house: House, system: Browser
) -> None:
    visitor = whole_house.browser()
    system.get("/admin/settings/words")
    answer = system.post("/admin/settings/words", {"house.title.zh": "某市平台", "house.title.en": "City"})
    assert answer.status_code == 303
    visitor.get("/login")
    assert "某市平台" in visitor.page
    system.get("/admin/settings/words")
    assert "恢复默认" in system.page
    system.post("/admin/settings/words", {"reset": "house.title"})
    visitor.get("/login")
    assert "某市平台" not in visitor.page


def test_a_footer_set_here_stands_over_the_lease(whole_house: House, system: Browser) -> None:
    key = whole_house.world.system
    system.get(f"/admin/settings/words.{key}")
    system.post(f"/admin/settings/words.{key}", {f"{key}.footer.support.zh": "0310-0000000"})
    visitor = whole_house.browser()
    visitor.get(f"/{key}/nothing")
    assert "0310-0000000" in visitor.page


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "a b"])
def test_a_manual_leads_to_a_page_and_nowhere_else(system: Browser, address: str) -> None:
    system.get("/admin/settings/words")
    answer = system.post("/admin/settings/words", {"house.manual": address})
    assert answer.status_code == 422
    assert "地址以 https://" in system.page


def test_a_secret_is_never_shown_again_and_an_empty_field_keeps_it(system: Browser) -> None:
    system.get("/admin/settings/channels")
    sent = {"sms.header": "Authorization: Bearer s3cret"}
    assert system.post("/admin/settings/channels", sent).status_code == 303
    system.get("/admin/settings/channels")
    assert "s3cret" not in system.page
    assert "已设置，留空则不变" in system.page
    system.post("/admin/settings/channels", {"sms.header": "", "sms.url": "https://sms.example.org/"})
    system.get("/admin/settings/channels")
    assert "已设置，留空则不变" in system.page
    system.post("/admin/settings/channels", {"sms.body": "nonsense", "sms.header": "X: other-s3cret"})
    assert "请求内容须为JSON" in system.page
    assert "nonsense" in system.page  # what was typed is kept
    assert "other-s3cret" not in system.page


def test_a_menu_is_arranged_and_grants_no_right(whole_house: House, system: Browser) -> None:
    key = whole_house.world.system
    lease = leases.systems[key]
    first, second = lease.menu[0], lease.menu[1]
    shown = {f"shown.{entry.page}": "y" for entry in lease.menu[1:]}
    places = {f"place.{entry.page}": str(50 - number) for number, entry in enumerate(lease.menu)}
    named = {f"zh.{second.page}": "改了名的", f"en.{second.page}": "Renamed"}
    system.get("/admin/menus")
    assert system.post(f"/admin/menus/{key}", {**shown, **places, **named}).status_code == 303
    system.get("/admin/menus")
    assert "改了名的" in system.page
    assert "已调整" in system.page
    assert system.page.index(f"place.{second.page}") < system.page.index(f"place.{first.page}")
    plain = whole_house.visit(whole_house.settle(roles.DESIGNER.key))
    plain.get("/account")
    assert "改了名的" not in plain.page  # a name shows the line to nobody who may not enter it
    system.post(f"/admin/menus/{key}", {"reset": "y"})
    system.get("/admin/menus")
    assert "改了名的" not in system.page


def test_a_role_is_made_given_and_switched_off_by_the_next_request(
    whole_house: House, security: Browser
) -> None:
    security.get("/admin/roles/new")
    sent = {"slug": "keeper", "title_zh": "参数员", "scope": "none", "reach": "here"}
    assert security.post("/admin/roles/new", {**sent, "slug": "Keeper"}).status_code == 422
    assert 'value="参数员"' in security.page
    answer = security.post("/admin/roles/new", {**sent, "permissions": roles.PUBLISH})
    assert answer.status_code == 303
    security.get("/admin/roles")
    assert "made.keeper" in security.page
    who = whole_house.visit(whole_house.settle("made.keeper"))
    who.get("/account")
    assert "参数员" in who.page
    security.get("/admin/roles/made.keeper")
    security.post("/admin/roles/made.keeper/off", {"to": "off"})
    security.get("/admin/roles/made.keeper")
    assert "已停用" in security.page
    assert security.post("/admin/roles/made.keeper/remove", {}).status_code == 422


def test_a_form_offers_a_word_at_once_and_one_that_is_off_is_still_said(
    whole_house: House, system: Browser
) -> None:
    system.get("/admin/dictionaries/education")
    assert system.post("/admin/dictionaries/education/words", {"code": "21", "zh": "本科"}).status_code == 422
    system.post("/admin/dictionaries/education/words", {"code": "91", "zh": "夜校"})
    system.get("/admin/lists/words?dictionary=education")
    world = whole_house.world
    with world.session() as session:
        handed = asking.given(session, {}, lambda _: None, by=world.acting("市级"), now=world.now)
        assert dict(handed.choices("education"))["91"].zh == "夜校"
    system.post("/admin/dictionaries/education/words/91/off", {})
    system.get("/admin/dictionaries/education")
    assert "91" not in dict(handed.choices("education"))
    label = handed.label("education", "91")
    assert label is not None
    assert label.zh == "夜校"


def test_days_are_pasted_and_running_deadlines_are_counted_again(whole_house: House, system: Browser) -> None:
    world = whole_house.world
    system.get("/admin/holidays?year=2027")
    assert "暂定" in system.page
    answer = system.post("/admin/holidays/paste", {"table": "2027-02-06至2027-02-08 休 春节\n乱写"})
    assert answer.status_code == 422
    assert "第2行" in system.page
    assert "乱写" in system.page
    system.post("/admin/holidays/paste", {"table": "2027-02-06至2027-02-08 休 春节\n2027年2月20日 班"})
    with world.session() as session:
        days = calendar.load(session)
        assert not days.is_working(date(2027, 2, 8))
        assert days.is_working(date(2027, 2, 20))
        assert session.scalar(select(Job.id).where(Job.name == "runtime/deadlines"))
    system.get("/admin/holidays?year=2027")
    assert "正在重新计算" in system.page
    world.work()
    system.get("/admin/holidays?year=2027")
    assert "最近一次重新计算" in system.page
    system.post("/admin/holidays", {"from": "2027-02-06", "to": "2027-02-28", "kind": "published"})
    with world.session() as session:
        assert session.scalar(select(CalendarDay.on)) is None
    assert system.post("/admin/holidays", {"from": "2027-02-30", "kind": "off"}).status_code == 422
    assert system.post("/admin/holidays", {"from": "2027-02-03", "to": "2027-02-01"}).status_code == 422


@pytest.mark.parametrize(
    ("keeper", "url", "most"),
    [
        ("system", "/admin/settings/words", 12),
        ("system", "/admin/menus", 10),
        ("system", "/admin/dictionaries", 14),
        ("system", "/admin/holidays?year=2026", 14),
        ("security", "/admin/roles", 12),
    ],
)
def test_a_page_asks_a_fixed_number_of_statements(
    whole_house: House, request: pytest.FixtureRequest, keeper: str, url: str, most: int
) -> None:
    browser = request.getfixturevalue(keeper)
    browser.get(url)
    assert counted(whole_house.app, browser, url) <= most
