"""The summary as its pages show it, P-31 to P-36, each with its exact words; and the city's view of all districts."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import update

from app.platform import documents
from app.platform.data import transaction
from app.platform.jobs import errands
from app.systems.permits.entities import Declaration
from tests.pages import House, decide, picture
from tests.rooms.conftest import Browser
from tests.systems.permits.district import CITY, District, district, new_project

NOT_REVIEWED = "尚有未审核的项目，不能生成汇总表"
ONE_FILE = "只允许上传1个文件"


@dataclass
class Desk:
    """A district administrator at the page of his summary."""

    house: House
    there: District
    browser: Browser
    page: str

    def look(self) -> str:
        assert self.browser.get(self.page).status_code == 200
        return self.browser.page

    def press(self, verb: str, data: Any = None) -> Any:
        return self.browser.post(f"{self.page}/{verb}", data)

    def send(self, content: bytes | None = None, name: str = "汇总表.pdf") -> Any:
        return self.press("uploads", {"scan.file": (io.BytesIO(content or self.print()), name)})

    def print(self) -> bytes:
        """The newest print: a scan as good as can be."""
        with self.house.world.session() as session:
            found = documents.open_file(session, self.house.settings.storage, self.there.prints()[-1].file_id)
            assert found is not None
            return found[1]

    def delete(self) -> Any:
        found = re.search(rf'action="({self.page}/uploads/\w+/delete)"', self.look())
        assert found
        return self.browser.post(found[1])


def sit(house: House, code: str = "130402", project: str = "") -> Desk:
    world, name = house.world, house.settle()
    there = district(world, code, name, project or new_project(world))
    post = next(p.id for p in world.acting(name).posts if p.subject == there.project)
    desk = Desk(house, there, house.visit(name), f"/permits/projects/{post}/summary")
    desk.look()
    return desk


@pytest.fixture
def desk(whole_house: House) -> Desk:
    return sit(whole_house)


def test_before_all_are_reviewed_nothing_is_printed(desk: Desk) -> None:
    """P-31, C-17: the button is disabled, and the server says no all the same."""
    for _ in range(2):  # nothing submitted; one waiting
        page = desk.look()
        assert re.search(r"<button[^>]+disabled[^>]*>打印预览</button>", page)
        assert NOT_REVIEWED in page
        answer = desk.press("print")
        assert answer.status_code == 409
        assert NOT_REVIEWED in desk.browser.page
        assert desk.send(picture()).status_code == 409
        desk.there.submitted()


def test_the_summary_is_shown_printed_and_downloaded(desk: Desk) -> None:
    """P-32: with the manual's sentence; pressing 打印预览 is the step 打印."""
    desk.there.review(desk.there.submitted("智慧星队"))
    assert "汇总表正在生成" in desk.look()
    desk.there.generated()
    assert "资格审查完成后，请下载打印本地区《区县级审查及推荐表》，并按照规定逐页签字、盖章。" in desk.look()
    answer = desk.press("print")
    assert answer.status_code == 303
    sheet = desk.browser.get(answer.location)
    assert sheet.mimetype == "application/pdf"
    text = PdfReader(io.BytesIO(sheet.data)).pages[0].extract_text()
    for word in (
        "序号",
        "项目编号",
        "代表队名称",
        "项目类型",
        "组别",
        "审查结果",
        "推荐意见",
        "智慧星队",
        "盖章",
    ):
        assert word in text
    assert desk.there.stage == "待上传"
    assert desk.press("print").status_code == 303  # again, as often as one likes
    assert desk.there.stage == "待上传"


def test_exactly_one_pdf_is_uploaded(desk: Desk) -> None:
    """P-33, P-34, P-35: one file, its name and size; a second is refused until that is deleted."""
    desk.there.review(desk.there.submitted())
    desk.there.generated()
    assert (
        "请将已签字、盖章的《区县级审查及推荐表》，扫描成PDF文件，点击下方的“上传资格审查汇总表”按钮上传。只允许上传1个文件。"
        in desk.look()
    )
    assert desk.send(picture(), "扫描件.png").status_code == 422
    assert "请将汇总表扫描成PDF文件后上传" in desk.browser.page
    assert desk.press("uploads", {}).status_code == 422
    two = [(io.BytesIO(desk.print()), "1.pdf"), (io.BytesIO(desk.print()), "2.pdf")]
    assert desk.press("uploads", {"scan.file": two}).status_code == 422
    assert ONE_FILE in desk.browser.page
    assert desk.send(name="邯山区汇总表.pdf").status_code == 303
    assert desk.there.stage == "已上传"
    page = desk.look()
    assert "邯山区汇总表.pdf" in page
    assert re.search(r"\d+ KB", page)
    for words in ("文件名称", "大小", "操作", "下载", "删除"):
        assert words in page
    assert desk.send().status_code == 422
    assert ONE_FILE in desk.browser.page
    assert desk.delete().status_code == 303
    assert desk.there.uploads() == [(False, "deleted")]
    assert desk.there.stage == "待上传"
    assert desk.send().status_code == 303
    assert "历史上传（1）" in desk.look()
    assert "区县删除" in desk.browser.page


def test_what_the_city_has_confirmed_is_not_deleted(desk: Desk) -> None:
    """P-35."""
    desk.there.to_upload()
    desk.there.upload()
    there = desk.look()
    desk.there.confirm()
    found = re.search(rf'action="({desk.page}/uploads/\w+/delete)"', there)
    assert found
    assert desk.browser.post(found[1]).status_code == 409
    assert "汇总表已由市级管理员办理，不能删除" in desk.browser.page
    assert desk.there.uploads() == [(True, None)]
    assert "删除后可以重新上传" not in desk.look()


def test_the_city_s_opinion_stands_at_the_upload(desk: Desk) -> None:
    """C-33, P-35."""
    desk.there.to_upload()
    desk.there.upload()
    desk.there.send_back("第 1 页没有盖章")
    assert "第 1 页没有盖章" in desk.look()
    assert "市级退回" in desk.browser.page


def test_a_scan_of_a_print_that_no_longer_holds_is_refused_naming_the_field(desk: Desk) -> None:
    """C-20, P-36: and the way out is to generate it anew."""
    (declared,) = desk.there.to_upload()
    old = desk.print()
    with desk.house.world.session() as session, transaction(session):
        session.execute(
            update(Declaration).where(Declaration.instance_id == declared).values(team_name="改名队")
        )
    assert desk.send(old).status_code == 422
    assert "代表队名称" in desk.browser.page
    desk.there.world.decide(desk.there.instance, "upload", "reprint", desk.there.admin)
    desk.there.generated()
    assert desk.send(old).status_code == 422
    assert desk.send().status_code == 303


def test_a_scan_without_one_of_its_pages_is_refused(desk: Desk) -> None:
    """C-20: every page is signed and stamped (逐页)."""
    for number in range(15):
        desk.there.review(
            desk.there.submitted(f"龙湖小学机器人社团与和平路小学科技创新联合代表队第{number}队")
        )
    desk.there.generated()
    whole = PdfReader(io.BytesIO(desk.print()))
    assert len(whole.pages) == 2
    torn, out = PdfWriter(), io.BytesIO()
    torn.add_page(whole.pages[0])
    torn.write(out)
    assert desk.send(out.getvalue()).status_code == 422
    assert "缺少第2页（共2页）" in desk.browser.page
    assert desk.send().status_code == 303


def test_a_foreign_district_s_summary_is_not_there(whole_house: House) -> None:
    """P-20, P-38, C-11: 404 for another's post, another's upload; the city has its own page."""
    mine, other = sit(whole_house), sit(whole_house, "130403")
    other.there.to_upload()
    other.there.upload()
    found = re.search(r"/uploads/(\w+)/delete", other.look())
    assert found
    for verb in ("print", "uploads", f"uploads/{found[1]}/delete"):
        assert mine.browser.post(f"{other.page}/{verb}").status_code == 404
    assert mine.browser.get(other.page).status_code == 404
    assert mine.press(f"uploads/{found[1]}/delete").status_code == 404
    assert other.there.uploads() == [(True, None)]


def test_the_task_in_the_inbox_does_the_same(desk: Desk) -> None:
    """PR-P3: whoever works from the inbox finds form and print there."""
    desk.there.review(desk.there.submitted())
    desk.there.generated()
    at = desk.house.task(desk.there.instance, "print_summary")
    assert "区县级审查及推荐表" in (desk.browser.get(at), desk.browser.page)[1]
    assert decide(desk.browser, at, "printed").status_code == 302
    at = desk.house.task(desk.there.instance, "upload")
    answer = decide(desk.browser, at, "upload")
    assert answer.status_code == 422
    assert "请上传已签字、盖章的汇总表（PDF）" in desk.browser.page
    answer = decide(desk.browser, at, "upload", **{"scan.file": (io.BytesIO(desk.print()), "a.pdf")})
    assert answer.status_code == 302
    city = desk.house.visit(CITY)
    at = desk.house.task(desk.there.instance, "city_confirm")
    assert decide(city, at, "confirm").status_code == 302
    assert desk.there.stage == "已确认"


def test_the_city_looks_over_all_districts(whole_house: House) -> None:
    """P-35, C-28: figures and states of each, filters, a matrix, and the uploaded ones as one ZIP."""
    project = new_project(whole_house.world, "科幻画大赛")
    one, two = sit(whole_house, "130402", project), sit(whole_house, "130403", project)
    one.there.to_upload(2)
    one.there.upload()
    for declared in (two.there.submitted(), two.there.submitted())[:1]:
        two.there.review(declared, "fail")
    city = whole_house.visit(CITY)
    assert city.get(f"/permits/summaries?project={project}").status_code == 200
    lines = re.findall(r'<td class="serial">.*?</tr>', city.page, re.DOTALL)
    told = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)) for line in lines]
    assert len(told) == 2
    assert re.match(" 1 2026 年科幻画大赛 邯山区 2 0 2 0 2 0 已上传", told[0]), told
    assert re.match(" 2 2026 年科幻画大赛 丛台区 2 0 2 1 0 1 审查中", told[1]), told
    assert re.search(r'<th scope="row">邯山区</th>', city.page)
    assert city.get(f"/permits/summaries?project={project}&stage=审查中").status_code == 200
    assert len(re.findall(r'<td class="serial">', city.page)) == 1
    answer = city.post("/permits/summaries/zip", {"asked": f"project={project}"})
    assert answer.status_code == 303
    whole_house.world.work()
    with whole_house.world.session() as session:
        (errand,) = errands.own(session, whole_house.world.acting(CITY), 1)
        found = documents.open_file(session, documents.settings().storage, errand.result["file"])
    assert (errand.state, errand.result["files"], errand.result["left_out"]) == ("done", 1, 0)
    assert found is not None
    with zipfile.ZipFile(io.BytesIO(found[1])) as archive:
        assert archive.namelist() == ["邯山区-2026 年科幻画大赛-区县级审查及推荐表.pdf"]
    next_city = whole_house.visit("邻市")
    next_city.get("/permits/summaries")
    assert "邯山区" not in next_city.page
    assert one.browser.get("/permits/summaries").status_code == 403


def test_an_earlier_print_is_not_handed_out_while_the_next_is_being_set(desk: Desk) -> None:
    """P-36: the sheet of the round before lacks a row; nobody has it signed and stamped for nothing."""
    desk.there.to_upload()
    new = desk.there.submitted("后来者队")
    desk.there.review(new)
    assert desk.there.stage == "待打印"
    assert "汇总表正在生成" in desk.look()
    assert desk.press("print").status_code == 409
    assert desk.send().status_code == 409
    desk.there.generated()
    assert desk.press("print").status_code == 303
