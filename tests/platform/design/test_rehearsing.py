"""Rehearsals: what is played is real, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from app.platform.data import transaction
from app.platform.design import publishing, rehearsal_tests, scenes
from app.platform.design.cast import ANYBODY
from app.platform.design.errors import NotReady
from app.platform.design.moves import Move, Who
from app.platform.design.rehearsing import Run, rehearsal
from app.platform.identity import posts
from app.platform.registry import Call, Refused, house
from app.platform.runtime import versions
from app.platform.runtime.bundles import bundles
from tests.platform.design.rehearsals import CITY, FILES, FIRST, ORGANISER, approved, lying, stored, to_review
from tests.platform.jobs.databases import KINDS
from tests.world import World

on_both = pytest.mark.parametrize("world", KINDS, indirect=True)


def played(world: World, moves: list[Move], *, alone: bool = False) -> scenes.Scene:
    """What is to be seen after `moves`, all of which can be made."""
    with (
        world.session() as session,
        rehearsal(
            session, world.process, FILES, moves, by=world.acting("市级"), base=world.now, alone=alone
        ) as run,
    ):
        assert run.halted is None, run.halted.words.zh
        return scenes.look(run)


def refused(world: World, moves: list[Move]) -> Run:
    """The run whose last move cannot be made."""
    by = world.acting("市级")
    with (
        world.session() as session,
        rehearsal(session, world.process, FILES, moves, by=by, base=world.now) as run,
    ):
        assert run.halted is not None
        assert run.played == moves[:-1]
        return run


@on_both
def test_a_rehearsal_walks_the_chain_to_its_end(world: World) -> None:
    scene = played(world, approved())
    assert (scene.state, scene.ended) == ("ended", "approved")
    assert scene.stage is not None
    assert scene.stage.zh == "已通过"
    assert [line.row.outcome for line in scene.lines if line.row.kind == "decided"] == [
        "save",
        "submit",
        "upload",
        "approve",
    ]


@on_both
def test_no_row_and_no_file_differs_after_it(world: World, tmp_path: Path) -> None:
    """Not a job, a notice, a serial number or a line of the record."""
    before, files = stored(world), lying(tmp_path / "files")
    played(world, approved())
    assert stored(world) == before
    assert lying(tmp_path / "files") == files


def test_no_row_differs_after_one_that_was_refused(world: World) -> None:
    before = stored(world)
    refused(world, [*to_review(), Move("do", element="city_review", outcome="reject")])
    assert stored(world) == before


@pytest.mark.parametrize(
    ("language", "anyone", "reviewer"),
    [("zh", "演练·任何人", "演练·邯郸市市级"), ("en", "Anyone (rehearsal)", "邯郸市 ")],
)
def test_who_stands_in_is_named_in_the_language_of_who_looks(
    world: World, language: str, anyone: str, reviewer: str
) -> None:
    by = world.acting("市级")
    with (
        world.session() as session,
        rehearsal(session, world.process, FILES, [], by=by, base=world.now, language=language) as run,
    ):
        assert run.cast.acting(Who(ANYBODY)).name == anyone
        assert run.cast.acting(Who(ANYBODY, number=2)).name == f"{anyone}2"
        assert run.cast.acting(CITY).name.startswith(reviewer)


def test_no_version_of_it_is_known_to_anybody_else(world: World) -> None:
    before = set(versions._cache)
    played(world, to_review())
    assert set(versions._cache) == before
    with world.session() as session:
        assert versions.ASIDE not in session.info


@on_both
def test_a_process_killed_in_the_middle_leaves_nothing(world: World) -> None:
    before = stored(world)
    command = [
        sys.executable,
        "-m",
        "tests.platform.design.dying",
        str(world.engine.url.render_as_string(False)),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "played"
        child.send_signal(signal.SIGKILL)
    assert stored(world) == before


def test_an_opinion_that_is_missing_is_complained_of_as_in_reality(world: World) -> None:
    run = refused(world, [*to_review(), Move("do", element="city_review", outcome="reject")])
    assert run.halted is not None
    assert (run.halted.name, run.halted.words.zh) == ("comment", "选择“不通过”时，请填写【审核意见】")


def test_a_form_that_is_not_complete_is_complained_of_field_by_field(world: World) -> None:
    start = Move("start", ORGANISER, data={"project": FIRST, "district": FIRST})
    run = refused(
        world, [start, Move("do", element="file_profile", outcome="save", data={"full_name": [""]})]
    )
    assert run.halted is not None
    assert run.halted.entry is not None
    assert "full_name" in {one.field for one in run.halted.entry.complaints}


def test_a_system_s_own_rule_says_no_as_in_reality(world: World) -> None:
    """P-21: a scan of a print older than the data."""
    moves = [
        *to_review(),
        Move("do", element="city_review", outcome="reject", comment="请核对"),
        Move(
            "do",
            element="correct",
            outcome="submit",
            data={"position": ["校长"], "scan": {"sample": ""}},
        ),
    ]
    run = refused(world, moves)
    assert run.halted is not None
    assert "职务" in run.halted.words.zh


def test_after_a_move_that_cannot_be_made_all_is_as_it_was(world: World) -> None:
    by = world.acting("市级")
    with (
        world.session() as session,
        rehearsal(session, world.process, FILES, to_review(), by=by, base=world.now) as run,
    ):
        before = scenes.look(run)
        assert not run.play(Move("do", element="city_review", outcome="reject"))
        assert scenes.look(run) == before


def test_the_open_task_names_those_who_would_get_it_today(world: World) -> None:
    (task,) = played(world, to_review()).tasks
    assert [one.name for one in task.receivers] == ["市级", "市级二"]
    assert task.asked.zh == "邯郸市市级管理员"
    assert (str(task.who), task.nobody) == ("fairs.city_admin@130400", "")


def test_where_nobody_holds_the_post_it_says_so_and_what_happens_then(world: World) -> None:
    with world.session() as session:
        for post in [*world.acting("市级").posts, *world.acting("市级二").posts]:
            posts.end(session, post.id, world.now, None)
    scene = played(world, to_review())
    (task,) = scene.tasks
    assert (task.receivers, task.nobody) == ((), "incident")
    assert [kind for kind, _, _ in scene.incidents] == ["nobody"]
    scene = played(world, [*to_review(), Move("do", CITY, element="city_review", outcome="approve")])
    assert scene.ended == "approved"


def test_one_acts_as_a_role_at_a_place_with_exactly_that_post(world: World) -> None:
    elsewhere = Who("fairs.city_admin", "130500")
    run = refused(world, [*to_review(), Move("do", elsewhere, element="city_review", outcome="approve")])
    assert run.halted is not None


def test_what_would_be_printed_and_who_would_be_told_is_shown(world: World) -> None:
    scene = played(world, approved())
    ((element, template, number),) = scene.printed
    assert (element, template) == ("print_form", "fairs/application_form")
    assert number
    assert any(notice.title.zh.startswith("办结") for notice in scene.notices)


def test_time_is_skipped_by_working_days_and_to_the_next_deadline(world: World) -> None:
    scene = played(world, to_review())
    assert scene.next_due is not None
    assert scene.tasks[0].days_left == 3
    later = played(world, [*to_review(), Move("skip", period="P2WD")])
    assert later.clock - scene.clock > timedelta(days=1)
    due = played(world, [*to_review(), Move("skip")])
    assert due.clock >= scene.next_due


def test_the_way_it_took_is_told_by_elements_and_flows(world: World) -> None:
    way = played(world, to_review()).way
    assert way.elements["file_profile"] == 1
    assert "profile_filed_to_file_profile" in way.flows
    assert "profile_filed_to_submit" not in way.flows


def test_a_verb_of_the_systems_own_is_made_or_refused_in_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done on a system's own page: with what it needs, by whom the move names, on the rehearsed instance."""
    calls: list[Call] = []

    def stamp(call: Call, colour: str) -> None:
        calls.append(call)
        if colour != "red":
            raise Refused("只有红色", "Red only")

    monkeypatch.setitem(house.verbs, "fairs/stamp", stamp)
    start = to_review()[0]
    scene = played(world, [start, Move("verb", CITY, verb="fairs/stamp", variables={"colour": "red"})])
    assert [task.element for task in scene.tasks] == ["file_profile"]
    assert calls[0].by.posts[0].role == CITY.role
    assert calls[0].instance
    for verb, said, words in (
        ("fairs/stamp", {"colour": "blue"}, "只有红色"),
        ("fairs/stamp", {}, "“fairs/stamp”需要的内容不全"),
        ("fairs/nothing", {}, "没有“fairs/nothing”这项操作"),
    ):
        run = refused(world, [start, Move("verb", CITY, verb=verb, variables=said)])
        assert run.halted is not None
        assert run.halted.words.zh == words


def test_an_unknown_place_is_said_at_the_move_that_names_it(world: World) -> None:
    run = refused(world, [to_review()[0], Move("do", Who("fairs.city_admin", "999999"), "file_profile")])
    assert run.halted is not None
    assert run.halted.words.zh


def test_a_rehearsal_cannot_begin_inside_a_verb(world: World) -> None:
    by = world.acting("市级")
    with world.session() as session, transaction(session), pytest.raises(RuntimeError):
        rehearsal(session, world.process, FILES, [], by=by, base=world.now).__enter__()


def test_a_move_takes_little_time(world: World) -> None:
    played(world, to_review())
    began = time.perf_counter()
    played(world, to_review())
    assert time.perf_counter() - began < 1.5


def test_tests_beside_a_diagram_belong_to_its_bundle_and_are_no_form(world: World) -> None:
    tests = b'{"process": "fairs_application", "tests": []}'
    other = b'{"process": "fairs_other", "tests": []}'
    named = {
        "processes/fairs/application.rehearsals": tests,
        "other.rehearsals": other,
        "bad.rehearsals": b"[",
    }
    (bundle,) = bundles({**FILES, **named}).values()
    assert {name for name in bundle if name.endswith(".rehearsals")} == {
        "processes/fairs/application.rehearsals"
    }
    assert set(versions.check({**FILES, **named})) == {world.process}


def test_a_test_that_does_not_hold_says_why(world: World) -> None:
    tests = rehearsal_tests.written(
        world.process,
        [
            rehearsal_tests.Test("到市级", tuple(to_review()), {"open": ["city_review"], "stage": "已通过"}),
            rehearsal_tests.Test("无权", (Move("start", CITY),), {}),
            rehearsal_tests.Test("缺少条件", (Move("start", CITY),), {}, needs="别的东西"),
        ],
    )
    files = {**FILES, "application.rehearsals": tests}
    before = stored(world)
    with world.session() as session:
        judged = rehearsal_tests.judge(session, world.process, files, world.now)
    assert [(one.test, one.move) for one in judged.failures] == [("到市级", 0), ("无权", 1)]
    assert "已通过" in judged.failures[0].words.zh
    assert [one.name for one in judged.passed_over] == ["缺少条件"]
    assert stored(world) == before


def test_nothing_is_published_whose_tests_do_not_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "before_publishing", [rehearsal_tests.before_publication])
    wrong = rehearsal_tests.Test("到市级", tuple(to_review()), {"stage": "已通过"})
    files = {**FILES, "application.rehearsals": rehearsal_tests.written(world.process, [wrong])}
    with world.session() as session, pytest.raises(NotReady) as refused:
        publishing.look(session, world.process, files, world.now)
    assert [one.zh.partition("：")[0] for one in refused.value.failures] == ["测试“到市级”不符"]
