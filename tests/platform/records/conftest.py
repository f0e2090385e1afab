"""A world with nothing but a chain that was published in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.platform import documents, settings
from tests.empty_world import EmptyWorld, prepare
from tests.platform.jobs.databases import KINDS, fresh, opened
from tests.platform.records import purchases


@pytest.fixture(params=KINDS)
def world(
    request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press
) -> Iterator[EmptyWorld]:
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        made = EmptyWorld(engine)
        settings.forget()
        prepare(made, tmp_path, shared_press, {})
        purchases.people(made)
        purchases.publish(made)
        yield made
        engine.dispose()
        settings.forget()
