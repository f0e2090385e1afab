"""《区县工作管理权限申请表》 on paper (P-14): one page whatever stands in it, and read as it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from app.platform.documents import DiskStorage, Press, Settings, printing, templates
from tests.empty_world import ROOT
from tests.platform.documents.conftest import FONTS
from tests.platform.documents.test_printing import EXTREME, LONG, SHORT, text_of

FORMS = ROOT / "forms"
TEMPLATE = "permits/application_form"
SHELF = templates.Shelf(str(FORMS))


@pytest.fixture
def place(tmp_path: Path, shared_press: Press) -> Settings:
    return Settings(DiskStorage(tmp_path), shared_press, FONTS, FORMS)


@pytest.mark.parametrize("data", [SHORT, LONG, EXTREME], ids=["short", "long", "extreme"])
def test_the_permission_form_is_always_one_page(place: Settings, data: dict[str, Any]) -> None:
    pdf = printing.render(place, SHELF, TEMPLATE, "SQ2026-000123", data)[1]
    assert len(pypdfium2.PdfDocument(pdf)) == 1


@pytest.mark.parametrize("tight", range(printing.TIGHTEST + 1))
def test_no_line_of_the_pledge_begins_with_a_comma(place: Settings, tight: int) -> None:
    html = templates.fill(place, SHELF, TEMPLATE, {**LONG, "number": "SQ2026-000123", "tight": tight})
    lines = text_of(place.press.typeset(html, place.templates).pdf).splitlines()
    assert not [line for line in lines if line.strip().startswith(("，", "。", "；", "、"))]
