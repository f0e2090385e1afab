"""Forms that cannot be filled or are never asked, and names that nobody knows."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.platform.design import checking
from tests.platform.design.drafting import ENGINE, FILE, check, codes, form, number
from tests.platform.engine.drawing import Drawing


def asking(**more: str) -> Drawing:
    """One step that asks the small form."""
    return (
        Drawing(title='"x"', number="T{year}{serial:04}")
        .start()
        .task("ask", form="permits/small", **more)
        .end()
        .line("begin", "ask", "done")
    )


def test_a_required_field_that_no_step_lets_anybody_write_is_named_with_its_path() -> None:
    found = check(asking(), form(number("count", required=True), steps={"*": "read"}))
    (one,) = [one for one in found if one.code == "required_never_edited"]
    assert (one.level, one.file, one.path) == ("warning", "forms/permits/small.json", "$.count")
    assert codes(check(asking(), form(number("count", required=True), steps={"*": "edit"})), one.code) == []


def test_a_step_that_asks_nothing_and_decides_nothing_is_a_dead_button() -> None:
    reading = form(number("count"), steps={"*": "read"})
    assert codes(check(asking(), reading), "dead_button") == [("dead_button", "ask")]
    assert codes(check(asking(outcomes="ok=知悉|Seen"), reading), "dead_button") == []
    assert codes(check(asking(), form(number("count"), steps={"*": "edit"})), "dead_button") == []


def test_a_file_that_nothing_uses_is_not_published_and_that_is_said() -> None:
    found = check(asking(), form(number("count")), form(number("other"), id="permits/stray"))
    assert [(one.code, one.file) for one in found if one.code == "file_unused"] == [
        ("file_unused", "forms/permits/stray.json")
    ]


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ({"dictionary": "nationalities"}, "nationalities"),
        ({"hook": "permits/nobody_knows"}, "permits/nobody_knows"),
    ],
)
def test_a_dictionary_or_hook_that_there_is_not_is_named(field: dict[str, str], name: str) -> None:
    found = check(asking(), form({"type": "choice", "name": "kind", **field}, steps={"*": "edit"}))
    (one,) = [one for one in found if one.code == "form_names"]
    assert f"“{name}”" in one.words.zh
    assert one.path == f"$.kind.{next(iter(field))}"


def test_a_form_that_cannot_be_read_is_an_error_with_its_path_and_the_rest_is_checked_still() -> None:
    found = check(
        asking(), b'{"id": "permits/small", "title": "x", "title.en": "x", "fields": [{"type": "numbr"}]}'
    )
    assert {one.level for one in found} >= {"error"}
    assert all(one.words.zh for one in found)


def test_a_print_that_reads_a_field_there_is_not_says_which_was_perhaps_meant() -> None:
    drawing = asking().text()
    named = 'name="print" value="permits/sheet"/><spiffworkflow:property name="title"'
    files = {
        FILE: drawing.replace('name="title"', named).encode(),
        "forms/permits/small.json": form(number("count"), steps={"*": "edit"}),
        "forms/permits/sheet.html": b"{{ cuont }} {{ number }} {% if %}",
    }
    with Session(ENGINE) as session:
        syntax = [one for one in checking.findings(session, "", files) if one.code == "print_syntax"]
        assert len(syntax) == 1
        files["forms/permits/sheet.html"] = (
            b'{{ cuont }} {{ number }} {{ x | said("permits/small", "kind") }}'
        )
        found = [one.words.zh for one in checking.findings(session, "", files) if one.code == "print_field"]
    assert any("“cuont”" in one and "是否指“count”" in one for one in found)
    assert any("“kind”" in one for one in found)
