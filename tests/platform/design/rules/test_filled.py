"""What is read before anybody has set it, on some way there."""

from __future__ import annotations

from app.platform.design.finding import Finding
from tests.platform.design.drafting import branching, check, codes, form, number
from tests.platform.engine.drawing import Drawing

SMALL = form(number("length"))


def unset(drawing: Drawing, *forms: bytes) -> list[tuple[str, str | None]]:
    return codes(check(drawing, *forms), "unset")


def test_a_field_is_read_after_it_is_filled() -> None:
    assert unset(branching("length > 3"), form(number("length"), steps={"*": "edit"})) == []


def test_a_form_that_only_shows_a_field_does_not_fill_it() -> None:
    found = check(branching("length > 3"), form(number("length"), steps={"*": "read"}))
    assert codes(found, "unset") == [("unset", "parted")]
    assert "“length”" in next(one for one in found if one.code == "unset").words.zh


def two_ways(*order: str) -> Drawing:
    """The form is asked on one of two ways that meet before the condition."""
    return (
        Drawing(number="T{year}{serial:04}", title='"x"')
        .start()
        .task("look", outcomes="long=长|Long; short=短|Short")
        .xor("long_or_short", default="short")
        .task("ask", form="permits/small")
        .xor("meet")
        .xor("parted", default="otherwise")
        .end("a")
        .end("b")
        .line("begin", "look", "long_or_short")
        .flow("long_or_short", "ask", 'outcome == "long"', id="long")
        .flow("long_or_short", "meet", id="short")
        .line("ask", "meet", "parted")
        .flow("parted", "a", "length > 3", id="over")
        .flow("parted", "b", id="otherwise")
    )


def test_where_two_ways_meet_what_one_of_them_sets_is_not_always_there() -> None:
    found = check(two_ways(), form(number("length"), steps={"*": "edit"}))
    assert codes(found, "unset") == [("unset", "parted")]
    assert "任务ask" in _words(found)


def _words(found: list[Finding]) -> str:
    return next(one for one in found if one.code == "unset").words.zh


def test_after_a_join_of_parallel_ways_what_each_of_them_set_is_there() -> None:
    drawing = (
        Drawing(number="T{year}{serial:04}", title='"x"')
        .start()
        .both("split")
        .task("ask", form="permits/small")
        .task("other")
        .both("join")
        .xor("parted", default="otherwise")
        .end("a")
        .end("b")
        .line("begin", "split", "ask", "join", "parted")
        .line("split", "other", "join")
        .flow("parted", "a", "length > 3", id="over")
        .flow("parted", "b", id="otherwise")
    )
    assert unset(drawing, form(number("length"), steps={"*": "edit"})) == []


def test_a_return_loop_keeps_what_was_set_before_it() -> None:
    drawing = (
        Drawing(number="T{year}{serial:04}", title='"x"')
        .start()
        .task("ask", form="permits/small")
        .xor("parted", default="otherwise")
        .task("review", outcomes="ok=同意|OK; back=退回|Back-")
        .xor("decided", default="good")
        .end("a")
        .end("b")
        .line("begin", "ask", "parted")
        .flow("parted", "review", "length > 3", id="over")
        .flow("parted", "b", id="otherwise")
        .line("review", "decided")
        .flow("decided", "ask", 'outcome == "back"', id="back")
        .flow("decided", "a", id="good")
    )
    assert unset(drawing, form(number("length"), steps={"*": "edit"})) == []


def test_a_step_asked_of_a_variable_needs_it_before_itself() -> None:
    drawing = (
        Drawing(number="T{year}{serial:04}", title='"x"')
        .start()
        .task("ask", form="permits/small", assignee="variable:length")
        .end()
        .line("begin", "ask", "done")
    )
    assert unset(drawing, form(number("length"), steps={"*": "edit"})) == [("unset", "ask")]
