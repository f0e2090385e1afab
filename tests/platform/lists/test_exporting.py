"""An export equals the list it was taken from: rows, columns, order, masks and words (C-28, C-29, C-39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.platform import documents, jobs, lists, settings
from app.platform.audit import keys as audit_keys
from app.platform.audit.entities import AuditRow
from app.platform.documents import File
from app.platform.identity import accounts, posts
from app.platform.jobs import Errand, Job, errands
from app.platform.lists import catalogue
from app.platform.registry import Acting, Words
from tests.platform.lists.guests import ALL, GUESTS, HERE, NOW, STATES, THERE, Ground, Guest


def test_all_rows_of_the_filter_with_the_columns_seen(ground: Ground) -> None:
    """C-28, C-29: the order and the words of the list, masks as on screen, all digits of long numbers."""
    ground.enter(12)
    rows = ground.rows(ground.begin({"state": "waiting", "sort": "-name"}))
    assert rows[0] == ["序号", "姓名", "报名号", "手机号码", "状态", "件数", "到达"]
    assert len(rows) == 11
    assert [row[0] for row in rows[1:]] == list(range(1, 11))
    assert rows[1] == [
        1,
        "来宾000012",
        "130000000000000012",
        "138****1234",
        "尚未审核",
        12,
        "2026-11-25 10:42",
    ]
    assert rows[-1][1] == "来宾000001"


def test_it_equals_what_the_pages_show(ground: Ground) -> None:
    """Row by row over all pages, for several questions."""
    ground.enter(120)
    ground.enter(30, THERE, begin=500)
    for asked in ({}, {"q": "1"}, {"state": "passed"}, {"sort": "name", "q": "00005"}):
        shown = []
        with ground.sessions() as session:
            number = pages = 1
            while number <= pages:
                question = lists.read(
                    GUESTS, session, ground.by, {**asked, "page": str(number), "size": "50"}
                )
                page = lists.fetch(GUESTS, session, ground.by, question, NOW)
                shown += [[line.number, line.cells["name"], line.cells["phone"]] for line in page.rows]
                number, pages = number + 1, page.pages
        rows = ground.rows(ground.begin(asked))
        assert [[row[0], row[1], row[3]] for row in rows[1:]] == shown


def test_ticked_rows_alone_and_none_beyond_the_scope(ground: Ground) -> None:
    """C-28, C-11: a tick is a wish, not a right."""
    ground.enter(6)
    ground.enter(2, "130000/130600/130602/", begin=50)
    rows = ground.rows(ground.begin({"q": "nobody"}, rows=["guest000004", "guest000002", "guest000050", "x"]))
    assert [row[1] for row in rows[1:]] == ["来宾000002", "来宾000004"]


def test_columns_chosen_are_those_taken_out_in_the_order_of_the_list(ground: Ground) -> None:
    ground.enter(1, note="=1+1\x07")
    rows = ground.rows(ground.begin(columns=["note", "name", "nonsense"], language="en"))
    assert rows == [["No.", "Name", "Note"], [1, "来宾000001", "=1+1"]]


def test_under_one_post_alone_only_its_rows_are_taken_out(ground: Ground) -> None:
    ground.enter(3)
    ground.enter(2, THERE, begin=10)
    there = next(post for post in ground.by.posts if post.place == THERE)
    by = replace(ground.by, post=there, posts=(there,))
    assert len(ground.rows(ground.begin(by=by, alone=True))) == 3
    assert len(ground.rows(ground.begin())) == 6


def test_whoever_lost_his_post_gets_nothing(ground: Ground) -> None:
    """The posts of now count, not those of when it was asked for."""
    ground.enter(3)
    ground.enter(2, THERE, begin=10)
    here, there = (next(p for p in ground.by.posts if p.place == at) for at in (HERE, THERE))
    both, alone = ground.begin(), ground.begin(by=replace(ground.by, post=here, posts=(here,)), alone=True)
    with ground.sessions() as session:
        posts.end(session, here.id, NOW, None)
    ground.at += timedelta(minutes=1)
    assert len(ground.rows(both)) == 3
    refused = ground.work(alone)
    assert (refused.state, refused.result["why"]["zh"]) == ("failed", lists.exporting.NO_LONGER.zh)
    last = ground.begin()
    with ground.sessions() as session:
        posts.end(session, there.id, ground.at, None)
    ground.at += timedelta(minutes=1)
    assert ground.work(last).state == "failed"
    with ground.sessions() as session:
        assert not errands.again(session, last, ground.by, ground.at)
        assert session.scalar(select(func.count()).select_from(File)) == 1


def test_a_disabled_account_gets_nothing(ground: Ground) -> None:
    ground.enter(1)
    errand = ground.begin()
    with ground.sessions() as session:
        accounts.disable(session, ground.host, None, NOW)
    assert ground.work(errand).state == "failed"


def test_what_was_asked_is_kept_sealed(ground: Ground) -> None:
    """A name that was typed stands in no table in the clear, and who took what out is written down."""
    ground.enter(2)
    errand = ground.begin({"q": "来宾000002"})
    with ground.sessions() as session:
        for table in (Errand, Job):
            for row in session.execute(select(table.__table__)):
                assert "来宾000002" not in str(row)
    standing = ground.work(errand)
    with ground.sessions() as session:
        row = session.execute(select(AuditRow).where(AuditRow.kind == "list.exported")).scalar_one()
        key = audit_keys.by_id(session, row.key_id)
        assert key is not None
        body = orjson.loads(key.unseal(row.body))
        assert row.by_id == ground.host
        assert body["list"] == "test/guests"
        assert (body["rows"], body["filters"], body["ticked"]) == (1, ["q"], 0)
        assert body["file"] == standing.result["file"]
        facts = documents.facts(session, standing.result["file"])
    assert facts is not None
    assert (facts.owner, facts.instance, facts.purpose) == (ground.host, None, documents.RESULT)
    assert facts.name == "来宾_名单_20261125_1030.xlsx"


def test_stopped_on_the_way_it_leaves_no_file(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.enter(2500)
    monkeypatch.setattr(lists.exporting, "EVERY", 0.0)
    errand = ground.begin()
    step, told = errands.step, []

    def watched(session: Session, name: str, done: int, total: int | None = None) -> None:
        told.append((done, total))
        if done == 1000:
            with ground.sessions() as other:
                assert errands.stop(other, errand, ground.by, NOW)
        step(session, name, done, total)

    monkeypatch.setattr(errands, "step", watched)
    assert ground.work(errand).state == "stopped"
    assert told == [(0, 2500), (1000, 2500)]
    with ground.sessions() as session:
        assert session.scalar(select(func.count()).select_from(File)) == 0


def test_the_file_goes_with_its_errand(ground: Ground) -> None:
    ground.enter(1)
    errand = ground.begin()
    file = ground.work(errand).result["file"]
    with ground.sessions() as session:
        assert documents.forget_results(session, NOW + timedelta(days=29)) == 0
        assert documents.facts(session, file) is not None
        assert documents.forget_results(session, NOW + timedelta(days=31)) == 1
        assert documents.facts(session, file) is None


@pytest.mark.parametrize("count", [10, 3000])
def test_statements_are_counted(ground: Ground, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for ten rows and for thousands, but for the telling of how far it is."""
    monkeypatch.setattr(lists.exporting, "EVERY", 3600.0)
    ground.enter(count)
    ground.begin()
    with ground.sessions() as session:
        settings.catch_up(session)  # the first job of a process reads the settings, too
    said: list[str] = []
    listener = lambda *arguments: said.append(arguments[2])  # noqa: E731
    event.listen(ground.engine, "before_cursor_execute", listener)
    assert jobs.run_one(ground.sessions, lambda: NOW, "worker")
    event.remove(ground.engine, "before_cursor_execute", listener)
    reading = [one for one in said if "test_guest" in one]
    assert len(reading) == 2
    own = [one for one in said if not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "FETCH", "SET"))]
    assert len(own) <= 22, own


def named(ground: Ground, name: Any, asked: dict[str, str], **more: Any) -> str:
    """How the workbook is called that a list with this `file_name` is taken out as."""
    came = lists.Filter(
        "came", Words("到达", "Came"), "period", lambda period, now: lists.during(Guest.came_at, period)
    )
    listing = replace(GUESTS, file_name=name, filters=(*GUESTS.filters, came))
    catalogue.enter("test", [listing])
    standing = ground.work(ground.begin(asked, listing=listing, **more))
    with ground.sessions() as session:
        found = session.get(File, standing.result["file"])
        assert found is not None
        return found.name


def test_a_list_names_its_workbook_after_who_asks_for_what(ground: Ground) -> None:
    ground.enter(5)

    def name(by: Acting, filters: Mapping[str, Words]) -> Words:
        heard.append(filters)
        return Words(f"{by.name}/{filters['state'].zh}名单", f"{filters['state'].en} guests")

    heard: list[Mapping[str, Words]] = []
    asked = {"q": "来宾", "state": "passed", "came_from": "2026-11-01", "came_to": "2026-11-30"}
    assert named(ground, name, asked) == "主人_审核通过名单.xlsx"
    assert heard == [
        {
            "q": Words("来宾", "来宾"),
            "state": STATES["passed"],
            "came": Words("2026-11-01至2026-11-30", "2026-11-01 to 2026-11-30"),
        }
    ]
    assert named(ground, name, {"state": "passed"}, language="en") == "Passed guests.xlsx"
    assert named(ground, lambda by, filters: f"全部{len(filters)}", {}) == "全部0.xlsx"


def test_only_a_list_that_tells_its_rows_apart_is_taken_out(ground: Ground) -> None:
    loose = replace(GUESTS, key="loose", row=None)
    catalogue.enter("test", [GUESTS, loose])
    with ground.sessions() as session:
        for listing in (loose, replace(GUESTS)):
            with pytest.raises(ValueError, match="cannot be taken out"):
                lists.exporting.begin(session, listing, lists.exporting.Wanted({}, ALL), ground.by, NOW)
