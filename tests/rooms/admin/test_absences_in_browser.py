"""Absences, unattended tasks and a post's dates in Chromium, at both widths, in both languages."""

from __future__ import annotations

import pytest

from tests.browser.live import Street
from tests.rooms.admin.posts_absences import lonely
from tests.rooms.admin.posts_people import keeper, somebody
from tests.rooms.inbox.watching import address, judge, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]


def test_somebody_is_found_twice_on_one_page_and_each_choice_stays(street: Street) -> None:
    keeper(street.house)
    one = street.person("city_keeper")
    one.go("/admin/absences/new")
    one.page.get_by_role("group", name="休假人员").get_by_role("searchbox").fill("市级")
    one.page.locator("#people-list-away input[type=radio]").first.check()
    chosen = one.page.locator("#people-list-away input:checked").input_value()
    one.page.get_by_role("group", name="代理人", exact=True).get_by_role("searchbox").fill("市级二")
    one.page.locator("#people-list").get_by_label("市级二").check()
    assert one.page.locator("#people-list-away input:checked").input_value() == chosen
    one.press("登记休假")
    one.sees("请填写结束日期")
    assert one.page.locator("#people-list-away input:checked").input_value() == chosen
    judge(one)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lonely_task_and_its_preview_suit_everybody(street: Street, language: str) -> None:
    keeper(street.house)
    task = lonely(street.house)
    one = street.person("city_keeper")
    one.go(f"/admin/unattended/{task}?lang={language}")
    judge(one)
    one.page.locator(".person input").first.check()
    one.page.locator("#verb-reason").fill("原办理人已离岗")
    one.page.locator("button[value=preview]").click()
    one.page.locator("#preview").wait_for()
    judge(one)


def test_a_person_who_is_away_suits_everybody(street: Street) -> None:
    house = street.house
    keeper(house)
    away, stand_in = somebody(house), somebody(house)
    one = street.person("city_keeper")
    browser = keeper(house)
    browser.get("/admin/absences/new")
    day = house.world.now.date().isoformat()
    typed = {"person": away, "to": stand_in, "from": day, "until": day}
    assert browser.post("/admin/absences/new", typed).status_code == 303
    one.go(f"/admin/people/{away}")
    one.sees("代理中")
    judge(one)
    one.go("/admin/lists/absences")
    judge(one)
