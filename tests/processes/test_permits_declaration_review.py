"""PR-P2 walked over every way out, in time and too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.platform.notices.entities import Notice
from app.platform.registry import Refused
from app.platform.runtime import doctor, drafts, errors, history
from app.platform.runtime.entities import Instance
from app.systems.permits import summaries
from app.systems.permits.entities import Authorisation, Member
from tests.platform.jobs.databases import KINDS
from tests.systems.permits.declaring import (
    CLOSES,
    DISTRICT,
    TEACHER,
    Contest,
    contest,
    member,
    team,
)
from tests.world import World

on_both = pytest.mark.parametrize("world", KINDS, indirect=True)


@pytest.fixture
def teams(world: World) -> Contest:
    return contest(world)


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def told(world: World) -> list[str]:
    with world.session() as session:
        return [row.said["title"][0] for row in session.scalars(select(Notice).order_by(Notice.id))]


@on_both
def test_a_declaration_passes_the_district_and_the_city(teams: Contest) -> None:
    """P-30, P-37, P-39…P-41: every state of PR-P2 in its order."""
    instance = teams.begin()
    assert teams.stage(instance) == "未提交"
    assert teams.row(instance).number == "R20260001"
    teams.world.decide(instance, "fill", "next", TEACHER, team())
    assert teams.stage(instance) == "未提交"
    teams.world.decide(instance, "submit", "submit", TEACHER)
    assert teams.stage(instance) == "待区县审查"
    assert teams.world.open_elements(instance) == ["district_review"]
    teams.review(instance)
    assert teams.stage(instance) == "待市级审查"
    teams.judge(instance)
    assert teams.stage(instance) == "市级审核通过"
    row = teams.row(instance)
    assert (row.team_name, row.recommendation, row.submitted_at) == ("智慧星队", "同意推荐", teams.world.now)
    with teams.world.session() as session:
        assert (
            session.get_one(Instance, instance).title
            == "R20260001 · 智慧星队 · 邯山区 · 2026 年青少年机器人竞赛"
        )
        assert history.first_bad_row(session, instance) is None
    sound(teams.world)


def test_the_city_fails_a_declaration(teams: Contest) -> None:
    """P-37."""
    instance = teams.passed()
    teams.judge(instance, "fail")
    assert teams.stage(instance) == "市级审核不通过"
    assert [title for title in told(teams.world) if "市级" in title] == ["R20260001：市级审查不通过"]
    sound(teams.world)


@on_both
def test_the_district_returns_it_and_the_team_submits_again(teams: Contest) -> None:
    """P-30: 正式提交 is 否 again, the opinion is shown, the second review passes."""
    instance = teams.returned()
    assert teams.stage(instance) == "已退回"
    assert teams.world.open_elements(instance) == ["correct"]
    teams.world.decide(instance, "correct", "next", TEACHER, team(team_name=["新名队"]))
    teams.world.decide(instance, "resubmit", "edit", TEACHER)
    teams.resubmit(instance, about=["补充了简介"])
    assert teams.stage(instance) == "待区县审查"
    teams.review(instance)
    assert teams.stage(instance) == "待市级审查"
    assert teams.row(instance).about == "补充了简介"
    sound(teams.world)


def test_failing_asks_for_an_opinion_and_a_date(teams: Contest) -> None:
    """P-30, C-33."""
    instance = teams.submitted()
    with pytest.raises(errors.MissingOpinion):
        teams.world.decide(instance, "district_review", "fail", DISTRICT, {"resubmit_by": ["2026-12-10"]})
    with pytest.raises(AssertionError, match="重新提交截止日期"):
        teams.world.decide(instance, "district_review", "fail", DISTRICT, comment="请修改")


def test_the_team_may_edit_until_it_submits_and_not_after(teams: Contest) -> None:
    """P-41."""
    instance = teams.filled()
    teams.world.decide(instance, "submit", "edit", TEACHER)
    teams.world.decide(
        instance, "fill", "next", TEACHER, team(team_name=["改名队"], members=[member("丙同学")])
    )
    teams.world.decide(instance, "submit", "submit", TEACHER)
    assert teams.row(instance).team_name == "改名队"
    with teams.world.session() as session:
        assert session.scalars(select(Member.name)).all() == ["丙同学"]
    assert teams.world.open_elements(instance) == ["district_review"]


def test_who_has_not_submitted_in_time_takes_no_part(teams: Contest) -> None:
    """P-41: the last moment still counts; a second later it is over, also for the deciding verb itself."""
    punctual, late = teams.filled(), teams.filled()
    teams.world.now = CLOSES
    teams.world.decide(punctual, "submit", "submit", TEACHER)
    teams.world.now = CLOSES + timedelta(seconds=1)
    with pytest.raises(errors.TaskOvertaken):
        teams.world.decide(late, "submit", "submit", TEACHER)
    assert teams.stage(punctual) == "待区县审查"
    assert teams.stage(late) == "未参赛"
    sound(teams.world)


@on_both
def test_an_extension_by_the_city_loses_nothing(teams: Contest) -> None:
    """The timer finds the new deadline: the same task stays open with what was typed, and the new one holds."""
    instance = teams.begin()
    task = teams.world.open_task(instance, "fill")
    with teams.world.session() as session:
        drafts.keep(session, task, {"team_name": ["打了一半"]}, teams.world.acting(TEACHER), teams.world.now)
    later = CLOSES + timedelta(days=7)
    teams.window(declare_to=later)
    teams.tick(CLOSES + timedelta(minutes=1))
    assert teams.world.open_task(instance, "fill") == task
    with teams.world.session() as session:
        kept = drafts.of(session, task, teams.world.acting(TEACHER))
    assert kept is not None
    assert kept[0] == {"team_name": ["打了一半"]}
    again = CLOSES + timedelta(days=9)
    teams.window(declare_to=again)
    teams.tick(later + timedelta(minutes=1))
    teams.world.decide(instance, "fill", "next", TEACHER, team())
    sound(teams.world)
    teams.tick(again + timedelta(seconds=1))
    assert teams.stage(instance) == "未参赛"
    sound(teams.world)


def test_an_extended_declaration_is_submitted_and_reviewed(teams: Contest) -> None:
    instance = teams.filled()
    teams.window(declare_to=CLOSES + timedelta(days=7))
    teams.tick(CLOSES + timedelta(minutes=1))
    teams.world.decide(instance, "submit", "submit", TEACHER)
    teams.review(instance)
    teams.judge(instance)
    assert teams.stage(instance) == "市级审核通过"
    sound(teams.world)


def test_after_a_shortened_deadline_a_submission_is_refused_in_words(teams: Contest) -> None:
    """P-41: the timer stands at the old deadline; the hook knows the new one."""
    instance = teams.filled()
    teams.window(declare_to=teams.world.now)
    teams.world.now += timedelta(minutes=1)
    with pytest.raises(errors.HookRefused) as refused:
        teams.world.decide(instance, "submit", "submit", TEACHER)
    assert refused.value.words.zh == "已于2026-11-16 10:00截止，不能再提交。"
    assert teams.stage(instance) == "未提交"
    teams.tick(CLOSES + timedelta(seconds=1))
    assert teams.stage(instance) == "未参赛"


@on_both
def test_who_is_returned_has_until_the_reviewer_s_day(teams: Contest) -> None:
    """The project's deadline does not touch a returned declaration; the reviewer's day does, its evening included."""
    punctual, late = teams.returned(), teams.returned()
    teams.tick(CLOSES + timedelta(days=1))
    assert teams.stage(punctual) == "已退回"
    evening = CLOSES.replace(month=12, day=10, hour=15, minute=59)
    teams.world.now = evening
    teams.resubmit(punctual)
    assert teams.stage(punctual) == "待区县审查"
    teams.tick(evening + timedelta(minutes=1))
    assert teams.stage(late) == "区县审查不通过"
    sound(teams.world)


def test_the_team_is_reminded_before_either_deadline(teams: Contest) -> None:
    filled, returned = teams.filled(), teams.returned()
    teams.tick(CLOSES - timedelta(days=2))
    assert [title for title in told(teams.world) if "即将截止" in title] == ["申报即将截止"]
    teams.tick(CLOSES.replace(month=12, day=9))
    assert "重新提交即将截止" in told(teams.world)
    assert teams.stage(filled) == "未参赛"
    assert teams.stage(returned) == "已退回"
    sound(teams.world)


@pytest.mark.parametrize("outcome", ["pass", "fail"])
def test_the_district_withdraws_its_decision(teams: Contest, outcome: str) -> None:
    """C-35: while nobody has acted since."""
    instance = teams.submitted()
    teams.review(instance, outcome)
    teams.withdraw(instance)
    assert teams.stage(instance) == "待区县审查"
    row = teams.row(instance)
    assert (row.reviewed_at, row.resubmit_by) == (None, None)
    teams.review(instance)
    teams.judge(instance)
    assert teams.stage(instance) == "市级审核通过"
    sound(teams.world)


def test_nothing_is_withdrawn_once_the_city_has_decided(teams: Contest) -> None:
    """C-35."""
    instance = teams.passed()
    teams.judge(instance)
    with pytest.raises((errors.CannotMove, errors.InstanceChanged)):
        teams.withdraw(instance)


def test_nothing_is_withdrawn_once_the_summary_is_uploaded(
    teams: Contest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-35."""
    instance = teams.passed()
    monkeypatch.setattr(summaries, "is_uploaded", lambda session, project, district: True)
    with pytest.raises(errors.HookRefused) as refused:
        teams.withdraw(instance)
    assert refused.value.words.zh == "汇总表已上传，不能再改审查结果"
    assert teams.stage(instance) == "待市级审查"


def test_other_districts_and_projects_do_not_see_it(teams: Contest) -> None:
    """P-20, P-38: 404 for another district's administrator, and for the same district's of another project."""
    instance = teams.submitted()
    teams.world.enter("丛台", "permits.district_admin", "130403", teams.project)
    teams.world.enter("别的项目", "permits.district_admin", "130402", "another")
    for name in ("丛台", "别的项目", "邻市"):
        with pytest.raises((errors.Unknown, errors.Forbidden)):
            teams.review(instance, name=name)


def test_nobody_reviews_his_own_team(teams: Contest) -> None:
    instance = teams.submitted()
    teams.world.enter(TEACHER, "permits.district_admin", teams.code, teams.project)
    with pytest.raises(errors.Forbidden):
        teams.review(instance, name=TEACHER)


def test_a_code_begins_one_declaration(teams: Contest) -> None:
    """P-39: used once, in any spelling; 是否使用 turns to 已使用."""
    code = teams.issue()[0]
    instance = teams.begin(f" {code[:4].lower()}-{code[4:8]}－{code[8:]}")
    row = teams.row(instance)
    with teams.world.session() as session:
        assert session.get_one(Authorisation, row.authorisation_id).used_at == teams.world.now
    with pytest.raises(Refused) as refused:
        teams.begin(code)
    assert refused.value.words.zh == "该授权码已被使用。"


def test_numbers_go_on_and_are_never_given_twice(teams: Contest) -> None:
    """P-40."""
    first = teams.begin()
    from app.platform.runtime import instances

    with teams.world.session() as session:
        instances.cancel(session, first, "退赛", teams.world.acting(TEACHER), teams.world.now)
    second = teams.begin()
    assert (teams.row(first).number, teams.row(second).number) == ("R20260001", "R20260002")


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("unknown", "授权码不正确"),
        ("early", "申报尚未开始"),
        ("over", "申报已于"),
        ("closed", "该项目已停用"),
    ],
)
def test_a_code_that_cannot_be_used_says_why(teams: Contest, case: str, words: str) -> None:
    """P-39, P-41."""
    code = teams.issue()[0]
    if case == "unknown":
        code = "2222-2222-2222"
    elif case == "early":
        teams.window(declare_from=teams.world.now + timedelta(hours=1))
    elif case == "over":
        teams.window(declare_to=teams.world.now - timedelta(hours=1))
    else:
        teams.window(is_open=False)
    with pytest.raises(Refused) as refused:
        teams.begin(code)
    assert refused.value.words.zh.startswith(words)
    assert refused.value.field == "code"
    with teams.world.session() as session:
        assert session.scalar(select(func.count()).select_from(Instance)) == 0


def test_wrong_codes_are_counted(teams: Contest) -> None:
    """C-09's limit, for codes: five wrong ones from one address, then not even the right one."""
    good = teams.issue()[0]
    for _ in range(5):
        with pytest.raises(Refused):
            teams.begin("2222-2222-2222")
    with pytest.raises(Refused) as refused:
        teams.begin(good)
    assert refused.value.words.zh.startswith("授权码多次输入有误")
    teams.world.now += timedelta(minutes=16)
    assert teams.begin(good)


def test_only_teachers_declare(teams: Contest) -> None:
    with pytest.raises(errors.Forbidden):
        teams.begin(name="组织者甲")


def test_the_district_s_summary_follows(teams: Contest) -> None:
    """P-31, P-36: the real chain wakes the summary: it opens with the first submission, completes with the last."""
    world = teams.world
    first, second = teams.submitted(), teams.submitted()

    def summary() -> str | None:
        with world.session() as session:
            found = summaries.newest(session, teams.project, teams.code)
            return found.stage_zh if found else None

    assert summary() == "审查中"
    teams.review(first)
    assert summary() == "审查中"
    teams.review(second, "fail")
    assert summary() == "待打印"
    teams.resubmit(second)
    assert summary() == "需重新上传"
    teams.tick(CLOSES + timedelta(seconds=1))
    teams.review(second)
    assert summary() == "待打印"
    sound(world)
