"""Drafts: saved again and again, never overwritten, gone back to; one open draft a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.platform import documents
from app.platform.design import contents, drafts, editing
from app.platform.design.empty import START
from app.platform.design.entities import Content, DraftState
from app.platform.design.errors import DrawnAlready, NotEditing, Outdated, Rejected
from app.platform.registry import Words
from app.platform.runtime.errors import Unknown
from tests.platform.runtime.conftest import settled
from tests.platform.runtime.steps import CITY, STARTER
from tests.world import World

NAME = Words("请假审批", "Leave")
FILE = "office_leave.bpmn"


def begin(world: World, key: str = "office_leave") -> str:
    with world.session() as session:
        return drafts.begin(session, key, NAME, {FILE: b"<one/>"}, world.acting(STARTER), world.now)


def save(
    world: World,
    draft: str,
    text: str,
    *,
    read: int,
    window: str = "a",
    who: str = STARTER,
    note: str | None = None,
) -> int:
    with world.session() as session:
        changed = {FILE: text.encode()}
        done = drafts.save(
            session, draft, changed, read=read, window=window, by=world.acting(who), now=world.now, note=note
        )
        return done.revision


def read(world: World, draft: str, revision: int | None = None) -> dict[str, bytes]:
    with world.session() as session:
        return drafts.files(session, draft, revision)


def test_a_draft_keeps_each_state_it_was_saved_in(any_ground: World) -> None:
    draft = begin(any_ground)
    assert save(any_ground, draft, "<two/>", read=1) == 2
    assert save(any_ground, draft, "<three/>", read=2, note="初稿") == 3
    assert read(any_ground, draft) == {FILE: b"<three/>"}
    assert read(any_ground, draft, 1) == {FILE: b"<one/>"}
    with any_ground.session() as session:
        states = drafts.states(session, draft)
    assert [(one.revision, one.note, one.aside) for one in states] == [
        (3, "初稿", False),
        (2, None, False),
        (1, None, False),
    ]


def test_what_is_the_same_makes_no_state_unless_it_is_kept_under_a_name(ground: World) -> None:
    draft = begin(ground)
    assert save(ground, draft, "<one/>", read=1) == 1
    assert save(ground, draft, "<one/>", read=1, note="定稿") == 2


def drawn(name: str, english: str = "") -> str:
    """A diagram of the draft's process under a name."""
    return START.format(key='"office_leave"', name=f'"{name}"', english=english)


def test_a_draft_is_called_what_its_diagram_calls_the_process(any_ground: World) -> None:
    draft = begin(any_ground)
    english = '<spiffworkflow:property name="name.en" value="Days off" />'

    def called() -> Words:
        with any_ground.session() as session:
            return drafts.get(session, draft).name

    save(any_ground, draft, drawn("休假", english), read=1)
    assert called() == Words("休假", "Days off")
    save(any_ground, draft, drawn("年休假"), read=2)
    assert called() == Words("年休假", "年休假")
    for read, text in enumerate((drawn(""), drawn("很" * 201), "<none/>"), 3):  # what is no name leaves it
        save(any_ground, draft, text, read=read)
        assert called() == Words("年休假", "年休假")
    with pytest.raises(Outdated):
        save(any_ground, draft, drawn("旁人的"), read=1)
    assert called() == Words("年休假", "年休假")
    with any_ground.session() as session:
        earlier = next(one for one in drafts.states(session, draft) if one.revision == 2)
        by = any_ground.acting(STARTER)
        done = drafts.back_to(session, draft, earlier.id, window="a", by=by, now=any_ground.now)
    assert called() == done.name == Words("休假", "Days off")


def test_a_file_is_added_and_taken_out_again(ground: World) -> None:
    draft = begin(ground)
    with ground.session() as session:
        by = ground.acting(STARTER)
        more = {"forms/office/leave.json": b"{}"}
        drafts.save(session, draft, more, read=1, window="a", by=by, now=ground.now)
        assert set(drafts.files(session, draft)) == {FILE, "forms/office/leave.json"}
        gone: dict[str, bytes | None] = {"forms/office/leave.json": None}
        drafts.save(session, draft, gone, read=2, window="a", by=by, now=ground.now)
        assert set(drafts.files(session, draft)) == {FILE}


def test_an_older_window_overwrites_nothing_and_loses_nothing(any_ground: World) -> None:
    draft = begin(any_ground)
    save(any_ground, draft, "<two/>", read=1)
    with pytest.raises(Outdated) as refused:
        save(any_ground, draft, "<mine/>", read=1)
    assert refused.value.revision == 2
    assert read(any_ground, draft) == {FILE: b"<two/>"}
    with any_ground.session() as session:
        aside = next(one for one in drafts.states(session, draft) if one.aside)
        assert aside.id == refused.value.aside
        drafts.back_to(
            session, draft, aside.id, window="a", by=any_ground.acting(STARTER), now=any_ground.now
        )
    assert read(any_ground, draft) == {FILE: b"<mine/>"}


def test_who_does_not_edit_cannot_save_and_loses_nothing(any_ground: World) -> None:
    draft = begin(any_ground)
    with any_ground.session() as session:
        editing.beat(session, draft, "a", any_ground.acting(STARTER), any_ground.now)
    with pytest.raises(NotEditing) as refused:
        save(any_ground, draft, "<his/>", read=1, window="b", who=CITY)
    assert refused.value.by == STARTER
    assert read(any_ground, draft) == {FILE: b"<one/>"}
    with any_ground.session() as session:
        kept = [one for one in drafts.states(session, draft) if one.aside]
        assert [(one.by, one.id) for one in kept] == [(CITY, refused.value.aside)]
        with pytest.raises(NotEditing):
            drafts.back_to(
                session, draft, kept[0].id, window="b", by=any_ground.acting(CITY), now=any_ground.now
            )


def test_a_process_has_one_open_draft(any_ground: World) -> None:
    draft = begin(any_ground)
    with pytest.raises(DrawnAlready) as refused:
        begin(any_ground)
    assert refused.value.draft == draft
    with any_ground.session() as session:
        drafts.close(session, draft, any_ground.acting(STARTER), any_ground.now)
        with pytest.raises(Unknown):
            drafts.get(session, draft)
    assert begin(any_ground) != draft


def test_a_published_process_is_opened_with_the_files_it_has(ground: World) -> None:
    with ground.session() as session:
        draft = drafts.reopen(session, ground.process, ground.acting(STARTER), ground.now)
        facts = drafts.get(session, draft)
        assert (facts.process, facts.base, facts.revision) == (ground.process, 1, 1)
        assert any(name.endswith(".bpmn") for name in drafts.files(session, draft))
        with pytest.raises(Unknown):
            drafts.reopen(session, "office_nothing", ground.acting(STARTER), ground.now)
        with pytest.raises(Rejected):
            drafts.begin(session, ground.process, NAME, {}, ground.acting(STARTER), ground.now)


@pytest.mark.parametrize(
    "key", ["", "leave", "Office_leave", "office-leave", "office_请假", "office_" + "x" * 60, "1_a"]
)
def test_a_key_that_cannot_be_is_refused_in_words(ground: World, key: str) -> None:
    with pytest.raises(Rejected) as refused:
        begin(ground, key)
    assert refused.value.field == "process"


@pytest.mark.parametrize(
    "name",
    [
        "../x.bpmn",
        "/etc/x.bpmn",
        "a/../x.bpmn",
        "x.py",
        "x.bpmn\n",
        "a\\b.bpmn",
        ".bpmn.exe",
        "x" * 300 + ".bpmn",
    ],
)
def test_a_file_that_cannot_be_is_refused_and_nothing_is_kept(ground: World, name: str) -> None:
    draft = begin(ground)
    with ground.session() as session:
        with pytest.raises(Rejected):
            drafts.save(
                session, draft, {name: b"<a/>"}, read=1, window="a", by=ground.acting(STARTER), now=ground.now
            )
        huge = {FILE: b"x" * (contents.LARGEST_FILE + 1)}
        with pytest.raises(Rejected):
            drafts.save(session, draft, huge, read=1, window="a", by=ground.acting(STARTER), now=ground.now)
        assert session.scalar(select(func.count()).select_from(DraftState)) == 1
        assert session.scalar(select(func.count()).select_from(Content)) == 1


def test_who_is_not_heard_of_for_a_minute_no_longer_edits(any_ground: World) -> None:
    draft = begin(any_ground)
    one, other = any_ground.acting(STARTER), any_ground.acting(CITY)
    with any_ground.session() as session:
        assert editing.beat(session, draft, "a", one, any_ground.now).mine
        seen = editing.beat(session, draft, "b", other, any_ground.now + timedelta(seconds=30))
        assert (seen.mine, seen.takes, seen.editor) == (False, False, STARTER)
        assert editing.beat(session, draft, "b", other, any_ground.now + timedelta(seconds=61)).mine
        assert not editing.beat(session, draft, "a", one, any_ground.now + timedelta(seconds=62)).mine


def test_a_draft_is_handed_over_when_it_is_asked_for(any_ground: World) -> None:
    draft = begin(any_ground)
    one, other = any_ground.acting(STARTER), any_ground.acting(CITY)
    at = any_ground.now
    with any_ground.session() as session:
        editing.beat(session, draft, "a", one, at)
        editing.ask(session, draft, "b", other, at)
        assert editing.beat(session, draft, "a", one, at).asking == CITY
        assert not editing.take(session, draft, "b", other, at + timedelta(seconds=30)).mine
        assert editing.hand_over(session, draft, "a", one, at, agrees=False).mine
        assert not editing.take(session, draft, "b", other, at + timedelta(seconds=59)).mine
        editing.ask(session, draft, "b", other, at)
        assert not editing.hand_over(session, draft, "a", one, at, agrees=True).mine
        assert editing.look(session, draft, "b", other, at).mine


def test_an_unanswered_question_lets_one_take_over(any_ground: World) -> None:
    draft = begin(any_ground)
    one, other = any_ground.acting(STARTER), any_ground.acting(CITY)
    with any_ground.session() as session:
        at = any_ground.now
        editing.beat(session, draft, "a", one, at)
        editing.ask(session, draft, "b", other, at)
        for second in range(10, 61, 10):  # whoever edits is there, and says nothing
            editing.beat(session, draft, "a", one, at + timedelta(seconds=second))
        assert editing.take(session, draft, "b", other, at + timedelta(seconds=60)).mine


def test_ones_own_other_window_takes_over_at_once(ground: World) -> None:
    draft = begin(ground)
    one = ground.acting(STARTER)
    with ground.session() as session:
        editing.beat(session, draft, "a", one, ground.now)
        assert editing.look(session, draft, "b", one, ground.now).takes
        assert editing.take(session, draft, "b", one, ground.now).mine
        editing.leave(session, draft, "b")
        assert editing.beat(session, draft, "c", ground.acting(CITY), ground.now).mine


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_whatever_windows_do_every_text_that_was_sent_is_kept(
    ground_of_all: World, data: st.DataObject
) -> None:
    """Windows save from whatever revision they have read, in any order: the draft holds each text sent."""
    key = f"office_run{data.draw(st.integers(0, 10**9))}"
    with ground_of_all.session() as session:
        if (before := drafts.of_process(session, key)) is not None:
            drafts.close(session, before.id, ground_of_all.acting(STARTER), ground_of_all.now)
        draft = drafts.begin(
            session, key, NAME, {FILE: b"0"}, ground_of_all.acting(STARTER), ground_of_all.now
        )
    sent, last = {b"0"}, 1
    for number in range(data.draw(st.integers(1, 8))):
        window = data.draw(st.sampled_from("ab"))
        base = data.draw(st.integers(0, last + 1))
        text = f"{window}{number}"
        sent.add(text.encode())
        with suppress(Outdated, NotEditing):
            last = save(ground_of_all, draft, text, read=base, window=window)
    with ground_of_all.session() as session:
        kept = {drafts.files(session, draft, one.revision)[FILE] for one in drafts.states(session, draft)}
        assert drafts.get(session, draft).revision == last
    assert kept == sent


@pytest.fixture(name="ground_of_all", scope="module")
def _ground_of_all(
    shared_press: documents.Press, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with settled(tmp_path_factory.mktemp("all"), shared_press) as world:
        yield world
