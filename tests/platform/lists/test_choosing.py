"""Which columns a person sees: what differs from the definition is kept, so that a new column appears by itself."""

from __future__ import annotations

from dataclasses import replace

from app.platform import lists
from app.platform.lists import choosing
from app.platform.registry import Acting, Words
from tests.platform.lists.guests import ALL, GUESTS, NOW, Ground

NAME = "test/guests"


def seen(ground: Ground, listing: lists.List = GUESTS, by: Acting | None = None) -> list[str]:
    with ground.sessions() as session:
        return [column.key for column in choosing.columns(listing, NAME, session, by or ground.by)]


def choose(ground: Ground, *wanted: str) -> None:
    with ground.sessions() as session:
        choosing.choose(GUESTS, NAME, wanted, session, ground.by, NOW)


def test_at_first_all_but_those_hidden_at_first(ground: Ground) -> None:
    assert seen(ground) == ALL


def test_the_choice_is_kept_in_the_order_of_the_definition(ground: Ground) -> None:
    choose(ground, "note", "state", "nonsense")
    assert seen(ground) == ["name", "state", "note"]
    choose(ground, "phone")
    assert seen(ground) == ["name", "phone"]


def test_a_column_of_a_later_release_appears(ground: Ground) -> None:
    choose(ground, "phone")
    later = replace(GUESTS, columns=(*GUESTS.columns, lists.Column("place", Words("地区", "Place"))))
    assert seen(ground, later) == ["name", "phone", "place"]


def test_a_choice_is_its_persons_alone_and_can_be_forgotten(ground: Ground) -> None:
    choose(ground, "phone")
    assert seen(ground, by=Acting("somebody", "", "")) == ALL
    with ground.sessions() as session:
        choosing.reset(NAME, session, ground.by)
    assert seen(ground) == ALL


def test_to_choose_what_is_shown_at_first_is_to_keep_nothing(ground: Ground) -> None:
    choose(ground, "phone")
    choose(ground, *ALL)
    with ground.sessions() as session:
        assert session.query(lists.Choice).count() == 0


def test_where_every_column_is_fixed_there_is_nothing_to_choose() -> None:
    fixed = replace(GUESTS, columns=tuple(replace(column, fixed=True) for column in GUESTS.columns))
    assert not choosing.is_choosable(fixed)
    assert choosing.is_choosable(GUESTS)
