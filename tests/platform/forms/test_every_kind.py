"""The kinds that came later: money, moments, periods, credit codes, what is searched for, what is computed."""

from __future__ import annotations

import json
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from app.platform.forms import BadForm, credit_codes, read
from app.platform.forms.capitals import in_capitals
from app.platform.forms.kinds import COLUMNS
from app.platform.forms.kinds import KINDS as ALL
from tests.platform.forms.every_kind import FORM, VALUES, WRONG, field, house
from tests.platform.forms.sample import made

KINDS: dict[str, dict[str, Any]] = {
    "money": {},
    "date_time": {},
    "period": {},
    "credit_code": {},
    "organisation": {},
    "person": {"role": "permits.organiser"},
}
FORMS = {kind: made({"type": kind, "name": "x", **more}) for kind, more in KINDS.items()}
FORMS_PAGE = Path(__file__).parents[3] / "docs" / "forms.md"
CODES = st.text(credit_codes.CHARACTERS, min_size=9, max_size=9).map(lambda tail: f"91130400{tail}")


def value(kind: str, *raw: str, **more: Any) -> Any:
    """The value read, or the code of the first complaint."""
    form = made({"type": kind, "name": "x", **KINDS[kind], **more}) if more else FORMS[kind]
    entry = read(form.at("s"), {"x": list(raw)}, house())
    return entry.values["x"] if not entry.complaints else entry.complaints[0].code


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1234.5", 1234.5),
        ("¥1,234.50", 1234.5),
        ("￥１２３４．５０元", 1234.5),
        ("人民币 80 元", 80),
        ("-3", -3),
        ("1.234", "decimals"),
        ("一百", "number"),
        ("1e3", "number"),
        ("99999999999999.99", "number"),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, found: Any) -> None:
    assert value("money", typed) == found


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({}, "【x】数字太长，最多15位"),
        ({"max": 99}, "【x】不能大于99"),
        ({"min": 1}, "【x】数字太长，最多15位"),
    ],
)
def test_a_number_that_is_too_long_is_called_so_and_not_no_number(bounds: dict[str, int], said: str) -> None:
    form = made({"type": "number", "name": "x", **bounds})
    entry = read(form.at("s"), {"x": ["9" * 20]}, house())
    assert [complaint.message("zh") for complaint in entry.complaints] == [said]


def test_bounds_of_money_and_how_it_is_told() -> None:
    assert value("money", "-1", min=0) == "too_small"
    field = made({"type": "money", "name": "x", "capital": True}).fields["x"]
    assert field.kind.said(field, 12034.5, house(), "zh") == "12,034.50 元（壹万贰仟零叁拾肆元伍角整）"
    assert field.kind.said(field, 12034.5, house(), "en") == "CNY 12,034.50"


@cases(st.integers(-(10**14), 10**14))
def test_money_comes_back_to_the_cent(cents: int) -> None:
    exact = Decimal(cents) / 100
    assert Decimal(str(value("money", f"{exact:.2f}"))) == exact
    field = FORMS["money"].fields["x"]
    assert field.kind.raw(field, value("money", f"{exact:.2f}"), house()) == [f"{exact:.2f}"]


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.5", "伍角整"),
        ("10", "壹拾元整"),
        ("1.05", "壹元零伍分"),
        ("1001.10", "壹仟零壹元壹角整"),
        ("10000", "壹万元整"),
        ("100001", "壹拾万零壹元整"),
        ("10100", "壹万零壹佰元整"),
        ("200003000.21", "贰亿零叁仟元贰角壹分"),
        ("1000000000000", "壹万亿元整"),
        ("1000100000000", "壹万零壹亿元整"),
        ("1000000000001", "壹万亿零壹元整"),
        ("-3.3", "负叁元叁角整"),
    ],
)
def test_capitals_as_vouchers_have_them(yuan: str, words: str) -> None:
    assert in_capitals(Decimal(yuan)) == words


def counted(words: str) -> int:
    """Fen of a sum in capitals, read back by the value of each sign."""
    digits, places = "零壹贰叁肆伍陆柒捌玖", {"拾": 10, "佰": 100, "仟": 1000}
    total = group = digit = 0
    whole, _, rest = words.removesuffix("整").rpartition("元")
    for sign in whole:
        if sign in digits:
            digit = digits.index(sign)
        elif sign in places:
            group, digit = group + digit * places[sign], 0
        else:
            times = 10_000 if sign == "万" else 10**8
            if sign == "亿":
                total, group, digit = (total + group + digit) * times, 0, 0
            else:
                total, group, digit = total + (group + digit) * times, 0, 0
    fen, digit = (total + group + digit) * 100, 0
    for sign in rest:
        if sign in digits:
            digit = digits.index(sign)
        else:
            fen, digit = fen + digit * (10 if sign == "角" else 1), 0
    return fen


@cases(
    st.one_of(st.integers(1, 10**15), st.integers(1, 10**6), st.integers(1, 10**11).map(lambda n: n * 10**4))
)
def test_capitals_say_the_sum(fen: int) -> None:
    words = in_capitals(Decimal(fen) / 100)
    assert counted(words) == fen
    assert "零零" not in words


@cases(st.datetimes(datetime(1850, 1, 1), datetime(2199, 12, 31)))
def test_a_moment_is_understood_however_it_is_written(at: datetime) -> None:
    stored = at.strftime("%Y-%m-%dT%H:%M") if at.year > 999 else ""
    for typed in (
        stored,
        stored.replace("T", " ") + ":30",
        f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute:02}",
        f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute}分",
        f"{at.year}年{at.month}月{at.day}日 {at.hour}：{at.minute:02}",
    ):
        assert value("date_time", typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2024-05-06", "date_time"),
        ("明天上午", "date_time"),
        ("2024-05-06 24:00", "date_time"),
        ("2024-05-06 9:60", "date_time"),
        ("2024-02-30 09:00", "date"),
        ("09:00", "date_time"),
    ],
)
def test_what_is_no_moment_is_refused(typed: str, code: str) -> None:
    assert value("date_time", typed) == code


def test_bounds_of_moments_are_days() -> None:
    assert value("date_time", "2026-11-22 23:59", max="today") == "2026-11-22T23:59"
    assert value("date_time", "2026-11-23 00:00", max="today") == "too_late"


@cases(st.dates(date(1850, 1, 1), date(2190, 1, 1)), st.integers(0, 3000))
def test_a_period_has_two_days_in_order(first: date, more: int) -> None:
    last = first + timedelta(more)
    period = {"from": str(first), "to": str(last)}
    assert value("period", str(first), str(last)) == period
    assert value("period", str(last), str(first)) == ("reversed" if more else period)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({}, None),
        ({"x.from": ["2024-05-06"], "x.to": ["2024-5-8"]}, {"from": "2024-05-06", "to": "2024-05-08"}),
        ({"x.from": [""], "x.to": ["2024-05-06"]}, "half"),
        ({"x.from": ["2024-05-06"]}, "half"),
        ({"x": ["2024-05-06"]}, "half"),
        ({"x.from": ["昨天"], "x.to": ["2024-05-06"]}, "date"),
        ({"x.from": ["2024-05-06"], "x.to": ["2024-05-16"]}, "too_long"),
        ({"x.from": ["2024-05-06"], "x.to": ["2199-05-16"]}, "too_late"),
    ],
)
def test_halves_and_bounds_of_a_period(sent: dict[str, list[str]], found: Any) -> None:
    form = made({"type": "period", "name": "x", "most_days": 10, "max": "2099-12-31"})
    entry = read(form.at("s"), sent, house())
    assert (entry.complaints[0].code if entry.complaints else entry.values["x"]) == found
    again = read(form.at("s"), entry.sent, house())
    assert (again.values, again.complaints) == (entry.values, entry.complaints)


def test_a_period_that_is_too_long_is_told_in_days() -> None:
    form = made({"type": "period", "name": "x", "most_days": 10})
    entry = read(form.at("s"), {"x": ["2024-05-06", "2024-05-16"]}, house())
    assert entry.complaints[0].message("zh") == "【x】最多10天，现有11天"


@cases(CODES)
def test_a_made_credit_code_is_right(code: str) -> None:
    whole = code + credit_codes.check_character(code)
    assert value("credit_code", f" {whole[:8]} {whole[8:].lower()} ") == whole


@cases(CODES, st.integers(8, 16), st.integers(1, 30))
def test_one_character_mistyped_is_always_found(code: str, place: int, more: int) -> None:
    whole = code + credit_codes.check_character(code)
    characters = credit_codes.CHARACTERS
    other = characters[(characters.index(whole[place]) + more) % 31]
    assert credit_codes.complaint(whole[:place] + other + whole[place + 1 :]) == "check_digit"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),  # the example of GB 32100-2015
        ("91350100M000100Y44", "check_digit"),
        ("91350100M000100I43", "format"),
        ("9135010", "format"),
        ("9135A100M000100Y43", "format"),
    ],
)
def test_credit_codes(typed: str, found: str) -> None:
    assert value("credit_code", typed) == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"x": ["u1"]}, "u1"),
        ({"x": ["u1"], "x.search": ["小学"]}, "u1"),
        ({"x": [""], "x.search": ["丛台区实验小学"]}, "u3"),
        ({"x.search": ["中学"]}, "not_found"),
        ({"x.search": ["没有"]}, "not_found"),
        ({"x.search": ["\x00"]}, "control"),
        ({"x.search": ["x" * 1000]}, "not_found"),
        ({"x": ["u9"]}, "choice"),
        ({"x": [""], "x.search": [" "]}, None),
    ],
)
def test_a_unit_is_chosen_from_what_is_found(sent: dict[str, list[str]], found: Any) -> None:
    entry = read(FORMS["organisation"].at("s"), sent, house())
    assert (entry.complaints[0].code if entry.complaints else entry.values["x"]) == found
    again = read(FORMS["organisation"].at("s"), entry.sent, house())
    assert (again.values, again.complaints) == (entry.values, entry.complaints)


def test_a_person_is_looked_for_among_the_holders_of_a_role() -> None:
    asked: list[tuple[str, str]] = []
    given = house(people=lambda text, role: asked.append((text, role)) or [])
    entry = read(FORMS["person"].at("s"), {"x.search": [" 王 "]}, given)
    assert ([one.code for one in entry.complaints], asked) == (["not_found"], [("王", "permits.organiser")])


def test_what_follows_is_computed_anew_and_never_taken_from_a_request() -> None:
    form = made(
        {"type": "number", "name": "count"},
        {"type": "money", "name": "price"},
        {"type": "computed", "name": "double", "expression": "total * 2", "decimals": 1},
        {"type": "computed", "name": "total", "expression": "count * price", "decimals": 2, "variable": True},
        {"type": "text", "name": "reason", "show_if": "total > 100", "require_if": "total > 100"},
    )
    entry = read(form.at("s"), {"count": ["3"], "price": ["33.35"]}, house({"total": 7}))
    assert (entry.values["total"], entry.values["double"]) == (100.05, 200.1)
    assert entry.variables == {"total": 100.05}
    assert [one.message("zh") for one in entry.complaints] == ["请填写【reason】"]
    forged = read(form.at("s"), {"count": ["3"], "price": ["1"], "total": ["999"]}, house())
    assert ([one.code for one in forged.complaints], forged.values["total"]) == (["not_yours"], 3)
    assert read(form.at("s"), {"count": ["3"]}, house({"total": 7})).values["total"] is None


def test_what_nobody_may_write_here_keeps_what_was_computed() -> None:
    form = made(
        {"type": "number", "name": "count"},
        {"type": "computed", "name": "more", "expression": "count + 1"},
        steps={"*": "read"},
    )
    entry = read(form.at("s"), {}, house({"count": 3, "more": 7}))
    assert (entry.values["more"], entry.written) == (7, {})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([{"type": "computed", "name": "x"}], "one_origin"),
        ([{"type": "computed", "name": "x", "expression": "x + 1"}], "cycle"),
        ([{"type": "computed", "name": "x", "expression": "y"}], "unknown_field"),
        ([{"type": "computed", "name": "x", "sum_of": "rows.fee"}], "unknown_field"),
        (
            [
                {"type": "table", "name": "rows", "columns": [field("text", "a", "甲")]},
                {"type": "computed", "name": "x", "sum_of": "rows.a"},
            ],
            "not_summed",
        ),
        ([{"type": "period", "name": "x", "min": "2024-02-30"}], "date"),
        ([{"type": "person", "name": "x"}], "missing"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(fields: list[dict[str, Any]], problem: str) -> None:
    with pytest.raises(BadForm) as refused:
        made(*fields)
    assert problem in [one.code for one in refused.value.problems]


def test_a_stored_form_shown_and_sent_again_is_the_same() -> None:
    values = {**VALUES, "credit": "91350100M000100Y43"}
    given, step = house(values), FORM.at("s")
    sent = {
        name: one.kind.raw(one, values[name], given)
        for name, one in FORM.fields.items()
        if name in step.writable
    }
    entry = read(step, sent, given)
    assert [one.message("zh") for one in entry.complaints] == []
    assert (entry.values, entry.changed) == (
        {**values, "members": [{**values["members"][0]}, {**values["members"][1]}]},
        {},
    )


def test_what_is_wrong_of_every_kind_is_said_by_its_label() -> None:
    said = [one.message("zh") for one in read(FORM.at("s"), WRONG, house()).complaints]
    assert "【举办日期】结束日期不能早于开始日期" in said
    assert "【所在单位】请先查找，再从结果中选择" in said
    assert "【队员 第1行 费用】请填写数字" in said
    assert "请签写【本人签名】" in said
    assert len(said) == 18


def test_a_large_table_is_read_quickly() -> None:
    columns = [
        {"type": kind, "name": f"c{place}", "label": "列", "label.en": "Column"}
        for place, kind in enumerate(("text", "text", "number", "date", "phone", "money"))
    ]
    form = made({"type": "table", "name": "rows", "columns": columns, "key": "c0"})
    answers = ("姓名{}", "单位", "12", "2024-05-06", "13800000000", "12.50")
    sent: dict[str, list[str]] = {"rows": [str(row) for row in range(200)]}
    for row in range(200):
        sent |= {f"rows.{row}.c{place}": [text.format(row)] for place, text in enumerate(answers)}
    best = 9.0
    for _ in range(5):
        begun = time.perf_counter()
        entry = read(form.at("s"), sent, house())
        best = min(best, time.perf_counter() - begun)
        assert (len(entry.values["rows"]), entry.complaints) == (200, ())
    print(f"200 x 6 read in {best * 1000:.1f} ms")
    assert best < 0.25, best  # some 20 ms on a free machine


def test_the_page_for_form_writers_names_every_kind_and_setting_and_its_examples_load() -> None:
    page = (FORMS_PAGE).read_text(encoding="utf-8")
    examples = [json.loads(line) for line in page.split("```json\n")[1].split("```")[0].splitlines()]
    form = made(*examples)
    assert {each.kind.key for each in form.fields.values()} == set(ALL)
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for key, kind in ALL.items():
        marks = rows[key].split("|")[1].split()[1:]
        assert ("v" in marks, "c" in marks, "m" in marks) == (
            bool(kind.variable),
            key in COLUMNS,
            bool(kind.masks),
        ), key
        for setting in kind.settings:
            assert f"`{setting}`" in rows[key] or setting.endswith(".en"), (key, setting)
