"""A token more, by hand: only where the drawing has room for one, so that no join and no end sees one too many.

There is room on a way of an open block on which no token is: one that has arrived at the join from there is taken
back. There is room for one more of several instances, and for a side flow or an event sub-process that interrupts
nothing. Elsewhere a second token would do twice what is drawn once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.platform.engine.codec import unpack
from app.platform.engine.definition import Definition
from app.platform.engine.elements.events import Begin, Edge
from app.platform.engine.elements.multi import MOST_ITEMS, Counted, Many
from app.platform.engine.errors import Immovable
from app.platform.engine.machine import READY, WAITING, Finish, Joining, Side, Station, Token
from app.platform.engine.moving import ANY, of_scope, place_of
from app.platform.engine.net import DONE, Origin
from app.platform.engine.run import Caller, Run
from app.platform.engine.step import Step, resume, settle

LONGEST_ITEM = 200
Path = tuple[tuple[str, str], ...]
CODES = (
    "not_here", "no_block", "closed_block", "no_host", "occupied", "interrupts", "is_join", "too_many_items",
)  # fmt: skip
"""Why there is no room, from what says least to what says most: an element may lie in several scopes alive."""


@dataclass(frozen=True, slots=True)
class Room:
    """Room for a token at `element`, in a scope around the token `beside` (element, visit).

    `kind`: on a way of an open block, in a side flow, or one more of several instances; `takes_item`: each of which
    is for an item.
    """

    element: str
    beside: tuple[str, int]
    kind: Literal["way", "side", "instance"] = "way"
    takes_item: bool = False


def rooms(definition: Definition, state: bytes) -> tuple[tuple[Room, ...], Mapping[str, str]]:
    """Where a token may be added; and the other elements, each with the code of a reason as `add` raises it."""
    run = unpack(definition, state)
    found: list[Room] = []
    refused = dict.fromkeys(definition.elements, "not_here")
    seen: set[Token | None] = set()
    for token in run.waiting_tokens():
        for scope in _around(token):
            if scope in seen:
                continue
            seen.add(scope)
            for station in _stations(run, scope):
                try:
                    _look(run, scope, station)
                except Immovable as error:
                    refused[error.target] = max(refused[error.target], error.code, key=CODES.index)
                else:
                    found.append(_room(scope, station, token))
    able = {room.element for room in found}
    return tuple(found), {target: code for target, code in refused.items() if target not in able}


def add(
    definition: Definition,
    state: bytes,
    beside: tuple[str, int],
    target: str,
    call: Caller,
    now: datetime,
    item: str | None = None,
) -> Step:
    """Put one token more at `target`, in the innermost scope around the token `beside` that has room for it.

    `item`: what one more of several instances is for, where each is for one. Raises `NoSuchToken`, `Immovable`
    (the codes of `rooms`; `item_needed`, `item_there`), and what `complete` raises.
    """
    run, token = resume(definition, state, *beside, call, now, ANY)
    because = "not_here"
    for scope in _around(token):
        for station in _stations(run, scope):
            if station.bpmn_id != target:
                continue
            try:
                gone = _look(run, scope, station)
            except Immovable as error:
                because = max(because, error.code, key=CODES.index)
                continue
            _put(run, scope, station, gone, (item or "").strip())
            return settle(run)
    raise Immovable(target, because)


def _around(token: Token) -> Iterator[Token | None]:
    """The scopes around a token, the innermost first; None is the instance."""
    at: Token | None = token
    while at is not None:
        at = at.scope
        yield at


def _stations(run: Run, scope: Token | None) -> Iterator[Station]:
    """What a token might be added at: what lies in a scope, what starts beside it, one more of several."""
    if scope is not None and isinstance(scope.task_spec, Many):
        yield scope.task_spec
        return
    name = None if scope is None else scope.task_spec.name
    yield from run.spec.starts_beside(name)
    for station in run.spec.task_specs.values():
        is_drawn = not isinstance(station, Begin | Counted | Finish | Origin | Side) or isinstance(
            station, Edge
        )
        if is_drawn and getattr(station, "within", "") == name:
            yield station


def _look(run: Run, scope: Token | None, station: Station) -> list[Token]:
    """The tokens that one more at `station` takes the place of. Raises `Immovable` where there is no room."""
    if isinstance(station, Begin | Edge):
        if station.interrupting:
            raise Immovable(station.bpmn_id, "interrupts")
        if isinstance(station, Edge) and _host(run, scope, station) is None:
            raise Immovable(station.bpmn_id, "no_host")
        return []
    if scope is not None and _is_one_more(scope, station):
        if _count(scope) >= MOST_ITEMS:
            raise Immovable(station.bpmn_id, "too_many_items")
        return []
    if isinstance(station, Joining) and len(station._inputs) > 1:
        raise Immovable(station.bpmn_id, "is_join")
    return _arrivals(run, scope, station)


def _arrivals(run: Run, scope: Token | None, station: Station) -> list[Token]:
    """What has come to the join from the way `station` lies on, if the block is open and nothing else is there."""
    blocks = run.definition.plan.blocks
    way = blocks.get(station.name, ())
    if not way:
        raise Immovable(station.bpmn_id, "no_block")
    arrived, is_open = [], False
    for token in of_scope(run, scope):
        if isinstance(token.task_spec, Side):
            continue  # it has only what it holds
        place = place_of(run, token).removesuffix(DONE)
        there = blocks.get(place, ())
        if there[: len(way)] == way:
            if there != way or token._state != WAITING:
                raise Immovable(station.bpmn_id, "occupied")
            arrived.append(token)
            continue
        over_empty = token._state == WAITING and place == way[-1][0]  # came from the split to the join
        is_open = is_open or over_empty or _is_beside(there, way)
    if not is_open:
        raise Immovable(station.bpmn_id, "closed_block")
    return arrived


def _is_beside(there: Path, way: Path) -> bool:
    """Whether a path lies on another way from the split that `way` comes from."""
    depth = len(way)
    return len(there) >= depth and there[: depth - 1] == way[:-1] and there[depth - 1][0] == way[-1][0]


def _host(run: Run, scope: Token | None, edge: Edge) -> Token | None:
    """The token on whose edge an event stands, if it is alive."""
    return next((token for token in of_scope(run, scope) if edge in token.task_spec.boundaries), None)


def _count(several: Token) -> int:
    assert several.parameters is not None
    return int(several.parameters["count"] or 0)


def _is_one_more(scope: Token | None, station: Station) -> bool:
    return scope is not None and scope.task_spec is station


def _takes_item(station: Station) -> bool:
    return isinstance(station, Many) and station.loop.items is not None


def _room(scope: Token | None, station: Station, token: Token) -> Room:
    beside = (token.element, token.visit)
    if _is_one_more(scope, station):
        return Room(station.bpmn_id, beside, "instance", _takes_item(station))
    return Room(station.bpmn_id, beside, "side" if isinstance(station, Begin | Edge) else "way")


def _put(run: Run, scope: Token | None, station: Station, gone: list[Token], item: str) -> None:
    if isinstance(station, Begin):
        run.begin_beside(scope, station)
    elif isinstance(station, Edge):
        host = _host(run, scope, station)
        assert host is not None
        station.open_at(Token(run, station, host.parent, READY), station)
    elif scope is not None and isinstance(station, Many) and _is_one_more(scope, station):
        if _takes_item(station):
            _mind_item(run, scope, station, item)
        station.one_more(scope, item)
    else:
        for token in gone:
            run.cut(token)
        run.put(run.task_tree if scope is None else scope, station.name)


def _mind_item(run: Run, several: Token, station: Many, item: str) -> None:
    if not item or "," in item or len(item) > LONGEST_ITEM:
        raise Immovable(station.bpmn_id, "item_needed")
    if any(token.own[station.loop.item] == item for token in of_scope(run, several) if token.own):
        raise Immovable(station.bpmn_id, "item_there")


__all__ = ["Room", "add", "rooms"]
