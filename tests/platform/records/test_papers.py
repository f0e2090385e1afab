"""An instance on paper: what its reader sees and what was decided, by the generic template or its process's own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.platform import documents, settings
from app.platform.audit.entities import AuditRow
from app.platform.records import papers
from app.platform.runtime import instances
from tests.empty_world import EmptyWorld, prepare
from tests.platform.jobs.databases import fresh, opened
from tests.platform.records import purchases
from tests.platform.records.purchases import PROCESS, sent

OWN = b"""{% extends "document.html" %}{% block content %}
<div>{{ process }}: {{ values.item }} / {{ steps|length }} / {{ matter }}</div>{% endblock %}"""


@pytest.fixture
def world(tmp_path: Path, shared_press: documents.Press) -> Iterator[EmptyWorld]:
    with fresh("sqlite", tmp_path) as address:
        engine = opened(address)
        made = EmptyWorld(engine)
        settings.forget()
        prepare(made, tmp_path, shared_press, {})
        purchases.people(made)
        purchases.publish(made)
        yield made
        engine.dispose()
        settings.forget()


def said(world: EmptyWorld, instance: str, name: str) -> str:
    """The text of the paper that somebody prints, without the breaks of its lines."""
    with world.session() as session:
        by = world.acting(name)
        view = instances.view(session, instance, by, world.now)
        paper = papers.of(session, view, by, world.now)
    pages = PdfReader(io.BytesIO(paper.content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def returned(world: EmptyWorld) -> str:
    instance = world.start(PROCESS, "职员甲", sent(reason="旧机报废。\n需要更换。"))
    world.decide(instance, "review", "return", "负责人甲", {"granted": ["2"]}, comment="请核对数量")
    return instance


def test_it_says_what_was_asked_and_what_was_decided(world: EmptyWorld) -> None:
    found = said(world, returned(world), "职员甲")
    for words in (
        "设备采购办理单",
        "职员甲的设备采购",
        "设备名称笔记本电脑",
        "类别电脑",
        "预算18,000.50元",
        "旧机报废。需要更换。",
        "负责人审核负责人甲退回修改请核对数量",
        "13800001234",
    ):
        assert words in found, (words, found)
    assert "核定数量" not in found, "the starter is not shown what is asked of the head alone"


def test_the_reader_sees_no_more_on_paper_than_on_the_page(world: EmptyWorld) -> None:
    instance = returned(world)
    assert "核定数量2" in said(world, instance, "负责人甲")
    looked_after = said(world, instance, "平台员")
    assert "核定数量2" in looked_after, "what a register shows him of it, its form shows him too"
    assert "138****1234" in looked_after
    assert "13800001234" not in looked_after
    assert "请核对数量" in looked_after


def test_whoever_prints_anothers_number_in_full_leaves_a_row(world: EmptyWorld) -> None:
    instance = returned(world)
    said(world, instance, "负责人甲")
    with world.session() as session:
        kinds = session.scalars(select(AuditRow.kind).where(AuditRow.kind == "fields.revealed")).all()
    assert len(kinds) == 1


def test_a_template_of_the_bundle_goes_first(world: EmptyWorld) -> None:
    files = {**purchases.files(print="office/purchase_paper"), "forms/office/purchase_paper.html": OWN}
    purchases.publish(world, files)
    instance = world.start(PROCESS, "职员甲", sent())
    found = said(world, instance, "职员甲")
    assert "设备采购:笔记本电脑/1/ASE20260001" in found
    assert "办理单" not in found


def test_a_template_that_asks_for_what_there_is_not_is_no_crash(world: EmptyWorld) -> None:
    bad = OWN.replace(b"values.item", b"nothing.at.all")
    files = {**purchases.files(print="office/purchase_paper"), "forms/office/purchase_paper.html": bad}
    purchases.publish(world, files)
    instance = world.start(PROCESS, "职员甲", sent())
    with pytest.raises(documents.RenderFailed):
        said(world, instance, "职员甲")


def test_a_long_answer_goes_over_pages(world: EmptyWorld) -> None:
    instance = world.start(PROCESS, "职员甲", sent(reason="因旧机报废，需要更换新的设备。" * 120))
    assert said(world, instance, "职员甲").count("需要更换新的设备") == 120
