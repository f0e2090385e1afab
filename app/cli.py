"""The commands of an installation, on top of Flask's own: `flask serve` and its like."""

from __future__ import annotations

import signal
import socket
import sys
from types import FrameType

import click
import waitress
from flask import Flask, current_app
from flask.cli import with_appcontext

THREADS = 8  # of one process; SQLite writes one at a time anyway, reads and rendering overlap


def attach(app: Flask) -> None:
    """Give `app` the commands of this house."""
    app.cli.add_command(serve)


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@with_appcontext
def serve(host: str, port: int) -> None:
    """Serve the application to browsers, in this one process, until it is told to stop."""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            raise click.ClickException(f"something already answers on {host}:{port}: choose another PORT")
    except OSError:
        pass  # nobody there, as it should be
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    server = waitress.create_server(application, host=host, port=port, threads=THREADS, ident=None)
    signal.signal(signal.SIGTERM, _stop)
    click.echo(f"http://{host}:{port}/  (Ctrl+C stops)")
    try:
        server.run()
    finally:
        server.close()
