"""Publication: frozen versions, what is unchanged stays, and what must not run is refused in words."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import pytest
from sqlalchemy import func, select

from app.platform.data import transaction
from app.platform.runtime import doctor, errors, tasks, versions
from app.platform.runtime.entities import Process, Version, VersionFile
from tests.platform.engine.drawing import HEAD, TAIL, Drawing
from tests.platform.runtime.chains import HANSHAN, desk, files
from tests.platform.runtime.steps import CITY, STARTER, at_review, begin, decide, instance_row
from tests.platform.runtime.test_races import at_once
from tests.world import APPLICATION, World

FORM = "forms/fairs/application.json"


def publish(world: World, given: Mapping[str, bytes]) -> list[versions.Published]:
    with world.session() as session:
        return versions.publish(session, given, None, world.now)


def rows(world: World) -> int:
    with world.session() as session:
        return session.scalar(select(func.count()).select_from(Version)) or 0


def note_form(label: str) -> bytes:
    """A small form of one field."""
    fields = [{"type": "text", "name": "note", "label": label, "label.en": "Note"}]
    form = {
        "id": "tests/note",
        "title": "备注",
        "title.en": "Note",
        "steps": {"*": "read", "prepare": "edit"},
        "fields": fields,
    }
    return json.dumps(form, ensure_ascii=False).encode()


def noted() -> Drawing:
    return (
        Drawing("tests_noted")
        .start()
        .task("prepare", form="tests/note", outcomes="send=送审|Send")
        .end()
        .line("begin", "prepare", "done")
    )


def test_an_unchanged_bundle_makes_no_new_version(ground: World) -> None:
    given = files(desk(), **{FORM: APPLICATION})
    before = rows(ground)
    (again,) = publish(ground, given)
    assert (again.process, again.number, again.is_new) == ("tests_desk", 1, False)
    assert rows(ground) == before


def test_a_file_the_diagram_does_not_name_changes_nothing(ground: World) -> None:
    given = files(desk(), **{FORM: APPLICATION, "forms/tests/note.json": note_form("备注")})
    assert not publish(ground, given)[0].is_new


def test_a_changed_form_is_a_new_version_and_running_instances_stay_on_theirs(ground: World) -> None:
    """Diagram and forms are frozen together."""
    first = publish(ground, files(noted(), **{"forms/tests/note.json": note_form("备注")}))[0]
    old = begin(ground, "tests_noted", data={})
    second = publish(ground, files(noted(), **{"forms/tests/note.json": note_form("说明")}))[0]
    new = begin(ground, "tests_noted", data={})
    assert (first.number, second.number, second.is_new) == (1, 2, True)
    assert [instance_row(ground, i).version_id for i in (old, new)] == [first.version, second.version]
    versions.forget()
    labels = []
    for instance in (old, new):
        with ground.session() as session:
            shown = tasks.get(
                session, ground.open_task(instance, "prepare"), ground.acting(STARTER), ground.now
            )
        assert shown.form is not None
        labels.append(shown.form.form.fields["note"].label.zh)
    assert labels == ["备注", "说明"]
    back = publish(ground, files(noted(), **{"forms/tests/note.json": note_form("备注")}))[0]
    assert (back.number, back.is_new) == (3, True)


def test_a_new_diagram_leaves_running_instances_where_they_are(ground: World) -> None:
    instance, task = at_review(ground)
    direct = (
        Drawing("tests_desk", form="fairs/application")
        .start()
        .task("only", outcomes="go=办理|Go")
        .end()
        .line("begin", "only", "done")
    )
    assert publish(ground, files(direct, **{FORM: APPLICATION}))[0].number == 2
    decide(ground, task, "return", CITY, "改")
    assert ground.open_elements(instance) == ["prepare"]
    assert ground.open_elements(begin(ground)) == ["only"]
    with ground.session() as session:
        assert doctor.examine(session, ground.now) == []


def test_one_bundle_published_by_many_at_once_is_one_version(any_ground: World) -> None:
    """F7: first publication and a changed one; nobody is refused."""
    for label in ("备注", "说明"):
        given = files(noted(), **{"forms/tests/note.json": note_form(label)})
        found = at_once(lambda _, given=given: publish(any_ground, given)[0], 4)  # type: ignore[misc]
        assert sorted(each.is_new for each in found) == [False, False, False, True], found
        assert len({each.version for each in found}) == 1
    with any_ground.session() as session:
        numbers = session.scalars(select(Version.number).where(Version.process == "tests_noted"))
        assert sorted(numbers) == [1, 2]


def test_all_diagrams_of_one_publication_or_none(ground: World) -> None:
    bad = Drawing("tests_bad").start().task("lost", form="tests/missing").end()
    bad.line("begin", "lost", "done")
    before = rows(ground)
    with pytest.raises(errors.Unpublishable):
        publish(ground, files(noted(), bad, **{"forms/tests/note.json": note_form("备注")}))
    assert rows(ground) == before
    with ground.session() as session:
        assert session.get(Process, "tests_noted") is None


def gateway(condition: str) -> bytes:
    drawing = (
        Drawing("tests_bad").start().task("ask", outcomes="yes=是|Yes; no=否|No").xor("decided", default="on")
    )
    drawing.end().line("begin", "ask", "decided").flow("decided", "ask", condition, id="back")
    return drawing.flow("decided", "done", id="on").text().encode()


def circle() -> bytes:
    """Round and round without a person."""
    drawing = Drawing("tests_bad").start().xor("enter").service("work", "tests/ask", "now")
    drawing.xor("again", default="on").end().line("begin", "enter", "work", "again")
    return drawing.flow("again", "enter", "1 == 1", id="back").flow("again", "done", id="on").text().encode()


def one(**given: str) -> bytes:
    """A chain of one task."""
    return (
        Drawing("tests_bad").start().task("only", **given).end().line("begin", "only", "done").text().encode()
    )


def service(action: str) -> bytes:
    return (
        Drawing("tests_bad")
        .start()
        .service("only", action)
        .end()
        .line("begin", "only", "done")
        .text()
        .encode()
    )


def role(name: str) -> bytes:
    drawing = Drawing("tests_bad").lane("l", "only", role=name).start().task("only", assignee="").end()
    return drawing.line("begin", "only", "done").text().encode()


SIMPLE = Drawing("tests_bad").start().task("only").end().line("begin", "only", "done").text()
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    + SIMPLE.split("?>", 1)[1].replace("任务only", "&b;")
)
SCRIPT = Drawing("tests_bad").start().script("run", "__import__('os').system('id')").end()
HOSTILE = {
    "cut off": SIMPLE[: len(SIMPLE) // 2].encode(),
    "no xml": b"\x00\x01\x02",
    "empty": b"",
    "html": b"<html><body>hello</body></html>",
    "doctype": SIMPLE.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1).encode(),
    "utf-16 doctype": SIMPLE.replace('"UTF-8"?>', '"UTF-16"?><!DOCTYPE x>', 1).encode("utf-16"),
    "entity bomb": BOMB.encode(),
    "script with Python": SCRIPT.line("begin", "run", "done").text().encode(),
    "dunder import": gateway("__import__('os').system('id')"),
    "dunder chain": gateway("outcome.__class__.__mro__"),
    "1 MB of nesting": gateway("(" * 500_000 + "1" + ")" * 500_000),
    "deep nesting": gateway("(" * 3_000 + "1" + ")" * 3_000),
    "a power": gateway("9**9**9 > 1"),
    "unknown form": one(form="tests/gone"),
    "unknown role": role("fairs.city_admn"),
    "unknown hook": service("fairs/garnt"),
    "no process": f"{HEAD}{TAIL}".encode(),
    "an endless circle": circle(),
}
WHY = {
    "dunder import": "back",
    "dunder chain": "back",
    "deep nesting": "back",
    "a power": "back",
    "script with Python": "run",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_must_not_run_is_refused_naming_file_and_reason(ground: World, name: str) -> None:
    """T1-T4: each with the message seen (pytest -s prints them)."""
    before, begun = rows(ground), time.perf_counter()
    with pytest.raises(errors.Unpublishable) as refused:
        publish(ground, {"processes/tests/bad.bpmn": HOSTILE[name]})
    assert time.perf_counter() - begun < 2
    assert rows(ground) == before
    assert refused.value.problems
    assert {getattr(p, "element", None) for p in refused.value.problems} >= (
        {WHY[name]} if name in WHY else set()
    )
    for problem in refused.value.problems:
        zh, en = problem.message("zh"), problem.message("en")  # type: ignore[attr-defined]
        assert zh
        assert zh != en
        assert len(zh) < 500
    print(f"\n{name}: {zh} | {en}")


def test_a_form_that_is_none_is_refused_with_its_path(ground: World) -> None:
    broken = note_form("备注").replace(b'"text"', b'"txet"')
    for content in (broken, b"{", b"[]", b"null"):
        with pytest.raises(errors.Unpublishable) as refused:
            publish(ground, files(noted(), **{"forms/tests/note.json": content}))
        assert all(problem.message("zh") for problem in refused.value.problems)  # type: ignore[attr-defined]


def test_hostile_text_written_straight_into_the_database_is_refused_at_load(ground: World) -> None:
    """T1: as after a stolen backup."""
    begin(ground)
    with ground.session() as session, transaction(session):
        for file in session.scalars(select(VersionFile).where(VersionFile.name.like("%desk.bpmn"))):
            file.content = HOSTILE["script with Python"].replace(b"tests_bad", b"tests_desk")
    versions.forget()
    with ground.session() as session, pytest.raises(errors.Unpublishable):
        versions.current(session, "tests_desk")
    versions.forget()


def test_a_starter_place_and_variables_are_frozen_with_the_instance(ground: World) -> None:
    instance = begin(ground, data=HANSHAN)
    assert instance_row(ground, instance).variables == HANSHAN


def test_whoever_writes_forms_reads_in_which_file_each_fault_is(ground: World) -> None:
    broken = note_form("备注").replace(b'"label"', b'"lable"')
    given = files(noted()) | {"forms/tests/note.json": broken}
    with pytest.raises(errors.Unpublishable) as refused:
        publish(ground, given)
    told = [problem.message("en") for problem in refused.value.problems]
    assert any(
        one.startswith("forms/tests/note.json · $.fields[0]: Unknown property “lable”") for one in told
    )
