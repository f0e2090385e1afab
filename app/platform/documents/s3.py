"""Files in S3 or what speaks like it (MinIO, Ceph), sealed before they leave this process.

Keys below the prefix: `files/ab/<name>`, `aside/<name>/<id>` (taken aside to be removed), `fresh/<name>` (stored again
just now), `held/<id>`. Credentials come the way boto3 looks for them; the bucket is private and exists.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.platform.data import new_id, sealing
from app.platform.documents.storage import HOLD, NAME, StorageAway, StorageFull, checked, name_of

_FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"})
_GONE = frozenset({"NoSuchKey", "404", "NotFound"})


class S3Storage:
    """A bucket of sealed files below a prefix, as `Storage` promises.

    S3 cannot move an object, so a `put` that finds its file there says so beside it (`fresh/`) and looks once more,
    and a `discard` looks for that after it has deleted, and puts the file back. One of the two always sees the other.
    """

    def __init__(
        self, bucket: str, prefix: str = "", endpoint: str | None = None, region: str | None = None
    ) -> None:
        """`endpoint`: the address of what is not AWS. Opens no connection."""
        import boto3  # type: ignore[import-untyped]  # an extra: only who stores in S3 needs it
        from botocore.config import Config  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        patience = Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 3, "mode": "standard"},
            max_pool_connections=20,
        )
        self._client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=region, config=patience)
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._failed: Any = ClientError
        self._away: Any = BotoCoreError

    def put(self, content: bytes) -> str:
        """As `Storage.put`."""
        name = name_of(content)
        if self.has(name):
            self._write(self._key("fresh", name), b"")
            if self.has(name):  # else it was being discarded when we asked
                return name
        self._write(self._path(name), sealing.seal(content))
        return name

    def get(self, name: str) -> bytes:
        """As `Storage.get`; one that is being discarded right now is still read."""
        return sealing.unseal(self._read(name))

    def has(self, name: str) -> bool:
        """As `Storage.has`."""
        return self._age(self._path(name)) is not None

    def names(self, older_than: float) -> Iterator[str]:
        """As `Storage.names`."""
        before = time.time() - older_than
        fresh = {key.rpartition("/")[2] for key, changed in self._list("fresh/") if changed >= before}
        for key, changed in self._list("files/"):
            name = key.rpartition("/")[2]
            if NAME.fullmatch(name) and changed < before and name not in fresh:
                yield name

    def discard(self, name: str, older_than: float) -> bool:
        """As `Storage.discard`."""
        path, aside = self._path(name), self._key("aside", f"{name}/{new_id()}")
        age = self._age(path)
        if age is None or age <= older_than or self._is_fresh(name, older_than):
            return False
        try:
            self._copy(path, aside)
        except FileNotFoundError:
            return False
        self._delete(path)
        if self._is_fresh(name, older_than):
            self._copy(aside, path)
            self._delete(aside)
            return False
        self._delete(aside)
        return True

    def tidy(self, older_than: float) -> None:
        """As `Storage.tidy`."""
        for key, _ in list(self._list("aside/")):
            name = key.split("/")[-2]
            with contextlib.suppress(FileNotFoundError, ValueError):
                if not self.has(name):
                    self._copy(key, self._path(name))
                self._delete(key)
        before = time.time() - older_than
        for key, changed in list(self._list("fresh/")):
            if changed < before:
                self._delete(key)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """As `Storage.held`."""
        mark = self._key("held", new_id())
        self._write(mark, b"")
        try:
            yield
        finally:
            self._delete(mark)

    def is_held(self) -> bool:
        """As `Storage.is_held`."""
        since = time.time() - HOLD
        return any(changed >= since for _, changed in self._list("held/"))

    def copy(self, name: str, target: Path) -> None:
        """As `Storage.copy`."""
        sealed = self._read(name)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.write_bytes(sealed)

    def take_in(self, name: str, source: Path) -> None:
        """As `Storage.take_in`."""
        if not self.has(name):
            self._write(self._path(name), source.read_bytes())

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}{kind}/{name}"

    def _path(self, name: str) -> str:
        return self._key("files", f"{checked(name)[:2]}/{name}")

    def _ask(self, verb: str, **given: Any) -> Any:
        try:
            return getattr(self._client, verb)(Bucket=self._bucket, **given)
        except self._failed as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _GONE:
                raise FileNotFoundError(given.get("Key")) from error
            if code in _FULL:
                raise StorageFull from error
            raise StorageAway(f"{verb}: {code}") from error
        except self._away as error:
            raise StorageAway(f"{verb}: {type(error).__name__}") from error

    def _write(self, key: str, content: bytes) -> None:
        self._ask("put_object", Key=key, Body=content)

    def _read(self, name: str) -> bytes:
        try:
            return self._body(self._path(name))
        except FileNotFoundError:
            for aside, _ in self._list(f"aside/{name}/"):
                with contextlib.suppress(FileNotFoundError):
                    return self._body(aside)
            return self._body(self._path(name))  # put back meanwhile, or gone for good

    def _body(self, key: str) -> bytes:
        answer = self._ask("get_object", Key=key)["Body"]
        try:
            return bytes(answer.read())
        except self._away as error:
            raise StorageAway("get_object: torn") from error

    def _age(self, key: str) -> float | None:
        """Seconds since an object was written; None if there is none."""
        try:
            changed = self._ask("head_object", Key=key)["LastModified"]
        except FileNotFoundError:
            return None
        return float(time.time() - changed.timestamp())

    def _is_fresh(self, name: str, older_than: float) -> bool:
        age = self._age(self._key("fresh", name))
        return age is not None and age <= older_than

    def _copy(self, key: str, target: str) -> None:
        self._ask("copy_object", Key=target, CopySource={"Bucket": self._bucket, "Key": key})

    def _delete(self, key: str) -> None:
        self._ask("delete_object", Key=key)

    def _list(self, kind: str) -> Iterator[tuple[str, float]]:
        """Keys below `kind` with the moment they were written, a thousand at a time."""
        more: dict[str, str] = {}
        while True:
            found = self._ask("list_objects_v2", Prefix=f"{self._prefix}{kind}", **more)
            for one in found.get("Contents", ()):
                yield one["Key"], one["LastModified"].timestamp()
            if not found.get("IsTruncated"):
                return
            more = {"ContinuationToken": found["NextContinuationToken"]}
