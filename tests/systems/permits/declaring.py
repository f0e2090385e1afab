"""A project, its codes and its teams for tests: declarations walked as their people would."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from app.platform.data import transaction
from app.platform.forms.id_numbers import check_digit
from app.platform.runtime import firing, moving
from app.platform.runtime.entities import Instance
from app.systems.permits import codes, declarations
from app.systems.permits.entities import Authorisation, Declaration, Project
from tests.world import World

CLOSES = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)  # 18:00 in China, a Monday
TEACHER, DISTRICT, CITY = "教师", "区县", "市级"
RESUBMIT = "2026-12-10"


def id_number(serial: int = 612) -> str:
    """A well-formed number of nobody."""
    body = f"13040220150506{serial:03}"
    return body + check_digit(body)


def member(name: str = "甲同学", number: str | None = None) -> str:
    """A row of 队员 as a program sends it."""
    cells = {"name": name, "gender": "male", "id_number": number or id_number(), "grade": "五年级"}
    return json.dumps({key: [value] for key, value in cells.items()}, ensure_ascii=False)


def team(**over: Sequence[str]) -> dict[str, Sequence[str]]:
    """What a team fills in."""
    return {
        "team_name": ["智慧星队"],
        "school": ["演示小学"],
        "coach": ["演示教练"],
        "coach_phone": ["13800001234"],
        "about": ["一台会分拣积木的机器人"],
        "members": [member(), member("乙同学", id_number(613))],
    } | over


@dataclass
class Contest:
    """The world's project with its window open, a district's administrator and a teacher."""

    world: World
    code: str = "130402"

    @property
    def project(self) -> str:
        """Its id."""
        return self.world.project

    def window(self, **terms: datetime | bool) -> None:
        """Change the project's terms, as the city may at any time."""
        with self.world.session() as session, transaction(session):
            session.execute(update(Project).where(Project.id == self.project).values(**terms))

    def issue(self, count: int = 1, district: str = "") -> list[str]:
        """Codes of the city."""
        order = codes.Order(self.project, district or self.code, "机器人综合技能", "小学组", count)
        with self.world.session() as session:
            made = codes.issue(session, order, self.world.acting(CITY), self.world.now)
            found = {
                row.id: row.code
                for row in session.scalars(select(Authorisation).where(Authorisation.id.in_(made)))
            }
        return [found[each] for each in made]

    def begin(self, code: str = "", name: str = TEACHER, address: str = "192.0.2.7") -> str:
        """A teacher types a code; return the instance."""
        by, world = self.world.acting(name), self.world
        with world.session() as session:
            entry = world.start_entry(session, declarations.PROCESS, by, {"code": [code or self.issue()[0]]})
            return declarations.begin(session, entry, by, world.now, address=address)

    def filled(self, **over: Sequence[str]) -> str:
        """A declaration filled in and shown for checking."""
        instance = self.begin()
        self.world.decide(instance, "fill", "next", TEACHER, team(**over))
        return instance

    def submitted(self, **over: Sequence[str]) -> str:
        """A declaration submitted."""
        instance = self.filled(**over)
        self.world.decide(instance, "submit", "submit", TEACHER)
        return instance

    def review(
        self, instance: str, outcome: str = "pass", name: str = DISTRICT, resubmit_by: str = RESUBMIT
    ) -> None:
        """The district decides."""
        sent: Mapping[str, Sequence[str]] = (
            {"recommendation": ["同意推荐"]} if outcome == "pass" else {"resubmit_by": [resubmit_by]}
        )
        opinion = "" if outcome == "pass" else "请补充作品简介"
        self.world.decide(instance, "district_review", outcome, name, sent, comment=opinion)

    def passed(self, name: str = DISTRICT) -> str:
        """A declaration that waits for the city."""
        instance = self.submitted()
        self.review(instance, name=name)
        return instance

    def returned(self) -> str:
        """A declaration the district has sent back."""
        instance = self.submitted()
        self.review(instance, "fail")
        return instance

    def resubmit(self, instance: str, **over: Sequence[str]) -> None:
        """The team corrects and submits again."""
        self.world.decide(instance, "correct", "next", TEACHER, team(**over))
        self.world.decide(instance, "resubmit", "submit", TEACHER)

    def judge(self, instance: str, outcome: str = "pass") -> None:
        """The city decides."""
        opinion = "" if outcome == "pass" else "材料不全"
        self.world.decide(instance, "city_review", outcome, CITY, comment=opinion)

    def withdraw(self, instance: str, name: str = DISTRICT) -> None:
        """Whoever decided last takes it back."""
        with self.world.session() as session:
            moving.withdraw(session, instance, self.world.acting(name), self.world.now, "看错了")

    def tick(self, at: datetime) -> None:
        """Time passes, and what is due is fired."""
        self.world.now = at
        firing.fire_due(self.world.sessions, lambda: at, "tests")

    def stage(self, instance: str) -> str | None:
        """What pages call it."""
        with self.world.session() as session:
            return session.scalar(select(Instance.stage_zh).where(Instance.id == instance))

    def row(self, instance: str) -> Declaration:
        """Its declaration, read and let go."""
        with self.world.session() as session:
            found = session.execute(
                select(Declaration).where(Declaration.instance_id == instance)
            ).scalar_one()
            session.expunge(found)
            return found


def contest(world: World) -> Contest:
    """Open the window for a fortnight and let the people in."""
    made = Contest(world)
    made.window(declare_from=world.now - timedelta(days=1), declare_to=CLOSES)
    world.enter(DISTRICT, "permits.district_admin", made.code, world.project)
    return made
