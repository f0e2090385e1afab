"""Rehearsals saved as tests beside their process: read, played with a cast of their own, and judged.

The file `processes/<system>/<name>.rehearsals` lies in the bundle like its diagram and is published with it; its
format is docs/rehearsals.md. A test does not depend on who holds which post today: only its own cast does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.data import transaction
from app.platform.design import contents, drafts, editing, moves, scenes, ways
from app.platform.design.entities import DraftState
from app.platform.design.errors import Rejected
from app.platform.design.expected import differs
from app.platform.design.moves import BadMove, Move, Who
from app.platform.design.rehearsing import Run, rehearsal
from app.platform.registry import Acting, Words
from app.platform.runtime.bundles import REHEARSALS
from app.platform.runtime.errors import Unknown, Unpublishable

MOST: Final = 100
LONGEST_NAME: Final = 100
HOUSE: Final = Acting("", "", "")
_EXPECTED: Final = frozenset({"stage", "open", "ended", "receivers", "variables"})


@dataclass(frozen=True, slots=True)
class Test:
    """A saved rehearsal: its moves, and what must hold after the last one.

    `needs` says in words what must be there beforehand (a project, a code): where it is not, the first move cannot be
    made, and the test is passed over instead of failing. `expect`: `stage` (Chinese), `open` elements, `ended` (the
    end event), `receivers` (element → who), `variables`.
    """

    name: str
    moves: tuple[Move, ...]
    expect: Mapping[str, Any] = field(default_factory=dict)
    needs: str = ""

    def written(self) -> dict[str, Any]:
        """The test as its file says it."""
        named = {"name": self.name, **({"needs": self.needs} if self.needs else {})}
        return {**named, "moves": [one.written() for one in self.moves], "expect": dict(self.expect)}


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that does not hold, and why; `move` is the number of the move it stopped at, 0 for none."""

    test: str
    words: Words
    move: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """All tests of a process, played: what failed, the ways they took, and those passed over for what they need."""

    tests: int
    failures: tuple[Failure, ...]
    ways: tuple[ways.Way, ...]
    passed_over: tuple[Test, ...] = ()


def failures(session: Session, process: str, files: Mapping[str, bytes], now: datetime) -> list[Failure]:
    """Play the tests of `process` that lie in `files`, and say which do not hold. Nothing of it is kept.

    Not inside a transaction. Files that cannot be published are no finding of the tests.
    """
    try:
        return list(judge(session, process, files, now).failures)
    except Unpublishable:
        return []


def judge(session: Session, process: str, files: Mapping[str, bytes], now: datetime) -> Judged:
    """The same, with the ways they take. Raises `Unpublishable`."""
    try:
        tests = tests_of(process, files)
    except BadMove as error:
        return Judged(0, (Failure(file_name(process, files), error.words),), ())
    found: list[Failure] = []
    walked: list[ways.Way] = []
    left: list[Test] = []
    flows = ways.flows_of(files)
    for test in tests:
        with rehearsal(session, process, files, test.moves, by=HOUSE, base=now, alone=True) as run:
            if test.needs and not run.played:
                left.append(test)
                continue
            found += _judged(test, run)
            walked.append(ways.way(run.walked, flows))
    return Judged(len(tests), tuple(found), tuple(walked), tuple(left))


def tests_of(process: str, files: Mapping[str, bytes]) -> tuple[Test, ...]:
    """The tests of a process among the files of its bundle. Raises `BadMove`."""
    return tuple(
        test
        for name, content in sorted(files.items())
        if name.endswith(REHEARSALS)
        for owner, tests in [read(content)]
        if owner == process
        for test in tests
    )


@lru_cache(maxsize=64)
def read(content: bytes) -> tuple[str, tuple[Test, ...]]:
    """The process a file of tests is of, and its tests. Raises `BadMove`."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadMove(Words("测试文件不是 JSON", "The file of tests is no JSON")) from error
    tests = said.get("tests") if isinstance(said, dict) else None
    if not isinstance(tests, list) or not isinstance(said.get("process"), str) or len(tests) > MOST:
        raise BadMove(Words("测试文件应写明流程和测试", "A file of tests names its process and its tests"))
    return said["process"], tuple(_test(one) for one in tests)


def _test(said: Any) -> Test:
    expect = said.get("expect") or {} if isinstance(said, dict) else {}
    if not isinstance(said, dict) or not said.get("name") or not isinstance(expect, dict):
        raise BadMove(Words("每个测试都要有名称", "Every test has a name"))
    if unknown := set(expect) - _EXPECTED:
        named = "、".join(sorted(unknown))[:60]
        raise BadMove(Words(f"看不懂预期结果：{named}", f"Unknown expectation: {named}"))
    return Test(
        str(said["name"])[:LONGEST_NAME], moves.read(said.get("moves")), expect, str(said.get("needs") or "")
    )


def _judged(test: Test, run: Run) -> list[Failure]:
    if run.halted is not None:
        return [Failure(test.name, run.halted.words, len(run.played) + 1)]
    scene, expect = scenes.look(run), test.expect
    found: dict[str, Any] = {
        "stage": scene.stage.zh if scene.stage else None,
        "open": sorted(task.element for task in scene.tasks if task.is_own),
        "ended": scene.ended,
        "receivers": receivers(run, scene),
        "variables": {name: scene.variables.get(name) for name in expect.get("variables") or ()},
    }
    wanted = dict(expect)
    if "open" in wanted:
        wanted["open"] = sorted(wanted["open"])
    if "receivers" in wanted:
        wanted["receivers"] = {name: sorted(who) for name, who in wanted["receivers"].items()}
    return [
        Failure(test.name, differs(run, name, wanted[name], found[name]))
        for name in sorted(wanted)
        if wanted[name] != found[name]
    ]


def receivers(run: Run, scene: scenes.Scene) -> dict[str, list[str]]:
    """Who gets each open task, as a test names them."""
    found: dict[str, set[str]] = {}
    for task in scene.tasks:
        if not task.is_own:
            continue
        named = {str(run.cast.names[one.person]) for one in task.receivers if one.person in run.cast.names}
        found.setdefault(task.element, set()).update(named or {str(task.who)})
    return {element: sorted(who) for element, who in found.items()}


def test_of(run: Run, name: str) -> Test:
    """What was played, so that it can be played anywhere: everybody goes by the post he has acted by."""
    offices: dict[tuple[str, str, str], list[str]] = {}
    kept = []
    for move, part in zip(run.played, run.acted, strict=True):
        office, who = part.office, Who()
        if office.role:
            same = offices.setdefault((office.role, office.place, office.subject), [])
            if part.person not in same:
                same.append(part.person)
            who = Who(office.role, office.place, office.subject, same.index(part.person) + 1)
        elif office.person:
            who = office
        kept.append(_with(move, who))
    scene = scenes.look(run)
    expect: dict[str, Any] = {"open": sorted(task.element for task in scene.tasks if task.is_own)}
    if scene.stage:
        expect["stage"] = scene.stage.zh
    if scene.ended:
        expect["ended"] = scene.ended
    return Test(name.strip()[:LONGEST_NAME], tuple(kept), expect)


def _with(move: Move, who: Who) -> Move:
    return replace(move, who=who)


def file_name(process: str, files: Iterable[str]) -> str:
    """Where the tests of a process lie: beside its diagram."""
    drawn = sorted(name for name in files if name.endswith(ways.DIAGRAMS))
    stem = process
    if len(drawn) == 1:
        stem = drawn[0].removesuffix(".bpmn20.xml").removesuffix(".bpmn")
    return stem + REHEARSALS


def written(process: str, tests: Sequence[Test]) -> bytes:
    """A file of tests."""
    said = {"process": process, "tests": [one.written() for one in tests]}
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def keep(session: Session, draft: str, test: Test, by: Acting, now: datetime) -> None:
    """Lay a test beside the diagram of an open draft, instead of one of the same name.

    No editor edits this file, so the state that counts takes it in without becoming another: whoever draws goes on
    undisturbed. Raises `Unknown`, `Rejected`.
    """
    if not test.name:
        raise Rejected(Words("请填写测试名称", "Name the test"), "name")

    def beside(before: Sequence[Test]) -> list[Test]:
        left = [one for one in before if one.name != test.name]
        if len(left) >= MOST:
            raise Rejected(Words(f"最多 {MOST} 个测试", f"At most {MOST} tests"), "name")
        return [*left, test]

    _change(session, draft, beside, now)


def drop(session: Session, draft: str, name: str, by: Acting, now: datetime) -> None:
    """Take a test away that does not fit the chain any more. Raises `Unknown`, also where there is no such test."""

    def without(before: Sequence[Test]) -> list[Test]:
        left = [one for one in before if one.name != name]
        if len(left) == len(before):
            raise Unknown(name)
        return left

    with transaction(session):
        _change(session, draft, without, now)
        audit.log(session, "design", "draft.test_dropped", by, now, {"test": name}, f"draft:{draft}")


def _change(
    session: Session, draft: str, change: Callable[[Sequence[Test]], list[Test]], now: datetime
) -> None:
    with transaction(session):
        row = editing.of(session, draft, lock=True)
        files = drafts.files(session, draft)
        try:
            left = change(tests_of(row.process, files))
        except BadMove as error:
            raise Rejected(error.words, "name") from error
        own = [name for name in files if name.endswith(REHEARSALS)]
        name = own[0] if own else file_name(row.process, files)
        hashes = contents.put(session, {name: written(row.process, left)}, now)
        where = (DraftState.draft_id == draft, DraftState.revision == row.revision)
        named = session.scalar(select(DraftState.files).where(*where))
        session.execute(update(DraftState).where(*where).values(files={**(named or {}), **hashes}))


def before_publication(
    session: Session, process: str, files: Mapping[str, bytes], now: datetime
) -> list[Words]:
    """What stands against publishing `files`: the tests that do not hold, each in a sentence."""
    return [
        Words(
            f"测试“{one.test}”不符" + (f"（第 {one.move} 步）" if one.move else "") + f"：{one.words.zh}",
            f"The test “{one.test}” fails"
            + (f" at move {one.move}" if one.move else "")
            + f": {one.words.en}",
        )
        for one in failures(session, process, files, now)
    ]
