"""An installation may show less of a number than the requirements allow, at once and everywhere (C-38)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.platform import settings
from app.platform.forms.masking import masked
from app.platform.identity import masks
from tests.world import World


@pytest.fixture(autouse=True)
def as_released(world: World) -> Iterator[None]:
    settings.forget()
    yield
    with world.session() as session:
        settings.change(session, masks.PHONE, None, None, world.now)
        settings.change(session, masks.ID_NUMBER, None, None, world.now)
        settings.catch_up(session)


@pytest.mark.parametrize(
    ("way", "phone", "number"),
    [
        ("usual", "138****5678", "130***********1234"),
        ("end", "*******5678", "**************1234"),
        ("none", "***********", "******************"),
    ],
)
def test_what_is_shown_follows_the_setting(world: World, way: str, phone: str, number: str) -> None:
    with world.session() as session:
        for key in (masks.PHONE, masks.ID_NUMBER):
            settings.change(session, key, way, None, world.now)
        settings.catch_up(session)
    assert masked("13812345678", "phone") == phone
    assert masked("130402198506061234", "id") == number
    assert masked("130402198506061234", "id_export") == "130402*****061234"  # a system's own stays
    assert masked("", "phone") == ""


def test_a_value_too_short_to_be_hidden_shows_no_more_than_its_first(world: World) -> None:
    assert masked("1381", "phone") == "1****"
    with world.session() as session:
        settings.change(session, masks.PHONE, "end", None, world.now)
        settings.catch_up(session)
    assert masked("1381", "phone") == "*******"


def test_only_a_way_that_there_is_can_be_chosen(world: World) -> None:
    with world.session() as session, pytest.raises(settings.BadSetting):
        settings.change(session, masks.PHONE, "nonsense", None, world.now)
