"""The demonstration of delegates stands, in every stage, through the verbs (2.6)."""

from __future__ import annotations

from sqlalchemy import select

from app.platform import jobs
from app.platform.registry import Ground
from app.platform.runtime import doctor
from app.platform.runtime.entities import Instance
from app.systems.delegates import candidates, demo
from app.systems.delegates.entities import Candidate, Congress, Invitation
from tests.rooms.conftest import PASSWORD
from tests.systems.delegates.world import World


def test_people_stand_in_every_stage_and_nothing_is_wrong(bare_world: World) -> None:
    world = bare_world

    def work(at: object) -> None:
        jobs.run_due(world.sessions, lambda: at, "tests")  # type: ignore[arg-type,return-value]

    ground = Ground(world.sessions, work, PASSWORD, world.now)
    told = list(demo.plant(ground))
    assert [username for _, username in told] == ["huanjie", "lianluo1", "lianluo2", "daibiao"]
    assert list(demo.plant(ground)) == told  # planted once
    with world.session() as session:
        stages = set(
            session.scalars(select(Instance.stage_zh).join(Candidate, Candidate.instance_id == Instance.id))
        )
        assert stages == {
            candidates.TO_FILL,
            candidates.IN_FIRST_REVIEW,
            candidates.FIRST_REJECTED,
            candidates.FIRST_PASSED,
            candidates.IN_FINAL_REVIEW,
            candidates.FINAL_PASSED,
            candidates.FINAL_REJECTED,
            candidates.REMOVED,
        }
        assert len(session.scalars(select(Congress)).all()) == 1
        assert len(session.scalars(select(Invitation)).all()) == 2
        assert doctor.examine(session, world.now) == []
