"""A key per record: what is written about a record can be read while its key is there, and erased with it."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.platform.audit import chain
from app.platform.audit.entities import AuditKey
from app.platform.data import Base, new_id

_SETTLED = timedelta(minutes=1)
_CACHED = 1024


@dataclass(frozen=True, slots=True)
class RecordKey:
    """The key of one record, ready for use. `id` goes into the rows written under it."""

    id: str
    secret: bytes = field(repr=False)

    def seal(self, body: bytes) -> bytes:
        """Encrypt a row's body."""
        return chain.seal(self.secret, body)

    def unseal(self, sealed: bytes) -> bytes:
        """Decrypt a row's body. Raises `cryptography.exceptions.InvalidTag`."""
        return chain.unseal(self.secret, sealed)

    def digest(self, body: bytes) -> bytes:
        """Return the keyed hash of a row's body."""
        return chain.digest(self.secret, body)


class _Cache:
    """Keys of the records last written about, per database."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: WeakKeyDictionary[Any, OrderedDict[str, RecordKey]] = WeakKeyDictionary()

    def get(self, session: Session, record: str) -> RecordKey | None:
        with self._lock:
            keys = self._keys.get(session.get_bind())
            if keys is None or record not in keys:
                return None
            keys.move_to_end(record)
            return keys[record]

    def put(self, session: Session, record: str, key: RecordKey) -> None:
        with self._lock:
            keys = self._keys.setdefault(session.get_bind(), OrderedDict())
            keys[record] = key
            if len(keys) > _CACHED:
                keys.popitem(last=False)

    def drop(self, session: Session, record: str) -> None:
        with self._lock:
            self._keys.get(session.get_bind(), OrderedDict()).pop(record, None)


_cache = _Cache()
_FIND = select(AuditKey.id, AuditKey.key, AuditKey.created_at)


def insert_if_absent(session: Session, table: type[Base], *rows: Mapping[str, Any]) -> None:
    """Insert `rows` where no unique constraint forbids it: who comes second waits and adds nothing."""
    maker = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(maker(table).on_conflict_do_nothing(), list(rows))


def make(session: Session, record: str, now: datetime) -> RecordKey:
    """Give a new record its key, in the caller's transaction. For an id that cannot have one yet."""
    key = RecordKey(new_id(), secrets.token_bytes(32))
    session.execute(
        insert(AuditKey),
        {"id": key.id, "record": record, "key": key.secret.hex(), "created_at": now},
    )
    return key


def of(session: Session, record: str, now: datetime) -> RecordKey:
    """Return the live key of `record`, making it if there is none. Needs an open transaction."""
    return _cache.get(session, record) or _load(session, record, now) or _make_shared(session, record, now)


def _load(session: Session, record: str, now: datetime) -> RecordKey | None:
    row = session.execute(_FIND.where(AuditKey.record == record, AuditKey.erased_at.is_(None))).first()
    if row is None:
        return None
    key = RecordKey(row.id, bytes.fromhex(row.key))
    if row.created_at < now - _SETTLED:  # a younger one may be our own and still be rolled back
        _cache.put(session, record, key)
    return key


def _make_shared(session: Session, record: str, now: datetime) -> RecordKey:
    values = {"id": new_id(), "record": record, "key": secrets.token_bytes(32).hex(), "created_at": now}
    insert_if_absent(session, AuditKey, values)
    key = _load(session, record, now)
    if key is None:
        raise RuntimeError(f"the key of {record} could not be made")
    return key


def by_id(session: Session, key_id: str) -> RecordKey | None:
    """Return a key by its own id, or None when it was erased or never was."""
    secret = session.execute(select(AuditKey.key).where(AuditKey.id == key_id)).scalar()
    return None if secret is None else RecordKey(key_id, bytes.fromhex(secret))


def forget(session: Session, record: str, now: datetime) -> None:
    """Erase the key of `record`. Only `journal.erase` calls this: an untold erasure is a finding."""
    _cache.drop(session, record)
    session.execute(
        update(AuditKey)
        .where(AuditKey.record == record, AuditKey.erased_at.is_(None))
        .values(key=None, erased_at=now)
        .execution_options(synchronize_session=False)
    )
