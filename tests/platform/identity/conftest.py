"""A database of its own for each test, cheap hashing, and a small house of two systems."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.platform.data import sealing
from app.platform.identity import accounts, captcha, passwords, regions
from app.platform.registry import Role, System, Words, house
from tests.platform.jobs.databases import KINDS, fresh, opened

NOW = datetime(2026, 5, 6, 1, tzinfo=UTC)
GOOD = "Qingshi-7wen-Shu"
ROLES = (
    Role("permits_organiser", Words("组织者", "Organiser"), chosen_by_oneself=True),
    Role("permits_teacher", Words("教师", "Teacher"), chosen_by_oneself=True),
    Role("permits_district", Words("区县管理员", "District administrator"), "region", "project"),
    Role("permits_city", Words("市级管理员", "City administrator"), "region", None, "below"),
    Role("permits_judge", Words("评委", "Judge"), "region", "project", "below"),
)
PUBLISHED = [
    {"code": "11", "name": "北京市", "children": [
        {"code": "1101", "name": "市辖区", "children": [
            {"code": "110101", "name": "东城区"}, {"code": "110102", "name": "西城区"}]}]},
    {"code": "13", "name": "河北省", "children": [
        {"code": "1304", "name": "邯郸市", "children": [
            {"code": "130402", "name": "邯山区"}, {"code": "130403", "name": "丛台区"}]}]},
    {"code": "42", "name": "湖北省", "children": [
        {"code": "4290", "name": "省直辖县级行政区划", "children": [{"code": "429004", "name": "仙桃市"}]}]},
    {"code": "44", "name": "广东省", "children": [
        {"code": "4419", "name": "东莞市", "children": [{"code": "441900003", "name": "东城街道"}]}]},
]  # fmt: skip


@pytest.fixture(params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    monkeypatch.setattr(sealing._Ring, "keys", sealing.Keys({1: b"d" * 32}, b"h" * 32))
    with fresh(request.param, tmp_path) as address:
        engine = opened(address)
        yield engine
        engine.dispose()


@pytest.fixture(autouse=True)
def lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two systems: one that people register through, one that is closed."""
    open_one = System("permits", Words("区县管理", "Permits"), ROLES, registers=True)
    closed = System("exams", Words("考务", "Exams"))
    monkeypatch.setattr(house, "systems", {"permits": open_one, "exams": closed})
    monkeypatch.setattr(house, "roles", {role.key: role for role in ROLES})


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id that costs next to nothing."""
    monkeypatch.setattr(passwords._Hashing, "hasher", PasswordHasher(1, 8, 1))


@pytest.fixture
def tree(session: Session) -> Session:
    """The session, with a few regions loaded."""
    regions.load(session, regions.from_published(PUBLISHED), NOW)
    return session


@pytest.fixture
def person(session: Session) -> str:
    """Somebody registered as `lan`, 138 0013 8000."""
    challenge = captcha.new(session, NOW, "ABCD")
    filled = accounts.Registration("lan", GOOD, "138 0013 8000", "兰花", "permits", agreed=True)
    return accounts.register(session, filled, captcha.Answer(challenge.nonce, "abcd"), NOW)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
