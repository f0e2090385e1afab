"""What the editor saves is, for the engine, what it opened: every diagram of the house, shown at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import expect

from app.planting import programs
from app.platform import forms
from app.platform.design import drafts
from app.platform.engine import Bundle
from app.platform.engine.chart import Chart
from app.platform.engine.load import survey
from app.platform.runtime import versions
from app.platform.runtime.bundles import bundles
from tests.browser.live import Street
from tests.rooms.designer.drawing import begin, designer, is_saved
from tests.rooms.designer.test_editor_speed import SLOWER_HERE
from tests.rooms.inbox.watching import address, street

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
BUNDLES = bundles(programs())
LONGEST = 1.5
"""Seconds until a diagram of the house is on the canvas, and may be drawn on."""


def canonical(value: Any) -> Any:
    """What an engine's part says, as plain data: expressions as written, sets in order."""
    if hasattr(value, "text") and hasattr(value, "names"):
        return value.text.strip()
    if isinstance(value, Mapping):
        return {key: canonical(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (list, tuple)):
        return [canonical(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: canonical(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def chart_of(chart: Chart) -> dict[str, Any]:
    """Everything the engine has read of a drawing."""
    nodes = {
        node.id: {
            "kind": node.kind.tag,
            "host": node.host and node.host.id,
            "inside": node.inside and sorted(each.id for each in node.inside.nodes),
            **{
                name: canonical(getattr(node, name))
                for name in ("name", "properties", "lane", "default", "stage", "detail", "event", "loop")
            },
        }
        for node in chart.nodes.values()
    }
    flows = {flow.id: (flow.source.id, flow.target.id, canonical(flow.condition)) for flow in chart.flows}
    own = {
        name: canonical(getattr(chart, name)) for name in ("process", "name", "properties", "lanes", "named")
    }
    return {**own, "nodes": nodes, "flows": flows, "variables": sorted(chart.variables)}


def read(process: str, files: Mapping[str, bytes]) -> tuple[list[dict[str, Any]], Any]:
    """What the engine makes of a bundle: its drawings as read, and the definition that runs."""
    known = {}
    for name, content in files.items():
        if name.endswith(".json"):
            form = forms.load(content)
            known[form.id] = form
    charts = survey(Bundle(process, files), versions.catalogue(known))
    definition = canonical(versions.check(files)[process])
    definition.pop("plan")
    return [chart_of(each) for each in charts], definition


@pytest.mark.parametrize("process", BUNDLES)
def test_a_diagram_is_the_same_for_the_engine_after_it_was_saved(street: Street, process: str) -> None:
    files = BUNDLES[process]
    key = f"office_trip_{process}"
    file = next(name for name, content in files.items() if f'id="{process}"'.encode() in content)
    renamed = {name: content.replace(process.encode(), key.encode()) for name, content in files.items()}
    draft = begin(street, key, renamed)
    one = designer(street)
    page = one.page
    one.go("/designer/")
    began = time.perf_counter()
    one.go(f"/designer/drafts/{draft}")
    expect(page.locator(".designer[data-ready]")).to_be_visible()
    took = time.perf_counter() - began
    print(f"{process}: shown in {took:.2f} s")
    page.locator("#title").fill('"往返"')
    is_saved(page)
    with street.house.world.session() as session:
        written = drafts.files(session, draft)
    assert written[file] != renamed[file]
    charts, definition = read(key, renamed)
    again, changed = read(key, written)
    for said in (definition, changed):
        said.pop("title")
    for said in (charts[0], again[0]):
        said["properties"].pop("title", None)
    assert again == charts
    assert changed == definition
    assert took < LONGEST * SLOWER_HERE


def test_an_event_without_an_id_of_its_own_is_given_one_by_a_press(street: Street) -> None:
    process = "delegates_person_review"
    key = f"office_own_{process}"
    files = {
        name: content.replace(process.encode(), key.encode()) for name, content in BUNDLES[process].items()
    }
    file = next(name for name, content in files.items() if f'id="{key}"'.encode() in content)
    files[file] = files[file].replace(b'id="recommended_event"', b'id="recommended_message"')
    draft = begin(street, key, files)
    page = designer(street).page
    page.goto(f"{street.url}/designer/drafts/{draft}")
    expect(page.locator(".designer[data-ready]")).to_be_visible()
    page.locator("[data-part=problems]").click()
    line = page.locator(".drawer-problems li", has_text="在文件中出现两次")
    line.get_by_role("button", name="各用各的标识").click()
    is_saved(page)
    expect(line).to_be_hidden()
    with street.house.world.session() as session:
        text = drafts.files(session, draft)[file].decode()
    assert text.count('id="recommended_message"') == 1
    assert 'messageRef="recommended_message"' in text
