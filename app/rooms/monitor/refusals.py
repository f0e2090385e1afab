"""What may stand against a repair, in words, with its status."""

from __future__ import annotations

from flask_babel import gettext as _

from app.platform.monitoring.mending import NotMended
from app.rooms.web.errors import Said, speaks
from app.rooms.web.language import said


@speaks(NotMended)
def _not_mended(error: NotMended) -> Said:
    return Said(409, _("没有处理成功"), said(error.words), _("请返回清单查看最新情况。"), "not-mended")
