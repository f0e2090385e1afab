"""Seats, minimums and ages: who fits, and when a slate may be reported (D-09…D-13, D-30…D-32, D-41…D-43)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

MEMBER, DELEGATE = "member", "delegate"
IDENTITIES: Final[Mapping[str, tuple[str, str]]] = {
    MEMBER: ("委员", "Committee member"),
    DELEGATE: ("代表", "Delegate"),
    "special": ("特邀代表", "Invited delegate"),
    "observer": ("列席代表", "Observer"),
    "guest": ("参会嘉宾", "Guest"),
    "staff": ("工作人员", "Staff"),
}
MINIMUMS: Final[Mapping[str, tuple[str, str]]] = {
    "grassroots": ("基层工作者", "Grass-roots workers"),
    "young": ("45岁以下", "Aged 45 or under"),
    "minority": ("少数民族", "Ethnic minorities"),
    "party": ("民主党派", "Democratic parties"),
    "women": ("女性工作者", "Women"),
}
WITH_MINIMUMS: Final = (MEMBER, DELEGATE)
HAN = "汉族"
DEMOCRATIC: Final = frozenset({"民革", "民盟", "民建", "民进", "农工党", "致公党", "九三学社", "台盟"})
YOUNG = 45


@dataclass(frozen=True, slots=True)
class Allotment:
    """How many seats of an identity a unit has, and how many of them at least must go to whom (EN-D2)."""

    seats: int
    minimums: Mapping[str, int] = field(default_factory=dict)


Quota = Mapping[str, Allotment]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the minimums ask of a person. `age` in full years at the congress's reference day; None while unknown."""

    identity: str
    is_grassroots: bool = False
    age: int | None = None
    ethnicity: str = HAN
    parties: tuple[str, ...] = ()
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the slate: `submitted` people against what was `allotted`. `minimum` None is the heads."""

    identity: str
    minimum: str | None
    submitted: int
    allotted: int
    is_met: bool

    @property
    def key(self) -> str:
        """How the decision table and the pages call it: `member`, `member.women`."""
        return self.identity if self.minimum is None else f"{self.identity}.{self.minimum}"


def age_at(born_on: date, on: date) -> int:
    """Full years on a day (D-42)."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def age_of(born_on: date, reference: date | None, submitted: datetime | date) -> int:
    """Full years at the congress's reference day, or where it has none, at submission (D-41, 2.8 answer 7)."""
    day = submitted.date() if isinstance(submitted, datetime) else submitted
    return age_at(born_on, reference or day)


def takes(identity: str) -> tuple[str, ...]:
    """The kinds of seats an identity takes: a committee member takes a delegate seat too (D-11, D-13)."""
    return (MEMBER, DELEGATE) if identity == MEMBER else (identity,)


def seats_used(identities: Iterable[str]) -> dict[str, int]:
    """How many seats of each kind are taken (D-11, D-13)."""
    used = dict.fromkeys(IDENTITIES, 0)
    for identity in identities:
        for kind in takes(identity):
            used[kind] += 1
    return used


def exceeded(quota: Quota, there: Iterable[str], added: Iterable[str]) -> list[tuple[str, int]]:
    """The kinds of seats that `added` would overrun beside who is `there`, each with its upper limit (D-09).

    A kind that is overrun already and that nobody is added to is not named: a lowered quota is the report's matter.
    """
    before, new = seats_used(there), seats_used(added)
    limits = {kind: quota[kind].seats if kind in quota else 0 for kind in IDENTITIES}
    return [
        (kind, limits[kind]) for kind in IDENTITIES if new[kind] and before[kind] + new[kind] > limits[kind]
    ]


def limit_words(kind: str, limit: int) -> tuple[str, str]:
    """The prompt of an exceeded limit (D-09)."""
    zh, en = IDENTITIES[kind]
    return f"{zh}名额已超出上限，最多{limit}位", f"Too many for {en}: {limit} at most"


def satisfies(minimum: str, person: Standing, *, counts_45: bool = True) -> bool:
    """Whether a person counts for a minimum (D-41, D-43)."""
    match minimum:
        case "grassroots":
            return person.is_grassroots
        case "young":
            return person.age is not None and (person.age <= YOUNG if counts_45 else person.age < YOUNG)
        case "minority":
            return person.ethnicity not in ("", HAN)
        case "party":
            return any(party in DEMOCRATIC for party in person.parties)
        case "women":
            return person.gender in ("女", "female")
    raise ValueError(minimum)


def indicators(
    quota: Quota, slate: Sequence[Standing], *, must_fill: bool = True, counts_45: bool = True
) -> list[Indicator]:
    """Every figure of a slate in the order of the page (D-12, D-30, D-32).

    `must_fill`: heads of members and delegates must equal the allotment (满额); else they may be fewer (不超额).
    """
    used = seats_used(person.identity for person in slate)
    found = []
    for identity in IDENTITIES:
        allotment = quota.get(identity, Allotment(0))
        heads = used[identity]
        equal = must_fill and identity in WITH_MINIMUMS
        met = heads == allotment.seats if equal else heads <= allotment.seats
        found.append(Indicator(identity, None, heads, allotment.seats, met))
        if identity not in WITH_MINIMUMS:
            continue
        seated = [person for person in slate if identity in takes(person.identity)]
        for minimum in MINIMUMS:
            least = allotment.minimums.get(minimum, 0)
            count = sum(satisfies(minimum, person, counts_45=counts_45) for person in seated)
            found.append(Indicator(identity, minimum, count, least, count >= least))
    return found


def refusal(indicator: Indicator, *, must_fill: bool = True) -> tuple[str, str]:
    """Why a red indicator forbids the report, in words (D-31)."""
    zh, en = IDENTITIES[indicator.identity]
    now, limit = indicator.submitted, indicator.allotted
    if indicator.minimum is not None:
        minimum_zh, minimum_en = MINIMUMS[indicator.minimum]
        return (
            f"{zh}：{minimum_zh}不少于{limit}位，当前{now}位，不允许上报",
            f"{en}: at least {limit} of “{minimum_en}”, now {now}; not reported",
        )
    if must_fill and indicator.identity in WITH_MINIMUMS:
        return (
            f"{zh}名额应为{limit}位，当前{now}位，不允许上报",
            f"{en}: {limit} must be reported, now {now}; not reported",
        )
    return (
        f"{zh}名额最多{limit}位，当前{now}位，不允许上报",
        f"{en}: {limit} at most, now {now}; not reported",
    )


def quota_words(identity: str, minimum: str | None, number: int) -> str:
    """A cell of the quota tables (PG-D3)."""
    return f"{number}位" if minimum is None else f"不少于{number}位"
