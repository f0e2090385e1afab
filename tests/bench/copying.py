"""The SQL that copies one case for many: rows with other ids, people, places and moments, and a chain of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from app.platform.audit.chain import canonical
from app.platform.data.ids import LENGTH
from tests.world import World

ISO = "to_char({} AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00'"
HISTORY = ("instance_id", "seq", "at", "kind", "element", "task_id", "by_id", "outcome", "entry_id")
"""The fields that a link is over, in the order of the chain."""
TABLES = {"instance": "id", "task": "visit", "entry": "at, id", "history": "seq"}
"""What a case consists of, and in which order its rows are numbered."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many copies of which case, their ids beginning with `mark`; `recent` ones have come last."""

    instance: str
    mark: str
    count: int
    recent: bool = False


class Model:
    """A case that the verbs have made, read as the SQL that makes others of it out of a row of `batch`."""

    def __init__(self, world: World, connection: Connection, copied: Copied) -> None:
        self.mark = copied.mark
        self.rows: dict[str, list[dict[str, Any]]] = {}
        for table, order in TABLES.items():
            key = "id" if table == "instance" else "instance_id"
            asked = text(f"SELECT * FROM runtime_{table} WHERE {key} = :id ORDER BY {order}")
            found = connection.execute(asked, {"id": copied.instance}).mappings()
            self.rows[table] = [dict(row) for row in found]
        (self.instance,) = self.rows["instance"]
        self.begun: datetime = self.instance["started_at"]
        self.ids = {copied.instance: self._id("i", 0)}
        for table, letter in (("task", "t"), ("entry", "e")):
            for place, row in enumerate(self.rows[table]):
                self.ids[row["id"]] = self._id(letter, place)
        self.ids[world.people["组织者甲"]] = "starter"
        self.ids[world.people["区县"]] = "clerk"

    def _id(self, letter: str, place: int) -> str:
        begin = f"{self.mark}{letter}{place}"
        return f"'{begin}' || lpad(n::text, {LENGTH - len(begin)}, '0')"

    def linked(self, chosen: str) -> str:
        """The query of a batch: what was `chosen`, with the link of each row of its history."""
        steps, before = (
            [f"l0 AS MATERIALIZED (SELECT chosen.*, '\\x{bytes(32).hex()}'::bytea AS link0 FROM chosen)"],
            0,
        )
        for row in self.rows["history"]:
            seq = row["seq"]
            fields = " || ".join(self._field(name, row[name]) for name in HISTORY)
            said = f"sha256(link{before} || {_bytes(row['digest'])} || {fields}) AS link{seq}"
            steps.append(f"l{seq} AS MATERIALIZED (SELECT *, {said} FROM l{before})")
            before = seq
        return f"WITH chosen AS ({chosen}), {', '.join(steps)} SELECT * FROM l{before}"

    def _field(self, name: str, value: Any) -> str:
        """A field of the chain as `canonical` writes it."""
        if name == "at":
            return (
                f"'\\x{b't'.hex()}00000020'::bytea || convert_to({ISO.format(self._moment(value))}, 'UTF8')"
            )
        if value in self.ids and isinstance(value, str):
            length = LENGTH.to_bytes(4, "big").hex()
            return f"'\\x{b's'.hex()}{length}'::bytea || convert_to({self.ids[value]}, 'UTF8')"
        return _bytes(canonical([value]))

    def _moment(self, value: datetime) -> str:
        return f"(at + interval '{int((value - self.begun).total_seconds())} seconds')"

    def statements(self) -> Iterator[str]:
        """What writes the rows of a batch, table by table."""
        last = self.rows["history"][-1]["seq"]
        over = {
            "title": "title",
            "place": "path",
            "head": f"link{last}",
            "number": f"'集市' || '{self.mark}' || lpad(n::text, 8, '0')",
        }
        over["variables"] = f"replace({_literal(self.instance['variables'])}, '130402', code)"
        yield self._insert("instance", self.instance, over)
        for row in self.rows["task"]:
            yield self._insert("task", row, self._of_task(row))
        for row in self.rows["entry"]:
            yield self._insert("entry", row, {})
        for row in self.rows["history"]:
            yield self._insert("history", row, {"link": f"link{row['seq']}"})

    def _of_task(self, row: Mapping[str, Any]) -> dict[str, str]:
        if row["role"] is None:
            return {"instance_place": "path"}
        days = "make_interval(days => 5 + abs(hashint4(n::int)) % 60)"
        due = f"CASE WHEN n % 10 = 0 THEN NULL ELSE {self._moment(row['opened_at'])} + {days} END"
        return {"place": "path", "instance_place": "path", "due_at": due}

    def _insert(self, table: str, row: Mapping[str, Any], over: Mapping[str, str]) -> str:
        values = {name: over.get(name) or self._value(value) for name, value in row.items()}
        columns = ", ".join(f'"{name}"' for name in values)
        return f"INSERT INTO runtime_{table} ({columns}) SELECT {', '.join(values.values())} FROM batch ORDER BY n"

    def _value(self, value: Any) -> str:
        if isinstance(value, str) and value in self.ids:
            return self.ids[value]
        return self._moment(value) if isinstance(value, datetime) else _literal(value)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes | memoryview):
        return _bytes(bytes(value))
    if isinstance(value, bool | int):
        return str(value)
    return "'" + str(value).replace("'", "''").replace(":", "\\:") + "'"


def _bytes(value: bytes) -> str:
    return f"'\\x{bytes(value).hex()}'::bytea"
