"""What a page looks like where it matters: a phone, the first screen, the focus, and paper."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import DESKTOP, PHONE, scrolls_sideways
from tests.browser.live import Person, Street

pytestmark = pytest.mark.browser
SEAL = "rgb(168, 39, 30)"
CHINESE = r"[\u4e00-\u9fff]"


@pytest.fixture
def uploading(street: Street) -> Person:
    """An applicant before the upload of his scan."""
    name = street.house.settle()
    instance = street.house.to_upload(name)
    person = street.person(street.house.usernames[name])
    person.go(street.house.task(instance, "upload_scan"))
    return person


def bottom(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("one => one.getBoundingClientRect().bottom"))


def top(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("one => one.getBoundingClientRect().top"))


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_fold_behind_one_line_on_a_phone(street: Street, scripts: bool) -> None:
    """Open while one is on, without scripts too; on a desk the bar simply stands there."""
    city = street.person("city1", scripts=scripts)
    city.page.set_viewport_size(PHONE)
    city.go(street.applications)
    bar, line = city.page.locator(".filter-bar"), city.page.locator(".filter-fold > summary")
    expect(bar).to_be_hidden()
    line.click()
    expect(bar).to_be_visible()
    city.go(f"{street.applications}?q=nobody")
    expect(bar).to_be_visible()
    expect(line).to_contain_text("已设 1 项")
    city.page.set_viewport_size(DESKTOP)
    city.go(street.applications)
    expect(bar).to_be_visible()
    expect(line).to_be_hidden()


def test_a_card_on_a_phone_is_three_lines_high(street: Street) -> None:
    street.house.world.to_review(street.house.settle())
    city = street.person("city1")
    city.page.set_viewport_size(PHONE)
    city.go(street.applications)
    row = city.page.locator(".list tbody tr").first.bounding_box()
    assert row is not None
    assert row["height"] < 110


def test_the_menu_stays_in_sight_and_its_ground_reaches_the_end_of_the_page(street: Street) -> None:
    city = street.person("city1")
    city.page.set_viewport_size(DESKTOP)
    city.go(street.applications)
    ground = city.page.evaluate(
        "() => { document.querySelector('main').style.minHeight = '3000px'; scrollTo(0, 2000);"
        " return parseFloat(getComputedStyle(document.body, '::before').height); }"
    )
    assert top(city.page, ".menu") == 52
    assert ground >= 3000


def test_what_is_wrong_is_marked_red_and_a_long_word_of_it_breaks(street: Street) -> None:
    city = street.person("city1")
    city.page.set_viewport_size(DESKTOP)
    city.go(street.applications)
    city.page.locator("main").evaluate(
        """main => main.innerHTML = `<div class="error-summary"><ul><li>${"x".repeat(400)}</li></ul></div>
          <input class="form-control" aria-invalid="true"><select class="form-select" aria-invalid="true"></select>
          <textarea class="form-control" aria-invalid="true"></textarea>`"""
    )
    for one in city.page.locator("main [aria-invalid]").all():
        expect(one).to_have_css("border-top-color", SEAL)
    assert not scrolls_sideways(city.page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_scan_is_asked_for_on_the_first_screen(uploading: Person, size: dict[str, int]) -> None:
    """What to do, the print and the field stand above the button, unscrolled."""
    page = uploading.page
    page.set_viewport_size(size)
    page.reload()
    assert bottom(page, "#documents") < top(page, ".field-pick-face")
    assert bottom(page, ".field-pick-face") <= top(page, ".verdict")
    assert not page.locator(".form-told .facts").first.is_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_verdict_never_covers_the_field_with_the_focus(street: Street, size: dict[str, int]) -> None:
    """WCAG 2.2, 2.4.11."""
    name = street.house.settle()
    instance = street.house.world.apply(name)
    person = street.person(street.house.usernames[name])
    page = person.page
    page.set_viewport_size(size)
    person.go(street.house.task(instance, "file_profile"))
    page.locator("#f-full_name").focus()
    for _ in range(24):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
              const one = document.activeElement, bar = document.querySelector(".verdict");
              if (!one.closest(".form-fields") || bar.contains(one)) return 0;
              return one.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
            }"""
        )
        assert covered <= 0


def test_a_case_prints_on_one_sheet_without_its_frame(street: Street) -> None:
    name = street.house.settle()
    instance = street.house.world.to_review(name)
    city = street.person("city1")
    for path in (street.house.task(instance, "city_review"), f"/inbox/instances/{instance}"):
        city.go(path)
        city.page.emulate_media(media="print")
        for frame in (".masthead", ".menu", ".footer", ".inbox-list", ".case-tabs"):
            expect(city.page.locator(frame).first).to_be_hidden()
        assert not city.page.locator(".verdict").is_visible()
        sheet = PdfReader(io.BytesIO(city.page.pdf(prefer_css_page_size=True)))
        assert len(sheet.pages) == 1
        city.page.emulate_media(media="screen")


def test_in_english_only_data_are_chinese(uploading: Person) -> None:
    page = uploading.page
    page.goto(page.url + "?lang=en")
    data = ".case, .case-head, .paper-name, .happened-who, .tool-language, .drop, .seal, .facts"
    said = page.evaluate(
        """([data, chinese]) => [...document.querySelectorAll("body *")]
          .filter((one) => !one.closest(data) && !["SCRIPT", "STYLE"].includes(one.tagName))
          .flatMap((one) => [...one.childNodes])
          .filter((one) => one.nodeType === Node.TEXT_NODE && new RegExp(chinese).test(one.data))
          .map((one) => one.data.trim())""",
        [data, CHINESE],
    )
    assert said == []
