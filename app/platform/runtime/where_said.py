"""Says where an instance is, in one sentence for its reader: pages and the interface for programs show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from app.platform.calendar.saying import moment
from app.platform.registry import Words
from app.platform.runtime.whereabouts import YOU, Coming, Holding, Said, Whereabouts

MOST_NAMED = 6
Say = Callable[[Whereabouts, datetime], Words]


def sentence(where: Whereabouts, now: datetime) -> Words:
    """Where it is, since when, how long there is, and what comes next, in the state's own sentence."""
    return _SAY[where.state](where, now)


def _joined(*parts: Words) -> Words:
    return Words("".join(part.zh for part in parts), "".join(part.en for part in parts))


def _limit(one: Holding) -> Words:
    return Words(f"，{one.limit.zh}", f", {one.limit.en}") if one.limit else Words("", "")


def _next(where: Whereabouts) -> Words:
    """What comes after the present step, as the end of a sentence."""
    if where.coming and where.coming[0].is_event:
        one = where.coming[0]
        lane = _lane(one)
        return Words(
            f"；之后等待“{one.name.zh}”{lane.zh}。", f"; then it waits for “{one.name.en}”{lane.en}."
        )
    if where.coming:
        one = where.coming[0]
        return Words(
            f"；之后由{one.who.zh}办理“{one.name.zh}”。",
            f"; then {'you do' if one.who == YOU else one.who.en + ' does'} “{one.name.en}”.",
        )
    return Words("；办完即办结。", "; it is the last step.") if where.ends else Words("。", ".")


def _lane(one: Coming | None) -> Words:
    """With whom a message lies, in brackets; nothing where no lane says."""
    if one is None or not one.who.zh:
        return Words("", "")
    return Words(f"（{one.who.zh}）", f" ({one.who.en})")


def _yours(where: Whereabouts, now: datetime) -> Words:
    mine = [one for one in where.holdings if one.is_yours]
    steps = Words(
        "、".join(f"“{one.name.zh}”" for one in mine), ", ".join(f"“{one.name.en}”" for one in mine)
    )
    if len(mine) == 1:
        steps = Words(mine[0].name.zh, mine[0].name.en)
    others = [one for one in where.holdings if not one.is_yours]
    also = Words("", "")
    if others:
        also = Words(
            f"；同时由{'、'.join(_held_by(one).zh for one in others[:MOST_NAMED])}",
            f"; at the same time with {', '.join(_held_by(one).en for one in others[:MOST_NAMED])}",
        )
    begin = Words(f"轮到您了：{steps.zh}", f"It is your turn: {steps.en}")
    return _joined(begin, _limit(mine[0]), also, _next(where))


def _returned(where: Whereabouts, now: datetime) -> Words:
    mine = next(one for one in where.holdings if one.is_yours)
    back = where.returned or Said("", mine.since, "")
    when = moment(back.at, now)
    begin = Words(
        f"{back.by or '系统'}于{when.zh}退回给您，请在“{mine.name.zh}”修改后重新提交",
        f"Sent back to you by {back.by or 'the system'}, {when.en}: correct it at “{mine.name.en}” and submit again",
    )
    return _joined(begin, _limit(mine), _next(where))


def _held_by(one: Holding) -> Words:
    signed = f"（已签 {one.signed[0]}/{one.signed[1]}）" if one.signed else ""
    of = f" ({one.signed[0]} of {one.signed[1]} have signed)" if one.signed else ""
    return Words(f"{one.who.zh}办理“{one.name.zh}”{signed}", f"{one.who.en} for “{one.name.en}”{of}")


def _held(where: Whereabouts, now: datetime) -> Words:
    if len(where.holdings) > 1:
        return _held_by_several(where, now)
    one = where.holdings[0]
    since, held = moment(one.since, now), _held_by(one)
    back = Words("（退回修改）", " (to be corrected)") if one.is_returned else Words("", "")
    begin = Words(
        f"现在由{held.zh}{back.zh}，{since.zh}送达", f"Now with {held.en}{back.en}, since {since.en}"
    )
    return _joined(begin, _limit(one), _next(where))


def _held_by_several(where: Whereabouts, now: datetime) -> Words:
    """Several steps at once: each by name, up to a handful."""
    named = where.holdings[:MOST_NAMED]
    more = len(where.holdings) - len(named)
    zh = "；".join(f"{_held_by(one).zh}（{moment(one.since, now).zh}送达{_limit(one).zh}）" for one in named)
    en = "; ".join(f"{_held_by(one).en} (since {moment(one.since, now).en}{_limit(one).en})" for one in named)
    count = len(where.holdings)
    begin = Words(
        f"现在有 {count} 个环节同时办理：由{zh}" + (f"；等 {count} 个环节" if more else ""),
        f"{count} steps at the same time: {en}" + (f"; and {more} more" if more else ""),
    )
    return _joined(begin, _next(where))


def _working(where: Whereabouts, now: datetime) -> Words:
    if where.working is None:
        return Words("系统正在处理，请稍候……", "The system is working on it, please wait…")
    return Words(f"正在{where.working.zh}……", f"{where.working.en} is under way…")


def _waiting(where: Whereabouts, now: datetime) -> Words:
    """Nobody has anything to do: its stage says what it waits for, or the moment it goes on."""
    stage = where.stage or Words("正在等待", "Waiting")
    until = moment(where.until, now)
    limit = Words(f"，至迟{until.zh}继续", f", until {until.en} at the latest") if until.zh else Words("", "")
    return _joined(stage, _lane(where.awaited), limit, _next(where) if where.coming else Words("。", "."))


def _suspended(where: Whereabouts, now: datetime) -> Words:
    by, when = _who_when(where.stopped, now)
    steps = "、".join(f"“{one.name.zh}”" for one in where.holdings[:MOST_NAMED])
    steps_en = ", ".join(f"“{one.name.en}”" for one in where.holdings[:MOST_NAMED])
    return Words(
        f"已由{by.zh}于{when.zh}暂停办理，恢复后继续{steps}；资料仍可查看。",
        f"Suspended by {by.en}, {when.en}; {steps_en or 'it'} goes on when it is resumed. It can still be read.",
    )


def _incident(where: Whereabouts, now: datetime) -> Words:
    if where.incidents == ("nobody",) and where.holdings:
        names = where.holdings[0].name
        return Words(
            f"“{names.zh}”暂时没有人可以办理，管理员会安排；您不需要重新提交。",
            f"Nobody can do “{names.en}” at present; an administrator will see to it. You need not submit again.",
        )
    return Words(
        "系统处理时遇到问题，管理员会处理；您不需要重新提交。",
        "The system has met a problem; an administrator will see to it. You need not submit again.",
    )


def _ended(where: Whereabouts, now: datetime) -> Words:
    when = moment(where.ended_at, now)
    stage = Words(f"：{where.stage.zh}", f": {where.stage.en}") if where.stage else Words("", "")
    return _joined(Words(f"已于{when.zh}办结", f"Ended {when.en}"), stage, Words("。", "."))


def _cancelled(where: Whereabouts, now: datetime) -> Words:
    by, when = _who_when(where.stopped, now)
    return Words(f"已由{by.zh}于{when.zh}撤销。", f"Cancelled by {by.en}, {when.en}.")


def _who_when(said: Said | None, now: datetime) -> tuple[Words, Words]:
    by = said.by if said is not None and said.by else ""
    when = moment(said.at if said is not None else None, now)
    return Words(by or "管理员", by or "an administrator"), when


_SAY: Mapping[str, Say] = {
    "yours": _yours,
    "returned": _returned,
    "held": _held,
    "working": _working,
    "waiting": _waiting,
    "suspended": _suspended,
    "incident": _incident,
    "ended": _ended,
    "cancelled": _cancelled,
}
