"""Form files: what is refused, where, and what was probably meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.platform.forms import BadForm, load
from app.platform.forms.kinds import KINDS
from app.platform.forms.schema import schema
from tests.platform.forms.sample import FORMS, made

FIELD = {"type": "text", "name": "a", "label": "甲", "label.en": "A"}


def problems(*fields: dict[str, Any], **top: Any) -> list[tuple[str, str]]:
    data = {"id": "tests/a", "title": "t", "title.en": "t", "fields": list(fields), **top}
    with pytest.raises(BadForm) as caught:
        load(json.dumps(data).encode())
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_the_published_schema_is_the_one_in_use() -> None:
    published = (Path(__file__).parents[3] / "docs" / "form.schema.json").read_text()
    assert json.loads(published) == schema(), "run: python -m app.platform.forms > docs/form.schema.json"


@pytest.mark.parametrize("file", sorted(FORMS.glob("*/*.json")), ids=lambda file: file.stem)
def test_every_form_of_the_house_loads_and_is_called_by_its_folder(file: Path) -> None:
    assert load(file.read_bytes()).id == f"{file.parent.name}/{file.stem}"


def test_a_typing_error_is_named_with_its_path_and_what_was_meant() -> None:
    data = {
        "id": "tests/a",
        "title": "t",
        "title.en": "t",
        "fields": [
            {"type": "section", "title": "s", "title.en": "s", "fields": [{**FIELD, "requird": True}]},
            {**FIELD, "name": "b", "type": "txt"},
        ],
    }
    with pytest.raises(BadForm) as caught:
        load(json.dumps(data).encode())
    assert [problem.message("zh") for problem in caught.value.problems] == [
        "$.fields[0].fields[0]：未知的属性“requird”，是否指“required”？",
        f"$.fields[1].type：“txt”不在允许的值之中：{', '.join([*KINDS, 'note', 'section'])}，是否指“text”？",
    ]


@pytest.mark.parametrize(
    ("field", "path", "code"),
    [
        ({"type": "text", "name": "a", "label": "甲"}, "$.fields[0]", "missing"),
        ({**FIELD, "help": "帮"}, "$.fields[0]", "missing"),
        ({**FIELD, "name": "A b"}, "$.fields[0].name", "invalid"),
        ({**FIELD, "name": "outcome"}, "$.fields[0].name", "reserved"),
        ({**FIELD, "at": {"*": "write"}}, "$.fields[0].at['*']", "not_listed"),
        ({**FIELD, "messages": {"requierd": {"zh": "a", "en": "b"}}}, "$.fields[0].messages", "unknown_key"),
        ({**FIELD, "variable": True}, "$.fields[0]", "unknown_key"),
        ({**FIELD, "show_if": "b == 1"}, "$.fields[0].show_if", "unknown_field"),
        ({**FIELD, "show_if": "a =="}, "$.fields[0].show_if", "bad_expression"),
        ({**FIELD, "require_if": "__import__('os')"}, "$.fields[0].require_if", "bad_expression"),
        ({**FIELD, "show_if": "a == 'x'"}, "$", "cycle"),
        ({**FIELD, "minlength": 5, "maxlength": 2}, "$.fields[0].minlength", "bounds"),
        ({**FIELD, "type": "date", "min": "2024-02-30"}, "$.fields[0].min", "date"),
        ({**FIELD, "type": "choice"}, "$.fields[0].choices", "one_source"),
        (
            {**FIELD, "type": "choice", "dictionary": "d", "many": True, "variable": True},
            "$.fields[0].variable",
            "not_a_variable",
        ),
        ({**FIELD, "type": "region"}, "$.fields[0]", "missing"),
        ({**FIELD, "type": "id_number", "fills": {"sex": "b"}}, "$.fields[0].fills.sex", "unknown_field"),
        ({**FIELD, "type": "id_number", "fills": {"sex": "a"}}, "$.fields[0].fills.sex", "fills_type"),
        ({**FIELD, "type": "id_number", "resident_if": "b"}, "$.fields[0].resident_if", "unknown_field"),
        ({"type": "note", "text": ["a", "b"], "text.en": ["a"]}, "$.fields[0]", "missing"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(field: dict[str, Any], path: str, code: str) -> None:
    assert problems(field) == [(path, code)]


def test_a_name_twice_and_a_check_of_an_unknown_field_are_refused() -> None:
    checks = [{"that": "a == b", "message": {"zh": "x", "en": "x"}, "field": "c"}]
    assert problems(FIELD, FIELD, checks=checks) == [
        ("$.fields[1].name", "twice"),
        ("$.checks[0].field", "unknown_field"),
        ("$.checks[0].that", "unknown_field"),
    ]


def test_conditions_in_a_circle_are_refused() -> None:
    circle = [{**FIELD, "name": one, "show_if": f"{two} == 'x'"} for one, two in ("ab", "bc", "ca")]
    assert problems(*circle) == [("$", "cycle")] * 3


def test_an_entity_needs_its_row() -> None:
    assert problems(FIELD, entity="tests/a") == [("$", "missing")]
    assert problems(FIELD, entity="tests/a", row="somebody") == [("$.row", "invalid")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"id": NaN}',
        b'{"id": "a/b", "id": "a/c"}',
        b"[" * 100_000,
        b" " * 1_000_001,
    ],
    ids=["empty", "open", "list", "bytes", "nan", "twice", "deep", "big"],
)
def test_what_is_no_form_is_refused_without_a_crash(content: bytes) -> None:
    with pytest.raises(BadForm):
        load(content)


def test_variables_carry_their_types_and_the_row() -> None:
    form = made(
        {"type": "choice", "name": "c", "dictionary": "d", "variable": True},
        {"type": "number", "name": "n", "variable": True},
        {"type": "text", "name": "t"},
        entity="tests/row",
        row="variable:row_id",
    )
    assert form.variables == {"c": "choice", "n": "number", "row_id": "text"}


def test_every_message_code_of_every_kind_has_its_sentence() -> None:
    from app.platform.forms.complaints import CODES

    for kind in KINDS.values():
        assert kind.codes <= CODES, kind.key
