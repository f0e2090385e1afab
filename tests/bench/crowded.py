"""The house of the inbox's bench: a thousand cases in a database made for the run, or a million in one that is kept."""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, select, text

from app import create_app, planting
from app.config import Config
from app.extensions import db
from app.platform import documents
from app.platform.data import Base
from app.platform.identity import accounts, regions
from app.platform.identity.entities import Account, Person, Region
from app.platform.runtime import versions
from tests import world as worlds
from tests.bench import loading
from tests.bench.copying import Copied
from tests.empty_world import FONTS, KEYS, ROOT, open_up
from tests.pages import House
from tests.platform.jobs.databases import fresh, opened
from tests.rooms.conftest import PASSWORD
from tests.world import World

KEPT = os.environ.get("CHENGPI_BENCH_DATABASE_URL")
"""Where the million is kept from one run to the next: some ten gigabytes, filled when it is empty."""

PEOPLE = {
    loading.STARTER: ("organiser1", "fairs.organiser", ""),
    loading.COUNTY_CLERK: ("county", loading.ROLE, "130402"),
    "市里": ("city", loading.ROLE, "130400"),
    loading.NATIONAL_CLERK: ("national", loading.ROLE, ""),
}
PROCESS, RARE = "tests_bench", "tests_rare"
RARE_CASES, ENDED = 100, 0.2
COUNTIES = 2_800


@contextmanager
def house(tasks: int) -> Iterator[House]:
    """The house with so many open tasks; the million stays where `KEPT` says."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if tasks <= 10_000:
            with fresh("postgresql", folder) as address:
                yield from _opened(address, folder, tasks)
        else:
            assert KEPT, "CHENGPI_BENCH_DATABASE_URL is not set"
            yield from _opened(KEPT, folder, tasks)


def _opened(address: str, folder: Path, tasks: int) -> Iterator[House]:
    engine = opened(address)
    importlib.import_module(
        "app.platform.monitoring.mending"
    )  # its tables and triggers are there from the beginning
    world = _kept(engine) if inspect(engine).has_table("bench_done") else _filled(engine, folder, tasks)
    config = Config(
        database=address,
        keys=KEYS,
        secret="for tests only",
        instance=folder,
        testing=True,
        https=False,
        captcha_answer="1234",
        clock=lambda: world.now,
    )
    app = create_app(config)
    Base.metadata.create_all(engine)  # by now every room has brought its tables
    storage = documents.DiskStorage(folder / "files")
    documents.use(documents.Settings(storage, None, FONTS, ROOT / "forms"))  # type: ignore[arg-type]
    found = House(world, app)
    found.usernames = {name: username for name, (username, *_) in PEOPLE.items()}
    yield found
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    engine.dispose()


def _kept(engine: Engine) -> World:
    """What an earlier run has filled."""
    open_up()
    versions.forget()
    world = World(engine)
    with world.session() as session:
        named = select(Person.name, Person.id).where(
            Person.id.in_(select(Account.person_id)), Person.name.in_(PEOPLE)
        )
        world.people = {row.name: row.id for row in session.execute(named)}
    return world


def _filled(engine: Engine, folder: Path, tasks: int) -> World:
    """The people, their chains by the verbs, and the copies."""
    begun = time.monotonic()
    world = worlds.build(engine, folder, None)  # type: ignore[arg-type]
    Base.metadata.create_all(engine)
    with world.session() as session:
        published = json.loads(planting.PUBLISHED_REGIONS.read_bytes())
        regions.load(session, regions.from_published(published), world.now)
        for name, (username, role, place) in PEOPLE.items():
            world.enter(name, role, place)
            person = world.people[name]
            accounts.create(session, username, name, None, world.now, PASSWORD, person=person, demo=True)
    open_case, ended = loading.walk(world, PROCESS), loading.walk(world, PROCESS, to_its_end=True)
    rare = loading.walk(world, RARE)
    copies = [
        Copied(open_case, "bo", tasks),
        Copied(ended, "be", int(tasks * ENDED)),
        Copied(rare, "br", min(RARE_CASES, tasks // 100), recent=True),
    ]
    with engine.connect() as connection:
        loader = loading.Loader(world, connection)
        loader.run(copies, _shares(engine, tasks))
        loader.finish()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bench_done (tasks int)"))
    print(f"{tasks} tasks loaded in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return world


def _shares(engine: Engine, tasks: int) -> Mapping[str, int]:
    """How many open tasks each place has: the county 500, its city 5,000, the rest alike for all others."""
    with engine.connect() as connection:
        found = connection.execute(
            select(Region.path).where(Region.level == "district").order_by(Region.path)
        )
        paths = [row.path for row in found][:COUNTIES]
    city = [path for path in paths if path.startswith(loading.CITY) and path != loading.COUNTY]
    in_city = min(4_500, tasks // 4)
    shares: dict[str, Any] = {loading.COUNTY: min(500, tasks // 2)}
    shares |= _even(city[:9], in_city)
    others = [path for path in paths if not path.startswith(loading.CITY)]
    return shares | _even(others, tasks - sum(shares.values()))


def _even(paths: list[str], count: int) -> dict[str, int]:
    each, more = divmod(count, len(paths))
    return {path: each + (place < more) for place, path in enumerate(paths)}
