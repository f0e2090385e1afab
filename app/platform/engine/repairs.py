"""What an administrator may do to a token by hand: where it could be put, and whether it may be taken away at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.platform.engine.definition import Definition
from app.platform.engine.errors import Immovable
from app.platform.engine.machine import COMPLETED, Finish, Side, Station, Token
from app.platform.engine.moving import ANY, drop, is_body, of_scope, root_of, station_for
from app.platform.engine.run import Caller, Run
from app.platform.engine.step import Step, resume, settle


def places(definition: Definition, state: bytes, element: str, visit: int) -> Mapping[str, str | None]:
    """Every element of the process: None where the token `element`#`visit` may be put, else the code of a reason.

    Reasons as `repair` raises them. Raises `NoSuchToken`.
    """
    run, token = resume(definition, state, element, visit, None, None, ANY)
    token = run.tasks.get(token.host) or token if token.host is not None else token
    found: dict[str, str | None] = {}
    for target in definition.elements:
        try:
            station_for(run, token, target)
        except Immovable as error:
            found[target] = error.code
        else:
            found[target] = None
    return found


def removable(definition: Definition, state: bytes, element: str, visit: int) -> str | None:
    """Why the token `element`#`visit` may not be taken away, as a code; None where it may. As `remove` raises it."""
    run, token = resume(definition, state, element, visit, None, None, ANY)
    try:
        _way_out(run, token)
    except Immovable as error:
        return error.code
    return None


def remove(
    definition: Definition, state: bytes, source: tuple[str, int], call: Caller, now: datetime
) -> Step:
    """Take the token `source` away: its branch counts as done, or its side flow is over; nothing comes of it.

    Only where something else goes on: a join is told that nothing more comes this way. Raises `NoSuchToken`,
    `Immovable` (`guards`, `several`, `last`, `many_ways`), and what `complete` raises.
    """
    run, token = resume(definition, state, *source, call, now, ANY)
    last, join = _way_out(run, token)
    if join is None and isinstance(getattr(token.scope, "task_spec", None), Side):
        side = token.scope
        assert side is not None
        around = side.scope
        run.cut(side)
        run.look_again(around)
        return settle(run)
    root, scope = root_of(run, token), token.scope
    drop(run, token)
    if join is None:
        run.look_again(scope)
    else:
        assert last is not None
        arrived = Token(run, last, root, COMPLETED)
        arrived.outcome = None
        run.put(arrived, join.name)
    return settle(run)


def _way_out(run: Run, token: Token) -> tuple[Station | None, Station | None]:
    """The last station of the token's branch and the join it leads to; no join where nothing waits for the branch."""
    if token.host is not None:
        raise Immovable(token.element, "guards")
    if is_body(token):
        raise Immovable(token.element, "several")
    others = [
        one for one in of_scope(run, token.scope) if one is not token and not _is_rival(run, one, token)
    ]
    blocks = run.definition.plan.blocks.get(_bare(token), ())
    if not others:
        if isinstance(getattr(token.scope, "task_spec", None), Side):
            return None, None
        raise Immovable(token.element, "last")
    if not blocks:
        raise Immovable(token.element, "last")
    inside = {name for name, ways in run.definition.plan.blocks.items() if blocks[-1] in ways}
    exits = {
        (name, after)
        for name in inside
        for after in run.spec.task_specs[name]._outputs
        if after not in inside and run.spec.task_specs[name].within == token.task_spec.within
    }
    joins = {after for _name, after in exits if not isinstance(run.spec.task_specs[after], Finish)}
    if not joins:
        return None, None
    if len(joins) > 1 or len(exits) > 1:
        raise Immovable(token.element, "many_ways")
    name, after = next(iter(exits))
    return run.spec.task_specs[name], run.spec.task_specs[after]


def _is_rival(run: Run, one: Token, token: Token) -> bool:
    """Whether both wait behind one gateway of events: they are one place."""
    return one._parent == token._parent and bool(getattr(token.parent.task_spec, "is_rivalry", False))


def _bare(token: Token) -> str:
    return str(token.task_spec.name)


__all__ = ["places", "removable", "remove"]
