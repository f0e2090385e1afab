"""Why a move of a rehearsal cannot be made, in the words its person would read."""

from __future__ import annotations

import logging

from app.platform.forms import Entry
from app.platform.identity.messages import Refusal
from app.platform.registry import Refused, Words
from app.platform.runtime import errors
from app.platform.runtime.incidents import BROKEN

log = logging.getLogger(__name__)


class Halted(Exception):
    """A move that cannot be made, as in reality; `entry` is what was typed, where there are complaints of it."""

    def __init__(self, words: Words, name: str | None = None, entry: Entry | None = None) -> None:
        super().__init__(words.zh)
        self.words, self.name, self.entry = words, name, entry


def halted(error: Exception) -> Halted:
    """Why a move cannot be made, in words."""
    if isinstance(error, Halted):
        return error
    if isinstance(error, errors.HookRefused | Refused):
        return Halted(error.words, error.field)
    if isinstance(error, errors.MissingOpinion):
        zh, en = error.outcome
        return Halted(Words(f"选择“{zh}”时，请填写【审核意见】", f"“{en}” needs an opinion"), "comment")
    if isinstance(error, errors.Forbidden | errors.BadItems | errors.BadPerson) and error.words:
        return Halted(error.words)
    if isinstance(error, Refusal):
        return Halted(Words(error.message("zh"), error.message("en")))
    if isinstance(error, BROKEN):
        return Halted(_broken(error))
    for kind, words in _KINDS.items():
        if isinstance(error, kind):
            return Halted(words)
    log.exception("a rehearsed move broke")
    broke = type(error).__name__
    return Halted(Words(f"这一步在系统中出错（{broke}）", f"This step fails with an error ({broke})"))


_KINDS: dict[type[Exception], Words] = {
    errors.Forbidden: Words("此人无权这样办理", "This person may not do that"),
    errors.TaskTaken: Words("这一步已由他人办理", "Another one has this step"),
    errors.Unknown: Words("此人看不到这件事项，或没有这一步", "There is no such step for this person"),
    errors.InstanceChanged: Words("事项已经变化", "The matter has changed meanwhile"),
    errors.BadOutcome: Words("这一步没有这个按钮", "The step does not offer this outcome"),
    errors.BadOpinion: Words("意见过长或含有不能使用的字符", "The opinion cannot be kept as it is"),
    errors.BadEntry: Words("表单还有内容需要修改", "The form is not complete"),
}


def _broken(error: Exception) -> Words:
    element, code = getattr(error, "element", ""), getattr(error, "code", type(error).__name__)
    return Words(f"流程在“{element}”处出错：{code}", f"The chain fails at “{element}”: {code}")
