"""Old beside new: what changed since the step was decided last, masked as the form masks it (C4, D1)."""

from __future__ import annotations

from app.platform import documents
from app.platform.forms import Given
from app.platform.runtime import asking, changes, history, moving, tasks
from tests.platform.forms.every_kind import field
from tests.platform.forms.sample import FILES, given, made
from tests.platform.runtime import returning
from tests.platform.runtime.returning import seen
from tests.platform.runtime.steps import CITY, STARTER
from tests.platform.runtime.test_items import return_it
from tests.world import World

FORM = made(
    field("text", "name", "姓名"),
    field("phone", "mobile", "手机", mask="phone"),
    field("yes_no", "indoors", "室内"),
    field("text", "hall", "场馆", show_if="indoors == true"),
    field("text", "secret", "内部", at={"look": "hidden"}),
    field(
        "table",
        "helpers",
        "人员",
        columns=[field("text", "called", "姓名"), field("id_number", "number", "证件", mask="id")],
    ),
    field("file", "papers", "材料", max_count=3),
    steps={"*": "read"},
)
OLD = {
    "name": "张三",
    "mobile": "13800001111",
    "indoors": True,
    "hall": "一号馆",
    "secret": "a",
    "helpers": [{"called": "甲", "number": None}, {"called": "乙", "number": "130402199003070018"}],
    "papers": ["scan1", "paper"],
}
NEW = OLD | {
    "mobile": "13900002222",
    "indoors": False,
    "secret": "b",
    "helpers": [{"number": "130402199003070018", "called": "乙"}, {"called": "丙", "number": ""}],
    "papers": ["paper", "scan2"],
}


def compared(old: dict, new: dict, **more) -> changes.Comparison:
    def handed(values: dict) -> Given:
        return given(values, person="me", file=FILES.get)

    return changes.compare(FORM.at("look"), handed(old), handed(new), "zh", **more)


def test_only_what_differs_is_a_change_in_the_order_of_the_form() -> None:
    found = compared(OLD, NEW)
    assert [one.field.name for one in found.changed] == ["mobile", "indoors", "hall", "helpers", "papers"]
    assert [one.field.name for one in found.same] == ["name"]


def test_masks_stay_unless_they_are_lifted() -> None:
    masked, full = compared(OLD, NEW).changed[0], compared(OLD, NEW, in_full=True).changed[0]
    assert (masked.was.words, masked.now.words) == ("138****1111", "139****2222")
    assert (full.was.words, full.now.words) == ("13800001111", "13900002222")


def test_what_a_condition_hides_now_is_empty_now() -> None:
    hall = compared(OLD, NEW).changed[2]
    assert (hall.was.words, hall.now.is_empty) == ("一号馆", True)


def test_rows_are_compared_whatever_their_order_and_cells_masked() -> None:
    rows = next(one for one in compared(OLD, NEW).changed if one.field.name == "helpers")
    assert (rows.was.lines, rows.was.rest) == (((1, "甲 · —"),), 1)
    assert (rows.now.lines, rows.now.rest) == (((2, "丙 · —"),), 1)
    changed = OLD | {"helpers": [OLD["helpers"][0]]}  # type: ignore[index]
    rows = compared(OLD, changed).changed[0]
    assert rows.was.lines == ((2, "乙 · 130***********0018"),)


def test_files_say_which_stand_on_one_side_alone() -> None:
    files = compared(OLD, NEW).changed[-1]
    assert [(facts.id, alone) for facts, alone in files.was.files] == [("scan1", True), ("paper", False)]
    assert [(facts.id, alone) for facts, alone in files.now.files] == [("paper", False), ("scan2", True)]


def test_what_was_named_and_did_not_change_stands_with_the_changes() -> None:
    found = compared(OLD, OLD, reasons={"name": "请核实"})
    assert [(one.field.name, one.reason, one.was == one.now) for one in found.changed] == [
        ("name", "请核实", True)
    ]


def test_nothing_empty_is_a_change_of_another_nothing() -> None:
    assert not compared(OLD | {"name": None}, OLD | {"name": ""}).changed


def before(world: World, instance: str, element: str, name: str = CITY) -> changes.Before | None:
    view = seen(world, instance, element, name)
    with world.session() as session:
        return changes.before(session, view, history.of(session, instance))


def test_the_first_time_there_is_nothing_to_compare_with(ground: World) -> None:
    assert before(ground, ground.to_review(), "city_review") is None


def test_a_bound_rows_old_values_are_those_of_the_last_decision(ground: World) -> None:
    """The row holds what is now; the entry of the city's own decision what it had before it."""
    instance = ground.to_review()
    return_it(ground, instance, {"employer": "与公章不一致"})
    ground.decide(instance, "correct", "reprint", sent={"employer": ["第二演示中学"]})
    ground.work()
    ground.decide(instance, "correct", "submit", sent=ground.scan(STARTER, instance))
    told = before(ground, instance, "city_review")
    view = seen(ground, instance, "city_review", CITY)
    assert told is not None
    assert view.form is not None
    assert (told.by_name, told.values["employer"], view.values["employer"]) == (
        CITY,
        "演示中学",
        "第二演示中学",
    )
    with ground.session() as session:
        by = ground.acting(CITY)

        def handed(values) -> Given:
            return asking.given(
                session, values, lambda file: documents.facts(session, file), by=by, now=ground.now
            )

        found = changes.compare(view.form, handed(told.values), handed(view.values), "zh")
    assert [one.field.name for one in found.changed] == ["scan", "employer"]


def test_after_a_free_return_it_is_the_last_entry_of_the_same_form(ground: World) -> None:
    """Such a return leaves no entry of its own: what stood in the form then is the last one before it."""
    returning.publish(ground)
    instance = returning.at_review(ground)
    view = seen(ground, instance, "review", CITY)
    with ground.session() as session:
        moving.send_back(
            session,
            view.id,
            "prepare",
            view.revision,
            ground.acting(CITY),
            ground.now,
            "改",
            {"guests": "多"},
        )
    returning.step(ground, instance, "prepare", "send", sent={"guests": ["30"]})
    returning.step(ground, instance, "add", "send")
    assert before(ground, instance, "check").values["guests"] == 20  # type: ignore[union-attr]
    returning.step(ground, instance, "check", "approve", CITY)
    told = before(ground, instance, "review")
    assert told is not None
    assert told.values["guests"] == 20
    with ground.session() as session:
        now = tasks.get(session, ground.open_task(instance, "review"), ground.acting(CITY), ground.now)
    assert now.values["guests"] == 30
