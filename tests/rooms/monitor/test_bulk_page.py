"""More than a verb in bulk is for: nothing is begun, and the way back leads to the list as it was asked."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import func, select

from app.platform.identity import roles
from app.platform.monitoring import bulk_choosing
from app.platform.monitoring.bulk_entities import Bulk
from app.platform.runtime import control
from tests.pages import House

WHO, TOO_MANY = "批量页管理员", "事项太多"


@pytest.fixture(scope="module")
def watched(whole_house: House) -> House:
    """Two cases that stand still, and who looks after them."""
    house, world = whole_house, whole_house.world
    world.enter(WHO, roles.ADMINISTRATOR.key)
    house.account(WHO, "bulk_keeper")
    for one in [world.to_review(house.settle()) for _ in range(2)]:
        with world.session() as session:
            control.suspend(session, one, "等待核查结果", world.acting(WHO), world.now)
    return house


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("list=instances&state=suspended&q=集市", "/monitor/lists/instances?q=集市&state=suspended"),
        ("list=process-fairs_application&state=", "/monitor/processes/fairs_application?state="),
        ("list=stalled&kind=suspended", "/monitor/stalls?kind=suspended"),
    ],
)
def test_too_many_lead_back_to_where_they_are_narrowed(
    watched: House, asked: str, back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = watched.visit(WHO)
    address = f"/monitor/bulk?{asked}&verb=cancel"
    assert TOO_MANY not in browser.get(address).text
    posted = {"verb": "cancel", "do": "confirm", "reason": "统一终止办理", "count": "2"}
    monkeypatch.setattr(bulk_choosing, "MOST", 1)
    for answer in (browser.get(address), browser.post(address, data=posted)):
        assert answer.status_code == 422
        assert TOO_MANY in answer.text
        assert "一次最多处理 1 件" in answer.text
        verbs = re.search(r'empty-verbs"><a class="btn btn-primary" href="([^"]*)"', answer.text)
        assert verbs
        assert browser.get(html.unescape(verbs[1])).status_code == 200
        assert _same(html.unescape(verbs[1])) == _same(back)
    with watched.world.session() as session:
        assert session.scalar(select(func.count()).select_from(Bulk)) == 0


def test_as_many_as_there_may_be_are_not_too_many(watched: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_choosing, "MOST", 2)
    browser = watched.visit(WHO)
    for asked in ("list=instances&state=suspended", "list=stalled&kind=suspended"):
        answer = browser.get(f"/monitor/bulk?{asked}&verb=resume")
        assert answer.status_code == 200
        assert "可处理 2 件" in answer.text


def _same(address: str) -> tuple[str, list[tuple[str, str]]]:
    """An address whatever the order of its parameters."""
    parts = urlsplit(address)
    return parts.path, sorted(parse_qsl(parts.query, keep_blank_values=True))
