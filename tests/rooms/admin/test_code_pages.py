"""Permission codes over the pages: issued, read, redeemed by another, and felt at once; the list of posts (C-14)."""

from __future__ import annotations

import re

from app.platform.identity import posts
from tests.pages import House
from tests.rooms.admin.posts_codes import issued, new
from tests.rooms.admin.posts_people import keeper


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_batch_is_issued_read_redeemed_and_counted(whole_house: House) -> None:
    browser, url, fields = new(whole_house)
    wrong = browser.post(url, {**fields, "count": "一百", "role": ""})
    assert wrong.status_code == 422
    assert "数量为1至500" in browser.page
    assert 'value="一百"' in browser.page
    answer = browser.post(url, fields)
    assert answer.status_code == 303, browser.page
    batch = answer.headers["Location"]
    browser.get(batch)
    assert "permission-code" not in browser.page
    browser.post(f"{batch}/show", {})
    codes = re.findall(r'permission-code">([^<]+)<', browser.page)
    assert len(codes) == 2
    name = whole_house.settle()
    comer = whole_house.visit(name)
    assert comer.get("/admin/").status_code == 403
    comer.get("/account/code")
    assert comer.post("/account/code", {"code": "ABCDE-FGHJK"}).status_code == 422
    assert 'value="ABCDE-FGHJK"' in comer.page
    assert comer.post("/account/code", {"code": codes[0]}).status_code == 303
    assert comer.get("/admin/").status_code == 200  # felt by the very next request
    with whole_house.world.session() as session:
        person = whole_house.world.people[name]
        assert any(
            post.place == fields["post_place"] for post in posts.of(session, person, whole_house.world.now)
        )
    browser.get(batch)
    assert name in browser.page
    assert "未使用 1，撤销 0，过期 0" in words(browser.page)


def test_the_list_of_posts_shows_what_lies_within_ones_reach(whole_house: House) -> None:
    browser = keeper(whole_house)
    whole_house.world.enter("外市管理", "platform.region_administrator", "130500")
    whole_house.world.enter("本市管理", "platform.region_administrator", "130404")
    page = words(browser.get("/admin/lists/posts?size=100").get_data(as_text=True))
    assert "本市管理" in page
    assert "外市管理" not in page
    assert browser.get("/admin/lists/posts?state=ended").status_code == 200
    assert browser.get("/admin/lists/codes").status_code == 200
    issued(whole_house)
