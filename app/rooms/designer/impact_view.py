"""An impact as pages show it: tiles, tables, and the choices of a mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from app.platform.design import forecasting, impact, mapping
from app.platform.design.counting import Summary
from app.platform.design.forecasting import CLASSES, Target
from app.platform.registry import Words
from app.platform.runtime import versions
from app.platform.runtime.errors import Unpublishable
from app.rooms.web.acting import me, now, session

PREFIX: Final = "map-"
MOST_LINES: Final = 40
NOWHERE: Final = Words("未限定地区", "No region")
WORDS: Final[Mapping[str, tuple[Words, Words, str]]] = {
    "no_effect": (
        Words("不受影响", "Not affected"),
        Words("后续步骤没有变化", "Nothing that lies ahead of them changes"),
        "ok",
    ),
    "moves": (
        Words("可直接迁移", "Can be carried over"),
        Words("后续步骤有变化，当前步骤仍在", "Steps ahead change; where they stand is still there"),
        "run",
    ),
    "needs_mapping": (
        Words("需指定对应步骤", "Need a mapping"),
        Words("当前步骤已被替换、移动或删除", "The step they stand at was replaced, moved or removed"),
        "wait",
    ),
    "cannot": (
        Words("不能迁移", "Cannot be carried over"),
        Words("留在原版本办完", "They are finished on their version"),
        "bad",
    ),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A class with its count, and where its list is."""

    key: str
    title: Words
    about: Words
    tone: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is about, a count for each class in their order, and the sum."""

    title: str | Words
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that needs another to stand for it, and which is chosen."""

    offer: mapping.Offer
    chosen: str


@dataclass(frozen=True)
class View:
    """Everything a page shows of an impact; without `summary` an errand is needed, or under way (`errand`)."""

    total: int
    summary: Summary | None
    errand: str | None
    tiles: tuple[Tile, ...] = ()
    elements: tuple[Line, ...] = ()
    versions: tuple[Line, ...] = ()
    cities: tuple[Line, ...] = ()
    more_cities: int = 0
    choices: tuple[Choice, ...] = ()
    wanted: Mapping[str, str] | None = None


def asked_mapping(target: Target, sent: Mapping[str, str] | None = None) -> dict[str, str]:
    """The mapping in the address, or in what was `sent`. Raises `Rejected`."""
    given = request.args if sent is None else sent
    pairs = {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}
    return mapping.read(pairs, target.program.definition)


def parameters(wanted: Mapping[str, str]) -> dict[str, str]:
    """A mapping as the parameters of an address."""
    return {f"{PREFIX}{old}": new for old, new in sorted(wanted.items())}


def view(target: Target, wanted: Mapping[str, str], url: Callable[[str], str]) -> View:
    """What is known of a target. `url(becomes)`: where the list of a class is."""
    seen = impact.seen(session(), target, wanted, me(), now())
    if seen.summary is None:
        return View(seen.total, None, seen.errand, wanted=wanted)
    summary = seen.summary
    tiles = tuple(Tile(key, *WORDS[key], summary.classes.get(key, 0), url(key)) for key in CLASSES)
    olds = _olds(target)
    names = element_names(target, olds)
    cities = impact.city_names(session(), {path for path, _ in summary.cities})
    city_lines = _lines(summary.cities, lambda path: cities.get(path) or NOWHERE)
    return View(
        seen.total,
        summary,
        seen.errand,
        tiles,
        tuple(_lines(summary.elements, lambda one: names.get(one, one)))[:MOST_LINES],
        tuple(sorted(_lines(summary.versions, lambda n: f"v{n}"), key=lambda line: str(line.title))),
        tuple(city_lines[:MOST_LINES]),
        max(len(city_lines) - MOST_LINES, 0),
        tuple(_choices(target, summary, wanted, olds)),
        wanted,
    )


def element_names(target: Target, olds: Mapping[str, versions.Program]) -> dict[str, Words]:
    """What elements are called: in the versions that run, else in the target."""
    named = dict(target.program.names)
    for old in olds.values():
        named |= old.names
    return named


def programs(target: Target) -> dict[str, versions.Program]:
    """The programs of the versions whose instances a list names."""
    return _olds(target)


def _olds(target: Target) -> dict[str, versions.Program]:
    found = {}
    for version in forecasting.live_versions(session(), target):
        try:
            found[version] = versions.program(session(), version)
        except Unpublishable:
            continue
    return found


def _choices(
    target: Target, summary: Summary, wanted: Mapping[str, str], olds: Mapping[str, versions.Program]
) -> list[Choice]:
    found: dict[str, Choice] = {}
    for version, old in olds.items():
        elements = {
            element for element, code in summary.obstacles.get(version, ()) if code in forecasting.MAPPABLE
        }
        elements |= {element for element in wanted if element in old.definition.elements}
        for offer in mapping.offers(old.definition, target.program.definition, elements):
            found.setdefault(offer.element, Choice(offer, wanted.get(offer.element, "")))
    return list(found.values())


def _lines(counts: Mapping[tuple[Any, str], int], said: Callable[[Any], Any]) -> list[Line]:
    keys = dict.fromkeys(key for key, _becomes in counts)
    lines = [Line(said(key), tuple(counts.get((key, one), 0) for one in CLASSES)) for key in keys]
    return sorted(lines, key=lambda line: -line.total)
