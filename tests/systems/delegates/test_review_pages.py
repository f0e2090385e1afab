"""The pages of review and report as liaison and convener meet them (PG-D7…PG-D11)."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.platform.audit.entities import AuditRow
from app.platform.data import transaction
from app.platform.identity import posts
from app.systems.delegates import attachments, candidates, reviewing, rules
from app.systems.delegates.entities import Congress
from app.systems.delegates.roles import LIAISON
from tests.pages import House, picture
from tests.rooms.conftest import Browser
from tests.systems.delegates import filling, slating, town
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, LIAISON_TWO, World


@pytest.fixture
def house(whole_house: House) -> House:
    town.know(whole_house)
    world = world_of(whole_house)
    world.allot_seats(world.unit, {"delegate": rules.Allotment(99)})
    return whole_house


@pytest.fixture
def liaison(house: House) -> Browser:
    browser = house.visit(LIAISON_ONE)
    browser.get("/account")
    return browser


def world_of(house: House) -> World:
    assert isinstance(house.world, World)
    return house.world


def waits(house: House, gender: str = "男") -> str:
    (candidate,) = slating.waiting(world_of(house), [f"代表/是/50/汉族/群众/{gender}"])
    return candidate


def invitation(browser: Browser, house: House) -> str:
    browser.get(f"/delegates/waiting?congress={house.world.congress}")
    found = re.search(r'href="(/delegates/invitations/\w+/report)"', browser.page)
    assert found
    return found[1]


def test_the_congress_is_chosen_for_whoever_names_none(house: House, liaison: Browser) -> None:
    """PG-D8, D-19."""
    answer = liaison.get("/delegates/waiting")
    assert (answer.status_code, answer.location) == (
        302,
        f"/delegates/waiting?congress={world_of(house).congress}",
    )


def test_indicators_stand_above_the_list_in_words_and_signs(house: House, liaison: Browser) -> None:
    """D-30, PG-D8: submitted(allotted), a word beside the colour, and 不少于0位 is green (2.8 answer 2)."""
    waits(house)
    world_of(house).allot_seats(world_of(house).unit, {"delegate": rules.Allotment(99, {"women": 3})})
    liaison.get(f"/delegates/waiting?congress={world_of(house).congress}")
    assert "只有所有指标都符合条件后才能批量进行上报" in liaison.page
    assert "邯郸市科学技术协会为您分配名额" in liaison.page
    assert re.search(r"\d+\(99\)</span> <span class=\"state is-bad\">✕ 不符合", liaison.page)
    assert re.search(r"0\(3\)</span> <span class=\"state is-bad\">✕ 不符合", liaison.page)
    assert re.search(r"\d+\(0\)</span> <span class=\"state is-ok\">✓ 符合", liaison.page)


def test_a_red_slate_is_refused_in_the_written_words(house: House, liaison: Browser) -> None:
    """D-31: each failing figure by name, the letter kept."""
    waits(house)
    world_of(house).allot_seats(world_of(house).unit, {"delegate": rules.Allotment(99, {"women": 77})})
    page = invitation(liaison, house)
    liaison.get(page)
    answer = liaison.post(page, {"letter": "推选已公示"})
    assert answer.status_code == 422
    assert re.search(r"代表：女性工作者不少于77位，当前\d+位，不允许上报", liaison.page)
    assert re.search(r"代表名额应为99位，当前\d+位，不允许上报", liaison.page)
    assert "推选已公示</textarea>" in liaison.page


def test_a_green_slate_is_reported_and_shown_to_the_congress(house: House, liaison: Browser) -> None:
    """D-33, D-34, D-39: number, letter and roster; another unit does not see it."""
    waits(house)
    world = world_of(house)
    seats = next(one.submitted for one in slating.figures(world).indicators if one.key == "delegate")
    world.allot_seats(world.unit, {"delegate": rules.Allotment(seats)})
    page = invitation(liaison, house)
    liaison.get(page)
    answer = liaison.post(page, {"letter": "推选已公示"})
    assert answer.status_code == 303, liaison.page
    convener = house.visit(CONVENING)
    assert convener.get(answer.location).status_code == 200
    assert "推选已公示" in convener.page
    assert house.visit(LIAISON_TWO).get(answer.location).status_code == 404
    convener.get("/delegates/lists/final_review")
    assert "批量审批" in convener.page
    assert "审批<span" in convener.page


def test_withdrawing_puts_back_to_review_once(house: House, liaison: Browser) -> None:
    """D-27, D-25: the second press reads why there is nothing left to withdraw."""
    candidate = waits(house)
    url = f"/delegates/candidates/{candidate}/withdraw"
    assert liaison.post(url).status_code == 303
    assert slating.stage_of(world_of(house), candidate) == candidates.IN_FIRST_REVIEW
    liaison.post(url)
    liaison.get("/delegates/lists/first_review")
    assert reviewing.IN_REVIEW.zh in liaison.page


def test_files_are_kept_beside_whoever_waits(house: House, liaison: Browser) -> None:
    """D-29, EN-D6: uploaded, counted in the list, taken away; what is no picture is refused in words."""
    candidate = waits(house)
    url = f"/delegates/candidates/{candidate}/files"
    assert liaison.post(url, {"file": (io.BytesIO(picture()), "推荐表.png")}).status_code == 303
    assert liaison.post(url, {"file": (io.BytesIO(b"MZ\0"), "病毒.exe")}).status_code == 422
    assert "请上传PDF或图片文件" in liaison.page
    liaison.get("/delegates/lists/waiting")
    assert "上传文件（1）" in liaison.page
    liaison.get(url)
    found = re.search(rf'action="({url}/\w+/delete)"', liaison.page)
    assert found
    assert liaison.post(found[1]).status_code == 303
    slating.withdraw(world_of(house), candidate)
    assert liaison.post(url, {"file": (io.BytesIO(picture()), "推荐表.png")}).status_code == 422
    assert attachments.NOT_WAITING.zh in liaison.page


def test_the_detail_page_says_state_and_last_review(house: House, liaison: Browser) -> None:
    """PG-D10, D-28, D-38, D-47: 当前状态, 审批类型, 审批结果, 意见, and the form in full for the unit."""
    candidate = waits(house)
    assert liaison.get(f"/delegates/candidates/{candidate}").status_code == 200
    for words in (
        "参会人员信息",
        "当前状态",
        candidates.FIRST_PASSED,
        "审批类型",
        "初审",
        "审批结果",
        "意见",
        "同意",
    ):
        assert words in liaison.page
    assert "应用数学" in liaison.page
    assert house.visit(CONVENING).get(f"/delegates/candidates/{candidate}").status_code == 404  # not reported
    assert house.visit(LIAISON_TWO).get(f"/delegates/candidates/{candidate}").status_code == 404  # D-44


def test_numbers_are_masked_where_only_the_platform_looks_on(house: House, liaison: Browser) -> None:
    """D-47, C-38: in full for unit and convening unit, whoever of them looks; for nobody else; and written down."""
    world = world_of(house)
    world.appoint("邯山联络员二", LIAISON, world.unit)
    house.account("邯山联络员二", "liaison1b")
    keeper_id = world.enter("平台管家")
    house.account("平台管家", "keeper1")
    with world.session() as session, transaction(session):
        posts.grant(session, keeper_id, "platform.administrator", "", None, world.now, None)
    instance = filling.passed(world, "柳明码")
    row, number = world.candidate("柳明码"), filling.id_number()
    address = f"/delegates/candidates/{row.id}"
    for name in (LIAISON_ONE, "邯山联络员二"):
        browser = house.visit(name)
        browser.get(address)
        assert number in browser.page, name
        assert row.phone in browser.page, name
    assert revealed(world, instance) == 1  # by the second; the first has recommended him
    filling.report(world, instance)
    convener = house.visit(CONVENING)
    convener.get(address)
    assert number in convener.page
    assert row.phone in convener.page
    keeper = house.visit("平台管家")
    for page in (f"/monitor/instances/{instance}", f"/monitor/instances/{instance}?tab=entries"):
        assert keeper.get(page).status_code == 200
        assert number[:3] + "***********" + number[-4:] in keeper.page
        assert number not in keeper.page
        assert row.phone not in keeper.page


def test_a_review_keeps_the_whole_number(house: House, liaison: Browser) -> None:
    """D-23: what is read behind a mask is not written back."""
    world = world_of(house)
    instance = filling.recommend(world, "柳全码")
    filling.submit(world, instance, "柳全码")
    filling.first_review(world, instance, email=["other@example.org"])
    row = world.candidate("柳全码")
    assert (row.facts["id_number"], row.facts["email"]) == (filling.id_number(), "other@example.org")
    assert "*" not in row.phone


def revealed(world: World, instance: str) -> int:
    with world.session() as session:
        rows = select(AuditRow.seq).where(
            AuditRow.kind == "fields.revealed", AuditRow.about == f"instance:{instance}"
        )
        return len(session.scalars(rows).all())


def test_ticked_people_are_reviewed_together(house: House, liaison: Browser) -> None:
    """D-22: one result and one opinion for all that are ticked; those who are not wait on."""
    world = world_of(house)
    people = [("柳青", True), ("柳明", True), ("柳远", False)]
    chains = {}
    for name, _ in people:
        chains[name] = filling.recommend(world, name)
        filling.submit(world, chains[name], name)
    ticked = [world.candidate(name).id for name, is_ticked in people if is_ticked]
    answer = liaison.post("/inbox/together/of/delegates/first_review", {"row": ticked})
    assert answer.status_code in (200, 303), liaison.page
    if answer.status_code == 303:
        liaison.get(answer.location)
    assert 'name="id_number"' not in liaison.page  # a person's data are nobody else's
    fields = dict(re.findall(r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', liaison.page))
    sent = {**fields, "task": re.findall(r'name="task" value="([^"]+)"', liaison.page)}
    sent |= {"outcome": "pass", "comment": "同意"}
    done = liaison.post(_action(liaison), sent)
    assert done.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", liaison.page)[:1500]
    assert [world.stage(chains[name]) for name, _ in people] == [
        candidates.FIRST_PASSED,
        candidates.FIRST_PASSED,
        candidates.IN_FIRST_REVIEW,
    ]


def _action(browser: Browser) -> str:
    found = re.search(r'<form[^>]*action="(/inbox/together[^"]*)"', browser.page)
    return found[1] if found else "/inbox/together"


def test_the_letter_of_a_refused_report_is_there_when_the_page_is_opened_again(
    house: House, liaison: Browser
) -> None:
    """D-31: whoever puts somebody right first finds the letter as it was."""
    world = world_of(house)
    world.allot_seats(world.unit, {"guest": rules.Allotment(0), "delegate": rules.Allotment(99)})
    waits(house)
    address = invitation(liaison, house)
    liaison.get(address)
    assert liaison.post(address, {"letter": "经单位会议<推选>。"}).status_code == 422
    other = house.visit(LIAISON_ONE)
    other.get(address)
    assert "经单位会议&lt;推选&gt;。" in other.page


def test_after_the_deadline_the_page_says_so_and_offers_no_report(house: House, liaison: Browser) -> None:
    """D-45, C-17: who opened it before is refused, and his letter is kept for when there is time again."""
    world = world_of(house)
    waits(house)
    address = invitation(liaison, house)
    liaison.get(address)
    assert "上报截止时间 12月10日 18:00" in text_of(liaison)
    with world.session() as session, transaction(session):
        congress = session.get_one(Congress, world.congress)
        before, congress.report_by = congress.report_by, world.now - timedelta(minutes=1)
    try:
        assert liaison.post(address, {"letter": "迟到的函"}).status_code == 422
        assert "有 1 处需要修改 已过上报截止时间，不能上报" in text_of(liaison)
        liaison.get(address)
        assert "迟到的函" in liaison.page
        assert re.search(r"<button[^>]+disabled[^>]*>全部上报</button>", liaison.page)
        liaison.get(f"/delegates/waiting?congress={world.congress}")
        assert "已过上报截止时间，不能上报" in text_of(liaison)
    finally:
        with world.session() as session, transaction(session):
            session.get_one(Congress, world.congress).report_by = before


def test_who_has_nobody_to_report_reads_so(house: House) -> None:
    """D-33, C-17."""
    world = world_of(house)
    browser = house.visit(LIAISON_TWO)
    browser.get(f"/delegates/invitations/{slating.invitation_of(world, world.other_unit)}/report")
    assert "没有待上报的人员" in text_of(browser)
    assert re.search(r"<button[^>]+disabled[^>]*>全部上报</button>", browser.page)


def text_of(browser: Browser) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", browser.page).split())


def test_beside_the_buttons_stands_what_is_waited_for_and_who_comes_then(
    house: House, liaison: Browser
) -> None:
    """Not the step itself again, which only a withdrawal opens."""
    world = world_of(house)
    instance = filling.recommend(world, "柳待报")
    filling.submit(world, instance, "柳待报")
    liaison.get(f"/inbox/tasks/{world.open_task(instance, 'first_review')}")
    passed = text_of(liaison).split("通过后", 1)[1].split("驳回后")[0]
    assert passed.strip().startswith("初审通过待上报，之后 终审 · ")
    assert "初审 · " not in passed
    liaison.get(f"/inbox/tasks/{world.open_task(instance, 'first_review')}?lang=en")
    assert "To be reported, then Final review · " in text_of(liaison)
