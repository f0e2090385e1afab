"""Invited units and their liaisons: entered all or none, changed, taken out; accounts and posts follow (D-04)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.platform import audit
from app.platform.identity import posts
from app.platform.notices import Notice
from app.platform.registry import Refused
from app.platform.runtime.errors import Unknown
from app.systems.delegates import congresses, invitations, quota_matrix, quotas
from app.systems.delegates.entities import Invitation
from app.systems.delegates.invitations import Reported
from tests.processes.test_delegates_congress_setup import create, invite, published
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, OTHER_UNIT, UNIT, World, sample_quota

NEXT = "复兴区科学技术协会"


def roles_at(world: World, name_of: str, congress: str) -> set[str]:
    """The roles the person behind a liaison's name holds at the unit."""
    with world.session() as session:
        row = session.scalar(
            select(Invitation).where(Invitation.congress_id == congress, Invitation.liaison == name_of)
        )
        assert row is not None
        assert row.liaison_id is not None
        return {post.role for post in posts.of(session, row.liaison_id, world.now)}


def messages_to(world: World, person: str) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).where(Notice.person_id == person)) or 0


def test_a_pasted_list_is_read_whatever_parts_its_columns() -> None:
    """PG-D13: from a workbook, a message or typed."""
    text = "邯山区科协\t张三\t13800000001\n\n 丛台区科协，李四，138 0000 0002\n复兴区科协 王五 13800000003\n只有单位"
    assert [(row.name, row.liaison, row.phone) for row in invitations.read_lines(text).values()] == [
        ("邯山区科协", "张三", "13800000001"),
        ("丛台区科协", "李四", "13800000002"),
        ("复兴区科协", "王五", "13800000003"),
        ("只有单位", "", ""),
    ]


def test_what_is_wrong_with_any_row_leaves_all_uninvited(world: World) -> None:
    """PG-D13: each row's complaint by its field."""
    congress = create(world)
    invite(world, congress, Reported(world.other_unit, "高新乙", "13800000022"))
    with world.session() as session, pytest.raises(invitations.Wrong) as wrong:
        invitations.invite(
            session,
            congress,
            [
                Reported("", "高新甲", "13800000021", UNIT),
                Reported("", "", "123", "没有这个单位"),
                Reported("", "高新丙3", "13800000023", OTHER_UNIT),
                Reported("", "高新丁", "13800000024", UNIT),
            ],
            world.acting(CONVENING),
            world.now,
        )
    assert wrong.value.complaints == {
        (1, "unit"): invitations.NO_UNIT,
        (1, "liaison"): invitations.NO_NAME,
        (1, "phone"): invitations.NO_PHONE,
        (2, "unit"): invitations.INVITED,
        (2, "liaison"): invitations.BAD_NAME,
        (3, "unit"): invitations.TWICE,
    }
    with world.session() as session:
        assert invitations.count(session, congress) == 1


def test_a_unit_invited_after_publication_has_its_liaison_told_at_once(world: World) -> None:
    """D-04."""
    congress = published(world)
    world.settle_unit(NEXT, "130404")
    invite(world, congress, Reported("", "高新丙", "13800000023", NEXT))
    assert roles_at(world, "高新丙", congress) == {"delegates.liaison", "delegates.participant"}


def test_another_liaison_gets_the_posts_and_the_one_before_loses_them(world: World) -> None:
    """D-04: a liaison changed later; each is told once."""
    congress = published(world)
    by = world.acting(CONVENING)
    with world.session() as session:
        row = session.scalars(
            select(Invitation).where(Invitation.congress_id == congress, Invitation.liaison == "高新甲")
        ).one()
        before, invitation = row.liaison_id or "", row.id
        invitations.change_liaison(session, congress, invitation, "高新戊", "138 0000 0025", by, world.now)
    assert roles_at(world, "高新戊", congress) == {"delegates.liaison", "delegates.participant"}
    with world.session() as session:
        assert posts.of(session, before, world.now) == ()
        new = session.get_one(Invitation, invitation).liaison_id or ""
    assert (messages_to(world, before), messages_to(world, new)) == (1, 1)
    with world.session() as session:  # the same again changes and tells nothing
        invitations.change_liaison(session, congress, invitation, "高新戊", "13800000025", by, world.now)
    assert messages_to(world, new) == 1
    with world.session() as session:
        said = [row.body for row in audit.read(session, congresses.about_of(congress))][-1]
    assert said is not None
    assert said["after"] == ["高新戊", "138****0025"]


def test_a_liaison_of_two_congresses_stays_for_the_other(world: World) -> None:
    """D-04: the post is the unit's, not one congress's."""
    congress = published(world)
    other = create(world, name="另一次会议")
    rows = invite(world, other, Reported("", "高新甲", "13800000021", UNIT))
    typed = quota_matrix.typed(sample_quota(), rows[0])
    by = world.acting(CONVENING)
    with world.session() as session:
        quotas.save(session, other, typed, by, world.now)
        congresses.publish(session, other, by, world.now)
        invitations.change_liaison(session, other, rows[0], "高新戊", "13800000025", by, world.now)
    assert roles_at(world, "高新甲", congress) == {"delegates.liaison", "delegates.participant"}
    assert roles_at(world, "高新戊", other) == {"delegates.liaison", "delegates.participant"}


def test_a_unit_is_taken_out_while_it_has_recommended_nobody(world: World) -> None:
    """PG-D13."""
    congress = published(world)
    by = world.acting(CONVENING)
    with world.session() as session:
        row = session.scalars(select(Invitation).where(Invitation.congress_id == congress)).first()
        assert row is not None
        person = row.liaison_id or ""
        invitations.remove(session, congress, row.id, by, world.now)
    with world.session() as session:
        assert invitations.count(session, congress) == 1
        assert posts.of(session, person, world.now) == ()


def test_an_invitation_is_reached_through_its_own_congress_only(world: World) -> None:
    """D-44."""
    congress = published(world)
    by = world.acting(CONVENING)
    with world.session() as session:
        foreign = session.scalars(
            select(Invitation.id).where(Invitation.congress_id == world.congress)
        ).first()
        assert foreign is not None
        with pytest.raises(Unknown):
            invitations.remove(session, congress, foreign, by, world.now)
        with pytest.raises(Unknown):
            invitations.change_liaison(session, congress, foreign, "高新戊", "13800000025", by, world.now)


def test_a_congress_that_is_over_changes_no_more(world: World) -> None:
    congress = published(world)
    by = world.acting(CONVENING)
    with world.session() as session:
        congresses.end(session, congress, by, world.now)
        row = session.scalars(select(Invitation.id).where(Invitation.congress_id == congress)).first() or ""
        with pytest.raises(Refused):
            invitations.remove(session, congress, row, by, world.now)
        with pytest.raises(Refused):
            quotas.save(session, congress, {}, by, world.now)


def test_quotas_are_saved_whole_and_a_unit_overrun_is_named(world: World) -> None:
    """2.8 answer 6: lowering below use is allowed, with a warning that names the unit."""
    from app.platform.data import new_id
    from app.systems.delegates.entities import Candidate

    by = world.acting(CONVENING)
    with world.session() as session:
        rows = dict(
            session.execute(
                select(Invitation.unit_id, Invitation.id).where(Invitation.congress_id == world.congress)
            ).all()
        )
        session.add(
            Candidate(
                instance_id=new_id(),
                congress_id=world.congress,
                unit_id=world.unit,
                place="",
                person_id=world.people[LIAISON_ONE],
                name="高新己",
                phone="13800000026",
                phone_hash="h",
                identity="member",
                recommended_at=world.now,
            )
        )
        session.commit()
        row, other = rows[world.unit], rows[world.other_unit]
        nothing = dict.fromkeys(quota_matrix.typed(sample_quota(), row), "0")
        over = quotas.save(session, world.congress, nothing, by, world.now)
    assert {(each.unit, each.identity, each.used, each.seats) for each in over} == {
        (UNIT, "member", 1, 0),
        (UNIT, "delegate", 1, 0),
    }
    bad = quota_matrix.typed(sample_quota(), other) | {f"{other}.member.women": "5", f"{row}.guest": "x"}
    with world.session() as session:
        with pytest.raises(quotas.Wrong) as wrong:
            quotas.save(session, world.congress, bad | nothing | {f"{row}.guest": "x"}, by, world.now)
        assert set(wrong.value.complaints) == {f"{other}.member.women", f"{row}.guest"}
        assert quotas.of(session, world.congress)[other] == sample_quota()
