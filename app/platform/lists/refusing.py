"""Why something was not done to a row among others, in words for its reader."""

from __future__ import annotations

from app.platform.forms import Complaint
from app.platform.registry import Words
from app.platform.runtime import errors as runtime

SAID: dict[type[Exception], Words] = {
    runtime.TaskOvertaken: Words("已超过办理时限", "Its time has run out"),
    runtime.TaskTaken: Words("该记录已被处理", "Somebody else has decided it"),
    runtime.InstanceChanged: Words(
        "内容已发生变化，请重新查看", "It has changed meanwhile; look at it again"
    ),
    runtime.Unknown: Words("没有您可以办理的环节", "Nothing here is open to you"),
    runtime.Forbidden: Words(
        "您不能办理这一环节，或该环节须逐件办理", "You may not decide this step, or not in bulk"
    ),
    runtime.MissingOpinion: Words("请填写审核意见", "An opinion is needed"),
    runtime.BadOpinion: Words(
        "审核意见过长或含有无法保存的字符", "The opinion is too long or cannot be kept"
    ),
    runtime.BadOutcome: Words("该环节没有这一办理结果", "This step has no such outcome"),
    runtime.KeyReused: Words("这一页已经提交过一次", "This page was sent before"),
}
FAILED = Words("系统处理时出错，未办理", "It failed on our side and was not decided")


class Incomplete(Exception):
    """The form cannot be taken as it is filled in; `complaints` say where."""

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        super().__init__()
        self.complaints = complaints


def why(refusal: Exception) -> Words:
    """What a row's reader is told; what nobody foresaw says no more than that."""
    if isinstance(refusal, runtime.HookRefused | runtime.BadPerson):
        return refusal.words
    if isinstance(refusal, Incomplete):
        return Words(
            *(" ".join(one.message(language) for one in refusal.complaints) for language in ("zh", "en"))
        )
    if isinstance(refusal, runtime.TaskTaken) and refusal.by_name and type(refusal) is runtime.TaskTaken:
        return _by_whom(refusal)
    if isinstance(refusal, runtime.Forbidden) and refusal.words:
        return refusal.words
    return next((SAID[kind] for kind in type(refusal).__mro__ if kind in SAID), FAILED)


def _by_whom(taken: runtime.TaskTaken) -> Words:
    """Who was first, and with what (C-19)."""
    if taken.reason == "transferred":
        return Words(f"{taken.by_name}已转办", f"Transferred by {taken.by_name}")
    if taken.outcome is None:
        return Words(f"{taken.by_name}已签收", f"Claimed by {taken.by_name}")
    return Words(
        f"该记录已被处理：{taken.by_name}，{taken.outcome.zh}",
        f"Decided already: {taken.by_name}, {taken.outcome.en}",
    )
