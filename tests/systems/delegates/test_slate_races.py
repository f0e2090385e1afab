"""Two at once about one slate, on both databases: one wins, the other reads why, and nothing is half reported."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from app.platform.data import new_id, transaction
from app.platform.registry import Refused
from app.platform.runtime import doctor, errors, messages
from app.platform.runtime.entities import Instance, Subscription
from app.platform.runtime.subscriptions import key
from app.systems.delegates import candidates, recommending, reviewing, rules, slate_hooks, slates
from app.systems.delegates.entities import Candidate
from tests.systems.delegates import filling, slating
from tests.systems.delegates.world import LIAISON_ONE, World

MANY = 500
BOUND = 30.0
"""Seconds for 500 people on a machine that does other things besides; alone it takes one."""
WORK = 3.0
"""Seconds of this process for them: what others do on the machine meanwhile does not count."""
EACH = 4
"""Statements for one of them at most."""


def at_once(*runs: Callable[[], object]) -> Counter[str]:
    """Let all run at the same moment; what came of each."""
    ready, told = threading.Barrier(len(runs)), Counter[str]()

    def run(one: Callable[[], object]) -> None:
        ready.wait()
        try:
            one()
            told["done"] += 1
        except (Refused, errors.RuntimeRefusal) as refused:
            words = getattr(refused, "words", None)
            told[words.zh if words else repr(refused)] += 1

    threads = [threading.Thread(target=run, args=(one,)) for one in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def stages_of(world: World, there: list[str]) -> list[str | None]:
    return [slating.stage_of(world, one) for one in there]


def withdraw(world: World, candidate: str) -> None:
    with world.session() as session:
        reviewing.withdraw(session, candidate, world.acting(LIAISON_ONE), world.now)


def remove(world: World, candidate: str) -> None:
    with world.session() as session:
        recommending.remove(session, candidate, world.acting(LIAISON_ONE), world.now)


def test_of_two_reports_at_once_one_goes_out(world: World) -> None:
    """D-33: the other finds nobody left; there is one slate and one number."""
    there = slating.waiting(world)
    told = at_once(lambda: slating.report(world), lambda: slating.report(world))
    assert told["done"] == 1
    assert set(told) - {"done"} <= {slates.NOBODY.zh, slate_hooks.BUSY.zh}
    assert stages_of(world, there) == [candidates.IN_FINAL_REVIEW] * 2
    assert len([one for one in slating.slate_rows(world) if one.reported_at]) == 1
    sound(world)


@pytest.mark.parametrize("turn", range(3))
def test_a_report_and_a_withdrawal_of_one_member(world: World, turn: int) -> None:
    """D-27, D-31, D-34: either all went out and nothing can be withdrawn, or the slate is red and nobody went."""
    there = slating.waiting(world)
    told = at_once(lambda: slating.report(world), lambda: withdraw(world, there[1]))
    assert told["done"] == 1
    (why,) = set(told) - {"done"}
    if stages_of(world, there)[0] == candidates.IN_FINAL_REVIEW:
        assert stages_of(world, there) == [candidates.IN_FINAL_REVIEW] * 2
        assert why == reviewing.IS_REPORTED.zh
    else:
        assert stages_of(world, there) == [candidates.FIRST_PASSED, candidates.IN_FIRST_REVIEW]
        assert "代表名额应为2位，当前1位，不允许上报" in why
        assert [one.reported_at for one in slating.slate_rows(world)] == [None]
    sound(world)


@pytest.mark.parametrize("turn", range(3))
def test_a_report_and_a_removal(world: World, turn: int) -> None:
    """D-14, D-31: who is removed first is not reported, who is reported first is not removed."""
    there = slating.waiting(world)
    told = at_once(lambda: slating.report(world), lambda: remove(world, there[1]))
    assert told["done"] == 1
    (why,) = set(told) - {"done"}
    with world.session() as session:
        removed = session.get_one(Candidate, there[1]).removed_at
    if removed is None:
        assert stages_of(world, there) == [candidates.IN_FINAL_REVIEW] * 2
        assert why == recommending.IS_REPORTED.zh
    else:
        assert stages_of(world, there)[0] == candidates.FIRST_PASSED
        assert "当前1位，不允许上报" in why
    sound(world)


@pytest.mark.parametrize("turn", range(3))
def test_a_withdrawal_and_a_resubmission(world: World, turn: int) -> None:
    """D-25: it awaits review either way, and whoever came second reads why."""
    instance = filling.recommend(world, "李海")
    filling.submit(world, instance, "李海")
    filling.first_review(world, instance, "reject")
    candidate = world.candidate("李海").id
    told = at_once(
        lambda: withdraw(world, candidate),
        lambda: filling.submit(world, instance, "李海", technical_post=["研究员"]),
    )
    assert told["done"] == 1, told
    assert world.stage(instance) == candidates.IN_FIRST_REVIEW
    assert world.open_elements(instance) == ["first_review"]
    sound(world)


def test_a_fall_in_the_midst_of_a_report_leaves_nobody_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-33: it is one transaction: no stage, no roster, no number, no slate."""
    there = slating.waiting(world)
    send = messages.send_each

    def fall(session: Any, name: str, keys: Any, *rest: Any) -> int:
        send(session, name, list(keys)[:1], *rest)
        raise KeyboardInterrupt

    monkeypatch.setattr(slate_hooks.messages, "send_each", fall)
    with pytest.raises(KeyboardInterrupt):
        slating.report(world)
    assert stages_of(world, there) == [candidates.FIRST_PASSED] * 2
    assert slating.slate_rows(world) == []
    with world.session() as session:
        assert set(session.scalars(select(Candidate.slate_id))) == {None}
    monkeypatch.undo()
    assert slating.report(world).count == 2
    sound(world)


def multiply(world: World, candidate: str, count: int) -> None:
    """Let there be `count` more like this one, as rows: to walk each of them takes minutes."""
    with world.session() as session, transaction(session):
        person = dict(
            session.execute(select(Candidate.__table__).where(Candidate.id == candidate)).mappings().one()
        )
        chain = dict(
            session.execute(select(Instance.__table__).where(Instance.id == person["instance_id"]))
            .mappings()
            .one()
        )
        waits = [
            dict(row)
            for row in session.execute(
                select(Subscription.__table__).where(Subscription.instance_id == chain["id"])
            ).mappings()
        ]
        for number in range(count):
            own, instance = new_id(), new_id()
            session.execute(
                insert(Instance).values(
                    **{
                        **chain,
                        "id": instance,
                        "number": None,
                        "variables": {**chain["variables"], "candidate_id": own},
                    }
                )
            )
            session.execute(
                insert(Candidate).values(
                    **{**person, "id": own, "instance_id": instance, "phone_hash": f"{number:064}"}
                )
            )
            session.execute(
                insert(Subscription),
                [{**row, "id": new_id(), "instance_id": instance, "correlation": key(own)} for row in waits],
            )


def test_five_hundred_people_are_reported_in_one_go(world: World) -> None:
    """D-33: in one transaction, and nobody waits for it long."""
    world.allot_seats(world.unit, {"delegate": rules.Allotment(MANY, {"grassroots": MANY})})
    (first,) = slating.waiting(world, ["代表/是/50/汉族/群众/女"])
    multiply(world, first, MANY - 1)
    said: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    began, worked = time.monotonic(), time.process_time()
    done = slating.report(world)
    took, worked = time.monotonic() - began, time.process_time() - worked
    print(f"{MANY} people in {took:.2f} s, of which {worked:.2f} s of this process, {len(said)} statements")
    assert done.count == MANY
    assert took < BOUND
    assert worked < WORK
    assert len(said) < EACH * MANY
    with world.session() as session:
        stages = session.scalars(
            select(Instance.stage_zh).join(Candidate, Candidate.instance_id == Instance.id)
        ).all()
    assert stages == [candidates.IN_FINAL_REVIEW] * MANY
