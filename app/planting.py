"""What a new installation is seeded with: regions, the published processes, and the demonstration on request."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app import keepers
from app.platform import jobs
from app.platform.identity import regions
from app.platform.registry import Ground, house
from app.platform.runtime import versions
from app.platform.runtime.versions import Published
from app.platform.settings import dictionaries

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED_REGIONS = ROOT / "app/rooms/web/static/built/regions.json"


def programs(root: Path = ROOT) -> dict[str, bytes]:
    """The diagrams, decision tables, forms and templates of the repository (or below `root`), by their path."""
    found = sorted(
        path
        for folder, endings in (
            ("processes", (".bpmn", ".dmn", ".rehearsals")),
            ("forms", (".json", ".html")),
        )
        for path in (root / folder).rglob("*")
        if path.suffix in endings
    )
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def plant(session: Session, now: datetime) -> list[Published]:
    """Load regions and dictionaries and publish what is in the repository; unchanged things stay as they are."""
    regions.load(session, regions.from_published(json.loads(PUBLISHED_REGIONS.read_bytes())), now)
    dictionaries.seed(session, now)
    return versions.publish(session, programs(), None, now)


def demonstrate(
    sessions: Callable[[], Session], now: datetime, accounts_file: Path
) -> Iterator[tuple[str, str, str, str]]:
    """Let each system plant its demonstration; yield (system, role, user name, password)."""
    password = _password(accounts_file)

    def work(moment: datetime) -> None:
        jobs.run_due(sessions, lambda: moment, "demonstration")

    ground = Ground(sessions, work, password, now)
    for key, home in house.homes.items():
        system, name = house.systems[key], f"{home}.{key}.demo"
        if importlib.util.find_spec(name) is None:
            continue
        demo = importlib.import_module(name)
        for role, username in demo.plant(ground):
            yield system.title.zh, role, username, password
    for role, username in keepers.plant(ground):
        yield "平台", role, username, password


def _password(file: Path) -> str:
    """The common password of the demo accounts: the environment's, the kept one, or a new random one."""
    given = os.environ.get("CHENGPI_DEMO_PASSWORD")
    if given:
        return given
    if file.exists():
        for line in file.read_text().splitlines():
            if line.startswith("password: "):
                return line.removeprefix("password: ")
    made = secrets.token_urlsafe(9)
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(f"password: {made}\n")
    return made
