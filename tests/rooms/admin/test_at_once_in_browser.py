"""A right given, changed or ended is felt by the very next request: administrator and holder, each at a browser.

The administrators are served by one process, whoever holds the rights by another, on one database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.platform import settings
from app.platform.data import transaction
from app.platform.identity import making_roles, permission_codes, posts, proof, regions, roles
from app.platform.identity.entities import CodeBatch, HeldPost
from app.platform.personnel import local_regions
from app.platform.registry import Words
from app.platform.runtime import history, tasks
from app.platform.runtime.entities import Task
from tests.browser.live import Person, Street
from tests.pages import House
from tests.platform.jobs.databases import KINDS
from tests.rooms.factors import shown
from tests.rooms.inbox.watching import address, judge, street
from tests.rooms.second_house import beside
from tests.tenants.fairs.entities import Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("whole_house", KINDS, indirect=True, scope="module"),
]
__all__ = ["address", "street"]
KEEPERS = {"security": ("安全管", roles.SECURITY.key, ""), "system": ("系统管", roles.SYSTEM.key, "")}
CITY, NEXT_CITY = "130000/130400/", "130000/130500/"
DISTRICT, SIBLING = CITY + "130402/", CITY + "130403/"
TYPED = "盖章不清楚，请重新盖章后再上传"


@pytest.fixture(scope="module")
def elsewhere(whole_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which the second process answers."""
    for username, (name, role, place) in KEEPERS.items():
        whole_house.world.enter(name, role, place)
        whole_house.account(name, f"{username}_keeper")
    with beside(whole_house, tmp_path_factory.mktemp("second")) as url:
        yield url


@pytest.fixture
def far(street: Street, elsewhere: str) -> Any:
    """Let somebody who lives here come in at the second process."""

    def come(name: str) -> Person:
        one = street.person()
        one.url = elsewhere
        one.sign_in(street.house.usernames[name])
        return one

    return come


def keeper(street: Street, kind: str) -> Person:
    return street.person(f"{kind}_keeper")


def reviewer(street: Street) -> str:
    """A new clerk of the city's desk; his name."""
    return street.house.settle(f"{street.house.world.system}.city_admin", "130400")


def case(street: Street, district: str = "130402") -> tuple[str, str, str]:
    """A new case at the city's desk: who applied, the instance, and its task."""
    world, name = street.house.world, street.house.settle()
    instance = world.to_review(name, district)
    return name, instance, world.open_task(instance, "city_review")


def status(one: Person, path: str) -> int:
    """What a program reads there in this person's name."""
    return one.page.request.get(one.url + path).status


def waits(one: Person) -> set[str]:
    """The tasks that wait for somebody, as the API tells them."""
    return {row["id"] for row in one.page.request.get(one.url + "/api/v1/tasks?limit=100").json()["items"]}


def held(street: Street, name: str) -> list[HeldPost]:
    with street.house.world.session() as session:
        mine = select(HeldPost).where(
            HeldPost.person_id == street.house.world.people[name], HeldPost.ended_at.is_(None)
        )
        return list(session.scalars(mine.order_by(HeldPost.id)))


def give(admin: Person, person: str, role: str, place: str = "", subject: str = "") -> None:
    """Give a post on its page."""
    query = f"?role={role}" + (f"&post_place={place}" if place else "")
    admin.go(f"/admin/people/{person}/posts{query}")
    if subject:
        admin.page.select_option("#subject", subject)
    admin.press("授予岗位")
    admin.sees("岗位已授予")


def end(admin: Person, person: str, title: str) -> None:
    """End a post on the page of the person."""
    admin.go(f"/admin/people/{person}")
    row = admin.page.locator("tr", has_text=title).filter(has=admin.page.locator("details"))
    row.locator("summary").click()
    row.get_by_role("button", name="确认结束").click()
    admin.sees("岗位已结束")


def lost(one: Person, *words: str) -> None:
    """The page says that nothing was submitted, and what was typed stands on it to be copied."""
    one.sees("您填写的内容没有提交", *words)
    expect(one.page.locator("#typed")).to_have_value(re.compile(TYPED))
    judge(one)


def test_a_post_that_is_given_opens_inbox_list_and_api(street: Street, far: Any) -> None:
    world, name = street.house.world, street.house.settle(f"{street.house.world.system}.city_admin", "130500")
    with world.session() as session:  # he has lost the last post he had
        posts.end(session, held(street, name)[0].id, world.now, None)
    title, _, task = case(street)
    one, admin = far(name), keeper(street, "security")
    one.go("/inbox/")
    one.sees("待办")
    for box in ("todo", "claim", "mine", "done", "copies", "drafts"):
        assert status(one, f"/inbox/?box={box}") == 200, box
    assert waits(one) == set()
    assert (status(one, street.applications), status(one, f"/inbox/tasks/{task}")) == (403, 404)
    give(admin, world.people[name], f"{world.system}.city_admin", CITY)
    one.page.reload()
    one.page.get_by_text(title).first.wait_for()
    assert task in waits(one)
    assert (status(one, street.applications), status(one, f"/inbox/tasks/{task}")) == (200, 200)


def test_a_post_that_ends_while_its_task_is_open_decides_nothing_and_loses_nothing(
    street: Street, far: Any
) -> None:
    world, name = street.house.world, reviewer(street)
    _, instance, task = case(street)
    one, admin = far(name), keeper(street, "security")
    one.go(f"/inbox/tasks/{task}")
    one.press("签收")
    one.sees("已签收")
    one.page.fill("#comment", TYPED)
    end(admin, world.people[name], "市级管理员")
    one.press("通过")
    lost(one, "不再由您办理")
    assert world.open_elements(instance) == ["city_review"]
    one.go("/inbox/")
    expect(one.page.get_by_text(instance)).to_have_count(0)
    assert waits(one) == set()
    told = [status(one, path) for path in (street.applications, f"/api/v1/tasks/{task}", "/api/v1/me")]
    assert told == [403, 404, 200]
    world.work()  # and the claim is the office's again
    with world.session() as session:
        last = history.of(session, instance)[-1]
        assert (last.kind, last.body["reason"]) == ("unclaimed", "lapsed")
        view = tasks.get(session, task, world.acting("市级二"), world.now)
        assert view.can_work


def test_who_still_sees_the_case_by_another_right_reads_why_he_cannot_decide(
    street: Street, far: Any
) -> None:
    world, name = street.house.world, reviewer(street)
    applicant, instance, _ = case(street)
    world.decide(
        instance, "city_review", "reject", name, comment="请补正"
    )  # what he has worked on he may read
    world.work()
    world.decide(instance, "correct", "submit", applicant, world.scan(applicant, instance))
    world.work()
    one, admin = far(name), keeper(street, "security")
    one.go(f"/inbox/tasks/{world.open_task(instance, 'city_review')}")
    one.page.fill("#comment", TYPED)
    end(admin, world.people[name], "市级管理员")
    one.press("通过")
    lost(one, "不再由您办理")
    assert world.open_elements(instance) == ["city_review"]


def test_a_post_that_is_held_elsewhere_shows_what_waits_there(street: Street, far: Any) -> None:
    world, name = street.house.world, reviewer(street)
    _, _, here = case(street)
    one, admin = far(name), keeper(street, "security")
    assert here in waits(one)
    role = f"{world.system}.city_admin"
    give(admin, world.people[name], role, NEXT_CITY)
    admin.go(f"/admin/people/{world.people[name]}")
    row = admin.page.locator("tr", has_text="邯郸市").filter(has=admin.page.locator("details"))
    row.locator("summary").click()
    row.get_by_role("button", name="确认结束").click()
    admin.sees("岗位已结束")
    assert here not in waits(one)
    assert status(one, f"/inbox/tasks/{here}") == 404


def test_a_post_for_another_subject_shows_its_tasks_alone_and_is_called_by_its_name(
    street: Street, far: Any
) -> None:
    world = street.house.world
    role = f"{world.system}.district_admin"
    name = street.house.settle(role, "130402", world.project)
    _, _, task = case(street)
    with world.session() as session, transaction(session):
        mine = {"role": role, "place": DISTRICT, "subject": world.project}
        session.execute(update(Task).where(Task.id == task).values(**mine))
        other = Project(name="另一集市", year=2027)
        session.add(other)
        session.flush()
        another = other.id
    one, admin = far(name), keeper(street, "security")
    assert task in waits(one)
    give(admin, world.people[name], role, DISTRICT, another)
    end(admin, world.people[name], "2026 年青少年机器人集市")
    admin.sees("2026 年青少年机器人集市", "2027 年另一集市")
    assert task not in waits(one)
    assert status(one, f"/inbox/tasks/{task}") == 404
    with world.session() as session, transaction(session):  # no later test meets what nobody can name
        session.execute(update(Task).where(Task.id == task).values(subject=None))


def test_an_account_that_is_shut_is_out_with_the_next_request(street: Street, far: Any) -> None:
    world, name = street.house.world, reviewer(street)
    _, _, task = case(street)
    one, admin = far(name), keeper(street, "system")
    one.go(f"/inbox/tasks/{task}")
    one.page.fill("#comment", TYPED)
    admin.go(f"/admin/people/{world.people[name]}")
    admin.page.locator("details", has_text="禁用账号").locator("summary").click()
    admin.page.locator("details[open]").get_by_role("button", name="禁用账号").click()
    admin.sees("已禁用")
    one.press("通过")
    one.page.wait_for_url(re.compile("/login"))
    one.sees("登录已失效")
    assert status(one, "/api/v1/me") == 401


@pytest.mark.parametrize("how", ["permission", "off"])
def test_a_made_role_that_loses_a_permission_or_is_switched_off_opens_nothing(
    street: Street, far: Any, how: str
) -> None:
    world = street.house.world
    with world.session() as session:
        draft = making_roles.Draft(
            f"clerk_{how}", Words("集市档案员", "Clerk"), permissions=frozenset({"f.application.review"})
        )
        role = making_roles.make(session, draft, world.acting("安全管"), world.now)
        settings.catch_up(session)
    one, admin = far(street.house.settle(role)), keeper(street, "security")
    assert status(one, street.applications) == 200
    admin.go(f"/admin/roles/{role}")
    if how == "permission":
        admin.page.uncheck("input[name=permissions][value='f.application.review']")
        admin.press("保存")
        admin.sees("角色已保存，立即生效")
    else:
        admin.press("停用")
        admin.sees("角色已停用")
    one.go(street.applications)
    one.sees("没有权限")
    assert status(one, "/inbox/") == 200


def issued(street: Street, by: str = "安全管") -> tuple[str, str]:
    """A batch of one code for a district, and the code."""
    world = street.house.world
    with world.session() as session:
        until = world.now + timedelta(days=30)
        wanted = permission_codes.Issue(roles.REGIONAL.key, DISTRICT, None, 1, until)
        batch = permission_codes.issue(session, wanted, world.acting(by), world.now)
        ((_, code),) = permission_codes.shown(session, batch, world.acting(by), world.now)
    return batch, code


def test_a_code_that_is_revoked_gives_nothing_and_whoever_revokes_too_late_reads_why(
    street: Street, far: Any
) -> None:
    name, (batch, code) = street.house.settle(), issued(street)
    one, admin = far(name), keeper(street, "security")
    late = keeper(street, "security")
    one.go("/account/code")
    one.page.fill("#code", code)
    for page in (admin, late):
        page.go(f"/admin/codes/{batch}")
    admin.press("撤销全部未使用的")
    admin.sees("已撤销 1 个权限码")
    late.press("撤销全部未使用的")
    late.sees("没有可以撤销的权限码")
    judge(late)
    one.press("绑定")
    one.sees("权限码无效")
    expect(one.page.locator("#code")).to_have_value(code)
    assert status(one, "/admin/") == 403


def test_a_batch_whose_day_is_over_is_extended_and_redeemed(street: Street, far: Any) -> None:
    world, name, (batch, code) = street.house.world, street.house.settle(), issued(street)
    with world.session() as session, transaction(session):
        over = {"until_at": world.now - timedelta(days=1)}
        session.execute(update(CodeBatch).where(CodeBatch.id == batch).values(over))
    one, admin = far(name), keeper(street, "security")
    one.go("/account/code")
    one.page.fill("#code", code)
    one.press("绑定")
    one.sees("权限码无效")
    admin.go(f"/admin/codes/{batch}")
    judge(admin)
    admin.press("延长有效期")
    admin.sees("请填写正确的日期")
    judge(admin)
    admin.page.fill("#redeem_until", world.now.date().replace(year=2020).isoformat())
    admin.press("延长有效期")
    admin.sees("结束时间须晚于开始时间和现在")
    expect(admin.page.locator("#redeem_until")).to_have_value(re.compile("2020"))
    admin.page.fill("#redeem_until", (world.now + timedelta(days=9)).date().isoformat())
    admin.press("延长有效期")
    admin.sees("有效期已延长")
    one.press("绑定")
    one.sees("权限码已绑定")
    assert status(one, "/admin/") == 200


def test_a_region_that_moves_takes_its_people_out_of_the_old_keepers_sight(street: Street, far: Any) -> None:
    world = street.house.world
    world.enter("市域管", roles.REGIONAL.key, "130400")
    street.house.account("市域管", "region_keeper")
    name = street.house.settle(roles.REGIONAL.key, "130402")
    with world.session() as session:
        code = local_regions.add(session, DISTRICT, "GAOXIN", "高新区", world.acting("市域管"), world.now)
        place = regions.path_of(session, code)
    held_there = street.house.settle(roles.REGIONAL.key, code)
    one, admin = far(name), keeper(street, "region")
    path = f"/admin/people/{world.people[held_there]}"
    assert status(one, path) == 200
    admin.go(f"/admin/regions/{code}/move")
    admin.page.fill("#place-to-search", "130403")
    admin.page.get_by_label("丛台区").check()
    admin.press("预览")
    admin.press("确认移动")
    admin.sees("高新区")
    assert status(one, path) == 404
    assert [one.place for one in held(street, held_there)] == [SIBLING + place.removeprefix(DISTRICT)]


def codes_form(one: Person) -> None:
    """Fill the form of a batch in, and stay before it."""
    one.go("/admin/codes/new")
    one.page.select_option("#role", roles.REGIONAL.key)
    one.page.fill("#place-post_place-search", "邯山")
    one.page.get_by_label("邯山区").check()
    one.page.fill("#note", TYPED)


def test_who_administers_no_more_gives_nothing_by_a_form_he_has_open(street: Street, far: Any) -> None:
    world, name = street.house.world, street.house.settle(roles.REGIONAL.key, "130400")
    one, admin = far(name), keeper(street, "security")
    codes_form(one)
    end(admin, world.people[name], "区域管理员")
    one.press("生成权限码")
    lost(one, "没有权限")
    with world.session() as session:
        mine = select(CodeBatch.id).where(CodeBatch.issued_by_id == world.people[name])
        assert session.scalar(mine) is None


def test_two_who_end_one_post_the_second_reads_who_and_when(street: Street, far: Any) -> None:
    world, name = street.house.world, reviewer(street)
    world.enter("安全管二", roles.SECURITY.key)
    if "安全管二" not in street.house.usernames:
        street.house.account("安全管二", "security_second")
    one, two = far("安全管二"), keeper(street, "security")
    for page in (one, two):
        page.go(f"/admin/people/{world.people[name]}")
        page.page.locator("details", has_text="确认结束").locator("summary").click()
    one.press("确认结束")
    one.sees("岗位已结束")
    two.press("确认结束")
    two.sees("该岗位已由安全管二结束")
    judge(two)


def test_a_second_factor_that_is_newly_demanded_comes_first_and_keeps_what_was_typed(
    street: Street, far: Any
) -> None:
    world, name = street.house.world, street.house.settle(roles.REGIONAL.key, "130400")
    one, admin = far(name), keeper(street, "system")
    codes_form(one)
    admin.go("/admin/settings")
    with world.session() as session:
        settings.change(session, proof.SETTING, True, world.acting("系统管"), world.now)
    try:
        one.press("生成权限码")
        one.page.wait_for_url(re.compile("/account/factor"))
        one.sees("您填写的内容已保留")
        one.press("开始设置")
        with world.session() as session:
            digits = shown(session, world.people[name], world.now)
        one.page.fill("#first-code", digits)
        one.page.locator(".factor-first button[type=submit]").click()
        one.follow("已妥善保存，继续办理")
        one.page.wait_for_url(re.compile("/admin/codes/new"))
        one.sees("重新提交")
        one.press("重新提交")
        one.sees("已生成 10 个权限码")
        one.sees(TYPED)
        assert status(admin, "/api/v1/me") == 403  # the administrator himself is asked, too
    finally:
        with world.session() as session:
            settings.change(session, proof.SETTING, None, world.acting("系统管"), world.now)
