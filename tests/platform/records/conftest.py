"""A world with nothing but a chain that was published in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.platform import documents, settings
from tests.copies import copy_of
from tests.empty_world import EmptyWorld, prepare
from tests.platform.jobs.databases import KINDS
from tests.platform.records import purchases


def build(engine: Engine, folder: Path, press: documents.Press) -> EmptyWorld:
    """Make the world on an empty database."""
    made = EmptyWorld(engine)
    prepare(made, folder, press, {})
    purchases.people(made)
    purchases.publish(made)
    return made


@pytest.fixture(params=KINDS)
def world(
    request: pytest.FixtureRequest, tmp_path: Path, shared_press: documents.Press
) -> Iterator[EmptyWorld]:
    with copy_of(build, request.param, tmp_path, shared_press) as made:
        yield made
        settings.forget()
