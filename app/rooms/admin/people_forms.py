"""What the pages about people are typed with: texts as they came, complaints by field, dates as moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _

from app.platform.identity import authority, places, roles
from app.platform.identity.messages import Refusal
from app.platform.registry import Role, house
from app.rooms.admin import choosing, subject_choices
from app.rooms.web import acting, language

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST = 200
KEPT = {"place": "kept"}
"""The field for where a person is kept: `place` in the verbs."""
PLACES = frozenset({"kept", "post_place", "to"})
"""The fields in which a place is chosen."""


@dataclass
class Typed:
    """A form as it came: its texts, and what is wrong with them, by field."""

    texts: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")

    def moment(self, name: str, *, end: bool = False) -> datetime | None:
        """A day that was typed: its first moment in Shanghai, or the first after it."""
        text = self[name]
        if not text:
            return None
        try:
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
        except (ValueError, OverflowError):
            self.errors.setdefault(name, _("请填写正确的日期"))
            return None

    def complain(
        self, refusal: Refusal, known: Iterable[str], renamed: Mapping[str, str] | None = None
    ) -> None:
        """Put a refusal beside the field it speaks of, where the form has it, else above the form."""
        name = (renamed or {}).get(refusal.field or "", refusal.field or "")
        sentence = refusal.message(language.current())
        if name in known:
            self.errors.setdefault(name, sentence)
        elif sentence not in self.others:
            self.others.append(sentence)

    @property
    def is_wrong(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self.errors or self.others)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every complaint with the id of its field, for the head of the form."""
        found = (
            (choosing.INPUT.format(name) if name in PLACES else name, one)
            for name, one in self.errors.items()
        )
        return [("", one) for one in self.others] + list(found)


def typed(**defaults: str) -> Typed:
    """What this request's form holds; on a fresh page the defaults."""
    if request.method != "POST":
        return Typed(defaults)
    texts = {name: value.replace("\0", "").strip()[:LONGEST] for name, value in request.form.items()}
    return Typed(texts)


def reach() -> tuple[str, ...]:
    """Where this reader may keep people."""
    return roles.reach_of(acting.me(), roles.PEOPLE)


def givable() -> tuple[Role, ...]:
    """The roles this reader may give at least somewhere."""
    return authority.givable(acting.session(), acting.me(), acting.now())


def must_choose(form: Typed, name: str) -> None:
    """Complain of a text that was looked for without one of the places found being chosen."""
    if form[f"{name}.search"] and not form[name]:
        form.errors.setdefault(name, _("请在查到的单位和地区中选择一个"))


def wanted_post(form: Typed, place: str) -> authority.Wanted | None:
    """The post that a form asks for, at the place chosen for it or, without one, where the person is kept."""
    key = form["role"]
    if not key:
        return None
    role = house.roles.get(key)
    at = form["post_place"] or place
    if role is not None and role.place == "none":
        at = ""
    elif role is not None and role.place == "region" and not form["post_place"]:
        at = places.region_of(at)
    subject = subject_choices.read(key, form["subject"])
    return authority.Wanted(key, at, subject, form.moment("from"), form.moment("until", end=True))
