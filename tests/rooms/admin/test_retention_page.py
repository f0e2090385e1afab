"""The page of periods: bad input is named and kept, and what a change forgets at once is agreed to first."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.platform import settings
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.personnel import retention
from app.platform.runtime.entities import Instance
from tests.pages import House
from tests.rooms.admin.posts_records import as_keeper

PAGE = "/admin/retention"


def test_what_would_be_forgotten_is_told_first(whole_house: House) -> None:
    world = whole_house.world
    instance = world.to_review(whole_house.settle())
    world.decide(instance, "city_review", "approve", "市级", comment="同意")
    with world.session() as session, transaction(session):
        before = world.now - timedelta(days=100)
        session.execute(update(Instance).where(Instance.id == instance).values(ended_at=before))
    browser, _, _ = as_keeper(whole_house, roles.SYSTEM.key, PAGE, {})
    name = f"months-{world.process}"
    answer = browser.post(PAGE, {name: "一年"})
    assert answer.status_code == 422
    assert "保存期限为1至1200的整数" in browser.page
    assert 'value="一年"' in browser.page
    assert browser.post(PAGE, {name: "2"}).status_code == 422
    assert "有 1 件已办结事项到期，将被清除且不能恢复" in browser.page
    with world.session() as session:
        settings.catch_up(session)
        assert settings.value(retention.PERIODS) == {}
    assert browser.post(PAGE, {name: "2", "agreed": "1"}).status_code == 303
    assert 'value="2"' in browser.get(PAGE).get_data(as_text=True)
    assert browser.post(PAGE, {name: ""}).status_code == 303
