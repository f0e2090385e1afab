"""The one transaction of a verb: the only code in the house that commits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

WAIT = "busy_timeout=10000"  # milliseconds
IN_PASSING = 100  # milliseconds
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", WAIT, "foreign_keys=ON")


def prepare(engine: Engine, limits: Mapping[str, str] | None = None) -> None:
    """Make `engine` begin verbs with BEGIN IMMEDIATE and reads with BEGIN, where it is SQLite.

    `limits` are settings of PostgreSQL for every connection, such as `{"statement_timeout": "15s"}`.
    """
    if engine.dialect.name == "postgresql" and limits:
        _limit(engine, limits)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(raw: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        raw.isolation_level = None  # the driver never begins by itself
        cursor = raw.cursor()
        for pragma in PRAGMAS:
            cursor.execute("PRAGMA " + pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        begins = "BEGIN IMMEDIATE" if options.get("verb") else "BEGIN"
        if not options.get("in_passing"):
            connection.exec_driver_sql(begins)
            return
        raw = connection.connection.cursor()
        raw.execute(f"PRAGMA busy_timeout={IN_PASSING}")
        try:
            connection.exec_driver_sql(begins)
        finally:
            raw.execute("PRAGMA " + WAIT)
            raw.close()


def _limit(engine: Engine, limits: Mapping[str, str]) -> None:
    setting = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in limits.items())

    @event.listens_for(engine, "connect")
    def _connect(raw: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = raw.cursor()
        cursor.execute("SELECT " + setting)
        cursor.close()
        raw.commit()


@contextmanager
def transaction(session: Session, *, in_passing: bool = False) -> Iterator[Session]:
    """Run a verb in one transaction; inside an open one, join it: the outermost commits.

    `in_passing`: for what may as well be left undone. On SQLite, where all who write wait for one another, it waits a
    tenth of a second, then raises `OperationalError`.

    A verb that joined and failed has left its work half done, so the whole must fail: if its exception is
    swallowed, the outermost refuses to commit (a savepoint, `session.begin_nested`, contains it).
    Everything read before is expired, so pass frozen values in, never rows. A session with unsaved changes
    may not begin a verb: they would be lost silently.
    """
    if session.info.get("verb"):
        try:
            yield session
        except BaseException:
            if not session.in_nested_transaction():
                session.info["spoilt"] = True
            raise
        return
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("unsaved changes before a verb")
    session.rollback()  # ends the reads
    session.info["verb"] = True
    try:
        session.connection(execution_options={"verb": True, "in_passing": in_passing})
        yield session
        if session.info.get("spoilt"):
            raise RuntimeError("a verb inside this one has failed, and its failure was passed over")
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("verb", None)
        session.info.pop("spoilt", None)


@contextmanager
def taken_back(session: Session) -> Iterator[Session]:
    """Run verbs in one transaction that always ends in a rollback: they are played, and nothing of them is kept.

    Whoever dies in it leaves nothing either. Verbs that may fail stand in savepoints (`session.begin_nested`).
    """
    if session.info.get("verb") or session.new or session.dirty or session.deleted:
        raise RuntimeError("a rehearsal inside a verb, or after unsaved changes")
    session.rollback()  # ends the reads
    session.info["verb"] = True
    try:
        session.connection(execution_options={"verb": True})
        yield session
    finally:
        session.rollback()
        session.info.pop("verb", None)
        session.info.pop("spoilt", None)


@contextmanager
def one_moment(session: Session) -> Iterator[Session]:
    """Read what was true at one moment, however long it takes, while others go on writing. Nothing is written."""
    session.rollback()
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if is_postgresql else {}
    connection = session.connection(execution_options=options)
    if is_postgresql:  # the limits are for people who wait
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    try:
        yield session
    finally:
        session.rollback()
