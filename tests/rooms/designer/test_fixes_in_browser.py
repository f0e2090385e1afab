"""Each quick fix, applied by bpmn-js as the editor does: the finding is gone, and undo brings it back."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from app.planting import programs
from app.platform.design import checking, drafts
from app.platform.runtime.bundles import bundles
from tests.browser import ROOT
from tests.browser.live import Street
from tests.rooms.designer import specimen
from tests.rooms.designer.drawing import begin, designer, is_saved, open_editor, saved
from tests.rooms.inbox.watching import address, street
from tests.world import World

pytestmark = pytest.mark.browser
__all__ = ["address", "street"]
REVIEW = "processes/permits/permission_application.bpmn"
DECLARATION = "processes/permits/declaration_review.bpmn"
Edit = Callable[[str], str]


def swap(old: str, new: str) -> Edit:
    """Another text in one place of the file."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return edit


def without(pattern: str) -> Edit:
    """The file without what a pattern finds first."""

    def edit(text: str) -> str:
        found = re.search(pattern, text, re.DOTALL)
        assert found, pattern
        return text[: found.start()] + text[found.end() :]

    return edit


def conditioned(text: str) -> str:
    """A condition on the default flow of a gateway."""
    default = re.search(r'id="passed"[^>]*default="(\w+)"', text)
    assert default, "no default"
    flow = re.search(rf'<bpmn:sequenceFlow id="{default[1]}".*?(?=</bpmn:sequenceFlow>)', text, re.DOTALL)
    assert flow, default[1]
    kind = 'xsi:type="bpmn:tFormalExpression"'
    inside = f'<bpmn:conditionExpression {kind}>outcome == "reject"</bpmn:conditionExpression>'
    return text.replace(flow[0], flow[0] + inside)


PROPERTY = r'\s*<spiffworkflow:property name="%s" value="[^"]*" />'
CASES: dict[str, tuple[str, Edit, str]] = {
    "no default": (REVIEW, without(r'(?<=id="passed" name="是否通过？") default="\w+"'), "no_default"),
    "condition on the default": (REVIEW, conditioned, "condition_on_default"),
    "no condition": (
        REVIEW,
        without(r'<bpmn:conditionExpression[^>]*>outcome == "approve"</bpmn:conditionExpression>'),
        "no_condition",
    ),
    "unknown role of a lane": (
        REVIEW,
        swap('name="role" value="permits.city_admin"', 'name="role" value="permits.city_admim"'),
        "unknown_role",
    ),
    "unknown form": (REVIEW, swap('value="permits/permission"', 'value="permits/permision"'), "unknown_form"),
    "unknown outcome": (REVIEW, swap('outcome == "approve"', 'outcome == "aprove"'), "unknown_outcome"),
    "unknown property": (REVIEW, swap('name="outcomes"', 'name="outcome"'), "unknown_property"),
    "bad value": (REVIEW, swap('name="due" value="', 'name="due" value="soon '), "property_value"),
    "unknown action": (REVIEW, swap('id="platform/document"', 'id="platform/documents"'), "unknown_action"),
    "unknown parameter": (
        REVIEW,
        swap('parameter id="template"', 'parameter id="templat"'),
        "unknown_parameter",
    ),
    "lane without a place": (
        REVIEW,
        without(r'(?<=name="role" value="permits.city_admin" />)' + PROPERTY % "at"),
        "lane_without_place",
    ),
    "reminder": (REVIEW, lambda text: text, "due_without_remind"),
    "title": (REVIEW, lambda text: text, "no_title"),
    "number": (DECLARATION, lambda text: text, "no_number"),
}


@pytest.fixture(scope="module")
def bench(engine_of_pages: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page on which a file can be opened, fixed and written again."""
    tool = next((ROOT / "node_modules/@esbuild").glob("*/bin/esbuild"))
    made = tmp_path_factory.mktemp("bench") / "bench.js"
    source = Path(__file__).with_name("fixes_bench.js")
    subprocess.run(
        [str(tool), str(source), "--bundle", f"--outfile={made}"], check=True, cwd=ROOT, capture_output=True
    )
    page = engine_of_pages.new_page()
    page.set_content("<!doctype html><body></body>")
    page.add_script_tag(path=made)
    yield page
    page.close()


@pytest.mark.parametrize("case", CASES)
def test_a_fix_makes_its_finding_go_away_and_can_be_undone(world: World, bench: Page, case: str) -> None:
    file, edit, code = CASES[case]
    files = next(one for one in bundles(programs()).values() if file in one)
    files[file] = edit(files[file].decode()).encode()
    with world.session() as session:
        wrong = _of_code(session, files, file, code)
        assert wrong, case
        assert wrong[0].fixes, f"{wrong[0].words.en} has no fix"
        for fix in wrong[0].fixes:
            answer = bench.evaluate("([text, fix]) => fixed(text, fix)", [files[file].decode(), dict(fix)])
            assert answer["isUndone"], fix
            left = _of_code(session, files | {file: answer["after"].encode()}, file, code)
            assert wrong[0].element not in {one.element for one in left}, fix
            if case != "unknown property":
                assert not _new_errors(session, files, file, answer["after"]), fix


def _of_code(session: Session, files: dict[str, bytes], file: str, code: str) -> list[checking.Finding]:
    found = checking.findings(session, "", files)
    return [one for one in found if one.code == code and one.file == file]


def _new_errors(
    session: Session, files: dict[str, bytes], file: str, text: str
) -> set[tuple[str, str | None]]:
    """What is an error after the fix and was none before, but for what the first one had hidden."""
    before = {
        (one.code, one.element) for one in checking.findings(session, "", files) if one.level == "error"
    }
    after = checking.findings(session, "", files | {file: text.encode()})
    return {(one.code, one.element) for one in after if one.level == "error"} - before


def test_the_drawer_offers_a_fix_and_applies_it(street: Street) -> None:
    content = (ROOT / REVIEW).read_text(encoding="utf-8").replace(' default="passed_to_to_correct"', "")
    draft = begin(street, "office_fixable", {"a.bpmn": content.encode()})
    page = open_editor(designer(street), draft)
    page.locator("[data-part=problems]").click()
    row = page.locator(".drawer-problems li", has_text="网关没有默认流向")
    row.get_by_role("button", name="以通往").first.click()
    expect(row).to_have_count(0)
    is_saved(page)
    assert re.search(r'id="passed"[^>]*default="passed_to_to_correct"', saved(street, draft))


def test_a_table_that_shares_its_id_with_its_file_is_put_right(street: Street) -> None:
    """The file's own id is another one; what the diagram asks for keeps its name."""
    files = specimen.files()
    files["tables.dmn"] = files["tables.dmn"].replace(b'id="tables"', b'id="first_table"', 1)
    draft = begin(street, specimen.KEY, files)
    page = open_editor(designer(street), draft)
    page.locator("[data-part=problems]").click()
    row = page.locator(".drawer-problems li", has_text="标识“first_table”在文件中出现两次")
    row.get_by_role("button", name="各用各的标识").click()
    expect(row).to_have_count(0)
    with street.house.world.session() as session:
        text = drafts.files(session, draft)["tables.dmn"].decode()
    assert 'id="first_table_file"' in text
    assert re.search(r'<decision[^>]* id="first_table"', text)


def test_a_name_typed_on_the_canvas_is_as_long_as_one_typed_in_the_panel(street: Street) -> None:
    draft = begin(street, "office_named")
    page = open_editor(designer(street), draft)
    page.locator("[data-element='bpmn:UserTask']").press("Enter")
    box = page.locator(".djs-direct-editing-content")
    page.keyboard.insert_text("名" * 199)
    page.keyboard.type("abc")
    expect(box).to_have_text("名" * 199 + "a")
    page.keyboard.press("Enter")
    expect(page.locator("#name")).to_have_value("名" * 199 + "a")
    is_saved(page)
