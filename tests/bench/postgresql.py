"""The same on PostgreSQL: a completion beside its floor by plain psycopg, over HTTP, and by several processes.

Needs a server: TEST_DATABASE_URL, or one that answers on this machine. Without one there are no rows.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, make_url

from app.platform.data import new_id
from tests import world as worlds
from tests.bench import engine as bare
from tests.bench.harness import Row, against, alternate, plain, prepared
from tests.bench.runtime import Desk, desk, written
from tests.platform.jobs.databases import fresh, opened
from tests.platform.runtime import chains

RUNS = 1_000
SECONDS = 6.0  # of one throughput figure
HERE = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
TASK = (
    "UPDATE runtime_task SET state=%(state)s, closed_at=%(_at)s, closed_by_id=%(_by)s, outcome=%(_outcome)s,"
    " revision=revision+1 WHERE id=%(_id)s"
)
INSTANCE = (
    "UPDATE runtime_instance SET state=%(state)s, stage_zh=%(stage_zh)s, stage_en=%(stage_en)s, ended=%(ended)s,"
    " ended_at=%(ended_at)s, tokens=%(tokens)s, variables=%(variables)s, revision=revision+1,"
    " history_length=%(history_length)s, head=%(head)s WHERE id=%(_id)s"
)
LOCK = "SELECT * FROM runtime_instance WHERE id=%(_id)s FOR UPDATE"


def _answers() -> bool:
    if "TEST_DATABASE_URL" in os.environ:
        return True
    with suppress(OSError, psycopg.Error), socket.create_connection(("127.0.0.1", 5432), timeout=1):
        psycopg.connect(make_url(HERE).set(drivername="postgresql").render_as_string()).close()
        return True
    return False


@contextmanager
def house() -> Iterator[tuple[worlds.World, str]]:
    """A furnished world on a database of its own."""
    os.environ.setdefault("TEST_DATABASE_URL", HERE)
    with tempfile.TemporaryDirectory() as folder, fresh("postgresql", Path(folder)) as address:
        engine = opened(address)
        yield chains.furnish(worlds.build(engine, Path(folder), None)), address  # type: ignore[arg-type]
        engine.dispose()


def completion_row() -> Row:
    """A review's return through the verb, against its rows by hand and the bare step."""
    with house() as (world, address), ExitStack() as at_last:
        subject, beside = desk(world), desk(world)
        beside.send()
        by_hand = ByHand(address, written(world, beside.review))
        for close in (subject.session.close, beside.session.close, by_hand.raw.close):
            at_last.callback(close)

        def floor(flow: object) -> None:
            bare._bare_step(flow)  # type: ignore[arg-type]
            by_hand.write()

        pair = alternate(prepared(subject.send, subject.review), prepared(bare.bare, floor), RUNS)
        return against("runtime.completion.postgresql", pair, 2.0)


class ByHand:
    """One completion's rows by plain psycopg in one transaction: the lock, and each row written, under fresh keys."""

    def __init__(self, address: str, statements: list[tuple[str, Any]]) -> None:
        self.raw = psycopg.connect(
            make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
        )
        self.statements = statements
        self.instance = next(given["_id"] for text, given in statements if "UPDATE runtime_instance" in text)
        self.round = 0

    def write(self) -> None:
        self.round += 1
        with self.raw.transaction(), self.raw.cursor() as cursor:
            cursor.execute(LOCK, {"_id": self.instance}).fetchone()
            for text, given in self.statements:
                if text.startswith("INSERT INTO runtime_history"):
                    rows = enumerate(given, start=100 + self.round * len(given))
                    cursor.executemany(text, [{**row, "seq": seq} for seq, row in rows])
                elif text.startswith("INSERT INTO runtime_task"):
                    cursor.execute(text, {**given, "id": new_id()})
                elif text.startswith("INSERT INTO runtime_receipt"):
                    cursor.execute(text, {**given, "key": new_id()})
                elif text.startswith("UPDATE runtime_task"):
                    cursor.execute(TASK, given)
                elif text.startswith("UPDATE runtime_instance"):
                    cursor.execute(INSTANCE, given)
                else:
                    cursor.execute(text, given)


def http_row() -> Row:
    """A decision over HTTP, by a program (token, policy, form check, audit), against the same verb called."""
    from app.platform.identity import tokens

    with house() as (world, address), tempfile.TemporaryDirectory() as folder, ExitStack() as at_last:
        app = _application(world, address, Path(folder))
        at_last.callback(_close, app)
        with world.session() as session:
            _, secret = tokens.create(session, world.people["市级"], "bench", None, None, world.now)
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
        over, called = desk(world), desk(world)
        at_last.callback(over.session.close)
        at_last.callback(called.session.close)

        def ask(_: object) -> None:
            sent = {"outcome": "return", "comment": "请补盖公章后再送审", "revision": 1}
            once = {**headers, "Idempotency-Key": new_id()}
            answer = client.post(f"/api/v1/tasks/{over.task}/complete", json=sent, headers=once)
            assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]

        pair = alternate(prepared(_again(world, over), ask), prepared(called.send, called.review), RUNS // 2)
        return against("http.completion.postgresql", pair, 3.0)


def page_row() -> Row:
    """The same by a person: session and CSRF token, the task shown and read, and the next one found."""
    from tests.rooms.conftest import Browser

    with house() as (world, address), tempfile.TemporaryDirectory() as folder, ExitStack() as at_last:
        app = _application(world, address, Path(folder))
        at_last.callback(_close, app)
        browser = Browser(app.test_client())
        assert browser.sign_in("city").status_code == 303
        over = desk(world)
        at_last.callback(over.session.close)
        browser.get("/inbox/")
        token = browser.hidden()["csrf_token"]
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        ready = _again(world, over)

        def ask(_: object) -> None:
            sent = {"outcome": "return", "comment": "请补盖公章后再送审", "revision": "1", "key": new_id()}
            answer = browser.client.post(
                f"/inbox/tasks/{over.task}", data={**sent, "csrf_token": token}, headers=headers
            )
            assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:2000]

        def again() -> None:
            ready()
            browser.client.get("/account")  # what was said is shown, and no longer carried in the cookie

        pair = alternate(prepared(again, ask), prepared(lambda: None, lambda _: None), RUNS // 4)
        return plain("inbox.decide.postgresql", pair.subject * 1e3, "ms", 120.0)


def _again(world: worlds.World, over: Any) -> Callable[[], None]:
    """Bring an instance back to the desk it was decided at, outside of what is measured."""

    def again() -> None:
        if over.task and _state(world.engine, over.task) == "closed":
            over.task = world.open_task(over.instance, "prepare")
        over.send()
        over.session.rollback()

    return again


def _state(engine: Engine, task: str) -> str:
    with engine.connect() as connection:
        return str(
            connection.exec_driver_sql(
                "SELECT state FROM runtime_task WHERE id = %(id)s", {"id": task}
            ).scalar()
        )


def _application(world: worlds.World, address: str, folder: Path) -> Any:
    from app import create_app
    from app.config import Config
    from app.platform.identity import accounts
    from tests.rooms.conftest import PASSWORD

    app = create_app(
        Config(
            database=address,
            keys=worlds.KEYS,
            secret="for benchmarks only",
            instance=folder,
            testing=True,
            https=False,
            captcha_answer="1234",
            clock=lambda: world.now,
        )
    )
    with world.session() as session:
        accounts.create(
            session, "city", "市级", None, world.now, PASSWORD, person=world.people["市级"], demo=True
        )
    return app


def _close(app: Any) -> None:
    from app.extensions import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def throughput(workers: int) -> Callable[[], Row]:
    """Decisions a second by so many processes, each at instances of its own."""

    def row() -> Row:
        with house() as (world, address):
            people, project = dict(world.people), world.project
            world.engine.dispose()
            context = multiprocessing.get_context("fork")
            counts = context.Queue()
            started = [
                context.Process(target=_decide_on, args=(address, people, project, counts))
                for _ in range(workers)
            ]
            for each in started:
                each.start()
            total = sum(counts.get(timeout=60) for _ in started)
            for each in started:
                each.join()
        return plain(f"runtime.throughput.postgresql.{workers}", total, "decisions/s")

    return row


def _decide_on(address: str, people: dict[str, str], project: str, counts: Any) -> None:
    engine = opened(address)
    at: Desk = desk(worlds.World(engine, people=people, project=project))
    for _ in range(20):
        at.send(), at.review()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < SECONDS:
        at.send()
        at.review()
        count += 2
    counts.put(count / (time.perf_counter() - begun))
    at.session.close()
    engine.dispose()


ROWS: dict[str, Callable[[], Row]] = {}
if _answers():
    ROWS |= {"runtime.completion.postgresql": completion_row, "http.completion.postgresql": http_row}
    ROWS["inbox.decide.postgresql"] = page_row
    ROWS |= {f"runtime.throughput.postgresql.{n}": throughput(n) for n in (1, 2, 4)}
