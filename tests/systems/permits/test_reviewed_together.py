"""Ticked declarations reviewed together mean to the summary what each alone does (C-19, P-31)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.platform.lists import deciding
from app.platform.runtime import doctor
from app.systems.permits import summaries
from app.systems.permits.entities import Summary
from tests.systems.permits.declaring import DISTRICT, Contest, contest
from tests.world import World


@pytest.fixture
def teams(world: World) -> Contest:
    return contest(world)


def together(teams: Contest, made: list[str], outcome: str, **sent: str) -> dict[str, object]:
    """The district decides the ticked ones alike."""
    world, by = teams.world, teams.world.acting(DISTRICT)
    wanted = {world.open_task(instance, "district_review"): 1 for instance in made}
    with world.session() as session:
        filled = {name: [text] for name, text in sent.items()}
        told = deciding.do(
            session, wanted, deciding.Wish(outcome=outcome, comment="材料齐全", sent=filled), by, world.now
        )
        return {name: told[name] for name in ("done", "refused")}


def test_the_last_ones_passed_together_bring_one_summary(teams: Contest) -> None:
    made = [teams.submitted() for _ in range(3)]
    told = together(teams, made, "pass", recommendation="同意推荐")
    assert told == {"done": 3, "refused": []}
    assert {teams.stage(instance) for instance in made} == {"待市级审查"}
    assert {teams.row(instance).recommendation for instance in made} == {"同意推荐"}
    teams.world.work()
    with teams.world.session() as session:
        newest = summaries.newest(session, teams.project, teams.code)
        assert newest.stage_zh == "待打印"
        assert session.scalar(select(func.count()).select_from(Summary)) == 1
        assert doctor.examine(session, teams.world.now) == []


def test_failed_together_needs_the_date(teams: Contest) -> None:
    """P-30: each is asked for it, in every round anew."""
    made = [teams.submitted() for _ in range(2)]
    told = together(teams, made, "fail")
    assert told["done"] == 0
    day = (teams.world.now + timedelta(days=5)).date().isoformat()
    assert together(teams, made, "fail", resubmit_by=day) == {"done": 2, "refused": []}
    assert {teams.stage(instance) for instance in made} == {"已退回"}
