"""The state of an instance as bytes: small, checked, versioned, and of data only."""

from __future__ import annotations

import json
import zlib
from typing import Any

from app.platform.engine.definition import Definition
from app.platform.engine.errors import Corrupt, Fuse
from app.platform.engine.machine import ACTIVE, COMPLETED, READY, WAITING, Token
from app.platform.engine.run import Run, Scalar

MAGIC = b"CP"
FORMAT = 2
READABLE = frozenset({1, 2})  # 1: before events and scopes; its rows mean the same here
LARGEST_STATE = 5 * 1024 * 1024
_HEAD = len(MAGIC) + 1 + 4

_LETTERS = {COMPLETED: "c", WAITING: "w", READY: "r", ACTIVE: "a"}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_SCALARS = (str, int, float, bool, type(None))


def _no_constant(name: str) -> None:
    raise ValueError(name)


_parse = json.JSONDecoder(parse_constant=_no_constant).decode
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def pack(run: Run) -> bytes:
    """Write a pruned run. Rows are `[parent row, station, state, visit, outcome, parameters, more]`, shortened.

    `more` is `[host row, own variables, tasks stood in for]`. Tokens are numbered anew; visits have a fixed
    width. So a state is as large after a thousand loops as after one.
    """
    order: list[Token] = []
    todo = [run.task_tree]
    while todo:
        token = todo.pop()
        order.append(token)
        todo += [run.tasks[child] for child in reversed(token._children)]
    numbers: dict[int | None, int | None] = {token.id: row for row, token in enumerate(order)}
    numbers[None] = -1
    rows = [_row(token, numbers) for token in order]
    return seal(run.spec.name, run.last_visit, run.variables, rows)


def _row(token: Token, numbers: dict[int | None, int | None]) -> list[Any]:
    row: list[Any] = [numbers[token._parent], token.task_spec.name, _LETTERS[token._state]]
    more = token.host is not None or token.own is not None or token.back is not None
    if token.visit or token.parameters is not None or more:
        row.append(f"{token.visit:06x}" if token.visit else "")
        if token.parameters is not None or more:
            row += [token.outcome, token.parameters]
    if more:
        host = None if token.host is None else numbers[token.host]
        row.append([host, token.own, token.back])
    return row


def seal(process: str, last_visit: int, variables: dict[str, Scalar], rows: list[list[Any]]) -> bytes:
    """Write the parts of a state as bytes."""
    body = _write([process, f"{last_visit:06x}", variables, rows]).encode()
    if len(body) > LARGEST_STATE:
        raise Fuse("bytes", LARGEST_STATE)
    marked = bytes([FORMAT]) + body
    return MAGIC + zlib.crc32(marked).to_bytes(4, "big") + marked


def parts(state: bytes) -> tuple[str, int, dict[str, Scalar], list[list[Any]]]:
    """The process, last visit, variables and rows of a state. Raises `Corrupt`."""
    if not _HEAD < len(state) <= LARGEST_STATE + _HEAD or state[:2] != MAGIC:
        raise Corrupt("not a state")
    marked = state[6:]
    if zlib.crc32(marked).to_bytes(4, "big") != state[2:6]:
        raise Corrupt("checksum")
    if marked[0] not in READABLE:
        raise Corrupt(f"format {marked[0]}")
    try:
        process, last_visit, variables, rows = _parse(marked[1:].decode())
        if not all(isinstance(value, _SCALARS) for value in variables.values()):
            raise Corrupt("variables")
        return process, int(last_visit, 16), variables, rows
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Corrupt(type(error).__name__) from error


def unpack(definition: Definition, state: bytes) -> Run:
    """Read a state of `definition`; anything that is not exactly what `pack` writes is `Corrupt`."""
    process, last_visit, variables, rows = parts(state)
    if process != definition.process:
        raise Corrupt(f"of process {process}")
    try:
        return _restore(definition, last_visit, variables, rows)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Corrupt(type(error).__name__) from error


def _restore(
    definition: Definition, last_visit: int, variables: dict[str, Scalar], rows: list[list[Any]]
) -> Run:
    run = Run(definition, variables, None, None)
    run.last_visit = last_visit
    specs = definition.plan.task_specs
    tokens: list[Token] = []
    hosts: list[tuple[Token, int]] = []
    for parent, element, letter, *more in rows:
        if (parent == -1) is not (not tokens) or not -1 <= parent < len(tokens):
            raise Corrupt("tree")
        token = Token(run, specs[element], tokens[parent] if tokens else None, _STATES[letter])
        if more:
            _fill(token, more, hosts)
        if bool(token.visit) is not (token._state == READY and token.task_spec.manual):
            raise Corrupt("visit")
        if (token._state == ACTIVE) is not (
            token.task_spec.is_scope and token._state not in (READY, COMPLETED)
        ):
            raise Corrupt("scope")
        tokens.append(token)
    for token, host in hosts:
        token.host = tokens[host].id
    run.task_tree = tokens[0]
    run.completed = len(tokens) == 1 and tokens[0]._state == COMPLETED
    return run


def _fill(token: Token, more: list[Any], hosts: list[tuple[Token, int]]) -> None:
    token.visit = int(more[0], 16) if more[0] else 0
    if len(more) > 1:
        token.outcome = more[1]
        token.parameters = None if more[2] is None else dict(more[2])
    if len(more) > 3:
        host, own, back = more[3]
        token.own = None if own is None else dict(own)
        token.back = None if back is None else [str(name) for name in back]
        if host is not None:
            hosts.append((token, int(host)))


__all__ = ["FORMAT", "LARGEST_STATE", "MAGIC", "pack", "parts", "seal", "unpack"]
