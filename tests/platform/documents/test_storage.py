"""Files on disk: encrypted, whole, found again; orphans swept after a day (T18, F3)."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data import sealing
from app.platform.documents import Received, Storage, StorageFull, disk
from app.platform.registry import Acting

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BY = Acting("p1", "欧阳娜", "ouyang")


def files(storage: Storage) -> list[Path]:
    return [path for path in storage._root.rglob("*") if path.is_file()]


def grow_old(storage: Storage, days: float = 1.1) -> None:
    for path in files(storage):
        then = path.stat().st_mtime - days * 86400
        os.utime(path, (then, then))


def test_what_is_stored_comes_back_and_is_unreadable_on_disk(storage: Storage) -> None:
    name = storage.put(b"secret scan")
    assert storage.get(name) == b"secret scan"
    (path,) = files(storage)
    assert b"secret" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_equal_contents_share_one_file(storage: Storage) -> None:
    assert storage.put(b"a") == storage.put(b"a") != storage.put(b"b")
    assert len(files(storage)) == 2


def test_a_file_tampered_with_is_refused(storage: Storage) -> None:
    name = storage.put(b"a")
    (path,) = files(storage)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(sealing.Unreadable):
        storage.get(name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "/etc/passwd", "a" * 64 + "/x", ""])
def test_only_its_own_names_are_paths(storage: Storage, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        storage.get(name)


def test_a_full_disk_leaves_no_torn_file(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(StorageFull):
        storage.put(b"a")
    assert files(storage) == []


def test_an_upload_is_stored_with_its_facts(session: Session, storage: Storage) -> None:
    received = Received("扫描.jpg", "image/jpeg", b"abc", 10, 20, None, True)
    file = documents.store(session, storage, received, BY, NOW, instance="i1", purpose="scan")
    found = documents.open_file(session, storage, file)
    assert found is not None
    facts, content = found
    assert content == b"abc"
    assert (facts.id, facts.name, facts.type, facts.size, facts.width) == (
        file,
        "扫描.jpg",
        "image/jpeg",
        3,
        10,
    )
    assert (facts.grey, facts.owner, facts.instance, facts.purpose) == (True, "p1", "i1", "scan")
    assert documents.facts(session, "nothing") is None


def test_the_sweep_takes_old_files_without_rows_only(session: Session, storage: Storage) -> None:
    kept = documents.store(session, storage, Received("a.png", "image/png", b"a"), BY, NOW, purpose="scan")
    gone = documents.store(session, storage, Received("b.png", "image/png", b"b"), BY, NOW, purpose="scan")
    documents.remove(session, gone)
    storage.put(b"orphan")
    assert documents.sweep(session, storage) == 0
    grow_old(storage)
    assert documents.sweep(session, storage) == 2
    assert documents.open_file(session, storage, kept) is not None
    assert len(files(storage)) == 1


def test_a_file_stored_again_is_not_swept_before_its_row_is_there(storage: Storage) -> None:
    name = storage.put(b"a")
    grow_old(storage)
    assert list(storage.names(86400)) == [name]
    storage.put(b"a")  # between the sweep's look and its deletion
    assert not storage.discard(name, 86400)
    assert storage.get(name) == b"a"


def test_what_dying_processes_left_is_tidied(session: Session, storage: Storage) -> None:
    name = storage.put(b"a")
    (path,) = files(storage)
    path.rename(path.with_name(name + ".aside"))
    (path.parent / "x.part").write_bytes(b"torn")
    documents.sweep(session, storage)
    assert storage.get(name) == b"a"
    grow_old(storage)
    documents.sweep(session, storage)
    assert files(storage) == []


def test_the_name_of_a_file_is_encrypted_in_its_row(session: Session, storage: Storage) -> None:
    documents.store(session, storage, Received("张三.png", "image/png", b"a"), BY, NOW, purpose="scan")
    raw = session.connection().exec_driver_sql("SELECT name FROM documents_file").scalar_one()
    assert "张三".encode() not in raw
    assert session.scalar(select(documents.File.name)) == "张三.png"


def test_a_file_is_bound_to_the_instance_that_begins_later(session: Session, storage: Storage) -> None:
    file = documents.store(session, storage, Received("a.png", "image/png", b"a"), BY, NOW, purpose="scan")
    documents.attach(session, file, "i9")
    facts = documents.facts(session, file)
    assert facts is not None
    assert facts.instance == "i9"
    assert facts.created_at == NOW
