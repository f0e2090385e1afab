"""PR-D3 walked over every way out: red and back, green and sent, checked again, and the deadline on both steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.notices import reading
from app.platform.registry import Refused
from app.platform.runtime import doctor, errors, firing, tasks
from app.platform.runtime.entities import Instance
from app.systems.delegates import candidates, congresses, recommending, slates
from app.systems.delegates.entities import Candidate, Congress
from tests.systems.delegates import slating
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, LIAISON_TWO, World

GRASSROOTS = "代表：基层工作者不少于2位，当前1位，不允许上报"


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def slate_stage(world: World) -> str | None:
    return world.stage(slating.slate_rows(world)[-1].instance_id)


def prepared(world: World, element: str) -> str:
    """A slate that is being prepared, at this step; its instance."""
    slating.waiting(world, [slating.RIGHT[0]])
    with pytest.raises(slates.NotGreen):
        slating.report(world)
    instance = slating.slate_rows(world)[0].instance_id
    if element == "report":
        world.decide(instance, "check", "checked", LIAISON_ONE, {})
    return instance


def move_deadline(world: World, moment: str) -> None:
    """The convener writes another one into 大会信息, in China's time."""
    with world.session() as session, transaction(session):
        congress = session.get_one(Congress, world.congress)
        congresses.write(session, congress, {"report_by": moment}, world.acting(CONVENING), world.now)


def sweep(world: World, at: datetime) -> None:
    firing.fire_due(world.sessions, lambda: at, "tests")


def test_a_green_slate_is_sent_to_the_convening_unit(world: World) -> None:
    """D-33, D-34: everybody at once, with number, letter and a frozen roster."""
    there = slating.waiting(world)
    done = slating.report(world, "推选程序已公示")
    assert (done.number, done.count) == ("SB20260001", 2)
    assert [slating.stage_of(world, one) for one in there] == [candidates.IN_FINAL_REVIEW] * 2
    (slate,) = slating.slate_rows(world)
    assert (slate.serial, slate.letter, slate.reported_at) == (1, "推选程序已公示", world.now)
    assert [one["id"] for one in slate.roster or ()] == there
    assert slate_stage(world) == "已上报"
    with world.session() as session:
        assert set(session.scalars(select(Candidate.slate_id))) == {slate.id}
    assert slating.withdraw(world, there[0]) == 0  # D-34
    sound(world)


def test_a_red_slate_comes_back_with_every_reason(world: World) -> None:
    """D-31: nobody is reported, the slate is back at 核对名额, and it says which figures are wrong."""
    there = slating.waiting(world, [slating.RIGHT[0], "代表/否/50/汉族/中国共产党党员/女"])
    with pytest.raises(slates.NotGreen) as refused:
        slating.report(world)
    assert [one.zh for one in refused.value.reasons] == [GRASSROOTS]
    assert [slating.stage_of(world, one) for one in there] == [candidates.FIRST_PASSED] * 2
    (slate,) = slating.slate_rows(world)
    assert (slate.roster, slate.reported_at, slate_stage(world)) == (None, None, "待核对")
    with world.session() as session:
        told = reading.of(session, world.people[LIAISON_ONE])[0]
        assert told.title.zh == "名单未上报：有指标不符合"
        assert told.text.zh == GRASSROOTS
    with world.session() as session, transaction(session):
        session.execute(update(Candidate).where(Candidate.id == there[1]).values(is_grassroots=True))
    assert slating.report(world).count == 2  # the same slate, once it is green
    assert [one.serial for one in slating.slate_rows(world)] == [1]
    sound(world)


def test_the_liaison_may_look_again_before_reporting(world: World) -> None:
    """返回核对 leads back; the steps may be taken one by one from the inbox as well."""
    slating.waiting(world, [slating.RIGHT[0]])
    with pytest.raises(slates.NotGreen):
        slating.report(world)
    instance = slating.slate_rows(world)[0].instance_id
    world.decide(instance, "check", "checked", LIAISON_ONE, {})
    assert slate_stage(world) == "待上报"
    world.decide(instance, "report", "recheck", LIAISON_ONE, {"letter": [""]})
    assert slate_stage(world) == "待核对"
    world.decide(instance, "check", "checked", LIAISON_ONE, {})
    world.decide(instance, "report", "report", LIAISON_ONE, {"letter": ["请审核"]})
    assert slate_stage(world) == "待核对"  # still red
    assert slating.slate_rows(world)[0].reported_at is None
    sound(world)


@pytest.mark.parametrize("element", ["check", "report"])
def test_the_deadline_closes_a_slate_that_is_being_prepared(world: World, element: str) -> None:
    """D-45: by the timer 上报截止, at either step."""
    instance = prepared(world, element)
    with world.session() as session:
        late = session.get_one(Congress, world.congress).report_by
    assert late is not None
    sweep(world, late + timedelta(seconds=1))
    assert (slate_stage(world), world.open_elements(instance)) == ("已截止", [])
    with world.session() as session:
        assert session.scalar(select(Instance.state).where(Instance.id == instance)) == "ended"
    sound(world)


@pytest.mark.parametrize("element", ["check", "report"])
def test_a_deadline_moved_later_leaves_the_slate_open_until_then(world: World, element: str) -> None:
    """D-45: the timer looks again, as often as the convener moves it; 核对 comes again, since time was won."""
    instance = prepared(world, element)
    for moment in ("2026-12-15T18:00", "2026-12-18T18:00"):
        move_deadline(world, moment)
        assert (slate_stage(world), world.open_elements(instance)) == ("待核对", ["check"])
    sweep(world, datetime(2026, 12, 18, 9, 59, tzinfo=UTC))
    assert (slate_stage(world), world.open_elements(instance)) == ("待核对", ["check"])
    sweep(world, datetime(2026, 12, 18, 10, 0, 1, tzinfo=UTC))
    assert (slate_stage(world), world.open_elements(instance)) == ("已截止", [])
    sound(world)


@pytest.mark.parametrize("element", ["check", "report"])
def test_a_deadline_moved_earlier_closes_the_slate_then(world: World, element: str) -> None:
    """D-45: not only at the moment that counted when the slate was opened."""
    instance = prepared(world, element)
    move_deadline(world, "2026-12-05T18:00")
    sweep(world, datetime(2026, 12, 5, 9, 59, tzinfo=UTC))
    assert world.open_elements(instance) == ["check"]
    sweep(world, datetime(2026, 12, 5, 10, 0, 1, tzinfo=UTC))
    assert (slate_stage(world), world.open_elements(instance)) == ("已截止", [])
    sound(world)


def test_nothing_is_reported_after_the_deadline(world: World) -> None:
    """D-45: refused, and no slate is opened."""
    there = slating.waiting(world)
    with world.session() as session, transaction(session):
        session.execute(update(Congress).values(report_by=world.now - timedelta(seconds=1)))
    with pytest.raises(Refused) as refused:
        slating.report(world)
    assert refused.value.words == slates.LATE
    assert slating.slate_rows(world) == []
    assert slating.stage_of(world, there[0]) == candidates.FIRST_PASSED


def test_a_congress_without_a_deadline_takes_reports(world: World) -> None:
    slating.waiting(world)
    with world.session() as session, transaction(session):
        session.execute(update(Congress).values(report_by=None))
    assert slating.report(world).count == 2


def test_a_unit_with_nobody_waiting_reports_nothing(world: World) -> None:
    """D-33: nothing is written, no number is used up."""
    with pytest.raises((Refused, errors.HookRefused)) as refused:
        slating.report(world)
    assert slates.NOBODY.zh in str(refused.value.words)
    assert slating.slate_rows(world) == []


def test_only_the_units_own_liaison_reports(world: World) -> None:
    """D-44: for anybody else there is no such unit."""
    slating.waiting(world)
    for name in (LIAISON_TWO, CONVENING):
        with pytest.raises(errors.Unknown):
            slating.report(world, name=name, unit=world.unit)


def test_a_replacement_goes_by_a_supplementary_report(world: World) -> None:
    """D-40: who failed and was removed is replaced; the second report carries one, and says what it changed."""
    first = slating.waiting(world)
    slating.report(world)
    slating.final(world, first[0])
    slating.final(world, first[1], "fail", "材料不符")
    with world.session() as session:
        recommending.remove(session, first[1], world.acting(LIAISON_ONE), world.now)
    slating.waiting(world, ["代表/是/44/回族/群众/女"])
    assert slating.report(world).count == 1
    _, second = slating.slate_rows(world)
    assert (second.serial, [one["new"] for one in second.roster or ()]) == (2, [False, True])
    sound(world)


def letter(world: World) -> str:
    """What the liaison finds in the page of the report."""
    with world.session() as session:
        about = (slating.invitation_of(world), world.congress, world.unit)
        return slates.letter_of(session, *about, world.acting(LIAISON_ONE))


def type_letter(world: World, instance: str, text: str) -> None:
    """Type at the step 全部上报 in the inbox, without sending it."""
    with world.session() as session:
        task, by = world.open_task(instance, "report"), world.acting(LIAISON_ONE)
        tasks.save_draft(
            session, task, {"values": {"letter": text}, "sent": {"letter": [text]}}, by, world.now
        )


def test_a_letter_that_is_being_typed_outlives_a_deadline_that_moves(world: World) -> None:
    """D-45: the step is interrupted; what was typed there is there when it comes again, and on the page."""
    instance = prepared(world, "report")
    type_letter(world, instance, "经单位会议推选")
    for moment in ("2026-12-15T18:00", "2026-12-18T18:00"):
        move_deadline(world, moment)
        assert letter(world) == "经单位会议推选"
        world.decide(instance, "check", "checked", LIAISON_ONE, {})
    with world.session() as session:
        view = tasks.get(session, world.open_task(instance, "report"), world.acting(LIAISON_ONE), world.now)
    assert view.draft is not None
    assert view.draft["values"] == {"letter": "经单位会议推选"}


def test_a_slate_that_the_deadline_has_closed_goes_on_where_there_is_time_again(world: World) -> None:
    """D-45: with its letter and as the first report still."""
    instance = prepared(world, "report")
    type_letter(world, instance, "写到一半")
    late = datetime(2026, 12, 10, 10, 0, 1, tzinfo=UTC)
    sweep(world, late)
    assert slate_stage(world) == "已截止"
    world.now = late
    with pytest.raises(Refused, match=slates.LATE.zh):
        slating.report(world, "写到一半，又写")
    move_deadline(world, "2026-12-15T18:00")
    assert letter(world) == "写到一半"
    with world.session() as session, transaction(session):
        session.execute(update(Candidate).values(is_grassroots=True))
    slating.waiting(world, [slating.RIGHT[1]])
    done = slating.report(world, letter(world))
    (slate,) = slating.slate_rows(world)
    assert (slate.serial, slate.letter, slate.number) == (1, "写到一半", done.number)
    assert slate.instance_id != instance
    assert letter(world) == ""  # of the next report
    sound(world)


def test_a_deadline_is_not_moved_behind_slates_that_are_being_prepared(world: World) -> None:
    """D-45: by a slip, say; nothing is closed and nothing is written."""
    instance = prepared(world, "report")
    with pytest.raises(Refused) as refused:
        move_deadline(world, "2025-12-10T18:00")
    assert (refused.value.words.zh, refused.value.field) == ("【上报截止时间】不能早于现在", "report_by")
    assert world.open_elements(instance) == ["report"]
    with world.session() as session:
        assert session.get_one(Congress, world.congress).report_by == datetime(
            2026, 12, 10, 10, 0, tzinfo=UTC
        )
