"""The demonstration's people: recommended, filled in, reviewed and reported, each as far as his way says."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.platform import documents
from app.platform.forms.id_numbers import check_digit
from app.platform.identity import places
from app.platform.registry import Ground
from app.systems.delegates import candidates, recommending, slates
from app.systems.delegates.demo import steps
from app.systems.delegates.dialog import Row
from app.systems.delegates.entities import Candidate
from app.systems.delegates.roles import LIAISON


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who is recommended as what, how far he comes, and what the minimums ask of him."""

    name: str
    identity: str
    way: str
    born: str = "1984-03-12"
    gender: str = "female"
    ethnicity: str = "汉族"
    party: str = "中国共产党党员"
    grassroots: bool = True
    phone: str = ""


FIRST = (
    Somebody("许安然", "member", "to_fill", phone="13900001011"),
    Somebody("韩松涛", "delegate", "in_review", "1972-08-30", "male"),
    Somebody("孟知遥", "delegate", "in_review", "1990-05-06", ethnicity="回族"),
    Somebody("顾承平", "delegate", "rejected", "1979-11-21", "male", party="群众"),
    Somebody("姜若水", "member", "passed", "1985-01-17", party="民盟"),
    Somebody("方景行", "delegate", "passed", "1968-04-02", "male", grassroots=False),
    Somebody("白露晞", "guest", "passed", "1991-09-09", party="无党派人士"),
    Somebody("石敬之", "special", "to_fill", "1960-12-01", "male"),
    Somebody("苏念慈", "staff", "removed", "1995-07-15"),
)
SECOND = (
    Somebody("温良玉", "member", "final_passed", "1986-02-11", party="九三学社"),
    Somebody("夏远舟", "delegate", "reported", "1981-10-10", "male", party="群众"),
    Somebody("陶然亭", "delegate", "final_failed", "1975-06-25", "male", party="群众"),
)
"""Their slate is green, and was reported: one passed the final review, one did not, one waits for it."""


def walk(ground: Ground, congress: str, known: Mapping[str, str], at: datetime) -> None:
    """Walk both units' people; the second unit reports."""
    for liaison, people, first in (("lianluo1", FIRST, 1011), ("lianluo2", SECOND, 1031)):
        one = _Unit(ground, congress, known[liaison], at)
        chains = one.recommend(people, first)
        for number, (somebody, instance) in enumerate(zip(people, chains, strict=True)):
            one.go(somebody, instance, at + timedelta(days=1, hours=number))
    one.report(people, chains, known["huanjie"], at + timedelta(days=4))


@dataclass
class _Unit:
    """One unit's liaison at work, at moments in the past."""

    ground: Ground
    congress: str
    liaison: str
    at: datetime

    def recommend(self, people: Sequence[Somebody], first: int) -> list[str]:
        """Allot them all at once; their chains, in order."""
        rows = [
            Row(each.name, each.phone or f"1390000{first + number}", (each.identity,))
            for number, each in enumerate(people)
        ]
        with self.ground.sessions() as session:
            by = steps.acting(session, self.liaison, self.at)
            unit = places.unit_of(by.holds(LIAISON)[0].place) or ""
            made = recommending.allot(session, self.congress, unit, rows, by, self.at)
            found = dict(
                session.execute(
                    select(Candidate.id, Candidate.instance_id).where(Candidate.id.in_(made))
                ).all()
            )
        return [found[each] for each in made]

    def go(self, somebody: Somebody, instance: str, at: datetime) -> None:
        """Fill in, submit, review; remove who is to be removed."""
        way = somebody.way
        if way == "removed":
            with self.ground.sessions() as session:
                candidate = candidates.of_instance(session, instance).id
                recommending.remove(session, candidate, steps.acting(session, self.liaison, at), at)
        if way in ("removed", "to_fill"):
            return
        sent = _form(somebody) | {"photo": [self._photo(instance, at)]}
        steps.decide(self.ground, self.liaison, instance, "fill", "submit", at, sent)
        if way == "in_review":
            return
        outcome, opinion = ("reject", "请补充专业技术职务。") if way == "rejected" else ("pass", "同意")
        later = at + timedelta(hours=5)
        steps.decide(self.ground, self.liaison, instance, "first_review", outcome, later, comment=opinion)

    def report(self, people: Sequence[Somebody], chains: Sequence[str], convening: str, at: datetime) -> None:
        """Report the slate, and let the convening unit decide."""
        with self.ground.sessions() as session:
            by = steps.acting(session, self.liaison, at)
            unit = places.unit_of(by.holds(LIAISON)[0].place) or ""
            slates.report_all(session, self.congress, unit, "本单位代表推选工作已完成，现予上报。", by, at)
        for somebody, instance in zip(people, chains, strict=True):
            if somebody.way == "reported":
                continue
            outcome, opinion = (
                ("pass", "同意") if somebody.way == "final_passed" else ("fail", "工作单位与职务不符。")
            )
            steps.decide(
                self.ground,
                convening,
                instance,
                "final_review",
                outcome,
                at + timedelta(days=1),
                comment=opinion,
            )

    def _photo(self, instance: str, at: datetime) -> str:
        """A portrait of nobody."""
        picture = Image.new("RGB", (300, 400), (214, 224, 232))
        draw = ImageDraw.Draw(picture)
        draw.ellipse((95, 80, 205, 210), fill=(150, 170, 186))
        draw.ellipse((40, 240, 260, 520), fill=(92, 118, 140))
        out = io.BytesIO()
        picture.save(out, "JPEG")
        received = documents.check_upload("照片.jpg", out.getvalue(), frozenset({"image/jpeg"}))
        with self.ground.sessions() as session:
            by = steps.acting(session, self.liaison, at)
            return documents.store(
                session, documents.settings().storage, received, by, at, instance=instance, purpose="photo"
            )


def _form(somebody: Somebody) -> dict[str, Sequence[str]]:
    born = date.fromisoformat(somebody.born)
    body = f"130402{born:%Y%m%d}{611 if somebody.gender == 'male' else 622}"
    return {
        "gender": [somebody.gender],
        "ethnicity": [somebody.ethnicity],
        "id_type": ["resident_id"],
        "id_number": [body + check_digit(body)],
        "born_on": [somebody.born],
        "nationality": ["中国"],
        "native_place": ["130402"],
        "birth_place": ["130403"],
        "email": ["candidate@example.org"],
        "party": [somebody.party],
        "occupation": ["事业单位人员"],
        "occupation_kind_2": ["高等院校"],
        "education": ["full_time"],
        "full_time_level": ["硕士研究生"],
        "full_time_degree": ["硕士"],
        "full_time_school": ["演示大学"],
        "full_time_major": ["环境科学"],
        "discipline": ["环境科学技术及资源科学技术"],
        "technical_post": ["高级工程师"],
        "technical_grade": ["副高级"],
        "academician": ["否"],
        "employer": ["演示单位高级工程师"],
        "is_grassroots": ["yes" if somebody.grassroots else "no"],
        "history": ["2008年至今在演示单位从事科研和科普工作"],
    }
