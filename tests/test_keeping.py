"""An installation is backed up while it lives, restored elsewhere, examined there, and goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete, select, text, update

from app import create_app, keeping
from app.config import Config
from app.extensions import db
from app.platform import documents
from app.platform.data import Base
from app.platform.data.sealing import Keys
from app.platform.runtime import heads, versions
from app.platform.runtime.entities import History, Instance
from tests import world as worlds
from tests.platform.jobs.databases import KINDS, empty, opened
from tests.world import KEYS, World

OTHER_KEYS = Keys(data={1: b"x" * 32}, digest=b"y" * 32)
Made = Callable[..., "Installation"]


@dataclass
class Installation:
    """An application with its own database and folder."""

    app: Flask
    folder: Path
    address: str

    def run(self, *arguments: str) -> Any:
        """Run one of its commands, as `flask` does."""
        return self.app.test_cli_runner().invoke(args=list(arguments))

    def well(self, *arguments: str) -> str:
        """Run one that must succeed."""
        done = self.run(*arguments)
        assert done.exit_code == 0, (done.output, done.exception)
        return str(done.output)

    def told(self, statement: Any) -> None:
        """Change the database behind the application's back."""
        engine = opened(self.address)
        with engine.begin() as connection:
            connection.execute(statement)
        engine.dispose()


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[Made]:
    """Makes installations with empty tables, on one kind of database."""
    with ExitStack() as opened_here:

        def make(name: str, keys: Keys = KEYS, *, tables: bool = True) -> Installation:
            folder = tmp_path / name
            folder.mkdir()
            address = opened_here.enter_context(empty(request.param, folder))
            config = Config(
                database=address,
                keys=keys,
                secret="for tests only",
                instance=folder,
                heads=folder / "heads",
                testing=True,
                https=False,
                clock=lambda: worlds.MONDAY,
            )
            app = create_app(config)
            opened_here.callback(_close, app)
            before = documents.settings()
            storage = documents.DiskStorage(folder / "files")
            documents.use(documents.Settings(storage, shared_press, before.fonts, before.templates))
            if tables:
                with app.app_context():
                    upgrade(directory=str(worlds.ROOT / "migrations"))
            return Installation(app, folder, address)

        yield make


def _close(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def lived(made: Made, shared_press: documents.Press) -> Iterator[tuple[Installation, World, str]]:
    """An installation with an application at the city's desk, its print and its scan."""
    first = made("first")
    engine = opened(first.address)
    world = worlds.build(engine, first.folder, shared_press)
    instance = world.to_review()
    yield first, world, instance
    engine.dispose()


@pytest.fixture(autouse=True)
def own_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables of the tests' own system have no migration: here they come with every upgrade."""

    def and_own(**given: Any) -> None:
        migrated(**given)
        own = [table for table in Base.metadata.sorted_tables if table.name.startswith("fairs_")]
        Base.metadata.create_all(db.engine, tables=own)

    migrated = keeping.upgrade
    monkeypatch.setattr(keeping, "upgrade", and_own)


def test_what_was_backed_up_is_restored_sound_and_goes_on(
    lived: tuple[Installation, World, str], made: Made, tmp_path: Path
) -> None:
    """F11."""
    first, world, instance = lived
    said = first.well("backup", str(tmp_path / "kept"))
    assert "without the keys" in said
    assert not (tmp_path / "kept/secrets.json").exists()
    world.decide(instance, "city_review", "approve", "市级", comment="同意")  # after the backup: not in it

    second = made("second")
    second.well("restore", str(tmp_path / "kept"))
    versions.forget()
    assert second.well("doctor") == "sound\n"
    assert second.well("audit", "verify").startswith("whole")
    engine = opened(second.address)
    moved = World(engine, people=world.people, project=world.project)
    assert moved.open_elements(instance) == ["city_review"]
    moved.decide(instance, "city_review", "approve", "市级", comment="同意")
    with moved.session() as session:
        assert session.scalars(select(Instance.state)).one() == "ended"
    engine.dispose()
    assert second.well("doctor") == "sound\n"


def test_a_full_installation_is_replaced_only_when_told(
    lived: tuple[Installation, World, str], tmp_path: Path
) -> None:
    first, world, instance = lived
    first.well("backup", str(tmp_path / "kept"))
    world.decide(instance, "city_review", "reject", "市级", comment="缺公章")
    refused = first.run("restore", str(tmp_path / "kept"))
    assert refused.exit_code == 1
    assert "not empty" in refused.output
    world.engine.dispose()
    first.well("restore", str(tmp_path / "kept"), "--replace")
    assert world.open_elements(instance) == ["city_review"]
    assert first.well("doctor") == "sound\n"


def test_a_backup_with_other_keys_or_a_changed_byte_is_refused(
    lived: tuple[Installation, World, str], made: Made, tmp_path: Path
) -> None:
    first, _, _ = lived
    kept = tmp_path / "kept"
    first.well("backup", str(kept))
    second = made("second", OTHER_KEYS)
    assert "digest key" in second.run("restore", str(kept)).output
    third = made("third")
    file = next((kept / "files").glob("??/*"))
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    assert "damaged" in third.run("restore", str(kept)).output


def test_the_keys_go_along_only_when_asked_for(
    lived: tuple[Installation, World, str], made: Made, tmp_path: Path
) -> None:
    first, _, _ = lived
    kept = tmp_path / "kept"
    first.well("backup", str(kept), "--with-secrets")
    second = made("second", OTHER_KEYS)
    assert "keys written" in second.well("restore", str(kept), "--with-secrets")
    written = json.loads((second.folder / "secrets.json").read_text())
    assert bytes.fromhex(written["digest"]) == KEYS.digest
    shutil.rmtree(kept)


def test_a_backup_is_never_written_over_another(
    lived: tuple[Installation, World, str], tmp_path: Path
) -> None:
    first, _, _ = lived
    (tmp_path / "kept").mkdir()
    assert "there already" in first.run("backup", str(tmp_path / "kept")).output


def test_a_backup_of_a_newer_release_is_refused(
    lived: tuple[Installation, World, str], made: Made, tmp_path: Path
) -> None:
    first, _, _ = lived
    first.told(text("UPDATE alembic_version SET version_num = '9999'"))
    first.well("backup", str(tmp_path / "kept"))
    assert "newer release" in made("second").run("restore", str(tmp_path / "kept")).output


def test_the_doctor_finds_a_lost_file_and_one_that_was_exchanged(
    lived: tuple[Installation, World, str],
) -> None:
    """I6."""
    first, _, _ = lived
    one, two = sorted((first.folder / "files").glob("??/*"))[:2]
    shutil.copy(one, two)
    one.unlink()
    done = first.run("doctor")
    assert done.exit_code == 1
    assert "is not in the storage" in done.output
    assert "is not what was stored" in done.output
    assert "is not what was stored" not in first.run("doctor", "--quick").output


def _write_heads(installation: Installation) -> None:
    with installation.app.app_context():
        heads.write(db.session(), installation.folder / "heads", worlds.MONDAY)


def test_audit_verify_names_the_first_bad_row(lived: tuple[Installation, World, str]) -> None:
    first, _, instance = lived
    first.told(update(History).where(History.seq == 3).values(outcome="changed"))
    done = first.run("audit", "verify")
    assert done.exit_code == 1
    assert f"instance {instance}: row 3 does not hold" in done.output


def test_a_tail_cut_off_with_its_head_is_found_by_the_heads_kept_outside(
    lived: tuple[Installation, World, str],
) -> None:
    first, _, instance = lived
    _write_heads(first)
    assert "compared with 1 ends" in first.well("audit", "verify")
    engine = opened(first.address)
    with engine.begin() as connection:
        table = History.__table__
        seq, link = connection.execute(
            select(table.c.seq, table.c.link).order_by(table.c.seq.desc()).offset(2).limit(1)
        ).one()
        connection.execute(delete(History).where(table.c.seq > seq))
        connection.execute(update(Instance).values(history_length=seq, head=link))
    engine.dispose()
    assert f"instance {instance}: row {seq + 1} does not hold" in first.run("audit", "verify").output


def test_a_stream_cut_off_and_an_instance_gone_are_found_too(lived: tuple[Installation, World, str]) -> None:
    first, _, _ = lived
    _write_heads(first)
    engine = opened(first.address)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        stream = connection.execute(text("SELECT stream FROM audit_head WHERE seq > 0 LIMIT 1")).scalar_one()
        connection.execute(text("DELETE FROM audit_row WHERE stream = :stream"), {"stream": stream})
        connection.execute(text("DELETE FROM audit_head WHERE stream = :stream"), {"stream": stream})
    engine.dispose()
    assert f"stream {stream}: row 1 does not hold (outside)" in first.run("audit", "verify").output
    file = next((first.folder / "heads").iterdir())
    file.write_text(file.read_text() + '{"instance": "gone", "seq": 3, "link": "00"}\n')
    assert (
        "instance gone: row 1 does not hold (the whole instance is gone)"
        in first.run("audit", "verify").output
    )


def test_two_entries_exchanged_are_found(lived: tuple[Installation, World, str]) -> None:
    """I7: the rows of the entries verify nowhere, but what was entered stands in the decision's row."""
    first, _, _ = lived
    engine = opened(first.address)
    with engine.begin() as connection:
        rows = connection.execute(
            text('SELECT id, "values" FROM runtime_entry WHERE task_id IS NOT NULL')
        ).all()
        (one, its), (other, others) = rows[:2]
        for entry, values in ((one, others), (other, its)):
            connection.execute(
                text('UPDATE runtime_entry SET "values" = :values WHERE id = :id'),
                {"values": values, "id": entry},
            )
    engine.dispose()
    found = first.run("doctor").output
    assert f"entry {one} is not what the history says was entered" in found
    assert f"entry {other} is not what the history says was entered" in found
