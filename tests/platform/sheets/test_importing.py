"""An import enters the good rows, gives back the bad ones, and is never doubled (C-24 to C-27)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from app.platform import documents, jobs, sheets
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.jobs import Errand, Job, errands
from app.platform.registry import Refused
from app.platform.sheets import importing, records
from app.platform.sheets.entities import Failure, Import
from tests.platform.jobs.databases import KINDS, fresh
from tests.platform.sheets.members import (
    HEADS,
    HERE,
    MEMBERS,
    NAME,
    THERE,
    Club,
    Member,
    card,
    cells,
    founded,
    line,
)


@pytest.fixture(params=KINDS)
def club(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[Club]:
    with fresh(request.param, tmp_path) as address, founded(address, tmp_path, shared_press) as club:
        yield club


def test_good_rows_are_stored_and_bad_ones_returned_with_their_reasons(club: Club) -> None:
    """C-24, C-25: row number, column, reason; the record says who, when, what and how many."""
    record = club.enter([line(1), line(2, phone="12", kind="没有"), line(3), line(4, name="无名")])
    assert (record.state, record.total, record.good, record.bad) == ("done", 4, 2, 2)
    assert (record.person, record.role, record.place, record.file) == (
        "王秘书",
        "club.secretary",
        HERE,
        "会员.xlsx",
    )
    assert {member["name"] for member in club.members()} == {"会员1", "会员3"}
    rows = cells(club.returned(record))
    assert rows[0] == [*HEADS, "失败原因"]
    assert rows[1][-1] == "第3行：【联系电话】应为11位手机号码；【类别】应为：正式会员、青年会员（A）"
    assert rows[1][:2] == ["会员2", card(2)]
    assert rows[2][-1] == "第5行：【姓名】不能是无名"
    assert len(rows) == 3
    assert club.findings() == []


def test_corrected_and_sent_again_as_it_is_nothing_is_doubled(club: Club) -> None:
    """C-27: the failure workbook is a template too; a row entered before is not entered twice."""
    first = club.enter([line(1), line(2, phone="12"), line(3)])
    rows = cells(club.returned(first))
    rows[1][2] = "13800000002"
    again = club.enter([*rows[1:], [*line(3), "whatever"]], [*rows[0]])
    assert (again.good, again.bad, again.created) == (2, 0, 1)
    assert len(club.members()) == 3
    assert club.findings() == []


def test_what_people_type_is_understood(club: Club) -> None:
    """Numbers as text, full-width digits, blanks, dates in every dress, choices by word in either width."""
    rows = [
        line(
            1,
            terms="１２ ",
            joined="2024年5月6日",
            kind=" 青年会员(A)",
            region="130402",
            phone=" 138 0000 0001",
        ),
        [None] * 8,
        line(
            2,
            terms=3.0,
            joined=datetime(2024, 5, 6, 10),
            kind="full",
            region="河北省 邯郸市 丛台区",
            name=" 会员2 ",
        ),
        line(3, phone=13800000003, terms=None, joined=None, region=None, note=12),
    ]
    record = club.enter(rows)
    assert (record.total, record.good) == (3, 3), cells(club.returned(record))
    one, two, three = sorted(club.members(), key=lambda member: member["name"])
    assert (one["terms"], one["joined"], one["kind"], one["region"]) == (12, "2024-05-06", "young", "130402")
    assert (two["terms"], two["joined"], two["kind"], two["region"]) == (3, "2024-05-06", "full", "130403")
    assert (three["phone"], three["terms"], three["note"]) == ("13800000003", None, "12")


@pytest.mark.parametrize("lost", [1.2e18, "1.2E+18", 130402199003070010.0])
def test_a_number_that_lost_its_digits_is_refused_in_words(club: Club, tmp_path: Path, lost: Any) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(HEADS)
    book.active.append(line(1, card=lost))
    book.save(tmp_path / "lost.xlsx")
    record = club.enter((tmp_path / "lost.xlsx").read_bytes())
    assert (record.good, record.bad) == (0, 1)
    assert "末尾数字已经丢失" in cells(club.returned(record))[1][-1]


def test_the_same_row_twice_in_one_workbook_is_told(club: Club) -> None:
    record = club.enter([line(1), line(2), line(1, name="又一个")])
    assert (record.good, record.bad) == (2, 1)
    assert cells(club.returned(record))[1][-1] == "第4行：与第2行重复（身份证号相同）"


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        (HEADS[:-1], "缺少“备注”"),
        ([*HEADS, "工资"], "多出“工资”"),
        ([*HEADS[:-1], "姓名"], "缺少“备注”；“姓名”重复"),
        (["甲"] * 3, "缺少“姓名、身份证号"),
    ],
)
def test_a_wrong_template_is_refused_as_a_whole(club: Club, heads: list[str], said: str) -> None:
    """C-26: with what differs, and no record is made."""
    with pytest.raises(sheets.SheetRefused) as refused:
        club.begin([line(1)], heads)
    assert said in refused.value.message("zh")
    with club.sessions() as session:
        assert session.scalars(select(Import.id)).all() == []
        assert session.scalars(select(Errand.id)).all() == []


def test_columns_in_any_order_and_in_english(club: Club) -> None:
    record = club.enter(
        [["", card(1), "Zhang", "Full", None, None, None, None]],
        ["Note", "ID number", "Name*", "Kind", "Phone", "Terms", "Joined", "Region"],
    )
    assert (record.good, record.bad) == (1, 0)


def test_only_those_of_the_same_place_see_the_record(club: Club) -> None:
    """C-25."""
    record = club.enter([line(1)])
    with club.sessions() as session:
        assert [one.id for one in records.of(session, NAME, club.posts_at(HERE))[0]] == [record.id]
        assert records.of(session, NAME, club.posts_at(THERE)) == ([], 0)
        assert records.get(session, NAME, record.id, club.posts_at(THERE)) is None


def test_refused_rows_are_kept_sealed(club: Club) -> None:
    club.enter([line(1, phone="12")])
    with club.sessions() as session:
        raw = session.execute(select(Failure.__table__.c.said).with_only_columns(Failure.row)).all()
        stored = session.connection().exec_driver_sql("SELECT said FROM sheets_failure").scalar_one()
    assert len(raw) == 1
    assert "会员1".encode() not in bytes(stored)
    assert card(1).encode() not in bytes(stored)


def test_undone_as_a_whole_unless_something_depends_on_it(club: Club) -> None:
    record = club.enter([line(n) for n in range(1, 6)])
    other = club.enter([line(9)])
    with club.sessions() as session:
        with transaction(session):
            session.execute(update(Member).where(Member.name == "会员3").values(has_prize=True))
        with pytest.raises(Refused, match="1 人已经获奖"):
            sheets.undo(session, MEMBERS, record.id, club.posts_at(HERE), club.by, club.at)
        assert len(club.members()) == 6
        with transaction(session):
            session.execute(update(Member).values(has_prize=False))
        assert not sheets.undo(session, MEMBERS, record.id, club.posts_at(THERE), club.by, club.at)
        assert sheets.undo(session, MEMBERS, record.id, club.posts_at(HERE), club.by, club.at)
        with pytest.raises(Refused, match="已经撤销"):
            sheets.undo(session, MEMBERS, record.id, club.posts_at(HERE), club.by, club.at)
    assert [member["name"] for member in club.members()] == ["会员9"]
    assert club.record(record.id).state == "undone"
    assert club.record(other.id).state == "done"
    assert club.findings() == []


def test_a_running_import_cannot_be_undone(club: Club) -> None:
    record = club.begin([line(1)])
    with club.sessions() as session, pytest.raises(Refused, match="还没有结束"):
        sheets.undo(session, MEMBERS, record, club.posts_at(HERE), club.by, club.at)


def test_whoever_lost_his_post_enters_nothing_more(club: Club) -> None:
    record = club.begin([line(1)])
    with club.sessions() as session:
        posts.end(session, next(post.id for post in club.by.posts if post.place == HERE), club.at, None)
    club.at += timedelta(minutes=1)
    club.work()
    assert club.record(record).state == "failed"
    assert club.members() == []
    assert club.findings() == []


def test_stopped_on_the_way_what_is_entered_stays_and_counts_agree(club: Club, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    step = errands.step

    def watched(session: Any, errand: str, done: int, total: int | None = None) -> None:
        if done == 30:
            raise errands.Stopped(errand)
        step(session, errand, done, total)

    monkeypatch.setattr(errands, "step", watched)
    record = club.enter([line(n, phone="1" if n == 3 else "13800000000") for n in range(1, 51)])
    assert (record.state, record.handled, record.good, record.bad) == ("stopped", 20, 19, 1)
    assert len(club.members()) == 19
    assert len(cells(club.returned(record))) == 2
    assert club.findings() == []


def test_stopped_before_it_began(club: Club) -> None:
    record = club.begin([line(1)])
    with club.sessions() as session:
        assert errands.stop(session, club.record(record).errand, club.by, club.at)
    club.work()
    assert (club.record(record).state, club.members(), club.findings()) == ("stopped", [], [])


def test_a_chunk_is_entered_once_whoever_holds_the_job(club: Club, monkeypatch: Any) -> None:
    """A worker that lost its lease on the way writes nothing more: another has moved the record on."""
    monkeypatch.setattr(importing, "CHUNK", 10)
    record = club.begin([line(n) for n in range(1, 41)])
    with club.sessions() as session:
        errand = session.execute(select(Errand.__table__)).one()
        arguments = {**errand.arguments, "errand": errand.id}
    enter, calls = importing._enter, []

    def slow(*given: Any) -> None:
        calls.append(given[4])
        if len(calls) == 2:  # the other worker takes the job and brings it to its end
            club.work()
        enter(*given)

    monkeypatch.setattr(importing, "_enter", slow)
    with club.sessions() as session, pytest.raises(jobs.LeaseLost):
        importing.run(session, arguments, club.at)
    ended = club.record(record)
    assert (ended.state, ended.good, len(club.members())) == ("done", 40, 40)
    assert club.findings() == []


def given_up(club: Club, monkeypatch: Any) -> tuple[str, Any]:
    """An import of forty rows whose job breaks at the twentieth for good; and what entered rows before."""
    monkeypatch.setattr(importing, "CHUNK", 10)
    enter = importing._enter

    def broken(*given: Any) -> None:
        if given[4] == 20:
            raise LookupError("the disk is away")
        enter(*given)

    monkeypatch.setattr(importing, "_enter", broken)
    record = club.begin([line(1, phone="1"), *(line(n) for n in range(2, 41))])
    for _ in range(4):
        club.work()
        club.at += timedelta(minutes=2)
    assert (club.record(record).state, club.record(record).handled) == ("failed", 20)
    assert club.findings() == []
    return record, enter


def test_a_job_given_up_can_be_asked_for_again_and_goes_on(club: Club, monkeypatch: Any) -> None:
    record, enter = given_up(club, monkeypatch)
    monkeypatch.setattr(importing, "_enter", enter)
    with club.sessions() as session:
        assert errands.again(session, club.record(record).errand, club.by, club.at)
    club.work()
    assert (club.record(record).state, len(club.members())) == ("done", 39)


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_job_given_up_can_be_undone_and_never_goes_on(
    club: Club, monkeypatch: Any, is_forgotten: bool
) -> None:
    """Its page offers that; also when the errand is long forgotten."""
    record, enter = given_up(club, monkeypatch)
    errand = club.record(record).errand
    if is_forgotten:
        club.at += timedelta(days=31)
        with club.sessions() as session:
            errands.forget(session, club.at)
        assert club.record(record).state == "failed"
    with club.sessions() as session:
        assert sheets.undo(session, MEMBERS, record, club.posts_at(HERE), club.by, club.at)
    monkeypatch.setattr(importing, "_enter", enter)
    with club.sessions() as session:
        assert errands.again(session, errand, club.by, club.at) is not is_forgotten
    club.work()
    assert (club.record(record).state, club.members()) == ("undone", [])
    with club.sessions() as session:
        told = errands.get(session, errand, club.by)
    assert told is None if is_forgotten else told is not None and told.state == "failed"
    assert club.findings() == []


def test_the_doctor_sees_what_does_not_agree(club: Club) -> None:
    """I8."""
    record = club.enter([line(1), line(2, phone="1")])
    running = club.begin([line(3)])
    with club.sessions() as session, transaction(session):
        session.execute(update(Import).where(Import.id == record.id).values(good=2, created=0))
        session.execute(update(Job).values(state="done"))
    assert sorted(finding.code for finding in club.findings()) == [
        "import_counts",
        "import_rows",
        "import_stuck",
    ]
    assert any(running in finding.detail for finding in club.findings())


def test_statements_do_not_grow_with_rows(club: Club) -> None:
    """One chunk of 400 rows costs what one of 4 costs."""
    counts = []
    for rows in (4, 5, 400):  # the first job of a process reads the settings, too
        club.begin([line(n, phone="1" if n % 4 == 0 else "13800000000") for n in range(rows * 10, rows * 11)])
        told: list[str] = []
        with counted(club, told):
            club.work()
        counts.append(len(told))
    assert counts[1] == counts[2]


def test_once_many_rows_are_in_postgresql_counts_its_tables_again(club: Club, monkeypatch: Any) -> None:
    """It would read a table whole for each chunk that it takes for a small one."""
    monkeypatch.setattr(importing, "COUNTED_AT", (3,))
    for rows, counts in ((2, False), (5, True)):
        club.begin([line(n) for n in range(rows * 10, rows * 11)])
        told: list[str] = []
        with counted(club, told):
            club.work()
        there = counts and club.engine.dialect.name == "postgresql"
        assert [one for one in told if "ANALYZE" in one] == ["ANALYZE " + Member.__tablename__] * there


@contextmanager
def counted(club: Club, told: list[str]) -> Iterator[None]:
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(club.engine, "before_cursor_execute", note)
    yield
    event.remove(club.engine, "before_cursor_execute", note)


def test_a_template_filled_in_is_taken(club: Club, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = tmp_path / "template.xlsx"
    sheets.template.write(MEMBERS, path)
    book = load_workbook(path)
    assert book.sheetnames == ["会员", "填写说明", "选项"]
    assert [cell.value for cell in book["会员"][1]] == HEADS
    assert book["选项"]["A3"].value == "青年会员（A）"
    with pytest.raises(sheets.SheetRefused, match="blank"):
        club.begin(path.read_bytes())
    for place, value in enumerate(line(1), 1):
        book["会员"].cell(2, place).value = value
    book.save(path)
    assert club.enter(path.read_bytes()).good == 1
    assert isinstance(line(1)[4], date)


def test_a_workbook_is_screened_like_every_upload(club: Club) -> None:
    """T5: found is refused, a scanner that is away is refused too, and what was screened says so."""

    class Looks:
        raises: Exception | None = None

        def screen(self, content: bytes) -> None:
            if self.raises is not None:
                raise self.raises

    looks, place = Looks(), documents.settings()
    documents.use(replace(place, scanner=looks))
    for looks.raises, code in ((documents.Infected(), "infected"), (documents.ScannerAway(), "unscreened")):
        with pytest.raises(sheets.SheetRefused) as refused:
            club.begin([line(1)])
        assert refused.value.code == code
    looks.raises = None
    record = club.enter([line(1)])
    with club.sessions() as session:
        facts = documents.facts(session, record.file_id)
        assert facts is not None
        assert facts.screened
    documents.use(place)
