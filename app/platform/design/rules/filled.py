"""A variable that is read where, on some way there, nothing has set it yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from app.platform.design.finding import Finding
from app.platform.design.rules.drawn import START, Drawn, called, note
from app.platform.engine.chart import Chart, Node, Scope
from app.platform.engine.elements.multi import INDEX
from app.platform.registry import Words

Names = frozenset[str]


def check(drawn: Drawn) -> Iterator[Finding]:
    """Look at what conditions, and whom a step is asked of, read: is it set on every way there?

    What the start form sets, data objects (they come with the start), and variables of a message that starts it count
    as set. A form sets only what its step lets people write. Where ways meet, what all of them set counts; after a
    join of parallel ways, what any of them sets.
    """
    main = drawn.main
    if any(node.detail is None and node.kind.operator for _, node in _nodes(drawn)):
        return
    begun = _written(drawn, main.properties.get("form"), START)
    begun |= frozenset(chain.from_iterable(chart.variables for chart in drawn.charts))
    yield from _of(drawn, main, begun, set())


def _nodes(drawn: Drawn) -> Iterator[tuple[Chart, Node]]:
    return ((chart, node) for chart in drawn.charts for node in chart.nodes.values())


def _of(drawn: Drawn, chart: Chart, begun: Names, told: set[tuple[str, str]]) -> Iterator[Finding]:
    before = set_before(drawn, chart, begun)
    for node in chart.nodes.values():
        if node not in before:
            continue  # never reached: publication says so
        known = before[node] | (frozenset() if node.kind.is_gateway else _produced(drawn, chart, node))
        reads = {name for flow in node.outgoing if flow.condition for name in flow.condition.names}
        for name in sorted(reads - known - {"outcome"}):
            if (node.id, name) not in told:
                told.add((node.id, name))
                yield _unset(drawn, chart, node, name, "条件用到", "a condition reads")
        for name in sorted(_asked_of(node) - before[node]):
            if (node.id, name) not in told:
                told.add((node.id, name))
                yield _unset(drawn, chart, node, name, "办理人取自", "it is asked of")
    for call, inner in chart.called.items():
        if chart.nodes[call] in before:
            yield from _of(drawn, inner, before[chart.nodes[call]], told)


def _asked_of(node: Node) -> set[str]:
    """The variables that say whom a task is asked of."""
    if not node.kind.is_person:
        return set()
    assignee = node.properties.get("assignee", "")
    if assignee:
        kind, _, name = assignee.partition(":")
        return {name.strip()} if kind == "variable" else set()
    lane = node.lane
    if lane is None or lane.role is None:
        return set()
    return {name for name in (lane.at.variable if lane.at else None, lane.subject) if name}


def _unset(drawn: Drawn, chart: Chart, node: Node, name: str, zh: str, en: str) -> Finding:
    setters = [called(other) for _, other in _nodes(drawn) if name in _produced(drawn, chart, other)]
    later = Words("、".join(one.zh for one in setters[:3]), ", ".join(one.en for one in setters[:3]))
    return note(
        "warning",
        "unset",
        chart,
        node,
        f"{zh}变量“{name}”，但有的路径走到这里时它还没有值" + (f"（由“{later.zh}”填写）" if setters else ""),
        f"{en} “{name}”, which on some way here has no value yet"
        + (f" (set by {later.en})" if setters else ""),
    )


def _written(drawn: Drawn, form: str | None, step: str) -> Names:
    """The variables that a form sets at a step: what may be written there, and the row it belongs to."""
    found = drawn.forms.get(form or "")
    if found is None:
        return frozenset()
    row = {found.row.removeprefix("variable:")} if found.row and found.row.startswith("variable:") else set()
    derived = {name for name, one in found.fields.items() if one.kind.derived}
    return frozenset((found.at(step).writable | derived) & found.variables.keys()) | frozenset(row)


def _produced(drawn: Drawn, chart: Chart, node: Node) -> Names:
    loop = {INDEX, node.loop.item} | node.loop.keeps if node.loop is not None else set()
    if node.kind.is_person:
        return _written(drawn, node.properties.get("form"), node.id) | loop
    return node.kind.produces(chart, node) | loop


def set_before(drawn: Drawn, chart: Chart, begun: Names) -> Mapping[Node, Names]:
    """For each node that is reached the variables set on every way to it, before it does anything."""
    produced = {node: _produced(drawn, chart, node) for node in chart.nodes.values()}
    found: dict[Node, Names] = {}

    def arrives(node: Node, names: Names) -> bool:
        old = found.get(node)
        if old is None:
            new = names
        elif node.kind.joins and node.kind.tag == "parallelGateway" and len(node.incoming) > 1:
            new = old  # worked out from all its ways below
        else:
            new = old & names
        found[node] = new
        return new != old

    todo: list[Node] = []
    for scope in chart.scopes:
        if scope.kind == "process":
            todo += [entry for entry in scope.entries() if arrives(entry, begun)]
    left = 40 * len(chart.nodes) + 100  # sets only shrink, so this is never met; a fuse all the same
    while todo and left:
        left -= 1
        node = todo.pop()
        after = _after(chart, node, found[node], produced, found)
        for other, names in after:
            if other.kind.tag == "parallelGateway" and len(other.incoming) > 1:
                names = _joined(other, produced, found)
                if found.get(other) != names:
                    found[other] = names
                    todo.append(other)
            elif arrives(other, names):
                todo.append(other)
    return found


def _joined(node: Node, produced: Mapping[Node, Names], found: Mapping[Node, Names]) -> Names:
    ways = [found[flow.source] | produced[flow.source] for flow in node.incoming if flow.source in found]
    return frozenset().union(*ways)


def _after(
    chart: Chart, node: Node, names: Names, produced: Mapping[Node, Names], found: Mapping[Node, Names]
) -> Iterable[tuple[Node, Names]]:
    """Where a token goes from a node, with what is set then."""
    done = names | produced[node]
    inner = node.inside
    if inner is not None:
        yield from ((entry, names | produced[node]) for entry in inner.entries())
        done |= _by_ends(inner, produced, found)
    if node.id in chart.called:
        inner_chart = chart.called[node.id]
        done |= frozenset().union(*(each.kind.produces(inner_chart, each) for each in _read(inner_chart)))
    yield from ((flow.target, done) for flow in node.outgoing)
    yield from ((edge, names) for edge in node.boundaries)
    for beside in (each for each in node.scope.nodes if each.inside and each.inside.kind == "beside"):
        yield beside, names


def _read(chart: Chart) -> Iterator[Node]:
    return (node for node in chart.nodes.values() if node.detail is not None or not node.kind.operator)


def _by_ends(scope: Scope, produced: Mapping[Node, Names], found: Mapping[Node, Names]) -> Names:
    ends = [found[node] | produced[node] for node in scope.nodes if not node.outgoing and node in found]
    return frozenset.intersection(*ends) if ends else frozenset()


RULES = (check,)
