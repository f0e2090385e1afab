"""What a draft begins with: an empty canvas that needs no more than a way out, and templates under another key."""

from __future__ import annotations

import pytest

from app.platform.design import checking, drafts, editing, empty
from app.platform.engine.outline import name_of
from app.platform.registry import Words
from app.platform.runtime.errors import Unknown
from tests.platform.runtime.steps import STARTER
from tests.world import World


def test_an_empty_canvas_wants_nothing_but_a_way_out(ground: World) -> None:
    with ground.session() as session:
        files = empty.bundle(session, "office_leave", Words("请假 <审批>", "Leave"), None)
        found = checking.findings(session, "office_leave", files)
    assert {one.code for one in found if one.level == "error"} == {"no_way_out", "no_end"}


def test_a_template_comes_under_the_new_key(ground: World) -> None:
    with ground.session() as session:
        files = empty.bundle(session, "office_copy", Words("副本", ""), ground.process)
        assert "office_copy.bpmn" in files
        assert ground.process.encode() not in files["office_copy.bpmn"]
        errors = [one for one in checking.findings(session, "office_copy", files) if one.level == "error"]
        assert errors == []
        with pytest.raises(Unknown):
            empty.bundle(session, "office_copy", Words("副本", ""), "office_nothing")


def test_a_template_is_called_as_one_calls_the_copy(ground: World) -> None:
    with ground.session() as session:
        for name in (Words("我的“副本”", "My copy"), Words("副本", "")):
            content = empty.bundle(session, "office_copy", name, ground.process)["office_copy.bpmn"]
            assert name_of(content, "office_copy") == name


def test_a_draft_is_edited_as_long_as_its_window_is_heard(ground: World) -> None:
    files = {"office_heard.bpmn": b"<a/>"}
    with ground.session() as session:
        by = ground.acting(STARTER)
        draft = drafts.begin(session, "office_heard", Words("在编", ""), files, by, ground.now)
        assert editing.edited(session, ground.now) == frozenset()
        editing.beat(session, draft, "w", by, ground.now)
        assert editing.edited(session, ground.now) == {draft}
        assert editing.edited(session, ground.now + editing.UNHEARD) == frozenset()
        editing.leave(session, draft, "w")
        assert editing.edited(session, ground.now) == frozenset()
