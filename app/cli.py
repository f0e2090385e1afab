"""The commands of an installation, on top of Flask's own: `flask serve` and its like."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType

import click
import waitress
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from app import keeping, planting
from app.config import MAXIMUM_REQUEST
from app.extensions import db
from app.platform import calendar, documents, jobs, notices, settings
from app.platform.design import nightly, thinning
from app.platform.identity import oidc, sweeping
from app.platform.monitoring import folding, reports
from app.platform.personnel import first_passwords, retention, slips, taking_over
from app.platform.runtime import (
    drafts,
    errors,
    firing,
    heads,
    lapsing,
    mornings,
    presence,
    receipts,
    versions,
    work,
)
from app.platform.runtime.entities import Instance

HOUR = 3600.0
SOON = 300.0
FIGURES = 10.0  # they are exact all the same: what is not folded in yet is read along
LARGEST_BODY = 4 * MAXIMUM_REQUEST  # a little too much is refused in our words, far too much is not even read
THREADS = 8  # of one process; SQLite writes one at a time anyway, reads and rendering overlap


def attach(app: Flask) -> None:
    """Give `app` the commands of this house."""
    own = (serve, worker, seed, check, tick, figures)
    for command in (*own, keeping.doctor, keeping.audit, keeping.backup, keeping.restore):
        app.cli.add_command(command)


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
@with_appcontext
def serve(host: str, port: int) -> None:
    """Serve the application to browsers, in this one process, until it is told to stop."""
    if port and _answers(host, port):
        raise click.ClickException(f"something already answers on {host}:{port}: choose another PORT")
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    server = waitress.create_server(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_body_size=LARGEST_BODY,
    )
    config = current_app.extensions["chengpi"]
    worker = jobs.Worker(sessions(), config.clock, chores=_chores())
    if config.embedded_worker:
        worker.start()
    signal.signal(signal.SIGTERM, _stop)
    for name, number in getattr(server, "effective_listen", [(host, port or server.effective_port)]):
        click.echo(f"http://{name}:{number}/  (Ctrl+C stops)")
    try:
        server.run()
    finally:
        worker.stop()
        server.close()


@click.command()
@click.option(
    "--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Only with a broker."
)
@with_appcontext
def worker(processes: int) -> None:
    """Run jobs until told to stop: at once when a broker (CHENGPI_BROKER) hints at them, else at each sweep."""
    config = current_app.extensions["chengpi"]
    engine = db.engine
    if config.broker is None:
        alone = jobs.Worker(sessions(), config.clock, name=f"worker-{os.getpid()}", chores=_chores())
        signal.signal(signal.SIGTERM, _stop)
        alone.start()
        click.echo("working (Ctrl+C stops)")
        try:
            threading.Event().wait()
        finally:
            alone.stop()
        return

    def open_sessions() -> Callable[[], Session]:
        engine.dispose(close=False)  # a child leaves its parent's connections alone
        return sessionmaker(engine)

    click.echo("working (Ctrl+C stops)")
    jobs.brokers.work(config.broker, open_sessions, config.clock, processes=processes, chores=_chores())


def _answers(host: str, port: int) -> bool:
    """Whether somebody is there already; asked first, since two servers may share a port unnoticed."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def sessions() -> Callable[[], Session]:
    """What makes database sessions outside any request, in any thread."""
    return sessionmaker(db.engine)


def _chores() -> list[jobs.Chore]:
    """What a worker does besides jobs: fire timers, and every hour forget what is over, write chains' ends down."""
    storage, folder = documents.settings().storage, current_app.extensions["chengpi"].heads
    runs = (
        jobs.forget_done,
        documents.forget_results,
        receipts.sweep,
        calendar.mind_published,
        mornings.remind,
        reports.send,
        drafts.sweep,
        presence.sweep,
        notices.sweep,
        retention.sweep,
        lapsing.sweep,
        taking_over.sweep,
        nightly.sweep,
        thinning.thin,
        lambda session, now: sweeping.sweep(session, {}, now),
        lambda session, _now: documents.sweep(session, storage),
        lambda session, now: heads.write(session, folder, now),
    )
    clock = current_app.extensions["chengpi"].clock
    make, worker = sessions(), f"sweep-{os.getpid()}"
    return [
        jobs.Chore(lambda session, _now: settings.catch_up(session)),  # before what fires with it
        jobs.Chore(lambda _session, _now: firing.fire_due(make, clock, worker)),
        jobs.Chore(folding.fold, FIGURES),
        jobs.Chore(lambda session, now: slips.sweep(session, storage, now, first_passwords.KIND), SOON),
        *(jobs.Chore(run, HOUR) for run in runs),
    ]


@click.command()
@click.option("--demo", is_flag=True, help="Plant the demonstration too and print its accounts.")
@with_appcontext
def seed(demo: bool) -> None:
    """Load the regions and publish the processes of the repository; unchanged ones stay as they are."""
    config = current_app.extensions["chengpi"]
    now = config.clock()
    with sessions()() as session:
        settings.catch_up(session)
        for published in planting.plant(session, now):
            if published.is_new:
                click.echo(f"published {published.process} version {published.number}")
            for warning in published.warnings:
                click.echo(f"  warning: {warning.message('en')}")
    if not demo:
        return
    if not config.demo:
        raise click.ClickException("demo data only in an installation that runs with CHENGPI_DEMO=1")
    file = config.instance / "demo-accounts.txt"
    _show_accounts(file, list(planting.demonstrate(sessions(), now, file)), config.captcha_answer)


def _show_accounts(file: Path, rows: list[tuple[str, str, str, str]], captcha: str | None) -> None:
    """Print the demo accounts, and keep them where only the owner reads them."""
    lines = ["Demo accounts · 演示账号"]
    lines += [f"  {username:<12} {role}（{system}）" for system, role, username, _ in rows]
    lines += [f"password: {rows[0][3]}"] if rows else []
    lines += [f"captcha: {captcha}"] if captcha else []
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write("\n".join(lines) + "\n")
    os.chmod(file, 0o600)
    click.echo("\n".join(lines))


@click.command()
@with_appcontext
def check() -> None:
    """Check every diagram and form of the repository, and every live version against the hooks there are."""
    bad = 0
    with suppress(OperationalError, ProgrammingError), sessions()() as session:
        settings.catch_up(session)  # diagrams may name roles that were made here
    try:
        for key, definition in versions.check(planting.programs()).items():
            click.echo(f"{key}: {len(definition.elements)} elements, {len(definition.warnings)} warnings")
    except errors.Unpublishable as refused:
        for problem in refused.problems:
            click.echo(f"  {problem.message('en')}", err=True)  # type: ignore[attr-defined]
            bad += 1
    try:
        with sessions()() as session:
            for version, problems in work.loose_wires(session).items():
                for problem in problems:
                    click.echo(f"  version {version}: {problem.message('en')}", err=True)
                    bad += 1
    except OperationalError:
        click.echo("no database yet: live versions not checked")
    if current_app.extensions["chengpi"].oidc and not oidc.is_installed():
        click.echo("  CHENGPI_OIDC_ISSUER is set, but the extra `sso` (Authlib) is not installed", err=True)
        bad += 1
    if bad:
        raise click.ClickException(f"{bad} problems")


@click.command()
@click.option(
    "--at", "moment", help="As if it were this moment: ISO 8601, in Shanghai's time without a zone."
)
@with_appcontext
def tick(moment: str | None) -> None:
    """Fire every timer that is due, once, and say how many."""
    clock = current_app.extensions["chengpi"].clock
    if moment is not None:
        try:
            at = datetime.fromisoformat(moment)
        except ValueError as error:
            raise click.ClickException(f"not a moment: {moment}") from error
        at = at if at.tzinfo else at.replace(tzinfo=calendar.ZONE)

        def clock() -> datetime:
            return at

    with sessions()() as session:
        settings.catch_up(session)
    count = firing.fire_due(sessions(), clock, f"tick-{os.getpid()}", limit=1_000_000)
    click.echo(f"{count} timers")


@click.group()
def figures() -> None:
    """What the monitor counts."""


@figures.command("rebuild")
@with_appcontext
def rebuild_figures() -> None:
    """Count everything anew from what there is, while the house is in use."""
    clock = current_app.extensions["chengpi"].clock
    with sessions()() as session:
        count = folding.rebuild(session, clock())
    if not count and _has_cases():
        raise click.ClickException("somebody counts just now: try again")
    click.echo(f"{count} figures")


def _has_cases() -> bool:
    with sessions()() as session:
        return session.scalar(select(Instance.id).limit(1)) is not None
