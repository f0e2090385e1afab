"""Single values: ID numbers, phones, dates, numbers, texts; what one types is what one gets back."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from app.platform.forms import id_numbers, masked, read
from tests.platform.forms.sample import PLACES, given, id_number, made

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(1850, 1, 1), TODAY)
NUMBERS = st.builds(
    lambda place, born, serial: id_number(f"{place}{born:%Y%m%d}{serial:03}"),
    st.sampled_from(["110101", "130402", "440305", "810000"]),
    DAYS,
    st.integers(0, 999),
)
FORMS = {
    kind: made({"type": kind, "name": "x", **more})
    for kind, more in {
        "text": {"maxlength": 2000},
        "long_text": {"maxlength": 2000},
        "number": {"decimals": 6},
        "date": {},
        "phone": {"accepts": "any"},
        "email": {},
        "id_number": {},
        "yes_no": {},
        "region": {"level": "district"},
    }.items()
}


def value(kind: str, *raw: str) -> Any:
    entry = read(FORMS[kind].at("s"), {"x": list(raw)}, given())
    return entry.values["x"] if not entry.complaints else entry.complaints[0].code


@cases(NUMBERS)
def test_a_made_number_is_right_and_tells_birth_date_and_sex(number: str) -> None:
    assert id_numbers.complaint(number, TODAY) is None
    assert id_numbers.birth_date(number).strftime("%Y%m%d") == number[6:14]
    assert (id_numbers.sex(number) == "male") == (int(number[16]) % 2 == 1)
    assert value("id_number", f" {number[:6]} {number[6:].lower()} ") == number


@cases(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_one_digit_mistyped_is_always_found(number: str, place: int, more: int) -> None:
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert id_numbers.complaint(wrong, TODAY) is not None


@cases(NUMBERS, st.integers(0, 15))
def test_neighbours_swapped_are_always_found(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or id_numbers.complaint(swapped, TODAY) is not None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("13040219900307001", "format"),
        ("0" * 18, "format"),
        ("１３０４０２", "format"),
        (id_number("13040219900231001"), "birth_date"),
        (id_number("13040220270101001"), "birth_date"),
        (id_number("13040218491231001"), "birth_date"),
    ],
)
def test_a_number_that_cannot_be_is_refused(number: str, code: str) -> None:
    assert value("id_number", number) == code


@cases(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+86", "0086", "+86 "]))
def test_a_mobile_number_is_stored_in_one_form(number: str, prefix: str) -> None:
    for typed in (
        number,
        f"{number[:3]} {number[3:7]} {number[7:]}",
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
    ):
        assert value("phone", prefix + typed) == number
    full_width = number.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    assert value("phone", full_width) == number
    assert masked(number, "phone") == f"{number[:3]}****{number[-4:]}"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0310-8012345", "0310-8012345"),
        ("(0310) 8012345", "0310-8012345"),
        ("010 62345678-123", "010-62345678-123"),
        ("12345", "format"),
        ("12800000000", "format"),
        ("138000000001", "format"),
        ("<script>", "format"),
    ],
)
def test_other_phones(typed: str, stored: str) -> None:
    assert value("phone", typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["a@b", "a b@c.cn", "a@@b.cn", ".a@b.cn", "a@-b.cn", "@b.cn", "a@b.c", "x" * 65 + "@b.cn", "中@b.cn"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert value("email", typed) == "format"


def test_masks_never_show_more_than_they_hide_c38() -> None:
    assert masked("130402199003070018", "id") == "130***********0018"
    assert masked("E12345678", "id") == "E***********"
    assert masked("", "phone") == ""
    assert masked("123456", "phone") == "1****"


@cases(DAYS)
def test_a_day_is_understood_however_it_is_written(day: date) -> None:
    stored = day.isoformat()
    for typed in (
        stored,
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
    ):
        assert value("date", typed) == stored


@pytest.mark.parametrize("typed", ["2024-02-30", "昨天", "1-2-3", "2024-13-01", "20240", "2024-05-06T00:00"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    assert value("date", typed) == "date"


def test_bounds_of_days_move_with_the_day_in_china_c18() -> None:
    form = made({"type": "date", "name": "x", "min": "today-1d", "max": "today"})
    codes = []
    for days in (-2, -1, 0, 1):
        sent = {"x": [(TODAY + timedelta(days)).isoformat()]}
        codes.append([c.code for c in read(form.at("s"), sent, given()).complaints])
    assert codes == [["too_early"], [], [], ["too_late"]]


@cases(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_numbers_come_back(number: int) -> None:
    assert value("number", str(number)) == number


@cases(st.integers(-(10**14), 10**14), st.integers(0, 6))
def test_decimals_come_back_as_typed(digits: int, decimals: int) -> None:
    text = f"{digits / 10**decimals:.{decimals}f}"
    found = value("number", text)
    if isinstance(found, str):
        assert (found, len(text.replace("-", "").replace(".", "")) > 15) == ("number", True)
    else:
        assert float(text) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("１２", 12),
        ("1,234", 1234),
        ("1e5", "number"),
        ("nan", "number"),
        ("1.2345678", "decimals"),
        ("0x1", "number"),
    ],
)
def test_other_numbers(typed: str, found: Any) -> None:
    assert value("number", typed) == found


def test_bounds_and_wholeness_of_numbers() -> None:
    step = made({"type": "number", "name": "x", "min": 1, "max": 10}).at("s")
    said = [
        [c.message("zh") for c in read(step, {"x": [text]}, given()).complaints]
        for text in ("0", "11", "1.5")
    ]
    assert said == [["【x】不能小于1"], ["【x】不能大于10"], ["【x】请填写整数"]]


@cases(st.text(max_size=50))
def test_a_text_is_refused_or_comes_back_the_same_when_read_again(text: str) -> None:
    for kind in ("text", "long_text"):
        once = value(kind, text)
        if once not in ("control", None):
            assert value(kind, once) == once
            assert once == once.strip()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("e\u0301", "é"),
        ("\u3000李四\t", "李四"),
        ("a\u200bb\ufeff", "ab"),
        ("a\tb", "a b"),
        ("\U00020bb7田", "\U00020bb7田"),
        ("a\x00b", "control"),
        ("a\u202eb", "control"),
        ("a\nb", "control"),
        ("\ud800", "control"),
        ("a\uffff", "control"),
    ],
)
def test_texts_are_normalised_and_control_characters_refused(typed: str, stored: str) -> None:
    assert value("text", typed) == stored


def test_lines_stay_in_a_long_text() -> None:
    assert value("long_text", " 一 \r\n二\r三\u2028四 ") == "一\n二\n三\n四"


@pytest.mark.parametrize(
    ("shape", "right", "wrong"),
    [
        ("digits", "0123", "12a"),
        ("letters_digits", "aB1", "a-1"),
        ("capital_letter", "R", "r"),
        ("postcode", "056000", "56000"),
    ],
)
def test_formats_are_named(shape: str, right: str, wrong: str) -> None:
    step = made({"type": "text", "name": "x", "format": shape}).at("s")
    assert read(step, {"x": [right]}, given()).complaints == ()
    assert [c.code for c in read(step, {"x": [wrong]}, given()).complaints] == ["format"]


def test_lengths_count_characters_and_say_how_many() -> None:
    step = made({"type": "text", "name": "x", "minlength": 2, "maxlength": 3}).at("s")
    said = [
        [c.message("zh") for c in read(step, {"x": [text]}, given()).complaints]
        for text in ("一", "\U00020bb7二三四")
    ]
    assert said == [["【x】至少2个字，现有1个"], ["【x】最多3个字，现有4个"]]


@pytest.mark.parametrize(
    ("raw", "found"),
    [(["yes"], True), (["no"], False), (["true"], True), ([], None), ([""], None), (["maybe"], "choice")],
)
def test_yes_and_no(raw: list[str], found: Any) -> None:
    assert value("yes_no", *raw) == found


def test_a_choice_takes_only_what_is_offered() -> None:
    one = made({"type": "choice", "name": "x", "dictionary": "colours"}).at("s")
    many = made({"type": "choice", "name": "x", "dictionary": "colours", "many": True, "most": 1}).at("s")
    assert read(one, {"x": ["red"]}, given()).values == {"x": "red"}
    assert [c.code for c in read(one, {"x": ["red", "blue"]}, given()).complaints] == ["choice"]
    assert [c.code for c in read(one, {"x": ["green"]}, given()).complaints] == ["choice"]
    assert read(many, {}, given()).values == {"x": []}
    assert [c.code for c in read(many, {"x": ["blue", "red"]}, given()).complaints] == ["too_many"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("130402", "130402"),
        ("441900", "441900"),
        ("110101", "110101"),
        ("130400", "level"),
        ("130000", "level"),
        ("999999", "region"),
    ],
)
def test_a_region_is_deep_enough_where_the_tree_ends_c51_p10(code: str, found: str) -> None:
    assert value("region", code) == found


def test_levels_that_do_not_lie_in_each_other_are_cut_off() -> None:
    step = FORMS["region"].at("s")
    sent = {"x.province": ["440000"], "x.city": ["130400"], "x.district": ["130402"]}
    assert [c.code for c in read(step, sent, given()).complaints] == ["level"]


@cases(st.sampled_from(sorted(FORMS)), st.data())
def test_a_stored_value_shown_and_sent_again_is_the_same(kind: str, data: Any) -> None:
    values = {
        "number": st.one_of(st.integers(-(10**9), 10**9), st.just(1.5)),
        "date": DAYS.map(date.isoformat),
        "phone": st.just("13800000000"),
        "email": st.just("a@b.cn"),
        "id_number": NUMBERS,
        "yes_no": st.booleans(),
        "region": st.sampled_from([code for code in PLACES if PLACES[code].level == "district"]),
    }
    stored = data.draw(values.get(kind, st.just("一段文字")))
    field = FORMS[kind].fields["x"]
    assert value(kind, *field.kind.raw(field, stored, given())) == stored
