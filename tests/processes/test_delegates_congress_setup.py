"""PR-D1 walked once per way out: 草稿 → 已发布 → 已结束."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.platform import audit, forms
from app.platform.identity import posts
from app.platform.notices import Notice
from app.platform.registry import Refused
from app.platform.runtime import asking, errors, firing, versions
from app.platform.runtime.entities import Instance
from app.systems.delegates import congresses, invitations, quota_matrix, quotas
from app.systems.delegates.entities import Congress, Invitation
from app.systems.delegates.invitations import Reported
from tests.platform.jobs.databases import KINDS
from tests.systems.delegates.world import CONVENING, OTHER_UNIT, UNIT, World, sample_quota

pytestmark = pytest.mark.parametrize("world", KINDS, indirect=True)
NAME = "邯郸市科学技术协会第十次代表大会"
TERMS = {
    "name": NAME,
    "term": "第十次",
    "begins_on": "2026-12-20",
    "ends_on": "2026-12-22",
    "report_by": "2026-12-10T18:00",
    "young": "with",
    "heads": "equal",
}
NEW_LIAISON = Reported("", "高新甲", "13800000021", UNIT)
OTHER_LIAISON = Reported("", "高新乙", "13800000022", OTHER_UNIT)


def entry(world: World, **sent: str) -> forms.Entry:
    """大会信息 as a browser sends it."""
    with world.session() as session:
        step = versions.current(session, congresses.PROCESS).forms[congresses.FORM].at("configure")
        given = asking.given(
            session,
            dict(congresses.DEFAULTS),
            lambda _: None,
            by=world.acting(CONVENING),
            now=world.now,
            process=congresses.PROCESS,
        )
        read = forms.read(step, {name: [value] for name, value in (TERMS | sent).items()}, given)
    assert not read.complaints, read.complaints
    return read


def create(world: World, **sent: str) -> str:
    made = entry(world, **sent)
    with world.session() as session:
        return congresses.create(session, made, world.acting(CONVENING), world.now)


def invite(world: World, congress: str, *reported: Reported) -> list[str]:
    with world.session() as session:
        return invitations.invite(session, congress, reported, world.acting(CONVENING), world.now)


def allot(world: World, congress: str, *rows: str) -> list[quotas.Overrun]:
    typed = {}
    for row in rows:
        typed |= quota_matrix.typed(sample_quota(), row)
    with world.session() as session:
        return quotas.save(session, congress, typed, world.acting(CONVENING), world.now)


def publish(world: World, congress: str) -> None:
    with world.session() as session:
        congresses.publish(session, congress, world.acting(CONVENING), world.now)


def published(world: World, **sent: str) -> str:
    congress = create(world, **sent)
    allot(world, congress, *invite(world, congress, NEW_LIAISON, OTHER_LIAISON))
    publish(world, congress)
    return congress


def sweep(world: World, at: datetime) -> None:
    """Let the timers fire that are due."""
    firing.fire_due(world.sessions, lambda: at, "tests")


def instance_of(world: World, congress: str) -> str:
    with world.session() as session:
        return session.get_one(Congress, congress).instance_id


def stage(world: World, congress: str) -> str | None:
    return world.stage(instance_of(world, congress))


def test_a_congress_is_set_up_published_and_ended_by_hand(world: World) -> None:
    """PR-D1, D-04, EN-D1: every state in its order; the liaisons get accounts, posts and one message each."""
    congress = create(world)
    instance = instance_of(world, congress)
    assert world.open_elements(instance) == ["invite"]
    assert stage(world, congress) == "草稿"
    rows = invite(world, congress, NEW_LIAISON, OTHER_LIAISON)
    with world.session() as session:
        congresses.to_quotas(session, congress, world.acting(CONVENING), world.now)
    assert world.open_elements(instance) == ["allot"]
    assert allot(world, congress, *rows) == []
    publish(world, congress)
    assert world.open_elements(instance) == []
    assert stage(world, congress) == "已发布"
    with world.session() as session:
        made = {
            row.liaison: row
            for row in session.scalars(select(Invitation).where(Invitation.congress_id == congress))
        }
        held = {
            (post.role, post.place, post.subject)
            for post in posts.of(session, made["高新甲"].liaison_id or "", world.now)
        }
        told = session.scalar(select(func.count()).where(Notice.person_id == made["高新甲"].liaison_id))
        path = made["高新甲"].unit_id
    assert {role for role, *_ in held} == {"delegates.liaison", "delegates.participant"}
    assert all(place.endswith(f"{path}/") and subject == "*" for _, place, subject in held)
    assert told == 1
    with world.session() as session:
        congresses.end(session, congress, world.acting(CONVENING), world.now)
    assert stage(world, congress) == "已结束"
    with world.session() as session:
        row = session.get_one(Instance, instance)
        assert (row.state, row.ended) == ("ended", "ended")
        assert session.get_one(Congress, congress).ended_at is not None
    with world.session() as session, pytest.raises(Refused):
        congresses.end(session, congress, world.acting(CONVENING), world.now)


def test_a_step_back_leads_to_the_one_before(world: World) -> None:
    """PR-D1: from the inbox one goes back from allotting to inviting, and from there to the congress."""
    congress = create(world)
    instance = instance_of(world, congress)
    world.decide(instance, "invite", "next", CONVENING)
    world.decide(instance, "allot", "back", CONVENING)
    assert world.open_elements(instance) == ["invite"]
    world.decide(instance, "invite", "back", CONVENING)
    assert world.open_elements(instance) == ["configure"]
    world.decide(instance, "configure", "next", CONVENING, {"term": ["第十届"]})
    assert world.open_elements(instance) == ["invite"]
    with world.session() as session:
        assert session.get_one(Congress, congress).term == "第十届"


@pytest.mark.parametrize(
    ("leave_out", "words"),
    [
        ("days", "请先填写大会的结束时间、上报截止时间"),
        ("late", "上报截止时间已过，请先修改"),
        ("units", "请先邀请单位"),
        ("quota", f"尚未分配名额：{UNIT}"),
    ],
)
def test_what_is_missing_is_refused_in_words_and_nothing_is_published(
    world: World, leave_out: str, words: str
) -> None:
    """PR-D1, D-48: without days, units or quotas nobody is told."""
    sent = {"days": {"ends_on": "", "report_by": ""}, "late": {"report_by": "2026-11-01T08:00"}}
    congress = create(world, **sent.get(leave_out, {}))
    if leave_out != "units":
        rows = invite(world, congress, NEW_LIAISON)
        if leave_out != "quota":
            allot(world, congress, *rows)
    with pytest.raises(errors.HookRefused) as refused:
        publish(world, congress)
    assert refused.value.words.zh == words
    assert stage(world, congress) == "草稿"
    with world.session() as session:
        row = session.get_one(Congress, congress)
        assert row.published_at is None
        assert not session.scalars(
            select(Invitation.id).where(
                Invitation.congress_id == congress, Invitation.liaison_id.is_not(None)
            )
        ).all()


def test_the_day_after_its_last_day_a_congress_ends_by_itself(world: World) -> None:
    """PR-D1, C-18: the last day belongs to the congress."""
    congress = published(world)
    sweep(world, datetime(2026, 12, 22, 15, 59, tzinfo=UTC))  # 23:59 in China
    assert stage(world, congress) == "已发布"
    sweep(world, datetime(2026, 12, 22, 16, 0, tzinfo=UTC))
    assert stage(world, congress) == "已结束"


def test_a_congress_whose_last_day_is_moved_ends_on_the_new_one(world: World) -> None:
    """PR-D1: the timer looks again whenever the date changes, as often as it does."""
    congress = published(world)
    by = world.acting(CONVENING)
    for day in ("2027-01-20", "2027-02-20"):
        with world.session() as session:
            changed = entry(world, ends_on=day)
            congresses.change(session, congress, changed, by, world.now)
        assert stage(world, congress) == "已发布"
    sweep(world, datetime(2027, 1, 30, tzinfo=UTC))
    assert stage(world, congress) == "已发布"
    sweep(world, datetime(2027, 2, 20, 16, 0, tzinfo=UTC))
    assert stage(world, congress) == "已结束"
    with world.session() as session:
        kinds = [row.kind for row in audit.read(session, congresses.about_of(congress))]
    assert kinds == [
        "congress.made",
        "unit.invited",
        "quota.changed",
        "congress.published",
        "congress.changed",
        "congress.changed",
        "congress.ended",
    ]


def test_only_the_own_unit_s_conveners_reach_a_congress(world: World) -> None:
    """D-44: another convening unit's congress is no congress to anybody else."""
    congress = create(world)
    world.appoint("外市经办", "delegates.convener", world.settle_unit("邢台市科学技术协会", "130500"))
    for verb in (congresses.publish, congresses.end, congresses.clone, congresses.to_quotas):
        with world.session() as session, pytest.raises(errors.Unknown):
            verb(session, congress, world.acting("外市经办"), world.now)


def test_the_next_term_begins_with_rules_units_and_quotas_and_no_people(world: World) -> None:
    """PR-D1: cloned, it is a draft without dates and liaisons, and cannot be published before they are there."""
    old = published(world, young="without", heads="most")
    by = world.acting(CONVENING)
    with world.session() as session:
        new = congresses.clone(session, old, by, world.now)
    assert stage(world, new) == "草稿"
    with world.session() as session:
        row = session.get_one(Congress, new)
        units = invitations.of(session, new)
        kept = quotas.of(session, new)
    assert (row.counts_45, row.must_fill, row.report_by, row.begins_on) == (False, False, None, None)
    assert row.cloned_from == old
    assert [(each.name, each.liaison, each.phone) for each in units] == [
        (OTHER_UNIT, "", ""),
        (UNIT, "", ""),
    ]
    assert list(kept.values()) == [sample_quota()] * 2
    with world.session() as session:
        changed = entry(world, name="下一届", term="第十一次")
        congresses.change(session, new, changed, by, world.now)
    with pytest.raises(errors.HookRefused) as refused:
        publish(world, new)
    assert refused.value.words.zh.startswith("请先登记联络员")


def test_publication_says_at_which_unit_an_account_is_closed(world: World) -> None:
    """D-04, D-16: one liaison whose account is disabled holds the whole publication up, by name."""
    from app.platform.identity import accounts, by_phone

    with world.session() as session:
        person = by_phone.open_account(session, "高新甲", NEW_LIAISON.phone, None, world.now)
        accounts.disable(session, person, None, world.now)
    congress = create(world)
    allot(world, congress, *invite(world, congress, NEW_LIAISON))
    with pytest.raises(errors.HookRefused) as refused:
        publish(world, congress)
    assert refused.value.words.zh.startswith(f"{UNIT}：")


def test_dates_in_the_wrong_order_are_complained_of_by_name(world: World) -> None:
    """D-45: reports close before the congress is over."""
    with world.session() as session:
        step = versions.current(session, congresses.PROCESS).forms[congresses.FORM].at("configure")
        given = asking.given(
            session, {}, lambda _: None, by=world.acting(CONVENING), now=world.now, process=congresses.PROCESS
        )
        wrong = TERMS | {"begins_on": "2026-12-23", "report_by": "2026-12-23T10:00"}
        read = forms.read(step, {name: [value] for name, value in wrong.items()}, given)
    said = {complaint.field: complaint.words.zh for complaint in read.complaints if complaint.words}
    assert said == {
        "ends_on": "【结束时间】不能早于【开始时间】",
        "report_by": "【上报截止时间】不能晚于【结束时间】",
    }
    assert date(2026, 12, 23) > world.now.date() + timedelta(days=1)
