"""The lists of reviewing: whom each shows, in which cells and under which filters (PG-D5…PG-D11, D-18…D-47)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from app.platform import lists
from app.platform.data import transaction
from app.platform.lists import choosing, exporting
from app.platform.registry import Words
from app.platform.runtime.entities import Instance
from app.systems.delegates import candidates, choices, review_lists, rules, slate_lists
from app.systems.delegates.entities import Candidate
from tests.systems.delegates import filling, slating
from tests.systems.delegates.test_rules import rows
from tests.systems.delegates.world import CONGRESS, CONVENING, LIAISON_ONE, LIAISON_TWO, UNIT, World

PAGES = {
    "代表委员审核不通过": review_lists.REJECTED,
    "代表委员审核通过待上报": review_lists.WAITING,
    "审核通过已上报": review_lists.REPORTED,
}
CODES = {"工作人员": "staff", "特邀代表": "special", "代表": "delegate", "委员": "member", "": "delegate"}
UNITS_OWN = (
    review_lists.FIRST_REVIEW,
    review_lists.REJECTED,
    review_lists.WAITING,
    review_lists.REPORTED,
)


def ask(world: World, listing: lists.List, reader: str = LIAISON_ONE, /, **sent: str) -> lists.Page:
    """A page of a list as a reader asks for it."""
    with world.session() as session:
        acting = world.acting(reader)
        asked = lists.read(listing, session, acting, sent)
        columns = choosing.columns(listing, None, session, acting)
        return lists.fetch(listing, session, acting, asked, world.now, columns)


def names(world: World, listing: lists.List, reader: str = LIAISON_ONE, /, **sent: str) -> list[str]:
    return [line.cells["name"] for line in ask(world, listing, reader, **sent).rows]


def said(value: Any) -> str:
    if isinstance(value, lists.Chip):
        return value.words.zh
    if isinstance(value, datetime):
        return value.astimezone(candidates.LOCAL).strftime("%Y-%m-%d %H:%M:%S")
    return str(getattr(value, "zh", "" if value is None else value))


def test_every_person_of_the_sample_reads_as_printed(world: World) -> None:
    """d_people.csv, D-42: unit, sex, ethnicity, party, age, identity, time and state, each on its page."""
    for case in rows("d_people.csv"):
        _sample(world, case)
        (line,) = [
            each for each in ask(world, PAGES[case["出现页面"]]).rows if each.cells["name"] == case["姓名"]
        ]
        cells = {key: said(value) for key, value in line.cells.items()}
        assert cells["unit"] == UNIT
        assert cells["gender"] == case["性别"]
        assert cells["ethnicity"] == case["民族"]
        assert cells["party"] == case["党派"]
        assert cells["born_on"] == case["出生日期"]
        assert cells["age"] == case["年龄"]
        assert cells["stage"] == case["状态"]
        assert cells["submitted_at"].startswith(case["提交时间"])
        if case["身份"]:
            assert cells["identity"] == case["身份"]


def _sample(world: World, case: Mapping[str, str]) -> None:
    """A row of d_people.csv as rows of the database; the ages are counted as everywhere."""
    identity = CODES[case["身份"]]
    world.allot_seats(
        world.unit, {each: rules.Allotment(9) for each in ("member", "delegate", "special", "staff")}
    )
    plain = case["姓名"].rstrip("0123456789")
    instance = filling.recommend(world, plain, identity)
    text = case["提交时间"] if " " in case["提交时间"] else case["提交时间"] + " 12:00:00"
    submitted = datetime.fromisoformat(text).replace(tzinfo=candidates.LOCAL).astimezone(UTC)
    with world.session() as session, transaction(session):
        row = candidates.of_instance(session, instance)
        row.name = case["姓名"]
        row.gender = "male" if case["性别"] == "男" else "female"
        row.ethnicity, row.party = case["民族"], case["党派"]
        row.born_on, row.submitted_at = date.fromisoformat(case["出生日期"]), submitted
        candidates.count_age(row)
        session.flush()
        session.execute(
            update(Instance).where(Instance.id == instance).values(stage_zh=case["状态"], stage_en="-")
        )


def test_columns_stand_as_written() -> None:
    """PG-D5, PG-D8: in this order; phone and ID number only for whoever asks, and masked (D-47)."""
    shown = [column.title.zh for column in review_lists.FIRST_REVIEW.columns if not column.hidden_at_first]
    assert shown == [
        "推荐单位", "姓名", "性别", "民族", "党派", "出生日期", "年龄", "身份", "提交时间", "状态",
    ]  # fmt: skip
    assert [column.title.zh for column in review_lists.WAITING.columns][-1] == "附件"
    masks = {column.key: column.mask for column in review_lists.FIRST_REVIEW.columns if column.mask}
    assert masks == {"phone": "phone", "id_number": "id"}


def test_filters_stand_as_written() -> None:
    """PG-D5, PG-D11, D-46."""
    written = ["代表大会", "身份类型", "姓名", "民族", "职业类别", "职业类别（二级）", "党派", "提交时间"]
    for listing in UNITS_OWN[:3]:
        assert [one.title.zh for one in listing.filters] == written
    assert [one.title.zh for one in review_lists.FINAL_REVIEW.filters][:2] == ["代表大会", "推荐单位"]


def test_a_person_wanders_from_list_to_list(world: World) -> None:
    """D-18, D-24, D-25, D-26, D-27, D-34, D-36, D-39: exactly one list of the unit shows him each time."""
    (candidate,) = slating.waiting(world, ["代表/是/50/汉族/群众/女"])
    world.allot_seats(world.unit, {"delegate": rules.Allotment(1)})
    name = _name(world, candidate)

    def where() -> list[str]:
        return [listing.key for listing in UNITS_OWN if names(world, listing) == [name]]

    assert where() == ["waiting"]
    slating.withdraw(world, candidate)
    assert where() == ["first_review"]
    slating.decide(world, candidate, "first_review", "reject", comment="请补充")
    assert where() == ["rejected"]
    slating.withdraw(world, candidate)
    slating.decide(world, candidate, "first_review", "pass")
    assert where() == ["waiting"]
    assert names(world, review_lists.FINAL_REVIEW, CONVENING) == []
    slating.report(world)
    assert where() == ["reported"]
    assert names(world, review_lists.FINAL_REVIEW, CONVENING) == [name]
    assert ask(world, review_lists.REPORTED).rows[0].instance is None  # only 详情
    slating.final(world, candidate, "fail", "材料不符")
    assert where() == ["reported"]
    assert ask(world, review_lists.REPORTED).rows[0].instance is not None  # 编辑
    assert names(world, review_lists.FINAL_REVIEW, CONVENING) == []
    assert names(world, review_lists.FINAL_REVIEW, CONVENING, stage="") == [name]
    slating.decide(world, candidate, "edit", "resubmit")
    slating.final(world, candidate)
    assert names(world, review_lists.REPORTED, stage=candidates.FINAL_PASSED) == [name]


def _name(world: World, candidate: str) -> str:
    with world.session() as session:
        return session.get_one(Candidate, candidate).name


def test_each_filter_narrows(world: World) -> None:
    """D-19, D-46: by congress, identity, name, ethnicity, occupation in two levels, party, and days."""
    one = filling.recommend(world, "李海", "member")
    filling.submit(world, one, "李海", ethnicity=["回族"], party=["民盟"], second_party=["群众"])
    listing, day = review_lists.FIRST_REVIEW, f"{world.now.astimezone(candidates.LOCAL):%Y-%m-%d}"
    hits: list[dict[str, str]] = [
        {"congress": world.congress},
        {"identity": "member"},
        {"name": "海"},
        {"ethnicity": "回族"},
        {"occupation": "公务员"},
        {"occupation": "公务员", "occupation_kind": "中央和地方各级党政机关"},
        {"party": "民盟"},
        {"party": "群众"},
        {"submitted_from": day, "submitted_to": day},
    ]
    for sent in hits:
        assert names(world, listing, **sent) == ["李海"], sent
    misses: list[dict[str, str]] = [
        {"identity": "delegate"},
        {"name": "王"},
        {"ethnicity": "汉族"},
        {"occupation": "企业人员"},
        {"occupation": "公务员", "occupation_kind": "各级人民团体"},
        {"party": "致公党"},
        {"submitted_to": "2020-01-01"},
    ]
    for sent in misses:
        assert names(world, listing, **sent) == [], sent


def test_the_second_level_follows_the_first() -> None:
    """D-46: two dependent selects."""
    second = next(one for one in review_lists.FILTERS if one.key == "occupation_kind")
    assert second.choices is not None
    assert second.under == "occupation"
    assert second.choices(None, None, "") == []
    assert [code for code, _ in second.choices(None, None, "公务员")] == [
        each.zh for each in choices.OCCUPATIONS["公务员"][1]
    ]


def test_another_unit_and_another_congress_see_nothing(world: World) -> None:
    """D-44: the scope is in the query."""
    slating.waiting(world)
    for listing in UNITS_OWN:
        assert names(world, listing, LIAISON_TWO) == []
        assert names(world, listing, CONVENING) == []
    slating.report(world)
    far = world.settle_unit("邢台市科学技术协会", "130500")
    world.appoint("外市经办", "delegates.convener", far)
    assert names(world, review_lists.FINAL_REVIEW, "外市经办") == []
    assert ask(world, slate_lists.SLATES, "外市经办").total == 0
    assert ask(world, slate_lists.SLATES, LIAISON_TWO).total == 0
    assert ask(world, slate_lists.SLATES, CONVENING).total == 1
    assert ask(world, slate_lists.SLATES, LIAISON_ONE).total == 1


def test_phone_and_id_number_are_masked(world: World) -> None:
    """D-47: in the list, and so in what is taken out of it."""
    slating.waiting(world)
    with world.session() as session:
        acting = world.acting(LIAISON_ONE)
        asked = lists.read(review_lists.WAITING, session, acting, {})
        page = lists.fetch(
            review_lists.WAITING, session, acting, asked, world.now, review_lists.WAITING.columns
        )
    for line in page.rows:
        assert "****" in line.cells["phone"]
        assert "***********" in line.cells["id_number"]
        assert line.cells["attachments"].value.zh == "上传文件"


@pytest.mark.parametrize("listing", [*UNITS_OWN, review_lists.FINAL_REVIEW], ids=lambda one: one.key)
def test_a_workbook_is_named_after_its_congress(world: World, listing: lists.List) -> None:
    """D-35, 2.4 Downloads."""
    name = CONVENING if listing is review_lists.FINAL_REVIEW else LIAISON_ONE
    with world.session() as session:
        acting = world.acting(name)
        called = {}
        for congress in (world.congress, ""):
            asked = lists.read(listing, session, acting, {"congress": congress})
            called[congress] = exporting._file_name(listing, acting, asked, "zh", world.now)
    assert called == {world.congress: f"{CONGRESS}-参会人员信息.xlsx", "": "全部大会-参会人员信息.xlsx"}


@pytest.mark.parametrize("listing", review_lists.LISTS, ids=lambda one: one.key)
def test_the_button_beside_reset_is_called_as_the_requirements_call_it(listing: lists.List) -> None:
    """PG-D3, PG-D5, PG-D8, PG-D9, C-15."""
    assert listing.search == Words("搜索", "Search")
