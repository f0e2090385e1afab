"""What delegates keep of people goes with the case whose time is over (promise 8, retention)."""

from __future__ import annotations

from sqlalchemy import select

from app.platform.data import new_id, transaction
from app.platform.personnel import retention
from app.platform.registry import house
from app.platform.runtime import doctor
from app.systems.delegates import candidates, forgetting, recommending
from app.systems.delegates.entities import Attachment, Candidate, Congress, Invitation, Slate
from tests.systems.delegates.filling import passed, recommend, submit
from tests.systems.delegates.world import LIAISON_ONE, World


def test_every_chain_says_what_it_forgets_and_what_stays() -> None:
    for process in (candidates.PROCESS, forgetting.SLATE, forgetting.CONGRESS):
        assert house.forgetters[process].keeps is not None


def test_a_candidate_s_data_go_and_his_seat_stays_known(world: World) -> None:
    instances = [recommend(world, name) for name in ("李海", "王倩")]
    submit(world, instances[0], "李海")
    for name in ("李海", "王倩"):
        row = world.candidate(name)
        with world.session() as session, transaction(session):
            session.add(
                Attachment(candidate_id=row.id, file_id=new_id(), uploaded_by=new_id(), uploaded_at=world.now)
            )
        with world.session() as session:
            recommending.remove(session, row.id, world.acting(LIAISON_ONE), world.now)
    for instance in instances:  # both: two that are forgotten do not stand in each other's way
        with world.session() as session:
            assert retention.erase(session, instance, None, world.now, "test")
    with world.session() as session:
        for row in session.scalars(select(Candidate)):
            assert (row.name, row.phone, row.phone_hash, row.facts) == ("—", "", row.id, {})
            assert {row.gender, row.born_on, row.party, row.photo_id, row.age, row.occupation} == {None}
            assert (row.identity, row.unit_id) == ("delegate", world.unit)
        assert all(each.removed_at for each in session.scalars(select(Attachment)))
        assert doctor.examine(session, world.now) == []


def test_what_is_not_over_is_kept(world: World) -> None:
    instance = passed(world, "李海")
    with world.session() as session:
        assert not retention.erase(session, instance, None, world.now, "test")
    assert world.candidate("李海").facts


def test_a_report_forgets_its_roster_and_letter_and_a_congress_its_liaisons(world: World) -> None:
    with world.session() as session, transaction(session):
        congress = session.get_one(Congress, world.congress)
        slate = Slate(
            instance_id=new_id(), congress_id=congress.id, unit_id=world.unit, place="", serial=1, number="1",
            letter="请审核", roster=[{"name": "李海"}], opened_at=world.now,
        )  # fmt: skip
        session.add(slate)
        session.flush()
        forgetting.slate(session, slate.instance_id, world.now)
        forgetting.congress(session, congress.instance_id, world.now)
        assert (slate.letter, slate.roster, slate.number) == ("", [], "1")
        left = session.execute(select(Invitation.liaison, Invitation.phone)).all()
        assert [tuple(row) for row in left] == [("—", ""), ("—", "")]
