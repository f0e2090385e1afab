"""The bell, the list of what one was told, and the choice by which ways: one's own, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity.entities import Person
from app.platform.notices import Notice, NoticeChoice
from app.platform.registry import Words
from tests.pages import House
from tests.rooms.inbox.test_statements import counted

from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # isort: skip  # the world behind real pages


def tell(house: House, name: str, *titles: str, **more: str | None) -> list[str]:
    with house.world.session() as session:
        return [
            identifier
            for title in titles
            for identifier in notices.send(
                session,
                [house.world.people[name]],
                Words(title, f"en {title}"),
                Words(f"{title}的内容", ""),
                house.world.now,
                **more,
            )
        ]


def unread(house: House, name: str) -> int:
    with house.world.session() as session:
        return notices.unread(session, house.world.people[name])


def test_the_bell_counts_and_shows_the_last_eight(whole_house: House) -> None:
    name = whole_house.settle()
    browser = whole_house.visit(name)
    browser.get("/account")
    assert 'aria-label="通知：没有未读"' in browser.page
    assert "还没有通知" in browser.page
    tell(whole_house, name, *(f"第{number}件事" for number in range(10)))
    browser.get("/account")
    assert 'aria-label="通知：10 条未读"' in browser.page
    assert len(re.findall(r'class="bell-words"', browser.page)) == 8
    tell(whole_house, name, *("又一件事" for _ in range(95)))
    browser.get("/account?lang=en")
    assert 'aria-label="Notifications: 99+ unread"' in browser.page


def test_a_visitor_has_no_bell(whole_house: House) -> None:
    browser = whole_house.browser()
    browser.get("/")
    assert 'class="drop bell"' not in browser.page


def test_the_bell_is_one_statement(app, world, visit, monkeypatch) -> None:  # noqa: F811
    browser = visit("组织者甲")
    browser.get("/agreement")
    with_bell = counted(app, browser, "/agreement")
    monkeypatch.setattr("app.platform.notices.bell", lambda *_: notices.Bell(0, ()))
    assert with_bell - counted(app, browser, "/agreement") == 1


def test_whoever_follows_a_notice_has_read_it_and_comes_to_what_it_is_about(whole_house: House) -> None:
    name = whole_house.settle()
    instance = whole_house.world.apply(name)
    task = whole_house.world.open_task(instance, "file_profile")
    browser = whole_house.visit(name)
    for more, target in (
        ({"instance": instance, "task": task}, f"/inbox/tasks/{task}"),
        ({"instance": instance}, f"/inbox/instances/{instance}"),
        ({"kind": "waiting"}, "/inbox/"),
        ({}, "/notices"),
    ):
        (notice,) = tell(whole_house, name, "有事", **more)
        assert unread(whole_house, name) == 1
        for _ in range(2):  # a second time does no harm
            answer = browser.get(f"/notices/{notice}")
            assert (answer.status_code, answer.location) == (303, target)
        assert unread(whole_house, name) == 0


def test_anothers_notice_is_not_there_and_stays_unread(whole_house: House) -> None:
    mine, other = whole_house.settle(), whole_house.settle()
    (notice,) = tell(whole_house, mine, "我的事")
    browser = whole_house.visit(other)
    assert browser.get(f"/notices/{notice}").status_code == 404
    browser.get("/notices")
    assert "我的事" not in browser.page
    browser.post("/notices/read")
    assert unread(whole_house, mine) == 1


def test_the_list_goes_on_page_by_page_and_shows_what_is_unread(whole_house: House) -> None:
    name = whole_house.settle()
    told = tell(whole_house, name, *(f"甲{number:02}" for number in range(65)))
    browser = whole_house.visit(name)
    seen: list[str] = []
    url = "/notices"
    for _ in range(3):
        browser.get(url)
        seen += re.findall(r"(甲\d\d)的内容", browser.page)
        more = re.search(r'href="(/notices\?before=[^"]+)">更早的通知', browser.page)
        url = more[1] if more else ""
    assert url == ""
    assert sorted(seen) == [f"甲{number:02}" for number in range(65)]  # of one moment: in any order
    browser.get(f"/notices/{told[64]}")
    browser.get("/notices?unread=1")
    assert "甲64的内容" not in browser.page
    assert "甲63的内容" in browser.page
    answer = browser.post("/notices/read", {"back": "/notices?unread=1"})
    assert answer.location == "/notices?unread=1"
    browser.get(answer.location)
    assert "没有未读通知" in browser.page
    assert browser.post("/notices/read", {"back": "//evil.example"}).location == "/notices"


@pytest.fixture
def reached(whole_house: House, tmp_path: Path) -> Iterator[tuple[House, str]]:
    """A person with an e-mail address and no phone, where both ways are there."""
    name = whole_house.settle()
    person = whole_house.world.people[name]
    with whole_house.world.session() as session, transaction(session):
        session.execute(update(Person).where(Person.id == person).values(email="wangxm@example.org"))
    before = notices.settings()
    mail = notices.Mail("smtp://127.0.0.1:9", "noreply@chengpi.example")
    notices.use(notices.Settings(mail, notices.SmsFile(tmp_path / "sms")))
    yield whole_house, name
    notices.use(before)


def ticks(page: str) -> dict[str, tuple[bool, bool]]:
    """The boxes of the settings: whether ticked, whether disabled."""
    found = re.findall(r'<input class="form-check-input"[^>]*value="([^"]+)"([^>]*)>', page)
    return {value: (" checked" in more, " disabled" in more) for value, more in found}


def test_each_chooses_for_himself_and_a_closed_way_says_why(reached: tuple[House, str]) -> None:
    house, name = reached
    browser = house.visit(name)
    browser.get("/notices/settings")
    assert "wa***@example.org" in browser.page
    assert "wangxm@" not in browser.page
    assert "未登记手机号" in browser.page
    shown = ticks(browser.page)
    assert shown["returned:email"] == (True, False)
    assert shown["returned:sms"] == (True, True)
    assert shown["copied:email"] == (False, False)
    assert "waiting:sms" not in shown
    answer = browser.post("/notices/settings", {"way": ["copied:email", "urged:email", "nonsense:email"]})
    assert answer.status_code == 303
    browser.get("/notices/settings")
    assert "通知设置已保存" in browser.page
    shown = ticks(browser.page)
    assert shown["copied:email"] == (True, False)
    assert shown["returned:email"] == (False, False)
    assert shown["returned:sms"] == (True, True)  # a way that is closed stays as it was
    with house.world.session() as session:
        rows = session.execute(
            select(NoticeChoice.kind, NoticeChoice.email).where(
                NoticeChoice.person_id == house.world.people[name]
            )
        ).all()
    assert ("urged", True) not in [tuple(row) for row in rows]  # as usual: no row
    browser.post("/notices/settings", {"reset": "1"})
    browser.get("/notices/settings")
    assert ticks(browser.page)["returned:email"] == (True, False)


def test_a_platform_without_mail_says_so(whole_house: House) -> None:
    before = notices.settings()
    notices.use(notices.Settings())
    try:
        browser = whole_house.visit(whole_house.settle())
        browser.get("/notices/settings")
        assert "本平台未开通邮件发送" in browser.page
        assert "本平台未开通短信发送" in browser.page
        assert all(disabled for _, disabled in ticks(browser.page).values())
    finally:
        notices.use(before)


def test_a_decision_rings_at_the_applicants_bell_once(whole_house: House) -> None:
    """From the reviewer's button to the applicant's page (8: in-app with a bell)."""
    name = whole_house.settle()
    instance = whole_house.world.to_review(name)
    assert unread(whole_house, name) == 0
    whole_house.world.decide(instance, "city_review", "reject", "市级", comment="缺公章")
    browser = whole_house.visit(name)
    browser.get("/inbox/")
    assert 'aria-label="通知：1 条未读"' in browser.page
    with whole_house.world.session() as session:
        (notice,) = session.scalars(
            select(Notice.id).where(Notice.person_id == whole_house.world.people[name])
        )
    correct = whole_house.world.open_task(instance, "correct")
    assert browser.get(f"/notices/{notice}").location == f"/inbox/tasks/{correct}"
