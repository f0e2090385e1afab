"""Every place for files promises the same: the folder on disk, and a bucket that speaks S3."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from app.config import Config as Settings
from app.config import Misconfigured
from app.platform import documents
from app.platform.data import sealing
from app.platform.documents import Bucket, Disk, Storage, StorageAway, s3
from app.platform.documents.storage import name_of
from app.platform.registry import Acting

Older = Callable[[str], None]
DAY = 86400.0


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(server: str) -> Iterator[Any]:
    client = boto3.client(
        "s3",
        endpoint_url=server,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.create_bucket(Bucket="files")
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="files"):
        for each in page.get("Contents", ()):
            client.delete_object(Bucket="files", Key=each["Key"])
    client.delete_bucket(Bucket="files")
    client.close()


@pytest.fixture(params=["disk", "bucket"])
def shelf(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Storage, Older]:
    """A place, and what makes a file in it two days old."""
    if request.param == "disk":
        root = tmp_path / "files"

        def older(name: str) -> None:
            then = time.time() - 2 * DAY
            os.utime(root / name[:2] / name, (then, then))

        return Disk(root), older
    aged: dict[str, datetime] = {}
    bucket = Bucket(request.getfixturevalue("client"), "files", "house/")
    written = s3._since

    def since(moment: datetime) -> float:  # a bucket's clock cannot be set: what was there then is older
        return written(moment) + (2 * DAY if aged and moment <= max(aged.values()) else 0.0)

    monkeypatch.setattr(s3, "_since", since)

    def older(name: str) -> None:
        aged[name] = datetime.now(UTC)
        time.sleep(1.1)  # moments of a bucket are whole seconds

    return bucket, older


def test_what_is_put_comes_back_and_is_sealed(shelf: tuple[Storage, Older], tmp_path: Path) -> None:
    place, _ = shelf
    name = place.put("扫描件".encode())
    assert name == name_of("扫描件".encode()) == place.put("扫描件".encode())
    assert place.has(name)
    assert place.get(name) == "扫描件".encode()
    place.copy(name, tmp_path / "x" / name)
    assert "扫描件".encode() not in (tmp_path / "x" / name).read_bytes()


def test_what_is_not_there_is_not_found(shelf: tuple[Storage, Older], tmp_path: Path) -> None:
    place, _ = shelf
    absent = name_of(b"nothing")
    assert not place.has(absent)
    for ask in (lambda: place.get(absent), lambda: place.copy(absent, tmp_path / "y")):
        with pytest.raises(FileNotFoundError):
            ask()
    assert not place.discard(absent, 0)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/x", ""])
def test_only_its_own_names_are_looked_up(shelf: tuple[Storage, Older], name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        shelf[0].get(name)


def test_a_sweep_takes_what_is_old_and_was_not_put_again(shelf: tuple[Storage, Older]) -> None:
    place, older = shelf
    old, again = place.put(b"old"), place.put(b"again")
    older(old)
    older(again)
    fresh = place.put(b"fresh")
    assert set(place.names(DAY)) == {old, again}
    place.put(b"again")  # between the sweep's look and its deletion
    assert [place.discard(name, DAY) for name in (old, again, fresh)] == [True, False, False]
    assert [place.has(name) for name in (old, again, fresh)] == [False, True, True]
    place.tidy(DAY)
    assert place.get(again) == b"again"


def test_a_backup_can_be_taken_and_brought_back(shelf: tuple[Storage, Older], tmp_path: Path) -> None:
    place, _ = shelf
    name = place.put(b"paper")
    with place.held():
        assert place.is_held()
        place.copy(name, tmp_path / name)
    assert not place.is_held()
    other = Disk(tmp_path / "other")
    other.take_in(name, tmp_path / name)
    other.take_in(name, tmp_path / name)
    assert other.get(name) == b"paper"
    place.discard(name, -1.0)
    place.take_in(name, tmp_path / name)
    assert place.get(name) == b"paper"


def test_what_was_tampered_with_is_refused(client: Any) -> None:
    place = Bucket(client, "files")
    name = place.put(b"paper")
    client.put_object(Bucket="files", Key=f"files/{name[:2]}/{name}", Body=b"forged")
    with pytest.raises(sealing.Unreadable):
        place.get(name)


def test_who_puts_while_a_sweep_deletes_puts_again(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Bucket(client, "files")
    name = place.put(b"paper")
    deleting, putting = threading.Event(), threading.Event()
    remove = place._remove

    def slow(key: str) -> None:
        if key.startswith("files/"):
            deleting.set()
            assert putting.wait(10)
            time.sleep(0.3)  # by now the other has touched what is about to go
        remove(key)

    monkeypatch.setattr(place, "_remove", slow)
    sweep = threading.Thread(target=lambda: place.discard(name, -1.0))
    sweep.start()
    assert deleting.wait(10)
    putting.set()
    assert Bucket(client, "files").put(b"paper") == name
    sweep.join()
    assert place.get(name) == b"paper"


def test_a_bucket_out_of_reach_is_away_and_not_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    place = Bucket.at("s3://files/a", "http://127.0.0.1:9")
    for ask in (lambda: place.put(b"x"), lambda: place.has(name_of(b"x")), lambda: list(place.names(0))):
        with pytest.raises(StorageAway):
            ask()
    place._client.close()


@pytest.mark.parametrize(
    "address", ["file:///tmp", "s3://", "s3://user@bucket/", "s3://bucket?x=1", "bucket"]
)
def test_an_address_that_is_none_is_named(address: str, tmp_path: Path) -> None:
    given = {"CHENGPI_INSTANCE": str(tmp_path), "CHENGPI_STORAGE": address}
    with pytest.raises(Misconfigured, match="CHENGPI_STORAGE"):
        Settings.from_environment(given)


def test_rows_and_the_sweep_work_on_a_bucket(client: Any, session: Any) -> None:
    place = Bucket(client, "files")
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    received = documents.Received("a.png", "image/png", b"a")
    file = documents.store(session, place, received, Acting("p1", "欧阳娜", "ouyang"), now, purpose="scan")
    place.put(b"orphan")
    assert documents.sweep(session, place, timedelta(seconds=-1)) == 1
    found = documents.open_file(session, place, file)
    assert found is not None
    assert found[1] == b"a"
