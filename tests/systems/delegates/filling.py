"""What people do in tests of delegates: recommend, fill in a registration form, review, report."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count

from PIL import Image

from app.platform import documents
from app.platform.data import transaction
from app.platform.forms.id_numbers import check_digit
from app.platform.runtime import messages
from app.systems.delegates import candidates, recommending
from app.systems.delegates.recommending import Row
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, World

_phones: Iterator[int] = count(13_800_000_001)


def next_phone() -> str:
    """A number nobody has."""
    return str(next(_phones))


def id_number(born: date = date(1980, 1, 2), serial: int = 611) -> str:
    """A well-formed number of nobody; an odd serial is a man's."""
    body = f"130402{born:%Y%m%d}{serial:03}"
    return body + check_digit(body)


def recommend(
    world: World,
    name: str,
    identity: str = "delegate",
    *,
    phone: str = "",
    liaison: str = LIAISON_ONE,
    unit: str = "",
    congress: str = "",
) -> str:
    """Recommend one person and let him live in the world under his name; return his chain's instance."""
    rows = [Row(name, phone or next_phone(), (identity,))]
    with world.session() as session:
        recommending.allot(
            session, congress or world.congress, unit or world.unit, rows, world.acting(liaison), world.now
        )
    row = world.candidate(name)
    world.people[name] = row.person_id
    return row.instance_id


def photo(world: World, name: str, instance: str) -> str:
    """Upload a portrait; return the file's id."""
    out = io.BytesIO()
    Image.new("RGB", (300, 400), (70, 110, 160)).save(out, "JPEG")
    received = documents.check_upload("照片.jpg", out.getvalue(), frozenset({"image/jpeg"}))
    with world.session() as session:
        return documents.store(
            session,
            documents.settings().storage,
            received,
            world.acting(name),
            world.now,
            instance=instance,
            purpose="photo",
        )


def filled(**over: Sequence[str]) -> dict[str, Sequence[str]]:
    """A complete registration form as a browser sends it, without the photo."""
    return {
        "gender": ["male"],
        "ethnicity": ["汉族"],
        "id_type": ["resident_id"],
        "id_number": [id_number()],
        "born_on": ["1980-01-02"],
        "nationality": ["中国"],
        "native_place": ["130402"],
        "birth_place": ["130403"],
        "email": ["candidate@example.org"],
        "party": ["中国共产党党员"],
        "occupation": ["公务员"],
        "occupation_kind_1": ["中央和地方各级党政机关"],
        "education": ["full_time"],
        "full_time_level": ["博士研究生"],
        "full_time_degree": ["博士"],
        "full_time_school": ["演示大学"],
        "full_time_major": ["应用数学"],
        "discipline": ["数学"],
        "technical_post": ["教授"],
        "technical_grade": ["正高级"],
        "academician": ["否"],
        "employer": ["演示大学副校长"],
        "is_grassroots": ["yes"],
        "history": ["2008年至今在演示大学工作"],
    } | over


def submit(world: World, instance: str, name: str, *, by: str = "", **over: Sequence[str]) -> None:
    """Fill in the form and press 提交, as the person or whoever is named."""
    who = by or name
    element = "fill" if "fill" in world.open_elements(instance) else "correct"
    sent = filled(**over)
    if element == "fill":
        sent["photo"] = [photo(world, who, instance)]
    else:
        sent = dict(over)
    world.decide(instance, element, "submit", who, sent)


def first_review(
    world: World, instance: str, outcome: str = "pass", by: str = LIAISON_ONE, **over: Sequence[str]
) -> None:
    """The liaison decides."""
    opinion = "同意" if outcome == "pass" else "请补充学历信息"
    world.decide(instance, "first_review", outcome, by, over, comment=opinion)


def final_review(world: World, instance: str, outcome: str = "pass", by: str = CONVENING) -> None:
    """The convening unit decides."""
    opinion = "同意" if outcome == "pass" else "工作单位与职务不符"
    world.decide(instance, "final_review", outcome, by, comment=opinion)


def withdraw(world: World, instance: str, by: str = LIAISON_ONE) -> int:
    """撤销, as the list's button does it; how many heard it."""
    return _send(world, candidates.WITHDRAW, instance, by)


def report(world: World, instance: str, by: str = LIAISON_ONE) -> int:
    """上报, as the slate does it for each; how many heard it."""
    return _send(world, candidates.REPORT, instance, by)


def _send(world: World, message: str, instance: str, by: str) -> int:
    with world.session() as session, transaction(session):
        candidate = candidates.of_instance(session, instance)
        return messages.send(
            session, message, candidate.id, {"candidate_id": candidate.id}, world.acting(by), world.now
        )


def passed(world: World, name: str, identity: str = "delegate", **over: Sequence[str]) -> str:
    """Somebody who waits to be reported; return the instance."""
    instance = recommend(world, name, identity)
    submit(world, instance, name, **over)
    first_review(world, instance)
    return instance
