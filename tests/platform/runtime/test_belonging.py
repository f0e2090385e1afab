"""Where an instance belongs: its starter's post says it, or else the variable that its process names."""

from __future__ import annotations

import pytest

from app.platform.identity import regions
from app.platform.monitoring import figures
from app.platform.runtime import control, instances, versions
from app.platform.runtime.errors import Forbidden, Unknown
from tests.platform.runtime.chains import HANSHAN, desk, files
from tests.platform.runtime.conftest import Counted
from tests.platform.runtime.steps import begin, decide, instance_row
from tests.platform.runtime.test_control import boss, do, sound
from tests.world import APPLICATION, World

AT = "variable:district"
GIVEN = {"forms/fairs/application.json": APPLICATION}


def place(world: World, code: str) -> str:
    """The path of a region."""
    with world.session() as session:
        return regions.path_of(session, code)


def begun(world: World, at: str = AT, name: str = "组织者甲") -> str:
    """The desk's chain with `at`, begun in 邯山区."""
    with world.session() as session:
        versions.publish(session, files(desk("tests_where", at=at)) | GIVEN, None, world.now)
    return begin(world, "tests_where", name, data=HANSHAN)


def running(world: World, place: str) -> int:
    """How many instances of the chain are counted in a place and below it."""
    with world.session() as session:
        return figures.tally(session, ["case"], [place], ("process",))[("tests_where",)]


def test_it_belongs_where_its_variable_says_and_follows_it(ground: World) -> None:
    instance, there, other = begun(ground), place(ground, "130402"), place(ground, "130403")
    assert instance_row(ground, instance).place == there
    assert (running(ground, there), running(ground, other)) == (1, 0)
    do(ground, control.suspend, instance)
    do(ground, control.set_variables, instance, {"district": "130403"})
    assert instance_row(ground, instance).place == other
    assert (running(ground, there), running(ground, other)) == (0, 1)
    assert running(ground, place(ground, "130400")) == 1
    sound(ground)


def test_a_level_lifts_it(ground: World) -> None:
    assert instance_row(ground, begun(ground, f"{AT}(city)")).place == place(ground, "130400")


def test_what_is_no_place_leaves_it_where_it_is_until_it_is_put_right(ground: World) -> None:
    instance = begun(ground)
    do(ground, control.suspend, instance)
    do(ground, control.set_variables, instance, {"district": "nowhere"})
    assert instance_row(ground, instance).place == place(ground, "130402")
    do(ground, control.set_variables, instance, {"district": "130403"})
    assert instance_row(ground, instance).place == place(ground, "130403")


def test_where_the_starter_s_post_has_a_place_that_counts(ground: World) -> None:
    city = place(ground, "130400")
    ground.enter("市里人", "fairs.city_admin", "130400")
    with ground.session() as session:
        versions.publish(session, files(desk("tests_where", at=AT)) | GIVEN, None, ground.now)
        by = ground.acting("市里人")
        (post,) = by.posts
        begun = instances.start(session, "tests_where", by=by, post=post, now=ground.now, data=HANSHAN)
    assert instance_row(ground, begun.instance).place == city
    do(ground, control.suspend, begun.instance)
    do(ground, control.set_variables, begun.instance, {"district": "130403"})
    assert instance_row(ground, begun.instance).place == city


def test_whoever_looks_after_that_region_finds_it_and_no_other_does(ground: World) -> None:
    instance = begun(ground)
    boss(ground, "邯山管理员", "130402"), boss(ground, "丛台管理员", "130403")
    do(ground, control.suspend, instance, by=ground.acting("邯山管理员"))
    with pytest.raises((Unknown, Forbidden)):
        do(ground, control.resume, instance, by=ground.acting("丛台管理员"))
    assert instance_row(ground, instance).state == "suspended"


def test_nothing_is_asked_while_the_variable_stays(ground: World, counted: Counted) -> None:
    instance = begun(ground)
    task = ground.open_task(instance, "prepare")
    counted.clear()
    decide(ground, task, "send")
    asked = [line for line in counted.lines if line.startswith("SELECT identity_region.path")]
    assert len(asked) == 1  # by the lane of the step that opens
