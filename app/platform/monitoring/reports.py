"""The report to whoever looks after processes: each week, each month, for his reach, if he has chosen so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.calendar import ZONE
from app.platform.identity import posts, roles
from app.platform.identity.entities import Account
from app.platform.monitoring import durations, figures, overview
from app.platform.notices import Kind, kinds
from app.platform.registry import Acting, Words

_log = logging.getLogger(__name__)
WEEKLY: Final = "report_week"
MONTHLY: Final = "report_month"
FROM, UNTIL = 8, 12  # o'clock in Shanghai
MOST_LINES = 30
_ABOUT = Words(
    "每周一早上发送上一周各流程的发起、办结、超期和用时；只发给负责流程监控的人员",
    "Each Monday morning: what was started, ended and overdue in the week before, for whoever watches processes",
)
_MONTH = Words(
    "每月1日早上发送上一月各流程的发起、办结、超期和用时；只发给负责流程监控的人员",
    "On the first of each month: the same of the month before, for whoever watches processes",
)
kinds.enter(
    Kind(WEEKLY, Words("流程运行周报", "Weekly report of processes"), _ABOUT, never=frozenset({"sms"})),
    Kind(MONTHLY, Words("流程运行月报", "Monthly report of processes"), _MONTH, never=frozenset({"sms"})),
)


def period(kind: str, today: date) -> tuple[date, date]:
    """The first and last day of the week or month before the one of `today`."""
    if kind == WEEKLY:
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def is_due(kind: str, at: datetime) -> bool:
    """Whether a report goes out now: in the morning of a Monday, or of the first of a month."""
    local = at.astimezone(ZONE)
    day = local.weekday() == 0 if kind == WEEKLY else local.day == 1
    return day and FROM <= local.hour < UNTIL


def send(session: Session, now: datetime) -> int:
    """Send the reports that are due to all who have chosen them (a chore); return how many. Once, however often run."""
    count = 0
    for kind in (WEEKLY, MONTHLY):
        if is_due(kind, now):
            first, last = period(kind, now.astimezone(ZONE).date())
            key = f"{kind}:{first}"
            wanted = notices.choosing.who_want(session, kind)
            for person in notices.not_told(session, key, _able(session, wanted)):
                count += _told(session, person, kind, (first, last), key, now)
    return count


def _able(session: Session, people: Sequence[str]) -> list[str]:
    """Those of `people` who can sign in."""
    found = select(Account.person_id).where(Account.person_id.in_(people), Account.is_disabled.is_(False))
    return list(session.scalars(found.order_by(Account.person_id)))


def _told(session: Session, person: str, kind: str, days: tuple[date, date], key: str, now: datetime) -> bool:
    """Tell one person; what fails with him is written down, and the others are told all the same."""
    try:
        by = Acting(person, "", "", posts.of(session, person, now))
        reach = roles.reach_of(by, roles.MANAGE)
        if not reach:
            return False
        title, text = written(session, reach, kind, days, now)
        session.rollback()
        return bool(notices.send(session, [person], title, text, now, kind=kind, key=key))
    except Exception:  # whatever it is: it concerns him alone, and he is tried again
        session.rollback()
        _log.exception("the report failed for %s", person)
        return False


def written(
    session: Session, reach: Sequence[str], kind: str, days: tuple[date, date], now: datetime
) -> tuple[Words, Words]:
    """The report on a reach: title and text, a line for each process. A dozen statements."""
    first, last = (day.isoformat() for day in days)
    moved = figures.tally(session, ("started", "ended", "late"), reach, since=first, until=last)
    spent = figures.tally(
        session, ("stay",), reach, ("process", "element", "detail"), since=first, until=last
    )
    now_there = {line.process: line for line in overview.lines(session, reach, now)}
    keys = {process for _figure, process in moved} | set(now_there)
    names = overview.names(session)
    zh, en = [], []
    for key in sorted(keys, key=lambda one: (-moved["ended", one], one))[:MOST_LINES]:
        buckets = {
            bucket: n for (process, element, bucket), n in spent.items() if (process, element) == (key, "")
        }
        minutes = durations.share(buckets, 0.5)
        median = "—" if minutes is None else f"{minutes / durations.DAY:.1f}"
        line, name = now_there.get(key), names.get(key, Words(key, key))
        running, overdue = (line.running, line.overdue) if line else (0, 0)
        counted = (moved["started", key], moved["ended", key], moved["late", key])
        zh.append(
            f"{name.zh}：发起{counted[0]}件，办结{counted[1]}件，超期办理{counted[2]}项，用时中位数{median}个工作日；"
            f"现运行{running}件，超期{overdue}项"
        )
        en.append(
            f"{name.en}: started {counted[0]}, ended {counted[1]}, decided late {counted[2]}, median {median}"
            f" working days; running now {running}, overdue {overdue}"
        )
    what = Words("周报", "Weekly") if kind == WEEKLY else Words("月报", "Monthly")
    title = Words(
        f"流程运行{what.zh}（{first} 至 {last}）", f"{what.en} report of processes, {first} to {last}"
    )
    nothing = Words("这段时间没有流程运行。", "No process has run.")
    more = Words("详情见“流程监控”（/monitor/）。", "More in the process monitor (/monitor/).")
    return title, Words(
        "\n".join(zh or [nothing.zh]) + f"\n{more.zh}", "\n".join(en or [nothing.en]) + f"\n{more.en}"
    )
