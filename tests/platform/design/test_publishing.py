"""Publishing: exactly what was asked for, with a note, at its moment, by two where it is so set; and going back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.data import transaction
from app.platform.design import approving, drafts, publications, publishing, rehearsal_tests, thinning
from app.platform.design.entities import Draft
from app.platform.design.errors import MovedOn, NotReady, OwnEyes, Planned, Rejected, Settled
from app.platform.design.publications import Asked
from app.platform.design.publishing import Wish
from app.platform.identity.entities import HeldPost
from app.platform.notices.entities import Notice
from app.platform.registry import Words
from app.platform.runtime import trials, versions
from app.platform.runtime.entities import Version
from app.platform.runtime.errors import Forbidden, MissingReason, Unknown, Unpublishable
from tests.platform.design import mixed
from tests.platform.runtime.steps import STARTER
from tests.world import World

FIRST, SECOND = mixed.MANAGER, "复核员"
NOTE = "会签改为全部通过"
FILE = f"{mixed.PROCESS}.bpmn"
HOUR = timedelta(hours=1)


TRIED: list[str] = []
"""The processes that were tried out in a child; here only noted, the child itself is tested with the runtime."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    TRIED.clear()
    monkeypatch.setattr(trials, "try_all", lambda each: TRIED.extend(process for process, *_more in each))


@pytest.fixture
def house(ground: World) -> Iterator[World]:
    """Two who may publish, and a process with one version."""
    mixed.manager(ground, FIRST)
    mixed.manager(ground, SECOND)
    mixed.publish(ground, mixed.drawing())
    yield ground
    settings.forget()


def opened(world: World, **drawn: Any) -> str:
    """A draft of the process, changed once."""
    with world.session() as session:
        draft = drafts.reopen(session, mixed.PROCESS, world.acting(FIRST), world.now)
    save(world, draft, **(drawn or {"seats": "all"}))
    return draft


def save(world: World, draft: str, **drawn: Any) -> int:
    with world.session() as session:
        read = drafts.get(session, draft).revision
        (name,) = [one for one in drafts.files(session, draft) if one.endswith(".bpmn")]
        changed = {name: mixed.drawing(**drawn).text().encode()}
        by = world.acting(FIRST)
        return drafts.save(session, draft, changed, read=read, window="w", by=by, now=world.now).revision


def ask(world: World, draft: str, wish: Wish | None = None, revision: int = 2, who: str = FIRST) -> Asked:
    with world.session() as session:
        by = world.acting(who)
        done = publishing.ask(session, draft, revision, wish or Wish(NOTE), by, world.now)
        return publications.get(session, done, world.now)


def standing(world: World, publication: str, at: datetime | None = None) -> Asked:
    with world.session() as session:
        return publications.get(session, publication, at or world.now)


def verb(world: World, run: Callable[..., Any], publication: str, *more: Any, who: str = SECOND) -> None:
    with world.session() as session:
        run(session, publication, *more, world.acting(who), world.now)


def numbers(world: World) -> list[int]:
    with world.session() as session:
        found = select(Version.number).where(Version.process == mixed.PROCESS).order_by(Version.number)
        return list(session.scalars(found))


def told(world: World, name: str) -> list[str]:
    with world.session() as session:
        rows = session.scalars(select(Notice.said).where(Notice.person_id == world.people[name]))
        return [one["title"][0] for one in rows]


def kinds(world: World) -> list[str]:
    with world.session() as session:
        return [one.kind for one in audit.read(session, f"process:{mixed.PROCESS}")]


def two_of_them(world: World) -> None:
    with world.session() as session:
        settings.change(session, publishing.TWO_PAIRS, True, world.acting(FIRST), world.now)
        settings.catch_up(session)


def test_a_draft_is_published_with_its_note_and_closes_while_its_states_stay(house: World) -> None:
    draft = opened(house)
    done = ask(house, draft)
    assert (done.state, done.number, done.note) == ("published", 2, NOTE)
    with house.session() as session:
        with pytest.raises(Unknown):
            drafts.get(session, draft)
        assert [one.revision for one in drafts.states(session, draft)] == [2, 1]
        program = versions.current(session, mixed.PROCESS)
        assert program.definition.tasks["sign"].seats == "all"
        newest, first = publications.editions(session, mixed.PROCESS)
        assert (newest.number, newest.note, newest.by, newest.is_current) == (2, NOTE, FIRST, True)
        assert (first.note, first.by, first.is_current) == (None, None, False)
    assert kinds(house) == ["publication.published"]
    assert TRIED == [mixed.PROCESS]


def test_the_note_outlives_the_draft(house: World) -> None:
    done = ask(house, opened(house))
    with house.session() as session:
        assert thinning.thin(session, house.now + timedelta(days=60))
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
        assert publications.get(session, done.id, house.now).note == NOTE


@pytest.mark.parametrize("note", ["", "  ", "改", "长" * 501])
def test_no_publication_without_a_note_of_some_length(house: World, note: str) -> None:
    with pytest.raises(Rejected):
        ask(house, opened(house), Wish(note))
    assert numbers(house) == [1]


def test_what_was_not_seen_is_not_published(house: World) -> None:
    draft = opened(house)
    save(house, draft, extra=True)
    with pytest.raises(MovedOn) as moved:
        ask(house, draft, revision=2)
    assert moved.value.revision == 3
    assert numbers(house) == [1]


def test_a_draft_without_changes_is_not_published(house: World) -> None:
    draft = opened(house)
    save(house, draft)
    with pytest.raises(Rejected):
        ask(house, draft, revision=3)
    assert numbers(house) == [1]


def test_only_who_may_publish_does(house: World) -> None:
    draft = opened(house)
    with pytest.raises(Forbidden):
        ask(house, draft, who=STARTER)


def test_what_must_hold_before_is_asked(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = opened(house)
    said: list[Words] = [Words("演练“正常通过”没有通过", "A rehearsal has not passed")]
    monkeypatch.setattr(publishing, "before_publishing", [lambda *_given: said])
    with pytest.raises(NotReady):
        ask(house, draft)
    said.clear()
    assert ask(house, draft).state == "published"


def test_the_tests_that_lie_with_a_process_must_pass(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = [rehearsal_tests.Failure("正常通过", Words("停在“任务a”", "It stops at “a”"))]
    monkeypatch.setattr(rehearsal_tests, "failures", lambda *_given: failed)
    with pytest.raises(NotReady) as not_ready:
        ask(house, opened(house))
    assert not_ready.value.failures[0].zh == "测试“正常通过”不符：停在“任务a”"


def test_a_draft_that_is_planned_stands_still_until_that_is_taken_back(house: World) -> None:
    draft = opened(house)
    planned = ask(house, draft, Wish(NOTE, house.now + HOUR))
    assert planned.state == "planned"
    with pytest.raises(Planned) as still:
        save(house, draft, extra=True)
    assert still.value.aside, "what was sent is kept"
    with house.session() as session, pytest.raises(Planned):
        drafts.close(session, draft, house.acting(FIRST), house.now)
    with pytest.raises(Planned):
        ask(house, draft)
    house.work()
    assert numbers(house) == [1], "its moment has not come"
    verb(house, approving.take_back, planned.id)
    assert standing(house, planned.id).state == "taken_back"
    assert save(house, draft, extra=True) > 2
    house.work(house.now + 2 * HOUR)
    assert numbers(house) == [1]
    assert kinds(house) == ["publication.planned", "publication.taken_back"]


def test_a_planned_publication_comes_at_its_moment(house: World) -> None:
    planned = ask(house, opened(house), Wish(NOTE, house.now + HOUR))
    house.work(house.now + HOUR)
    assert (standing(house, planned.id).state, numbers(house)) == ("published", [1, 2])
    assert TRIED == [mixed.PROCESS] * 2, "once when it was planned, once at the moment"
    assert told(house, FIRST) == ["已发布：“测试”"]
    house.work(house.now + 2 * HOUR)
    assert numbers(house) == [1, 2]


def test_what_fails_at_its_moment_is_told_and_stays_listed(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = opened(house)
    planned = ask(house, draft, Wish(NOTE, house.now + HOUR))

    def broken(_s: Session, _p: str, _f: Mapping[str, bytes], _n: datetime) -> list[Words]:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "before_publishing", [broken])
        house.work(house.now + HOUR)
    failed = standing(house, planned.id)
    assert (failed.state, failed.reason is not None, numbers(house)) == ("failed", True, [1])
    assert told(house, FIRST) == ["未能发布：“测试”"]
    assert kinds(house)[-1] == "publication.failed"
    assert ask(house, draft).state == "published", "the draft is free again"


def test_whose_post_has_ended_publishes_no_more_at_the_moment_planned(house: World) -> None:
    planned = ask(house, opened(house), Wish(NOTE, house.now + HOUR))
    with house.session() as session, transaction(session):
        ended = update(HeldPost).where(HeldPost.person_id == house.people[FIRST])
        session.execute(ended.values(until_at=house.now + HOUR / 2))
    house.work(house.now + HOUR)
    assert (standing(house, planned.id).state, numbers(house)) == ("failed", [1])


def test_one_that_is_overdue_is_called_late(house: World) -> None:
    planned = ask(house, opened(house), Wish(NOTE, house.now + HOUR))
    assert not standing(house, planned.id).is_late
    assert standing(house, planned.id, house.now + 2 * HOUR).is_late


def test_where_it_takes_two_another_approves(house: World) -> None:
    two_of_them(house)
    waiting = ask(house, opened(house))
    assert (waiting.state, numbers(house)) == ("waiting", [1])
    assert told(house, SECOND) == ["待复核：发布“测试”"]
    assert told(house, FIRST) == []
    with pytest.raises(OwnEyes):
        verb(house, approving.approve, waiting.id, who=FIRST)
    with pytest.raises(OwnEyes):
        verb(house, approving.decline, waiting.id, "不行", who=FIRST)
    verb(house, approving.approve, waiting.id)
    done = standing(house, waiting.id)
    assert (done.state, done.decided_by, numbers(house)) == ("published", SECOND, [1, 2])
    assert told(house, FIRST) == ["已同意：发布“测试”"]
    with pytest.raises(Settled):
        verb(house, approving.approve, waiting.id)
    assert sorted(kinds(house)) == ["publication.approved", "publication.asked", "publication.published"]


def test_an_approved_plan_waits_for_its_moment(house: World) -> None:
    two_of_them(house)
    waiting = ask(house, opened(house), Wish(NOTE, house.now + HOUR))
    verb(house, approving.approve, waiting.id)
    assert (standing(house, waiting.id).state, numbers(house)) == ("planned", [1])
    house.work(house.now + HOUR)
    assert numbers(house) == [1, 2]


def test_who_declines_says_why_and_the_draft_goes_on(house: World) -> None:
    two_of_them(house)
    draft = opened(house)
    waiting = ask(house, draft)
    with pytest.raises(MissingReason):
        verb(house, approving.decline, waiting.id, " ")
    verb(house, approving.decline, waiting.id, "会签人数未定")
    done = standing(house, waiting.id)
    assert (done.state, done.reason and done.reason.zh) == ("declined", "会签人数未定")
    assert told(house, FIRST) == ["未同意：发布“测试”"]
    assert save(house, draft, extra=True) == 3


def test_an_earlier_version_is_published_again_as_a_new_one(house: World) -> None:
    ask(house, opened(house))
    with house.session() as session:
        by = house.acting(FIRST)
        publishing.roll_back(session, mixed.PROCESS, 1, "会签来不及", by, house.now)
        newest, second, first = publications.editions(session, mixed.PROCESS)
        assert (newest.number, newest.of, newest.note, newest.is_current) == (3, 1, "会签来不及", True)
        hashes = [session.get_one(Version, one.id).hash for one in (newest, second, first)]
        assert hashes[0] == hashes[2] != hashes[1]
        with pytest.raises(Rejected):
            publishing.roll_back(session, mixed.PROCESS, 3, "再来一次", by, house.now)
        with pytest.raises(Rejected):
            publishing.roll_back(session, mixed.PROCESS, 1, "再来一次", by, house.now)
    assert kinds(house)[-1] == "publication.rolled_back"


def test_a_broken_drawing_is_refused_with_its_problems(house: World) -> None:
    draft = opened(house, words="approve")
    with pytest.raises(Unpublishable):
        ask(house, draft)
    with house.session() as session:
        assert session.scalar(select(func.count()).select_from(Draft).where(Draft.closed_at.is_(None))) == 1


def test_of_two_who_publish_at_once_one_does(any_ground: World) -> None:
    for name in (FIRST, SECOND):
        mixed.manager(any_ground, name)
    mixed.publish(any_ground, mixed.drawing())
    draft = opened(any_ground)

    def publish(name: str) -> str:
        try:
            return ask(any_ground, draft, who=name).state
        except (Unknown, Planned, Settled) as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as both:
        results = sorted(both.map(publish, (FIRST, SECOND)))
    assert results == ["Unknown", "published"]
    assert numbers(any_ground) == [1, 2]
