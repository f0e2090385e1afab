"""Subjects stand by their names wherever posts do: lists, people, codes, roles, the record; many at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import render_template_string
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity import authority, permission_codes, roles, subjects
from app.platform.identity.entities import HeldPost
from app.platform.lists import Chip, Due, Linked
from app.platform.registry import Hooks, Words, house
from app.rooms.admin import subject_choices
from tests.pages import House
from tests.rooms.conftest import Browser
from tests.tenants.fairs.entities import Project

DISTRICT = "130000/130400/130402/"
MANAGER = "fairs.district_admin"
NAME = "2026 年青少年机器人集市"
GONE = "0" * 26


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def keeper(house_: House, name: str, role: str) -> Browser:
    if name not in house_.world.people:
        house_.world.enter(name, role)
        house_.account(name, f"keeper{len(house_.world.people)}")
    return house_.visit(name)


@pytest.fixture
def security(whole_house: House) -> Browser:
    return keeper(whole_house, "安全管", roles.SECURITY.key)


def test_a_post_is_listed_with_the_name_of_its_subject(whole_house: House, security: Browser) -> None:
    world = whole_house.world
    for subject in (world.project, "*", GONE):
        whole_house.settle(MANAGER, "130402", subject)
    page = words(security.get(f"/admin/lists/posts?role={MANAGER}").get_data(as_text=True))
    for said in (NAME, "全部事项", GONE):
        assert said in page
    assert world.project not in page
    page = words(security.get(f"/admin/lists/posts?role={MANAGER}&lang=en").get_data(as_text=True))
    assert "青少年机器人集市 (2026)" in page
    assert "Every subject" in page


def test_the_pages_of_people_codes_and_roles_name_it(whole_house: House, security: Browser) -> None:
    world, name = whole_house.world, whole_house.settle(MANAGER, "130402", whole_house.world.project)
    page = words(security.get(f"/admin/people/{world.people[name]}").get_data(as_text=True))
    assert NAME in page
    assert world.project not in page
    by = world.acting("安全管")
    with world.session() as session:
        wanted = permission_codes.Issue(
            MANAGER, DISTRICT, world.project, 1, world.now + timedelta(days=3), note="发给区县项目负责人"
        )
        batch = permission_codes.issue(session, wanted, by, world.now)
    assert NAME in words(security.get(f"/admin/codes/{batch}").get_data(as_text=True))
    assert NAME in words(security.get("/admin/lists/codes").get_data(as_text=True))
    assert "集市项目" in words(security.get("/admin/roles").get_data(as_text=True))
    assert "集市项目" in words(security.get(f"/admin/roles/{MANAGER}").get_data(as_text=True))
    assert ">集市项目</option>" in security.get("/admin/roles/new").get_data(as_text=True)


def test_the_record_names_it(whole_house: House) -> None:
    world, name = whole_house.world, whole_house.settle()
    keeper(whole_house, "安全管", roles.SECURITY.key)
    with world.session() as session:
        wanted = authority.Wanted(MANAGER, DISTRICT, world.project)
        authority.give(session, world.people[name], wanted, world.acting("安全管"), world.now)
    reader = keeper(whole_house, "审计管", roles.AUDIT.key)
    raw = reader.get(f"/admin/lists/operations?about={name}&kind=post.granted").get_data(as_text=True)
    assert f"事项：{NAME}" in words(raw)
    shown = re.findall(r'href="(/admin/records/[^"]+)"', raw)
    pages = [words(reader.get(one).get_data(as_text=True)) for one in shown]
    assert any(NAME in page for page in pages)
    assert all(world.project not in page for page in pages)


@contextmanager
def at_most(count: int, session: Session) -> Iterator[None]:
    """No more statements than these."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.extend([statement] if statement != "BEGIN" else [])

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield
    event.remove(session.get_bind(), "before_cursor_execute", note)
    assert len(seen) <= count, seen


def test_a_hundred_subjects_are_named_in_one_statement(whole_house: House) -> None:
    world = whole_house.world
    with world.session() as session:
        with transaction(session):
            made = [Project(name=f"集市{number}", year=2027) for number in range(100)]
            session.add_all(made)
            session.flush()
            ids = [one.id for one in made]
        with at_most(1, session):
            found = subjects.names(session, [(MANAGER, one) for one in ids])
        assert {words.zh for words in found.values()} == {f"2027 年集市{number}" for number in range(100)}
        with at_most(0, session):
            none = subjects.names(session, [(MANAGER, "*"), ("fairs.organiser", "*"), ("nobody", "x")])
    assert none == {
        (MANAGER, "*"): subjects.EVERY,
        ("fairs.organiser", "*"): subjects.NONE,
        ("nobody", "x"): Words("x", "x"),
    }


def test_a_system_names_its_own_kinds_and_each_once() -> None:
    hooks = Hooks("fairs")
    register = hooks.subject("fairs.stand", Words("摊位", "Stand"))
    register(lambda session, ids: {})
    for kind in ("fairs.stand", "permits.project"):
        with pytest.raises(ValueError, match="named already, or is another system's"):
            hooks.subject(kind, Words("", ""))(lambda session, ids: {})


def test_every_kind_of_subject_that_a_role_has_is_named() -> None:
    """A new system that forgets it shows ids to administrators."""
    kinds = {role.subject for role in house.roles.values() if role.subject and not role.is_made}
    assert kinds - house.subjects.keys() == set()
    assert kinds


def form_of(house_: House, security: Browser) -> tuple[str, dict[str, str]]:
    """The page that gives somebody a post, and what it is filled in with but for the subject."""
    name = house_.settle(MANAGER, "130402", house_.world.project)
    return f"/admin/people/{house_.world.people[name]}/posts", {"role": MANAGER, "post_place": DISTRICT}


def held_for(house_: House, name_of: str) -> set[str]:
    with house_.world.session() as session:
        found = select(HeldPost.subject).where(HeldPost.person_id == name_of, HeldPost.role == MANAGER)
        return set(session.scalars(found))


def test_the_form_offers_subjects_by_name(
    whole_house: House, security: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_choices, "FEW", 1000)
    url, given = form_of(whole_house, security)
    page = security.get(f"{url}?role={MANAGER}&subject={whole_house.world.project}").get_data(as_text=True)
    assert f'<option value="{whole_house.world.project}" selected>{NAME}</option>' in page
    assert '<optgroup label="集市项目">' in page
    assert '<optgroup label="被推荐人">' not in page
    assert security.post(url, {**given, "subject": "*"}).status_code == 303
    assert held_for(whole_house, url.split("/")[3]) == {whole_house.world.project, "*"}


def test_a_subject_that_is_not_there_is_refused_in_words_and_stays(
    whole_house: House, security: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_choices, "FEW", 1000)
    url, given = form_of(whole_house, security)
    security.get(url)
    assert security.post(url, {**given, "subject": GONE}).status_code == 422
    assert '<a href="#subject">没有该授权事项，请重新选择</a>' in security.page
    assert f'<option value="{GONE}" selected>' in security.page
    assert held_for(whole_house, url.split("/")[3]) == {whole_house.world.project}


def test_many_subjects_are_looked_for_by_their_names(
    whole_house: House, security: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_choices, "FEW", 1)
    with whole_house.world.session() as session, transaction(session):
        made = [Project(name=name, year=2027) for name in ("独一集市", "同名集市", "同名集市")]
        session.add_all(made)
        session.flush()
        one, alike = made[0].id, made[2].id
    url, given = form_of(whole_house, security)
    page = security.get(url).get_data(as_text=True)
    assert 'list="subject-offers"' in page
    assert '<option value="2027 年独一集市">集市项目</option>' in page
    assert f'<option value="{alike}">2027 年同名集市</option>' in page
    assert security.post(url, {**given, "subject": "2027 年同名集市"}).status_code == 422
    assert 'value="2027 年同名集市"' in security.page
    for typed in ("2027 年独一集市", alike, "全部事项"):
        assert security.post(url, {**given, "subject": typed}).status_code == 303
    assert held_for(whole_house, url.split("/")[3]) == {whole_house.world.project, one, alike, "*"}


def test_pages_of_ones_own_and_of_many_posts_name_it(whole_house: House, security: Browser) -> None:
    world, name = whole_house.world, whole_house.settle(MANAGER, "130402", whole_house.world.project)
    with world.session() as session:
        post = session.scalar(select(HeldPost.id).where(HeldPost.person_id == world.people[name]))
    boss = keeper(whole_house, "区域管", roles.SYSTEM.key)
    pages = [
        security.get(f"/admin/posts/dates?post={post}"),
        security.get(f"/admin/posts/end?post={post}"),
        boss.get(f"/admin/people/{world.people[name]}/transfer"),
        boss.post(f"/admin/people/{world.people[name]}/leave", {"do": "preview", "reason": "调离"}),
        whole_house.visit(name).get("/account"),
    ]
    for page in pages:
        text = page.get_data(as_text=True)
        assert (page.status_code, world.project in text) == (200, False), page.request.path
        assert NAME in words(text), page.request.path
    dates = pages[0].get_data(as_text=True)
    assert 'href="/admin/lists/codes"' in dates  # the tabs of posts and rights
    assert 'href="/admin/lists/people"' not in dates


def test_what_is_empty_has_no_label_where_rows_are_cards(whole_house: House, security: Browser) -> None:
    page = security.get(f"/admin/lists/posts?role={roles.SECURITY.key}").get_data(as_text=True)
    assert 'cell-named cell-bare" data-label="授权事项"' in page
    assert 'cell-named" data-label="授权事项"' not in page
    empty = (None, "", " ", Words("", ""), Linked(None, "/"), Due(None), Chip(Words("", "")))
    full = (0, "x", Words("空", ""), Linked(0, "/"), Due(whole_house.world.now))
    asking = "{% import 'web/list_parts.html' as l with context %}{{ l.is_bare(value) }}"
    with whole_house.app.test_request_context():
        assert [render_template_string(asking, value=one) for one in empty] == ["1"] * len(empty)
        assert [render_template_string(asking, value=one) for one in full] == [""] * len(full)
