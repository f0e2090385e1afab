"""People come in by the workbook, each row whole or not at all, and never beyond their sender (C-04, C-11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from app.platform.identity import accounts, passwords, posts, units
from app.platform.identity.entities import Unit
from app.platform.registry import Refused
from tests.platform.jobs.databases import KINDS, fresh
from tests.platform.personnel.bureau import HERE, NOW, THERE, UNITS, Bureau, card, founded, person


@pytest.fixture(params=KINDS)
def bureau(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bureau]:
    with fresh(request.param, tmp_path) as address, founded(address, tmp_path) as bureau:
        yield bureau


def test_a_row_is_a_person_with_an_account_and_a_post(bureau: Bureau) -> None:
    record = bureau.enter("here", [person(1, username="zhang.san"), person(2, username="hs*"), person(3)])
    assert (record.good, record.bad, record.created) == (3, 0, 3), bureau.reasons(record)
    found = bureau.entered()
    who, account, held = found[card(1)]
    assert (who.place, who.import_id, who.gender) == (
        HERE,
        record.id,
        "female" if int(card(1)[16]) % 2 == 0 else "male",
    )
    assert account is not None
    assert account.username == "zhang.san"
    assert (account.password_hash, account.must_change_password) == (passwords.UNUSABLE, True)
    assert not passwords.matches(account.password_hash, "!")
    assert [(one.role, one.place, one.granted_by) for one in held] == [
        ("bureau.teacher", HERE, bureau.people["here"])
    ]
    names = [found[card(number)][1] for number in (2, 3)]
    assert [one.username for one in names if one] == ["hs0000001", "p0000001"]
    again = bureau.enter("here", [person(4, username="hs*")])
    assert again.bad == 0
    assert bureau.entered()[card(4)][1].username == "hs0000002"


def test_each_bad_row_says_in_words_what_to_do(bureau: Bureau) -> None:
    rows = [
        person(1, id_number=card(1)[:-1] + ("1" if card(1)[-1] != "1" else "2")),
        person(2, phone="12"),
        person(3, kept="没有的单位"),
        person(4, kept="130403"),
        person(5, role="没有的角色"),
        person(6, role="机要员"),
        person(7, role="评委", place="第二小学"),
        person(8, role="评委", place="130402", subject="p1"),
        person(9, username="here_keeper"),
        person(10, until="2020-01-01"),
        person(11, account=None, username="someone"),
        person(12, role=None),
        person(13, role="系统管理员", place=None),
        person(14),
        person(14, name="别名"),
        person(15, role=None, place=None, kept=None),
        person(16, place="130403"),
    ]
    record = bureau.enter("here", rows)
    said = bureau.reasons(record)
    assert (record.good, record.bad) == (1, len(rows) - 1)
    for words, reason in zip(
        (
            "证件号码",
            "手机号码",
            "没有这个单位或地区",
            "管辖范围",
            "没有这个角色",
            "授权范围",
            "须指定事项",
            "不能在此处任职",
            "已被使用",
            "结束时间",
            "开通账号",
            "需要角色|请同时填写角色",
            "管辖范围",
            "重复",
            "由谁管理",
            "管辖范围",
        ),
        said,
        strict=True,
    ):
        assert any(part in reason for part in words.split("|")), (words, reason)


def test_whoever_is_there_gets_the_post_and_is_not_doubled(bureau: Bureau) -> None:
    bureau.enter("here", [person(1, account=None, role=None, place=None)])
    record = bureau.enter("here", [person(1)])
    assert (record.good, record.created) == (1, 0)
    who, account, held = bureau.entered()[card(1)]
    assert account is not None
    assert [one.role for one in held] == ["bureau.teacher"]
    assert held[0].import_id == record.id != who.import_id
    bureau.enter("here", [person(1)])
    assert len(bureau.entered()[card(1)][2]) == 1


def test_who_lies_outside_is_refused_without_telling_who(bureau: Bureau) -> None:
    bureau.enter("there", [person(1, kept="130403", place="130403")])
    record = bureau.enter("here", [person(1, name="别名")])
    (reason,) = bureau.reasons(record)
    assert "不能由您登记" in reason
    assert "丛台" not in reason
    assert len(bureau.entered()[card(1)][2]) == 1


def test_a_system_administrator_enters_people_but_gives_no_posts(bureau: Bureau) -> None:
    record = bureau.enter("system", [person(1), person(2, role=None, place=None, kept=None)])
    assert (record.good, record.bad) == (1, 1)
    assert "没有授予岗位的权限" in bureau.reasons(record)[0]


def test_a_unit_of_the_same_name_is_told_apart_by_its_region(bureau: Bureau) -> None:
    record = bureau.enter(
        "city",
        [person(1, kept="第一小学"), person(2, kept="河北省邯郸市丛台区/第一小学", place="130403")],
    )
    assert (record.good, record.bad) == (1, 1)
    assert "多个同名单位" in bureau.reasons(record)[0]
    assert (bureau.entered()[card(2)][0].place or "").startswith(THERE + "u")


def test_an_import_is_taken_back_while_nobody_came_in(bureau: Bureau) -> None:
    first = bureau.enter("here", [person(1, role=None, place=None), person(2)])
    second = bureau.enter("here", [person(1), person(3)])
    assert bureau.undo("here", second.id)
    found = bureau.entered()
    assert card(3) not in found
    assert card(1) in found
    assert all(one.ended_at is not None for one in found[card(1)][2])
    with bureau.sessions() as session:
        posts.grant(session, found[card(1)][0].id, "bureau.secret", HERE, None, NOW, None)
    with pytest.raises(Refused, match="岗位"):
        bureau.undo("here", first.id)


def test_an_import_stays_once_somebody_has_signed_in(bureau: Bureau) -> None:
    record = bureau.enter("here", [person(1)])
    with bureau.sessions() as session:
        account = session.get(type(bureau.entered()[card(1)][1]), bureau.entered()[card(1)][0].id)
        assert account is not None
        account.first_sign_in_at = NOW  # type: ignore[attr-defined]
        session.commit()
    with pytest.raises(Refused, match="登录"):
        bureau.undo("here", record.id)


def test_units_come_in_under_units_and_only_in_ones_area(bureau: Bureau) -> None:
    rows = [
        {"name": "新学校", "region": "130402"},
        {"name": "分校", "region": "130402", "parent": "新学校"},
        {"name": "第二小学", "region": "130402"},
        {"name": "外校", "region": "130403"},
        {"name": "孤校", "region": "130402", "parent": "没有"},
    ]
    record = bureau.enter("here", rows, UNITS)
    assert (record.good, record.bad, record.created) == (3, 2, 2)
    with bureau.sessions() as session:
        made = {one.name: one for one in units.under(session, HERE)}
    assert made["分校"].path.startswith(made["新学校"].path)
    assert bureau.undo("here", record.id, UNITS)
    with bureau.sessions() as session:
        assert session.query(Unit).filter(Unit.import_id == record.id).count() == 0


def test_a_chunk_asks_few_statements(bureau: Bureau) -> None:
    asked: list[str] = []
    rows = [person(number) for number in range(400)]
    event.listen(bureau.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert bureau.enter("here", rows).bad == 0
    assert len(asked) < 150, len(asked)


def test_nobody_comes_in_by_an_account_without_a_password(bureau: Bureau) -> None:
    bureau.enter("here", [person(1, username="zhang.san")])
    with bureau.sessions() as session:
        who = accounts.by_username(session, "zhang.san")
    assert who is not None
    assert not passwords.matches(passwords.UNUSABLE, "Granit-47-Weide")
