"""The morning's summary: for whoever has asked for it, once on a working day, and only where something waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity import posts
from app.platform.identity.entities import Account, Person
from app.platform.notices import Delivery, Notice
from app.platform.registry import Post
from app.platform.runtime import mornings
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, OTHER, at_review
from tests.world import World

EIGHT = datetime(2026, 11, 17, 0, 30, tzinfo=UTC)  # Tuesday, half past eight in Shanghai


@pytest.fixture
def asked(any_ground: World) -> Iterator[World]:
    """Two who hold the city's post and one elsewhere ask for it; another says nothing."""
    people(any_ground)
    with any_ground.session() as session, transaction(session):
        session.execute(update(Person).values(email="a@example.org"))
    with any_ground.session() as session:
        for name in (CITY, "邻市"):
            notices.choosing.choose(
                session, any_ground.people[name], {"waiting": ["email", "sms"]}, any_ground.now
            )
    notices.use(notices.Settings(notices.Mail("smtp://127.0.0.1:9", "noreply@chengpi.example")))
    yield any_ground
    notices.use(notices.Settings())


def told(world: World, at: datetime) -> int:
    with world.session() as session:
        return mornings.remind(session, at)


def test_it_counts_what_waits_and_goes_by_mail_once_a_day(asked: World) -> None:
    for _ in range(3):
        at_review(asked)
    assert told(asked, EIGHT) == 1  # nothing waits in the neighbouring city; the other has not asked
    assert told(asked, EIGHT + timedelta(hours=1)) == 0
    with asked.session() as session:
        (one,) = notices.of(session, asked.people[CITY])
        assert (one.kind, one.title.zh) == ("waiting", "今天有 3 件待办")
        assert notices.of(session, asked.people[OTHER]) == []
        assert list(session.scalars(select(Delivery.channel))) == ["email"]  # never as a text message
    assert told(asked, EIGHT + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    "at",
    [
        EIGHT - timedelta(hours=2),
        EIGHT + timedelta(hours=5),
        EIGHT + timedelta(days=4),  # Saturday
        datetime(2026, 10, 1, 0, 30, tzinfo=UTC),  # a holiday
    ],
)
def test_at_night_in_the_afternoon_and_on_free_days_it_says_nothing(asked: World, at: datetime) -> None:
    at_review(asked)
    assert told(asked, at) == 0


def test_whoever_cannot_sign_in_any_more_is_not_told(asked: World) -> None:
    at_review(asked)
    with asked.session() as session, transaction(session):
        session.execute(
            update(Account).where(Account.person_id == asked.people[CITY]).values(is_disabled=True)
        )
    assert told(asked, EIGHT) == 0
    with asked.session() as session:
        assert session.scalars(select(Notice.id)).all() == []


def test_what_fails_with_one_person_keeps_nobody_else_from_being_told(
    asked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_review(asked)
    with asked.session() as session:
        notices.choosing.choose(session, asked.people[OTHER], {"waiting": ["email"]}, asked.now)
    broken, held_by = min(asked.people[CITY], asked.people[OTHER]), posts.of

    def of(session: Session, person: str, now: datetime) -> tuple[Post, ...]:
        if person == broken:
            session.execute(text("SELECT 1 FROM there_is_no_such_table"))
        return held_by(session, person, now)

    with monkeypatch.context() as once:
        once.setattr(posts, "of", of)
        assert told(asked, EIGHT) == 1
    assert told(asked, EIGHT + timedelta(hours=1)) == 1  # he is tried again, nobody twice


def test_the_count_is_bounded(asked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mornings, "MOST", 2)
    for _ in range(2):
        at_review(asked)
    assert told(asked, EIGHT) == 1
    at_review(asked)
    assert told(asked, EIGHT + timedelta(days=1)) == 1
    with asked.session() as session:
        said = {one.title.zh for one in notices.of(session, asked.people[CITY])}
    assert said == {"今天有 2 件待办", "今天有 2+ 件待办"}
