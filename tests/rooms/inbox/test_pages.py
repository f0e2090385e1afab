"""The inbox as people use it: one walks an application through, one decides (PR-P1)."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.documents import correction_letters
from app.platform.runtime.entities import Draft, Task
from tests.platform.runtime import returning
from tests.platform.runtime.test_items import return_it
from tests.rooms.inbox.conftest import fields_of
from tests.world import World, profile


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (400, 560), "white")
    image.paste((200, 20, 20), (200, 300, 320, 420))
    image.save(out, kind)
    return out.getvalue()


def upload(content: bytes, name: str) -> dict:
    return {"scan.file": (io.BytesIO(content), name)}


def to_upload(world: World) -> str:
    instance = world.apply()
    world.decide(instance, "file_profile", "save", sent=profile())
    world.decide(instance, "submit", "submit")
    world.work()
    return instance


def decide(browser, url: str, outcome: str, **more):
    browser.get(url)
    return browser.post(url, {**fields_of(browser.page), "outcome": outcome, **more})


def test_a_reviewer_finds_decides_and_is_led_on(world: World, visit) -> None:
    """C-34: after a decision the item leaves the list, and the next one opens."""
    first, second = world.to_review(), world.to_review("组织者乙")
    city = visit("市级")
    city.get("/inbox/")
    assert "组织者甲" in city.page
    assert "组织者乙" in city.page
    task = world.open_task(first, "city_review")
    answer = decide(city, f"/inbox/tasks/{task}?fresh=1&box=todo&at=1", "approve", comment="同意")
    assert answer.status_code == 302
    assert f"/inbox/tasks/{world.open_task(second, 'city_review')}?fresh=1&box=todo&at=1" in answer.location
    city.get(answer.location)
    assert "已办理：组织者甲" in city.page
    city.get("/inbox/?box=done")
    assert "组织者甲" in city.page
    answer = decide(city, f"/inbox/tasks/{world.open_task(second, 'city_review')}?box=todo", "approve")
    city.get(answer.location)
    assert "没有待办事项。" in city.page


def test_a_negative_outcome_without_an_opinion_is_refused_by_its_name(world: World, visit) -> None:
    """C-33."""
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    answer = decide(city, f"/inbox/tasks/{task}", "reject", comment="  ")
    assert answer.status_code == 422
    assert city.page.count("选择“不通过”时，请填写【审核意见】") == 2  # above, and beside the field


def test_the_page_of_an_instance_shows_what_was_last_submitted(world: World, visit) -> None:
    """Form and scan, read-only; in full to whoever decided, masked to a colleague who did not (C-39)."""
    instance = world.to_review()
    world.decide(instance, "city_review", "approve", "市级", comment="同意")
    world.work()
    number = profile()["id_number"][0]
    for name, in_full in (("组织者甲", True), ("市级", True), ("市级二", False)):
        browser = visit(name)
        browser.get(f"/inbox/instances/{instance}")
        assert "演示中学" in browser.page
        assert 'class="scan-picture"' in browser.page
        assert (number in browser.page) is in_full
        assert 'name="employer"' not in browser.page


def test_a_step_that_asks_shows_the_rest_folded_below(world: World, visit) -> None:
    """What to do, what to print, what to upload; then what has been filled in (P-14, P-15)."""
    instance = to_upload(world)
    organiser = visit("组织者甲")
    organiser.get(f"/inbox/tasks/{world.open_task(instance, 'upload_scan')}")
    page = organiser.page
    places = [
        page.index(words)
        for words in (
            "1. 点击【预览打印】",
            'id="documents"',
            'name="scan.file"',
            "查看已填写的资料",
            "演示中学",
        )
    ]
    assert places == sorted(places)
    organiser.get(f"/inbox/tasks/{world.open_task(instance, 'upload_scan')}?lang=en")
    assert "Show what has been filled in" in organiser.page


def test_a_returned_application_shows_its_opinion_and_is_corrected(world: World, visit) -> None:
    """P-17, C-33, C-36."""
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="公章不清晰")
    organiser = visit("组织者甲")
    organiser.get("/inbox/")
    assert "退回件" in organiser.page
    organiser.get(f"/inbox/tasks/{world.open_task(instance, 'correct')}")
    assert "公章不清晰" in organiser.page


def test_the_applicant_walks_from_profile_to_review_in_the_browser(world: World, visit) -> None:
    """P-08…P-16 through pages: profile, submit, print, upload."""
    instance = world.apply()
    organiser = visit("组织者甲")
    url = f"/inbox/tasks/{world.open_task(instance, 'file_profile')}"
    values = {name: value[0] for name, value in profile().items()}
    answer = decide(organiser, url, "save", **{**values, "employer": ""})
    assert answer.status_code == 422
    assert "请填写【工作单位】" in organiser.page
    assert "演示路 1 号" in organiser.page  # nothing typed is lost
    answer = organiser.post(url, {**fields_of(organiser.page), "outcome": "save", "employer": "演示中学"})
    assert answer.status_code == 302, organiser.page
    submit = world.open_task(instance, "submit")
    assert answer.location.startswith(f"/inbox/tasks/{submit}")
    answer = decide(organiser, f"/inbox/tasks/{submit}", "submit")
    assert answer.location == f"/inbox/instances/{instance}"
    organiser.get(answer.location)
    assert "正在生成申请表" in organiser.page
    assert "every 2s" in organiser.page
    assert '<meta http-equiv="refresh"' in organiser.page
    assert world.work() == 1
    organiser.get(answer.location, headers={"HX-Request": "true"})
    scan = world.open_task(instance, "upload_scan")
    assert f"/inbox/tasks/{scan}" in organiser.page
    assert "every 2s" not in organiser.page
    organiser.get(f"/inbox/tasks/{scan}")
    printed = re.search(r'href="(/files/[^"?]+)\?download=1"', organiser.page)
    assert printed is not None
    pdf = organiser.get(printed.group(1) + "?download=1")
    assert pdf.data.startswith(b"%PDF-")
    assert pdf.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%E7%BB%84" in pdf.headers["Content-Disposition"]
    organiser.get(f"/inbox/tasks/{scan}")
    answer = organiser.post(
        f"/inbox/tasks/{scan}",
        {**fields_of(organiser.page), "outcome": "upload", **upload(picture(), "扫描件.png")},
    )
    assert answer.status_code == 302, organiser.page
    organiser.get(answer.location)
    assert "市级管理员办理“市级审核”" in organiser.page


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"<html><script>1</script>", "a.png"), (b"", "a.png"), (b"%PDF-1.4 x %%EOF", "a.pdf")],
)
def test_a_refused_scan_is_a_complaint_beside_its_field(world: World, visit, content, name) -> None:
    """P-15: what is no picture is refused in the manual's words."""
    instance = to_upload(world)
    organiser = visit("组织者甲")
    url = f"/inbox/tasks/{world.open_task(instance, 'upload_scan')}"
    organiser.get(url)
    answer = organiser.post(url, {**fields_of(organiser.page), "outcome": "upload", **upload(content, name)})
    assert answer.status_code == 422
    said = "上传的文件是空的" if not content else "请上传彩色图片文件（JPG/PNG）"
    assert organiser.page.count(said) >= 2


def test_a_stored_scan_survives_a_refused_post(world: World, visit) -> None:
    """What has been uploaded is kept when something else is wrong."""
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="请核对")
    organiser = visit("组织者甲")
    url = f"/inbox/tasks/{world.open_task(instance, 'correct')}"
    organiser.get(url)
    body = {
        **fields_of(organiser.page),
        "outcome": "submit",
        "employer": "",
        **upload(picture(), "新扫描.png"),
    }
    assert organiser.post(url, body).status_code == 422
    assert "新扫描.png" in organiser.page
    body = {**fields_of(organiser.page), "outcome": "submit", "employer": "演示中学"}
    assert organiser.post(url, body).status_code == 302, organiser.page
    assert world.open_elements(instance) == ["city_review"]


def test_a_double_click_decides_once_and_ends_the_same(world: World, visit) -> None:
    """T10: the same post again has the same result."""
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    body = {**fields_of(city.page), "outcome": "approve", "comment": "同意"}
    answers = [city.post(f"/inbox/tasks/{task}", body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]


def test_a_second_decider_reads_who_decided_and_keeps_his_opinion(world: World, visit) -> None:
    """C-19, T10."""
    task = world.open_task(world.to_review(), "city_review")
    one, two = visit("市级"), visit("市级二")
    for browser in (one, two):
        browser.get(f"/inbox/tasks/{task}")
    body = fields_of(one.page)
    assert one.post(f"/inbox/tasks/{task}", {**body, "outcome": "approve"}).status_code == 302
    answer = two.post(
        f"/inbox/tasks/{task}", {**fields_of(two.page), "outcome": "reject", "comment": "公章不清晰，请重扫"}
    )
    assert answer.status_code == 409
    for words in ("该记录已被处理", "市级已于", "结果为“通过”", "公章不清晰，请重扫"):
        assert words in two.page
    assert 'name="outcome"' not in two.page


def test_changing_one_s_mind_in_a_second_window_is_told_so(world: World, visit) -> None:
    """Another outcome for a task one has decided oneself is no double click."""
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    body = fields_of(city.page)
    assert city.post(f"/inbox/tasks/{task}", {**body, "outcome": "approve"}).status_code == 302
    late = {**body, "outcome": "reject", "comment": "想退回", "key": "another"}
    assert city.post(f"/inbox/tasks/{task}", late).status_code == 409
    assert "该记录已被处理" in city.page
    assert "想退回" in city.page


def test_a_page_that_is_no_longer_what_was_read_is_shown_anew(world: World, visit) -> None:
    """A stale revision: what was typed stays, and the next press counts."""
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    body = {**fields_of(city.page), "outcome": "approve", "comment": "同意", "revision": "99"}
    assert city.post(f"/inbox/tasks/{task}", body).status_code == 409
    assert ">同意</textarea>" in city.page
    answer = city.post(f"/inbox/tasks/{task}", {**fields_of(city.page), "outcome": "approve"})
    assert answer.status_code == 302


def test_read_only_fields_cannot_be_written_by_a_reviewer(world: World, visit) -> None:
    """A foreign post to a read-only field is complained of and nothing is stored."""
    instance = world.to_review()
    task = world.open_task(instance, "city_review")
    city = visit("市级")
    answer = decide(city, f"/inbox/tasks/{task}", "approve", employer="别的单位")
    assert answer.status_code == 422
    assert "不能在这一步修改" in city.page
    assert world.open_elements(instance) == ["city_review"]
    answer = decide(city, f"/inbox/tasks/{task}", "approve", bogus="1", starter="x")
    assert answer.status_code == 302


def test_an_unknown_outcome_is_refused(world: World, visit) -> None:
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    assert decide(city, f"/inbox/tasks/{task}", "grant_everything").status_code == 422


def test_foreign_ids_answer_as_absent_ones(world: World, visit) -> None:
    """C-11, T9: another city, another organiser, a teacher: 404 for task, instance and file alike."""
    instance = world.to_review()
    task = world.open_task(instance, "city_review")
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    file = re.search(r'src="(/files/[^"]+)"', city.page).group(1)
    assert city.get(file).status_code == 200
    for name in ("邻市", "组织者乙", "教师"):
        stranger = visit(name)
        for url in (
            f"/inbox/tasks/{task}",
            f"/inbox/instances/{instance}",
            file,
            "/files/none",
            "/inbox/tasks/x",
        ):
            assert stranger.get(url).status_code == 404, (name, url)
        for verb in ("", "/draft", "/claim", "/unclaim"):
            stranger.get("/inbox/")
            answer = stranger.post(f"/inbox/tasks/{task}{verb}", {"outcome": "approve", "revision": "1"})
            assert answer.status_code == 404, (name, verb)
    assert world.open_elements(instance) == ["city_review"]


def test_the_applicant_may_read_but_not_decide_the_review(world: World, visit) -> None:
    """C-17: no buttons, and the server refuses all the same."""
    task = world.open_task(world.to_review(), "city_review")
    organiser = visit("组织者甲")
    organiser.get(f"/inbox/tasks/{task}")
    assert 'name="outcome"' not in organiser.page
    answer = organiser.post(f"/inbox/tasks/{task}", {"outcome": "approve", "revision": "1"})
    assert answer.status_code == 403


def test_files_are_handed_out_inert(world: World, visit) -> None:
    """T6: pictures inline under a sandbox, with the real name, never sniffed."""
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    scan = city.get(re.search(r'src="(/files/[^"]+)"', city.page).group(1))
    assert scan.mimetype == "image/png"
    assert scan.headers["Content-Disposition"].startswith("inline; ")
    assert scan.headers["X-Content-Type-Options"] == "nosniff"
    assert scan.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_drafts_keep_what_is_typed_even_where_it_is_wrong_yet(world: World, visit) -> None:
    """P-11: typed without saving, offered on reopening."""
    instance = world.apply()
    organiser = visit("组织者甲")
    url = f"/inbox/tasks/{world.open_task(instance, 'file_profile')}"
    organiser.get(url)
    body = {**fields_of(organiser.page), "employer": "半个单位", "mobile": "1380"}
    assert organiser.post(f"{url}/draft", body).status_code == 204
    organiser.get(url)
    assert 'value="半个单位"' in organiser.page
    assert 'value="1380"' in organiser.page
    assert "处需要修改" not in organiser.page


def test_a_reviewer_s_opinion_is_kept_as_a_draft(world: World, visit) -> None:
    task = world.open_task(world.to_review(), "city_review")
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    assert city.post(f"/inbox/tasks/{task}/draft", {"comment": "待核实单位名称"}).status_code == 204
    city.get(f"/inbox/tasks/{task}")
    assert ">待核实单位名称</textarea>" in city.page
    assert decide(city, f"/inbox/tasks/{task}", "approve").status_code == 302
    with world.session() as session:
        assert session.scalars(select(Draft)).all() == []


def test_an_expired_session_in_the_middle_of_a_form_loses_nothing(world: World, visit) -> None:
    """The post leads to login, the login back to the form, with everything typed."""
    instance = world.apply()
    organiser = visit("组织者甲")
    url = f"/inbox/tasks/{world.open_task(instance, 'file_profile')}"
    organiser.get(url)
    body = {**fields_of(organiser.page), "outcome": "save", "employer": "演示中学", "address": "演示路 1 号"}
    organiser.client.delete_cookie("chengpi")
    headers = {"Referer": f"http://localhost{url}"}
    answer = organiser.post(url, body, headers=headers)
    assert "/login" in answer.location
    back = organiser.sign_in("organiser1", url=answer.location)
    organiser.get(back.location)
    assert 'value="演示中学"' in organiser.page
    assert 'value="演示路 1 号"' in organiser.page
    assert "已恢复您登录失效前填写的内容" in organiser.page


def test_claiming_keeps_others_from_deciding(world: World, visit) -> None:
    task = world.open_task(world.to_review(), "city_review")
    one, two = visit("市级"), visit("市级二")
    one.get(f"/inbox/tasks/{task}")
    answer = one.post(f"/inbox/tasks/{task}/claim", {"revision": fields_of(one.page)["revision"]})
    assert answer.status_code == 302
    two.get(f"/inbox/tasks/{task}")
    assert "签收，正在办理。" in two.page
    assert 'name="outcome"' not in two.page
    one.get(f"/inbox/tasks/{task}")
    one.post(f"/inbox/tasks/{task}/unclaim", {"revision": fields_of(one.page)["revision"]})
    two.get(f"/inbox/tasks/{task}")
    assert 'name="outcome"' in two.page


def test_claiming_carries_the_list_s_state_along_and_nothing_else(world: World, visit) -> None:
    task = world.open_task(world.to_review(), "city_review")
    city, url = visit("市级"), f"/inbox/tasks/{task}"
    city.get(url)
    answer = city.post(f"{url}/claim?box=todo&task=other&_external=1&_scheme=x", {"revision": "1"})
    assert (answer.status_code, answer.location) == (302, f"{url}?box=todo")


def test_who_has_not_decided_reads_a_closed_task_under_its_masks(world: World, visit) -> None:
    """C-38: in full only one's own data, and what one decides or has decided."""
    number = profile()["id_number"][0]
    task = world.open_task(world.to_review(), "city_review")
    url = f"/inbox/tasks/{task}"
    assert number in _page(visit("市级二"), url)
    world.complete(task, "approve", "市级")
    for name, in_full in (("市级", True), ("组织者甲", True), ("市级二", False)):
        assert (number in _page(visit(name), url)) is in_full, name


def _page(browser, url: str) -> str:
    browser.get(url)
    return browser.page


def test_the_state_of_the_list_is_in_the_address(world: World, visit) -> None:
    """Filter, page and box survive opening a task and going back."""
    world.to_review()
    city = visit("市级")
    city.get("/inbox/?box=todo&q=组织者甲")
    link = re.search(r'class="case" href="([^"]+)"', city.page).group(1)
    assert "q=%E7%BB%84" in link
    city.get(link.replace("&amp;", "&"))
    assert 'value="组织者甲"' in city.page
    city.get("/inbox/?q=nobody")
    assert "筛选挡住了 1 条" in city.page


def test_strangers_are_led_to_login(app) -> None:
    client = app.test_client()
    for url in ("/inbox/", "/inbox/tasks/x", "/inbox/instances/x", "/files/x", "/fairs/lists/applications"):
        answer = client.get(url)
        assert answer.status_code == 303, url
        assert "/login" in answer.location


def test_a_deadline_that_may_still_move_says_so_beside_it(world: World, visit) -> None:
    instance = world.to_review()
    task = world.open_task(instance, "city_review")
    sentence = "该年节假日安排尚未公布，时限可能调整"
    city = visit("市级")
    city.get(f"/inbox/tasks/{task}")
    assert sentence not in city.page
    with world.session() as session, transaction(session):
        session.execute(update(Task).where(Task.id == task).values(is_due_provisional=True))
    city.get(f"/inbox/tasks/{task}")
    assert sentence in city.page


def test_marks_are_sent_kept_and_told_without_scripts(world: World, visit) -> None:
    """C4: the same post a browser without scripts sends; a mark of what nobody may mark is refused in words."""
    instance = world.to_review()
    city, url = visit("市级"), f"/inbox/tasks/{world.open_task(instance, 'city_review')}"
    city.get(url)
    assert 'name="item-employer"' in city.page
    assert 'name="item-project_name"' not in city.page  # no step could change it
    fields = {**fields_of(city.page), "comment": "请改"}
    marked = {"item-employer": "1", "item-employer.code": "other", "item-employer.why": "与公章不一致"}
    forged = {"item-project_name": "1", "item-project_name.why": "x", "item-zz": "1", "item-zz.why": "y"}
    assert city.post(url, {**fields, **marked, **forged, "outcome": "reject"}).status_code == 422
    assert "这一步没有“zz”可以退回修改" in city.page
    assert city.post(url, {**fields, **marked, "outcome": "approve"}).status_code == 422
    assert "请取消标记，或选择退回的结果" in city.page
    assert 'id="item-employer" name="item-employer" value="1" checked' in city.page  # nothing typed is lost
    assert (
        city.post(url, {**fields_of(city.page), **marked, "comment": "请改", "outcome": "reject"}).status_code
        == 302
    )
    own = visit("组织者甲")
    own.get(f"/inbox/tasks/{world.open_task(instance, 'correct')}")
    assert "一次性告知书" in own.page
    assert 'name="employer"' in own.page
    assert 'name="full_name"' not in own.page
    assert 'name="item-' not in own.page


def test_the_letters_of_all_returns_stay_on_the_page_of_the_matter(world: World, visit) -> None:
    """C4: once it is submitted again the task with the letter is closed; the letter is still to be had."""
    instance, files = world.to_review(), []
    for items in ({"employer": "与公章不一致"}, {"scan": "公章不清晰"}):
        return_it(world, instance, items)
        world.work()
        found = returning.seen(world, instance, "correct").items
        assert found is not None
        with world.session() as session:
            files.append(correction_letters.paper(session, instance, found.seq).file)
        world.decide(instance, "correct", "submit", sent=world.scan(instance=instance))
    assert None not in files
    for name in ("组织者甲", "市级"):
        reader = visit(name)
        reader.get(f"/inbox/instances/{instance}")
        for file in files:
            assert f'href="/files/{file}?download=1"' in reader.page
        assert reader.get(f"/files/{files[0]}").status_code == 200
