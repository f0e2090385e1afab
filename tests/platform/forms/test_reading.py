"""Reading entries: what is stored, what is complained of, what no request can write."""

import json
from typing import Any

from app.platform.forms import Complaint, read, with_complaints
from app.platform.registry import Words
from tests.platform.forms.sample import NUMBER, PROFILE, given, made, real


def said(entry: Any, language: str = "zh") -> list[str]:
    return [complaint.message(language) for complaint in entry.complaints]


def test_a_complete_profile_is_read_without_complaint_p09() -> None:
    entry = read(real("fairs/profile").at("file_profile"), PROFILE, given())
    assert said(entry) == []
    assert entry.values == {
        "full_name": "李四",
        "gender": "male",
        "id_type": "resident_id",
        "id_number": NUMBER,
        "birth_date": "1990-03-07",
        "ethnicity": "01",
        "mobile": "13800000000",
        "email": "li.si@example.cn",
        "landline": None,
        "postcode": "056000",
        "address": "人民路１号",
        "origin": "130402",
        "employer": "第一中学",
        "department": "科技处",
        "position": "教师",
    }
    assert json.loads(json.dumps(entry.values)) == entry.values


def test_every_missing_answer_is_named_in_the_order_of_the_form_p09_c16() -> None:
    entry = read(real("fairs/profile").at("file_profile"), {}, given())
    assert said(entry) == [
        "请填写【姓名】",
        "请选择【性别】",
        "请选择【证件类型】",
        "请填写【证件号码】",
        "请填写【手机号码】",
        "请填写【电子邮箱】",
        "请填写【通讯地址】",
        "请选择【来自】",
        "请填写【工作单位】",
        "请填写【部门】",
        "请填写【职务】",
    ]
    assert said(entry, "en")[0] == "Fill in “Name”"


def test_a_region_that_stops_at_the_city_is_refused_p10() -> None:
    sent = {**PROFILE, "origin.district": [""]}
    entry = read(real("fairs/profile").at("file_profile"), sent, given())
    assert said(entry) == ["【来自】请精确到区县"]
    assert entry.sent["origin"] == ["130000", "130400", ""]


def test_a_missing_project_or_district_has_the_exact_message_p07() -> None:
    step = real("fairs/application").at("start")
    assert said(read(step, {}, given())) == ["请选择项目和区县"] * 2
    elsewhere = {"project": ["robots"], "district": ["110101"]}
    assert said(read(step, elsewhere, given())) == ["请选择项目和区县"]
    entry = read(step, {"project": ["robots"], "district": ["130402"]}, given())
    assert said(entry) == []
    assert entry.variables == {"project": "robots", "district": "130402"}


def test_another_type_of_scan_has_the_exact_message_p15() -> None:
    step = real("fairs/request").at("upload_scan")
    assert said(read(step, {"scan": ["paper"]}, given())) == ["请上传彩色图片文件（JPG/PNG）"]
    assert said(read(step, {}, given())) == ["请上传彩色图片文件（JPG/PNG）"]
    assert read(step, {"scan": ["scan1"]}, given()).written == {"scan": ["scan1"]}


def test_a_new_scan_replaces_the_old_one_p15() -> None:
    step = real("fairs/request").at("upload_scan")
    entry = read(step, {"scan": ["scan1", "scan2"]}, given({"scan": ["scan1"]}))
    assert (said(entry), entry.values["scan"]) == ([], ["scan2"])


def test_a_file_of_somebody_else_cannot_be_claimed_c23() -> None:
    step = real("fairs/request").at("upload_scan")
    assert [c.code for c in read(step, {"scan": ["other"]}, given()).complaints] == ["missing"]
    assert read(step, {"scan": ["other"]}, given({"scan": ["other"]})).complaints == ()
    assert [c.code for c in read(step, {"scan": ["absent"]}, given()).complaints] == ["missing"]


def test_files_too_large_or_too_many_are_refused_and_a_removed_one_is_gone() -> None:
    form = made({"type": "file", "name": "papers", "max_count": 2, "max_size": 20})
    step = form.at("s")
    assert [c.code for c in read(step, {"papers": ["huge"]}, given()).complaints] == ["size"]
    entry = read(step, {"papers": ["scan1", "scan2", "paper"]}, given())
    assert said(entry) == ["【papers】只允许上传2个文件"]
    removed = {"papers": ["scan1", "scan2", "paper"], "_remove": ["papers:scan2"]}
    assert read(step, removed, given()).values == {"papers": ["scan1", "paper"]}


def test_a_read_only_field_cannot_be_written_and_the_attempt_is_named() -> None:
    form = made(
        {"type": "text", "name": "open"},
        {"type": "text", "name": "shut", "at": {"*": "read"}},
        {"type": "text", "name": "secret", "at": {"*": "hidden"}},
    )
    stored = {"open": "a", "shut": "b", "secret": "c"}
    sent = {"open": ["x"], "shut": ["y"], "secret": ["c"], "foreign": ["z"]}
    entry = read(form.at("s"), sent, given(stored))
    assert entry.values == {"open": "x", "shut": "b", "secret": "c"}
    assert (entry.written, entry.changed, entry.sent) == ({"open": "x"}, {"open": "x"}, {"open": ["x"]})
    assert [(c.field, c.code) for c in entry.complaints] == [("shut", "not_yours"), ("secret", "not_yours")]


def test_a_read_only_field_sent_unchanged_is_let_pass() -> None:
    form = made(
        {"type": "date", "name": "day", "at": {"*": "read"}},
        {"type": "phone", "name": "mobile", "mask": "phone", "at": {"*": "read"}},
    )
    stored = given({"day": "2024-05-06", "mobile": "13800000000"})
    for day in ("2024-05-06", "2024/5/6"):
        sent = {"day": [day], "mobile": ["138****0000"]}
        assert read(form.at("s"), sent, stored).complaints == ()


def test_a_masked_value_cannot_be_guessed_through_a_read_only_field_c39() -> None:
    form = made({"type": "phone", "name": "mobile", "mask": "phone", "at": {"*": "read"}})
    stored = given({"mobile": "13800000000"})
    for guess in ("13800000000", "13800000001"):
        assert [c.code for c in read(form.at("s"), {"mobile": [guess]}, stored).complaints] == ["not_yours"]


def test_a_return_that_names_items_opens_only_those() -> None:
    form = made({"type": "text", "name": "a"}, {"type": "text", "name": "b", "required": True})
    step = form.at("correct", frozenset({"a"}))
    entry = read(step, {"a": ["x"], "b": ["y"]}, given({"b": "kept"}))
    assert (step.writable, entry.values) == ({"a"}, {"a": "x", "b": "kept"})
    assert [(c.field, c.code) for c in entry.complaints] == [("b", "not_yours")]


def test_the_nearest_right_counts_and_an_unknown_step_reads() -> None:
    form = made(
        {"type": "text", "name": "plain"},
        {
            "type": "section",
            "title": "审",
            "title.en": "Review",
            "at": {"*": "hidden", "review": "edit"},
            "fields": [
                {
                    "type": "text",
                    "name": "opinion",
                    "label": "o",
                    "label.en": "o",
                    "at": {"review": "required"},
                }
            ],
        },
        steps={"apply": "edit"},
    )
    assert form.at("apply").rights == {"plain": "edit", "opinion": "hidden"}
    assert form.at("review").rights == {"plain": "read", "opinion": "required"}
    assert form.at("elsewhere").rights == {"plain": "read", "opinion": "hidden"}


def test_an_answer_hidden_by_its_condition_is_dropped() -> None:
    form = made(
        {"type": "yes_no", "name": "party"},
        {"type": "date", "name": "joined", "show_if": "party == True", "required": True},
        {"type": "text", "name": "branch", "show_if": "joined != None"},
    )
    step = form.at("s")
    hidden = read(step, {"party": ["no"], "joined": ["2020-01-01"], "branch": ["x"]}, given())
    assert hidden.values == {"party": False, "joined": None, "branch": None}
    assert hidden.complaints == ()
    asked = read(step, {"party": ["yes"]}, given({"joined": "2020-01-01"}))
    assert [(c.field, c.code) for c in asked.complaints] == [("joined", "required")]
    left = read(step, {"party": ["no"]}, given({"party": True, "joined": "2020-01-01"}))
    assert left.changed == {"party": False, "joined": None}


def test_a_condition_can_require_and_can_read_the_outcome() -> None:
    form = made(
        {"type": "number", "name": "age"},
        {"type": "text", "name": "guardian", "require_if": "age < 18"},
        {"type": "long_text", "name": "why", "require_if": "outcome == 'return'"},
    )
    step = form.at("s")
    assert [c.field for c in read(step, {"age": ["17"]}, given()).complaints] == ["guardian"]
    assert read(step, {"age": ["18"]}, given()).complaints == ()
    assert read(step, {}, given()).complaints == ()
    assert [c.field for c in read(step, {}, given(outcome="return")).complaints] == ["why"]


def test_a_section_is_hidden_with_all_it_holds() -> None:
    inner = {"type": "text", "name": "in", "label": "i", "label.en": "i", "required": True}
    section = {"type": "section", "title": "t", "title.en": "t", "show_if": "more", "fields": [inner]}
    form = made({"type": "yes_no", "name": "more"}, section)
    assert read(form.at("s"), {"more": ["no"], "in": ["x"]}, given()).values["in"] is None
    assert [c.field for c in read(form.at("s"), {"more": ["yes"]}, given()).complaints] == ["in"]


def test_an_id_number_fills_birth_date_and_sex_and_must_agree() -> None:
    step = real("fairs/profile").at("file_profile")
    entry = read(step, {**PROFILE, "gender": [], "birth_date": []}, given())
    assert (entry.complaints, entry.values["gender"]) == ((), "male")
    entry = read(step, {**PROFILE, "gender": ["female"], "birth_date": ["1990-03-08"]}, given())
    assert said(entry) == ["【性别】与【证件号码】不一致，请核对", "【出生日期】与【证件号码】不一致，请核对"]
    passport = {**PROFILE, "id_type": ["passport"], "id_number": ["e12345678"], "gender": ["female"]}
    entry = read(step, passport, given())
    assert (entry.complaints, entry.values["id_number"], entry.values["birth_date"]) == (
        (),
        "E12345678",
        None,
    )


def test_a_derived_field_that_is_read_only_is_written_by_the_number_alone() -> None:
    form = made(
        {"type": "id_number", "name": "number", "fills": {"birth_date": "born"}},
        {"type": "date", "name": "born", "at": {"*": "read"}, "variable": True},
    )
    entry = read(form.at("s"), {"number": [NUMBER], "born": ["2001-01-01"]}, given())
    assert entry.values["born"] == entry.variables["born"] == "1990-03-07"
    assert [c.code for c in entry.complaints] == ["not_yours"]


def test_checks_are_asked_once_the_answers_are_right() -> None:
    asked: list[str] = []

    def check(name: str, values: Any) -> Words | None:
        asked.append(name)
        return Words("单位不存在", "No such unit") if values["unit"] == "x" else None

    form = made(
        {"type": "text", "name": "unit", "check": "tests/unit", "required": True},
        {"type": "date", "name": "first"},
        {"type": "date", "name": "last"},
        checks=[
            "tests/whole",
            {"that": "first <= last", "message": {"zh": "止日早于起日", "en": "Ends first"}, "field": "last"},
        ],
    )
    step = form.at("s")
    assert said(read(step, {}, given(check=check))) == ["请填写【unit】"]
    assert asked == []
    assert said(read(step, {"unit": ["x"]}, given(check=check))) == ["单位不存在"]
    assert asked == ["tests/unit"]
    days = {"unit": ["y"], "first": ["2024-02-02"], "last": ["2024-02-01"]}
    entry = read(step, days, given(check=check))
    assert [(c.field, c.message("en")) for c in entry.complaints] == [("last", "Ends first")]
    assert read(step, {"unit": ["y"], "first": ["2024-02-02"]}, given(check=check)).complaints == ()


def test_messages_of_a_field_overrule_the_usual_ones() -> None:
    words = {"required": {"zh": "缺{label}", "en": "no {label}{unknown}"}}
    form = made({"type": "text", "name": "a", "required": True, "messages": words})
    entry = read(form.at("s"), {}, given())
    assert (said(entry), said(entry, "en")) == (["缺a"], ["no a{unknown}"])


def test_complaints_of_uploads_take_their_place() -> None:
    form = made(
        {"type": "file", "name": "a", "required": True}, {"type": "text", "name": "b", "required": True}
    )
    entry = read(form.at("s"), {}, given())
    refused = Complaint("a", form.fields["a"].label, "empty")
    merged = with_complaints(entry, [refused])
    assert [(c.field, c.code) for c in merged.complaints] == [("a", "empty"), ("b", "required")]


def test_what_was_typed_is_kept_as_typed() -> None:
    form = made({"type": "number", "name": "n"}, {"type": "text", "name": "t", "maxlength": 3})
    entry = read(form.at("s"), {"n": ["十二"], "t": [" 一二三四\ud800 "]}, given())
    assert entry.sent == {"n": ["十二"], "t": [" 一二三四\ufffd "]}
    assert [c.code for c in entry.complaints] == ["number", "control"]
    json.dumps(entry.sent).encode()


def test_field_names_that_wtforms_uses_itself_do_no_harm() -> None:
    names = ("data", "errors", "validate", "process", "meta", "populate_obj", "form_errors")
    form = made(*({"type": "text", "name": name} for name in names))
    entry = read(form.at("s"), {name: [name] for name in names}, given())
    assert entry.values == {name: name for name in names}
