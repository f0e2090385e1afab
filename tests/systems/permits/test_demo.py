"""The demonstration's contest of 2024 shows the manual's page (samples/p_declaration_status.csv, C-47)."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from sqlalchemy import select

from app.platform import jobs
from app.platform.registry import Ground
from app.platform.runtime import doctor
from app.platform.runtime.entities import Instance
from app.systems.permits import demo
from app.systems.permits.demo import contests, summaries
from app.systems.permits.entities import Declaration, Project, Summary
from tests.pages import House
from tests.rooms.conftest import PASSWORD, Browser
from tests.systems.permits.test_declarations import cells

SAMPLE = """1,已使用,R20240004,否,尚未审核
2,已使用,R20240018,否,尚未审核
3,已使用,R20240022,否,尚未审核
4,已使用,R20240023,是,审核通过
5,已使用,R20240024,否,尚未审核
6,已使用,R20240025,否,尚未审核
7,已使用,R20240027,否,尚未审核
8,已使用,R20240028,否,尚未审核
9,已使用,R20240029,否,尚未审核
10,已使用,R20240030,否,尚未审核"""


@pytest.fixture(scope="module")
def contest(whole_house: House) -> House:
    world = whole_house.world

    def work(at: object) -> None:
        jobs.run_due(world.sessions, lambda: at, "tests")  # type: ignore[arg-type,return-value]

    ground = Ground(world.sessions, work, PASSWORD, world.now)
    people = dict(demo._accounts(ground, planted=False))
    demo._projects(ground)
    contests.walk(ground, people)
    summaries.walk(ground, people)
    whole_house.usernames |= {"张区县": "quxian", "钱多多": "xuesheng"}
    return whole_house


def test_the_page_is_the_manual_s(contest: House) -> None:
    """P-24, P-25, P-26: ten rows, 21 pages, the words and numbers of the sample."""
    district: Browser = contest.visit("张区县")
    district.get("/permits/activities")
    tiles = re.findall(r'href="(/permits/activities/\w+/status)">(.*?)</a>', district.page, re.S)
    (past,) = [address for address, tile in tiles if "2024" in tile]
    district.get(past)
    rows = cells(district.page)
    assert [",".join((row[1], row[6], row[7], row[8], row[9])) for row in rows] == SAMPLE.splitlines()
    assert {row[4] for row in rows} == {"小学组"}
    text = re.sub(r"<[^>]+>|\s+", " ", district.page)
    assert re.search(r"页码: ?1 / 21 页", " ".join(text.split()))
    district.get(f"{past}?page=21")
    assert [row[1] for row in cells(district.page)] == ["201"]


def test_this_year_s_contest_is_in_every_stage(contest: House) -> None:
    """C-47: what reviewers and teams want to see there is."""
    with contest.world.session() as session:
        found = session.execute(
            select(Declaration.district, Instance.stage_zh)
            .join(Instance, Instance.id == Declaration.instance_id)
            .join(Project, Project.id == Declaration.project_id)
            .where(Project.year == contest.world.now.year)
            .order_by(Declaration.district)
        ).all()
        stages = {row.stage_zh for row in found}
        assert doctor.examine(session, contest.world.now) == []
    assert stages == {"未提交", "待区县审查", "已退回", "待市级审查", "市级审核通过", "市级审核不通过"}
    assert [len(list(rows)) for _, rows in groupby(found, lambda row: row.district)] == [9, 4, 2]


def test_the_pupil_sees_the_own_entries(contest: House) -> None:
    """PG-P12."""
    pupil: Browser = contest.visit("钱多多")
    pupil.get("/permits/participations")
    assert len(cells(pupil.page)) == 2


def test_every_state_of_a_summary_can_be_seen(contest: House) -> None:
    """PR-P3: the past contest's is confirmed; of this year's one is uploaded, the others wait for reviews."""
    with contest.world.session() as session:
        found = session.execute(
            select(Project.year, Instance.stage_zh)
            .select_from(Summary)
            .join(Instance, Instance.id == Summary.instance_id)
            .join(Project, Project.id == Summary.project_id)
            .order_by(Project.year, Instance.stage_zh)
        ).all()
    assert [tuple(row) for row in found] == [
        (2024, "已确认"),
        (2026, "审查中"),
        (2026, "审查中"),
        (2026, "已上传"),
    ]
