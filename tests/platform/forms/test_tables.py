"""Repeating tables: reading rows, what is said of cells, keys, bounds, masks; and what one sends is what one gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as cases
from hypothesis import strategies as st

from app.platform.forms import BadForm, Entry, collect, read
from tests.platform.forms.sample import NUMBER, given, id_number, made


def column(kind: str, name: str, label: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "label": label, "label.en": name.capitalize(), **more}


def table(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "table",
        "name": "members",
        "label": "队员",
        "label.en": "Members",
        "columns": list(columns),
        **more,
    }


MEMBERS = table(
    column("text", "name", "姓名", required=True, maxlength=10),
    column("id_number", "number", "证件号码", mask="id", fills={"birth_date": "born", "sex": "sex"}),
    column("date", "born", "出生日期"),
    column("choice", "sex", "性别", choices=[
        {"code": "male", "label": "男", "label.en": "Male"},
        {"code": "female", "label": "女", "label.en": "Female"},
    ]),
    column("number", "age", "年龄", min=1),
    column("yes_no", "captain", "队长"),
    min_rows=2,
    max_rows=3,
    key="number",
)  # fmt: skip
FORM = made(MEMBERS)
SEX = "male"
OTHER = id_number("13040219910307002")


def sent(*rows: dict[str, str], field: str = "members") -> dict[str, list[str]]:
    """Rows as a page sends them."""
    texts: dict[str, list[str]] = {field: [str(number) for number in range(1, len(rows) + 1)]}
    for number, row in enumerate(rows, 1):
        texts |= {f"{field}.{number}.{name}": [text] for name, text in row.items()}
    return texts


def entered(*rows: dict[str, str], **more: Any) -> Entry:
    return read(FORM.at("s"), sent(*rows), given(**more))


def said(entry: Entry) -> list[str]:
    return [one.message("zh") for one in entry.complaints]


def test_rows_are_read_in_order_and_an_id_number_fills_its_own_row() -> None:
    entry = entered(
        {"name": " 李四 ", "number": NUMBER.lower(), "age": "１５", "captain": "yes"},
        {"name": "张三", "number": OTHER},
    )
    assert entry.complaints == ()
    assert entry.values["members"] == [
        {"name": "李四", "number": NUMBER, "born": "1990-03-07", "sex": SEX, "age": 15, "captain": True},
        {
            "name": "张三",
            "number": OTHER,
            "born": "1991-03-07",
            "sex": "female",
            "age": None,
            "captain": None,
        },
    ]


def test_each_cell_is_complained_of_by_label_and_row() -> None:
    entry = entered({"name": "李四", "age": "0"}, {"number": "1", "born": "昨天"}, {"captain": "maybe"})
    assert said(entry) == [
        "【队员 第1行 年龄】不能小于1",
        "请填写【队员 第2行 姓名】",
        "【队员 第2行 证件号码】应为18位身份证号码",
        "【队员 第2行 出生日期】请填写日期，例如2024-05-06",
        "请填写【队员 第3行 姓名】",
        "【队员 第3行 队长】请从所列选项中选择",
    ]
    assert [(one.field, one.row, one.column) for one in entry.complaints][1] == ("members", 2, "name")
    assert entry.complaints[0].message("en") == "“Members, row 1, Age” cannot be less than 1"
    assert entry.values["members"] == []


def test_rows_left_empty_do_not_count_and_keep_the_numbers_of_the_others() -> None:
    entry = entered({"name": " "}, {"name": "李四"}, {"number": "1", "name": "张三"})
    assert said(entry) == ["【队员 第3行 证件号码】应为18位身份证号码"]
    assert entered({"name": "李四"}, {}, {"name": "张三"}).values["members"][1]["name"] == "张三"
    assert entered({}, {}).values["members"] == []


def test_no_two_rows_have_the_same_key() -> None:
    entry = entered(
        {"name": "李四", "number": NUMBER}, {"name": "张三", "number": f"{NUMBER[:6]} {NUMBER[6:]}"}
    )
    assert said(entry) == ["【队员 第2行 证件号码】与第1行重复，请核对"]
    assert entered({"name": "李四"}, {"name": "张三"}).complaints == ()  # none is no repetition


def test_too_few_and_too_many_rows() -> None:
    assert said(entered({"name": "李四"})) == ["【队员】至少填写2行，现有1行"]
    assert said(entered(*[{"name": "李四"}] * 4)) == ["【队员】最多填写3行，现有4行"]
    required = made({**MEMBERS, "required": True})
    assert said(read(required.at("s"), {}, given())) == ["请填写【队员】"]
    assert said(entered()) == []


def test_an_id_number_is_checked_and_must_agree_with_its_row() -> None:
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    assert said(entered({"name": "李四", "number": wrong}, {"name": "张三"})) == [
        "【队员 第1行 证件号码】校验位不正确，请核对"
    ]
    assert said(entered({"name": "李四", "number": OTHER, "born": "1990-01-01"}, {"name": "张三"})) == [
        "【队员 第1行 出生日期】与【证件号码】不一致，请核对"
    ]


def test_rows_are_added_and_taken_away_by_buttons() -> None:
    texts = sent({"name": "李四"}, {"name": "张三"})
    step = FORM.at("s")
    assert collect(step, {**texts, "_remove": ["members:1"]}) == {"members": ['{"name": ["张三"]}']}
    added = collect(step, {**texts, "_add": ["members"]})["members"]
    assert [json.loads(row) for row in added] == [{"name": ["李四"]}, {"name": ["张三"]}, {}]
    full = sent(*[{"name": "李四"}] * 3)
    assert len(collect(step, {**full, "_add": ["members"]})["members"]) == 3
    assert collect(step, {**texts, "_add": ["others"], "_remove": ["others:1"]}) == collect(step, texts)


def test_a_draft_keeps_what_was_typed_and_reads_the_same() -> None:
    texts = sent({"name": "李\x00四", "number": "什么"}, {"age": "很大"})
    once = collect(FORM.at("s"), texts)
    assert collect(FORM.at("s"), once) == once
    assert said(read(FORM.at("s"), once, given())) == said(read(FORM.at("s"), texts, given()))


NO_ROWS = [
    *("{", "[]", "{1}", "x", "-1", '{"name": "李四"}', '{"name": [1]}', '{"else": ["x"]}'),
    *("[" * 9000, '{"a":' * 9000, "{" + " " * 200_000 + "}"),
]


@pytest.mark.parametrize("row", NO_ROWS, ids=range(len(NO_ROWS)))
def test_what_is_no_row_is_none(row: str) -> None:
    entry = read(FORM.at("s"), {"members": [row]}, given())
    assert (entry.values["members"], entry.complaints) == ([], ())


def test_a_list_of_choices_is_asked_once_for_all_rows() -> None:
    asked: list[str] = []

    def choices(name: str) -> list[Any]:
        asked.append(name)
        return [("red", None)]

    form = made(table(column("choice", "colour", "颜色", dictionary="colours")))
    entry = read(form.at("s"), sent(*[{"colour": "red"}] * 100), given(choices=choices))
    assert (len(entry.values["members"]), asked) == (100, ["colours"])


def test_a_table_that_is_only_read_cannot_be_written() -> None:
    rows = [{"name": "李四", "number": NUMBER, "born": None, "sex": None, "age": None, "captain": None}]
    form = made({**MEMBERS, "at": {"*": "read"}})
    entry = read(form.at("s"), sent({"name": "王五"}), given({"members": rows}))
    assert ([one.code for one in entry.complaints], entry.values["members"]) == (["not_yours"], rows)
    field = form.fields["members"]
    veiled = field.kind.veiled(field, rows)
    assert veiled[0]["number"] == NUMBER[:3] + "***********" + NUMBER[-4:]
    for texts, taken in (
        (field.kind.raw(field, veiled, given()), True),
        (field.kind.raw(field, rows, given()), False),
    ):
        again = read(form.at("s"), {"members": texts}, given({"members": rows}))
        assert (again.complaints == ()) is taken


def test_one_line_says_the_first_column() -> None:
    field = FORM.fields["members"]
    rows = [{"name": name} for name in "甲乙丙丁"]
    assert field.kind.said(field, rows[:2], given(), "zh") == "甲、乙"
    assert field.kind.said(field, rows, given(), "zh") == "甲、乙、丙等4行"
    assert field.kind.said(field, rows, given(), "en") == "甲; 乙; 丙 … (4 rows)"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"columns": [{**column("text", "a", "甲"), "type": "table"}]}, "not_listed"),
        ({"columns": [column("text", "a", "甲"), column("text", "a", "乙")]}, "twice"),
        ({"columns": [column("text", "a", "甲", show_if="a")]}, "unknown_key"),
        ({"columns": [column("text", "a", "甲", minlength=3, maxlength=2)]}, "bounds"),
        ({"columns": [column("id_number", "a", "甲", resident_if="b == 1")]}, "unknown_field"),
        ({"columns": [column("id_number", "a", "甲", fills={"sex": "outside"})]}, "unknown_field"),
        ({"key": "absent"}, "not_a_column"),
        ({"min_rows": 3, "max_rows": 2}, "bounds"),
        ({"max_rows": 201}, "invalid"),
    ],
)
def test_a_wrong_table_is_refused_with_its_path(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadForm) as refused:
        made({**table(column("text", "a", "甲")), **change}, column("text", "outside", "外"))
    assert [one.code for one in refused.value.problems] == [problem]
    assert refused.value.problems[0].path.startswith("$.fields[0]")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": TEXTS,
            "number": TEXTS,
            "born": TEXTS,
            "sex": TEXTS,
            "age": TEXTS,
            "captain": TEXTS,
        },
    ),
    max_size=6,
)


# The first draw of a fresh checkout builds the table of all characters (2.6 s without load), which is no slow strategy.
@settings(suppress_health_check=[HealthCheck.too_slow])
@cases(ROWS)
def test_whatever_is_typed_is_kept_and_what_is_right_comes_back_the_same(rows: list[dict[str, str]]) -> None:
    entry = entered(*rows)
    kept = [json.loads(row) for row in entry.sent["members"]]
    assert kept == [{name: [row[name]] for name in row if row[name]} for row in rows]  # fmt: skip
    if not entry.complaints:
        field = FORM.fields["members"]
        again = read(
            FORM.at("s"), {"members": field.kind.raw(field, entry.values["members"], given())}, given()
        )
        assert again.values == entry.values


@cases(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), max_size=20), st.data())
def test_taking_rows_away_leaves_the_others_in_order(names: list[str], data: Any) -> None:
    gone = data.draw(st.sets(st.integers(1, max(1, len(names)))))
    texts = sent(*[{"name": name} for name in names])
    kept = collect(FORM.at("s"), {**texts, "_remove": [f"members:{number}" for number in gone]})["members"]
    left = [name for number, name in enumerate(names, 1) if number not in gone]
    assert [json.loads(row)["name"] for row in kept] == [[name] for name in left]
