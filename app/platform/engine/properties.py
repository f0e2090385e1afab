"""The little syntaxes of properties: outcomes, places, durations, two-language words. They read or raise."""

from __future__ import annotations

import re

from app.platform.engine.definition import Outcome, Place
from app.platform.registry import Words

LEVELS = ("province", "city", "district")
VERBS = frozenset({"transfer", "delegate", "signers", "return", "withdraw", "copy", "bulk", "ask"})
PAUSES = frozenset({"asking"})
RECUSALS = frozenset({"own_unit", "previous", "starter", "nobody"})

VARIABLE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
HOUSE_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
_DURATION = re.compile(
    r"P[1-9][0-9]{0,3}WD|P[1-9][0-9]{0,3}W"
    r"|P(?=[0-9T])(?:[0-9]{1,4}D)?(?:T(?=[0-9])(?:[0-9]{1,4}H)?(?:[0-9]{1,4}M)?(?:[0-9]{1,4}S)?)?"
)
_RETENTION = re.compile(r"P[1-9][0-9]{0,2}Y|permanent")
_PLACE = re.compile(
    r"(?P<kind>starter\.unit|starter\.region|everywhere|variable:(?P<variable>[a-z][a-z0-9_]*))"
    r"(?:\((?P<level>[a-z]+)\))?"
)
_NUMBER = re.compile(r"(?:[^{}|]|\{year\}|\{month\}|\{serial(?::0[1-9])?\})+")
_OUTCOME = re.compile(r"(?P<key>[a-z][a-z0-9_]{0,39})\s*=\s*(?P<words>[^;=]+?)(?P<flags>[!-]*)")


LONGEST_WORDS = 100


class BadValue(ValueError):
    """A property's value is not of its syntax; the text says what is expected."""


def words(value: str) -> Words:
    """Read `中文|English`, each of at most 100 characters; without English the Chinese stands for both."""
    zh, _, en = (part.strip() for part in value.partition("|"))
    if not zh or max(len(zh), len(en)) > LONGEST_WORDS:
        raise BadValue("中文|English")
    return Words(zh, en or zh)


def outcomes(value: str) -> tuple[Outcome, ...]:
    """Read `approve=同意|Approve; return=退回|Return!-`."""
    found: list[Outcome] = []
    for part in filter(None, (part.strip() for part in value.split(";"))):
        match = _OUTCOME.fullmatch(part)
        if match is None or match["key"] in {outcome.key for outcome in found}:
            raise BadValue("approve=同意|Approve; return=退回|Return!-")
        flags = match["flags"]
        found.append(Outcome(match["key"], words(match["words"]), "!" in flags, "-" in flags))
    if not 1 <= len(found) <= 10:
        raise BadValue("approve=同意|Approve; return=退回|Return!-")
    return tuple(found)


def place(value: str) -> Place:
    """Read a lane's `at`."""
    match = _PLACE.fullmatch(value.strip())
    if match is None:
        raise BadValue("starter.unit, starter.region(level), variable:x(level), everywhere")
    level, variable = match["level"], match["variable"]
    regional = match["kind"] not in ("starter.unit", "everywhere")
    if level is not None and (level not in LEVELS or not regional):
        raise BadValue(f"({'|'.join(LEVELS)})")
    if variable is not None:
        return Place("variable", variable, level)
    if match["kind"] == "starter.unit":
        return Place("starter.unit")
    return Place("everywhere") if match["kind"] == "everywhere" else Place("starter.region", None, level)


def belonging(value: str) -> Place:
    """Read a process's `at`: `variable:x` or `variable:x(level)`."""
    found = place(value)
    if found.kind != "variable":
        raise BadValue("variable:x(level)")
    return found


def named_in(value: str) -> str | None:
    """The variable a place names; None where it names none, or is no place."""
    match = _PLACE.fullmatch(value.strip())
    return match["variable"] if match else None


def duration(value: str) -> str:
    """Read `P3WD` (working days), `P2W`, `P2D`, `PT4H`."""
    if not _DURATION.fullmatch(value.strip()):
        raise BadValue("P3WD, P2D, PT4H")
    return value.strip()


def is_duration(value: str) -> bool:
    """Whether a text is a duration of ours."""
    return _DURATION.fullmatch(value) is not None


def seats(value: str) -> str:
    """Read `one`, `any`, `all`, `sequence` or `share:0.6`."""
    value = value.strip()
    if value in ("one", "any", "all", "sequence"):
        return value
    if re.fullmatch(r"share:(?:0\.\d{1,3}|1|1\.0)", value) and float(value[6:]) > 0:
        return value
    raise BadValue("one, any, all, sequence, share:0.6")


def number(value: str) -> str:
    """Read a number pattern such as `R{year}{serial:04}`; it holds one serial."""
    if not _NUMBER.fullmatch(value) or value.count("{serial") != 1 or len(value) > 60:
        raise BadValue("R{year}{serial:04}")
    return value


def retention(value: str) -> str:
    """Read how long an instance is kept: `P10Y` or `permanent`."""
    if not _RETENTION.fullmatch(value.strip()):
        raise BadValue("P10Y, permanent")
    return value.strip()


def several(value: str, known: frozenset[str]) -> frozenset[str]:
    """Read some of `known`, parted by spaces, commas or semicolons."""
    found = frozenset(filter(None, re.split(r"[\s,;]+", value)))
    if not found or found - known:
        raise BadValue(", ".join(sorted(known)))
    return found


def plain(value: str) -> str:
    """Read a short text."""
    if not value.strip() or len(value) > 200:
        raise BadValue("…")
    return value.strip()


def house_name(value: str) -> str:
    """Read `<system>/<name>`."""
    if not HOUSE_NAME.fullmatch(value.strip()):
        raise BadValue("<system>/<name>")
    return value.strip()
