"""Finds the servers of this machine for the tests: `open NAME` makes a database and prints what to export, `close`
drops it and all that were made beside it. PostgreSQL is asked as `postgres` by trust, then as oneself by socket."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

import psycopg
from psycopg import sql

ADDRESSES = (
    "postgresql://postgres@127.0.0.1:5432/",
    "postgresql:///{}?host=/var/run/postgresql",
    "postgresql:///{}?host=/tmp",
)
PORTS = {
    "TEST_REDIS_URL": ("redis://127.0.0.1:6379/9", 6379),
    "TEST_AMQP_URL": ("amqp://guest:guest@127.0.0.1:5672//", 5672),
}


def postgresql() -> tuple[psycopg.Connection, str] | None:
    """A connection that may make databases, and the address it was found at."""
    for address in ADDRESSES:
        with suppress(psycopg.Error):
            where = address.format("postgres") if "{}" in address else address + "postgres"
            connection = psycopg.connect(where, autocommit=True, connect_timeout=3)
            may = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            if (may.fetchone() or [False])[0]:
                return connection, address
            connection.close()
    return None


def found(name: str) -> Iterator[tuple[str, str]]:
    """What to export."""
    there = None if os.environ.get("TEST_DATABASE_URL") else postgresql()
    if there:
        connection, address = there
        with connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        where = address.format(name) if "{}" in address else address + name
        yield "TEST_DATABASE_URL", where.replace("postgresql:", "postgresql+psycopg:", 1)
    for variable, (address, port) in PORTS.items():
        if not os.environ.get(variable):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                yield variable, address


def close(name: str) -> None:
    """Drop the database and those beside it."""
    there = postgresql()
    if there is None:
        return
    with there[0] as connection:
        made = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name]
        ).fetchall()
        for (database,) in made:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )


if __name__ == "__main__":
    if sys.argv[1] == "close":
        close(sys.argv[2])
    else:
        for variable, value in found(sys.argv[2]):
            print(f"export {variable}='{value}'")
