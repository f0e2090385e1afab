"""First passwords on paper reach who can be reached in no other way, once, and then nothing is left of them (C-07)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, text

from app.platform import documents, notices
from app.platform.audit.entities import AuditRow
from app.platform.identity import passwords
from app.platform.identity.entities import Account
from app.platform.jobs import errands
from app.platform.lists import catalogue
from app.platform.notices import outbox
from app.platform.notices.delivering import deliver
from app.platform.notices.settings import Settings
from app.platform.notices.sms import SmsFile
from app.platform.personnel import first_passwords, slips
from app.platform.personnel.batch_choice import Choice
from app.platform.registry import house
from app.rooms.admin.lists.people import PEOPLE
from tests.empty_world import FONTS
from tests.platform.jobs.databases import KINDS, fresh
from tests.platform.personnel.bureau import Bureau, card, founded, person
from tests.platform.personnel.test_first_passwords import sent
from tests.platform.sheets.members import cells

ADDRESS = "https://shenpi.example/"


@pytest.fixture(scope="module")
def press() -> Iterator[documents.Press]:
    made = documents.Press(FONTS, size=1)
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def bureau(request: pytest.FixtureRequest, tmp_path: Path, press: documents.Press) -> Iterator[Bureau]:
    with fresh(request.param, tmp_path) as address, founded(address, tmp_path) as bureau:
        documents.use(replace(documents.settings(), press=press))
        first_passwords.plug()
        house.jobs[outbox.JOB] = deliver
        notices.use(Settings(sms=SmsFile(tmp_path / "sms.jsonl")))
        yield bureau
        notices.use(Settings())


def begin(bureau: Bureau, who: str, choice: Choice) -> errands.Standing:
    by = bureau.by(who)
    with bureau.sessions() as session:
        errand = first_passwords.begin(session, choice, by, bureau.at, ADDRESS)
    bureau.work()
    return standing(bureau, who, errand)


def standing(bureau: Bureau, who: str, errand: str) -> errands.Standing:
    with bureau.sessions() as session:
        found = errands.get(session, errand, bureau.by(who))
    assert found is not None
    return found


def take(bureau: Bureau, who: str, errand: errands.Standing) -> bytes | None:
    with bureau.sessions() as session:
        taken = slips.take(session, errand.id, errand.result["slips"], bureau.by(who), bureau.at)
    return taken[1] if taken else None


def printed(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def matching(bureau: Bureau, said: str) -> set[str]:
    """The numbers of those whose present password stands in a text."""
    words = {word for word in said.split() if len(word) == 14}
    return {
        number
        for number, (_, account, _) in bureau.entered().items()
        if account and any(passwords.matches(account.password_hash, word) for word in words)
    }


def left(bureau: Bureau) -> tuple[int, int]:
    """How many files no person owns there are rows of, and how many files there are at all."""
    with bureau.sessions() as session:
        rows = session.scalar(
            select(func.count())
            .select_from(documents.File)
            .where(documents.File.purpose.in_(("slips", "slips_part")))
        )
    return rows or 0, sum(1 for path in (bureau.folder / "files").glob("??/*"))


def test_who_has_no_phone_gets_a_slip_and_all_others_a_message(bureau: Bureau) -> None:
    record = bureau.enter("here", [person(n) for n in range(3)] + [person(n, phone=None) for n in (3, 4)])
    done = begin(bureau, "here", Choice("unsent", record.id, way="both"))
    assert (done.result["sent"], done.result["slips"], done.result["not_reached"]) == (3, 2, 0)
    assert len(sent(bureau)) == 3
    pdf = take(bureau, "here", done)
    assert pdf is not None
    said = printed(pdf)
    assert matching(bureau, said) == {card(3), card(4)}
    for number in (3, 4):
        who, account, _ = bureau.entered()[card(number)]
        assert account is not None
        assert who.name in said
        assert account.username in said
        assert account.must_change_password
        assert account.password_until_at == bureau.at + timedelta(hours=72)
    assert ADDRESS in said
    with bureau.sessions() as session:
        found = documents.open_file(session, documents.settings().storage, done.result["file"])
    assert found is not None
    results = [row[-1] for row in cells(found[1])[1:]]
    assert sorted(results) == sorted(["已发送"] * 3 + ["已打印密码信封"] * 2)


def test_by_choice_all_get_one_and_nothing_is_sent(bureau: Bureau) -> None:
    bureau.enter("here", [person(n, account=None) for n in range(11)])
    done = begin(bureau, "here", Choice("without", prefix="jy", way="print"))
    assert (done.result["sent"], done.result["slips"]) == (0, 11)
    assert sent(bureau) == []
    pdf = take(bureau, "here", done)
    assert pdf is not None
    assert len(matching(bureau, printed(pdf))) == 11
    assert len(PdfReader(BytesIO(pdf)).pages) == 2


def test_the_paper_is_taken_once_and_then_nothing_is_left_of_it(bureau: Bureau) -> None:
    bureau.enter("here", [person(1, phone=None)])
    _, before = left(bureau)
    done = begin(bureau, "here", Choice("unsent", way="both"))
    assert left(bureau)[0] == 2
    pdf = take(bureau, "here", done)
    assert pdf is not None
    assert take(bureau, "here", done) is None
    assert left(bureau) == (0, before + 1)  # the result's workbook, which has no password
    with bureau.sessions() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.kind == slips.TAKEN)).all()
        assert (row.by_id, row.about) == (bureau.people["here"], f"errand:{done.id}")


def test_it_waits_an_hour_and_is_swept_then(bureau: Bureau) -> None:
    bureau.enter("here", [person(1, phone=None)])
    _, before = left(bureau)
    done = begin(bureau, "here", Choice("unsent", way="both"))
    storage = documents.settings().storage
    with bureau.sessions() as session:
        assert slips.sweep(session, storage, bureau.at, first_passwords.KIND) == 0
        assert slips.waits_until(session, done.id, bureau.at) == bureau.at + slips.KEPT
    bureau.at += slips.KEPT
    assert take(bureau, "here", done) is None
    with bureau.sessions() as session:
        assert slips.waits_until(session, done.id, bureau.at) is None
        assert slips.sweep(session, storage, bureau.at, first_passwords.KIND) == 2
    assert left(bureau) == (0, before + 1)


def test_no_person_may_have_the_file_by_its_id(bureau: Bureau) -> None:
    bureau.enter("here", [person(1, phone=None)])
    begin(bureau, "here", Choice("unsent", way="both"))
    with bureau.sessions() as session:
        for file in session.scalars(select(documents.File.id).where(documents.File.purpose.like("slips%"))):
            known = documents.facts(session, file)
            assert known is not None
            assert not documents.may_have(session, bureau.by("here"), known)
            assert not documents.may_have(session, bureau.by("system"), known)


def test_a_killed_batch_prints_what_it_had_drawn_before(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.enter("here", [person(n, phone=None) for n in range(12)])
    real, tries = first_passwords._next, []

    def dying(*arguments: Any) -> Any:
        tries.append(1)
        if len(tries) == 2:
            raise RuntimeError("killed")
        return real(*arguments)

    monkeypatch.setattr(first_passwords, "_next", dying)
    started = begin(bureau, "here", Choice("unsent", way="both"))
    assert not started.is_over
    bureau.at += timedelta(minutes=1)
    bureau.work()
    done = standing(bureau, "here", started.id)
    assert (done.state, done.result["slips"]) == ("done", 12)
    pdf = take(bureau, "here", done)
    assert pdf is not None
    assert len(matching(bureau, printed(pdf))) == 12


def test_who_has_been_given_another_meanwhile_has_no_slip(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.enter("here", [person(n, phone=None) for n in (1, 2)])
    real = slips.draw_up

    def later(session: Any, errand: str, address: str) -> Any:
        with bureau.sessions() as own:
            account = own.get(Account, bureau.entered()[card(1)][0].id)
            assert account is not None
            account.password_hash = passwords.hashed("Granit-47-Weide")
            own.commit()
        return real(session, errand, address)

    monkeypatch.setattr(slips, "draw_up", later)
    done = begin(bureau, "here", Choice("unsent", way="both"))
    assert done.result["slips"] == 1
    pdf = take(bureau, "here", done)
    assert pdf is not None
    assert matching(bureau, printed(pdf)) == {card(2)}


def test_more_than_one_prints_at_once_are_left_and_named(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slips, "MOST", 3)
    bureau.enter("here", [person(n, phone=None) for n in range(12)])
    done = begin(bureau, "here", Choice("unsent", way="both"))
    assert (done.result["slips"], done.result["not_reached"]) == (3, 9)
    assert begin(bureau, "here", Choice("unsent", way="both")).result["slips"] == 3


def test_those_a_list_shows_are_found_again_by_the_errand(bureau: Bureau) -> None:
    catalogue.enter("admin", [PEOPLE])
    bureau.enter("here", [person(n, phone=None, account=None) for n in (1, 2)])
    bureau.enter("there", [person(3, name=person(1)["name"], account=None, kept="130403", place="130403")])
    for asked, found in (
        ({"q": person(1)["name"]}, 1),
        ({"state": "none", "region": "130402"}, 2),
        ({"q": card(2)}, 1),
        ({"role": "bureau.teacher"}, 2),
        ({"unit": "第二"}, 0),
    ):
        with bureau.sessions() as session:
            choice = Choice("without", asked=asked, way="print")
            assert first_passwords.count(session, choice, bureau.by("here"), bureau.at) == found, asked
    done = begin(
        bureau, "here", Choice("without", asked={"q": person(1)["name"], "state": "none"}, way="print")
    )
    assert done.result["slips"] == 1
    assert bureau.entered()[card(2)][1] is None
    catalogue.enter("admin", [])


def test_no_password_stands_in_the_clear_anywhere(bureau: Bureau, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    bureau.enter("here", [person(n, phone=None) for n in (1, 2)])
    done = begin(bureau, "here", Choice("unsent", way="both"))
    stored = [path.read_bytes() for path in (bureau.folder / "files").glob("??/*")]
    kept = everything(bureau)
    pdf = take(bureau, "here", done)
    assert pdf is not None
    secrets = {word for word in printed(pdf).split() if len(word) == 14}
    assert len(secrets) >= 2
    for secret in secrets:
        assert secret not in kept
        assert secret not in everything(bureau)
        assert secret not in caplog.text
        assert not any(secret.encode() in content for content in stored)


def everything(bureau: Bureau) -> str:
    """All that the database holds, as text."""
    if bureau.engine.dialect.name == "sqlite":
        with sqlite3.connect(bureau.engine.url.database or "") as raw:
            return "\n".join(raw.iterdump())
    tables = text("select table_name from information_schema.tables where table_schema = 'public'")
    with bureau.engine.connect() as connection:
        names = connection.execute(tables).scalars().all()
        return "\n".join(str(connection.execute(text(f'select * from "{name}"')).all()) for name in names)
