"""A small house for form tests: regions, choices, files and a moment, all in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.platform.forms import Form, Given, id_numbers, load
from app.platform.registry import Words

FORMS = Path(__file__).parents[2] / "tenants/forms"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    level: str
    path: str
    full_name: str


@dataclass(frozen=True)
class Stored:
    id: str
    name: str
    type: str
    size: int
    width: int | None = None
    height: int | None = None
    grey: bool = False
    owner: str | None = None


PLACES = {
    place.code: place
    for place in (
        Place("130000", "河北省", "province", "130000/", "河北省"),
        Place("130400", "邯郸市", "city", "130000/130400/", "河北省邯郸市"),
        Place("130402", "邯山区", "district", "130000/130400/130402/", "河北省邯郸市邯山区"),
        Place("130403", "丛台区", "district", "130000/130400/130403/", "河北省邯郸市丛台区"),
        Place("440000", "广东省", "province", "440000/", "广东省"),
        Place("441900", "东莞市", "city", "440000/441900/", "广东省东莞市"),
        Place("110000", "北京市", "province", "110000/", "北京市"),
        Place("110101", "东城区", "city", "110000/110101/", "北京市东城区"),
    )
}
FILES = {
    facts.id: facts
    for facts in (
        Stored("scan1", "扫描件.jpg", "image/jpeg", 120_000, 1200, 1600, owner="me"),
        Stored("scan2", "扫描件2.png", "image/png", 90_000, 1200, 1600, True, owner="me"),
        Stored("other", "别人的.jpg", "image/jpeg", 90_000, 10, 10, owner="somebody"),
        Stored("paper", "说明.pdf", "application/pdf", 30_000, owner="me"),
        Stored("huge", "大图.jpg", "image/jpeg", 30 * 1024 * 1024, 10, 10, owner="me"),
    )
}


def children(parent: str | None) -> Sequence[Place]:
    above = PLACES[parent].path if parent else ""
    return [place for place in PLACES.values() if place.path == f"{above}{place.code}/"]


def choices(name: str) -> Sequence[tuple[str, Words]]:
    return {
        "fairs/districts": [("130402", Words("邯山区", "Hanshan"))],
        "fairs/open_projects": [("robots", Words("青少年机器人竞赛", "Youth robotics"))],
        "colours": [("red", Words("红", "Red")), ("blue", Words("蓝", "Blue"))],
    }.get(name, [])


def given(values: dict[str, Any] | None = None, **more: Any) -> Given:
    answers: dict[str, Any] = {
        "choices": choices,
        "region": PLACES.get,
        "children": children,
        "file": FILES.get,
        "person": "me",
    }
    return Given(values or {}, more.pop("now", NOW), **{**answers, **more})


def real(name: str) -> Form:
    """A form file of the tests' own systems."""
    return load((FORMS / f"{name}.json").read_bytes())


def made(*fields: dict[str, Any], **top: Any) -> Form:
    """A form of these fields, open for editing at every step."""
    labelled = [
        item
        if item["type"] in ("section", "note")
        else {"label": item["name"], "label.en": item["name"], **item}
        for item in fields
    ]
    data = {
        "id": "tests/sample",
        "title": "样表",
        "title.en": "Sample",
        "steps": {"*": "edit"},
        "fields": labelled,
        **top,
    }
    return load(json.dumps(data).encode())


def id_number(first_seventeen: str) -> str:
    """A number with its right check digit (made up, no one's)."""
    return first_seventeen + id_numbers.check_digit(first_seventeen)


NUMBER = id_number("13040219900307001")

PROFILE: dict[str, list[str]] = {
    "full_name": [" 李四 "],
    "gender": ["male"],
    "id_type": ["resident_id"],
    "id_number": [NUMBER.lower()],
    "birth_date": [""],
    "ethnicity": ["01"],
    "mobile": ["138 0000 0000"],
    "email": ["li.si@Example.CN"],
    "landline": [""],
    "postcode": ["056000"],
    "address": ["人民路１号"],
    "origin.province": ["130000"],
    "origin.city": ["130400"],
    "origin.district": ["130402"],
    "employer": ["第一中学"],
    "department": ["科技处"],
    "position": ["教师"],
}
