"""Whatever an administrator repairs in whatever chain, it does what its preview has said, and the house stays sound."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.platform import engine
from app.platform.monitoring import repairing
from app.platform.monitoring.repair_lines import BadLine, Line
from app.platform.runtime import doctor, versions
from app.platform.runtime.entities import Instance, Task
from tests.platform.engine.scenes import Shape, scenes
from tests.platform.runtime.lives import ADMINISTRATOR, Life
from tests.platform.runtime.signing import FRIENDS, SIGNERS, people
from tests.world import World

MORE = ("catch", "choice", "timed", "timed", "many", "loop", "and", "or")
SCENES = scenes(depth=2, more=MORE, largest=8)
QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}
numbers = count(10_000)
done: Counter[str] = Counter()


@pytest.fixture
def inhabited(ground: World) -> Iterator[World]:
    people(ground)
    done.clear()
    yield ground
    print("\n" + ", ".join(f"{what}: {number:,}" for what, number in sorted(done.items())))


def some_lines(world: World, instance: str, chance: random.Random) -> list[Line]:
    """One to three lines that may be done here, and now and then one that may not."""
    found: list[Line] = []
    with world.session() as session:
        row = session.get_one(Instance, instance)
        definition = versions.program(session, row.version_id).definition
        tokens = list(engine.tokens(definition, row.tokens))
        tasks = session.scalars(select(Task).where(Task.instance_id == instance, Task.state == "open")).all()
        for token in chance.sample(tokens, min(len(tokens), chance.choice((1, 1, 2)))):
            at = f"{token.element}#{token.visit}"
            targets = engine.places(definition, row.tokens, token.element, token.visit)
            able = sorted(target for target, code in targets.items() if code is None)
            if chance.random() < 0.35:
                is_able = engine.removable(definition, row.tokens, token.element, token.visit) is None
                if is_able or chance.random() < 0.1:
                    found.append(Line("drop", at))
            elif able and chance.random() < 0.95:
                found.append(Line("move", at, chance.choice(able)))
            elif targets:
                found.append(Line("move", at, chance.choice(sorted(targets))))
        rooms, refused = engine.rooms(definition, row.tokens)
        if chance.random() < (0.6 if rooms else 0.1):
            one = (
                chance.choice(rooms)
                if rooms
                else engine.Room(chance.choice(sorted(refused)), (tokens[0].element, tokens[0].visit))
            )
            item = chance.choice(("130402", "130404")) if one.takes_item else None
            found.insert(0, Line("add", "{}#{}".format(*one.beside), one.element, value=item))
        if tasks and chance.random() < 0.3:
            whom = world.people[chance.choice((*SIGNERS, *FRIENDS))]
            found.append(Line("assign", chance.choice(tasks).id, whom))
        if definition.variables and chance.random() < 0.2:
            name = chance.choice(sorted(definition.variables - {"district"}) or ["district"])
            found.append(Line("set", name, value=chance.choice(("130402", "130403"))))
    if chance.random() < 0.03:
        found.append(Line("end"))
    return found


def repair(world: World, instance: str, chance: random.Random) -> None:
    """Preview some lines and do them: the same must come of both, and all or nothing."""
    lines = some_lines(world, instance, chance)
    if not lines:
        return
    note(repr(lines))
    with world.session() as session:
        by, revision = world.acting(ADMINISTRATOR), session.get_one(Instance, instance).revision
        seen, refused = None, None
        try:
            seen = repairing.preview(session, instance, lines, "", by, world.now)
        except BadLine as error:
            refused = error
    with world.session() as session:
        assert session.get_one(Instance, instance).revision == revision
        if seen is None:
            assert refused is not None
            with pytest.raises(BadLine) as caught:
                repairing.apply(session, instance, lines, "随机修复一次", revision, by, world.now)
            assert (caught.value.number, caught.value.words) == (refused.number, refused.words)
            done["refused"] += 1
            done[f"refused {lines[refused.number - 1].kind}: {refused.words.en[:40]}"] += 1
        else:
            change = repairing.apply(session, instance, lines, "随机修复一次", seen.revision, by, world.now)
            assert change == seen.change
            done["repaired"] += 1
            done.update(line.kind for line in lines)
    with world.session() as session:
        assert doctor.examine_one(session, instance, world.now) == []
        if seen is None:
            assert session.get_one(Instance, instance).revision == revision


def live(world: World, lives: int, repairs: int = 4) -> None:
    @settings(max_examples=lives, **QUIET)
    @given(SCENES, st.randoms(use_true_random=True))
    def each(shape: Shape, chance: random.Random) -> None:
        life = Life(world, shape, chance.randrange(1_000), next(numbers))
        for _ in range(chance.randrange(8)):
            if not life.play.ended:
                life.obey(*life.likely(chance))
        try:
            for _ in range(repairs):
                with world.session() as session:
                    if session.get_one(Instance, life.instance).state != "running":
                        break
                repair(world, life.instance, chance)
        except BaseException:
            note("\n".join(life.said))
            raise
        finally:
            life.clear()

    each()


def test_a_repair_does_what_its_preview_has_said(inhabited: World) -> None:
    live(inhabited, 40 if inhabited.engine.dialect.name == "sqlite" else 15)


@pytest.mark.long
def test_five_hundred_repairs_do_what_their_previews_have_said(inhabited: World) -> None:
    live(inhabited, 330, repairs=6)
    assert done["repaired"] >= 500
