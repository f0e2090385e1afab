"""The state of an instance as bytes: small, checked, versioned, and of data only."""

from __future__ import annotations

import json
import zlib
from typing import Any

from app.platform.engine.definition import Definition
from app.platform.engine.errors import Corrupt, Fuse
from app.platform.engine.machine import COMPLETED, READY, WAITING, Token
from app.platform.engine.run import Run, Scalar

MAGIC = b"CP"
FORMAT = 1
LARGEST_STATE = 5 * 1024 * 1024
_HEAD = len(MAGIC) + 1 + 4

_LETTERS = {COMPLETED: "c", WAITING: "w", READY: "r"}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_SCALARS = (str, int, float, bool, type(None))


def _no_constant(name: str) -> None:
    raise ValueError(name)


_parse = json.JSONDecoder(parse_constant=_no_constant).decode
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def pack(run: Run) -> bytes:
    """Write a pruned run. Rows are `[parent row, element, state, visit, outcome, parameters]`, shortened.

    Tokens are numbered anew; visits have a fixed width. So a state is as large after a thousand loops as
    after one.
    """
    rows: list[list[Any]] = []
    numbers: dict[int | None, int] = {None: -1}
    todo = [run.task_tree]
    while todo:
        token = todo.pop()
        numbers[token.id] = len(rows)
        row: list[Any] = [numbers[token._parent], token.task_spec.name, _LETTERS[token._state]]
        if token.visit:
            row.append(f"{token.visit:06x}")
            if token.parameters is not None:
                row += [token.outcome, token.parameters]
        rows.append(row)
        todo += [run.tasks[child] for child in reversed(token._children)]
    body = _write([run.spec.name, f"{run.last_visit:06x}", run.variables, rows]).encode()
    if len(body) > LARGEST_STATE:
        raise Fuse("bytes", LARGEST_STATE)
    marked = bytes([FORMAT]) + body
    return MAGIC + zlib.crc32(marked).to_bytes(4, "big") + marked


def unpack(definition: Definition, state: bytes) -> Run:
    """Read a state of `definition`; anything that is not exactly what `pack` writes is `Corrupt`."""
    if not _HEAD < len(state) <= LARGEST_STATE + _HEAD or state[:2] != MAGIC:
        raise Corrupt("not a state")
    marked = state[6:]
    if zlib.crc32(marked).to_bytes(4, "big") != state[2:6]:
        raise Corrupt("checksum")
    if marked[0] != FORMAT:
        raise Corrupt(f"format {marked[0]}")
    try:
        process, last_visit, variables, rows = _parse(marked[1:].decode())
        if process != definition.process:
            raise Corrupt(f"of process {process}")
        if not all(isinstance(value, _SCALARS) for value in variables.values()):
            raise Corrupt("variables")
        return _restore(definition, int(last_visit, 16), variables, rows)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Corrupt(type(error).__name__) from error


def _restore(
    definition: Definition, last_visit: int, variables: dict[str, Scalar], rows: list[list[Any]]
) -> Run:
    run = Run(definition, variables, None, None)
    run.last_visit = last_visit
    specs = definition.plan.task_specs
    tokens: list[Token] = []
    for parent, element, letter, *more in rows:
        if (parent == -1) is not (not tokens) or not -1 <= parent < len(tokens):
            raise Corrupt("tree")
        token = Token(run, specs[element], tokens[parent] if tokens else None, _STATES[letter])
        if more:
            token.visit = int(more[0], 16)
            if len(more) > 1:
                token.outcome, token.parameters = more[1], dict(more[2])
        if bool(token.visit) is not (token._state == READY and token.task_spec.manual):
            raise Corrupt("visit")
        tokens.append(token)
    run.task_tree = tokens[0]
    run.completed = len(tokens) == 1 and tokens[0]._state == COMPLETED
    return run
