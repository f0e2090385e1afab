"""What a person publishes is tried out first in a child, under limits."""

from __future__ import annotations

import time

import pytest

from app.platform.engine import Bundle, trial
from app.platform.runtime import errors, trials, versions
from tests.platform.engine.drawing import HOUSE, Drawing, review
from tests.platform.runtime.chains import desk, files
from tests.world import APPLICATION, World

FORM = {"forms/fairs/application.json": APPLICATION}


def test_what_a_child_is_asked_it_reads_as_it_was_meant() -> None:
    bundle = review().bundle()
    read, catalogue = trial._read(trial.request(bundle, HOUSE))
    assert (read.process, dict(read.files)) == (bundle.process, dict(bundle.files))
    assert catalogue.actions.keys() == HOUSE.actions.keys()
    assert catalogue.actions["permits/quota"].returns == {"quota_left": int}
    assert (catalogue.roles, catalogue.forms) == (dict(HOUSE.roles), dict(HOUSE.forms))


def test_a_sound_chain_passes(ground: World) -> None:
    began = time.monotonic()
    assert set(versions.check(files(desk("tests_tried")) | FORM, trial=True)) == {"tests_tried"}
    assert time.monotonic() - began < 10


def test_a_first_step_that_does_not_end_is_refused() -> None:
    drawn = Drawing("permits_long").start().end()
    names = [f"s{number}" for number in range(240)]
    for name in names:
        drawn.script(name, "a = 1")
    drawn.line("begin", *names, "done")
    trials.try_out("permits_long", drawn.bundle().files, HOUSE)
    hungry = Bundle("permits_long", drawn.bundle().files)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "PATIENCE", 0.01)
        with pytest.raises(errors.Unpublishable) as caught:
            trials.try_out(hungry.process, hungry.files, HOUSE)
    assert [problem.code for problem in caught.value.problems] == ["trial"]


def test_a_child_that_dies_refuses_the_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "request", lambda *_given: b"{")
    with pytest.raises(errors.Unpublishable) as caught:
        trials.try_out("permits_test", review().bundle().files, HOUSE)
    assert caught.value.problems[0].code == "trial"  # type: ignore[attr-defined]
