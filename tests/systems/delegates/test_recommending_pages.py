"""The pages of recommendation and of one's own form: quota, dialog, row verbs (PG-D3, PG-D4, PG-D14)."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import passwords
from app.platform.identity.entities import Account
from app.systems.delegates import rules
from app.systems.delegates.entities import Candidate, Invitation
from tests.browser import DESKTOP, PHONE, complaints_of_axe
from tests.browser.live import Street
from tests.pages import House
from tests.rooms.conftest import PASSWORD, Browser
from tests.rooms.inbox.conftest import fields_of
from tests.systems.delegates import town
from tests.systems.delegates.filling import filled, first_review, id_number, next_phone, recommend, submit
from tests.systems.delegates.test_scenes import faults
from tests.systems.delegates.world import CONGRESS, LIAISON_ONE, USERNAMES, World


@pytest.fixture(scope="module")
def world(whole_house: House) -> World:
    found = town.know(whole_house)
    found.allot_seats(
        found.unit, {"member": rules.Allotment(1, {"women": 1}), "delegate": rules.Allotment(30)}
    )
    return found


@pytest.fixture
def liaison(whole_house: House, world: World) -> Browser:
    return whole_house.visit(LIAISON_ONE)


def dialog(world: World, unit: str = "", congress: str = "") -> str:
    with world.session() as session:
        found = session.scalars(
            select(Invitation.id).where(
                Invitation.congress_id == (congress or world.congress),
                Invitation.unit_id == (unit or world.unit),
            )
        ).one()
    return f"/delegates/invitations/{found}/recommend"


def text(page: str) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", page)


def visit_as(house: House, world: World, name: str, username: str) -> Browser:
    """Sign a candidate in by password: his own way in is the text message."""
    with world.session() as session, transaction(session):
        account = session.get_one(Account, world.people[name])
        account.username, account.password_hash, account.is_demo = username, passwords.hashed(PASSWORD), True
    house.usernames[name] = username
    return house.visit(name)


def test_the_latest_congress_is_chosen_and_its_quota_shown(liaison: Browser, world: World) -> None:
    """D-06, D-07, PG-D3: the note in its own words, 1位, 不少于1位."""
    answer = liaison.get("/delegates/recommended")
    assert answer.status_code == 302
    liaison.get(answer.location)
    shown = text(liaison.page)
    assert CONGRESS in shown
    assert "分配名额：委员会占用代表名额，代表不会占用委员名额" in shown
    for expected in ("委员候选人名额", "代表名额", "特邀代表", "工作人员", "1位", "不少于1位", "不少于0位"):
        assert expected in shown
    assert 'class="btn btn-primary" href="/delegates/invitations/' in liaison.page


def test_without_a_quota_adding_is_disabled(liaison: Browser, world: World) -> None:
    """D-48."""
    congress = world.hold_congress("没有名额的大会", published_at=world.now.replace(year=2025))
    world.invite(world.unit, {}, congress=congress)
    liaison.get(f"/delegates/recommended?congress={congress}")
    assert "尚未分配名额" in text(liaison.page)
    assert "/recommend" not in liaison.page.split("<main")[1].replace("/recommended", "")
    url = dialog(world, congress=congress)
    liaison.get(url)
    answer = liaison.post(url, {"name": "李海", "phone": next_phone(), "identity-0": "delegate"})
    assert answer.status_code == 422
    assert "尚未分配名额" in text(liaison.page)


def test_what_was_typed_is_kept_with_each_line_s_error(liaison: Browser, world: World) -> None:
    """D-08…D-10: wrong phone, both identities; nothing is stored."""
    url = dialog(world)
    liaison.get(url)
    answer = liaison.post(
        url,
        {
            "name": ["", "李海", "王倩"],
            "phone": ["", "123", next_phone()],
            "identity-1": ["member", "delegate"],
            "identity-2": ["guest"],
        },
    )
    assert answer.status_code == 422
    shown = text(liaison.page)
    for expected in (
        "第2行：请填写11位手机号码",
        "第2行：候选人同时为代表、委员的，身份仅勾选“委员”即可",
        "参会嘉宾名额已超出上限，最多0位",
    ):
        assert expected in shown
    assert 'value="李海"' in liaison.page
    assert 'value="123"' in liaison.page
    ticked = re.findall(r'name="identity-(\d)" value="(\w+)" checked', liaison.page)
    assert ticked == [("1", "member"), ("1", "delegate"), ("2", "guest")]
    with world.session() as session:
        assert session.scalars(select(Candidate).where(Candidate.name == "王倩")).all() == []


def test_more_lines_are_added_without_scripts_and_allotted_together(liaison: Browser, world: World) -> None:
    """D-08, D-16; a number recommended before is refused in its words."""
    url, phone = dialog(world), next_phone()
    liaison.get(url)
    liaison.post(
        url, {"name": ["钱一", "", ""], "phone": [phone, "", ""], "identity-0": "delegate", "more": "1"}
    )
    assert liaison.page.count('name="phone"') == 6
    assert 'value="钱一"' in liaison.page
    answer = liaison.post(
        url,
        {
            "name": ["钱一", "", "钱二"],
            "phone": [phone, "", next_phone()],
            "identity-0": "delegate",
            "identity-2": "delegate",
        },
    )
    assert answer.status_code == 303
    liaison.get(answer.location)
    assert {"钱一", "钱二"} <= set(text(liaison.page).split())
    answer = liaison.post(url, {"name": "钱三", "phone": phone, "identity-0": "delegate"})
    assert answer.status_code == 422
    assert "第1行：该手机号已被推荐" in text(liaison.page)


def test_the_list_is_narrowed_by_identity_and_name(liaison: Browser, world: World) -> None:
    """D-06; masked where the phone is shown (D-47)."""
    recommend(world, "周列表", "member", phone="13877776666")
    recommend(world, "吴列表")
    here = f"/delegates/recommended?congress={world.congress}"
    liaison.get(f"{here}&identity=member&name=列表")
    assert "周列表" in liaison.page
    assert "吴列表" not in liaison.page
    liaison.post("/delegates/lists/recommended/columns", {"column": ["name", "phone"], "back": "/"})
    liaison.get(f"{here}&name=周列表")
    assert "138****6666" in liaison.page
    assert "13877776666" not in liaison.page
    liaison.post("/delegates/lists/recommended/columns", {"reset": "1", "back": "/"})


def test_a_row_is_disabled_enabled_and_removed(whole_house: House, liaison: Browser, world: World) -> None:
    """D-14, D-15: a disabled account cannot sign in, an enabled one can; a removed row is gone."""
    recommend(world, "郑开关")
    visit_as(whole_house, world, "郑开关", "zhengkaiguan")
    here = f"/delegates/candidates/{world.candidate('郑开关').id}"
    liaison.get("/account/password")
    assert liaison.post(f"{here}/disable").status_code == 303
    assert whole_house.browser().sign_in("zhengkaiguan").status_code != 303
    assert liaison.post(f"{here}/enable").status_code == 303
    assert whole_house.browser().sign_in("zhengkaiguan").status_code == 303
    assert liaison.post(f"{here}/remove").status_code == 303
    liaison.get(f"/delegates/recommended?congress={world.congress}&name=郑开关")
    assert "没有符合条件的记录" in liaison.page


def test_the_person_fills_in_his_form_and_reads_the_opinions(whole_house: House, world: World) -> None:
    """PG-D14, D-17, D-24: the wrong check digit, no education and a photo that is none are refused in words."""
    instance = recommend(world, "许登记")
    person = visit_as(whole_house, world, "许登记", "xudengji")
    person.get("/delegates/mine")
    assert CONGRESS in person.page
    assert "待填写" in person.page
    url = whole_house.task(instance, "fill")
    assert url in person.page
    person.get(url)
    sent = {
        **fields_of(person.page),
        **filled(id_number=["130402198001026110"], education=[]),
        "outcome": "submit",
    }
    answer = person.post(url, {**sent, "photo.file": (io.BytesIO(b"no picture"), "照片.jpg")})
    assert answer.status_code == 422
    shown = text(person.page)
    assert "证件号" in shown
    assert "请至少勾选全日制教育、在职教育中的一项" in shown
    assert "照片" in re.search(r'id="error-summary".*?</div>', person.page, re.S)[0]  # type: ignore[index]
    assert 'value="演示大学副校长"' in person.page  # what was typed is kept
    submit(world, instance, "许登记")
    first_review(world, instance, "reject")
    person.get("/delegates/mine")
    shown = text(person.page)
    for expected in ("初审审核不通过", "驳回", "请补充学历信息", "修改登记表"):
        assert expected in shown
    assert "填写登记表" not in text(person.page.split("<main")[1])


def test_one_s_own_form_is_read_in_full_whoever_has_filled_it_in(whole_house: House, world: World) -> None:
    """D-47, C-38: nobody else's opens."""
    instance, other = recommend(world, "许自己"), recommend(world, "许别人")
    submit(world, instance, "许自己", by=LIAISON_ONE)
    person = visit_as(whole_house, world, "许自己", "xuziji")
    person.get("/delegates/mine")
    address = f"/delegates/mine/{world.candidate('许自己').id}"
    assert address in person.page
    person.get(address)
    assert id_number() in person.page
    assert world.candidate("许自己").phone in person.page
    assert person.get(f"/delegates/mine/{world.candidate('许别人').id}").status_code == 404
    assert other != instance


def test_the_first_of_the_lines_that_were_added_has_the_focus(liaison: Browser, world: World) -> None:
    url = dialog(world)
    liaison.get(url)
    assert "autofocus" not in liaison.page
    liaison.post(url, {"name": ["李海", "", ""], "phone": ["", "", ""], "more": "1"})
    assert re.findall(r'id="([^"]+)"[^>]* autofocus', liaison.page) == ["name-3"]


def test_wrong_lines_are_marked_at_their_fields(liaison: Browser, world: World) -> None:
    """C-17."""
    url = dialog(world)
    liaison.get(url)
    liaison.post(url, {"name": ["李海"], "phone": ["123"]})
    marked = r'class="form-control is-invalid" id="phone-0"[^>]* aria-invalid="true" aria-describedby="phone-0-error"'
    assert re.search(marked, liaison.page)


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_what_is_asked_before_removing_moves_no_button(
    walkers: Street, world: World, size: dict[str, int], scripts: bool
) -> None:
    recommend(world, f"冯不{'动' if scripts else '移'}{'桌' if size == DESKTOP else '机'}")
    person = walkers.person(USERNAMES[LIAISON_ONE], scripts=scripts)
    person.page.set_viewport_size(size)
    person.go(f"/delegates/recommended?congress={world.congress}")
    offers = person.page.locator("tbody .offers").filter(has=person.page.locator("summary")).last
    offers.scroll_into_view_if_needed()
    buttons = offers.locator(":scope > a, :scope > .confirm > summary")
    before = [one.bounding_box() for one in buttons.all()]
    offers.get_by_text("注销").first.click()
    assert offers.get_by_role("button", name="确认注销").is_visible()
    assert [one.bounding_box() for one in buttons.all()] == before
    assert len({round(one["y"]) for one in before if one}) == 1
    offers.locator("details[open]").get_by_text("取消").click()
    expect(person.page.get_by_role("button", name="确认注销")).to_have_count(0)


@pytest.mark.browser
def test_every_page_suits_everybody_at_every_width(walkers: Street, world: World) -> None:
    instance = recommend(world, "冯景页")
    visit_as(walkers.house, world, "冯景页", "fengjingye")
    here = f"?congress={world.congress}"
    found = []
    person = walkers.person(USERNAMES[LIAISON_ONE])
    for path in (f"/delegates/election{here}", f"/delegates/recommended{here}", dialog(world)):
        found += faults(person, path)
    person.press("分配")
    person.page.locator("#error-summary").wait_for()
    found += [str(one) for one in complaints_of_axe(person.page)]
    own = walkers.person("fengjingye")
    mine = f"/delegates/mine/{world.candidate('冯景页').id}"
    for path in ("/delegates/mine", mine, walkers.house.task(instance, "fill")):
        found += faults(own, path)
    found += faults(person, f"/delegates/recommended{here}&lang=en")
    assert found == []
