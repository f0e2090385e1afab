"""People in their administrators' hands: found, entered, amended, moved, shut out; never beyond anybody's reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.platform import audit
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import (
    accounts,
    authority,
    captcha,
    people,
    posts,
    regions,
    roles,
    signing,
    tokens,
    units,
)
from app.platform.identity.entities import Account, HeldPost, OpenSession, Person
from app.platform.identity.messages import Refusal
from app.platform.notices import choosing
from app.platform.notices.entities import Notice
from app.platform.personnel import access, amending, entering, moving
from tests.pages import House
from tests.rooms.admin.town import PEOPLE
from tests.rooms.conftest import PASSWORD, Browser

NUMBER = "13040219850606123"
NUMBER += check_digit(NUMBER)


@pytest.fixture(scope="module")
def town(whole_house: House) -> House:
    """The house with the administrators of the matrix in it."""
    world = whole_house.world
    for username, (name, role, place) in PEOPLE.items():
        if name not in world.people:
            world.enter(name, role, place)
            whole_house.account(name, f"{username}_keeper")
    return whole_house


@pytest.fixture
def city(town: House) -> Iterator[Browser]:
    return town.visit("市区域管")


def place(house: House, code: str = "130402") -> str:
    with house.world.session() as session:
        return regions.path_of(session, code)


def newcomer(house: House, code: str = "130402", role: str = "", **facts: str) -> str:
    """Somebody kept in a district, with an account; a post there, if a role is named."""
    house.count += 1
    with house.world.session() as session:
        at, now = regions.path_of(session, code), house.world.now
        person, _ = accounts.create(
            session, f"fresh{house.count}", "新人", None, now, password=PASSWORD, demo=True
        )
        session.get_one(Person, person).place = at
        session.commit()
        if facts:
            people.change(session, person, facts, None, now)
        if role:
            posts.grant(session, person, role, at, None, now, None)
    return person


def kinds(house: House, person: str) -> list[str]:
    with house.world.session() as session:
        return [one.kind for one in audit.read(session, f"person:{person}")]


def names_listed(browser: Browser, **asked: str) -> set[str]:
    browser.get("/admin/lists/people?" + "&".join(f"{key}={value}" for key, value in asked.items()))
    return set(re.findall(r"/admin/people/(\w{26})", browser.page))


def test_people_are_found_by_every_way_and_only_within_ones_reach(town: House, city: Browser) -> None:
    """C-11, C-38."""
    person = newcomer(town, name="寻人甲", id_number=NUMBER, phone="13900001234")
    with town.world.session() as session:
        username = session.get_one(Account, person).username
    asked = ("寻人", NUMBER, NUMBER[-4:], "13900001234", username)
    for text in asked:
        assert person in names_listed(city, q=text), text
        assert person in names_listed(town.visit("区区域管"), q=text)
        for foreign in ("邻区区域管", "邻市区域管"):
            assert person not in names_listed(town.visit(foreign), q=text)
    names_listed(city, q="寻人")
    assert NUMBER not in city.page
    assert "13900001234" not in city.page
    assert "139****1234" in city.page
    assert names_listed(city, q="寻人", state="active", region="130402", factor="none") == {person}
    for state in ("disabled", "closed", "none", "must_change"):
        assert names_listed(city, q="寻人", state=state) == set()
    assert names_listed(city, q="无5") == set()
    assert names_listed(city, q="寻人", region="130403") == set()
    assert names_listed(city, q="寻人", role=roles.REGIONAL.key) == set()


def test_a_person_with_account_and_post_is_entered_in_one_act(town: House, city: Browser) -> None:
    body = "13040219900101555"
    given = {
        "name": "钱入职", "id_number": body + check_digit(body), "kept": place(town), "with_account": "y",
        "username": "qianruzhi", "role": roles.REGIONAL.key, "until": "2027-01-01",
    }  # fmt: skip
    city.get("/admin/people/new")
    city.post("/admin/people/new", {**given, "username": "1"})
    assert "用户名为3至30个字符" in city.page
    assert 'value="钱入职"' in city.page
    with town.world.session() as session:
        assert session.scalar(select(Person.id).where(Person.name == "钱入职")) is None
    answer = city.post("/admin/people/new", given)
    assert answer.status_code == 200  # nothing can be sent here: it is shown once
    secret = re.search(r'class="once"[^>]*>(\w+)<', city.page)[1]  # type: ignore[index]
    with town.world.session() as session:
        person = session.scalars(select(Person).where(Person.name == "钱入职")).one()
        (held,) = posts.of(session, person.id, town.world.now)
        assert (held.role, held.place, person.gender) == (roles.REGIONAL.key, place(town), "male")
        nonce = captcha.new(session, town.world.now, "1234").nonce
        door = signing.sign_in(
            session, "qianruzhi", secret, captcha.Answer(nonce, "1234"), "127.0.0.1", None, town.world.now
        )
        assert door.must_change


def test_who_is_known_already_is_named_only_within_reach(town: House, city: Browser) -> None:
    body = "13040319910202777"
    number = body + check_digit(body)
    person = newcomer(town, "130403", name="孙已有", id_number=number, phone="13900005678")
    given = {"name": "另写", "id_number": number, "kept": place(town)}
    city.get("/admin/people/new")
    assert city.post("/admin/people/new", given).status_code == 422
    assert "孙已有" in city.page
    assert f"/admin/people/{person}/posts" in city.page
    district = town.visit("区区域管")
    district.get("/admin/people/new")
    district.post("/admin/people/new", given)
    assert "孙已有" not in district.page
    assert person not in district.page
    assert "请联系上级管理员" in district.page
    shared = {"name": "共用", "phone": "13900005678", "kept": place(town)}
    city.get("/admin/people/new")
    city.post("/admin/people/new", shared)
    assert "孙已有" in city.page
    assert city.post("/admin/people/new", {**shared, "is_another": "y"}).status_code == 303


def test_a_place_beyond_ones_reach_is_nobodys_to_fill(town: House) -> None:
    district = town.visit("区区域管")
    district.get("/admin/people/new")
    answer = district.post("/admin/people/new", {"name": "越界", "kept": place(town, "130403")})
    assert answer.status_code == 422
    assert "不在您的管辖范围内" in district.page
    assert district.post("/admin/people/new", {"kept.search": "丛台", "_update": "kept"}).status_code == 200
    assert "130403" not in district.page
    assert "没有找到“丛台”" in district.page


def test_a_number_in_full_takes_a_reason_that_is_written_down(town: House, city: Browser) -> None:
    person = newcomer(town, phone="13900009999")
    city.get(f"/admin/people/{person}")
    assert "13900009999" not in city.page
    assert city.post(f"/admin/people/{person}/reveal", {"field": "phone", "reason": " "}).status_code == 422
    assert "13900009999" not in city.page
    city.post(f"/admin/people/{person}/reveal", {"field": "phone", "reason": "核对报名"})
    assert "13900009999" in city.page
    with town.world.session() as session:
        told = [one.body for one in audit.read(session, f"person:{person}") if one.kind == "person.revealed"]
    assert told == [{"field": "phone", "reason": "核对报名"}]
    city.get(f"/admin/people/{person}")
    assert "13900009999" not in city.page


def test_where_a_password_goes_is_changed_only_by_who_could_give_all_posts(town: House) -> None:
    """A person also holds what the administrator may not give: his phone stays, his name may change."""
    person = newcomer(town, role=f"{town.world.system}.city_admin")
    by, now = town.world.acting("市区域管"), town.world.now
    with town.world.session() as session:
        assert not authority.could_give_all(session, person, by, now)
        for change in ({"phone": "13900002222"}, {"email": "a@example.org"}, {"login_phone": "13900002222"}):
            with pytest.raises(Refusal, match="addresses_kept"):
                amending.amend(session, person, amending.Amendment(**change), by, now)
        with pytest.raises(Refusal, match="no_address"):
            access.reset_password(session, person, by, now)
        amending.amend(session, person, amending.Amendment(name="更名"), by, now)
        assert session.get_one(Person, person).name == "更名"


def test_a_new_password_goes_to_the_person_and_is_not_shown(
    town: House, city: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "configured", lambda: ("sms",))
    person = newcomer(town, phone="13900003333")
    city.get(f"/admin/people/{person}")
    assert city.post(f"/admin/people/{person}/account/reset").status_code == 303
    with town.world.session() as session:
        secret = session.scalars(select(Notice.secret).where(Notice.person_id == person)).one()
    city.get(f"/admin/people/{person}")
    assert secret
    assert secret not in city.page
    assert "account.password_reset" in kinds(town, person)


def test_a_deregistered_account_opens_for_nobody_and_frees_its_names(town: House) -> None:
    """C-08: neither by password, session nor token; its posts have ended."""
    person = newcomer(town, role=roles.REGIONAL.key)
    by, now = town.world.acting("市区域管"), town.world.now
    with town.world.session() as session:
        username = session.get_one(Account, person).username
        accounts.set_login_phone(session, person, "13900004444", None, now)
        _, token = tokens.create(session, person, "x", None, None, now)
        browser = town.browser()
        assert browser.sign_in(username).status_code == 303
        access.deregister(session, person, by, now)
        assert tokens.acting(session, token, now) is None
        assert session.scalar(select(OpenSession.id).where(OpenSession.person_id == person)) is None
        assert posts.of(session, person, now) == ()
        with pytest.raises(Refusal, match="account_closed"):
            access.enable(session, person, by, now)
        with pytest.raises(Refusal, match="account_closed"):
            access.reset_password(session, person, by, now)
        again, _ = accounts.create(session, username, "后来的人", None, now, phone="13900004444")
        assert again != person
    assert town.browser().sign_in(f"~{person}").status_code != 303


def test_the_last_holder_of_a_role_of_the_house_stays(town: House) -> None:
    by, now = town.world.acting("系统管"), town.world.now
    with town.world.session() as session:
        auditor = town.world.people["审计管"]
        assert access.last_held(session, auditor, now) == roles.AUDIT
        assert access.why_not_deregister(session, auditor, by, now).code == "last_holder"  # type: ignore[union-attr]
        with pytest.raises(Refusal, match="person_higher"):
            access.deregister(session, auditor, by, now)
        with pytest.raises(Refusal, match="own_account"):
            access.disable(session, by.person, by, now)


def test_who_has_work_waiting_for_him_alone_hands_it_over_first(town: House) -> None:
    instance = town.world.to_review("组织者甲")
    task = town.world.open_task(instance, "city_review")
    reviewer = town.visit("市级")
    reviewer.get(f"/inbox/tasks/{task}")
    person = town.world.people["市级"]
    with town.world.session() as session:
        before = access.open_work(session, person)
        from app.platform.runtime.entities import Task

        session.get_one(Task, task).claimed_by_id = person
        session.commit()
        assert access.open_work(session, person) == before + 1
        refused = access.why_not_deregister(session, person, town.world.acting("市区域管"), town.world.now)
        assert (refused.code, refused.parameters) == ("work_open", {"count": before + 1})  # type: ignore[union-attr]
        session.get_one(Task, task).claimed_by_id = None
        session.commit()


def test_a_transfer_ends_posts_here_and_begins_them_there_in_one_act(town: House, city: Browser) -> None:
    person = newcomer(town, role=roles.REGIONAL.key)
    there, now = place(town, "130403"), town.world.now
    by = town.world.acting("市区域管")
    with town.world.session() as session:
        unit = units.add(session, "调入学校", "130403", None, now)
        to = f"{there}u{unit}/"
        (held,) = posts.of(session, person, now)
    url, given = f"/admin/people/{person}/transfer", {"to": to, "post": held.id}
    city.get(url)
    assert city.post(url, given).status_code == 200
    assert "将要变更" in city.page
    assert "调入学校" in city.page
    with town.world.session() as session:
        assert posts.of(session, person, now) == (held,)  # a preview changes nothing
    assert city.post(url, {**given, "confirm": "1"}).status_code == 303
    with town.world.session() as session:
        (new,) = posts.of(session, person, now)
        assert (new.role, new.place) == (held.role, there)
        assert session.get_one(Person, person).place == to
        later = now + timedelta(days=10)
        moving.transfer(session, person, moving.Transfer(place(town), (new.id,), later), by, now)
        assert [one.place for one in posts.of(session, person, now)] == [there]
        assert [one.place for one in posts.of(session, person, later)] == [place(town)]
    district = town.world.acting("区区域管")
    with town.world.session() as session, pytest.raises(Refusal):
        moving.transfer(session, person, moving.Transfer(there), district, town.world.now)


def test_half_a_transfer_is_none(town: House) -> None:
    """The new post lasts beyond what the giver holds: the old one stays, and so does the place."""
    person = newcomer(town, role=roles.REGIONAL.key)
    by, now = town.world.acting("区区域管"), town.world.now
    with town.world.session() as session:
        (held,) = posts.of(session, person, now)
        wanted = moving.Transfer(place(town, "130403"), (held.id,))
        with pytest.raises(Refusal, match="place_beyond"):
            moving.transfer(session, person, wanted, by, now)
        assert session.scalars(select(HeldPost.ended_at).where(HeldPost.id == held.id)).one() is None
        assert session.get_one(Person, person).place == place(town)


def test_what_may_not_be_changed_is_said_and_refused_all_the_same(town: House, city: Browser) -> None:
    """A person who also holds a post next door is only looked at."""
    person = newcomer(town, role=roles.REGIONAL.key)
    with town.world.session() as session:
        posts.grant(session, person, roles.REGIONAL.key, place(town, "130500"), None, town.world.now, None)
    city.get(f"/admin/people/{person}")
    assert "您只能查看" in city.page
    assert re.search(r"<button[^>]*disabled[^>]*>禁用账号", city.page)
    for verb in ("disable", "reset", "deregister", "unlock", "enable"):
        assert city.post(f"/admin/people/{person}/account/{verb}").status_code == 422, verb
    assert "account.disabled" not in kinds(town, person)


def test_main_pages_ask_a_bounded_number_of_statements(town: House, city: Browser) -> None:
    person = newcomer(town, role=roles.REGIONAL.key, phone="13900008888")
    said: list[str] = []
    with town.world.session() as session:
        engine = session.get_bind()
    from app.extensions import db

    with town.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    most = {"/admin/lists/people": 12, f"/admin/people/{person}": 30, "/admin/people/new": 12}
    for url, bound in most.items():
        city.get(url)
        said.clear()
        assert city.get(url).status_code == 200
        asked = [one for one in said if one.startswith("SELECT")]
        assert len(asked) <= bound, (url, len(asked))


def test_entering_is_refused_whole_where_the_post_is_not_to_be_given(town: House) -> None:
    by, now = town.world.acting("区区域管"), town.world.now
    wanted = authority.Wanted(roles.REGIONAL.key, place(town, "130403"))
    one = entering.Newcomer("赵全无", place=place(town), username="zhaoquanwu", post=wanted)
    with town.world.session() as session, pytest.raises(Refusal, match="not_yours"):
        entering.enter(session, one, by, now)
    with town.world.session() as session:
        assert session.scalar(select(Person.id).where(Person.name == "赵全无")) is None
        assert accounts.by_username(session, "zhaoquanwu") is None
