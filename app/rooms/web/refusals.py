"""What the platform's refusals are called on a page: each plain exception in words, with its status."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, TimeoutError

from app.extensions import db
from app.platform import engine
from app.platform.documents.storage import StorageAway, StorageFull
from app.platform.identity.messages import Refusal
from app.platform.registry import Refused
from app.platform.runtime import errors as runtime
from app.rooms.web import guards, language
from app.rooms.web.errors import Said, said_of, speaks
from app.rooms.web.language import said
from app.rooms.web.logs import log

IN_EACH_OTHERS_WAY = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available


@speaks(runtime.Unknown)
def _unknown(error: runtime.Unknown) -> Said:
    return said_of(404)


@speaks(guards.Missing)
def _missing(error: guards.Missing) -> Said:
    return said_of(403)


@speaks(runtime.Forbidden)
def _forbidden(error: runtime.Forbidden) -> Said:
    words = said_of(403)
    return Said(403, words.title, said(error.words), words.advice, error.code) if error.words else words


@speaks(runtime.TaskTaken)
def _taken(error: runtime.TaskTaken) -> Said:
    """Somebody was quicker (C-19): say who, what and when."""
    detail = _("办理人：%(name)s", name=error.by_name)
    if error.outcome:
        detail += _("；结果：%(outcome)s", outcome=said(error.outcome))
    if error.at:
        detail += _("；时间：%(at)s", at=language.moment(error.at))
    facts = {
        "by_name": error.by_name,
        "outcome": said(error.outcome) if error.outcome else None,
        "at": error.at.isoformat() if error.at else None,
    }
    advice = _("您填写的内容没有提交。请返回列表办理其他事项。")
    return Said(409, _("该记录已被处理"), detail, advice, "task-taken", facts={"decided": facts})


@speaks(runtime.TaskOvertaken)
def _overtaken(error: runtime.TaskOvertaken) -> Said:
    """Time was quicker: the entry is kept as a draft."""
    detail = _("这一步的时限已到，系统已按流程自动处理。")
    return Said(409, _("已超过办理时限"), detail, _("您填写的内容没有提交，已保存为草稿。"), "task-overtaken")


@speaks(runtime.MissingReason)
def _no_reason(error: runtime.MissingReason) -> Said:
    return Said(
        422,
        _("请填写原因"),
        _("这项操作必须写明原因。"),
        _("请返回上一页填写原因后重新提交。"),
        "missing-reason",
    )


@speaks(runtime.BadVariable)
def _bad_variable(error: runtime.BadVariable) -> Said:
    detail = _("变量“%(name)s”不在流程声明之中，或其值不能使用。", name=error.name)
    return Said(422, _("变量有误"), detail, _("请检查变量的名称和值。"), "bad-variable")


@speaks(runtime.InstanceChanged)
def _changed(error: runtime.InstanceChanged) -> Said:
    words = said_of(409)
    return Said(409, words.title, words.detail, words.advice, "changed")


@speaks(runtime.DraftOutdated)
def _outdated(error: runtime.DraftOutdated) -> Said:
    """Two windows: what this one has typed stays in it, and the other's is not overwritten."""
    detail = _("保存时间：%(at)s。本页内容没有丢失。", at=language.moment(error.saved_at))
    advice = _("请查看后选择保留哪一份。")
    facts = {"version": error.version}
    return Said(409, _("另一个窗口已保存较新的草稿"), detail, advice, "draft-outdated", facts=facts)


@speaks(runtime.CannotMove)
def _cannot_move(error: runtime.CannotMove) -> Said:
    return Said(
        409, _("不能移动"), said(error.words), _("请刷新页面后重新选择。"), error.code.replace("_", "-")
    )


@speaks(runtime.CannotMigrate)
def _cannot_migrate(error: runtime.CannotMigrate) -> Said:
    problems = tuple(
        {"element": element, "code": "obstacle", "message": said(words)} for element, words in error.obstacles
    )
    return Said(
        409, _("不能迁移"), _("该事项不能转到新版本。"), _("请按提示处理后再试。"), "migrate", problems
    )


@speaks(runtime.TooManyReceivers)
def _too_many(error: runtime.TooManyReceivers) -> Said:
    detail = _("等待这条消息的事项超过%(limit)s个。", limit=error.limit)
    return Said(422, _("无法办理"), detail, _("请分批发送。"), "too-many-receivers")


@speaks(runtime.HookRefused)
@speaks(Refused)
def _refused(error: runtime.HookRefused | Refused) -> Said:
    detail = said(error.words)
    problems = ({"field": error.field, "code": "refused", "message": detail},) if error.field else ()
    return Said(422, _("无法办理"), detail, _("请按提示处理后再试。"), "refused", problems)


@speaks(runtime.MissingOpinion)
def _no_opinion(error: runtime.MissingOpinion) -> Said:
    detail = _("选择“%(outcome)s”时必须填写意见。", outcome=said(error.outcome))
    problems = ({"field": "comment", "code": "required", "message": detail},)
    advice = _("请返回上一页填写意见后重新提交。")
    return Said(422, _("请填写意见"), detail, advice, "missing-opinion", problems)


@speaks(runtime.BadOpinion)
def _bad_opinion(error: runtime.BadOpinion) -> Said:
    if error.code == "too_long":
        detail = _("审核意见最多%(most)s个字，现有%(length)s个。", most=error.most, length=error.length)
    else:
        detail = _("审核意见含有不能使用的字符。")
    problems = ({"field": "comment", "code": error.code, "message": detail},)
    return Said(422, _("意见无法保存"), detail, _("请修改意见后重新提交。"), "bad-opinion", problems)


@speaks(runtime.BadQuestion)
def _bad_question(error: runtime.BadQuestion) -> Said:
    detail = question_sentence(error)
    problems = ({"field": "text", "code": error.code, "message": detail},)
    return Said(422, _("无法保存"), detail, _("请修改后重新提交。"), "bad-question", problems)


def question_sentence(error: runtime.BadQuestion) -> str:
    """What is wrong with a question or an answer, in one sentence."""
    if error.code == "required":
        return _("请填写内容。")
    if error.code == "too_long":
        return _("最多%(most)s个字，现有%(length)s个。", most=error.most, length=error.length)
    if error.code == "too_many":
        return _("这一步最多同时有%(most)s个未答复的询问。", most=error.most)
    return _("含有不能使用的字符。")


@speaks(runtime.QuestionClosed)
def _question_closed(error: runtime.QuestionClosed) -> Said:
    return Said(
        409,
        _("询问已经结束"),
        closed_sentence(error),
        _("您填写的内容没有提交。"),
        "question-closed",
    )


def closed_sentence(error: runtime.QuestionClosed) -> str:
    """Why a question waits for no answer any more."""
    at = language.moment(error.at) if error.at else ""
    if error.how == "answered":
        return _("%(name)s已于%(at)s答复。", name=error.by_name, at=at)
    return _("这个询问已于%(at)s关闭，不再需要答复。", at=at)


@speaks(runtime.BadOutcome)
def _no_outcome(error: runtime.BadOutcome) -> Said:
    detail = _("这一步没有您选择的办理结果。")
    problems = ({"field": "outcome", "code": "choice", "message": detail},)
    return Said(422, _("无法办理"), detail, _("请刷新页面后重新选择。"), "bad-outcome", problems)


@speaks(runtime.BadItems)
def _bad_items(error: runtime.BadItems) -> Said:
    detail = said(error.words)
    problems = ({"field": error.name or "items", "code": error.code, "message": detail},)
    return Said(422, _("标记的内容有误"), detail, _("请按提示修改后重新提交。"), "bad-items", problems)


@speaks(runtime.BadEntry)
def _bad_entry(error: runtime.BadEntry) -> Said:
    return said_of(422)


@speaks(runtime.BadPerson)
@speaks(runtime.BadStanding)
def _bad_person(error: runtime.BadPerson | runtime.BadStanding) -> Said:
    code = error.code.replace("_", "-")
    return Said(422, _("无法办理"), said(error.words), _("请重新选择。"), code)


@speaks(runtime.Attended)
def _attended(error: runtime.Attended) -> Said:
    detail = _("这项任务已经有人可以办理，没有改派。")
    return Said(409, _("已有人可以办理"), detail, _("请返回列表查看最新情况。"), "attended")


@speaks(runtime.UrgedAlready)
def _urged_already(error: runtime.UrgedAlready) -> Said:
    detail = _("上次催办时间：%(at)s。", at=language.moment(error.at))
    return Said(409, _("今天已经催办过"), detail, _("每个工作日只能催办一次。"), "urged-already")


@speaks(runtime.KeyReused)
def _reused(error: runtime.KeyReused) -> Said:
    detail = _("同一次提交的内容前后不一致，后一次没有办理。")
    return Said(422, _("重复提交"), detail, _("请刷新页面，确认前一次的结果。"), "key-reused")


@speaks(runtime.Unpublishable)
def _unpublishable(error: runtime.Unpublishable) -> Said:
    spoken = language.current()
    problems = tuple(
        {
            "file": str(getattr(problem, "file", "")),
            "element": str(getattr(problem, "element", "") or ""),
            "code": str(getattr(problem, "code", "")),
            "message": str(problem.message(spoken) if hasattr(problem, "message") else problem),
        }
        for problem in error.problems
    )
    return Said(
        422, _("流程不能发布"), _("检查发现以下问题。"), _("请修改后重新发布。"), "unpublishable", problems
    )


@speaks(Refusal)
def _identity(error: Refusal) -> Said:
    if error.code.startswith("unknown_") or error.code == "no_account":
        return said_of(404)
    return Said(422, _("无法办理"), error.message(language.current()), _("请按提示处理后再试。"), error.code)


@speaks(engine.Fuse)
@speaks(engine.Faulty)
@speaks(engine.Corrupt)
@speaks(engine.NoSuchToken)
def _engine(error: Exception) -> Said:
    """The diagram or a stored state is at fault, not the person: nothing was done, and the log says what.

    A program that reads 500 tries again; this will not get better by that, so it reads 409.
    """
    db.session.rollback()
    log.error("engine", error=type(error).__name__, exc_info=error)
    return Said(
        409 if request.path.startswith("/api/") else 500,
        _("流程运行出错"),
        _("流程图在这一步无法继续，您的操作没有生效。"),
        _("请联系技术支持处理。"),
        "engine",
    )


@speaks(IntegrityError)
def _there_already(error: IntegrityError) -> Said:
    """A table's own rule refused what no verb had foreseen: there is one already, or what it belongs to is gone."""
    db.session.rollback()
    log.error("conflict", exc_info=error)
    words = said_of(409)
    return Said(409, words.title, words.detail, words.advice, "conflict")


@speaks(DataError)
def _no_such_value(error: DataError) -> Said:
    """What no column takes: a NUL, a text longer than any there is. The verb that wrote it has been rolled back."""
    db.session.rollback()
    log.error("data", exc_info=error)
    return said_of(422)


@speaks(StorageFull)
@speaks(StorageAway)
@speaks(OperationalError)
@speaks(TimeoutError)
def _busy(error: Exception) -> Said:
    """The database is away or overloaded (503); of two verbs that wait for each other one has to try again (409)."""
    db.session.rollback()
    if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) in IN_EACH_OTHERS_WAY:
        log.warning("deadlock", exc_info=error)
        words = said_of(409)
        return Said(409, words.title, words.detail, words.advice, "changed")
    log.error("unavailable", error=type(error).__name__, exc_info=error)
    return said_of(503)
