"""Every hostile file is refused in words, in either language, within a second of work."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.platform.engine import Bundle, Definition, load
from app.platform.engine.foreign import translate
from app.platform.engine.layout import drawn
from app.platform.runtime import versions
from app.platform.runtime.errors import Unpublishable
from tests.platform.engine.drawing import HOUSE
from tests.platform.engine.hostile.collection import GOOD, Hostile, collection, gateways

COLLECTION = collection()


def spent() -> float:
    """Seconds of work of this process and its children: a busy machine makes them no longer."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What happens inside takes no more work than that."""
    began = spent()
    yield
    assert spent() - began < seconds


def test_there_are_enough_of_them_and_no_two_are_one() -> None:
    assert len(COLLECTION) >= 140
    assert len({hostile.name for hostile in COLLECTION}) == len(COLLECTION)


def test_what_they_are_made_of_is_sound_by_itself() -> None:
    assert versions.check({"good.bpmn": GOOD.encode()}, trial=True).keys() == {"office_bad"}


@pytest.mark.parametrize("hostile", COLLECTION, ids=lambda hostile: hostile.name)
def test_it_is_refused_in_words_within_a_second(hostile: Hostile) -> None:
    with within(1), pytest.raises(Unpublishable) as caught:
        versions.check(hostile.files, trial=True)
    problems = caught.value.problems
    assert {problem.code for problem in problems} & set(hostile.codes), problems  # type: ignore[attr-defined]
    assert len(problems) <= 200
    for problem in problems:
        chinese, english = problem.message("zh"), problem.message("en")  # type: ignore[attr-defined]
        assert chinese != english
        assert min(len(chinese), len(english)) > 10
        assert len(chinese) < 2_000


@pytest.mark.parametrize("hostile", COLLECTION, ids=lambda hostile: hostile.name)
def test_translating_and_drawing_it_ends_and_makes_nothing_that_runs(hostile: Hostile) -> None:
    for name, content in hostile.files.items():
        if not name.endswith(".bpmn"):
            continue
        with within(1):
            made = translate(content)
            drawn(made.content)
        assert translate(made.content).content == made.content
        if "name" in hostile.name or name != "bad.bpmn" or len(hostile.files) > 1:
            continue
        again = load(Bundle("office_bad", {name: made.content}), HOUSE)
        if made.content == content:
            assert not isinstance(again, Definition) or "trial" in hostile.codes, hostile.name


def test_dear_conditions_are_compared_within_a_second() -> None:
    """A chain that is sound, with as many conditions over as many variables as there may be."""
    with within(1):
        assert isinstance(load(Bundle("office_bad", {"a.bpmn": gateways().encode()}), HOUSE), Definition)
    with within(1.5):
        drawn(gateways().encode())


def test_a_hundred_files_start_one_child() -> None:
    files = {f"a{n}.bpmn": GOOD.replace("office_bad", f"office_bad{n}").encode() for n in range(100)}
    with within(3):
        assert len(versions.check(files, trial=True)) == 100
