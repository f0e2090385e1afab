"""The same house in a process of its own: on the database and at the moment of a test's world.

What one process has changed, another must feel with its next request; within one process nobody can tell.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import waitress

from app import create_app
from app.config import Config
from tests.empty_world import KEYS, ROOT, open_up
from tests.pages import House
from tests.platform.jobs.servers import answers, free_port, until


@contextmanager
def beside(house: House, folder: Path) -> Iterator[str]:
    """Serve the house of a test from a second process; yield its address."""
    port, log = free_port(), folder / "second.log"
    database = house.world.engine.url.render_as_string(hide_password=False)
    given = [database, str(house.app.extensions["chengpi"].instance), str(port), house.world.now.isoformat()]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CHENGPI_")}
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.rooms.second_house", *given],
            cwd=ROOT, env=clean, stdout=out, stderr=out,
        )  # fmt: skip
        try:
            assert until(lambda: answers(port) or server.poll() is not None, 60)
            assert server.poll() is None, log.read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def serve(database: str, folder: str, port: str, moment: str) -> None:
    """Be that process."""
    at = datetime.fromisoformat(moment)
    open_up()
    config = Config(
        database=database,
        keys=KEYS,
        secret="for tests only",
        instance=Path(folder),
        testing=True,
        https=False,
        captcha_answer="1234",
        clock=lambda: at,
    )
    app = create_app(config)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    waitress.serve(app, host="127.0.0.1", port=int(port), threads=4, ident=None)


if __name__ == "__main__":
    serve(*sys.argv[1:])
