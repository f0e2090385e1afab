"""Files in a bucket that speaks S3: for installations of several machines. Needs the extra `s3` (boto3).

A bucket cannot rename, so a sweep sets a mark before it looks at a file's age and takes it away after the deletion;
whoever puts the same content meanwhile sees the mark and makes sure that the file is there when it is gone.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from app.platform.data import new_id, sealing
from app.platform.documents.storage import HOLD, StorageAway, StorageFull, name_of, sound

if TYPE_CHECKING:
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]

T = TypeVar("T")
FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"})
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
PATIENCE = 50  # looks at a sweep's mark, a tenth of a second apart
FILES, HELD, ASIDE = "files/", "held/", "aside/"


class Bucket:
    """A bucket, or a part of it below `prefix`, holding encrypted files."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @classmethod
    def at(cls, address: str, endpoint: str | None = None) -> Bucket:
        """Open `s3://bucket/prefix`; who we are there, boto3 finds in its usual places. Raises `ValueError`."""
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.username:
            raise ValueError(f"not s3://bucket/prefix: {address}")
        try:
            import boto3  # type: ignore[import-untyped]
            from botocore.config import Config  # type: ignore[import-untyped]
        except ImportError as missing:
            raise ValueError("the extra s3 is not installed (requirements-scale.txt)") from missing
        patience = Config(connect_timeout=3, read_timeout=30, retries={"total_max_attempts": 3})
        client = boto3.client("s3", endpoint_url=endpoint, config=patience)
        return cls(client, parts.netloc, parts.path)

    def put(self, content: bytes) -> str:
        """Keep `content` and return its name. Raises `StorageFull`, `StorageAway`."""
        name = name_of(content)
        key = self._key(FILES, name)
        if self.has(name):
            self._touch(key)
        else:
            self._write(key, sealing.seal(content))
        for _ in range(PATIENCE):
            if self._age(self._key(ASIDE, name)) is None:
                if not self.has(name):
                    self._write(key, sealing.seal(content))
                return name
            time.sleep(0.1)
        raise StorageAway(name)

    def get(self, name: str) -> bytes:
        """Read a file. Raises `FileNotFoundError`, `StorageAway`, `sealing.Unreadable`."""
        return sealing.unseal(self._read(self._key(FILES, name)))

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._age(self._key(FILES, name)) is not None

    def names(self, older_than: float) -> Iterator[str]:
        """Names of the files last written or touched more than `older_than` seconds ago."""
        for key, age in self._listed(FILES):
            if age > older_than:
                yield key.rpartition("/")[2]

    def discard(self, name: str, older_than: float) -> bool:
        """Remove a file nobody needs, unless `put` has touched it meanwhile; say whether it is gone."""
        key, mark = self._key(FILES, name), self._key(ASIDE, name)
        if self._age(key) is None:
            return False
        self._write(mark, b"")
        try:
            age = self._age(key)
            if age is None or age <= older_than:
                return False
            self._remove(key)
            return True
        finally:
            self._remove(mark)

    def tidy(self, older_than: float) -> None:
        """Take away the marks of sweeps that died."""
        for key, age in list(self._listed(ASIDE)):
            if age > min(older_than, HOLD):
                self._remove(key)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing be swept meanwhile."""
        mark = self._prefix + HELD + new_id()
        self._write(mark, b"")
        try:
            yield
        finally:
            self._remove(mark)

    def is_held(self) -> bool:
        """Whether somebody holds the files."""
        return any(age < HOLD for _, age in self._listed(HELD))

    def copy(self, name: str, target: Path) -> None:
        """Copy a file, encrypted as it is. Raises `FileNotFoundError`."""
        content = self._read(self._key(FILES, name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.write_bytes(content)

    def take_in(self, name: str, source: Path) -> None:
        """Take an encrypted file from a backup; one that is there already stays."""
        if not self.has(name):
            self._write(self._key(FILES, name), source.read_bytes())

    def _key(self, folder: str, name: str) -> str:
        return f"{self._prefix}{folder}{sound(name)[:2]}/{name}"

    def _write(self, key: str, content: bytes) -> None:
        self._asked(lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=content))

    def _touch(self, key: str) -> None:
        """Copy a file onto itself, which is all a bucket knows of touching."""
        source = {"Bucket": self._bucket, "Key": key}
        at = {"touched": datetime.now(UTC).isoformat()}
        self._asked(
            lambda: self._client.copy_object(
                Bucket=self._bucket, Key=key, CopySource=source, Metadata=at, MetadataDirective="REPLACE"
            )
        )

    def _read(self, key: str) -> bytes:
        def read() -> bytes:
            with contextlib.closing(self._client.get_object(Bucket=self._bucket, Key=key)["Body"]) as body:
                return bytes(body.read())

        return self._asked(read)

    def _remove(self, key: str) -> None:
        self._asked(lambda: self._client.delete_object(Bucket=self._bucket, Key=key))

    def _age(self, key: str) -> float | None:
        """Seconds since `key` was written, or None where there is none."""
        try:
            found = self._asked(lambda: self._client.head_object(Bucket=self._bucket, Key=key))
        except FileNotFoundError:
            return None
        return _since(found["LastModified"])

    def _listed(self, folder: str) -> Iterator[tuple[str, float]]:
        pages = self._client.get_paginator("list_objects_v2")
        found = iter(pages.paginate(Bucket=self._bucket, Prefix=self._prefix + folder))
        while (page := self._asked(lambda: next(found, None))) is not None:
            for each in page.get("Contents", ()):
                yield each["Key"], _since(each["LastModified"])

    @staticmethod
    def _asked(ask: Callable[[], T]) -> T:
        """Ask the bucket, its errors in our words."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return ask()
        except ClientError as error:
            raise _meant(error) from error
        except BotoCoreError as error:
            raise StorageAway(type(error).__name__) from error


def _meant(error: ClientError) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in ABSENT:
        return FileNotFoundError(code)
    return StorageFull(code) if code in FULL else StorageAway(code)


def _since(moment: datetime) -> float:
    return (datetime.now(UTC) - moment).total_seconds()
