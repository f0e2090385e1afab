"""What an installation decides: read from the environment once, frozen afterwards."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.platform import documents, jobs, notices
from app.platform.data.sealing import Keys
from app.platform.documents import Storage
from app.platform.identity.oidc import Provider
from app.platform.registry import Words

ROOT = Path(__file__).resolve().parent.parent
MAXIMUM_REQUEST = 24 * 1024 * 1024  # a scan of 20 MB (C-21) and the fields around it
TITLE = Words("呈批审批平台", "Chengpi approval platform")


class Misconfigured(Exception):
    """The environment asks for something this application refuses to start with."""


def process_clock() -> datetime:
    """The time of this machine; on PostgreSQL the database's takes its place (`data.clock`)."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Bucket:
    """A place in S3: `endpoint` is the address of what is not AWS."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Config:
    """All settings of one installation. Tests build it directly, everybody else by `from_environment`.

    `broker` (CHENGPI_BROKER, `redis[s]://…` or `amqp[s]://…`; its queue there CHENGPI_BROKER_QUEUE): workers of other
    processes are told of jobs by it. `embedded_worker` (CHENGPI_EMBEDDED_WORKER): whether `flask serve` runs jobs
    itself; it does unless there is a broker. `mail` (CHENGPI_SMTP_URL, `smtp[s]://[user:password@]host[:port]`, with
    CHENGPI_MAIL_FROM): without it nobody is sent e-mail. `sms_file` (CHENGPI_SMS_FILE, else `sms.jsonl` in the
    instance folder): where text messages are written as long as no gateway is plugged in. `internal`
    (CHENGPI_WEBHOOK_INTERNAL, networks such as `10.1.0.0/16`, separated by commas): where webhooks may go besides
    the open internet, and by plain http. `storage` (CHENGPI_STORAGE, `s3://bucket/prefix`, for what is not AWS with
    CHENGPI_STORAGE_ENDPOINT and CHENGPI_STORAGE_REGION): where files lie instead of the instance folder. `clamd`
    (CHENGPI_CLAMD, `/run/clamav/clamd.ctl` or `host:3310`): screens uploads; without it nothing is screened.
    `second_factor` (CHENGPI_SECOND_FACTOR): whether the second factor is asked for until the setting says otherwise;
    it is, but in demonstrations and tests. `oidc` (CHENGPI_OIDC_ISSUER, CHENGPI_OIDC_CLIENT_ID,
    CHENGPI_OIDC_CLIENT_SECRET, CHENGPI_OIDC_TITLE): another house where people sign in; needs the extra `sso`.
    `metrics_token` (CHENGPI_METRICS_TOKEN, 16 characters or more): what opens `/metrics` to Prometheus; without
    it there is no such page.
    """

    database: str
    keys: Keys
    secret: str
    instance: Path = ROOT / "instance"
    demo: bool = False
    testing: bool = False
    https: bool = True
    proxies: int = 0
    pool: int = 8  # connections of a process to PostgreSQL: one per thread that serves
    statement_seconds: int = 15
    captcha_answer: str | None = None
    heads: Path = ROOT / "instance" / "heads"  # the ends of all chains; best on another machine's disk
    title: Words = field(default=TITLE)
    footer: Mapping[str, Words] = field(default_factory=dict)
    manual: str | None = None
    broker: jobs.Broker | None = None
    embedded_worker: bool = True
    mail: notices.Mail | None = None
    sms_file: Path | None = None
    internal: tuple[notices.Network, ...] = ()
    storage: Bucket | None = None
    clamd: str | None = None
    second_factor: bool | None = None
    oidc: Provider | None = None
    metrics_token: str | None = field(default=None, repr=False)
    clock: Callable[[], datetime] = process_clock

    def __post_init__(self) -> None:
        if self.captcha_answer and not (self.demo or self.testing):
            raise Misconfigured("CHENGPI_CAPTCHA_ANSWER is only for demo and testing installations")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read the settings; keys that the environment does not give live in `instance/secrets.json`."""
        given = os.environ if environment is None else environment
        instance = Path(given.get("CHENGPI_INSTANCE") or ROOT / "instance").resolve()
        demo, testing = _on(given, "CHENGPI_DEMO"), _on(given, "CHENGPI_TESTING")
        keys, secret = _secrets(given, instance)
        broker = _broker(given)
        return cls(
            database=given.get("DATABASE_URL") or f"sqlite:///{instance / 'chengpi.db'}",
            keys=keys,
            secret=secret,
            instance=instance,
            demo=demo,
            testing=testing,
            https=_on(given, "CHENGPI_HTTPS", default=not (demo or testing)),
            proxies=int(given.get("CHENGPI_PROXIES") or 0),
            pool=int(given.get("CHENGPI_POOL") or 8),
            statement_seconds=int(given.get("CHENGPI_STATEMENT_SECONDS") or 15),
            heads=Path(given.get("CHENGPI_HEADS") or instance / "heads"),
            captcha_answer=given.get("CHENGPI_CAPTCHA_ANSWER") or None,
            title=_words(given, "CHENGPI_TITLE") or TITLE,
            footer=_footer(given),
            manual=given.get("CHENGPI_MANUAL_URL") or None,
            broker=broker,
            embedded_worker=_on(given, "CHENGPI_EMBEDDED_WORKER", default=broker is None),
            mail=_mail(given),
            sms_file=Path(file) if (file := given.get("CHENGPI_SMS_FILE")) else None,
            internal=_networks(given),
            storage=_bucket(given),
            clamd=_clamd(given),
            second_factor=_on(given, "CHENGPI_SECOND_FACTOR", default=not (demo or testing)),
            oidc=_oidc(given),
            metrics_token=_token(given, "CHENGPI_METRICS_TOKEN"),
        )

    @property
    def asks_second_factor(self) -> bool:
        """Whether a second factor is asked for here, as long as the setting was not changed."""
        return not (self.demo or self.testing) if self.second_factor is None else self.second_factor

    def for_flask(self) -> dict[str, Any]:
        """Return the settings in the words of Flask and its extensions."""
        return {
            "SECRET_KEY": self.secret,
            "TESTING": self.testing,
            "SQLALCHEMY_DATABASE_URI": self.database,
            "SQLALCHEMY_ENGINE_OPTIONS": self.engine(),
            "MAX_CONTENT_LENGTH": MAXIMUM_REQUEST,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "MAX_FORM_PARTS": 5000,  # a table of 200 rows and 20 columns, and the fields around it
            "SESSION_COOKIE_NAME": self.cookie("chengpi-page"),
            "SESSION_COOKIE_SECURE": self.https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_TIME_LIMIT": None,  # the token lives and dies with the session it is bound to
            "BABEL_DEFAULT_LOCALE": "zh",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "app/rooms/web/translations"),
        }

    def engine(self) -> dict[str, Any]:
        """Return how the database is connected to: a bounded pool that notices when PostgreSQL was away."""
        plain: dict[str, Any] = {"hide_parameters": True}  # they may be personal; errors are logged
        if not self.database.startswith("postgresql"):
            return plain
        return plain | {
            "pool_size": self.pool,
            "max_overflow": 4,
            "pool_timeout": 10,  # seconds; longer, and the browser would rather have been told
            "pool_recycle": 1800,
            "pool_pre_ping": True,
            "connect_args": {"connect_timeout": 3},
        }

    def limits(self) -> dict[str, str]:
        """Return what PostgreSQL stops by itself: a statement that runs, waits or idles for too long."""
        return {
            "statement_timeout": f"{self.statement_seconds}s",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "5min",
            "timezone": "UTC",
            # whose list it is decides how it is found: a plan for anybody is a bad one for somebody
            "plan_cache_mode": "force_custom_plan",
            # what a page asks is answered before a compiler or a second process has begun
            "jit": "off",
            "max_parallel_workers_per_gather": "0",
        }

    def documents(self) -> documents.Settings:
        """Return where files are kept and how documents are printed."""
        fonts = ROOT / "app/rooms/web/static/built/fonts"
        scanner = documents.Clamd(self.clamd) if self.clamd else None
        return documents.Settings(self._storage(), documents.Press(fonts), fonts, ROOT / "forms", scanner)

    def _storage(self) -> Storage:
        if self.storage is None:
            return documents.DiskStorage(self.instance / "files")
        place = self.storage
        try:
            return documents.S3Storage(place.name, place.prefix, place.endpoint, place.region)
        except ImportError as error:
            raise Misconfigured("CHENGPI_STORAGE asks for S3: install the extra `s3` (boto3)") from error

    def notices(self) -> notices.Settings:
        """Return how people and other systems are reached."""
        sms = notices.SmsFile(self.sms_file or self.instance / "sms.jsonl")
        return notices.Settings(self.mail, sms, self.internal)

    def cookie(self, name: str) -> str:
        """Return the cookie's name; under https the prefix ties it to this host and to Secure."""
        return f"__Host-{name}" if self.https else name


FOOTER = (
    "host",
    "supporter",
    "mail",
    "record",
    "support",
)  # 主办单位, 支持单位, 邮箱, 备案号, 支持电话 (C-48)


def _footer(given: Mapping[str, str]) -> dict[str, Words]:
    lines = {key: _words(given, f"CHENGPI_FOOTER_{key.upper()}") for key in FOOTER}
    return {key: words for key, words in lines.items() if words}


def _words(given: Mapping[str, str], name: str) -> Words | None:
    chinese = given.get(name)
    return Words(chinese, given.get(f"{name}_EN") or chinese) if chinese else None


def _broker(given: Mapping[str, str]) -> jobs.Broker | None:
    url = given.get("CHENGPI_BROKER")
    if not url:
        return None
    if not url.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
        raise Misconfigured("CHENGPI_BROKER is redis://, rediss://, amqp:// or amqps://")
    return jobs.Broker(url, given.get("CHENGPI_BROKER_QUEUE") or "chengpi")


def _mail(given: Mapping[str, str]) -> notices.Mail | None:
    url = given.get("CHENGPI_SMTP_URL")
    if not url:
        return None
    try:
        return notices.Mail(url, given.get("CHENGPI_MAIL_FROM") or "")
    except ValueError as error:
        raise Misconfigured(f"CHENGPI_SMTP_URL, CHENGPI_MAIL_FROM: {error}") from error


def _bucket(given: Mapping[str, str]) -> Bucket | None:
    address = given.get("CHENGPI_STORAGE")
    if not address:
        return None
    found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([\w./-]*))?", address)
    if found is None:
        raise Misconfigured("CHENGPI_STORAGE is s3://bucket or s3://bucket/prefix")
    endpoint, region = given.get("CHENGPI_STORAGE_ENDPOINT"), given.get("CHENGPI_STORAGE_REGION")
    if endpoint and not endpoint.startswith(("https://", "http://")):
        raise Misconfigured("CHENGPI_STORAGE_ENDPOINT is https://… or http://…")
    return Bucket(found[1], found[2] or "", endpoint or None, region or None)


def _clamd(given: Mapping[str, str]) -> str | None:
    address = given.get("CHENGPI_CLAMD")
    if address and not re.fullmatch(r"/.+|[^/\s]+:\d{1,5}", address):
        raise Misconfigured("CHENGPI_CLAMD is the path of a socket or host:port")
    return address or None


def _token(given: Mapping[str, str], name: str) -> str | None:
    """A token that opens something. Raises `Misconfigured` for one that is short enough to be guessed."""
    token = given.get(name) or None
    if token is not None and len(token) < 16:
        raise Misconfigured(f"{name} needs 16 characters or more")
    return token


def _oidc(given: Mapping[str, str]) -> Provider | None:
    issuer = given.get("CHENGPI_OIDC_ISSUER")
    if not issuer:
        return None
    client, secret = given.get("CHENGPI_OIDC_CLIENT_ID", ""), given.get("CHENGPI_OIDC_CLIENT_SECRET", "")
    title = _words(given, "CHENGPI_OIDC_TITLE")
    try:
        return Provider(issuer, client, secret, title) if title else Provider(issuer, client, secret)
    except ValueError as error:
        raise Misconfigured(f"CHENGPI_OIDC_ISSUER, CHENGPI_OIDC_CLIENT_ID: {error}") from error


def _networks(given: Mapping[str, str]) -> tuple[notices.Network, ...]:
    parts = [part.strip() for part in given.get("CHENGPI_WEBHOOK_INTERNAL", "").split(",")]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts if part)
    except ValueError as error:
        raise Misconfigured(f"CHENGPI_WEBHOOK_INTERNAL: {error}") from error


def _on(given: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    value = given.get(name, "").strip().lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def _secrets(given: Mapping[str, str], instance: Path) -> tuple[Keys, str]:
    """Return the data and digest keys and the cookie secret: environment first, then the installation's file.

    `CHENGPI_DATA_KEYS` is `1:<64 hex digits>,2:<…>`, `CHENGPI_DIGEST_KEY` 64 hex digits.
    """
    data, digest, secret = (
        given.get(name) for name in ("CHENGPI_DATA_KEYS", "CHENGPI_DIGEST_KEY", "CHENGPI_SECRET_KEY")
    )
    kept = {} if data and digest and secret else _kept_secrets(instance / "secrets.json")
    rings = dict(part.split(":", 1) for part in data.split(",")) if data else kept["data"]
    keys = Keys(
        data={int(number): bytes.fromhex(key.strip()) for number, key in rings.items()},
        digest=bytes.fromhex(digest or kept["digest"]),
    )
    return keys, secret or kept["secret"]


def _kept_secrets(file: Path) -> dict[str, Any]:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = {"data": {"1": secrets.token_hex(32)}, "digest": secrets.token_hex(32)}
        made["secret"] = secrets.token_hex(32)
        partial = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(made, out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(partial, file)  # fails if another process was first: then its keys count
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return json.loads(file.read_text())  # type: ignore[no-any-return]
