"""The diagrams of the repository speak English, too: whatever is drawn with a name has an English one of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.empty_world import ROOT

DRAWN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ENGLISH = f"{DRAWN}extensionElements/{{*}}properties/{{*}}property[@name='name.en']"
INNER = {
    f"{DRAWN}{kind}" for kind in ("message", "error", "signal", "participant", "inputDataItem", "dataObject")
}
"""Named for the machine, or (a pool) drawn with the English of its process."""
FILES = sorted((ROOT / "processes").rglob("*.bpmn"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_whatever_is_drawn_with_a_name_has_an_english_one(file: Path) -> None:
    named = {
        one.get("id"): [each.get("value") or "" for each in one.iterfind(ENGLISH)]
        for one in etree.parse(file).iter(f"{DRAWN}*")
        if one.get("name") and one.tag not in INNER
    }
    assert named
    assert [one for one, words in named.items() if not re.search("[A-Za-z]", "".join(words))] == []
