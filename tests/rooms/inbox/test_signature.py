"""A signature by hand at a step: drawn with the mouse or a finger, or uploaded as a picture (B3-27)."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from app.platform import documents
from app.platform.runtime import instances, versions
from app.platform.runtime.entities import Entry
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.pages import picture
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime import chains
from tests.world import APPLICATION, World

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("CHENGPI_SHOTS")
FORM = {
    "id": "tests/signed",
    "title": "评审意见",
    "title.en": "Opinion",
    "steps": {"review": "edit"},
    "fields": [
        {"name": "advice", "type": "text", "label": "评审结论", "label.en": "Advice", "required": True},
        {
            "name": "signed",
            "type": "signature",
            "label": "评审人签名",
            "label.en": "Signature",
            "required": True,
        },
    ],
}


def asked(world: World) -> str:
    """A task at a review that is to be signed by hand."""
    drawn = Drawing("tests_signed", form="fairs/application").lane("city", "review", **chains.CITY)
    drawn.start().task("review", assignee="", outcomes=chains.OUTCOMES, form="tests/signed").end()
    given = {
        "forms/fairs/application.json": APPLICATION,
        "forms/tests/signed.json": json.dumps(FORM).encode(),
    }
    with world.session() as session:
        versions.publish(
            session, chains.files(drawn.line("begin", "review", "done")) | given, None, world.now
        )
        by = world.acting("组织者甲")
        begun = instances.start(session, "tests_signed", by=by, post=None, now=world.now, data=chains.HANSHAN)
    return begun.tasks[0]


def signed(world: World) -> tuple[documents.StoredFile, Image.Image]:
    """The file of the only signature there is, and its picture."""
    with world.session() as session:
        (values,) = session.scalars(select(Entry.values).where(Entry.task_id.is_not(None)))
        found = documents.open_file(session, documents.settings().storage, values["signed"][0])
    assert found is not None
    return found[0], Image.open(io.BytesIO(found[1]))


def stroke(person: Person, *points: tuple[float, float]) -> None:
    """Draw on the pad with the mouse, by shares of its width and height."""
    box = person.page.locator(".sign-canvas").bounding_box()
    assert box is not None
    for place, (x, y) in enumerate(points):
        person.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
        if place == 0:
            person.page.mouse.down()
    person.page.mouse.up()


def write(person: Person) -> None:
    """Something like 王."""
    for y in (0.25, 0.5, 0.75):
        stroke(person, (0.3, y), (0.6, y - 0.03))
    stroke(person, (0.45, 0.25), (0.45, 0.75))


def chosen(person: Person) -> int:
    """How many files the field's input holds."""
    return int(person.page.evaluate("document.querySelector('.sign input[type=file]').files.length"))


def looked_at(person: Person, name: str) -> None:
    for width, size in (("1440", DESKTOP), ("390", PHONE)):
        person.page.set_viewport_size(size)
        person.page.wait_for_timeout(200)
        if SHOTS:
            person.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        assert complaints_of_axe(person.page) == [], (name, width)
        assert not scrolls_sideways(person.page), (name, width)
    person.page.set_viewport_size(DESKTOP)


def test_it_is_drawn_taken_back_and_kept_as_a_picture(street: Street) -> None:
    """B3-27: what is sent is a PNG through the ordinary upload; the decided task shows it."""
    world = street.house.world
    city, task = street.person("city1"), asked(street.house.world)
    city.go(f"/inbox/tasks/{task}")
    city.page.get_by_label("评审结论").fill("同意推荐")
    city.press("同意")
    city.sees("请签写【评审人签名】")
    write(city)
    stroke(city, (0.1, 0.1), (0.9, 0.9))
    city.press("撤销一笔")
    expect(city.page.locator("[data-sign-said]")).to_have_text("已签名，提交后保存")
    looked_at(city, "sign-pad")
    city.press("清除重写")
    expect(city.page.locator("[data-sign-said]")).to_have_text("已清除")
    assert chosen(city) == 0
    write(city)
    expect(city.page.locator(".field-pick-name")).to_have_text("手写签名.png")
    city.press("同意")
    city.page.wait_for_url(lambda address: task not in address)
    facts, drawn = signed(world)
    assert (facts.name, facts.type) == ("手写签名.png", "image/png")
    grey = drawn.convert("L")
    dark, light = sum(grey.histogram()[:100]), sum(grey.histogram()[250:])
    assert 0.01 < dark / (dark + light) < 0.3  # strokes on white paper
    assert 0.3 * 900 < drawn.width < 0.5 * 900  # cut to the strokes
    city.go(f"/inbox/tasks/{task}")
    shown = city.page.get_by_role("img", name="手写签名：评审人签名")
    expect(shown).to_be_visible()
    assert shown.evaluate("one => one.naturalWidth") == drawn.width
    looked_at(city, "sign-read")


def test_what_was_signed_stays_when_something_else_is_wrong(street: Street) -> None:
    """C-16: and a new signature takes the place of the old."""
    world = street.house.world
    city, task = street.person("city1"), asked(world)
    city.go(f"/inbox/tasks/{task}")
    write(city)
    expect(city.page.locator(".field-pick-name")).to_have_text("手写签名.png")
    city.press("同意")
    city.sees("请填写【评审结论】")
    expect(city.page.get_by_role("img", name="手写签名：评审人签名")).to_be_visible()
    looked_at(city, "sign-kept")
    stroke(city, (0.2, 0.2), (0.8, 0.2))
    expect(city.page.locator(".field-pick-name")).to_have_text("手写签名.png")
    city.page.get_by_label("评审结论").fill("同意推荐")
    city.press("同意")
    city.page.wait_for_url(lambda address: task not in address)
    _, drawn = signed(world)
    assert drawn.height < 60  # one flat stroke


def test_a_finger_signs_on_a_phone(street: Street) -> None:
    world = street.house.world
    task = asked(world)
    phone = street.person("city1")
    phone.page.set_viewport_size(PHONE)
    phone.go(f"/inbox/tasks/{task}")
    pad = phone.page.locator(".sign-canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    touch = phone.page.context.new_cdp_session(phone.page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def finger(kind: str, *at: tuple[float, float]) -> None:
        points: list[dict[str, Any]] = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in at
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = phone.page.evaluate("scrollY")
    finger("touchStart", (0.2, 0.3))
    for step in range(1, 8):
        finger("touchMove", (0.2 + step * 0.08, 0.3 + step * 0.05))
    finger("touchEnd")
    expect(phone.page.locator(".field-pick-name")).to_have_text("手写签名.png")
    assert phone.page.evaluate("scrollY") == before  # the page does not move under the finger


def test_without_scripts_a_picture_is_uploaded(street: Street) -> None:
    """And with the keyboard alone: the pad is no way that everybody could go."""
    world = street.house.world
    task = asked(world)
    plain = street.person("city1", scripts=False)
    plain.go(f"/inbox/tasks/{task}")
    assert not plain.page.locator(".sign-canvas").is_visible()
    plain.page.get_by_label("评审结论").fill("同意推荐")
    upload = {"name": "我的签名.png", "mimeType": "image/png", "buffer": picture()}
    plain.page.locator('input[name="signed.file"]').set_input_files(upload)
    plain.press("同意")
    plain.page.wait_for_url(lambda address: task not in address)
    assert signed(world)[0].name == "我的签名.png"


def test_what_is_no_picture_is_refused(street: Street) -> None:
    """C-21: it goes through the same checks as every upload."""
    city, task = street.person("city1"), asked(street.house.world)
    city.go(f"/inbox/tasks/{task}")
    upload = {"name": "签名.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"}
    city.page.locator('input[name="signed.file"]').set_input_files(upload)
    city.press("同意")
    city.sees("【评审人签名】")
    expect(city.page.locator(".hand-signature")).to_have_count(0)
