"""A role that reaches its own place alone shows and changes nothing below it: pages, lists, verbs, API (issue 6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.platform import settings
from app.platform.data import new_id, transaction
from app.platform.identity import accounts, authority, making_roles, posts, roles, units
from app.platform.identity.entities import Person
from app.platform.identity.messages import Refusal
from app.platform.personnel import amending, moving_places, organisations, seeing
from app.platform.registry import Words, house
from app.platform.runtime import policy
from app.platform.runtime.entities import Incident, Instance
from tests.pages import House
from tests.rooms.conftest import PASSWORD, Browser

CITY, DISTRICT = "130000/130400/", "130000/130400/130402/"
CODES = frozenset({roles.PEOPLE, roles.POSTS, roles.UNITS, roles.MANAGE})


@pytest.fixture(scope="module")
def town(whole_house: House) -> Iterator[House]:
    """Two administrators of the city by roles made here: one of the city alone, one of all below it."""
    world, before = whole_house.world, house.roles
    with world.session() as session:
        for slug, reach in (("local", "here"), ("whole", "below")):
            draft = making_roles.Draft(
                slug, Words(f"管理员{reach}", reach), "region", reach, permissions=CODES
            )
            making_roles.make(session, draft, world.acting("市级"), world.now)
        settings.catch_up(session)
        making_roles.read(session)
    for name, slug in (("本级管", "local"), ("下级管", "whole")):
        world.enter(name, f"made.{slug}", "130400")
        whole_house.account(name, f"{slug}_keeper")
    yield whole_house
    house.roles = before


def kept(town: House, name: str, place: str) -> str:
    world = town.world
    with world.session() as session:
        username = f"k{new_id()[-10:]}"
        person, _ = accounts.create(session, username, name, None, world.now, password=PASSWORD)
        with transaction(session):
            session.get_one(Person, person).place = place
    return person


@pytest.fixture
def here(town: House) -> Browser:
    return town.visit("本级管")


@pytest.fixture
def below(town: House) -> Browser:
    return town.visit("下级管")


def test_the_list_and_the_page_of_people_end_at_the_place(town: House, here: Browser, below: Browser) -> None:
    mine, deeper = kept(town, "王本级", CITY), kept(town, "李下级", DISTRICT)
    assert here.get("/admin/lists/people").status_code == 200
    assert "王本级" in here.page
    assert "李下级" not in here.page
    assert here.get(f"/admin/people/{mine}").status_code == 200
    assert here.get(f"/admin/people/{deeper}").status_code == 404
    below.get("/admin/lists/people")
    assert "李下级" in below.page
    assert below.get(f"/admin/people/{deeper}").status_code == 200
    world = town.world
    by = world.acting("本级管")
    with world.session() as session:
        assert seeing.is_seen(session, mine, by, world.now)
        assert not seeing.is_seen(session, deeper, by, world.now)
        for asks in (
            authority.visible,
            lambda by, now: authority.seen_of_many(roles.reach_of(by, roles.PEOPLE), now),
        ):
            found = session.scalars(select(Person.id).where(asks(by, world.now))).all()
            assert mine in found
            assert deeper not in found
        with pytest.raises(Refusal, match="unknown_person"):
            amending.amend(session, deeper, amending.Amendment(name="改名"), by, world.now)


def test_a_post_below_makes_a_person_of_the_place_somebody_elses_too(town: House) -> None:
    world, person = town.world, kept(town, "赵两处", CITY)
    by = world.acting("本级管")
    with world.session() as session:
        assert authority.why_not_manage(session, person, by, world.now) is None
        posts.grant(session, person, f"{world.system}.city_admin", DISTRICT, None, world.now, None)
        refused = authority.why_not_manage(session, person, by, world.now)
        assert refused is not None
        assert refused.code == "person_elsewhere"


def test_posts_and_codes_are_given_at_the_place_alone(town: House, here: Browser) -> None:
    world, person = town.world, kept(town, "孙得者", CITY)
    by = world.acting("本级管")
    with world.session() as session:
        for place, may in ((CITY, True), (DISTRICT, False), ("130000/", False), ("", False)):
            refused = authority.why_not(session, authority.Wanted("made.local", place), by, world.now)
            assert (refused is None) == may, place
        posts.grant(session, person, "made.whole", DISTRICT, None, world.now, None)
    here.get("/admin/lists/posts")
    assert "本级管" in here.page
    assert "孙得者" not in here.page


def test_organisations_below_are_neither_listed_nor_made(town: House, here: Browser, below: Browser) -> None:
    world = town.world
    by = world.acting("本级管")
    with world.session() as session:
        school = units.add(session, "市直学校", "130400", None, world.now)
        with pytest.raises(Refusal, match="place_elsewhere"):
            organisations.add(session, "新学校", CITY, by, world.now)
        with pytest.raises(Refusal, match="unknown_unit"):
            moving_places.move_unit(session, school, DISTRICT, by, world.now)
    here.get("/admin/lists/units")
    assert "市直学校" not in here.page
    assert here.get(f"/admin/units/{school}").status_code == 404
    assert below.get(f"/admin/units/{school}").status_code == 200
    assert here.get("/admin/places?name=to&kinds=region+unit&within=platform.units.manage").status_code == 200
    assert "邯郸市" in here.page
    assert "to:130000/130400/" not in here.page  # nothing to walk to
    assert here.get("/admin/regions/130400").status_code == 200
    assert here.get("/admin/regions/130402").status_code == 404


def test_what_runs_below_is_not_managed_nor_read(town: House, here: Browser, below: Browser) -> None:
    """The policy in Python and in SQL, the page and the API's incidents."""
    world = town.world
    instance = world.to_review(town.settle())
    with world.session() as session:
        session.execute(Instance.__table__.update().where(Instance.id == instance).values(place=DISTRICT))
        session.add(Incident(instance_id=instance, kind="engine", detail="", opened_at=world.now))
        session.commit()
        for name, may in (("本级管", False), ("下级管", True)):
            acting = world.acting(name)
            assert policy.may_read(session, acting, instance) == may
            assert policy.may_manage(acting, DISTRICT) == may
            assert policy.may_manage(acting, CITY)
    assert here.get(f"/inbox/instances/{instance}").status_code == 404
    assert below.get(f"/inbox/instances/{instance}").status_code == 200
    for browser, may in ((here, False), (below, True)):
        answer = browser.get("/api/v1/incidents")
        assert answer.status_code == 200
        assert (instance in answer.get_data(as_text=True)) == may
