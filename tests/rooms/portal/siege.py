"""A house of real gunicorn workers under siege: guesses from many addresses at once, and how long answers take."""

from __future__ import annotations

import http.client
import math
import os
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from argon2 import PasswordHasher
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from app.config import Config
from app.platform.data import new_id, sealing
from app.platform.identity import logins, people
from app.platform.identity.entities import Account, Captcha, Person
from tests.platform.jobs.databases import KINDS, empty, opened
from tests.platform.jobs.servers import free_port, until

ROOT = Path(__file__).resolve().parents[3]
_TABLES = """
from app import create_app
from app.extensions import db
with create_app().app_context():
    db.create_all()
"""
PASSWORD = "Granit-Weide-47"


@dataclass
class Fort:
    """The running house: where it listens, its database, and captchas solved in advance, one for each post."""

    port: int
    engine: Engine
    captchas: list[str] = field(default_factory=list)

    def session(self) -> Session:
        return Session(self.engine)

    def solve(self, count: int) -> None:
        """Put `count` captchas into the database whose answer is 1234."""
        names = [f"siege-{new_id()}" for _ in range(count)]
        until_at = datetime.now(UTC) + timedelta(hours=1)
        with self.session() as session:
            session.execute(
                insert(Captcha), [{"nonce": n, "answer": "1234", "expires_at": until_at} for n in names]
            )
            session.commit()
        self.captchas = names

    def settle(self, count: int, name: str = "owner") -> None:
        """Let people live here, `owner0` with 13700000000 and owner0@example.org, and so on.

        Their passwords cost what they cost in the running house: this process has cheap ones (`passwords.use`).
        """
        now, kept = datetime.now(UTC), PasswordHasher().hash(PASSWORD)
        persons, accounts = [], []
        for number in range(count):
            person, phone, mail = new_id(), phone_of(number), f"{name}{number}@example.org"
            persons.append(
                {"id": person, "name": "某人", "email": mail, "email_hash": people.email_hash(mail)}
                | {"created_at": now}
            )
            accounts.append(
                {"person_id": person, "username": f"{name}{number}", "login_phone": phone}
                | {"login_phone_hash": logins.phone_hash(phone), "password_hash": kept, "password_at": now}
                | {"must_change_password": False, "is_demo": False, "is_disabled": False, "created_at": now}
            )
        with self.session() as session:
            session.execute(insert(Person), persons)
            session.execute(insert(Account), accounts)
            session.commit()


def phone_of(number: int) -> str:
    return f"137{number:08}"


class Visitor:
    """One browser at one address; the proxy in front says which."""

    def __init__(self, fort: Fort, address: str) -> None:
        self.fort, self.address = fort, address
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.page = ""

    def get(self, url: str) -> int:
        status = self._ask("GET", url, None)
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        self.token = found[1] if found else self.token
        return status

    def post(self, url: str, fields: Mapping[str, str], *, solved: bool = True) -> int:
        given = {"csrf_token": self.token, **fields}
        if solved:
            given |= {"captcha_nonce": self.fort.captchas.pop(), "captcha_answer": "1234"}
        return self._ask("POST", url, urlencode(given))

    def _ask(self, method: str, url: str, body: str | None) -> int:
        headers = {
            "X-Forwarded-For": self.address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Origin": f"http://127.0.0.1:{self.fort.port}",
            "Sec-Fetch-Site": "same-origin",
            "Connection": "close",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self.fort.port, timeout=60)) as line:
            line.request(method, url, body, headers)
            answer = line.getresponse()
            self.page = answer.read().decode()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self.cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
            return answer.status


@contextmanager
def besieged(folder: Path, workers: int, threads: int = 2) -> Iterator[Fort]:
    """Yield a house of `workers` gunicorn processes on a database of its own; sealing's keys are the house's."""
    port = free_port()
    before = sealing._Ring.keys
    with empty(KINDS[-1], folder) as address:
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHENGPI_")},
            "DATABASE_URL": address,
            "CHENGPI_INSTANCE": str(folder),
            "CHENGPI_TESTING": "1",
            "CHENGPI_PROXIES": "1",
            "CHENGPI_CAPTCHA_ANSWER": "1234",
            "FLASK_APP": "app",
        }
        run = [sys.executable, "-m"]
        subprocess.run([*run[:1], "-c", _TABLES], cwd=ROOT, env=env, check=True, capture_output=True)
        sealing.use(Config.from_environment(env).keys)
        engine = opened(address)
        bind = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
        log = (folder / "gunicorn.log").open("wb")
        server = subprocess.Popen(
            [*run, "gunicorn", "app:create_app()", *bind], cwd=ROOT, env=env, stdout=log, stderr=log
        )
        try:
            fort = Fort(port, engine)
            assert until(lambda: _answers(fort), 180), (folder / "gunicorn.log").read_text()
            yield fort
        finally:
            log.close()
            server.terminate()
            if not until(lambda: server.poll() is not None, 60):
                server.kill()
                server.wait()
            engine.dispose()
            sealing._Ring.keys = before


def _answers(fort: Fort) -> bool:
    try:
        return Visitor(fort, "10.0.0.1").get("/login") == 200
    except OSError:
        return False


def storm(
    visitors: Sequence[Visitor], tries: int, one: Callable[[Visitor, int], int], at_once: int = 8
) -> Counter[int]:
    """Let visitors try `tries` times in all, `at_once` at a time, each its share; return the statuses."""

    def share(lane: int) -> Counter[int]:
        mine = [copy(visitor) for visitor in visitors[lane::at_once] or visitors]
        return Counter(one(mine[number % len(mine)], number) for number in range(lane, tries, at_once))

    with ThreadPoolExecutor(at_once) as pool:
        return sum(pool.map(share, range(at_once)), Counter())


@dataclass(frozen=True)
class Compared:
    """Two samples in milliseconds: their medians, how far apart in percent, and how likely by chance."""

    known: float
    unknown: float
    apart: float
    p: float

    def __str__(self) -> str:
        return f"known {self.known:.2f} ms, unknown {self.unknown:.2f} ms, apart {self.apart:+.2f} %, p = {self.p:.3f}"


def compared(known: Sequence[float], unknown: Sequence[float]) -> Compared:
    """Compare by medians and by the Mann-Whitney test (normal approximation, two-sided)."""
    ranked = sorted([(value, 0) for value in known] + [(value, 1) for value in unknown])
    ranks = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(known), len(unknown)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    first, second = statistics.median(known), statistics.median(unknown)
    return Compared(first, second, 100 * (first - second) / second, math.erfc(abs(z) / math.sqrt(2)))
