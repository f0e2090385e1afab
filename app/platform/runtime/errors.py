"""What can be wrong with a verb, as plain exceptions named for what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.platform.registry import Words


class RuntimeRefusal(Exception):
    """Base of every refusal of the runtime."""


class Unknown(RuntimeRefusal):
    """There is no such thing, or the person may not know of it: both answer alike (404)."""


@dataclass
class Forbidden(RuntimeRefusal):
    """The person may see it but not do this (403). `code` names the missing right."""

    code: str
    words: Words | None = None


@dataclass
class TaskTaken(RuntimeRefusal):
    """Another one has decided the task, or holds it (409).

    `reason`: why one's own seat closed: not_needed, transferred, cancelled.
    """

    by_name: str
    outcome: Words | None
    at: datetime | None
    reason: str = ""


class TaskOvertaken(TaskTaken):
    """A deadline of the instance has closed the task before the decision came (409)."""


class InstanceChanged(RuntimeRefusal):
    """The task is still open, but is no longer what the person had read (409)."""


@dataclass
class DraftOutdated(RuntimeRefusal):
    """Another window has kept a newer draft than the one this page has read (409); `version` is the one there is."""

    version: int
    saved_at: datetime


@dataclass
class HookRefused(RuntimeRefusal):
    """A system's own rule says no (422), in words meant for the person."""

    words: Words
    field: str | None = None


HOOK_BROKE = Words(
    "系统处理这一步时出错，您填写的内容已保存为草稿，请稍后再试或联系管理员。",
    "This step failed on our side. What you entered is kept as a draft; please try again later.",
)
"""What a person reads where a hook has raised what it should not."""


@dataclass
class BadOutcome(RuntimeRefusal):
    """The outcome is not one the step offers (422)."""

    outcome: str


@dataclass
class MissingOpinion(RuntimeRefusal):
    """The outcome demands an opinion and none was given (422)."""

    outcome: Words


class MissingReason(RuntimeRefusal):
    """A repair was asked for without a word why (422)."""


@dataclass
class BadVariable(RuntimeRefusal):
    """A variable the process does not declare, or a value that cannot be one (422)."""

    name: str


@dataclass
class BadOpinion(RuntimeRefusal):
    """The opinion cannot be kept as it is (422). `code`: too_long, control."""

    code: str
    most: int = 0
    length: int = 0


@dataclass
class BadItems(RuntimeRefusal):
    """What was named to be put right cannot be (422), in words meant for whoever named it. `name`: field or file.

    `code`: many, unknown, no_reason, too_long, control, not_returned.
    """

    code: str
    name: str
    words: Words


@dataclass
class BadQuestion(RuntimeRefusal):
    """A question or an answer cannot be kept as it is (422). `code`: required, too_long, control, too_many."""

    code: str
    most: int = 0
    length: int = 0


@dataclass
class QuestionClosed(RuntimeRefusal):
    """The question waits for no answer any more (409). `how`: answered, closed; by whom and when."""

    how: str
    by_name: str
    at: datetime | None


class BadEntry(RuntimeRefusal):
    """A step with a form was answered without it, for another step, or with complaints still open (422)."""


@dataclass
class BadPerson(RuntimeRefusal):
    """A person named cannot take, or leave, the task (422), in words meant for whoever named him.

    `code`: no_account, oneself, holds, recused, already, many, not_seated, decided, not_added, last, unclaimed, nobody.
    """

    code: str
    words: Words


@dataclass
class BadStanding(RuntimeRefusal):
    """A substitute cannot be appointed so (422). `code`: oneself, no_account, dates, unknown_process, overlap."""

    code: str
    words: Words


class Attended(RuntimeRefusal):
    """The task has somebody again who can answer it: it is not an administrator's to give away (409)."""


@dataclass
class UrgedAlready(RuntimeRefusal):
    """The instance has been urged on this working day (409)."""

    at: datetime


@dataclass
class TooManyReceivers(RuntimeRefusal):
    """More wait for a message than one transaction may reach (422)."""

    limit: int


@dataclass
class CannotMove(RuntimeRefusal):
    """The matter cannot be sent there (409). `code` is the engine's, or the runtime's own."""

    element: str
    code: str

    @property
    def words(self) -> Words:
        """Why, in both languages."""
        return MOVES.get(self.code, MOVES["not_passed"])


@dataclass
class CannotMigrate(RuntimeRefusal):
    """The instance cannot be carried over to the version (409). `obstacles`: (element, why); `names`: of elements."""

    obstacles: tuple[tuple[str, Words], ...]
    names: Mapping[str, Words] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """Every reason with its element's name."""
        told = [(self.names.get(element, Words(element, element)), why) for element, why in self.obstacles]
        return Words(
            "；".join(f"{name.zh}：{why.zh}" for name, why in told),
            "; ".join(f"{name.en}: {why.en}" for name, why in told),
        )


MOVES = {
    "not_passed": Words(
        "只能退回到一定经过的步骤：该步骤不在来路上，或其所在分支已经汇合。",
        "Only steps certainly passed can be returned to: this one is not on the way, or its block has closed.",
    ),
    "effects": Words(
        "中间有已经生效、不能撤销的处理，不能越过它退回。",
        "Something between has taken effect and cannot be undone, so the matter cannot go back past it.",
    ),
    "several": Words(
        "该步骤属于多实例中的一项，不能从外面退回到其中。",
        "The step is one of several instances and cannot be returned to from outside.",
    ),
    "not_a_task": Words("这里没有可以退回的办理步骤。", "There is no step here that could be sent back."),
    "not_decided": Words("该步骤还没有办理过。", "The step has not been decided yet."),
    "acted_since": Words(
        "之后已有人办理或签收，不能撤回。",
        "Somebody has acted since, so it cannot be taken back any more.",
    ),
    "not_last": Words(
        "只有最后办理的人可以撤回。",
        "Only whoever decided last can take it back.",
    ),
    "not_here": Words(
        "目标不在同一层流程中。", "The target is not an element of the same process or sub-process."
    ),
    "enters_block": Words(
        "不能移入没有打开的并行分支。", "It cannot enter a parallel block that is not open to it."
    ),
    "is_join": Words(
        "不能停在汇合处的网关上，请选择它之前或之后的环节。",
        "Nothing can be put at a gateway where branches join: choose a step before or after it.",
    ),
    "guards": Words(
        "它守在所属环节旁边，随该环节一起取消。", "It stands guard over its step and goes with it."
    ),
    "last": Words(
        "这里只有这一支，取消后流程无法继续；请移动它，或终止整件事项。",
        "Nothing else goes on here: move it, or end the instance.",
    ),
    "many_ways": Words(
        "该分支有多个出口，不能确定取消后从哪里汇合。",
        "The branch has several ways out: it is not certain where it joins.",
    ),
    "no_block": Words(
        "同一条路上多出一支，其后的环节和结束会各发生两次；请移动已有的一支。",
        "A second branch on one way would do twice what follows, and end twice: move the one there is.",
    ),
    "closed_block": Words(
        "它所在的并行分支没有打开，或已经汇合。", "The parallel block it lies in is not open, or has closed."
    ),
    "occupied": Words("这条分支正在办理；请移动它。", "This branch is under way already: move it."),
    "no_host": Words("它所属的环节没有在办理。", "The step it belongs to is not under way."),
    "interrupts": Words(
        "它会取消所属环节，是替代而不是增加；请移动原来的一支。",
        "It ends what it belongs to, so it comes instead and not beside: move that branch.",
    ),
    "too_many_items": Words("多实例最多 200 项。", "There can be at most 200 instances."),
    "item_needed": Words(
        "请填写这一项实例针对什么，不超过 200 个字，不含逗号。",
        "Say what this instance is for: at most 200 characters, without a comma.",
    ),
    "item_there": Words("这一项正在办理。", "There is an instance for this item under way already."),
    "nothing_here": Words("没有停在该步骤上的分支。", "No branch waits at that step."),
}


class KeyReused(RuntimeRefusal):
    """An idempotency key came back with another body (422)."""


@dataclass
class Unpublishable(RuntimeRefusal):
    """A bundle that publication refuses; `problems` are the engine's and the forms' (422)."""

    problems: tuple[object, ...]
