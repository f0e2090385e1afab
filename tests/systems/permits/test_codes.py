"""Authorisation codes: unguessable, issued within one's place, used once, revocable (P-39, C-14)."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.platform.data import transaction
from app.platform.identity import posts, regions
from app.platform.registry import Acting, Refused
from app.platform.runtime.errors import Forbidden, Unknown
from app.systems.permits import codes, rules
from app.systems.permits.entities import Authorisation, Project
from tests.world import World


@pytest.fixture
def order(world: World) -> codes.Order:
    with world.session() as session:
        project = session.get_one(Project, world.project)
        return codes.Order(world.project, "130402", project.categories[0], project.groups[0], 3)


def issued(world: World, order: codes.Order, name: str = "市级") -> list[str]:
    """Issue codes and return them as they are read out."""
    with world.session() as session:
        ids = codes.issue(session, order, world.acting(name), world.now)
    with world.session() as session:
        rows = session.scalars(
            select(Authorisation).where(Authorisation.id.in_(ids)).order_by(Authorisation.id)
        )
        return [rules.shown_code(row.code) for row in rows]


def manager(world: World, district: str = "130402") -> Acting:
    """The first organiser, managing a district in the project."""
    by = world.acting("组织者甲")
    with world.session() as session, transaction(session):
        place = regions.path_of(session, district)
        posts.grant(session, by.person, "permits.district_admin", place, world.project, world.now, None)
    return world.acting("组织者甲")


def used(world: World, typed: str, **later: int) -> str:
    with world.session() as session, transaction(session):
        return codes.use(session, typed, world.now + timedelta(**later)).id


@given(st.text(alphabet=rules.CODE_LETTERS, min_size=rules.CODE_LENGTH, max_size=rules.CODE_LENGTH))
def test_a_code_is_read_however_it_is_typed(code: str) -> None:
    shown = rules.shown_code(code)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    for typed in (
        code,
        code.lower(),
        shown,
        f" {shown} ",
        shown.replace("-", " "),
        wide,
        shown.replace("-", "—"),
    ):
        assert rules.plain_code(typed) == code


@pytest.mark.parametrize(
    "typed", ["", "abc", "O" * 12, "1" * 12, "A" * 11, "A" * 13, "授" * 12, "A" * 11 + "'"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert rules.plain_code(typed) == ""


def test_codes_are_unlike_each_other_and_sealed(world: World, order: codes.Order) -> None:
    many = issued(world, order)
    assert len(set(many)) == order.count
    with world.session() as session:
        raw = session.connection().exec_driver_sql("SELECT code FROM permits_authorisation").scalars().all()
    assert not any(code.replace("-", "").encode() in bytes(row) for row in raw for code in many)


def test_a_code_is_used_once(world: World, order: codes.Order) -> None:
    first, second, _ = issued(world, order)
    used(world, first.lower())
    with pytest.raises(Refused, match=codes.USED.zh):
        used(world, first)
    used(world, second)


def test_an_unknown_a_revoked_and_a_late_code_are_told_apart(world: World, order: codes.Order) -> None:
    first, second, _ = issued(world, order)
    with pytest.raises(Refused, match="授权码不正确"):
        used(world, "2345-6789-ABCD")
    with world.session() as session:
        found = codes.find(session, first)
        assert found is not None
        codes.revoke(session, found.id, world.acting("市级"), world.now)
    with pytest.raises(Refused, match="已作废"):
        used(world, first)
    with pytest.raises(Refused, match="截止"):
        used(world, second, days=3650)
    with pytest.raises(Refused, match="尚未开始"):
        used(world, second, days=-3650)


def test_a_used_code_cannot_be_revoked(world: World, order: codes.Order) -> None:
    first, *_ = issued(world, order)
    identifier = used(world, first)
    with world.session() as session, pytest.raises(Refused, match="已被使用"):
        codes.revoke(session, identifier, world.acting("市级"), world.now)


def test_a_district_issues_for_itself_alone(world: World, order: codes.Order) -> None:
    """P-20, P-38: neither another district's codes nor another project's."""
    by = manager(world)
    with world.session() as session:
        assert len(codes.issue(session, order, by, world.now)) == order.count
        elsewhere = codes.Order(order.project, "130403", order.category, order.group, 1)
        with pytest.raises(Forbidden):
            codes.issue(session, elsewhere, by, world.now)
    foreign = issued(world, elsewhere)
    with world.session() as session:
        found = codes.find(session, foreign[0])
        assert found is not None
        with pytest.raises(Unknown):
            codes.revoke(session, found.id, by, world.now)


def test_a_city_issues_no_codes_of_another_city_s_project(world: World, order: codes.Order) -> None:
    """P-20: not even for the own districts; the verb says so, whatever a page offers."""
    with world.session() as session:
        with transaction(session):
            session.get_one(Project, order.project).place = "130000/130500/"
        with pytest.raises(Forbidden):
            codes.issue(session, order, world.acting("市级"), world.now)
    with world.session() as session, transaction(session):
        session.get_one(Project, order.project).place = "130000/130400/"
    assert len(issued(world, order)) == order.count


@pytest.mark.parametrize("name", ["组织者乙", "教师", "邻市"])
def test_who_keeps_no_place_there_issues_nothing(world: World, order: codes.Order, name: str) -> None:
    with world.session() as session, pytest.raises(Forbidden):
        codes.issue(session, order, world.acting(name), world.now)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "没有的类型"}, "category"),
        ({"group": ""}, "group"),
        ({"count": 0}, "count"),
        ({"count": codes.MOST + 1}, "count"),
        ({"district": "130400"}, "district"),
    ],
)
def test_what_cannot_be_issued_names_its_field(
    world: World, order: codes.Order, change: dict[str, Any], field: str
) -> None:
    wanted = {name: getattr(order, name) for name in ("project", "district", "category", "group", "count")}
    with world.session() as session, pytest.raises(Refused) as refused:
        codes.issue(session, codes.Order(**{**wanted, **change}), world.acting("市级"), world.now)
    assert refused.value.field == field


def test_of_two_with_one_code_one_gets_it(world: World, order: codes.Order) -> None:
    first, *_ = issued(world, order)
    told: Counter[str] = Counter()
    ready = threading.Barrier(4)

    def run() -> None:
        ready.wait()
        try:
            used(world, first)
            told["used"] += 1
        except Refused as refused:
            told[refused.words.zh] += 1

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {"used": 1, codes.USED.zh: 3}
