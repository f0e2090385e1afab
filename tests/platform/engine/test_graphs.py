"""Any graph at all is either refused, or runs without ever getting stuck, doubled or lost (T4)."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.platform.engine import Bundle, Definition, load, tokens
from tests.platform.engine.blocks import HOUSE as WAYS
from tests.platform.engine.blocks import Drawn
from tests.platform.engine.drawing import HOUSE, Drawing, Walk, review

KINDS = ("task", "xor", "both", "some")


def drawn(kinds: list[int], flows: list[tuple[int, int]]) -> Drawing:
    """Some nodes and flows; gateways get a default and conditions that exclude each other."""
    drawing = Drawing(form="permits/ways").start("n0").end("n1")
    names = ["n0", "n1"]
    ways: dict[int, int] = {}
    names += [f"n{number}" for number in range(2, len(kinds) + 2)]
    sources = [source % len(names) for source, _target in flows]
    for number, kind in enumerate(kinds, 2):
        default = f"f{sources.index(number)}" if number in sources else None
        if KINDS[kind] == "task":
            drawing.task(f"n{number}")
        elif KINDS[kind] == "both":
            drawing.both(f"n{number}")
        else:
            (drawing.xor if KINDS[kind] == "xor" else drawing.some)(f"n{number}", default)
    for place, (source, target) in enumerate(flows):
        source %= len(names)
        condition, taken = None, ways.get(source, 0)
        ways[source] = taken + 1
        if source >= 2 and KINDS[kinds[source - 2]] in ("xor", "some") and taken:
            condition = "way_0" if taken == 1 else "not way_0 and way_1" if taken == 2 else "false"
        drawing.flow(names[source], names[target % len(names)], condition, f"f{place}")
    return drawing


def run(drawing: Drawing, seed: int) -> bool:
    """Load it, and if it loads walk it at random; tells whether it was accepted."""
    began = time.monotonic()
    definition = load(drawing.bundle(), WAYS)
    assert time.monotonic() - began < 5
    if not isinstance(definition, Definition):
        return False
    chosen = random.Random(seed)
    walk = Walk(definition)
    for _ in range(60):
        live = tokens(definition, walk.step.state)
        assert [t.element for t in live] == sorted(walk.open, key=lambda e: walk.open[e].visit)
        assert len({t.element for t in live}) == len(live), "a step is asked for twice at once"
        assert bool(live) is (walk.step.ended is None), "nobody can go on, yet it has not ended"
        if not live:
            break
        walk.do(chosen.choice(live).element, way_0=chosen.random() < 0.5, way_1=chosen.random() < 0.5)
    return True


GRAPHS = st.tuples(
    st.lists(st.integers(0, 3), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=16),
    st.integers(0, 99),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(GRAPHS)
def test_any_graph_is_refused_or_runs(graph: tuple[list[int], list[tuple[int, int]], int]) -> None:
    kinds, flows, seed = graph
    run(drawn(kinds, flows), seed)


def grown(seed: int) -> Drawing:
    """A sound chain of blocks with one or two flows bent elsewhere: nearly right, which is where checks slip."""
    chosen = random.Random(seed)

    def shape(depth: int) -> tuple[object, ...]:
        kind = chosen.choice(["task", "seq", "xor", "and", "or", "loop"] if depth else ["task"])
        if kind == "task":
            return ("task",)
        if kind == "loop":
            return ("loop", shape(depth - 1))
        return (kind, *[shape(depth - 1) for _ in range(2)])

    drawing = Drawn(shape(3)).drawing
    flows = [place for place, part in enumerate(drawing.parts) if part.startswith("<bpmn:sequenceFlow")]
    nodes = [part.split('id="')[1].split('"')[0] for part in drawing.parts if "sequenceFlow" not in part]
    for _ in range(chosen.randint(1, 2)):
        place = chosen.choice(flows)
        end = chosen.choice(["targetRef", "targetRef", "sourceRef"])
        before, _, rest = drawing.parts[place].partition(f'{end}="')
        drawing.parts[place] = f'{before}{end}="{chosen.choice(nodes)}"{rest[rest.index(chr(34)) + 1 :]}'
    return drawing


def walk_bent(seeds: range) -> int:
    return sum(run_bent(seed) for seed in seeds)


def run_bent(seed: int) -> bool:
    drawing = grown(seed)
    definition = load(drawing.bundle(), WAYS)
    if not isinstance(definition, Definition):
        return False
    chosen = random.Random(seed)
    walk = Walk(definition)
    for _ in range(80):
        live = tokens(definition, walk.step.state)
        assert len({t.element for t in live}) == len(live), (seed, "a step is asked for twice at once")
        assert bool(live) is (walk.step.ended is None), (seed, "stuck")
        if not live:
            break
        element = chosen.choice(live).element
        outcome = chosen.choice(definition.tasks[element].outcomes).key
        walk.do(element, outcome, **{f"way_{i}": chosen.random() < 0.5 for i in range(3)})
    return True


def test_a_sound_chain_bent_a_little_is_refused_or_runs() -> None:
    assert walk_bent(range(400)) > 20


@pytest.mark.long
def test_many_sound_chains_bent_a_little_are_refused_or_run() -> None:
    assert walk_bent(range(400, 10_400)) > 500


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["cut", "swap", "double", "drop", "noise"]))
def test_a_file_damaged_anywhere_is_refused_or_loads_but_never_fails(seed: int, how: str) -> None:
    chosen = random.Random(seed)
    text = review(title="project", number="R{serial}").text()
    a, b = sorted(chosen.sample(range(len(text)), 2))
    b = min(b, a + 200)
    damaged = {
        "cut": text[:a] + text[b:],
        "swap": text[:a] + text[a:b][::-1] + text[b:],
        "double": text[:b] + text[a:b] + text[b:],
        "drop": text.replace(text[a : a + 12], ""),
        "noise": text[:a] + chr(chosen.randrange(1, 0xD7FF)) + text[a + 1 :],
    }[how]
    load(Bundle("permits_test", {"a.bpmn": damaged.encode()}), HOUSE)


@pytest.mark.parametrize(
    "shape",
    [
        ("seq", *[("and", ("task",), ("task",))] * 55),
        ("and", *[("task",)] * 240),
        ("seq", *[("or", ("task",), ("task",))] * 35),
    ],
)
def test_the_largest_chains_are_checked_and_run_in_bounds(shape: tuple[object, ...]) -> None:
    began = time.monotonic()
    walk = Walk(Drawn(shape).definition)
    assert time.monotonic() - began < 5
    began = time.monotonic()
    for element in list(walk.open)[:40]:
        walk.do(element, walk.definition.tasks[element].outcomes[0].key)
    assert time.monotonic() - began < 5


def test_blocks_nested_as_deep_as_they_go() -> None:
    shape: tuple[object, ...] = ("task",)
    for _ in range(60):
        shape = ("and", ("task",), shape)
    walk = Walk(Drawn(shape).definition)
    while walk.open:
        walk.do(next(iter(walk.open)))
    assert walk.step.ended == "done"
