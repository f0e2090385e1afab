"""Forms as pages show them: labels, errors, conditions, cascades, files; all without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import FileStorage, MultiDict

from app.platform.forms import Field, Form, Wrong, read
from app.rooms.web import forms as pages
from tests.platform.forms.sample import NUMBER, PROFILE, given, made, real

ROOM = Path(pages.__file__).parent


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    app = Flask(__name__, template_folder=str(ROOM / "templates"))
    Babel(app, default_locale="zh")
    with app.test_request_context("/"):
        yield app


def drawn(
    form: Form, step: str = "s", sent: dict[str, list[str]] | None = None, **more: Any
) -> BeautifulSoup:
    """The form at `step` as drawn; with `sent`, as drawn again after it was posted."""
    values = more.pop("values", {})
    house = more.pop("house", given(values))
    entry = read(form.at(step), sent, house) if sent is not None else None
    complaints = entry.complaints if entry and more.pop("complain", True) else ()
    html = pages.render_form(
        form.at(step), values, complaints, house, sent=entry.sent if entry else None, **more
    )
    return BeautifulSoup(html, "html.parser")


def value_of(page: BeautifulSoup, label: str) -> str:
    term = next(term for term in page.find_all("dt") if term.get_text() == label)
    return str(term.find_next("dd").get_text(" ", strip=True))


def test_every_control_has_a_label_and_required_ones_a_star_c16() -> None:
    page = drawn(real("fairs/profile"), "file_profile")
    for control in page.select("input:not([type=hidden]), select, textarea"):
        labelled = page.select(f'label[for="{control.get("id")}"]') or control.find_parent("label")
        assert labelled, control
    name = page.select_one('label[for="f-full_name"]')
    assert name is not None
    assert name.get_text() == "*姓名"
    assert name.select_one(".star")["aria-hidden"] == "true"
    assert page.select_one("#f-full_name")["aria-required"] == "true"
    assert page.select_one('label[for="f-ethnicity"]').get_text() == "民族"
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_the_profile_shows_its_groups_and_the_four_notes_pg_p5() -> None:
    page = drawn(real("fairs/profile"), "file_profile")
    assert [title.get_text() for title in page.select("h2")] == ["身份信息", "联系方式", "工作信息"]
    assert [line.get_text() for line in page.select(".field-note p")] == [
        "带*号的均为必填项",
        "工作信息-【来自】一栏中，请精确到区县。",
        "填写完成后，请点击【保存】。",
        "关闭信息框后，请刷新页面，进行页面信息更新。",
    ]


def test_radios_check_boxes_and_regions_stand_in_a_fieldset_with_its_legend() -> None:
    page = drawn(real("fairs/profile"), "file_profile")
    legends = [legend.get_text() for legend in page.select("fieldset > legend")]
    assert legends == ["*必填 性别", "*必填 来自"]


def test_the_summary_counts_links_and_keeps_what_was_typed() -> None:
    sent = {**PROFILE, "full_name": [""], "mobile": ["12345"], "origin.district": [""]}
    page = drawn(real("fairs/profile"), "file_profile", sent)
    summary = page.select_one("#error-summary")
    assert summary is not None
    assert summary.h2 is not None
    assert summary.h2.get_text() == "有 3 处需要修改"
    links = [(link["href"], link.get_text()) for link in summary.select("a")]
    assert links == [
        ("#f-full_name", "请填写【姓名】"),
        ("#f-mobile", "【手机号码】应为11位手机号码"),
        ("#f-origin-district", "【来自】请精确到区县"),
    ]
    for href, _ in links:
        assert page.select_one(str(href))
    mobile = page.select_one("#f-mobile")
    assert mobile is not None
    assert (mobile["value"], mobile["aria-invalid"]) == ("12345", "true")
    described = str(mobile["aria-describedby"])
    assert page.select_one(f"#{described}").get_text() == "【手机号码】应为11位手机号码"
    assert page.select_one("#f-origin-city option[selected]")["value"] == "130400"


def test_equal_sentences_are_said_once_above_and_beside_each_field_p07() -> None:
    page = drawn(real("fairs/application"), "start", {})
    assert [line.get_text() for line in page.select("#error-summary li")] == ["请选择项目和区县"]
    assert [line.get_text() for line in page.select(".field-error")] == ["请选择项目和区县"] * 2


def test_nothing_typed_can_become_markup() -> None:
    hostile = '"><script>alert(1)</script>'
    form = made(
        {"type": "text", "name": "a"}, {"type": "long_text", "name": "b"}, {"type": "date", "name": "c"}
    )
    page = drawn(form, sent={name: [hostile] for name in "abc"})
    assert page.script is None
    assert page.select_one("#f-a")["value"] == hostile
    shown = drawn(form, values={"a": hostile, "b": hostile}, editable=False)
    assert shown.script is None


def test_no_inline_script_no_inline_style_and_no_data_address() -> None:
    files = [*(ROOM / "templates" / "fields").glob("*.html"), *(ROOM / "static").glob("fields.css")]
    for file in files:
        text = file.read_text()
        for forbidden in ("<script", "style=", "data:", " onclick", " onchange", "javascript:"):
            assert forbidden not in text, (file.name, forbidden)


def test_a_date_that_is_none_stays_as_it_was_typed() -> None:
    form = made({"type": "date", "name": "day", "max": "today"})
    assert drawn(form).select_one("#f-day")["type"] == "date"
    assert drawn(form).select_one("#f-day")["max"] == "2026-11-22"
    again = drawn(form, sent={"day": ["去年"]}).select_one("#f-day")
    assert again is not None
    assert (again["type"], again["value"]) == ("text", "去年")


def test_the_cascade_is_resolved_on_the_server_p10() -> None:
    form = made({"type": "region", "name": "origin", "level": "district"})
    first = drawn(form)
    assert [bool(select.get("disabled") is not None) for select in first.select("select")] == [
        False,
        True,
        True,
    ]
    button = first.select_one("button[name=_update]")
    assert button is not None
    assert button.get_text() == "更新下级地区"
    assert pages.is_update(MultiDict([("_update", "origin")]))
    second = drawn(form, sent={"origin.province": ["130000"]}, complain=False)
    names = [option.get_text() for option in second.select("#f-origin-city option")]
    assert names == ["请选择地市", "邯郸市"]
    stale = {"origin.province": ["440000"], "origin.city": ["130400"], "origin.district": ["130402"]}
    third = drawn(form, sent=stale, complain=False)
    assert third.select("#f-origin-city option[selected]") == []
    done = drawn(form, sent={"origin.province": ["440000"], "origin.city": ["441900"]}, complain=False)
    assert done.select_one("#f-origin-district option").get_text() == "无下级地区"


def test_fields_hidden_by_a_condition_wait_for_the_answer_that_shows_them() -> None:
    form = made(
        {"type": "yes_no", "name": "party"},
        {"type": "text", "name": "branch", "show_if": "party", "require_if": "party"},
        {"type": "text", "name": "free", "show_if": "branch == 'x'"},
        {"type": "text", "name": "never", "show_if": "shut == 'x'"},
        {"type": "text", "name": "shut", "at": {"*": "read"}},
    )
    page = drawn(form)
    branch = page.select_one('[data-field="branch"]')
    assert branch is not None
    assert branch.get("hidden") is not None
    assert branch["data-show"] == '{"on": ["party"], "rows": [["yes"]]}'
    assert page.select_one('[data-field="free"]')["data-show"] == '{"on": ["branch"]}'
    assert page.select('[data-field="never"]') == []
    assert "更新表单" in page.get_text()
    open_ = drawn(form, sent={"party": ["yes"]}).select_one('[data-field="branch"]')
    assert open_ is not None
    assert open_.get("hidden") is None
    assert open_.select_one("input")["aria-required"] == "true"


def test_enter_in_a_text_field_presses_a_button_that_does_nothing() -> None:
    first = drawn(real("fairs/request"), "upload_scan", values={"scan": ["scan1"]}).button
    assert first is not None
    assert (first["type"], first.get("disabled") is not None) == ("submit", True)


def test_files_are_listed_with_size_preview_and_a_way_to_remove_them() -> None:
    form = real("fairs/request")
    page = drawn(form, "upload_scan", values={"scan": ["scan2"]}, file_url=lambda file: f"/files/{file}")
    assert page.select_one("input[type=hidden][name=scan]")["value"] == "scan2"
    assert page.select_one("button[name=_remove]")["value"] == "scan:scan2"
    assert page.select_one("img")["src"] == "/files/scan2"
    picker = page.select_one("input[type=file]")
    assert picker is not None
    assert (picker["name"], picker["accept"]) == ("scan.file", ".jpg,.jpeg,.png")
    assert "88 KB" in page.get_text()
    assert "灰度图" in page.get_text()
    removed = drawn(form, "upload_scan", {"scan": ["scan2"], "_remove": ["scan:scan2"]}, complain=False)
    assert removed.select("img, input[type=hidden]") == []


def test_uploads_are_stored_for_writable_fields_only_and_refusals_become_complaints() -> None:
    form = made(
        {"type": "photo", "name": "scan"},
        {"type": "file", "name": "shut", "at": {"*": "read"}},
        {"type": "file", "name": "big", "max_size": 2},
    )
    stored: list[str] = []

    def take(one: Field, upload: FileStorage) -> str:
        if one.name == "big":
            raise Wrong("too_large")
        stored.append(f"{one.name}:{upload.filename}")
        return "scan1"

    def upload(name: str) -> FileStorage:
        return FileStorage(io.BytesIO(b"x"), name)

    files = MultiDict(
        [
            ("scan.file", upload("a.jpg")),
            ("shut.file", upload("b.pdf")),
            ("big.file", upload("c.pdf")),
            ("foreign.file", upload("d.pdf")),
            ("scan.file", upload("")),
        ]
    )
    sent, refused = pages.take_uploads(form.at("s"), {"scan": ["scan2"]}, files, take)
    assert (sent, stored) == ({"scan": ["scan2", "scan1"]}, ["scan:a.jpg"])
    assert [complaint.message("zh") for complaint in refused] == ["【big】每个文件不能超过2 MB"]


def test_a_reader_sees_facts_by_section_with_masks_c38() -> None:
    form = real("fairs/profile")
    values = dict(read(form.at("file_profile"), PROFILE, given()).values)
    page = drawn(form, "city_review", values=values)
    assert page.select("input, select, textarea, button, .field-note, .star") == []
    assert [title.get_text() for title in page.select("h2")] == ["身份信息", "联系方式", "工作信息"]
    assert value_of(page, "证件号码") == NUMBER[:3] + "***********" + NUMBER[-4:]
    assert value_of(page, "手机号码") == "138****0000"
    assert value_of(page, "来自") == "河北省邯郸市邯山区"
    assert value_of(page, "性别") == "男"
    assert value_of(page, "民族") == "汉族"
    assert value_of(page, "固定电话") == "—"
    assert value_of(drawn(form, "city_review", values=values, in_full=True), "证件号码") == NUMBER
    assert NUMBER not in str(page)


def test_a_form_that_may_be_written_can_be_shown_for_reading() -> None:
    form = real("fairs/profile")
    page = drawn(form, "file_profile", values={"full_name": "李四"}, editable=False)
    assert page.select("input, .field-note") == []
    assert value_of(page, "姓名") == "李四"


def test_a_note_tells_what_to_do_as_long_as_there_is_something_to_do() -> None:
    note = {
        "type": "note",
        "text": ["填写完成后请提交。"],
        "text.en": ["Submit."],
        "at": {"*": "hidden", "s": "read"},
    }
    form = made(note, {"type": "text", "name": "x"})
    assert "填写完成后请提交" in str(drawn(form))
    assert "填写完成后请提交" not in str(drawn(form, editable=False))


def test_labels_follow_the_language() -> None:
    page = drawn(real("fairs/profile"), "file_profile", language="en")
    assert page.select_one('label[for="f-full_name"]').get_text() == "*Name"
    assert [title.get_text() for title in page.select("h2")] == ["Identity", "Contact", "Work"]


def test_every_field_type_has_a_template_that_asks_and_reads() -> None:
    fields: list[dict[str, Any]] = [
        {
            "type": "text",
            "name": "a",
            "help": "帮助",
            "help.en": "help",
            "placeholder": "例",
            "placeholder.en": "e",
        },
        {"type": "long_text", "name": "b", "required": True},
        {"type": "number", "name": "c", "unit": "人", "unit.en": "people", "decimals": 1},
        {"type": "date", "name": "d"},
        {"type": "choice", "name": "e", "dictionary": "colours", "many": True, "required": True},
        {"type": "yes_no", "name": "g"},
        {"type": "phone", "name": "h"},
        {"type": "email", "name": "i"},
        {"type": "id_number", "name": "j"},
        {"type": "region", "name": "k", "level": "city"},
        {"type": "photo", "name": "l", "required": True},
        {"type": "file", "name": "m", "max_count": 3},
        {"type": "choice", "name": "n", "dictionary": "nothing"},
    ]
    values = {
        "a": "文",
        "b": "一\n二",
        "c": 1.5,
        "d": "2024-05-06",
        "e": ["red", "gone"],
        "g": False,
        "h": "13800000000",
        "i": "a@b.cn",
        "j": NUMBER,
        "k": "130400",
        "l": ["scan1"],
        "m": ["paper", "absent"],
        "n": "gone",
    }
    form = made(*fields)
    asked = drawn(form, values=values)
    assert asked.select_one("#f-a")["aria-describedby"] == "f-a-help"
    assert asked.select_one("#f-b").get_text() == "\n一\n二"  # the first line break is HTML's
    assert len(asked.select("input[type=checkbox][checked]")) == 1
    told = drawn(form, values=values, editable=False)
    words = {term.get_text(): term.find_next("dd").get_text(" ", strip=True) for term in told.find_all("dt")}
    assert words["c"] == "1.5 人"
    assert words["e"] == "红、gone"
    assert words["g"] == "否"
    assert words["k"] == "河北省邯郸市"
    assert words["m"] == "说明.pdf 29 KB"
    assert words["n"] == "gone"
