"""The only place that turns exceptions into pages and problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.extensions import db
from app.rooms.web import acting, kept, security
from app.rooms.web.logs import log
from app.rooms.web.wishes import is_fragment, wants_data


@dataclass(frozen=True)
class Said:
    """An error in words: what happened, what to do now."""

    status: int
    title: str
    detail: str
    advice: str = ""
    code: str = "about:blank"
    problems: tuple[Mapping[str, Any], ...] = field(default=())
    facts: Mapping[str, Any] = field(default_factory=dict)


COPIED = frozenset({403, 404, 409, 422, 500, 503})
"""Refusals of a post on whose page what was typed stands once more, to be copied."""

Speak = Callable[[Any], Said]
_speakers: dict[type[Exception], Speak] = {}


def speaks(kind: type[Exception]) -> Callable[[Speak], Speak]:
    """Register how errors of `kind` are said; rooms and systems' pages may add their own."""

    def register(speak: Speak) -> Speak:
        _speakers[kind] = speak
        return speak

    return register


def attach(app: Flask) -> None:
    """Answer every error in words."""
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _any)


def answer(what: Said) -> tuple[Response | str, int]:
    """Render an error as problem details, a fragment or a page."""
    if wants_data():
        body: dict[str, Any] = {
            "type": what.code,
            "title": what.title,
            "status": what.status,
            "detail": what.detail,
            "request": g.get("request_id", ""),
            **what.facts,
        }
        if what.problems:
            body["problems"] = list(what.problems)
        response = jsonify(body)
        response.mimetype = "application/problem+json"
        return response, what.status
    if is_fragment():
        page = render_template("web/error_fragment.html", error=what, request_id=g.get("request_id", ""))
        return page, what.status
    typed = kept.to_copy() if what.status in COPIED else ""
    if typed and what == said_of(404):
        what = _not_yours_now()
    page = render_template("web/error.html", error=what, request_id=g.get("request_id", ""), typed=typed)
    return page, what.status


def _not_yours_now() -> Said:
    """Whoever had it before him when his right ended has sent something to what he may not see any more."""
    return Said(
        404,
        _("没有提交"),
        _("这条记录不存在，或者不再由您办理：您的岗位或权限可能刚刚结束或变更。"),
        _("如需继续办理，请联系本单位管理员。"),
    )


def said_of(status: int) -> Said:
    """Return the words for an HTTP status."""
    words = {
        400: (
            _("请求有误"),
            _("服务器看不懂这个请求，可能是链接不完整或页面已过期。"),
            _("请返回上一页，刷新后再试。"),
        ),
        401: (_("请先登录"), _("这个页面需要登录后才能查看。"), _("请登录后再打开。")),
        403: (
            _("没有权限"),
            _("您当前的身份不能进行这项操作。"),
            _("如需办理，请切换身份，或联系本单位管理员授权。"),
        ),
        404: (
            _("页面不存在"),
            _("您要找的页面或记录不存在，或者不在您的管理范围内。"),
            _("请检查网址，或从菜单重新进入。"),
        ),
        405: (_("不支持的操作"), _("这个地址不接受此种访问方式。"), _("请从菜单重新进入页面。")),
        409: (
            _("内容已发生变化"),
            _("在您操作期间，这条记录已被更新。"),
            _("请刷新页面，查看最新内容后再操作。"),
        ),
        413: (_("上传内容过大"), _("单个文件不能超过 20 MB。"), _("请压缩文件或降低扫描分辨率后重新上传。")),
        422: (_("填写的内容有误"), _("有些内容没有通过检查。"), _("请按提示修改后重新提交。")),
        429: (_("操作过于频繁"), _("短时间内的请求次数超过了限制。"), _("请稍等片刻再试。")),
        500: (
            _("系统出错了"),
            _("服务器处理时遇到意外问题，您的操作没有生效，已有数据不受影响。"),
            _("请稍后重试。若问题依旧，请把下面的请求编号告诉技术支持。"),
        ),
        503: (
            _("服务暂时不可用"),
            _("系统正在维护或暂时繁忙，您的操作没有生效。"),
            _("请几分钟后重试，已保存的草稿不会丢失。"),
        ),
    }
    known = status if status in words else (500 if status >= 500 else 400)
    title, detail, advice = words[known]
    return Said(status, title, detail, advice)


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    body, status = answer(said_of(error.code))
    response = current_app.make_response((body, status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def said_of_any(error: Exception) -> Said:
    """Return the words for what was raised; what nobody foresaw is logged, and told as no more than that."""
    for kind in type(error).__mro__:
        if kind in _speakers:
            return _speakers[kind](error)
    log.error("failure", route=str(request.url_rule or "-"), exc_info=error)
    return said_of(500)


def _any(error: Exception) -> Any:
    for kind in type(error).__mro__:
        if kind in _speakers:
            return answer(_speakers[kind](error))
    db.session.rollback()
    log.error("failure", route=str(request.url_rule or "-"), exc_info=error)
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS") is not False:
        raise error
    return _http(InternalServerError())


def _expired(error: CSRFError) -> Any:
    """A form whose token is no longer good: keep what was typed, in the page itself (T11)."""
    if wants_data() or not security.from_here():
        return _http(error)
    fields = kept.fields_of_request() if acting.who() else ()
    return render_template(
        "web/expired.html",
        action=request.full_path.rstrip("?"),
        page=kept.page_of_request(),
        fields=fields,
        had_files=bool(request.files),
    ), 400
