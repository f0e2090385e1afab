"""Verbs in bulk at random: some made impossible after the confirmation, the worker killed, and every result is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.platform.data import transaction
from app.platform.monitoring import bulk_results, bulk_running
from app.platform.monitoring.bulk import Changed
from app.platform.monitoring.bulk_entities import BulkRow
from app.platform.runtime import control, doctor, errors, transferring, urging, work
from app.platform.runtime.entities import History, Incident, Instance, Task
from tests.platform.design import mixed
from tests.platform.monitoring import broken, many
from tests.platform.monitoring.many import ADMIN, SECOND, begin, look
from tests.platform.runtime import chains
from tests.platform.runtime.signing import findings
from tests.platform.runtime.steps import begin as start
from tests.platform.runtime.steps import decide
from tests.world import World

HOUR = timedelta(hours=1)
TARGET = "接办人"
PLACES = ("first", "first", "third", "failed", "first suspended", "failed suspended", "cancelled", "own")
"""Where an instance is when the set is confirmed."""
MEANWHILE = ("nothing",) * 6 + ("suspend", "resume", "cancel", "go on", "urge", "hand over", "retry", "own")
"""What another one does between that and its turn."""
WRITES = {
    "urge": "urged", "transfer": "transferred", "suspend": "suspended", "resume": "resumed", "retry": "retried",
    "move": "moved", "cancel": "cancelled",
}  # fmt: skip
"""What a verb leaves in the history, once for each instance: each has one task or incident."""
QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}
done: Counter[str] = Counter()


class Killed(BaseException):
    """The worker is gone: nothing it could still do is done."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of an instance, as the database has it."""

    state: str
    starter: str
    revision: int
    tasks: Mapping[str, tuple[str, str | None]]
    incidents: frozenset[str]
    by_admin: tuple[str, ...]
    is_urged: bool


def read(world: World, instance: str) -> Facts:
    with world.session() as session:
        row = session.get_one(Instance, instance)
        tasks = session.execute(
            select(Task.id, Task.element, Task.assignee_id).where(
                Task.instance_id == instance, Task.state == "open"
            )
        ).all()
        incidents = session.scalars(
            select(Incident.id).where(Incident.instance_id == instance, Incident.closed_at.is_(None))
        )
        rows = session.execute(
            select(History.kind, History.by_id).where(History.instance_id == instance).order_by(History.seq)
        ).all()
        return Facts(
            row.state,
            row.starter_id,
            row.revision,
            {one.id: (one.element, one.assignee_id) for one in tasks},
            frozenset(incidents),
            tuple(one.kind for one in rows if one.by_id == world.people[ADMIN]),
            any(one.kind == "urged" for one in rows),
        )


def able(world: World, verb: str, at: Facts, chosen: Facts | None = None) -> bool:
    """Whether a verb can be done to an instance, said without a line of the verbs' own.

    `chosen`: how it was at the confirmation, where its turn has come.
    """
    if at.starter == world.people[ADMIN] or at.state not in ("running", "suspended"):
        return False
    tasks = {key: one for key, one in at.tasks.items() if chosen is None or key in chosen.tasks}
    incidents = at.incidents if chosen is None else at.incidents & chosen.incidents
    is_running = at.state == "running"
    return {
        "suspend": is_running,
        "resume": not is_running,
        "cancel": True,
        "retry": bool(incidents),
        "urge": is_running and bool(at.tasks) and not at.is_urged,
        "transfer": is_running
        and bool(tasks)
        and (chosen is None or all(held != world.people[TARGET] for _element, held in tasks.values())),
        "move": is_running and any(element == "first" for element, _held in at.tasks.values()),
    }[verb]


# ── where they are, and what happens meanwhile ────────────────────────────────────────────────────────────────────


def seed(world: World, places: Sequence[str]) -> list[str]:
    """An instance at each of these places; those whose work fails are let fail together."""
    found = [start(world, "tests_hooked") for _ in places]
    behind = [
        one for one, place in zip(found, places, strict=True) if place.split()[0] in ("failed", "third")
    ]
    for one in behind:
        decide(world, world.open_task(one, "first"), "go")
        decide(world, world.open_task(one, "second"), "go")
    failing = {one for one, place in zip(found, places, strict=True) if place.startswith("failed")}
    chains.told["send"] = lambda call: broken.fails(call) if call.instance in failing else None
    if behind:
        broken.try_in_vain(world)
    chains.told.clear()
    for one, place in zip(found, places, strict=True):
        if place.endswith("suspended"):
            interfere(world, one, "suspend")
        elif place in ("cancelled", "own"):
            interfere(world, one, "cancel" if place == "cancelled" else "own")
    return found


def interfere(world: World, instance: str, verb: str) -> None:
    """Let another administrator do something to it, where that can be."""
    at, by, why = read(world, instance), world.acting(SECOND), "另一名管理员先办了"
    task = next(iter(at.tasks), "")
    acts: dict[str, Callable[[Any], object]] = {
        "suspend": lambda session: control.suspend(session, instance, why, by, world.now),
        "resume": lambda session: control.resume(session, instance, why, by, world.now),
        "cancel": lambda session: control.cancel(session, instance, why, by, world.now),
        "urge": lambda session: urging.urge(session, instance, by, world.now),
        "retry": lambda session: work.retry(session, min(at.incidents, default=""), by, world.now),
        "hand over": lambda session: transferring.transfer(
            session, task, world.people[TARGET], session.get_one(Task, task).revision, by, world.now, why
        ),
    }
    if verb == "go on":
        if at.state == "running" and [element for element, _held in at.tasks.values()] == ["first"]:
            world.decide(instance, "first", "go", broken.STARTER)
    elif verb == "own":
        with world.session() as session, transaction(session):
            his = update(Instance).where(Instance.id == instance)
            session.execute(his.values(starter_id=world.people[ADMIN]))
    elif verb in acts and (task or verb != "hand over"):
        with world.session() as session:
            try:
                acts[verb](session)
            except errors.RuntimeRefusal:
                done[f"meanwhile, {verb} refused"] += 1


# ── the run ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run_killed(world: World, kills: Sequence[int]) -> None:
    """Work at it until it is over; each of `kills` ends a worker inside the instance after so many."""
    write = bulk_running._write
    for number, after in enumerate(kills):
        left = after

        def dying(*given: Any, **more: Any) -> None:
            nonlocal left
            if left == 0:
                raise Killed()
            left -= 1
            write(*given, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bulk_running, "_write", dying)
            try:
                world.work(world.now + number * HOUR)
            except Killed:
                done["killed"] += 1
    world.work(world.now + len(kills) * HOUR)
    world.work(world.now + (len(kills) + 1) * HOUR)  # whoever comes later finds nothing left to do


def rows_of(world: World, run: str) -> dict[str, Any]:
    with world.session() as session:
        found = session.execute(select(BulkRow.__table__).where(BulkRow.bulk_id == run)).all()
    return {row.instance_id: row for row in found}


def each_is_true(world: World, verb: str, run: str, seen: Mapping[str, tuple[Facts, Facts]]) -> None:
    """Every result beside the instance: done where it could be, and then once; else untouched, and it says why."""
    rows = rows_of(world, run)
    assert rows.keys() == seen.keys()
    for instance, (chosen, before) in seen.items():
        row, after = rows[instance], read(world, instance)
        could = able(world, verb, chosen) and able(world, verb, before, chosen)
        written = after.by_admin[len(before.by_admin) :]
        told = f"{verb}: {chosen} then {before} then {after}: {row.result} {row.why}"
        assert (row.result == "done") == could, told
        done[f"{verb} {row.result}"] += 1
        if row.result != "done":
            assert row.result in ("skipped", "failed"), told
            assert all(row.why), told
            assert written == (), told
            if not chosen.incidents:  # else the work that another one has let go on may have been done
                assert after.revision == before.revision, told
        else:
            assert written == (WRITES[verb],), told
            assert effect(world, verb, chosen, after), told
        with world.session() as session:
            assert doctor.examine_one(session, instance, world.now) == [], told


def effect(world: World, verb: str, chosen: Facts, after: Facts) -> bool:
    """Whether what a verb is for has come about."""
    elements = {element for element, _held in after.tasks.values()}
    return {
        "suspend": after.state == "suspended",
        "resume": after.state == "running",
        "cancel": after.state == "cancelled" and not after.tasks,
        "retry": not after.incidents & chosen.incidents,
        "urge": after.is_urged,
        "transfer": all(held == world.people[TARGET] for _element, held in after.tasks.values()),
        "move": elements == {"third"},
    }[verb]


def counted_is_done(world: World, run: str, seen: Mapping[str, tuple[Facts, Facts]], fit: int) -> None:
    """What was counted at the confirmation is what was done, refused and left out, on the page and in the file."""
    standing = look(world, run)
    assert (standing.state, standing.total, standing.done) == ("ended", len(seen), len(seen))
    assert fit == len(seen) - sum(row.at < world.now for row in rows_of(world, run).values() if row.at)
    with world.session() as session:
        lines = Counter(line[3] for line in bulk_results._lines(session, run))
        kept = session.scalar(select(func.count()).select_from(BulkRow).where(BulkRow.bulk_id == run))
    assert kept == len(seen)
    assert lines == {bulk_results.RESULTS[key].zh: count for key, count in standing.results.items()}


def live(world: World, verb: str, examples: int) -> None:
    cases = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(MEANWHILE)), min_size=1, max_size=6)
    kills = st.lists(st.integers(0, 4), max_size=2)

    @settings(max_examples=examples, **QUIET)
    @given(cases, kills)
    def each(given_cases: list[tuple[str, str]], killed: list[int]) -> None:
        instances = seed(world, [place for place, _meanwhile in given_cases])
        chosen = {one: read(world, one) for one in instances}
        more = parameters(world, verb, instances[0])
        fit = sum(able(world, verb, one) for one in chosen.values())
        if not fit:
            with pytest.raises(Changed):
                begin(world, instances, verb, **more)
            return
        run = begin(world, instances, verb, **more)
        for one, (_place, meanwhile) in zip(instances, given_cases, strict=True):
            interfere(world, one, meanwhile)
        seen = {one: (chosen[one], read(world, one)) for one in instances}
        world.now += timedelta(seconds=1)
        run_killed(world, killed)
        each_is_true(world, verb, run, seen)
        counted_is_done(world, run, seen, fit)

    each()


def parameters(world: World, verb: str, instance: str) -> dict[str, str]:
    """What a verb asks for besides a reason."""
    if verb == "transfer":
        return {"to": world.people[TARGET]}
    if verb == "move":
        with world.session() as session:
            version = session.get_one(Instance, instance).version_id
        return {"version": version, "source": "first", "target": "third"}
    return {}


@pytest.fixture
def inhabited(ground: World) -> Iterator[World]:
    many.settle(ground)
    mixed.manager(ground, TARGET)
    done.clear()
    yield ground
    print("\n" + ", ".join(f"{what}: {number:,}" for what, number in sorted(done.items())))


def test_every_result_of_a_run_is_true(inhabited: World) -> None:
    for verb in WRITES:
        live(inhabited, verb, 6 if inhabited.engine.dialect.name == "sqlite" else 3)
    assert findings(inhabited) == []


@pytest.mark.long
def test_every_result_of_five_hundred_runs_is_true(inhabited: World) -> None:
    for verb in WRITES:
        live(inhabited, verb, 72)
    assert findings(inhabited) == []
    assert all(done[f"{verb} {result}"] for verb in WRITES for result in ("done", "skipped"))
    assert done["killed"] > 50
