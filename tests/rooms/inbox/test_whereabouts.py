"""The page of an instance for its applicant: one sentence, and the way with what is likely to come (C5)."""

from __future__ import annotations

import re

import pytest

from app.platform.identity import roles
from app.platform.runtime import control
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import served
from tests.pages import House
from tests.rooms.conftest import PASSWORD


def page_of(house: House, name: str, instance: str, query: str = "") -> str:
    browser = house.visit(name)
    browser.get(f"/inbox/instances/{instance}{query}")
    return browser.page


def stops(page: str) -> list[tuple[str, str]]:
    """The way as drawn: (tone, step)."""
    return re.findall(r'<li class="stop is-(\w+)"[^>]*>\s*<p class="stop-what"><b>([^<]+)</b>', page)


def sentence(page: str) -> str:
    found = re.search(r'<div class="where-said">\s*<p>([^<]+)</p>', page)
    assert found, page
    return found[1]


def test_the_applicant_reads_who_holds_it_and_what_comes(whole_house: House) -> None:
    name = whole_house.settle()
    instance = whole_house.world.to_review(name)
    page = page_of(whole_house, name, instance)
    assert sentence(page).startswith("现在由邯郸市市级管理员办理“市级审核”，今天 10:00送达，还剩 ")
    assert stops(page)[-2:] == [("now", "市级审核"), ("end", "办结")]
    assert [tone for tone, _ in stops(page)][:3] == ["done", "done", "done"]
    assert "steps-walked" not in page
    assert "全部流转记录" in page
    english = page_of(whole_house, name, instance, "?lang=en")
    assert sentence(english).startswith("Now with City administrator, 邯郸市 for “City review”, since today")


def test_the_staffs_view_stays(whole_house: House) -> None:
    instance = whole_house.world.to_review(whole_house.settle())
    page = page_of(whole_house, "市级", instance)
    assert sentence(page).startswith("轮到您了：市级审核，还剩 ")
    assert stops(page) == []
    assert "steps-walked" in page
    assert 'id="history"' in page


def test_what_was_sent_back_says_what_to_do_with_the_opinion(whole_house: House) -> None:
    name = whole_house.settle()
    instance = whole_house.world.to_review(name)
    whole_house.world.decide(instance, "city_review", "reject", "市级", comment="公章<b>不清")
    page = page_of(whole_house, name, instance)
    assert sentence(page).startswith(
        "市级于今天 10:00退回给您，请在“修改重新上传”修改后重新提交；之后由邯郸市"
    )
    where = page[page.index('id="where"') : page.index('id="way"')]
    assert '<blockquote class="opinion">公章&lt;b&gt;不清</blockquote>' in where
    assert "去办理：修改重新上传" in where
    assert stops(page)[-4:] == [
        ("done", "市级审核"),
        ("mine", "修改重新上传"),
        ("coming", "市级审核"),
        ("end", "办结"),
    ]


def test_a_suspended_matter_is_still_read(whole_house: House) -> None:
    """Pain B6-43: who, since when, why; and everything else stays readable."""
    name = whole_house.settle()
    instance = whole_house.world.to_review(name)
    manager = manager_of(whole_house)
    with whole_house.world.session() as session:
        control.suspend(session, instance, "等上级批复", manager, whole_house.world.now)
    page = page_of(whole_house, name, instance)
    assert sentence(page) == "已由平台管理员于今天 10:00暂停办理，恢复后继续“市级审核”；资料仍可查看。"
    assert ("stopped", "市级审核") in stops(page)
    assert page.count("等上级批复") == 3  # with the sentence, on the way, in the history
    assert 'id="form"' in page


def manager_of(house: House):
    roles.plug()
    house.world.enter("平台管理员", roles.ADMINISTRATOR.key)
    return house.world.acting("平台管理员")


def test_an_ended_matter_says_when_and_how(whole_house: House) -> None:
    name = whole_house.settle()
    instance = whole_house.world.to_review(name)
    whole_house.world.decide(instance, "city_review", "approve", "市级", comment="齐全")
    page = page_of(whole_house, name, instance)
    assert sentence(page) == "已于今天 10:00办结：已通过。"
    assert stops(page)[-1] == ("ended", "已通过")
    assert "灰色为预计" not in page


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_bell_and_way_in_the_browser(whole_house: House, engine_of_pages, size, scripts) -> None:
    """Both widths, axe-core, and without scripts: the bell opens, leads to the matter, and is quiet then."""
    house = whole_house
    name = house.settle()
    instance, waiting = house.world.to_review(name), house.world.to_review(name, "130403")
    house.world.decide(instance, "city_review", "reject", "市级", comment="公章不清")
    with served(house) as url:
        context = engine_of_pages.new_context(viewport=size, locale="zh-CN", java_script_enabled=scripts)
        context.set_default_timeout(15_000)
        page = context.new_page()
        faults: list[str] = []
        page.on("console", lambda line: line.type == "error" and faults.append(line.text))
        sign_in(page, url, house.usernames[name])
        for path in (f"/inbox/instances/{waiting}", f"/inbox/instances/{instance}", "/notices",
                     "/notices/settings"):  # fmt: skip
            page.goto(url + path)
            judge(page, scripts)
        page.locator(".bell > summary").click()
        assert page.locator(".bell-panel").is_visible()
        judge(page, scripts)
        page.locator(".bell-list a").first.click()
        page.wait_for_url(lambda address: "/inbox/tasks/" in address)
        assert page.locator(".bell-count").is_hidden()
        assert faults == []
        context.close()
    del house.world.work  # `served` has let its worker do it, which is gone


def judge(page, scripts: bool) -> None:
    assert not scrolls_sideways(page)
    if scripts:
        assert complaints_of_axe(page) == []


def sign_in(page, url: str, username: str) -> None:
    page.goto(f"{url}/login")
    page.fill("#login", username)
    page.fill("#password", PASSWORD)
    page.fill("#captcha_answer", "1234")
    page.click(".entry-submit")
    page.wait_for_url(lambda address: "/login" not in address)
