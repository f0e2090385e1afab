"""The way of a delegate through the browsers of three people; two who take the last seat (PR-D2, PR-D3)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import passwords
from app.platform.identity.entities import Account
from app.systems.delegates import rules
from app.systems.delegates.entities import Candidate
from tests.browser import complaints_of_axe
from tests.browser.live import Person, Street
from tests.pages import House
from tests.rooms.conftest import PASSWORD
from tests.systems.delegates import filling, slating, town
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, USERNAMES, World

pytestmark = pytest.mark.browser
NAME, OTHER = "温其玉", "尹后到"
OPENS = {"education": "full_time_school", "occupation": "occupation_kind_1"}
"""What shows once a field is answered."""


def is_sound(person: Person) -> None:
    assert complaints_of_axe(person.page) == []


def complained(person: Person) -> Locator:
    return person.page.locator("#error-summary")


def let_in(world: World, name: str, username: str) -> str:
    """Give whoever was recommended a password; the way in by text message is walked in test_ways_in.py."""
    with world.session() as session, transaction(session):
        world.people[name] = world.candidate(name).person_id
        account = session.get_one(Account, world.people[name])
        account.username, account.password_hash, account.is_demo = username, passwords.hashed(PASSWORD), True
    return username


def portrait() -> dict[str, object]:
    out = io.BytesIO()
    Image.new("RGB", (300, 400), (70, 110, 160)).save(out, "JPEG")
    return {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def open_tab(person: Person, title: str) -> None:
    person.page.get_by_role("tab", name=title).click()


def fill_in(person: Person, values: Mapping[str, Sequence[str]]) -> None:
    """Answer what shows in each tab, in the order given."""
    page, tabs = person.page, person.page.locator("[data-form-tabs] [role=tab]")
    expect(tabs).to_have_count(3)  # links until their script has come
    for tab in tabs.all():
        tab.click()
        for name, (given, *_) in values.items():
            if page.locator(f"#f-{name}-province").filter(visible=True).count():
                person.choose_region(name, f"{given[:2]}0000", f"{given[:4]}00", given)
            elif page.locator(f"[name={name}]").filter(visible=True).count():
                person.fill({name: given})
                if name in OPENS:
                    page.locator(f"#f-{OPENS[name]}").wait_for()


def write_row(person: Person, place: int, name: str, phone: str, *identities: str) -> None:
    person.page.fill(f"#name-{place}", name)
    person.page.fill(f"#phone-{place}", phone)
    for identity in identities:
        person.page.check(f"#identities-{place}-{identity}")


def written(person: Person, place: int) -> tuple[str, str, list[str]]:
    """What stands in a line of the dialog."""
    ticked = person.page.locator(f"[name=identity-{place}]:checked").all()
    return (
        person.page.input_value(f"#name-{place}"),
        person.page.input_value(f"#phone-{place}"),
        [one.get_attribute("value") or "" for one in ticked],
    )


def names(world: World) -> list[str]:
    """Whom the first unit has recommended."""
    with world.session() as session:
        rows = session.scalars(select(Candidate.name).where(Candidate.unit_id == world.unit))
        return sorted(rows)


def row(person: Person, listing: str, name: str = NAME) -> Locator:
    """The line of somebody in a list, found sound."""
    person.go(f"/delegates/{listing}")
    found = person.page.locator("tbody tr", has_text=name)
    found.wait_for()
    is_sound(person)
    return found


def decide(person: Person, listing: str, outcome: str, opinion: str) -> None:
    row(person, listing).get_by_role("link", name="审批").click()
    person.page.fill("#comment", opinion)
    is_sound(person)
    person.press(outcome)
    person.sees("已办理：")


def revoke(person: Person, listing: str) -> None:
    """撤销, and again where it is asked."""
    found = row(person, listing)
    found.locator("summary", has_text="撤销").click()
    found.get_by_role("button", name="确认撤销").click()
    person.sees("已撤销，该人员回到初审待审核。")


def recommend(liaison: Person, world: World, dialog: str) -> None:
    """D-08…D-10: one line is wrong, so nobody is stored and nothing typed is lost."""
    liaison.go(dialog)
    is_sound(liaison)
    write_row(liaison, 0, NAME, "13811110001", "delegate")
    write_row(liaison, 1, "季同行", "13811110002", "member", "delegate")
    liaison.press("分配")
    words = "候选人同时为代表、委员的，身份仅勾选“委员”即可"
    expect(complained(liaison).locator("li")).to_have_text([f"第2行：{words}"])
    expect(liaison.page.locator("#identities-1-error")).to_have_text(words)
    assert written(liaison, 0) == (NAME, "13811110001", ["delegate"])
    assert written(liaison, 1) == ("季同行", "13811110002", ["member", "delegate"])
    assert names(world) == []
    is_sound(liaison)
    liaison.page.fill("#name-1", "")
    liaison.page.fill("#phone-1", "")
    for identity in ("member", "delegate"):
        liaison.page.uncheck(f"#identities-1-{identity}")
    liaison.press("分配")
    liaison.sees("已推荐 1 人，并已短信通知。")
    liaison.page.locator("tbody tr", has_text=NAME).wait_for()
    is_sound(liaison)


def register(person: Person) -> None:
    """D-17, D-18: three tabs and a photo; what is missing is named, and stays in its tab."""
    person.go("/delegates/mine")
    person.sees("待填写")
    is_sound(person)
    person.follow("填写登记表")
    values = filling.filled()
    fill_in(person, {name: given for name, given in values.items() if name != "history"})
    person.press("提交")
    expect(complained(person).locator("li")).to_have_count(2)
    for label in ("【照片】", "【主要学习工作经历】"):
        expect(complained(person)).to_contain_text(label)
    open_tab(person, "基本信息（一）")
    assert person.page.input_value("#f-full_time_school") == "演示大学"
    is_sound(person)
    person.page.set_input_files("#f-photo", portrait())
    open_tab(person, "基本信息（二）")
    assert person.page.input_value("#f-employer") == "演示大学副校长"
    is_sound(person)
    open_tab(person, "基本信息（三）")
    person.page.fill("#f-history", values["history"][0])
    is_sound(person)
    person.press("提交")
    person.page.wait_for_url(lambda address: "/inbox/tasks/" not in address)
    person.go("/delegates/mine")
    person.sees("初审待审核")


def report(liaison: Person, world: World) -> None:
    """D-26, D-27, D-30…D-34: red is refused by name; corrected in a new review, all is green and goes out."""
    waiting = f"waiting?congress={world.congress}"
    row(liaison, waiting)
    liaison.page.locator(".card-header").get_by_role("link", name="全部上报").click()
    liaison.page.fill("#letter", "经单位会议推选。")
    liaison.press("全部上报")
    words = "代表：女性工作者不少于1位，当前0位，不允许上报"
    expect(complained(liaison).locator("li")).to_have_text([words])
    assert liaison.page.input_value("#letter") == "经单位会议推选。"
    is_sound(liaison)

    revoke(liaison, waiting)
    row(liaison, "lists/first_review").get_by_role("link", name="审批").click()
    fill_in(liaison, {"id_number": [filling.id_number(serial=612)], "gender": ["female"]})
    liaison.page.fill("#comment", "已更正性别")
    liaison.press("通过")
    liaison.sees("已办理：")

    row(liaison, waiting)
    liaison.page.locator(".card-header").get_by_role("link", name="全部上报").click()
    expect(liaison.page.get_by_text("以下指标不符合，不能上报：")).to_have_count(0)
    is_sound(liaison)
    liaison.page.fill("#letter", "经单位会议推选。")
    liaison.press("全部上报")
    liaison.sees("已上报 1 人，上报单编号")
    is_sound(liaison)
    gone = row(liaison, "lists/reported")
    expect(gone).to_contain_text("初审通过已上报/终审待审核")
    expect(gone.get_by_text("撤销")).to_have_count(0)


def test_a_delegate_is_recommended_reviewed_reported_failed_corrected_and_passed(
    walkers: Street, live: tuple[House, str]
) -> None:
    """D-08…D-10, D-17, D-18, D-20, D-21, D-23…D-28, D-30, D-31, D-33, D-34, D-36, D-38, D-39."""
    world = town.know(live[0])
    world.allot_seats(
        world.unit, {"delegate": rules.Allotment(1, {"women": 1}), "member": rules.Allotment(0)}
    )
    liaison = walkers.person(USERNAMES[LIAISON_ONE])
    recommend(liaison, world, f"/delegates/invitations/{slating.invitation_of(world)}/recommend")
    person = walkers.person(let_in(world, NAME, "wenqiyu"))
    register(person)

    decide(liaison, "lists/first_review", "驳回", "请核对性别")
    person.go("/delegates/mine")
    person.sees("初审审核不通过", "请核对性别")
    is_sound(person)
    revoke(liaison, "lists/rejected")
    decide(liaison, "lists/first_review", "通过", "同意")
    report(liaison, world)

    convener = walkers.person(USERNAMES[CONVENING])
    decide(convener, "lists/final_review", "不通过", "工作单位与职务不符")
    failed = row(liaison, "lists/reported")
    expect(failed).to_contain_text("终审审核不通过")
    failed.get_by_role("link", name="编辑").click()
    fill_in(liaison, {"employer": ["演示大学校长"]})
    is_sound(liaison)
    liaison.press("重新提交")
    liaison.sees("已办理：")
    expect(row(liaison, "lists/reported")).to_contain_text("初审通过已上报/终审待审核")
    decide(convener, "lists/final_review", "通过", "材料齐全，同意")

    row(liaison, "lists/reported").get_by_role("link", name="详情").click()
    state = liaison.page.locator("section", has=liaison.page.locator("#state-title"))
    expect(state.locator(".card-header")).to_contain_text("终审审核通过")
    facts = state.locator("dl").inner_text().split()
    told = dict(zip(facts[::2], facts[1::2], strict=True))
    assert (told["审批类型"], told["审批结果"], told["意见"]) == ("终审", "通过", "材料齐全，同意")
    open_tab(liaison, "基本信息（二）")
    liaison.sees("演示大学校长")
    is_sound(liaison)


def test_two_take_the_last_seat_and_one_reads_why(walkers: Street, live: tuple[House, str]) -> None:
    """D-09: whoever is later keeps what was typed."""
    world = town.know(live[0])
    world.allot_seats(world.unit, {"guest": rules.Allotment(1)})
    first, second = (walkers.person(USERNAMES[LIAISON_ONE]) for _ in range(2))
    for person, name, phone in ((first, "贾先到", "13811110011"), (second, OTHER, "13811110012")):
        person.go(f"/delegates/invitations/{slating.invitation_of(world)}/recommend")
        write_row(person, 0, name, phone, "guest")
    first.press("分配")
    first.sees("已推荐 1 人，并已短信通知。")
    second.press("分配")
    expect(complained(second).locator("li")).to_have_text(["参会嘉宾名额已超出上限，最多1位"])
    assert written(second, 0) == (OTHER, "13811110012", ["guest"])
    assert "贾先到" in names(world)
    assert OTHER not in names(world)
    is_sound(second)
