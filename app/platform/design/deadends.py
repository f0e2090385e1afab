"""Dead ends: which steps nobody can do today, and in which regions, by name (C6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.platform.design import ground as grounds
from app.platform.design import reaching
from app.platform.design.finding import Finding
from app.platform.design.ground import Ground
from app.platform.design.reaching import Ask, Looking, Reach
from app.platform.engine import Definition
from app.platform.engine.properties import BadValue
from app.platform.engine.properties import place as read_place
from app.platform.forms import Form
from app.platform.identity import subjects
from app.platform.identity.roles import title_of
from app.platform.registry import Words, house

NAMED: Final = 12
"""So many regions, or groups of them, are named; of the others it is said how many there are."""
WHOLE: Final = 3
"""So many regions of one city or province, if they are all it has, are named together."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Who a lane asks, as drawn just now; and by whom the chain is started, and what other roles it asks."""

    role: str
    at: str = ""
    subject: str = ""
    nobody: str = "incident"
    starts: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    level: str | None = None


def of_lane(session: Session, lane: Lane, now: datetime) -> tuple[Reach, Ground]:
    """How far a lane reaches today. Raises `BadValue` for a place that is none.

    Without other roles, all of the role's system say where the chain is meant to be used.
    """
    at = read_place(lane.at) if lane.at else None
    siblings = {key for key in house.roles if key.partition(".")[0] == lane.role.partition(".")[0]}
    started = frozenset(rule.partition("@")[0] for rule in lane.starts) & house.roles.keys()
    other = lane.nobody.partition("@")[0] if "@" in lane.nobody else ""
    roles = (lane.roles or siblings) | started | {lane.role}
    found = grounds.survey(session, {*roles, other}, started, now)
    ask = Ask("", Words("", ""), lane.role, at, lane.subject or None, lane.nobody, level=lane.level)
    looking = Looking(found, lane.starts, frozenset(roles), offered(session, [ask]))
    return looking.reach(ask), found


def of_chain(
    session: Session, definition: Definition, forms: Mapping[str, Form], now: datetime
) -> tuple[list[Reach], Ground]:
    """Every step of a chain over the places it is asked at. At most four statements, and one a kind of subject."""
    asks = reaching.asks(definition, levels_of(forms))
    found = grounds.survey(
        session, roles_of(asks), starts_of(definition), now, twice=any(ask.keeps_starter_out for ask in asks)
    )
    looking = looking_at(found, definition, asks, offered(session, asks))
    return [looking.reach(ask) for ask in asks], found


def looking_at(
    found: Ground, definition: Definition, asks: Iterable[Ask], subjects: Mapping[str, frozenset[str]]
) -> Looking:
    """A chain over the ground: the roles it asks and those that start it say where it is meant to be used."""
    roles = frozenset(ask.role for ask in asks) | starts_of(definition)
    return Looking(found, definition.starts, roles, subjects)


def roles_of(asks: Iterable[Ask]) -> set[str]:
    """The roles that steps ask, with those they ask where nobody is eligible."""
    asked = {ask.role for ask in asks}
    return asked | {ask.nobody.partition("@")[0] for ask in asks if "@" in ask.nobody}


def starts_of(definition: Definition) -> set[str]:
    """The roles by which a chain is started."""
    return {rule.partition("@")[0] for rule in definition.starts} & house.roles.keys()


def levels_of(forms: Mapping[str, Form]) -> dict[str, str]:
    """How deep the region is that each variable of a form holds."""
    return {
        name: one.settings["level"]
        for form in forms.values()
        for name, one in form.fields.items()
        if one.variable and one.kind.key == "region" and "level" in one.settings
    }


def offered(session: Session, asks: Iterable[Ask]) -> dict[str, frozenset[str]]:
    """For each kind of subject that steps ask for all there are, where its system lists them. A statement a kind."""
    kinds = {house.roles[ask.role].subject for ask in asks if ask.role in house.roles}
    known = {kind for kind in kinds if kind in house.subjects and house.subjects[kind].offered}
    return {kind: frozenset(key for key, _ in subjects.offered(session, kind)) for kind in known if kind}


def findings(
    session: Session, definition: Definition, forms: Mapping[str, Form], file: str, now: datetime
) -> list[Finding]:
    """What the check says of a chain's dead ends: a warning a step with its regions by name, and hints."""
    found: list[Finding] = []
    reaches, ground = of_chain(session, definition, forms, now)
    for one in reaches:
        role = title_of(one.ask.role)
        if not one.asked:
            continue
        if one.without:
            zh, en = summary(one, ground)
            words = Words(f"办理角色“{role.zh}”：{zh}", f"{role.en}: {en}")
            found.append(Finding("warning", "dead_end", file, one.ask.element, words, (), one.ask.name))
        if one.lone:
            zh, en = named(one.lone, one.asked, ground)
            words = Words(
                f"只有一人能办理，此人自己发起时须回避而无人办理：{zh}",
                f"one person alone can do it, and nobody where that person has started it: {en}",
            )
            found.append(Finding("hint", "dead_end_lone", file, one.ask.element, words, (), one.ask.name))
        if one.postless:
            words = Words(
                "任何人都可以发起：没有岗位的人发起时，这一步无人办理",
                "anybody may start it: started by somebody without a post, nobody can do this step",
            )
            found.append(Finding("hint", "dead_end_postless", file, one.ask.element, words, (), one.ask.name))
        if one.partial:
            zh, en = named(one.partial, one.asked, ground)
            words = Words(f"只对部分事项有人办理：{zh}", f"somebody only for some subjects: {en}")
            found.append(Finding("hint", "dead_end_subject", file, one.ask.element, words, (), one.ask.name))
    return found


def summary(one: Reach, ground: Ground) -> Words:
    """`17/19 有人；无人：永年区、肥乡区` of a step."""
    count, most = len(one.asked) - len(one.without), len(one.asked)
    if one.asked == ("",):
        why = reaching.REASONS[one.without[0].reason] if one.without else Words("有人", "somebody")
        return Words(f"{why.zh}", f"{why.en}")
    if not one.without:
        return Words(f"{count}/{most} 有人", f"{count} of {most} have somebody")
    zh, en = named([gap.place for gap in one.without], one.asked, ground)
    return Words(f"{count}/{most} 有人；无人：{zh}", f"{count} of {most} have somebody; nobody: {en}")


def line(one: Reach, ground: Ground) -> Words:
    """What stands under a lane as one draws it: 今天在 19 个地区中：17 个有人；无人：永年区、肥乡区."""
    count, most = len(one.asked) - len(one.without), len(one.asked)
    if not most:
        return Words("还看不出在哪些地区办理", "where it is asked cannot be told yet")
    if one.asked == ("",):
        if one.without:
            why = reaching.REASONS[one.without[0].reason]
            return Words(f"今天{why.zh}", f"Today {why.en}")
        return Words("今天有人办理", "Today somebody can")
    if not one.without:
        return Words(f"今天{most}个地区都有人", f"Today all {most} places have somebody")
    zh, en = named([gap.place for gap in one.without], one.asked, ground)
    return Words(
        f"今天{most}个地区中{count}个有人；无人：{zh}",
        f"Today {count} of {most} places have somebody; nobody: {en}",
    )


def named(places: Sequence[str], asked: Collection[str], ground: Ground) -> Words:
    """Places by name, all of a city or a province as one; the first dozen, and how many more there are."""
    groups = _groups(frozenset(places), asked, ground)
    zh, en = "、".join(one.zh for one in groups[:NAMED]), ", ".join(one.en for one in groups[:NAMED])
    if len(groups) > NAMED:
        more = len(groups) - NAMED
        return Words(f"{zh}等{len(places)}个", f"{en} and {more} more ({len(places)} in all)")
    return Words(zh, en)


def _groups(places: frozenset[str], asked: Collection[str], ground: Ground) -> list[Words]:
    """Names in order; where all the places asked below a region are among them, that region stands for them."""
    below: dict[str, int] = defaultdict(int)
    lacking: dict[str, int] = defaultdict(int)
    for place in asked:
        for step in grounds.steps(place)[1:-1]:
            below[step] += 1
    for place in places:
        for step in grounds.steps(place)[1:-1]:
            lacking[step] += 1
    whole = {step for step, count in lacking.items() if count == below[step] and count >= WHOLE}
    found: list[Words] = []
    seen: set[str] = set()
    for place in sorted(places):
        step = next((each for each in grounds.steps(place)[1:-1] if each in whole), "")
        if not step:
            found.append(ground.called(place))
        elif step not in seen:
            seen.add(step)
            zh, en = ground.called(step)
            found.append(Words(f"{zh}全部{lacking[step]}个", f"all {lacking[step]} of {en}"))
    return found


__all__ = ["BadValue", "Lane", "findings", "line", "named", "of_chain", "of_lane", "offered", "summary"]
