"""Many files as one ZIP: whose they are is asked when they are packed, names are told apart, a kill costs nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from app.platform import documents, jobs
from app.platform.audit.entities import AuditRow
from app.platform.data import sealing, transaction
from app.platform.documents import File, Received, zipping
from app.platform.identity import accounts, behalf, passwords
from app.platform.identity.entities import Account
from app.platform.jobs import errands
from app.platform.registry import Acting, Words
from tests.platform.jobs.databases import KINDS, fresh, opened

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
TITLE = Words("权限申请表/全部", "All forms")


class Ground:
    """A database with two people and their files."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions = sessions
        with sessions() as session:
            self.own, _ = accounts.create(session, "own", "甲", None, NOW, "Granit-Weide-47", demo=True)
            self.other, _ = accounts.create(session, "other", "乙", None, NOW, "Granit-Weide-47", demo=True)

    def acting(self, person: str) -> Acting:
        with self.sessions() as session:
            found = behalf.acting(session, person, NOW)
        assert found is not None
        return found

    def store(self, name: str, content: bytes, owner: str | None = None, instance: str | None = None) -> str:
        with self.sessions() as session:
            by = self.acting(owner or self.own)
            received = Received(name, "application/pdf", content)
            storage = documents.settings().storage
            return documents.store(session, storage, received, by, NOW, instance=instance, purpose="document")

    def begin(self, files: list[str]) -> str:
        with self.sessions() as session:
            return documents.zip_later(session, files, TITLE, self.acting(self.own), NOW)

    def work(self, errand: str) -> errands.Standing:
        while jobs.run_one(self.sessions, lambda: NOW, "worker"):
            pass
        with self.sessions() as session:
            found = errands.get(session, errand, self.acting(self.own))
        assert found is not None
        return found

    def packed(self, standing: errands.Standing) -> dict[str, bytes]:
        with self.sessions() as session:
            found = documents.open_file(session, documents.settings().storage, standing.result["file"])
        assert found is not None
        assert found[0].name == "权限申请表_全部.zip"
        assert found[0].owner == self.own
        with zipfile.ZipFile(io.BytesIO(found[1])) as archive:
            assert all(info.flag_bits & 0x800 for info in archive.infolist() if not info.filename.isascii())
            return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.fixture(params=KINDS)
def ground(request: pytest.FixtureRequest, tmp_path: Path, shared_press: Any) -> Iterator[Ground]:
    passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    documents.use(
        documents.Settings(documents.DiskStorage(tmp_path / "files"), shared_press, tmp_path, tmp_path)
    )
    documents.plug()
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        yield Ground(sessionmaker(engine))
        engine.dispose()


def test_files_are_packed_under_names_told_apart(ground: Ground) -> None:
    """C-30: UTF-8 names, `_` for what no name may hold, (2) for an equal one."""
    files = [ground.store("张三:申请表.pdf", b"1"), ground.store("张三:申请表.pdf", b"2")]
    standing = ground.work(ground.begin([*files, files[0]]))
    assert (standing.state, standing.result["rows"], standing.result["left"]) == ("done", 2, 0)
    assert ground.packed(standing) == {"张三_申请表.pdf": b"1", "张三_申请表(2).pdf": b"2"}
    with ground.sessions() as session:
        assert session.scalar(
            select(func.count()).select_from(AuditRow).where(AuditRow.kind == "documents.zipped")
        )


def test_what_belongs_to_others_is_left_out_and_counted(ground: Ground) -> None:
    """C-23: of another person's file, a foreign instance's and an unknown one nothing is told."""
    own = ground.store("a.pdf", b"1")
    foreign = ground.store("b.pdf", b"2", owner=ground.other)
    elsewhere = ground.store("c.pdf", b"3", instance="01JAAAAAAAAAAAAAAAAAAAAAAA")
    standing = ground.work(ground.begin([own, foreign, elsewhere, "unknown"]))
    assert (standing.result["rows"], standing.result["left"]) == (1, 3)
    assert set(ground.packed(standing)) == {"a.pdf"}


def test_nothing_to_pack_says_why(ground: Ground) -> None:
    standing = ground.work(ground.begin([ground.store("b.pdf", b"2", owner=ground.other)]))
    assert standing.state == "failed"
    assert standing.result["why"]["zh"] == zipping.NOTHING.zh


def test_a_disabled_account_gets_nothing(ground: Ground) -> None:
    errand = ground.begin([ground.store("a.pdf", b"1")])
    with ground.sessions() as session, transaction(session):
        session.get_one(Account, ground.own).is_disabled = True
    while jobs.run_one(ground.sessions, lambda: NOW, "worker"):
        pass
    with ground.sessions() as session:
        found = errands.get(session, errand, Acting(ground.own, "甲", "own"))
    assert found is not None
    assert found.state == "failed"


def test_too_much_is_refused_in_words(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [ground.store("a.pdf", b"1234"), ground.store("b.pdf", b"5678")]
    monkeypatch.setattr(zipping, "LARGEST", 7)
    assert ground.work(ground.begin(files)).result["why"]["zh"] == zipping.TOO_LARGE.zh
    monkeypatch.setattr(zipping, "MOST", 1)
    with pytest.raises(documents.TooMany):
        ground.begin(files)


def test_a_worker_that_dies_before_the_end_costs_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    errand = ground.begin([ground.store("a.pdf", b"1")])
    enter = zipping.enter
    deaths = iter([True])

    def once(*args: Any, **more: Any) -> str:
        if next(deaths, False):
            raise ConnectionError
        return enter(*args, **more)

    monkeypatch.setattr(zipping, "enter", once)
    monkeypatch.setattr(jobs.running, "PAUSES", (jobs.running.timedelta(0),) * 2)
    assert set(ground.packed(ground.work(errand))) == {"a.pdf"}
    with ground.sessions() as session:
        assert (
            session.scalar(select(func.count()).select_from(File).where(File.purpose == documents.RESULT))
            == 1
        )


def test_who_calls_it_off_gets_no_file(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipping, "EVERY", 1)
    errand = ground.begin([ground.store("a.pdf", b"1"), ground.store("b.pdf", b"2")])
    with ground.sessions() as session:
        assert errands.stop(session, errand, ground.acting(ground.own), NOW)
    standing = ground.work(errand)
    assert (standing.state, standing.result) == ("stopped", {})


def test_five_hundred_files_are_asked_for_in_one_statement(ground: Ground) -> None:
    files = [ground.store(f"{number}.pdf", str(number).encode()) for number in range(60)]
    errand = ground.begin(files)
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "documents_file" in statement and statement.startswith("SELECT"):
            asked.append(statement)

    engine = ground.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        standing = ground.work(errand)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1
    assert len(ground.packed(standing)) == 60


@pytest.fixture(scope="session", autouse=True)
def keys() -> None:
    sealing.use(sealing.Keys(data={1: b"k" * 32}, digest=b"d" * 32))
