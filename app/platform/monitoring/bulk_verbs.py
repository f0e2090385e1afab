"""The verbs done to many instances at once: what each is called and asks for, and to which it cannot be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from app.platform.calendar.saying import moment
from app.platform.monitoring import repairing
from app.platform.registry import Words

Verb = Literal["urge", "transfer", "suspend", "resume", "retry", "move", "cancel", "migrate"]
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
NAMES: Final[Mapping[str, Words]] = {
    "urge": Words("催办", "Urge"),
    "transfer": Words("转办", "Hand over"),
    "suspend": Words("挂起", "Suspend"),
    "resume": Words("恢复", "Resume"),
    "retry": Words("重试", "Retry"),
    "move": Words("跳转", "Move"),
    "cancel": Words("终止", "End"),
    "migrate": Words("迁移", "Carry over"),
}
REASONED: Final = frozenset({"transfer", "suspend", "resume", "move", "cancel"})
"""Verbs that want a reason; the others may have one."""
BACK: Final[Mapping[str, Verb]] = {"suspend": "resume", "resume": "suspend", "migrate": "migrate"}
"""What takes a verb back; the others stay done."""
TWO: Final = frozenset({"move", "cancel"})
"""What takes two where the installation wants that for repairs: then it is done one by one."""
LIVE: Final = ("running", "suspended")

OWN: Final = Words("本人的申请", "Your own application")
REACH: Final = Words("已不在您的管辖范围", "Outside your area by now")
ENDED: Final = Words("已结束", "It has ended")
SUSPENDED: Final = Words("已挂起，须先恢复", "Suspended: resume it first")
ALREADY: Final = Words("已经挂起", "Suspended already")
RUNNING: Final = Words("没有挂起", "It is not suspended")
NO_TASK: Final = Words("没有待办的任务", "No task is open")
NO_INCIDENT: Final = Words("没有待处理的异常", "Nothing has failed")
OTHER_VERSION: Final = Words("属于另一流程或版本", "Of another process or version")
NOT_THERE: Final = Words("不在所选的环节", "It does not wait at that step")
CURRENT: Final = Words("已是现行版本", "On the current version already")
MOVED: Final = Words("版本已变化", "Its version has changed")
TOUCHED: Final = Words("其后又有变化，未撤销", "Something has happened since: left as it is")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: the verb, why, the person tasks go to (`to`), or from where to where tokens are moved.

    `version`, `source` and `target` (elements) are a move's.
    """

    verb: Verb
    reason: str = ""
    to: str = ""
    version: str = ""
    source: str = ""
    target: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instance that was chosen, with what says which verbs can be done to it.

    `tasks`, `incidents`: those it was chosen with, else all open ones. `current`: its process's current version.
    `waits`: the elements its tokens wait at; read for a move alone.
    """

    id: str
    title: str
    number: str | None
    process: str
    process_name: Words
    place: str
    region: Words
    state: str
    starter: str
    version: str
    version_number: int
    current: str | None
    tasks: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    urged_at: datetime | None = None
    waits: tuple[str, ...] = ()


def reason_of(verb: str, text: str) -> str:
    """The reason as it is kept. Raises `repairing.BadReason` where the verb wants one, or it cannot be kept."""
    if verb not in REASONED and not text.strip():
        return ""
    least, most = repairing.SHORTEST, repairing.LONGEST
    if not least <= len(text.strip()) <= most:
        raise repairing.BadReason(
            Words(f"请填写原因，{least}至{most}个字。", f"Say why, in {least} to {most} characters.")
        )
    return repairing.reason_of(text)


def of_state(verb: str, state: str) -> Words | None:
    """Why a verb cannot be done to an instance in this state."""
    if state not in LIVE:
        return ENDED
    if state == "suspended":
        return ALREADY if verb == "suspend" else SUSPENDED if verb in ("urge", "transfer", "move") else None
    return RUNNING if verb == "resume" else None


def why_not(one: Candidate, wish: Wish, person: str, now: datetime) -> Words | None:
    """Why `person` cannot have this done to it; None where he can."""
    if one.starter == person:
        return OWN
    refused = of_state(wish.verb, one.state)
    if refused is not None:
        return refused
    match wish.verb:
        case "urge" if one.urged_at is not None:
            at = moment(one.urged_at, now)
            return Words(f"{at.zh}已催办过", f"Urged already, {at.en}")
        case "urge" | "transfer" if not one.tasks:
            return NO_TASK
        case "retry" if not one.incidents:
            return NO_INCIDENT
        case "migrate" if one.current in (None, one.version):
            return CURRENT
        case "move" if wish.version and one.version != wish.version:
            return OTHER_VERSION
        case "move" if wish.source and wish.source not in one.waits:
            return NOT_THERE
    return None
