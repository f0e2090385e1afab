"""Return, withdraw and repair: tokens taken away, and one put down elsewhere. One mechanism for all three.

A task may be returned to if every way to where the token stands passes it: it dominates the token's place, in
its own scope or in one around it. What it dominates is cut, tokens beside it stay, and a fresh token is put at
the task. So no join is left waiting for a branch that has gone, and none gets a token too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.platform.engine.definition import Definition
from app.platform.engine.elements.end_event import End
from app.platform.engine.elements.events import Begin, Throw
from app.platform.engine.elements.multi import Many
from app.platform.engine.elements.service_task import Calling
from app.platform.engine.errors import Immovable
from app.platform.engine.machine import ACTIVE, LIVE, WAITING, Finish, Joining, Side, Station, Token
from app.platform.engine.net import DONE, Graph, Net
from app.platform.engine.run import Caller, Run
from app.platform.engine.step import Step, resume, settle, show

ANY = ("user", "work", "timer", "message", "signal")


@dataclass(frozen=True, slots=True)
class Way:
    """How a task can be returned to: the token that counts in its scope, and the stations that lead to it.

    `path`: the task's station, or the finished sub-processes it lies in, outermost first, and then it.
    `because`: why it may not be, as a code; None where it may. `passed`: the service tasks with an undo between.
    """

    source: Token
    path: tuple[str, ...]
    because: str | None = None
    passed: tuple[tuple[str, str], ...] = ()


def targets(definition: Definition, state: bytes, element: str, visit: int) -> Mapping[str, str | None]:
    """The user tasks the token `element`#`visit` may be sent back to; the others with the code of a reason.

    Reasons: `not_passed` (no way leads through it for certain, or its block has closed), `effects` (a service
    task or a message between cannot be undone), `several` (it is one body of a multi-instance).
    """
    run, token = resume(definition, state, element, visit, None, None, ANY)
    found: dict[str, str | None] = dict.fromkeys(definition.tasks, "not_passed")
    for way in _ways(run, token):
        name = _element(way.path[-1])
        if found[name] is not None:
            found[name] = way.because
    found.pop(token.element, None)
    return found


def undone(
    definition: Definition, state: bytes, element: str, visit: int, target: str
) -> tuple[tuple[str, str], ...]:
    """The service tasks `(element, action)` whose undo a return from `element`#`visit` to `target` calls for."""
    run, token = resume(definition, state, element, visit, None, None, ANY)
    return _way(run, token, target).passed


def move(
    definition: Definition,
    state: bytes,
    source: tuple[str, int],
    target: str,
    call: Caller,
    now: datetime,
    straight_back: bool = False,
) -> Step:
    """Send the token `source` (element, visit) back to the user task `target`.

    With `straight_back` nothing else is touched: the token asks `target` where it stands, and when that is done
    again, it asks as before. Raises `NoSuchToken`, `Immovable`, and what `complete` raises.
    """
    run, token = resume(definition, state, *source, call, now, ANY)
    way = _way(run, token, target, past_effects=straight_back)
    if straight_back:
        shown = show(run, token)
        _stand_in(run, token, way.path[-1])
        return settle(run, (shown,))
    _cut_after(run, way.source, way.path[0])
    _open(run, root_of(run, way.source), way.path)
    return settle(run)


def repair(
    definition: Definition,
    state: bytes,
    source: tuple[str, int],
    target: str,
    call: Caller,
    now: datetime,
) -> Step:
    """Put the token `source` at `target`, any element of its scope but a join: an administrator's repair.

    Within the innermost open parallel block only; leaving a block cuts all of it. Raises `NoSuchToken`,
    `Immovable` (`not_here`, `enters_block`, `is_join`), and what `complete` raises.
    """
    run, token = resume(definition, state, *source, call, now, ANY)
    host = run.tasks.get(token.host) if token.host is not None else None
    token = host or token
    station = station_for(run, token, target)
    blocks = run.definition.plan.blocks
    here, there = blocks.get(token.task_spec.name, ()), blocks.get(station.name, ())
    root = root_of(run, token)
    left = here[len(there)][0] if len(here) > len(there) else None
    for other in of_scope(run, token.scope):
        place = place_of(run, other).removesuffix(DONE)  # the split itself, for what came over an empty way
        if other is token or (
            left is not None and left in (place, *(split for split, _way in blocks.get(place, ())))
        ):
            drop(run, other)
    run.put(root, station.name)
    return settle(run)


def station_for(run: Run, token: Token, target: str) -> Station:
    """The station at which a repair would put the token. Raises `Immovable` as `repair` does."""
    station = next((s for s in run.spec.task_specs.values() if _is_place(s, token, target)), None)
    if station is None or is_body(token) or token is run.task_tree:  # which is no token of the drawing
        raise Immovable(target, "not_here")
    if isinstance(station, Joining) and len(station._inputs) > 1:
        raise Immovable(target, "is_join")
    blocks = run.definition.plan.blocks
    here, there = blocks.get(token.task_spec.name, ()), blocks.get(station.name, ())
    if here[: len(there)] != there:
        raise Immovable(target, "enters_block")
    return station  # type: ignore[no-any-return]


def _is_place(station: object, token: Token, target: str) -> bool:
    named = (
        getattr(station, "bpmn_id", None) == target
        and getattr(station, "within", None) == token.task_spec.within
    )
    # What stands on an edge or begins beside waits for its event with its host, not for a token.
    return named and not isinstance(station, Finish | Side | Begin)


def is_body(token: Token) -> bool:
    """Whether it is one of several instances, which nothing leads to or from."""
    return token.scope is not None and isinstance(token.scope.task_spec, Many)


def drop(run: Run, token: Token) -> None:
    """Cut a token, and what was to come instead of it."""
    if token.id not in run.tasks:
        return
    parent = token.parent
    if getattr(parent.task_spec, "is_rivalry", False):
        for child in list(parent._children):
            run.cut(run.tasks[child])
    else:
        run.cut(token)


def _way(run: Run, token: Token, target: str, past_effects: bool = False) -> Way:
    because = "not_passed"
    for way in _ways(run, token):
        if _element(way.path[-1]) == target and target != token.element:
            if way.because is None or (past_effects and way.because == "effects"):
                return way
            because = way.because
    raise Immovable(target, because)


def _ways(run: Run, token: Token) -> Iterator[Way]:
    """Every task that dominates the token's place, scope by scope outwards."""
    at: Token = run.tasks[token.host] if token.host is not None else token
    effects = False
    undos: tuple[tuple[str, str], ...] = ()
    while True:
        graph = run.spec.graphs.get(None if at.scope is None else at.scope.task_spec.name)
        # A side flow has only what it holds, and what is around the whole it runs in.
        beside = isinstance(at.task_spec, Side) and at.host is None
        if graph is None:
            effects = effects or _holds_effects(run, at.task_spec.name)
        else:
            place = at.task_spec.name
            for name in graph.dominators.get(place, ()) if not beside else ():
                if name not in ("", place):
                    yield from _at(run, graph, at, name, place, effects, undos)
            inner = _left_behind(run, graph, at, "")
            effects, undos = effects or inner[0], undos + inner[1]
        if at.scope is None:
            return
        at = at.scope


def _at(
    run: Run,
    graph: Graph,
    at: Token,
    name: str,
    place: str,
    effects: bool,
    undos: tuple[tuple[str, str], ...],
) -> Iterator[Way]:
    bare = name.removesuffix(DONE)
    station = run.spec.task_specs[bare]
    passed, more = _left_behind(run, graph, at, name)
    because = "effects" if effects or passed else None
    if station.kind == "user" and name == bare and bare != place:
        yield Way(at, (bare,), because, undos + more)
    if station.is_scope and name != bare and not isinstance(station, Side):
        for path, inner, deeper, reason in _into(run, bare):
            why = because or ("effects" if inner else None)
            yield Way(at, path, reason or why, undos + more + deeper)


def _left_behind(run: Run, graph: Graph, at: Token, first: str) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """As `_between`, for every token that a return to `first` would cut: branches beside `at` have had effects, too."""
    effects, undos = False, dict[tuple[str, str], None]()
    for token in of_scope(run, at.scope):
        place = place_of(run, token)
        if isinstance(token.task_spec, Side) or first.removesuffix(DONE) not in graph.dominators.get(
            place, ()
        ):
            continue
        passed, more = _between(run, graph, first, place)
        effects = effects or passed
        undos |= dict.fromkeys(more)
        if token is not at and token.task_spec.is_scope:
            effects = effects or _holds_effects(run, token.task_spec.name)
    return effects, tuple(undos)


def _into(
    run: Run, name: str
) -> Iterator[tuple[tuple[str, ...], bool, tuple[tuple[str, str], ...], str | None]]:
    """The tasks of a finished sub-process that were certainly passed: they dominate its end."""
    station = run.spec.task_specs[name]
    if any(start.interrupting for start in run.spec.starts_beside(name)):
        return  # it may have ended by its event
    if isinstance(station, Many):
        for inner in run.spec.task_specs.values():
            if inner.kind == "user" and inner.name != name and _lies_in(run, inner.within, station.body):
                yield (name, inner.name), False, (), "several"
        return
    graph = run.spec.graphs[name]
    finish = station.inner_finish
    for node in graph.dominators.get(finish, ()):
        bare = node.removesuffix(DONE)
        if not bare or bare == finish:
            continue
        inner, passed = run.spec.task_specs[bare], _between(run, graph, node, finish)
        if inner.kind == "user" and node == bare:
            yield (name, bare), *passed, None
        elif inner.is_scope and node != bare and not isinstance(inner, Side):
            for path, effects, undos, reason in _into(run, bare):
                yield (name, *path), effects or passed[0], undos + passed[1], reason


def _lies_in(run: Run, scope: str | None, outer: str) -> bool:
    while scope is not None and scope != outer:
        scope = run.spec.task_specs[scope].within
    return scope == outer


def _between(run: Run, graph: Graph, first: str, last: str) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Whether something that cannot be undone may lie between two nodes, and the service tasks that can be."""
    effects, undos = False, []
    if not _leaves_anything(run.spec):
        return False, ()
    for name in sorted(graph.between(first, last)):
        if name.endswith(DONE) or name == last or not name:
            continue
        if name == first.removesuffix(DONE):
            continue
        station = run.spec.task_specs[name]
        if isinstance(station, Calling) and station.errand.facts.undo:
            undos.append((str(station.bpmn_id), station.action))
        effects = effects or _has_effect(station) or (station.is_scope and _holds_effects(run, name))
    return effects, tuple(undos)


def _leaves_anything(net: Net) -> bool:
    """Whether there is anything in the whole net that a return past it would have to mind; found out once."""
    if net.leaves is None:
        stations = net.task_specs.values()
        net.leaves = any(_has_effect(s) or (isinstance(s, Calling) and s.errand.facts.undo) for s in stations)
    return net.leaves


def _has_effect(station: object) -> bool:
    if isinstance(station, Calling):
        return station.errand.facts.effects and not station.errand.facts.undo
    return isinstance(station, Throw) or (isinstance(station, End) and station.throws)


def _holds_effects(run: Run, scope: str) -> bool:
    """Whether anything in a sub-process, however deep, cannot be undone."""
    return any(
        (_has_effect(station) or (isinstance(station, Calling) and station.errand.facts.undo))
        and _lies_in(run, station.within, scope)
        for station in run.spec.task_specs.values()
    )


def of_scope(run: Run, scope: Token | None) -> list[Token]:
    """The live tokens of a scope, guards not counted: they go with what they guard."""
    return [t for t in run.tasks.values() if t._state & LIVE and t.host is None and t.scope is scope]


def place_of(run: Run, token: Token) -> str:
    """Where a token counts: one that waits at a join, at the element it came from."""
    if token._state == WAITING and token._parent is not None:
        return str(token.parent.task_spec.name) + DONE
    return str(token.task_spec.name)


def _cut_after(run: Run, source: Token, target: str) -> None:
    """Cut every token of the scope whose place `target` dominates."""
    graph = run.spec.graphs[None if source.scope is None else source.scope.task_spec.name]
    for token in of_scope(run, source.scope):
        if token.id in run.tasks and target in graph.dominators.get(place_of(run, token), ()):
            run.cut(token)


def root_of(run: Run, token: Token) -> Token:
    """What a fresh token of the same scope is put below."""
    return run.task_tree if token.scope is None else token.scope


def _open(run: Run, root: Token, path: tuple[str, ...]) -> None:
    """Put a token at the first of `path`; inside a sub-process opened anew, at the next, and so on."""
    for name in path[:-1]:
        scope = run.put(root, name)
        scope._set_state(ACTIVE)
        run.arm(scope, run.spec.starts_beside(name), inside=True)
        root = scope
    run.put(root, path[-1])


def _stand_in(run: Run, token: Token, target: str) -> None:
    """Let a task's token ask for another task, without leaving its place."""
    if token.task_spec.kind != "user":
        raise Immovable(_element(target), "not_a_task")
    run.disarm(token)
    token.back = [*(token.back or []), target]
    run.note("entered", token.element)
    run.open(token)


def _element(station: str) -> str:
    return station.rpartition("/")[2].partition(":")[0]


__all__ = ["move", "repair", "targets", "undone"]
