"""The world of guests on every kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform import documents
from tests.platform.jobs.databases import KINDS, fresh
from tests.platform.lists.guests import Ground, welcoming


@pytest.fixture(params=KINDS)
def ground(request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press) -> Iterator[Ground]:
    with fresh(request.param, tmp_path) as address, welcoming(address, tmp_path, shared_press) as ground:
        yield ground
