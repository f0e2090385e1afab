"""Two at once, on both databases: one code, the last two reviews (P-31, P-39)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import func, select, update

from app.platform.data import new_id, transaction
from app.platform.registry import Refused
from app.platform.runtime import doctor, errors
from app.platform.runtime.entities import Instance
from app.systems.permits import codes, summaries
from app.systems.permits.entities import Declaration, Summary, SummaryUpload
from tests.systems.permits.declaring import DISTRICT, Contest, contest
from tests.world import World

SECOND = "区县二"


@pytest.fixture
def teams(world: World) -> Contest:
    made = contest(world)
    world.enter("教师二", "permits.teacher")
    world.enter(SECOND, "permits.district_admin", made.code, world.project)
    return made


def at_once(*runs: Callable[[], object]) -> Counter[str]:
    """Let all run at the same moment; what came of each."""
    ready, told = threading.Barrier(len(runs)), Counter[str]()

    def run(one: Callable[[], object]) -> None:
        ready.wait()
        try:
            one()
            told["done"] += 1
        except (Refused, errors.RuntimeRefusal) as refused:
            told[str(getattr(refused, "words", (repr(refused),))[0])] += 1

    threads = [threading.Thread(target=run, args=(one,)) for one in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def test_of_two_teachers_with_one_code_one_declares(teams: Contest) -> None:
    """P-39, P-40: the other is told so, and no number is lost to him."""
    for _ in range(3):
        code = teams.issue()[0]
        told = at_once(
            lambda code=code: teams.begin(code, "教师"),  # type: ignore[misc]
            lambda code=code: teams.begin(code, "教师二"),  # type: ignore[misc]
        )
        assert told == {"done": 1, codes.USED.zh: 1}
    with teams.world.session() as session:
        numbers: Sequence[str] = session.scalars(
            select(Declaration.number).order_by(Declaration.number)
        ).all()
        assert numbers == ["R20260001", "R20260002", "R20260003"]
        assert session.scalar(select(func.count()).select_from(Instance)) == 3
    sound(teams.world)


def test_numbers_given_at_once_are_different(teams: Contest) -> None:
    """P-40."""
    made = teams.issue(6)
    assert at_once(*(lambda code=code: teams.begin(code) for code in made)) == {"done": 6}  # type: ignore[misc]
    with teams.world.session() as session:
        assert len(set(session.scalars(select(Declaration.number)))) == 6
    sound(teams.world)


def test_the_last_two_decided_at_once_wake_the_summary_once(teams: Contest) -> None:
    """P-31, P-36: whoever comes second sees what the first has done; the next submission makes it stale."""
    world = teams.world
    for turn in range(3):
        one, other = teams.submitted(), teams.submitted()
        with world.session() as session:
            newest = summaries.newest(session, teams.project, teams.code)
        assert newest.stage_zh == ("需重新上传" if turn else "审查中")
        told = at_once(
            lambda one=one: teams.review(one, "pass", DISTRICT),  # type: ignore[misc]
            lambda other=other: teams.review(other, "fail", SECOND),  # type: ignore[misc]
        )
        assert told == {"done": 2}
        world.work()
        with world.session() as session:
            newest = summaries.newest(session, teams.project, teams.code)
            assert newest.stage_zh == "待打印"
            assert session.scalar(select(func.count()).select_from(Summary)) == 1
        assert world.open_elements(newest.instance_id) == ["print_summary"]
    sound(world)


def test_a_review_and_a_submission_at_once(teams: Contest) -> None:
    """P-31, P-36: in whatever order they come, the summary waits for the one just submitted."""
    one, other = teams.submitted(), teams.filled()
    told = at_once(lambda: teams.review(one), lambda: teams.world.decide(other, "submit", "submit", "教师"))
    assert told == {"done": 2}
    with teams.world.session() as session:
        newest = summaries.newest(session, teams.project, teams.code)
    assert newest.stage_zh in ("审查中", "需重新上传")
    teams.review(other)
    teams.world.work()
    assert teams.world.open_elements(newest.instance_id) == ["print_summary"]
    sound(teams.world)


def test_a_withdrawal_waits_for_the_upload_that_is_being_written(teams: Contest) -> None:
    """P-35: it reads what the upload has made of the summary, not what was before."""
    world, instance = teams.world, teams.passed()
    wrote, said = threading.Event(), list[str]()

    def withdraw() -> None:
        wrote.wait(10)
        try:
            teams.withdraw(instance)
        except errors.HookRefused as refused:
            said.append(refused.words.zh)

    thread = threading.Thread(target=withdraw)
    thread.start()
    with world.session() as session, transaction(session):
        newest = summaries.newest(session, teams.project, teams.code)
        upload = {"file_id": new_id(), "uploaded_by": new_id(), "uploaded_at": world.now}
        session.add(SummaryUpload(summary_id=newest.id, **upload))
        session.execute(
            update(Instance).where(Instance.id == newest.instance_id).values(stage_zh=summaries.UPLOADED)
        )
        session.flush()
        wrote.set()
        time.sleep(0.5)
    thread.join()
    assert said == ["汇总表已上传，不能再改审查结果"]
    assert teams.stage(instance) == "待市级审查"
