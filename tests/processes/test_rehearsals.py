"""The tests that lie beside the diagrams of the repository are played, each in the world of its system."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from app import planting
from app.platform import documents
from app.platform.design import rehearsal_tests, ways
from app.platform.design.rehearsal_tests import Judged
from app.platform.runtime.bundles import bundles
from tests.empty_world import ROOT
from tests.platform.jobs.databases import fresh, opened

FILES = sorted((ROOT / "processes").rglob("*.rehearsals"))
BUNDLES = bundles(planting.programs())
UNREACHED = {
    "permits_permission_application": {
        "profile_filed_to_ready"
    },  # the profile was filed with another application
    "permits_declaration_review": {
        "extended_to_remind_again",
        "remind_again_to_to_remind",
    },  # the city puts it off
}
"""The flows that no test of a process takes, by process."""


def judged(file: Path, folder: Path, press: documents.Press, *, arranged: bool = True) -> Judged:
    """Play a file of tests in a world of its own, in which there is what they need, or not."""
    system, process = file.parent.name, rehearsal_tests.read(file.read_bytes())[0]
    with fresh("sqlite", folder) as address:
        engine = opened(address)
        world: Any = importlib.import_module(f"tests.systems.{system}.world").build(engine, folder, press)
        name = f"tests.systems.{system}.rehearsing"
        if arranged and importlib.util.find_spec(name):
            importlib.import_module(name).arrange(world)
        with world.session() as session:
            found = rehearsal_tests.judge(session, process, BUNDLES[process], world.now)
        engine.dispose()
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_saved_beside_a_diagram_holds_and_takes_every_way(
    file: Path, tmp_path: Path, shared_press: documents.Press
) -> None:
    found = judged(file, tmp_path, shared_press)
    process, tests = rehearsal_tests.read(file.read_bytes())
    assert [(one.test, one.move, one.words.zh) for one in found.failures] == []
    assert [one.name for one in found.passed_over] == []
    assert found.tests == len(tests) > 0
    covered = ways.coverage(found.ways, ways.flows_of(BUNDLES[process]))
    assert {flow.id for flow in covered.left} == UNREACHED.get(process, set())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_where_what_they_need_is_not_there_nothing_stands_against_publication(
    file: Path, tmp_path: Path, shared_press: documents.Press
) -> None:
    found = judged(file, tmp_path, shared_press, arranged=False)
    _, tests = rehearsal_tests.read(file.read_bytes())
    assert found.failures == ()
    assert len(found.passed_over) + len(found.ways) == len(tests)
