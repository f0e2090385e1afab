"""Two at once, on both databases: the last seat, one number, a removal and a decision (D-09, D-14, D-16)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select

from app.platform.registry import Refused
from app.platform.runtime import doctor, errors
from app.systems.delegates import recommending, rules
from app.systems.delegates.dialog import NotAllotted, Row
from app.systems.delegates.entities import Candidate
from app.systems.delegates.roles import LIAISON, PARTICIPANT
from tests.systems.delegates.filling import first_review, next_phone, recommend, submit
from tests.systems.delegates.world import LIAISON_ONE, LIAISON_TWO, World

SECOND = "邯山联络员二"
ROUNDS = 3


def at_once(*runs: Callable[[], object]) -> Counter[str]:
    """Let all run at the same moment; what came of each."""
    ready, told = threading.Barrier(len(runs)), Counter[str]()

    def run(one: Callable[[], object]) -> None:
        ready.wait()
        try:
            one()
            told["done"] += 1
        except NotAllotted as refused:
            told[str(refused)] += 1
        except (Refused, errors.RuntimeRefusal) as refused:
            told[type(refused).__name__] += 1

    threads = [threading.Thread(target=run, args=(one,)) for one in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def allotting(
    world: World, name: str, identity: str, by: str, *, phone: str = "", unit: str = ""
) -> Callable[[], object]:
    acting, number = world.acting(by), phone or next_phone()

    def run() -> None:
        with world.session() as session:
            recommending.allot(
                session,
                world.congress,
                unit or world.unit,
                [Row(name, number, (identity,))],
                acting,
                world.now,
            )

    return run


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_the_last_seat_goes_to_one_and_the_other_reads_why(world: World) -> None:
    """D-09: two browsers, two liaisons of a unit, one 委员 seat."""
    world.appoint(SECOND, LIAISON, world.unit)
    for turn in range(ROUNDS):
        world.allot_seats(world.unit, {"member": rules.Allotment(turn + 1), "delegate": rules.Allotment(9)})
        told = at_once(
            allotting(world, "李海", "member", LIAISON_ONE), allotting(world, "王倩", "member", SECOND)
        )
        assert told == {"done": 1, f"委员名额已超出上限，最多{turn + 1}位": 1}
        with world.session() as session:
            assert session.scalar(select(func.count()).select_from(Candidate)) == turn + 1
    sound(world)


def test_a_number_that_two_units_recommend_at_once_is_recommended_once(world: World) -> None:
    """D-16: their seats are locked apart; the number is one of the congress."""
    for _ in range(ROUNDS):
        world.allot_seats(world.unit, {"delegate": rules.Allotment(9)})
        world.allot_seats(world.other_unit, {"delegate": rules.Allotment(9)})
        phone = next_phone()
        told = at_once(
            allotting(world, "李海", "delegate", LIAISON_ONE, phone=phone),
            allotting(world, "李海", "delegate", LIAISON_TWO, phone=phone, unit=world.other_unit),
        )
        assert told == {"done": 1, "该手机号已被推荐": 1}
    sound(world)


def test_a_removal_and_a_decision_at_once_leave_one_of_both(world: World) -> None:
    """D-14: removed, whichever came first; the decision is done before or refused."""
    world.appoint(SECOND, LIAISON, world.unit)
    world.appoint(SECOND, PARTICIPANT, world.unit)
    world.allot_seats(world.unit, {"delegate": rules.Allotment(9)})
    for turn in range(ROUNDS):
        name = f"李{'甲乙丙'[turn]}"
        instance = recommend(world, name)
        submit(world, instance, name)
        acting, candidate = world.acting(LIAISON_ONE), world.candidate(name).id

        def remove(acting: object = acting, candidate: str = candidate) -> None:
            with world.session() as session:
                recommending.remove(session, candidate, acting, world.now)  # type: ignore[arg-type]

        told = at_once(remove, lambda instance=instance: first_review(world, instance, by=SECOND))  # type: ignore[misc]
        assert told["done"] >= 1
        assert world.stage(instance) == "已注销"
        assert world.open_elements(instance) == []
    sound(world)
