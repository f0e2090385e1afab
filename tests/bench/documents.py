"""How long scans take to be read, and how fast a batch is printed on every core."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from sqlalchemy import delete

from app.platform import documents
from app.platform.data import sealing, transaction
from app.platform.documents import printing, templates
from app.platform.identity import accounts
from app.platform.jobs.entities import Job
from app.platform.registry import Words
from app.platform.runtime import instances
from tests import photos
from tests.bench.harness import Row, plain
from tests.empty_world import KEYS, ROOT, EmptyWorld, prepare
from tests.platform.documents import prints
from tests.platform.jobs.databases import fresh, opened

FONTS = ROOT / "app/rooms/web/static/built/fonts"
BATCH = int(os.environ.get("CHENGPI_BATCH", "1000"))


def _one_scan(pages: int) -> tuple[documents.Press, list[Image.Image]]:
    """A press that is warm, and the pages of a print."""
    sealing.use(KEYS)
    press = documents.Press(FONTS)
    files = {f"forms/{prints.TEMPLATE}.html": prints.HTML.encode()}
    shelf = templates.Shelf("bench", files)
    place = documents.Settings(documents.DiskStorage(Path("/nonexistent")), press, FONTS, ROOT / "forms")
    prints.say(pages)
    pdf = printing.render(place, shelf, prints.TEMPLATE, "BG2026-000001", dict(prints.said))[1]
    return press, photos.pages_of(pdf, dpi=200)


def photo() -> Row:
    """A photo of twelve megapixels: crooked, in the shadow."""
    press, (page,) = _one_scan(1)
    content = photos.photo(photos.stamped(page), side=4000)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.width * picture.height > 11_000_000
    times = []
    for _ in range(10):
        began = time.perf_counter()
        assert press.read(content, "image/jpeg")[0].ours
        times.append(time.perf_counter() - began)
    press.close()
    return plain("documents.read.photo", sorted(times)[5], "s", 0.5)


def report() -> Row:
    """A scan of twenty pages at 200 dpi."""
    press, pages = _one_scan(20)
    content = photos.scanned([photos.stamped(page) for page in pages], dpi=200)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        assert all(page.ours for page in press.read(content, "application/pdf", 1, 20, 60))
        times.append(time.perf_counter() - began)
    press.close()
    return plain("documents.read.20pages", sorted(times)[1], "s", 6)


@contextmanager
def _world() -> Iterator[EmptyWorld]:
    with tempfile.TemporaryDirectory() as folder, fresh("sqlite", Path(folder)) as address:
        press = documents.Press(FONTS)
        press.warm()
        engine = opened(address)
        world = EmptyWorld(engine)
        prepare(world, Path(folder), press)
        yield world
        engine.dispose()
        press.close()


def batch() -> Row:
    """Documents of one page, printed and kept by an errand: how many a second."""
    with _world() as world:
        prints.say(1)
        prints.publish(world)
        person = world.enter("报告人")
        by = world.acting("报告人")
        with world.session() as session:
            accounts.create(session, "reporter", "报告人", None, world.now, "Granit-Weide-47", person=person)
            wanted = [
                instances.start(session, "tests_prints", by=by, post=None, now=world.now, data={}).instance
                for _ in range(BATCH)
            ]
            with transaction(session):
                session.execute(delete(Job))  # their own prints are not what is measured
            documents.print_later(session, prints.TEMPLATE, wanted, Words("批量", "Batch"), by, world.now)
        began = time.perf_counter()
        assert world.work() == 1
        seconds = time.perf_counter() - began
        with world.session() as session:
            assert len(documents.printed_files(session, wanted, prints.TEMPLATE)) == BATCH
    return plain("documents.batch", seconds / BATCH * 1e3, "ms", 110)


ROWS = {"documents.read.photo": photo, "documents.read.20pages": report, "documents.batch": batch}
