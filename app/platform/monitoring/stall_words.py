"""The sentences of what stands still: who or what is missing, by name, and since when."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.platform.calendar.saying import moment
from app.platform.engine import Problem
from app.platform.identity import roles
from app.platform.registry import Words
from app.platform.runtime import unattended, unattended_rows

KINDS: Final = {
    "nobody": Words("无人办理", "Nobody can do it"),
    "timer": Words("定时未触发", "Timer has not fired"),
    "message": Words("消息未到", "Message has not come"),
    "error": Words("处理出错", "Work failed"),
    "job": Words("后台任务失败", "Job failed"),
    "notice": Words("通知未发出", "Notice not sent"),
    "lease": Words("处理中断", "Worker gone"),
    "suspended": Words("已挂起", "Suspended"),
    "definition": Words("流程版本失效", "Version broken"),
}
MENDS: Final = {
    "give": Words("交给某人办理", "Give it to somebody"),
    "fire": Words("立即触发", "Fire now"),
    "deliver": Words("视为已收到", "Take it as received"),
    "retry": Words("重试", "Try again"),
    "repair": Words("去修复", "Repair"),
    "free": Words("释放并重做", "Free it"),
    "resume": Words("恢复办理", "Resume"),
    "migrate": Words("迁移到现行版本", "Carry to the current version"),
}
"""What the button is called, by the verb."""
LONGEST = 160
_BOTH = re.compile(r"Words\(zh='(.*?)', en='(.*?)'\)")
_CLASS = re.compile(r"^[A-Za-z_.]*(?:Error|Exception|Refused|Faulty|Failure|Timeout)\s*: ")
_PLACE = re.compile(r" \([\w<>.]+:\d+\)$")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row says of a stall: what is mended by which verb, where, since when, and its sentence."""

    key: str
    mend: str
    element: str
    since: datetime
    words: Words


def facts(
    kind: str, row: Any, name: Callable[[str | None], Words], now: datetime, about: Mapping[str, Any]
) -> Facts:
    """What a row of a kind's question says. `name`: of an element; `about`: what is known besides, by the instance."""
    match kind:
        case "nobody":
            since = unattended.since(row._mapping)
            return Facts(row.id, "give", row.element, since, nobody(row, moment(since, now)))
        case "timer":
            words = timer(row, name(row.element), moment(row.due_at, now))
            return Facts(row.timer, "fire", row.element, row.due_at, words)
        case "message":
            words = message(row, name(row.element), moment(row.since, now))
            return Facts(row.subscription, "deliver", row.element, row.since, words)
        case "lease":
            element = str((row.arguments or {}).get("element") or "")
            words = lease(row, name(element), moment(row.lease_until, now))
            return Facts(row.job, "free", element, row.lease_until, words)
        case "suspended":
            by, at, body = about[row.instance]
            words = suspended(by or "", moment(at, now), str(body.get("comment", "")))
            return Facts(row.instance, "resume", "", at, words)
        case "definition":
            number, error, is_mendable = about[row.instance]
            words = definition(number, error.problems)
            return Facts(row.instance, "migrate" if is_mendable else "", "", row.started_at, words)
        case _failed:
            words = incident(row, kind, name(row.element), moment(row.opened_at, now))
            mend = "retry" if row.job_id else "repair"
            return Facts(row.incident, mend, row.element or "", row.opened_at, words)


def nobody(row: Any, since: Words) -> Words:
    """Nobody can answer a task."""
    why = unattended_rows.sentence(row._mapping)
    return Words(
        f"“{row.name_zh}”自{since.zh}起无人办理：{why.zh}。",
        f"Nobody can do “{row.name_en}” since {since.en}: {why.en}.",
    )


def timer(row: Any, name: Words, due: Words) -> Words:
    """A timer has failed for good, or no sweep looks at it."""
    if row.detail or row.tries:
        why = shortened(row.detail)
        return Words(
            f"“{name.zh}”应于{due.zh}触发，试了 {row.tries} 次都没有成功{f'：{why.zh}' if why.zh else ''}。",
            f"“{name.en}” was due {due.en} and has failed {row.tries} times{f': {why.en}' if why.en else ''}.",
        )
    return Words(
        f"“{name.zh}”应于{due.zh}触发，至今没有触发：后台没有在处理定时。",
        f"“{name.en}” was due {due.en} and has not fired: no worker looks at timers.",
    )


def message(row: Any, name: Words, since: Words) -> Words:
    """Nobody has sent what is waited for."""
    if row.sender_role:
        role = roles.title_of(row.sender_role)
        who = Words(
            f"应由{row.where}“{role.zh}”发送，而无人担任",
            f"{role.en}{', ' + row.where if row.where else ''} should send it, which nobody holds",
        )
    else:
        who = Words("没有正在运行的流程或业务系统会发送它", "no chain or system there is would send it")
    return Words(
        f"“{name.zh}”自{since.zh}起等待消息“{row.name}”，{who.zh}，一直没有收到。",
        f"“{name.en}” waits for the message “{row.name}” since {since.en}; {who.en}, and it has not come.",
    )


def incident(row: Any, kind: str, name: Words, since: Words) -> Words:
    """What failed until it was given up, with the error in its words."""
    why = shortened(row.detail)
    if kind == "notice":
        return Words(
            f"{since.zh}有一条通知没能发出，已试三次：{why.zh}。",
            f"A notice could not be sent, tried three times, {since.en}: {why.en}.",
        )
    if kind == "job":
        what = JOBS.get(row.job, Words(f"后台任务 {row.job}", f"the job {row.job}"))
        return Words(
            f"{what.zh}试了三次都失败，{since.zh}停止：{why.zh}。",
            f"{what.en} failed three times, {since.en}: {why.en}.",
        )
    if row.kind != "job":
        return Words(
            f"流程在“{name.zh}”无法继续，{since.zh}发现：{why.zh}。",
            f"The process cannot go on at “{name.en}”, found {since.en}: {why.en}.",
        )
    action = str((row.arguments or {}).get("action") or "")
    return Words(
        f"“{name.zh}”的系统处理（{action}）试了三次都出错，{since.zh}停止：{why.zh}。",
        f"The work of “{name.en}” ({action}) failed three times, {since.en}: {why.en}.",
    )


def lease(row: Any, name: Words, until: Words) -> Words:
    """A worker has died over a piece of work, or hangs."""
    worker = str(row.leased_by or "").partition("/")[0] or "—"
    return Words(
        f"“{name.zh}”的后台处理自{until.zh}起没有回应：处理它的 {worker} 已停止，仍占用着这项工作。",
        f"The work of “{name.en}” has not answered since {until.en}: {worker}, which holds it, has stopped.",
    )


def suspended(by: str, at: Words, why: str) -> Words:
    """Somebody has suspended the instance."""
    return Words(
        f"由{by or '管理员'}于{at.zh}挂起：{why or '未写明原因'}。",
        f"Suspended by {by or 'an administrator'}, {at.en}: {why or 'no reason given'}.",
    )


def definition(number: int, problems: Sequence[Any]) -> Words:
    """The version it runs on names what there is no more."""
    said = [_problem(one) for one in problems[:3]]
    zh, en = "；".join(one.zh for one in said), "; ".join(one.en for one in said)
    return Words(
        f"所用的第 {number} 版流程已不能执行：{zh}{'' if zh.endswith('？') else '。'}",
        f"Version {number}, on which it runs, cannot be run any more: {en}{'' if en.endswith('?') else '.'}",
    )


def _problem(one: Any) -> Words:
    """What is wrong, at which element; a form's problem names its file itself."""
    if not isinstance(one, Problem):
        return Words(one.message("zh"), one.message("en"))
    at = one.element or one.file
    return Words(f"“{at}”{one.words.zh.rstrip('。')}", f"“{at}”: {one.words.en.rstrip('.')}")


JOBS: Final = {
    "runtime/message": Words("消息的分发", "Spreading a message"),
    "runtime/receive": Words("向这件事项送达消息", "Delivering a message to it"),
    "documents/correction_letter": Words("一次性告知书的打印", "Printing the letter"),
    "runtime/migrate": Words("迁移到新版本", "Carrying it to a new version"),
}
"""What is called what, of the jobs that an instance may wait for."""


def shortened(detail: str | None) -> Words:
    """An error in words, as long as a sentence bears it: without the names that programs give it."""
    text = (detail or "").strip().partition("\n")[0]
    both = _BOTH.search(text)
    zh, en = both.groups() if both else (_bare(text), _bare(text))
    return Words(_short(zh), _short(en))


def _bare(text: str) -> str:
    return _PLACE.sub("", _CLASS.sub("", text))


def _short(text: str) -> str:
    text = text.strip().rstrip("。.")
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
