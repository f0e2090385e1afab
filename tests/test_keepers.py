"""The demonstration has an account for each role of the house, planted once."""

from __future__ import annotations

from app import keepers
from app.platform.identity import accounts, posts, roles
from app.platform.registry import Ground
from tests.world import World


def test_each_role_of_the_house_has_an_account(world: World) -> None:
    ground = Ground(world.session, lambda moment: None, "Granit-Weide-47", world.now)
    first = list(keepers.plant(ground))
    assert list(keepers.plant(ground)) == first
    assert {title for title, _ in first} == {role.title.zh for role in roles.ROLES}
    with world.session() as session:
        for username, _, role, place in keepers.KEEPERS:
            person = accounts.by_username(session, username)
            assert person
            (held,) = posts.of(session, person, world.now)
            assert (held.role, bool(held.place)) == (role.key, bool(place))
