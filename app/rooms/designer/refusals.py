"""What may stand against publishing and migrating, in words, with its status."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.platform.design.errors import (
    CountChanged,
    MovedOn,
    NotReady,
    OwnEyes,
    Planned,
    Settled,
    TooLate,
)
from app.rooms.web.errors import Said, speaks
from app.rooms.web.language import said


@speaks(Planned)
def _planned(error: Planned) -> Said:
    detail = _("这份草稿正等待发布，发布前不能修改。")
    advice = _("如需修改，请先在流程页面撤回发布。")
    if error.aside:
        advice = _("您的修改没有丢失，已另存在“历史”中。如需继续修改，请先在流程页面撤回发布。")
    return Said(409, _("草稿等待发布"), detail, advice, "planned", facts={"aside": error.aside})


@speaks(MovedOn)
def _moved_on(error: MovedOn) -> Said:
    detail = _(
        "您打开发布页面后，草稿又有了新的修改（现为第 %(revision)s 次保存）。", revision=error.revision
    )
    facts = {"revision": error.revision}
    return Said(409, _("草稿已有新的修改"), detail, _("请查看新的影响后再发布。"), "moved-on", facts=facts)


@speaks(NotReady)
def _not_ready(error: NotReady) -> Said:
    problems = tuple({"message": said(one)} for one in error.failures)
    return Said(
        422, _("还不能发布"), _("发布前的检查没有通过。"), _("请修改后重新发布。"), "not-ready", problems
    )


@speaks(Settled)
def _settled(error: Settled) -> Said:
    detail = _("它已不处于您看到的状态：可能他人已处理，或已经结束。")
    return Said(409, _("状态已变化"), detail, _("请刷新页面查看最新情况。"), "settled")


@speaks(OwnEyes)
def _own_eyes(error: OwnEyes) -> Said:
    detail = _("发布须由另一名有发布权限的人复核，提交人不能自己同意或否决。")
    return Said(403, _("不能复核自己的发布"), detail, _("请等待他人复核，或撤回。"), "own-eyes")


@speaks(CountChanged)
def _count_changed(error: CountChanged) -> Said:
    detail = ngettext(
        "需要迁移的在办事项现为 %(num)s 件，与您确认的数量不同。",
        "需要迁移的在办事项现为 %(num)s 件，与您确认的数量不同。",
        error.count,
    )
    return Said(
        409, _("数量已变化"), detail, _("请重新确认。"), "count-changed", facts={"count": error.count}
    )


@speaks(TooLate)
def _too_late(error: TooLate) -> Said:
    detail = _("迁移完成已超过 24 小时，不能再撤销。")
    return Said(409, _("已超过撤销期限"), detail, _("如需回到旧版本，可发布旧版本后重新迁移。"), "too-late")
