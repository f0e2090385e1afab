"""The commands of who keeps an installation: `flask doctor`, `audit verify`, `backup` and `restore`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from app import backup as backups
from app.config import ROOT, Config
from app.extensions import db
from app.platform import documents
from app.platform.data import one_moment, transaction
from app.platform.documents import doctor as filing
from app.platform.monitoring import folding, health, truth
from app.platform.personnel import doctor as placed
from app.platform.records import keeping as recording
from app.platform.runtime import doctor as examiner
from app.platform.runtime import heads
from app.platform.sheets import doctor as importing

MIGRATIONS = str(ROOT / "migrations")


def config() -> Config:
    """The settings of this installation."""
    return current_app.extensions["chengpi"]  # type: ignore[no-any-return]


@click.command()
@click.option("--quick", is_flag=True, help="Look for stored files without reading them.")
@with_appcontext
def doctor(quick: bool) -> None:
    """Examine every instance and file: nothing lost, doubled or stuck, all histories whole. Exits 1 with findings."""
    files = filing.files(documents.settings().storage, contents=not quick)
    count, names = 0, set()
    with Session(db.engine) as session, one_moment(session):
        for finding in examiner.findings(
            session,
            config().clock(),
            (
                files,
                importing.imports,
                placed.places,
                placed.doubles,
                recording.examine,
                truth.examine,
            ),
        ):
            click.echo(str(finding), err=True)
            count += 1
            names.add(finding.instance)
    if count:
        raise click.ClickException(f"{count} findings in {len(names)} instances")
    click.echo("sound")


@click.group()
def audit() -> None:
    """What was written down of who did what."""


@audit.command()
@click.option("--heads", "folder", type=click.Path(path_type=Path), help="Where the chains' ends were kept.")
@with_appcontext
def verify(folder: Path | None) -> None:
    """Walk every chain and name the first bad row of each; compare with the ends kept outside. Exits 1 if any."""
    outside = heads.kept(folder or config().heads)
    with Session(db.engine) as session, one_moment(session):
        broken = [str(each) for each in heads.verify(session, outside)]
    for line in broken:
        click.echo(line, err=True)
    if broken:
        raise click.ClickException(f"{len(broken)} chains do not hold")
    click.echo(f"whole; compared with {len(outside.instances)} ends of instances kept outside")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--with-secrets", is_flag=True, help="Put the keys in too: then guard the backup like the keys."
)
@with_appcontext
def backup(path: Path, with_secrets: bool) -> None:
    """Write database and files to the new folder PATH, as they are at one moment, while the house is in use."""
    keys = config().keys
    secrets = {
        "data": {str(number): key.hex() for number, key in keys.data.items()},
        "digest": keys.digest.hex(),
        "secret": config().secret,
    }
    try:
        count = backups.make(
            db.engine,
            documents.settings().storage,
            keys,
            path,
            config().clock(),
            secrets if with_secrets else None,
        )
    except backups.Unusable as refused:
        raise click.ClickException(str(refused)) from refused
    _note(health.BACKUP, {"files": count})
    click.echo(
        f"{path}: database and {count} files" + (", with the keys" if with_secrets else ", without the keys")
    )


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--replace", is_flag=True, help="Give up what this installation holds.")
@click.option("--with-secrets", is_flag=True, help="Take the keys from the backup too.")
@click.option("--check", is_flag=True, help="Only look whether it is whole and opens; change nothing.")
@with_appcontext
def restore(path: Path, replace: bool, with_secrets: bool, check: bool) -> None:
    """Put the backup at PATH in this installation's place. Stop everything that serves it first."""
    storage = documents.settings().storage
    try:
        if check:
            manifest = backups.read(path, config().keys)
            _note(health.CHECKED, {"made_at": manifest["made_at"]})
            click.echo(f"whole, and these keys open it: made at {manifest['made_at']}")
            return
        if with_secrets:
            _take_secrets(path, replace)
            return
        manifest = backups.read(path, config().keys)
        if manifest["database"] != db.engine.dialect.name:
            raise backups.Unusable(
                f"a backup of {manifest['database']}, and this is {db.engine.dialect.name}"
            )
        if not replace and not backups.is_empty(db.engine, storage):
            raise backups.Unusable("this installation is not empty (--replace gives up what it holds)")
        _known(manifest["revision"])
        backups.bring_files(path, storage)
        _bring_database(path, manifest)
    except backups.Unusable as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"restored as of {manifest['made_at']}; now: flask check, flask doctor, flask audit verify")


def _note(key: str, said: dict[str, Any]) -> None:
    """Write down for the monitor that this was done just now."""
    with Session(db.engine) as session, transaction(session):
        folding.note(session, key, config().clock(), said)


def _bring_database(path: Path, manifest: dict[str, Any]) -> None:
    if manifest["database"] == "sqlite":
        backups.bring_sqlite(path, db.engine)
    else:
        backups.empty_postgresql(db.engine)
        upgrade(directory=MIGRATIONS, revision=manifest["revision"])
        backups.bring_postgresql(path, db.engine)
    upgrade(directory=MIGRATIONS)


def _known(revision: str) -> None:
    """A backup of a newer release is refused before anything is touched."""
    if not any((ROOT / "migrations/versions").glob(f"{revision}_*.py")):
        raise backups.Unusable(f"made by a newer release (migration {revision} is not known here)")


def _take_secrets(path: Path, replace: bool) -> None:
    """Write the backup's keys to this installation's file; they count from the next command on."""
    kept = backups.kept_secrets(path)
    if kept is None:
        raise backups.Unusable("this backup holds no keys")
    if not replace and not backups.is_empty(db.engine, documents.settings().storage):
        raise backups.Unusable("this installation is not empty (--replace gives up what it holds)")
    file = config().instance / "secrets.json"
    partial = file.with_name(".secrets.json.part")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(kept, out, indent=2)
    os.replace(partial, file)
    click.echo(f"keys written to {file}; now once more without --with-secrets")
