"""Roles made here: entered into the house at once, never two sides, locked while held, never one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from app.platform import audit, settings
from app.platform.identity import authority, making_roles, posts, roles
from app.platform.identity.making_roles import Draft
from app.platform.registry import Acting, Refused, Words, house
from tests.platform.identity.conftest import NOW

BY = Acting("keeper", "安全管", "security1")


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(house, "roles", dict(house.roles))
    roles.plug()
    settings.forget()
    yield
    settings.forget()


def draft(**more: object) -> Draft:
    return Draft(**{"slug": "clerk", "title": Words("档案员", "Clerk"), **more})  # type: ignore[arg-type]


def made(session: Session, **more: object) -> str:
    key = making_roles.make(session, draft(**more), BY, NOW)
    settings.catch_up(session)
    return key


def test_a_made_role_stands_in_the_house_and_goes_with_its_database(session: Session) -> None:
    key = made(session, permissions=frozenset({roles.PEOPLE}), place="region", reach="below")
    role = house.roles[key]
    assert (role.is_made, role.place, role.reach, role.title) == (
        True,
        "region",
        "below",
        Words("档案员", "Clerk"),
    )
    assert role.second_factor  # C-50: whatever carries a permission of the platform
    roles.enter_made([], {})
    assert key not in house.roles
    assert roles.SYSTEM.key in house.roles


def test_off_it_gives_nothing_and_still_has_a_name(session: Session, person: str) -> None:
    key = made(session, permissions=frozenset({roles.PEOPLE}))
    posts.grant(session, person, key, "", None, NOW, None)
    making_roles.turn(session, key, True, BY, NOW)
    settings.catch_up(session)
    assert not roles.places(posts.of(session, person, NOW), roles.PEOPLE)
    assert roles.title_of(key).zh == "档案员"
    making_roles.turn(session, key, False, BY, NOW)
    settings.catch_up(session)
    assert roles.places(posts.of(session, person, NOW), roles.PEOPLE) == {""}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"slug": "Clerk"}, "slug"),
        ({"title": Words(" ", "")}, "title_zh"),
        ({"place": "moon"}, "place"),
        ({"reach": "far"}, "reach"),
        ({"subject": "comet"}, "subject"),
        ({"permissions": frozenset({"p.nothing.here"})}, "permissions"),
        ({"permissions": frozenset({roles.SETTINGS, roles.LOGS})}, "permissions"),
        ({"given_by": frozenset({"nobody"})}, "given_by"),
    ],
)
def test_what_cannot_be_is_refused_naming_the_field(
    session: Session, more: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as no:
        making_roles.make(session, draft(**more), BY, NOW)
    assert no.value.field == field


def test_no_change_makes_one_person_two_administrators(session: Session, person: str) -> None:
    """三员分立: neither by changing a role that is held, nor by switching it on again."""
    key = made(session)
    posts.grant(session, person, key, "", None, NOW, None)
    posts.grant(session, person, roles.AUDIT.key, "", None, NOW, None)
    with pytest.raises(Refused) as no:
        making_roles.change(session, key, draft(permissions=frozenset({roles.SETTINGS})), BY, NOW)
    assert no.value.field == "permissions"
    making_roles.turn(session, key, True, BY, NOW)
    assert making_roles.change(session, key, draft(title=Words("改", "")), BY, NOW)


def test_nobody_widens_a_role_he_holds_himself(session: Session, person: str) -> None:
    key = made(session)
    posts.grant(session, person, key, "", None, NOW, None)
    me = Acting(person, "本人", "me")
    with pytest.raises(Refused):
        making_roles.change(session, key, draft(permissions=frozenset({roles.PEOPLE})), me, NOW)
    assert making_roles.change(session, key, draft(title=Words("改名", "")), me, NOW)


def test_while_it_is_held_it_keeps_its_place_and_cannot_be_removed(session: Session, person: str) -> None:
    key = made(session)
    posts.grant(session, person, key, "", None, NOW, None)
    with pytest.raises(Refused) as no:
        making_roles.change(session, key, draft(place="region"), BY, NOW)
    assert no.value.field == "place"
    with pytest.raises(Refused):
        making_roles.remove(session, key, BY, NOW)


def test_one_that_was_never_held_nor_drawn_can_be_removed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = made(session)
    monkeypatch.setattr(making_roles, "_uses", [lambda _session, role: role == key])
    with pytest.raises(Refused):
        making_roles.remove(session, key, BY, NOW)
    monkeypatch.setattr(making_roles, "_uses", [])
    making_roles.remove(session, key, BY, NOW)
    settings.catch_up(session)
    assert key not in house.roles
    assert [row.kind for row in audit.read(session, f"role:{key}")] == ["role.made", "role.removed"]


def test_a_lease_s_role_gets_further_givers_and_is_otherwise_locked(session: Session) -> None:
    assert making_roles.set_givers(session, "permits_teacher", ["permits_city"], BY, NOW)
    settings.catch_up(session)
    assert settings.value(authority.GIVERS) == {"permits_teacher": ["permits_city"]}
    with pytest.raises(KeyError):
        making_roles.change(session, "permits_teacher", draft(), BY, NOW)
    with pytest.raises(KeyError):
        making_roles.turn(session, "permits_teacher", True, BY, NOW)
    assert making_roles.set_givers(session, "permits_teacher", [], BY, NOW)
    settings.catch_up(session)
    assert settings.value(authority.GIVERS) == {}


def test_every_change_is_written_with_before_and_after(session: Session) -> None:
    key = made(session)
    making_roles.change(session, key, draft(title=Words("书记员", "Clerk")), BY, NOW)
    last = audit.read(session, f"role:{key}")[-1]
    assert last.body == {"before": {"title_zh": "档案员"}, "after": {"title_zh": "书记员"}}
    assert not making_roles.change(session, key, draft(title=Words("书记员", "Clerk")), BY, NOW)
