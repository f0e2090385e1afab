"""The printed registration form says what the form says, in the order of the sample (2.4, Downloads)."""

from __future__ import annotations

import csv

import pypdfium2

from app.platform import documents
from app.platform.documents import printing
from app.platform.registry import Call
from app.systems.delegates import registration_form
from app.systems.delegates.candidates import PROCESS
from tests.systems.delegates.filling import recommend, submit
from tests.systems.delegates.world import LIAISON_ONE, SAMPLES, World

SHORTER = {
    "全日制教育（最高学历）": "全日制教育",
    "全日制毕业院校系及专业": "院校系及专业",
    "在职毕业院校系及专业": "院校系及专业",
    "是否省科协上一届全委会任职情况": "上一届全委会任职情况",
    "担任省科协荣誉职务情况": "担任科协荣誉职务情况",
}
"""What the sample calls a field at greater length."""


def printed(world: World, instance: str, name: str) -> printing.Rendered:
    candidate = world.candidate(name)
    with world.session() as session:
        call = Call(
            session, world.now, world.acting(LIAISON_ONE), instance, PROCESS, "first_review",
            {"candidate_id": candidate.id}, candidate.person_id,
        )  # fmt: skip
        return printing.prepare(call, registration_form.TEMPLATE)


def words_of(rendered: printing.Rendered) -> str:
    document = pypdfium2.PdfDocument(documents.settings().storage.get(rendered.content))
    text = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(text.split())


def test_it_shows_every_field_of_the_sample_in_its_order(world: World) -> None:
    """2.4: layout as EN-D3/D4; the file is called 姓名-身份-登记表."""
    instance = recommend(world, "张丽丽", "member")
    submit(
        world,
        instance,
        "张丽丽",
        history=["担任第五届代表大会代表\n担任第六届代表大会代表"],
        academic_kind=["全国学会"],
        academic_post=["处长"],
        is_staff=["yes"],
        staff_kind=["农技协"],
    )
    rendered = printed(world, instance, "张丽丽")
    assert rendered.received.name == "张丽丽-委员-登记表.pdf"
    assert 1 <= rendered.received.pages <= 2
    assert rendered.missing == ()
    text = words_of(rendered)
    for expected in (
        "邯山区科学技术协会", "张丽丽", "男", "汉族", "1980-01-02", "中国共产党党员", "博士研究生",
        "演示大学应用数学", "教授", "正高级", "全国学会", "处长", "农技协", "担任第六届代表大会代表",
        "公务员/中央和地方各级党政机关",
    ):  # fmt: skip
        assert expected in text
    with (SAMPLES / "d_registration_form.csv").open(encoding="utf-8") as file:
        labels = [row[0] for row in list(csv.reader(file))[1:]]
    place, found = 0, []
    for label in labels:
        at = text.find(SHORTER.get(label, label), place)
        if at >= 0:
            place, found = at, [*found, label]
    assert [label for label in labels if label not in found] == []


def test_a_form_that_nobody_has_filled_in_prints_too(world: World) -> None:
    instance = recommend(world, "王倩")
    assert "王倩" in words_of(printed(world, instance, "王倩"))
