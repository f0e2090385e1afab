"""What a page says at a person's name is what the verb would refuse him with."""

from __future__ import annotations

import pytest

from app.platform.runtime import handable, tasks
from app.platform.runtime.entities import Task
from app.platform.runtime.errors import BadPerson
from tests.platform.runtime.signing import FRIENDS, at_council
from tests.world import World

SEATS = ("", "all", "sequence")
PEOPLE = ("市级", "市级二", "市级三", "组织者甲", *FRIENDS)


def refusal(world: World, verb: str, task: str, to: str) -> str:
    """The words with which the verb refuses `to`; nothing is done either way."""
    person, by = world.people[to], world.acting("市级")
    with world.session() as session:
        given = {"transfer": person, "delegate": person, "signers": [person]}[verb]
        more = [[], "parallel"] if verb == "signers" else []
        revision = session.get_one(Task, task).revision
        session.info["verb"] = True  # joins a transaction of ours, which is rolled back
        try:
            getattr(tasks, verb)(session, task, given, *more, revision, by, world.now)
        except BadPerson as bad:
            return bad.words.zh
        finally:
            session.info.pop("verb")
            session.rollback()
    return ""


@pytest.mark.parametrize("verb", ["transfer", "delegate", "signers"])
@pytest.mark.parametrize("seats", SEATS)
def test_the_page_and_the_verb_say_the_same(ground: World, verb: str, seats: str) -> None:
    _, task = at_council(ground, seats=seats, avoid="starter")
    ids = {name: ground.people[name] for name in PEOPLE}
    with ground.session() as session:
        told = handable.why_not(session, task, verb, list(ids.values()), ground.acting("市级"), ground.now)
    said = {name: told[person].zh if person in told else "" for name, person in ids.items()}
    assert said == {name: refusal(ground, verb, task, name) for name in PEOPLE}
    assert "" in said.values()
    assert "此人与事项有关联，应当回避。" in said.values()
