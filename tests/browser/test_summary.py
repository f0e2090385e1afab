"""The district's summary by three people at three browsers: signed, confirmed, and made stale (PR-P3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.live import Person, Street
from tests.systems.permits.declaring import TEACHER, Contest, contest

pytestmark = pytest.mark.browser


def submit(teacher: Person, teams: Contest, name: str) -> str:
    """A team that has filled in its declaration submits it; return the instance."""
    instance = teams.filled(team_name=[name])
    teacher.go(f"/inbox/tasks/{teams.world.open_task(instance, 'submit')}")
    teacher.press("正式提交")
    teacher.page.wait_for_load_state("networkidle")
    assert teams.stage(instance) == "待区县审查"
    return instance


def review(district: Person, page: str, number: str) -> None:
    """Find the declaration among those not reviewed, and pass it (PG-P8, PG-P9)."""
    district.go(page)
    district.sees("您选择的是 尚未审核 的项目", "尚有未审核的项目，不能生成汇总表")
    row = district.page.locator("tr", has_text=number)
    row.get_by_role("link", name="审查").click()
    district.page.fill("#f-recommendation", "推荐参加市级")
    district.press("审核通过")
    district.page.wait_for_load_state("networkidle")


def print_summary(street: Street, district: Person, page: str, target: Path) -> bytes:
    """The summary is there by itself; it is printed, signed and comes off the scanner (P-31, P-32)."""
    street.house.world.work()
    district.go(page)
    assert district.page.get_by_role("button", name="打印预览").is_enabled()
    with district.page.expect_download() as waiting:
        district.page.locator("#summary").get_by_role("link", name="下载").click()
    waiting.value.save_as(target)
    assert waiting.value.suggested_filename == "复兴区-青少年机器人竞赛-区县级审查及推荐表.pdf"
    return target.read_bytes()


def send(district: Person, content: bytes, name: str, kind: str = "application/pdf") -> None:
    district.page.set_input_files("#scan", {"name": name, "mimeType": kind, "buffer": content})
    district.press("上传资格审查汇总表")


def test_a_season_of_a_district(street: Street, tmp_path: Path) -> None:
    """P-31…P-36: submitted, reviewed, printed, uploaded, deleted, uploaded, confirmed; and then one more comes."""
    house, world = street.house, street.house.world
    teams = contest(world)
    teams.code, admin = "130404", "复兴管理员"
    world.enter(admin, "permits.district_admin", teams.code, world.project)
    house.account(admin, "district9")
    post = next(p.id for p in world.acting(admin).posts if p.subject == world.project)
    page = f"/permits/activities/{post}/review"
    teacher = street.person(house.usernames[TEACHER])
    district, city = street.person("district9"), street.person(house.usernames["市级"])

    first = submit(teacher, teams, "智慧星队")
    review(district, page, teams.row(first).number)
    scan = print_summary(street, district, page, tmp_path / "1.pdf")
    send(district, b"\x89PNG nothing", "汇总表.png", "image/png")
    district.sees("请将汇总表扫描成PDF文件后上传")
    district.go(page)
    send(district, scan, "汇总表.pdf")
    district.sees("汇总表已上传，等待市级管理员确认。", "只允许上传1个文件", "已上传")
    district.page.locator("summary", has_text="删除").click()
    district.press("确认删除")
    district.sees("文件已删除，可以重新上传。")
    send(district, scan, "复兴区汇总表.pdf")
    district.sees("复兴区汇总表.pdf")

    city.go("/permits/summaries")
    city.page.locator("table.list tr", has_text="复兴区").get_by_role("link", name="确认").click()
    city.page.locator("[data-tabs] a[href='#materials']").click()
    city.sees("已核验")
    city.press("确认")
    city.page.wait_for_load_state("networkidle")
    district.go(page)
    district.sees("已确认")

    second_team = submit(teacher, teams, "补报队")
    district.go(page)
    district.sees("需重新上传", "尚有未审核的项目，不能生成汇总表")
    review(district, page, teams.row(second_team).number)
    second = print_summary(street, district, page, tmp_path / "2.pdf")
    send(district, scan, "旧的.pdf")
    district.sees("上传的是编号")  # the old print is not the one that was printed now
    district.go(page)
    send(district, second, "新的.pdf")
    district.sees("汇总表已上传，等待市级管理员确认。")
