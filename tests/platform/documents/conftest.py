"""A database, a storage and a press for the tests of this room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.platform import documents
from app.platform.data import sealing
from tests.platform.jobs.databases import KINDS, fresh, opened

ROOT = Path(__file__).parents[3]
FORMS = ROOT / "tests/tenants/forms"
FONTS = ROOT / "app/rooms/web/static/built/fonts"


@pytest.fixture(scope="session", autouse=True)
def keys() -> None:
    sealing.use(sealing.Keys(data={1: b"k" * 32}, digest=b"d" * 32))


@pytest.fixture(params=KINDS)
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        with sessionmaker(engine)() as session:
            yield session
        engine.dispose()


@pytest.fixture
def storage(tmp_path: Path) -> documents.Storage:
    return documents.DiskStorage(tmp_path / "files")


@pytest.fixture(scope="session")
def press() -> Iterator[documents.Press]:
    press = documents.Press(FONTS, size=1)
    yield press
    press.close()


@pytest.fixture
def place(storage: documents.Storage, press: documents.Press) -> documents.Settings:
    settings = documents.Settings(storage, press, FONTS, ROOT / "forms")
    documents.use(settings)
    return settings
