"""What may stand against drawing, in words, with its status."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from app.platform.design.errors import DrawnAlready, NotEditing, Outdated, Rejected
from app.rooms.web.errors import Said, speaks
from app.rooms.web.language import said


@speaks(Rejected)
def _rejected(error: Rejected) -> Said:
    problems = ({"field": error.field, "message": said(error.words)},) if error.field else ()
    return Said(422, _("不能这样保存"), said(error.words), _("请修改后重试。"), "rejected", problems)


@speaks(DrawnAlready)
def _drawn(error: DrawnAlready) -> Said:
    facts = {"draft": error.draft, "url": url_for("designer.editor", draft=error.draft)}
    detail = _("这个流程已有一份草稿。同一流程同时只有一份草稿，以免互相覆盖。")
    return Said(409, _("已有草稿"), detail, _("请打开现有草稿继续修改。"), "drawn-already", facts=facts)


@speaks(NotEditing)
def _not_editing(error: NotEditing) -> Said:
    detail = _("%(name)s 正在编辑这份草稿。", name=error.by or _("另一窗口"))
    facts = {"by_name": error.by, "aside": error.aside}
    advice = _("您的修改没有丢失，已另存在“历史”中。")
    return Said(409, _("现在由他人编辑"), detail, advice, "not-editing", facts=facts)


@speaks(Outdated)
def _outdated(error: Outdated) -> Said:
    detail = _("这份草稿在别处有了更新的修改。")
    facts = {"revision": error.revision, "aside": error.aside}
    advice = _("您的修改没有丢失，已另存在“历史”中。")
    return Said(409, _("不是最新的草稿"), detail, advice, "outdated", facts=facts)
