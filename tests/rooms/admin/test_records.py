"""The record of who did what: found by whom, what and when; taken out; proved from the page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, text, update

from app.extensions import db
from app.platform import audit, settings
from app.platform.audit.entities import AuditRow
from app.platform.data import transaction
from app.platform.identity import accounts, authority, roles
from tests.pages import House
from tests.rooms.conftest import Browser

LISTS = "/admin/lists/"


@pytest.fixture
def reader(whole_house: House) -> Browser:
    """The audit administrator, signed in."""
    if "审计管" not in whole_house.world.people:
        whole_house.world.enter("审计管", roles.AUDIT.key)
        whole_house.account("审计管", "audit_keeper")
    return whole_house.visit("审计管")


def cells(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_signing_in_is_found_by_who_and_where(whole_house: House, reader: Browser) -> None:
    whole_house.visit("市级")
    wrong = whole_house.browser()
    wrong.get("/login")
    wrong.post("/login", {"login": "nobody_here", "password": "falsch-falsch", "captcha_answer": "1234"})
    page = cells(reader.get(f"{LISTS}signing?kind=account.sign_in_failed").get_data(as_text=True))
    assert "登录失败" in page
    assert "127.0.0.1" in page
    mine = cells(reader.get(f"{LISTS}signing?who=市级").get_data(as_text=True))
    assert "登录成功" in mine
    assert "市级（" in mine
    assert "审计管（" not in mine.split("操作人")[-1]


def test_a_change_of_a_setting_shows_before_and_after(whole_house: House, reader: Browser) -> None:
    world = whole_house.world
    with world.session() as session:
        settings.change(session, authority.GIVERS, {"a": ["b"]}, world.acting("市级"), world.now)
    page = reader.get(f"{LISTS}operations?kind=setting.changed").get_data(as_text=True)
    assert "修改设置" in cells(page)
    assert "修改后" in cells(page)
    link = re.search(r'href="(/admin/records/settings[^"]+)"', page)
    assert link
    whole = cells(reader.get(link[1]).get_data(as_text=True))
    assert authority.GIVERS in whole
    assert "市级" in whole
    with world.session() as session:
        settings.change(session, authority.GIVERS, None, world.acting("市级"), world.now)


def test_what_was_erased_says_so_and_the_rest_stays(whole_house: House, reader: Browser) -> None:
    world = whole_house.world
    person = world.enter("将清除")
    with world.session() as session:
        audit.erase(session, f"person:{person}", None, world.now, "到期")
    page = cells(reader.get(f"{LISTS}operations?about=将清除&kind=person.added").get_data(as_text=True))
    assert "新增人员" in page
    assert "内容已清除" in page


def test_a_page_of_rows_costs_the_same_for_ten_and_a_hundred(whole_house: House, reader: Browser) -> None:
    world = whole_house.world
    with world.session() as session, transaction(session):
        for number in range(60):
            audit.log(
                session, "identity", "unit.changed", None, world.now, {"name": str(number)}, f"unit:{number}"
            )
    with whole_house.app.app_context():
        engine = db.engine
    counts = []
    for size in (10, 50):
        lines: list[str] = []

        def note(_c: object, _d: object, line: str, *_rest: object, lines: list[str] = lines) -> None:
            lines.append(line)

        event.listen(engine, "before_cursor_execute", note)
        assert reader.get(f"{LISTS}operations?size={size}").status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(lines))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_it_is_taken_out_like_any_list(whole_house: House, reader: Browser) -> None:
    reader.get(f"{LISTS}signing")
    answer = reader.post(f"{LISTS}signing/export", {"asked": ""})
    assert answer.status_code == 303
    whole_house.world.work()
    assert "下载文件" in reader.get(answer.headers["Location"]).get_data(as_text=True)
    assert "admin/signing" in cells(reader.get(f"{LISTS}taken_out").get_data(as_text=True))


def test_the_record_is_proved_from_the_page_and_a_changed_row_is_named(
    whole_house: House, reader: Browser
) -> None:
    world = whole_house.world
    reader.get("/admin/records/verify")
    answer = reader.post("/admin/records/verify", {})
    world.work()
    assert "日志完整" in reader.get(answer.headers["Location"]).get_data(as_text=True)
    with world.session() as session, transaction(session):
        row = session.execute(
            text("SELECT stream, seq, kind FROM audit_row WHERE stream LIKE 'identity%'")
        ).first()
        assert row is not None
        changed = update(AuditRow).where(AuditRow.stream == row.stream, AuditRow.seq == row.seq)
        session.execute(changed.values(kind="person.invented"))
    reader.get("/admin/records/verify")
    reader.post("/admin/records/verify", {})
    world.work()
    page = cells(reader.get("/admin/records/verify").get_data(as_text=True))
    assert f"stream {row.stream}: row {row.seq} does not hold (link)" in page
    with world.session() as session, transaction(session):
        session.execute(changed.values(kind=row.kind))


def test_nobody_else_reads_it_and_a_right_that_ends_is_felt_at_once(
    whole_house: House, reader: Browser
) -> None:
    assert whole_house.visit("市级").get(f"{LISTS}signing").status_code == 403
    world = whole_house.world
    with world.session() as session:
        accounts.disable(session, world.people["审计管"], None, world.now + timedelta(seconds=1))
    assert reader.get(f"{LISTS}signing").status_code in (302, 303)
    with world.session() as session:
        accounts.enable(session, world.people["审计管"], None, world.now + timedelta(seconds=2))
