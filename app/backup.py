"""Backup and restore of a whole installation: its database at one moment, and the files its rows then point to.

A backup is a folder: `manifest.json`, `SHA256SUMS` (for `sha256sum -c`), the database (`database.sqlite`, or a
`tables/<name>.copy` each of PostgreSQL's COPY) and `files/` as they lie in the storage, encrypted. The keys are not
in it unless asked for: whoever finds a backup must not find them beside it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Table, inspect, select, text
from sqlalchemy.orm import Session

from app.platform.data import one_moment
from app.platform.data.sealing import Keys
from app.platform.documents import File, Storage

FORMAT = 1
MANIFEST, SUMS, SQLITE, TABLES, FILES = "manifest.json", "SHA256SUMS", "database.sqlite", "tables", "files"
SECRETS = "secrets.json"
BLOCK = 1 << 20


class Unusable(Exception):
    """This backup cannot be made or restored here, and why."""


def make(
    engine: Engine,
    storage: Storage,
    keys: Keys,
    target: Path,
    now: datetime,
    secrets: Mapping[str, Any] | None,
) -> int:
    """Write a backup to `target`, which may not be there yet; return how many files it holds.

    It is written beside and renamed at the end, so that what carries the name is whole. Raises `Unusable`.
    """
    if target.exists():
        raise Unusable(f"{target} is there already")
    partial = target.with_name(f".{target.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    try:
        with storage.held():
            revision, contents = (_from_sqlite if _is_sqlite(engine) else _from_postgresql)(engine, partial)
            for name in contents:
                storage.copy(name, partial / FILES / name[:2] / name)
    except FileNotFoundError as error:
        raise Unusable(
            f"a row points to a file that is not there: {error.filename}; see flask doctor"
        ) from error
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "database": engine.dialect.name,
        "revision": revision,
        "files": len(contents),
        "keys": prints(keys),
    }
    _write(partial / MANIFEST, json.dumps(manifest, indent=1))
    if secrets is not None:
        _write(partial / SECRETS, json.dumps(secrets, indent=1))
    _write(partial / SUMS, "".join(f"{digest}  {name}\n" for name, digest in _digests(partial)))
    _sync(partial)
    os.rename(partial, target)
    return len(contents)


def read(source: Path, keys: Keys) -> dict[str, Any]:
    """Check a backup's sums and that these keys open it; return its manifest. Raises `Unusable`."""
    try:
        wanted = dict(reversed(line.split("  ", 1)) for line in (source / SUMS).read_text().splitlines())
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise Unusable(f"{source} is no backup: {error}") from error
    there = dict(_digests(source))
    for name in sorted(wanted.keys() | there.keys()):
        if wanted.get(name) != there.get(name):
            raise Unusable(f"{name} is not what was written: the backup is damaged")
    if manifest["format"] != FORMAT:
        raise Unusable(f"made by another release (format {manifest['format']}, this one reads {FORMAT})")
    ours = prints(keys)
    if manifest["keys"]["digest"] != ours["digest"]:
        raise Unusable("the digest key of this installation is not the one the backup was made under")
    for number, fingerprint in manifest["keys"]["data"].items():
        if ours["data"].get(number) != fingerprint:
            raise Unusable(f"data key {number}, under which the backup was made, is not there or another")
    return manifest


def kept_secrets(source: Path) -> dict[str, Any] | None:
    """The keys that lie in a backup, if they were asked for."""
    file = source / SECRETS
    return json.loads(file.read_text()) if file.exists() else None


def is_empty(engine: Engine, storage: Storage) -> bool:
    """Whether nothing is lost when a backup takes this installation's place."""
    tables = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        for name in ("identity_person", "runtime_instance", "documents_file"):
            if name in tables and connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")):
                return False
    return next(storage.names(0), None) is None


def bring_files(source: Path, storage: Storage) -> None:
    """Put the files in place, before any row points to them."""
    for file in sorted((source / FILES).glob("??/*")):
        storage.take_in(file.name, file)


def bring_sqlite(source: Path, engine: Engine) -> None:
    """Put an SQLite database in place. Nobody may have it open."""
    engine.dispose()
    path = Path(engine.url.database or "")
    partial = path.with_name(f".{path.name}.part")
    shutil.copyfile(source / SQLITE, partial)
    _sync(partial)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    os.replace(partial, path)
    _sync(path.parent)


def empty_postgresql(engine: Engine) -> None:
    """Drop every table: what was there is given up."""
    found = _tables(engine)
    found.drop_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def bring_postgresql(source: Path, engine: Engine) -> None:
    """Fill the tables, made by the migrations up to the backup's, in one transaction."""
    with closing(engine.raw_connection()) as connection:
        raw: Any = connection.driver_connection
        with raw.transaction(), raw.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            tables = _tables(engine).sorted_tables
            for table in tables:  # what triggers would write about these rows is among what is brought
                cursor.execute(f"ALTER TABLE {_quoted(engine, table.name)} DISABLE TRIGGER USER")
            for table in tables:
                file = source / TABLES / f"{table.name}.copy"
                if not file.exists():
                    continue
                cursor.execute(f"DELETE FROM {_quoted(engine, table.name)}")
                with file.open("rb") as lines:
                    columns = json.loads(lines.readline())
                    with cursor.copy(_copy(engine, table.name, columns, "FROM STDIN")) as copy:
                        while block := lines.read(BLOCK):
                            copy.write(block)
            for table in tables:
                cursor.execute(f"ALTER TABLE {_quoted(engine, table.name)} ENABLE TRIGGER USER")
                _go_on_counting(engine, cursor, table)
            cursor.execute("ANALYZE")


def _go_on_counting(engine: Engine, cursor: Any, table: Table) -> None:
    """Let a column that the database numbers by itself go on after the rows that were brought."""
    for column in table.columns:
        if "nextval(" in str(getattr(column.server_default, "arg", "")):
            name, key = _quoted(engine, table.name), _quoted(engine, column.name)
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', '{column.name}'), max({key})) FROM {name}"
            )


def prints(keys: Keys) -> dict[str, Any]:
    """What tells keys apart without telling them."""

    def fingerprint(key: bytes) -> str:
        return hmac.new(key, b"chengpi backup", hashlib.sha256).hexdigest()[:16]

    return {
        "data": {str(number): fingerprint(key) for number, key in keys.data.items()},
        "digest": fingerprint(keys.digest),
    }


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _from_sqlite(engine: Engine, folder: Path) -> tuple[str, list[str]]:
    """Copy the database while it is used (SQLite's own online backup); return revision and file names."""
    file = folder / SQLITE
    with closing(engine.raw_connection()) as source, closing(sqlite3.connect(file)) as copy:
        source.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.execute("PRAGMA journal_mode=DELETE")
        (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        contents = [name for (name,) in copy.execute("SELECT DISTINCT content FROM documents_file")]
    return revision, sorted(contents)


def _from_postgresql(engine: Engine, folder: Path) -> tuple[str, list[str]]:
    """Copy every table within one snapshot; return revision and file names."""
    tables = _tables(engine).sorted_tables
    (folder / TABLES).mkdir()
    with Session(engine) as session, one_moment(session):
        revision = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        contents = list(session.scalars(select(File.content).distinct().order_by(File.content)))
        raw: Any = session.connection().connection.driver_connection
        for table in tables:
            columns = [column.name for column in table.columns]
            with (folder / TABLES / f"{table.name}.copy").open("wb") as out, raw.cursor() as cursor:
                out.write(json.dumps(columns).encode() + b"\n")
                with cursor.copy(_copy(engine, table.name, columns, "TO STDOUT")) as copy:
                    for block in copy:
                        out.write(block)
    return revision, contents


def _tables(engine: Engine) -> MetaData:
    """Every table there is, those of a system that has moved out too; not Alembic's own."""
    found = MetaData()
    found.reflect(engine, only=lambda name, _: name != "alembic_version")
    return found


def _copy(engine: Engine, table: str, columns: list[str], where: str) -> str:
    names = ", ".join(_quoted(engine, column) for column in columns)
    return f"COPY {_quoted(engine, table)} ({names}) {where}"


def _quoted(engine: Engine, name: str) -> str:
    return engine.dialect.identifier_preparer.quote_identifier(name)


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and name != SUMS:
            with file.open("rb") as content:
                yield name, hashlib.file_digest(content, "sha256").hexdigest()


def _write(file: Path, content: str) -> None:
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)


def _sync(path: Path) -> None:
    """Make sure a file, or a folder with all that is in it, is on the disk."""
    for each in (path, *(path.rglob("*") if path.is_dir() else ())):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
