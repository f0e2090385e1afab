"""The camera: small files, at both widths, complaints told; seen on a page of its own."""

import io

import pytest
from PIL import Image

from tests.browser import DESKTOP, PHONE, House
from tests.pictures.camera import LIMIT, TALLEST, Camera, TooLarge, compressed, keep


def picture(size, noise=False):
    out = io.BytesIO()
    image = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, "white")
    image.save(out, "PNG")
    return out.getvalue()


def test_a_tall_page_is_cut_and_made_small():
    made = compressed(picture((1440, 5000)))
    assert len(made) <= LIMIT
    assert Image.open(io.BytesIO(made)).size == (1440, TALLEST)


def test_a_picture_that_cannot_be_small_is_refused():
    with pytest.raises(TooLarge):
        compressed(picture((1440, 2000), noise=True))


def test_a_picture_that_looks_the_same_is_left_alone(tmp_path):
    path = tmp_path / "one.png"
    keep(path, picture((20, 20)))
    Image.open(io.BytesIO(path.read_bytes())).save(path, "PNG", compress_level=0)
    before = path.read_bytes()
    keep(path, picture((20, 20)))
    assert path.read_bytes() == before
    keep(path, picture((20, 21)))
    assert path.read_bytes() != before


@pytest.mark.browser
def test_a_page_is_taken_at_both_widths_and_judged(tmp_path, engine_of_pages):
    house = House("about:blank", tmp_path, "", {})
    camera = Camera(house, engine_of_pages, "guide", tmp_path)
    page = camera.person()
    page.set_content(
        "<html lang=zh><title>t</title><main><h1>呈批</h1><input><p style='width:1000px'>x</p></main>"
    )
    camera.take(page, "start")
    assert page.viewport_size == DESKTOP
    page.context.close()
    sizes = {path.name: Image.open(io.BytesIO(path.read_bytes())).size for path in tmp_path.glob("*.png")}
    assert sizes["guide-start-1440.png"] == (DESKTOP["width"], DESKTOP["height"])
    assert sizes["guide-start-390.png"][0] == PHONE["width"]
    assert any("label" in complaint for complaint in camera.complaints)
    assert "guide-start-390: wider than its window" in camera.complaints
