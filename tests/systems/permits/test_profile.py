"""基础建档 outside an application: one's own profile, kept while typed, stored by 保存 only (P-05, P-09…P-11, P-21)."""

from __future__ import annotations

import pytest

from app.systems.permits import profiles
from tests.pages import House
from tests.world import profile


@pytest.fixture(scope="module")
def house(whole_house: House) -> House:
    return whole_house


def sent(**over: str) -> dict[str, str]:
    values = {name: texts[0] for name, texts in profile(**over).items()}
    origin = values.pop("origin")
    return {**values, "origin": origin}


def test_a_missing_required_field_is_named_and_what_was_typed_stays(house: House) -> None:
    """P-09, C-16."""
    browser = house.visit(house.settle())
    browser.get("/permits/profile")
    answer = browser.post("/permits/profile", sent(employer=""))
    assert answer.status_code == 422
    assert "【工作单位】" in browser.page or "工作单位" in browser.page
    assert "科技处" in browser.page


def test_a_region_that_stops_at_the_city_is_refused(house: House) -> None:
    """P-10."""
    browser = house.visit(house.settle())
    browser.get("/permits/profile")
    assert browser.post("/permits/profile", sent(origin="130400")).status_code == 422
    assert "【来自】请精确到区县" in browser.page


def test_only_saving_stores_and_a_draft_is_offered_again(house: House) -> None:
    """P-11."""
    name = house.settle()
    browser = house.visit(name)
    browser.get("/permits/profile")
    assert browser.post("/permits/profile/draft", sent(employer="还没保存的单位")).status_code == 204
    with house.world.session() as session:
        assert "employer" not in profiles.load(session, house.world.people[name])
    browser.get("/permits/profile")
    assert "还没保存的单位" in browser.page
    assert browser.post("/permits/profile", sent(employer="已保存的单位")).status_code == 303
    browser.get("/permits/profile")
    assert "已保存的单位" in browser.page
    assert "还没保存的单位" not in browser.page


def test_two_windows_on_the_profile_keep_both_drafts(house: House) -> None:
    """P-11: the older window is told; whoever insists sets the other's text aside, and it can be seen."""
    browser = house.visit(house.settle())
    browser.get("/permits/profile")
    url, asks = "/permits/profile/draft", {"headers": {"Accept": "application/json"}}
    first = browser.post(url, {**sent(employer="甲窗口单位"), "_draft": "0"}).headers["ETag"]
    browser.get("/permits/profile")  # as the test's browser reads its token from a page
    late = {**sent(employer="乙窗口单位"), "_draft": "0"}
    assert browser.post(url, late, **asks).status_code == 409
    browser.get("/permits/profile")
    assert "甲窗口单位" in browser.page
    second = browser.post(f"{url}?anew=1", late).headers["ETag"]
    assert int(second.strip('"')) == int(first.strip('"')) + 1
    browser.get("/permits/profile")
    assert "乙窗口单位" in browser.page
    assert "另一个窗口写的草稿也保留着" in browser.page
    browser.get("/permits/profile?draft=aside")
    assert "甲窗口单位" in browser.page
    assert browser.post("/permits/profile", sent(employer="已保存的单位")).status_code == 303
    browser.get("/permits/profile?draft=aside")
    assert "窗口单位" not in browser.page


def test_a_changed_profile_leaves_the_application_under_review_as_printed(house: House) -> None:
    """P-21."""
    name = house.settle()
    instance = house.world.to_review(name)
    browser = house.visit(name)
    browser.get("/permits/profile")
    assert browser.post("/permits/profile", sent(employer="换了单位的中学")).status_code == 303
    reviewer = house.visit("市级")
    reviewer.get(f"/inbox/tasks/{house.world.open_task(instance, 'city_review')}")
    assert "演示中学" in reviewer.page
    assert "换了单位的中学" not in reviewer.page


def test_an_identity_may_be_changed_until_a_profile_is_filed(house: House) -> None:
    """P-05."""
    name = house.settle("permits.teacher")
    browser = house.visit(name)
    browser.get("/identity/permits")
    assert browser.post("/identity/permits", {"role": "permits.organiser"}).status_code == 303
    browser.get("/permits/profile")
    assert browser.post("/permits/profile", sent()).status_code == 303
    assert browser.get("/identity/permits").status_code == 302
    assert browser.get("/identity/permits", follow_redirects=True).status_code == 200
    assert browser.post("/identity/permits", {"role": "permits.teacher"}).status_code == 302
    held = {post.role for post in house.world.acting(name).posts}
    assert "permits.organiser" in held
    assert "permits.teacher" not in held
