"""The workbooks of people and units, and accounts in batches, are for whoever looks after people (C-07, C-24)."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.platform import sheets
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import passwords, posts, roles
from app.platform.identity.entities import Account, Person
from app.platform.jobs import Errand
from app.platform.personnel import first_passwords, slips
from app.rooms.admin.sheets.intake import PEOPLE
from tests.pages import House
from tests.platform.sheets.members import cells
from tests.rooms.conftest import Browser

IMPORT = "/admin/imports/people"
BAD = {2: ("phone", "12", "手机号码"), 5: ("kept", "没有的单位", "没有这个单位"), 8: ("name", "", "姓名")}
"""By the last digit of a row: the column, what stands in it, and a word of what is said of it."""


def number(serial: int) -> str:
    body = f"13040219910909{serial:03}"
    return body + check_digit(body)


@pytest.fixture
def keeper(whole_house: House) -> Browser:
    return whole_house.visit(whole_house.settle(roles.REGIONAL.key, "130400"))


def person(house: House, name: str, place: str = "130000/130400/130402/") -> str:
    """Somebody without account, phone and address."""
    with house.world.session() as session:
        made = Person(name=name, place=place, created_at=house.world.now)
        session.add(made)
        session.commit()
        return made.id


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def batch(house: House) -> Errand:
    """The batch begun last, worked."""
    house.world.work()
    with house.world.session() as session:
        asked = select(Errand).where(Errand.kind == first_passwords.KIND).order_by(Errand.id.desc())
        return session.scalars(asked.limit(1)).one()


def test_a_regional_administrator_finds_both_workbooks_and_their_templates(keeper: Browser) -> None:
    for key in ("people", "units"):
        assert keeper.get(f"/admin/imports/{key}").status_code == 200
        assert keeper.get(f"/admin/imports/{key}/template.xlsx").status_code == 200
    keeper.get("/admin/accounts/batch")
    assert "批量开户" in keeper.page
    answer = keeper.post("/admin/accounts/batch", {"which": "without", "prefix": "!!"})
    assert answer.status_code == 422
    assert 'value="!!"' in keeper.page


def test_of_a_workbook_with_three_bad_rows_in_ten_exactly_those_come_back(
    whole_house: House, keeper: Browser, tmp_path: Path
) -> None:
    """Issue 6: seventy come in, thirty come back with what is wrong, and the result leads on to first passwords."""
    heads, faults, rows = [column.title.zh for column in PEOPLE.columns], {}, []
    for serial in range(100):
        row = {"name": "表内人", "id_number": number(serial), "kept": "河北省邯郸市邯山区", "account": "是"}
        if serial % 10 in BAD:
            key, value, faults[number(serial)] = BAD[serial % 10]
            row[key] = value
        rows.append([row.get(column.key) for column in PEOPLE.columns])
    path = tmp_path / "people.xlsx"
    sheets.write(path, heads, rows)
    keeper.get(IMPORT)
    there = keeper.post(IMPORT, {"file": (BytesIO(path.read_bytes()), "人员.xlsx")}).location
    whole_house.world.work()
    keeper.get(there)
    said = words(keeper.page)
    assert "70 行成功" in said
    assert "30 行失败" in said
    returned = cells(keeper.get(f"{there}/failures.xlsx").data)
    at = next(place for place, head in enumerate(returned[0]) if "证件号码" in str(head))
    assert {
        row[at]: next(part for part in faults.values() if part in str(row[-1])) for row in returned[1:]
    } == faults
    assert len(returned) == 31
    record = there.rpartition("/")[2]
    keeper.get(there)
    assert f"/admin/accounts/batch?import={record}" in keeper.page
    keeper.get(f"/admin/accounts/batch?import={record}")
    assert "发放初始密码 70人" in words(keeper.page)


def test_a_slip_is_printed_downloaded_once_and_never_by_another(whole_house: House, keeper: Browser) -> None:
    who = person(whole_house, "纸上人")
    keeper.get(f"/admin/accounts/batch?person={who}")
    assert "选中的1人" in words(keeper.page)
    fields = {"which": "without", "prefix": "zx", "way": "both", "person": who}
    assert keeper.post("/admin/accounts/batch", fields).status_code == 303
    done = batch(whole_house)
    assert done.result["slips"] == 1
    keeper.get(f"/errands/{done.id}")
    there = f"/admin/accounts/slips/{done.id}"
    assert there in keeper.page
    keeper.get(there)
    assert "只能下载一次" in keeper.page
    other = whole_house.visit(whole_house.settle(roles.REGIONAL.key, "130400"))
    assert other.get(there).status_code == 404
    other.get("/admin/")
    assert other.post(there, {}).status_code == 404
    keeper.get(there)
    answer = keeper.post(there, {})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    said = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    with whole_house.world.session() as session:
        account = session.get_one(Account, who)
    assert any(passwords.matches(account.password_hash, word) for word in said.split() if len(word) == 14)
    keeper.get(there)
    assert "已经下载过" in keeper.page
    assert 'method="post" action' not in keeper.page.split("已经下载过")[1].split("</section>")[0]
    assert keeper.post(there, {}).status_code == 410
    assert "已经下载过" in keeper.page
    reader = whole_house.visit(whole_house.settle(roles.AUDIT.key))
    reader.get("/admin/lists/taken_out?kind=first_passwords.taken_out")
    assert "下载密码信封" in words(reader.page)
    assert "行数：1" in words(reader.page)


def test_whoever_keeps_no_people_any_more_gets_no_paper(whole_house: House) -> None:
    name = whole_house.settle(roles.REGIONAL.key, "130400")
    keeper, who = whole_house.visit(name), person(whole_house, "纸上人二")
    keeper.get("/admin/accounts/batch")
    keeper.post("/admin/accounts/batch", {"which": "without", "prefix": "zx", "way": "print", "person": who})
    done = batch(whole_house)
    world = whole_house.world
    keeper.get(f"/admin/accounts/slips/{done.id}")
    with world.session() as session:
        (held,) = posts.of(session, world.people[name], world.now)
        posts.end(session, held.id, world.now, None)
    assert keeper.post(f"/admin/accounts/slips/{done.id}", {}).status_code == 403


def test_the_list_of_people_leads_to_a_batch_of_those_ticked_or_found(
    whole_house: House, keeper: Browser
) -> None:
    ticked = person(whole_house, "勾选甲")
    person(whole_house, "筛选乙")
    person(whole_house, "筛选丙", "130000/130500/")
    keeper.get("/admin/lists/people?q=勾选")
    assert 'formaction="/admin/accounts/batch/of"' in keeper.page
    led = keeper.post("/admin/accounts/batch/of", {"row": ticked, "asked": "q=%E5%8B%BE%E9%80%89"}).location
    assert led == f"/admin/accounts/batch?person={ticked}"
    keeper.get("/admin/lists/people?q=筛选")
    led = keeper.post("/admin/accounts/batch/of", {"asked": "q=%E7%AD%9B%E9%80%89", "post": ""}).location
    assert dict(parse_qsl(urlsplit(led).query))["asked"] == "q=%E7%AD%9B%E9%80%89"
    keeper.get(led)
    assert "人员列表的筛选结果" in keeper.page
    assert "开通账号并发放初始密码 1人" in words(keeper.page)
    fields = {"which": "without", "prefix": "sx", "way": "print", "asked": "q=%E7%AD%9B%E9%80%89"}
    assert keeper.post("/admin/accounts/batch", fields).status_code == 303
    done = batch(whole_house)
    assert done.result["slips"] == 1
    assert "筛选" not in str(done.arguments)
    with whole_house.world.session() as session:
        names = session.scalars(
            select(Person.name)
            .join(Account, Account.person_id == Person.id)
            .where(Account.username.like("sx%"))
        ).all()
    assert names == ["筛选乙"]


def test_a_filter_that_is_lost_or_too_long_never_means_more_people(
    whole_house: House, keeper: Browser
) -> None:
    person(whole_house, "宽人")
    keeper.get("/admin/accounts/batch?asked=role%3Dno.such.role")
    assert "开通账号并发放初始密码 0人" in words(keeper.page)
    assert keeper.get(f"/admin/accounts/batch?asked=q%3D{'a' * 9000}").status_code == 400


def test_a_list_read_under_one_post_begins_a_batch_under_that_post(whole_house: House) -> None:
    name = whole_house.settle(roles.REGIONAL.key, "130402")
    world = whole_house.world
    world.enter(name, roles.REGIONAL.key, "130403")
    person(whole_house, "双岗甲"), person(whole_house, "双岗乙", "130000/130400/130403/")
    post = next(one.id for one in world.acting(name).posts if one.place.endswith("130403/"))
    browser = whole_house.visit(name)
    browser.get("/admin/lists/people")
    asked = {"asked": "q=%E5%8F%8C%E5%B2%97", "post": post}
    browser.get(browser.post("/admin/accounts/batch/of", asked).location)
    assert "开通账号并发放初始密码 1人" in words(browser.page)
    browser.get("/admin/accounts/batch?asked=q%3D%25E5%258F%258C%25E5%25B2%2597")
    assert "开通账号并发放初始密码 2人" in words(browser.page)


def test_too_many_slips_are_refused_in_words_and_what_was_chosen_stays(
    whole_house: House, keeper: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slips, "MOST", 1)
    people = [person(whole_house, f"过多{n}") for n in range(2)]
    keeper.get("/admin/accounts/batch")
    fields = {"which": "without", "prefix": "gd", "way": "print", "person": people}
    assert keeper.post("/admin/accounts/batch", fields).status_code == 422
    assert "一次最多打印1份" in keeper.page
    assert 'value="print" checked' in keeper.page
    assert 'value="without" checked' in keeper.page
    assert 'value="gd"' in keeper.page
