"""What every storage promises, asked of a disk and of S3 (moto's server): whole, sealed, swept when nobody needs it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.orm import Session

from app import backup
from app.config import Config, Misconfigured
from app.platform import documents
from app.platform.data import new_id, sealing
from app.platform.documents import DiskStorage, Received, S3Storage, Storage, StorageAway
from app.platform.registry import Acting
from tests.empty_world import MONDAY

BY = Acting("p1", "欧阳娜", "ouyang")
NOBODY_HOME = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def moto_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    before = {name: os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    os.environ.update(dict.fromkeys(before, "testing"))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture
def bucket(moto_address: str) -> S3Storage:
    name = f"chengpi-{new_id().lower()}"
    place = {"LocationConstraint": "eu-west-1"}
    client = boto3.client("s3", endpoint_url=moto_address, region_name="eu-west-1")
    client.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    return S3Storage(name, "house/one", moto_address, "eu-west-1")


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return DiskStorage(tmp_path / "files")
    return request.getfixturevalue("bucket")  # type: ignore[no-any-return]


def test_what_is_stored_comes_back_and_equal_contents_are_one(storage: Storage) -> None:
    one, again, other = storage.put(b"scan"), storage.put(b"scan"), storage.put(b"")
    assert one == again != other
    assert (storage.get(one), storage.get(other)) == (b"scan", b"")
    assert sorted(storage.names(-60)) == sorted({one, other})
    assert storage.has(one)
    assert not storage.has("0" * 64)
    with pytest.raises(FileNotFoundError):
        storage.get("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "/etc/passwd", "a" * 64 + "/x", ""])
def test_only_its_own_names_are_asked_for(storage: Storage, name: str, tmp_path: Path) -> None:
    for ask in (storage.get, storage.has, lambda one: storage.discard(one, 0)):
        with pytest.raises(ValueError, match="not a name"):
            ask(name)
    with pytest.raises(ValueError, match="not a name"):
        storage.copy(name, tmp_path / "copy")


def test_what_lies_there_is_sealed_and_goes_sealed_to_a_backup_and_back(
    storage: Storage, tmp_path: Path
) -> None:
    name = storage.put(b"secret scan" * 1000)
    storage.copy(name, tmp_path / "kept" / name)
    sealed = (tmp_path / "kept" / name).read_bytes()
    assert b"secret" not in sealed
    assert sealing.unseal(sealed) == b"secret scan" * 1000
    assert storage.discard(name, -60)
    storage.take_in(name, tmp_path / "kept" / name)
    assert storage.get(name) == b"secret scan" * 1000
    storage.take_in(name, tmp_path / "kept" / "no such file")  # what is there stays
    with pytest.raises(FileNotFoundError):
        storage.copy("0" * 64, tmp_path / "nothing")


def test_what_was_tampered_with_is_refused(storage: Storage, tmp_path: Path) -> None:
    name = storage.put(b"a")
    storage.copy(name, tmp_path / name)
    assert storage.discard(name, -60)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    storage.take_in(name, tmp_path / name)
    with pytest.raises(sealing.Unreadable):
        storage.get(name)


def test_the_young_are_not_discarded(storage: Storage) -> None:
    name = storage.put(b"a")
    assert list(storage.names(60)) == []
    assert not storage.discard(name, 60)
    assert storage.discard(name, -60)
    assert not storage.discard(name, -60)
    assert not storage.has(name)


def test_orphans_are_swept_and_what_has_a_row_stays_unless_held(session: Session, storage: Storage) -> None:
    kept = documents.store(session, storage, Received("a.png", "image/png", b"a"), BY, MONDAY, purpose="scan")
    orphan = storage.put(b"orphan")
    old = timedelta(seconds=-60)
    with storage.held():
        assert storage.is_held()
        assert documents.sweep(session, storage, old) == 0
    assert not storage.is_held()
    assert documents.sweep(session, storage) == 0  # a day has not passed
    assert documents.sweep(session, storage, old) == 1
    assert not storage.has(orphan)
    found = documents.open_file(session, storage, kept)
    assert found is not None
    assert found[1] == b"a"


def test_a_backup_takes_its_files_from_any_storage(storage: Storage, tmp_path: Path) -> None:
    names = [storage.put(bytes([number])) for number in range(5)]
    for name in names:
        storage.copy(name, tmp_path / "kept" / "files" / name[:2] / name)
        storage.discard(name, -60)
    backup.bring_files(tmp_path / "kept", storage)
    assert sorted(storage.names(-60)) == sorted(names)


def test_a_file_stored_again_at_any_moment_of_its_removal_is_there_afterwards(bucket: S3Storage) -> None:
    """Whoever puts while somebody discards finds his file: the put comes before each request of the discard in turn."""
    verbs = ("head_object", "copy_object", "delete_object")
    for moment in range(1, 9):
        name = bucket.put(f"file {moment}".encode())
        _grow_old(bucket)
        count = 0
        ask: Callable[..., Any] = bucket._ask

        def interrupted(verb: str, **given: Any) -> Any:
            nonlocal count
            if verb in verbs:
                count += 1
                if count == moment:  # noqa: B023
                    bucket._ask = ask  # type: ignore[method-assign]  # noqa: B023
                    assert bucket.put(f"file {moment}".encode()) == name  # noqa: B023
            return ask(verb, **given)  # noqa: B023

        bucket._ask = interrupted  # type: ignore[method-assign]
        gone = bucket.discard(name, 3600)
        bucket._ask = ask  # type: ignore[method-assign]
        was_put = count >= moment
        assert bucket.has(name) == was_put, moment
        assert not (gone and was_put) or bucket.get(name)


def test_a_file_removed_at_any_moment_of_being_stored_again_is_there_afterwards(bucket: S3Storage) -> None:
    """The other way round: the whole discard comes before each request of the put in turn."""
    for moment in range(1, 4):
        name = bucket.put(f"file {moment}".encode())
        _grow_old(bucket)
        count = 0
        ask: Callable[..., Any] = bucket._ask

        def interrupted(verb: str, **given: Any) -> Any:
            nonlocal count
            count += 1
            if count == moment:  # noqa: B023
                bucket._ask = ask  # type: ignore[method-assign]  # noqa: B023
                bucket.discard(name, 3600)  # noqa: B023
            return ask(verb, **given)  # noqa: B023

        bucket._ask = interrupted  # type: ignore[method-assign]
        assert bucket.put(f"file {moment}".encode()) == name
        assert count >= moment
        assert bucket.get(name) == f"file {moment}".encode()


def _grow_old(bucket: S3Storage) -> None:
    """Let everything there have been written two hours ago (moto lets nobody say when; the clock does)."""
    age = bucket._age
    born = {key: 7200.0 for key, _ in bucket._list("files/")}
    first = {key: age(key) for key in born}

    def aged(key: str) -> float | None:
        real = age(key)
        older = born.get(key, 0.0)
        if real is None or (first.get(key) is not None and real < (first[key] or 0.0) - 0.5):
            return real
        return real + older if key in born else real

    bucket._age = aged  # type: ignore[method-assign]


def test_a_discard_that_died_half_way_is_undone_by_the_sweep(bucket: S3Storage) -> None:
    name = bucket.put(b"a")
    bucket._copy(bucket._path(name), bucket._key("aside", f"{name}/{new_id()}"))
    bucket._delete(bucket._path(name))
    assert bucket.get(name) == b"a"  # a reader does not notice
    bucket.tidy(3600)
    assert bucket.has(name)
    assert list(bucket._list("aside/")) == []


def test_many_names_are_listed_page_by_page(bucket: S3Storage) -> None:
    for number in range(1003):
        bucket._write(bucket._key("files", f"ab/{number:064x}"), b"")
    assert len(list(bucket.names(-60))) == 1003


def test_threads_share_one_storage(bucket: S3Storage) -> None:
    names: list[str] = []

    def work(number: int) -> None:
        names.append(bucket.put(f"{number % 3}".encode()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 12
    assert len(set(names)) == 3


def test_a_storage_that_does_not_answer_says_so_soon(moto_address: str) -> None:
    away = S3Storage("nobody", endpoint=NOBODY_HOME, region="eu-west-1")
    for ask in (lambda: away.put(b"a"), lambda: away.get("0" * 64), lambda: list(away.names(0))):
        with pytest.raises(StorageAway):
            ask()
    with pytest.raises((StorageAway, FileNotFoundError)):
        S3Storage("no-such-bucket", endpoint=moto_address, region="eu-west-1").put(b"a")


def test_the_settings_say_where_files_lie(tmp_path: Path) -> None:
    def storage_of(**given: str) -> Storage:
        config = Config.from_environment({"CHENGPI_INSTANCE": str(tmp_path), "CHENGPI_TESTING": "1", **given})
        return config.documents().storage

    assert isinstance(storage_of(), DiskStorage)
    place = {"CHENGPI_STORAGE": "s3://files/house", "CHENGPI_STORAGE_ENDPOINT": NOBODY_HOME}
    assert isinstance(storage_of(**place, CHENGPI_STORAGE_REGION="eu-west-1"), S3Storage)
    for wrong in (
        {"CHENGPI_STORAGE": "/srv/files"},
        {"CHENGPI_STORAGE": "s3://"},
        {**place, "CHENGPI_STORAGE_ENDPOINT": "x"},
    ):
        with pytest.raises(Misconfigured):
            storage_of(**wrong)
