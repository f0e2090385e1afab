"""In every order: a summary is printed exactly when all is reviewed, and no upload lacks a row (P-31, P-36)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.platform.runtime import doctor, errors, versions
from app.platform.runtime.entities import Instance
from app.systems.permits import rules, summaries, summary_verbs
from app.systems.permits.entities import Declaration
from tests.platform.runtime.chains import files
from tests.systems.permits.district import CITY, District, chain, new_project
from tests.world import World

QUIET: Any = {"deadline": None, "suppress_health_check": list(HealthCheck), "report_multiple_bugs": False}
LIVES = [3, pytest.param(100, marks=pytest.mark.long)]
TOO_LATE = (errors.TaskTaken, errors.InstanceChanged, errors.Unknown)
IN_HAND = ("待打印", "待上传", "已上传")


class Life:
    """A district's season: what can be done now, and what must hold whenever it was done."""

    def __init__(self, there: District, chance: random.Random) -> None:
        self.there, self.chance = there, chance
        self.confirmed = False

    def stages(self) -> dict[str, str]:
        """Declarations by instance, with their stage."""
        with self.there.world.session() as session:
            rows = session.execute(
                select(Declaration.instance_id, Instance.stage_zh)
                .join(Instance, Instance.id == Declaration.instance_id)
                .where(Declaration.project_id == self.there.project)
            )
            return {row.instance_id: row.stage_zh or "" for row in rows}

    def step(self) -> str:
        """Do one of the things that can be done; say which."""
        there, stages = self.there, self.stages()
        can: list[tuple[str, Callable[[], Any]]] = [("submit", there.submitted)]
        for each, stage in stages.items():
            if stage == "待区县审查":
                can += 3 * [("pass", partial(there.review, each))]
                can += [("fail", partial(there.review, each, "fail"))]
            if stage == "已退回":
                can += [("resubmit", partial(there.decide, each, "refill", "submit"))]
                can += [("drop", partial(there.decide, each, "refill", "drop"))]
            if stage == "待市级审查":
                can += [("judge", partial(there.decide, each, "city_review", "pass"))]
            if stage in ("待区县审查", "已退回", "待市级审查"):
                can += [("cancel", partial(there.cancel, each))]
        can += [("work", there.world.work)]
        if there.stage is not None:
            open_now = there.world.open_elements(there.instance)
            able = {"print_summary": [("printed", there.printed)], "upload": 3 * [("upload", there.upload)]}
            able["city_confirm"] = [
                ("confirm", there.confirm),
                ("return", there.send_back),
                ("delete", self.delete),
            ]
            for element in open_now:
                can += 3 * able[element]
        name, verb = self.chance.choice(can)
        verb()
        return name

    def delete(self) -> None:
        there = self.there
        with there.world.session() as session:
            current = next(
                each
                for each in summaries.uploads(session, there.project, there.code)
                if each.aside_at is None
            )
            by = there.world.acting(there.admin)
            summary_verbs.delete_upload(session, there.project, there.code, current.id, by, there.world.now)

    def check(self) -> None:
        """What must hold."""
        there, stages = self.there, self.stages().values()
        pending = sum(stage in rules.IN_DISTRICT_REVIEW for stage in stages)
        reviewed = sum(stage in rules.DISTRICT_REVIEWED for stage in stages)
        with there.world.session() as session:
            found = summaries.newest(session, there.project, there.code)
            listed = summaries.rows(session, there.project, there.code)
            live = [
                each
                for each in summaries.uploads(session, there.project, there.code)
                if found and each.instance_id == found.instance_id and each.aside_at is None
            ]
        if found is None:
            assert not pending + reviewed or all(stage == "已撤销" for stage in stages)
            return
        if found.closed_at is not None:
            assert found.stage_zh == "已确认"
            assert not pending
            return
        assert (found.stage_zh in IN_HAND) == (not pending and reviewed > 0), (
            found.stage_zh,
            pending,
            reviewed,
        )
        assert bool(live) == (found.stage_zh == "已上传")
        if there.world.open_elements(found.instance_id):  # the print is there: it says what holds
            assert there.prints()[-1].data["rows"] == listed


@pytest.mark.parametrize("lives", LIVES)
def test_the_summary_follows_its_declarations_in_every_order(world: World, lives: int) -> None:
    with world.session() as session:
        versions.publish(session, files(chain()), None, world.now)

    @settings(max_examples=lives, **QUIET)
    @given(st.randoms(use_true_random=True))
    def each(chance: random.Random) -> None:
        life, said = Life(District(world, project=new_project(world)), chance), []
        try:
            for _ in range(18):
                said.append(life.step())
                life.check()
        except BaseException:
            note(" ".join(said))
            raise

    each()
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """Let all run at the same moment; what each returned or raised."""
    barrier, found = threading.Barrier(len(verbs)), [None] * len(verbs)

    def one(number: int) -> None:
        barrier.wait()
        try:
            found[number] = verbs[number]()
        except Exception as error:
            found[number] = error

    running = [threading.Thread(target=one, args=(number,)) for number in range(len(verbs))]
    for each in running:
        each.start()
    for each in running:
        each.join(60)
    assert not any(each.is_alive() for each in running), "they wait for each other"
    return found


def furnished(world: World) -> District:
    with world.session() as session:
        versions.publish(session, files(chain()), None, world.now)
    return District(world, project=new_project(world))


def test_two_who_decide_the_last_two_at_once_bring_one_summary(world: World) -> None:
    """P-31: one of them is the last, and knows it."""
    for _ in range(3):
        there = furnished(world)
        declared = [there.submitted() for _ in range(3)]
        assert at_once(*(partial(there.review, each) for each in declared)) == [None] * 3
        there.generated()
        assert len(there.rows()) == 3


def test_the_first_submissions_at_once_open_one_summary(world: World) -> None:
    """P-31."""
    for _ in range(3):
        there = furnished(world)
        drafts = [there.declare() for _ in range(3)]
        submit = [partial(there.decide, each, "fill", "submit") for each in drafts]
        assert at_once(*submit) == [None] * 3
        assert there.stage == "审查中"


def test_a_submission_while_the_city_confirms_is_in_a_summary(world: World) -> None:
    """P-36: the city's word holds for what it saw, or comes too late; in no case a declaration is without summary."""
    for _ in range(4):
        there = furnished(world)
        there.to_upload()
        there.upload()
        new = there.declare()
        task = world.open_task(there.instance, "city_confirm")
        confirmed, submitted = at_once(
            partial(world.complete, task, "confirm", CITY), partial(there.decide, new, "fill", "submit")
        )
        assert submitted is None
        assert not isinstance(confirmed, Exception) or isinstance(confirmed, TOO_LATE)
        assert there.stage == "需重新上传"
        there.review(new)
        there.generated()
        assert len(there.rows()) == 2
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_the_district_uploads_while_a_team_submits(world: World) -> None:
    """P-36: whichever comes first, no upload counts that lacks the new row."""
    for _ in range(3):
        there = furnished(world)
        there.to_upload()
        scan, new = there.scan(), there.declare()
        at_once(
            partial(world.decide, there.instance, "upload", "upload", there.admin, {"scan": [scan]}),
            partial(there.decide, new, "fill", "submit"),
        )
        assert there.stage == "需重新上传"
        assert not any(counts for counts, _ in there.uploads())
