"""The printed permission form: one page, embedded fonts, its code, its snapshot (C-20, P-14, P-21, T7)."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.platform import documents, jobs
from app.platform.data import transaction
from app.platform.documents import Document, Press, RenderFailed, Settings, TooManyPages, printing, templates
from app.platform.registry import Acting, Call, house
from tests.platform.documents.conftest import FONTS, FORMS
from tests.platform.jobs.databases import fresh, opened

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TEMPLATE = "fairs/application_form"
SHELF = templates.Shelf(str(FORMS))
VALUES: dict[str, Any] = {
    "full_name": "欧阳娜",
    "gender": "female",
    "id_type": "resident_id",
    "id_number": "130402199001010024",
    "birth_date": "1990-01-01",
    "ethnicity": "01",
    "mobile": "13800138000",
    "email": "ouyang@example.org",
    "address": "河北省邯郸市邯山区学院北路530号",
    "origin": "河北省邯郸市邯山区",
    "employer": "邯郸市邯山区实验小学",
    "department": "科技教育中心",
    "position": "教师",
}
SHORT: dict[str, Any] = {
    "file_name": "欧阳娜-邯山区-机器人竞赛-权限申请表.pdf",
    "values": VALUES,
    "project": "邯郸市青少年机器人竞赛",
    "year": 2026,
    "district": "河北省邯郸市邯山区",
    "submitted_on": "2026-03-02",
}


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print from the repository's folder: these calls belong to no instance with a version of its own."""
    monkeypatch.setattr(printing, "_shelf", lambda call: SHELF)


def with_values(data: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    return {**data, "values": {**data["values"], **values}}


LONG = with_values(
    {**SHORT, "project": "第四十一届河北省青少年科技创新大赛邯郸赛区暨2026年青少年机器人竞赛" * 2},
    full_name="䶮㛃𬭎·买买提吐尔逊阿不都热合曼",
    landline="0310-3112233-8001",
    postcode="056001",
    email="a.very.long.electronic.mail.address.of.somebody@education.handan.example.org",
    address=("河北省邯郸市邯山区" + "学院北路第五百三十号幸福家园小区" * 7)[:100],
    employer="邯郸市邯山区青少年科技教育与科普活动服务指导中心（邯郸市邯山区青少年校外活动中心）" * 2,
    department="青少年科技创新教育与科普活动指导部综合办公室",
    position="党支部副书记、副主任（主持工作）兼科技辅导员",
)
EXTREME = with_values(
    {**LONG, "project": "长" * 100},
    address="长" * 200,
    full_name="长" * 50,
    employer="长" * 100,
    department="长" * 50,
    position="长" * 50,
)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    data = deepcopy(SHORT)
    monkeypatch.setitem(house.documents, TEMPLATE, lambda call: data)
    return data


def call_of(session: Session) -> Call:
    by = Acting("p1", "欧阳娜", "ouyang")
    return Call(session, NOW, by, "i1", "fairs/application", "print_form", {}, "p1")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_bounded() for page in document)


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Each font used, and whether it is embedded."""
    found = {}
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            found[font["/BaseFont"]] = "/FontFile2" in font.get("/FontDescriptor", {})
    return found


def printed(place: Settings, data: Mapping[str, Any]) -> bytes:
    return printing.render(place, SHELF, TEMPLATE, "SQ2026-000123", data)[1]


@pytest.mark.parametrize("data", [SHORT, LONG, EXTREME], ids=["short", "long", "extreme"])
def test_the_form_is_always_one_page(place: Settings, data: dict[str, Any]) -> None:
    pdf = printed(place, data)
    assert len(pypdfium2.PdfDocument(pdf)) == 1


def test_the_form_shows_what_was_entered(place: Settings) -> None:
    text = re.sub(r"\s", "", text_of(printed(place, SHORT)))
    for key, value in VALUES.items():
        if key not in ("gender", "id_type", "birth_date", "ethnicity"):
            assert value in text, key
    for words in (
        "女",
        "居民身份证",
        "1990年1月1日",
        "汉族",
        "固定电话—",
        "2026年邯郸市青少年机器人竞赛",
        "SQ2026-000123",
        "申请人签字：",
        "（单位盖章）",
        "市级管理员签字：",
        "第1页，共1页",
    ):
        assert words in text


def test_all_fonts_are_embedded(place: Settings) -> None:
    fonts = fonts_of(printed(place, LONG))
    assert all(fonts.values()), fonts
    assert {name.partition("+")[2] for name in fonts} == {"NotoSansSC-Regular", "NotoSansSC-Bold"}


def test_a_character_no_font_has_is_printed_as_a_geta_mark_and_told(place: Settings) -> None:
    sheet, pdf, _ = printing.render(
        place, SHELF, TEMPLATE, "SQ2026-000123", with_values(SHORT, full_name="𠮷野")
    )
    assert sheet.missing == ("𠮷",)
    assert "〓野" in text_of(pdf)


def test_entered_markup_is_only_text(place: Settings) -> None:
    hostile = '<img src="file:///etc/passwd"><script>x</script>{{ 7 * 7 }}'
    assert hostile in re.sub(r"[\r\n]", "", text_of(printed(place, with_values(SHORT, address=hostile))))


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="../../../etc/hostname">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        "<style>@import url(http://169.254.169.254/latest);</style>x",
        "<style>@font-face {font-family: x; src: url(/etc/passwd)}</style><p style='font-family: x'>x</p>",
        "<p>一</p>",
    ],
)
def test_what_the_renderer_only_mumbles_is_a_failure(press: Press, tmp_path: Path, html: str) -> None:
    with pytest.raises(RenderFailed) as failed:
        press.typeset(html, tmp_path)
    assert failed.value.code == "warnings"
    assert failed.value.said


def test_a_document_that_takes_too_long_is_ended_and_the_next_one_works(tmp_path: Path) -> None:
    press = Press(FONTS, size=1, seconds=2)
    try:
        with pytest.raises(RenderFailed, match="too_long"):
            press.typeset("<table>" + "<tr><td>x</td></tr>" * 100_000 + "</table>", tmp_path)
        assert press.typeset("<p>x</p>", tmp_path).pages == 1
    finally:
        press.close()


def test_a_document_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (11_000, 11_000)).save(tmp_path / "big.png")
    press = Press(FONTS, size=1, megabytes=400)
    try:
        with pytest.raises(RenderFailed):
            press.typeset('<img src="big.png">', tmp_path)
        assert press.typeset("<p>x</p>", tmp_path).pages == 1
    finally:
        press.close()


def test_each_page_has_its_own_code_of_at_most_60_characters() -> None:
    first = printing.code_of("SQ2026-000123", 1, 2, "h" * 64)
    second = printing.code_of("SQ2026-000123", 2, 2, "h" * 64)
    assert re.fullmatch(r"SQ2026-000123\.1/2\.[0-9A-F]{16}", first)
    assert first.split(".")[2] != second.split(".")[2]
    assert len(printing.code_of("ABCDEFGH2026-999999999", 199, 200, "h" * 64)) <= 60


def test_the_hash_knows_the_data_and_not_its_order() -> None:
    assert printing.hash_of("a", {"x": 1, "y": 2}) == printing.hash_of("a", {"y": 2, "x": 1})
    assert printing.hash_of("a", {"x": 1}) != printing.hash_of("a", {"x": 2})
    assert printing.hash_of("a", {"x": 1}) != printing.hash_of("b", {"x": 1})


def test_the_action_renders_outside_and_writes_inside_the_transaction(
    session: Session, place: Settings, hook: dict[str, Any]
) -> None:
    documents.plug()
    action = house.actions["platform/document"]
    assert (action.when, action.required) == ("after", {"template"})
    call = call_of(session)
    assert action.prepare is not None
    rendered = action.prepare(call, template=TEMPLATE)
    assert session.scalar(select(Document.id)) is None
    hook["values"]["full_name"] = "后来改了"
    with transaction(session):
        assert action.run(replace(call, prepared=rendered), template=TEMPLATE) is None
    document = session.scalars(select(Document)).one()
    assert (document.number, document.instance_id, document.pages) == ("SQ2026-000001", "i1", 1)
    assert document.data["values"]["full_name"] == "欧阳娜"  # the snapshot (P-21)
    assert document.data_hash == printing.hash_of(TEMPLATE, SHORT)
    opened = documents.open_file(session, place.storage, document.file_id)
    assert opened is not None
    assert opened[0].name == "欧阳娜-邯山区-机器人竞赛-权限申请表.pdf"
    assert (opened[0].owner, opened[0].instance, opened[0].pages) == ("p1", "i1", 1)
    assert "欧阳娜" in text_of(opened[1])


def test_nothing_is_rendered_inside_a_verb(session: Session, place: Settings, hook: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match="before the transaction"), transaction(session):
        documents.prepare(call_of(session), TEMPLATE)


@pytest.mark.parametrize("length", [1500, 5000])
def test_a_document_that_cannot_fit_is_a_failure(
    session: Session, place: Settings, hook: dict[str, Any], length: int
) -> None:
    hook["values"]["address"] = "长" * length
    with pytest.raises((TooManyPages, RenderFailed)):
        documents.prepare(call_of(session), TEMPLATE)


def test_numbers_rise_within_series_and_year(session: Session) -> None:
    new_year_in_china = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    numbers = [documents.next_number(session, "SQ", NOW) for _ in range(2)]
    numbers.append(documents.next_number(session, "HZ", NOW))
    numbers.append(documents.next_number(session, "SQ", new_year_in_china))
    assert numbers == ["SQ2026-000001", "SQ2026-000002", "HZ2026-000001", "SQ2027-000001"]
    with pytest.raises(ValueError, match="capital letters"):
        documents.next_number(session, "sq.", NOW)


def test_a_worker_that_dies_while_writing_leaves_one_document_after_the_next_try(
    tmp_path: Path, place: Settings, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths = iter([True, False])

    @jobs.two_phase
    def work(session: Session, arguments: dict[str, Any], now: datetime) -> Callable[[datetime], None]:
        call = call_of(session)
        rendered = documents.prepare(call, TEMPLATE)

        def write(moment: datetime) -> None:
            documents.keep(session, rendered, call, moment)
            if next(deaths):
                raise SystemExit

        return write

    monkeypatch.setitem(house.jobs, "test/print", work)
    with fresh("sqlite", tmp_path) as address:
        engine = opened(address)
        sessions = sessionmaker(engine)
        with sessions() as session:
            jobs.enqueue(session, "test/print", {}, NOW)
        with pytest.raises(SystemExit):
            jobs.run_due(sessions, lambda: NOW, "first")
        assert jobs.run_due(sessions, lambda: NOW + jobs.LEASE, "second") == 1
        with sessions() as session:
            document = session.scalars(select(Document)).one()
            assert len(list(place.storage.names(older_than=-60))) == 2  # one of them an orphan
            assert documents.sweep(session, place.storage, older_than=timedelta(seconds=-60)) == 1
            assert documents.open_file(session, place.storage, document.file_id) is not None
        engine.dispose()
