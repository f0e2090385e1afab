"""Who may be recommended, and what becomes of his seat and account (D-08…D-16, D-48)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.platform.identity import accounts, posts
from app.platform.identity.entities import HeldPost, Person
from app.platform.notices.entities import Notice
from app.platform.registry import Refused
from app.platform.runtime import doctor, errors
from app.platform.runtime.entities import Instance
from app.systems.delegates import candidates, recommending, rules
from app.systems.delegates.dialog import NotAllotted, Row
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.roles import PARTICIPANT
from tests.systems.delegates.filling import final_review, next_phone, passed, recommend, report, submit
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, LIAISON_TWO, OTHER_UNIT, PHONES, World


def row(name: str, *identities: str, phone: str = "") -> Row:
    return Row(name, phone or next_phone(), identities)


def allot(world: World, *rows: Row, by: str = LIAISON_ONE, unit: str = "", congress: str = "") -> list[str]:
    with world.session() as session:
        return recommending.allot(
            session, congress or world.congress, unit or world.unit, rows, world.acting(by), world.now
        )


def refusal(world: World, *rows: Row) -> NotAllotted:
    with pytest.raises(NotAllotted) as refused:
        allot(world, *rows)
    with world.session() as session:
        assert doctor.examine(session, world.now) == []
    return refused.value


def said(refused: NotAllotted) -> dict[int, list[str]]:
    return {place: [one.words.zh for one in found] for place, found in refused.rows.items()}


def count(world: World, table: type = Candidate) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def remove(world: World, candidate: str, by: str = LIAISON_ONE) -> None:
    with world.session() as session:
        recommending.remove(session, candidate, world.acting(by), world.now)


def switch(world: World, candidate: str, by: str = LIAISON_ONE, *, on: bool = False) -> None:
    verb = recommending.enable if on else recommending.disable
    with world.session() as session:
        verb(session, candidate, world.acting(by), world.now)


def test_each_gets_an_account_a_post_a_chain_and_a_notice(world: World) -> None:
    """D-08, D-16."""
    first, second = allot(world, row("李海", "member"), row("王倩", "delegate", phone="138 0013 8000"))
    with world.session() as session:
        one, other = session.get_one(Candidate, first), session.get_one(Candidate, second)
        assert (one.unit_id, one.identity, other.phone) == (world.unit, "member", "13800138000")
        facts = accounts.get(session, other.person_id)
        assert facts is not None
        assert facts.login_phone == "13800138000"
        (post,) = posts.of(session, other.person_id, world.now)
        assert (post.role, post.subject, post.place) == (PARTICIPANT, second, other.place)
        assert candidates.stage_of(session, other) == "待填写"
        assert (
            session.get_one(Instance, other.instance_id).title
            == "王倩 · 代表 · 邯郸市科学技术协会第九次代表大会"
        )
        told = session.scalars(
            select(Notice).where(Notice.person_id == other.person_id, Notice.instance_id == other.instance_id)
        ).all()
        assert "您已被推荐，请填写登记表" in [each.said["title"][0] for each in told]
        assert doctor.examine(session, world.now) == []


def test_a_committee_member_takes_a_delegate_seat_too(world: World) -> None:
    """D-11: of the sample quota one 委员 leaves one 代表 seat."""
    allot(world, row("李海", "member"), row("王倩", "delegate"))
    refused = refusal(world, row("赵明", "delegate"))
    assert [words.zh for words in refused.whole] == ["代表名额已超出上限，最多2位"]
    refused = refusal(world, row("赵明", "member"))
    assert [words.zh for words in refused.whole] == [
        "委员名额已超出上限，最多1位",
        "代表名额已超出上限，最多2位",
    ]


def test_nothing_is_stored_when_any_line_fails(world: World) -> None:
    """D-09: 委员 1 of 2 asked for; nobody of the four is recommended, nobody gets an account."""
    before = count(world, Person)
    refused = refusal(world, row("李海", "member"), row("王倩", "member"), row("赵明"), row("1", "delegate"))
    assert next(iter(refused.whole)).zh == "委员名额已超出上限，最多1位"
    assert said(refused) == {2: ["请勾选身份"], 3: ["请填写真实姓名，不能有数字和特殊符号"]}
    assert (count(world), count(world, Person), count(world, Instance)) == (0, before, 0)


@pytest.mark.parametrize("identity", ["special", "observer", "guest", "staff"])
def test_nobody_is_added_where_nothing_is_allotted(world: World, identity: str) -> None:
    """D-13."""
    words = rules.IDENTITIES[identity][0]
    refused = refusal(world, row("李海", identity))
    assert [each.zh for each in refused.whole] == [f"{words}名额已超出上限，最多0位"]


def test_others_take_no_delegate_seats(world: World) -> None:
    """D-13."""
    world.allot_seats(world.unit, {"delegate": rules.Allotment(1), "guest": rules.Allotment(2)})
    allot(world, row("李海", "guest"), row("王倩", "guest"), row("赵明", "delegate"))
    assert count(world) == 3


def test_one_identity_for_each(world: World) -> None:
    """D-10, in its own words."""
    refused = refusal(world, row("李海", "member", "delegate"), row("王倩", "delegate", "guest"))
    assert said(refused) == {
        0: ["候选人同时为代表、委员的，身份仅勾选“委员”即可"],
        1: ["每人只能勾选一种身份"],
    }


def test_a_phone_number_is_recommended_once_per_congress(world: World) -> None:
    """D-16: by whatever unit, however it is written; at another congress it may be."""
    allot(world, row("李海", "delegate", phone="13800138000"))
    assert said(refusal(world, row("李海", "delegate", phone="+86 138-0013-8000"))) == {
        0: ["该手机号已被推荐"]
    }
    with pytest.raises(NotAllotted) as refused:
        allot(world, row("李海", "delegate", phone="13800138000"), by=LIAISON_TWO, unit=world.other_unit)
    assert said(refused.value) == {0: ["该手机号已被推荐"]}
    same = next_phone()
    assert said(refusal(world, row("王倩", "delegate", phone=same), row("赵明", "delegate", phone=same))) == {
        0: ["该手机号在本页填写了两次"],
        1: ["该手机号在本页填写了两次"],
    }
    other = world.hold_congress("邯郸市科学技术协会青年代表大会")
    world.invite(world.unit, congress=other)
    allot(world, row("李海", "delegate", phone="13800138000"), congress=other)
    assert count(world) == 2


@pytest.mark.parametrize("phone", ["", "123", "0310-8012345", "1380013800"])
def test_a_number_that_is_no_mobile_is_refused_in_words(world: World, phone: str) -> None:
    """D-08."""
    assert said(refusal(world, Row("李海", phone, ("delegate",)))) == {0: ["请填写11位手机号码"]}


def test_without_a_quota_nobody_is_added(world: World) -> None:
    """D-48."""
    world.allot_seats(world.unit, {})
    assert [words.zh for words in refusal(world, row("李海", "delegate")).whole] == ["尚未分配名额"]


def test_only_the_liaison_of_an_invited_unit_recommends(world: World) -> None:
    """D-44: another unit, a congress it was not invited to, and one that is not published are not found."""
    for name, unit in ((LIAISON_TWO, world.unit), (CONVENING, world.unit), (LIAISON_ONE, world.other_unit)):
        with pytest.raises(errors.Unknown):
            allot(world, row("李海", "delegate"), by=name, unit=unit)
    foreign = world.hold_congress("别处的代表大会", at=world.units[OTHER_UNIT])
    for congress in (foreign, "absent"):
        with pytest.raises(errors.Unknown):
            allot(world, row("李海", "delegate"), congress=congress)
    draft = world.hold_congress("尚未发布的大会", published=False)
    world.invite(world.unit, congress=draft)
    over = world.hold_congress("已结束的大会", ended_at=world.now)
    world.invite(world.unit, congress=over)
    for congress in (draft, over):
        with pytest.raises(Refused) as refused:
            allot(world, row("李海", "delegate"), congress=congress)
        assert refused.value.words.zh == "该换届活动未发布或已结束，不能新增"
    assert count(world) == 0


def test_removal_frees_the_seat_and_closes_the_account(world: World) -> None:
    """D-14: and the same number may be recommended again."""
    instance = recommend(world, "李海", "member", phone="13800138000")
    gone = world.candidate("李海")
    remove(world, gone.id)
    with world.session() as session:
        facts = accounts.get(session, gone.person_id)
        assert facts is not None
        assert facts.closed_at == world.now
        assert posts.of(session, gone.person_id, world.now) == ()
        assert session.get_one(Instance, instance).state == "ended"
        assert candidates.seated(session, world.congress, world.unit) == []
    again = recommend(world, "李海", "member", phone="13800138000")
    assert world.stage(again) == "待填写"
    with pytest.raises(errors.Unknown):
        remove(world, gone.id)


def test_removal_leaves_an_account_that_serves_for_something_else(world: World) -> None:
    """D-14: a liaison who is recommended himself remains the liaison."""
    recommend(world, "李海", phone=PHONES[LIAISON_TWO])
    row = world.candidate("李海")
    assert row.person_id == world.people[LIAISON_TWO]
    remove(world, row.id)
    with world.session() as session:
        facts = accounts.get(session, row.person_id)
        assert facts is not None
        assert facts.closed_at is None
    assert world.acting(LIAISON_TWO).holds("delegates.liaison")


def test_who_is_reported_is_not_removed(world: World) -> None:
    """D-14, D-40: refused while reported and once passed; after a final rejection the unit may."""
    instance = passed(world, "李海")
    report(world, instance)
    candidate = world.candidate("李海").id
    for stage in ("初审通过已上报/终审待审核", "终审审核通过"):
        if stage == "终审审核通过":
            final_review(world, instance)
        with pytest.raises(Refused) as refused:
            remove(world, candidate)
        assert refused.value.words.zh == "已上报，不能注销"
        assert world.stage(instance) == stage
    assert world.candidate("李海").removed_at is None


def test_a_disabled_account_keeps_recommendation_and_seat(world: World) -> None:
    """D-15."""
    recommend(world, "李海", "member")
    row = world.candidate("李海")
    switch(world, row.id)
    with world.session() as session:
        facts = accounts.get(session, row.person_id)
        assert facts is not None
        assert facts.is_disabled
        assert candidates.seated(session, world.congress, world.unit) == ["member"]
        assert candidates.stage_of(session, row) == "待填写"
    switch(world, row.id, on=True)
    with world.session() as session:
        facts = accounts.get(session, row.person_id)
        assert facts is not None
        assert not facts.is_disabled


def test_an_account_that_is_more_than_a_candidate_s_is_not_switched(world: World) -> None:
    """D-15: neither a liaison's, nor one that another unit has recommended somewhere."""
    recommend(world, "李海", phone=PHONES[LIAISON_TWO])
    with pytest.raises(Refused, match="该账号还有其他身份"):
        switch(world, world.candidate("李海").id)
    other = world.hold_congress("另一次代表大会")
    world.invite(world.other_unit, congress=other, liaison=LIAISON_TWO)
    phone = next_phone()
    recommend(world, "王倩", phone=phone)
    recommend(world, "王倩", phone=phone, liaison=LIAISON_TWO, unit=world.other_unit, congress=other)
    with pytest.raises(Refused, match="该账号还有其他身份"):
        switch(world, world.candidate("王倩").id, LIAISON_TWO)


def test_foreign_candidates_are_not_found(world: World) -> None:
    """D-44."""
    recommend(world, "李海")
    candidate = world.candidate("李海").id
    for name in (LIAISON_TWO, CONVENING):
        for verb in (remove, switch):
            with pytest.raises(errors.Unknown):
                verb(world, candidate, name)
    with world.session() as session:
        assert session.scalar(select(func.count()).where(HeldPost.subject == candidate)) == 1


def test_a_rejected_candidate_still_holds_his_seat(world: World) -> None:
    """2.8 answer 5."""
    instance = recommend(world, "李海", "member")
    submit(world, instance, "李海")
    world.decide(instance, "first_review", "reject", LIAISON_ONE, comment="请修改")
    assert [words.zh for words in refusal(world, row("王倩", "member")).whole] == [
        "委员名额已超出上限，最多1位"
    ]


def test_a_lowered_quota_does_not_hold_up_other_identities(world: World) -> None:
    """2.8 answer 6: who is over the new limit is the report's matter."""
    recommend(world, "李海", "member")
    world.allot_seats(world.unit, {"delegate": rules.Allotment(0), "guest": rules.Allotment(1)})
    allot(world, row("王倩", "guest"))
    with world.session() as session:
        assert session.get_one(Congress, world.congress).must_fill
    assert count(world) == 2
