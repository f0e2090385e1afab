"""The start page: for strangers the systems there are (C-46), for people their desk; and the two agreements."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from app.platform.identity import choosing
from app.platform.registry import house
from app.rooms.portal.blueprint import blueprint
from app.rooms.web import menus
from app.rooms.web.guards import open_to_all, welcomes


@blueprint.get("/")
@welcomes
def home() -> str:
    """Show the systems to strangers, and to people the desk with theirs and those they may join (C-46)."""
    held, mine = menus.my_systems(), menus.groups()
    groups = {group.key for group in mine}
    open_ones = [
        s for s in house.systems.values() if s.registers and s not in held and choosing.offered(s.key)
    ]
    return render_template(
        "portal/home.html",
        systems=list(house.systems.values()),
        quiet=[system for system in held if system.key not in groups],
        joinable=open_ones,
        has_work=any(not line.for_all for group in mine for line in group.lines),
    )


@blueprint.get("/agreement")
@open_to_all
def agreement() -> str:
    """Show what a user agrees to (C-05)."""
    paragraphs = [
        _("本平台供公民和单位办理申报、审核、推选等公共事务使用。注册即表示您同意遵守本协议。"),
        _(
            "请使用真实姓名和本人手机号注册，并对所提交材料的真实性负责；提交虚假材料的，主管单位可以退回申请或取消资格。"
        ),
        _(
            "账号仅限本人使用，请妥善保管密码，不得出借或转让；发现账号被他人使用，请立即修改密码并联系技术支持。"
        ),
        _("您的每一次提交、审核和下载都会留下记录，作为办理依据，不能删改。"),
        _("平台因维护需要暂停服务时，会提前公告；已提交的申请和已保存的草稿不受影响。"),
    ]
    return render_template("portal/words.html", title=_("用户协议"), paragraphs=paragraphs)


@blueprint.get("/privacy")
@open_to_all
def privacy() -> str:
    """Show what becomes of personal data (C-05)."""
    paragraphs = [
        _("平台只收集办理业务所必需的个人信息：姓名、手机号，以及您在具体业务中填写的身份和工作信息。"),
        _(
            "证件号码和手机号码加密保存，页面上只显示部分号码；完整号码仅在业务需要时向承办人员显示，每次查看都会留下记录。"
        ),
        _("您的信息仅用于所办理的业务，由该业务的主办单位和审核单位在其职责范围内使用，不向无关人员提供。"),
        _("平台仅使用维持登录和记住语言所必需的 Cookie，不使用第三方统计或广告。"),
        _("您可以查看、更正本人信息；需要注销账号的，请联系主办单位。"),
    ]
    return render_template("portal/words.html", title=_("隐私协议"), paragraphs=paragraphs)
