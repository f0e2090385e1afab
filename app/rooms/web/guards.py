"""Who may enter a view. Each view carries exactly one of these marks; a view without one lets nobody in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.registry import Acting
from app.rooms.web import acting, kept
from app.rooms.web.wishes import is_fragment, wants_data

View = TypeVar("View", bound=Callable[..., Any])
Detour = Callable[[Acting], tuple[str, dict[str, str]] | None]
Gate = Callable[[Acting], tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view asks of whoever comes. `counts`: coming here keeps his session alive. `proving`: the steps of the
    second factor that this view belongs to; the other views are shut to who has still to do one."""

    signed_in: bool = True
    arriving: bool = False
    welcomes: bool = False
    permission: str | None = None
    counts: bool = True
    proving: frozenset[str] = frozenset()


class Missing(Exception):
    """The person who acts lacks `permission`."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class Unguarded(RuntimeError):
    """A view carries no mark: a mistake of its author, refused for everybody."""


_detours: list[Detour] = []
_gates: list[Gate] = []


def open_to_all(view: View) -> View:
    """Let everybody in."""
    return _mark(view, Guard(signed_in=False))


def welcomes(view: View) -> View:
    """Let everybody in; but whoever is signed in finishes arriving first (the start page)."""
    return _mark(view, Guard(signed_in=False, welcomes=True))


def signed_in(view: View) -> View:
    """Let in whoever is signed in and has finished arriving (first password, identity selection)."""
    return _mark(view, Guard())


def watching(view: View) -> View:
    """Let in whoever is signed in; a page asks by itself, so that his session ends as if nobody had come."""
    return _mark(view, Guard(counts=False))


def arriving(view: View) -> View:
    """Let in whoever is signed in, before arriving is finished too: the steps of arriving, and logging out."""
    return _mark(view, Guard(arriving=True))


def proving(*steps: str) -> Callable[[View], View]:
    """Let in whoever is signed in, also before he has done one of these steps of the second factor (`gate`)."""
    return lambda view: _mark(view, Guard(arriving=True, proving=frozenset(steps)))


def needs(permission: str) -> Callable[[View], View]:
    """Let in whoever holds `permission` (`<system>.<object>.<action>`) under the posts that count now."""
    return lambda view: _mark(view, Guard(permission=permission))


def detour(find: Detour) -> Detour:
    """Register `find(acting) -> (endpoint, values) | None`: a page to be finished before any other."""
    if find not in _detours:
        _detours.append(find)
    return find


def gate(find: Gate) -> Gate:
    """Register `find(acting) -> (step, endpoint) | None`: what comes before even the steps of arriving."""
    if find not in _gates:
        _gates.append(find)
    return find


def attach(app: Flask) -> None:
    """Enforce the marks before every view."""
    app.before_request(_enforce)


def _mark(view: View, guard: Guard) -> View:
    if hasattr(view, "guard"):
        raise TypeError(f"{view.__name__} has a guard already")
    view.guard = guard  # type: ignore[attr-defined]
    return view


def _enforce() -> Response | None:
    if request.endpoint is None:
        return None  # 404 and 405 are answered by routing
    guard: Guard | None = getattr(current_app.view_functions[request.endpoint], "guard", None)
    if guard is None:
        raise Unguarded(request.endpoint)
    if not guard.signed_in and not guard.welcomes:
        return None
    person = acting.who()
    if person is None:
        return _to_login() if guard.signed_in else None
    if answer := _at_the_gate(person, guard):
        return answer
    if guard.arriving:
        g.is_arriving = any(find(person) for find in (*_gates, *_detours))  # the shell shows no menu yet
    elif answer := _on_the_way(person):
        return answer
    if guard.permission and not acting.may(guard.permission):
        raise Missing(guard.permission)
    return None


def _at_the_gate(person: Acting, guard: Guard) -> Response | None:
    for find in _gates:
        wanted = find(person)
        if wanted and wanted[0] not in guard.proving:
            if wants_data():
                abort(403)
            back = _back_from_here(_("请先完成两步验证。您填写的内容已保留，验证后可以继续。"))
            return _lead(url_for(wanted[1], next=None if back == "/" else back))
    return None


def _on_the_way(person: Acting) -> Response | None:
    for find in _detours:
        wanted = find(person)
        if wanted and wanted[0] != request.endpoint:
            if wants_data():
                abort(403)
            return _lead(url_for(wanted[0], **wanted[1]))
    return None


def _to_login() -> Response:
    """Lead to the login page and back; what was typed is kept (see `kept`)."""
    if wants_data():
        abort(401)
    told = _("登录已失效，请重新登录。您填写的内容已保留，登录后可以继续。")
    back = _back_from_here(told, _("登录已失效，请重新登录。"))
    return _lead(url_for("portal.login", next=back))


def _back_from_here(told: str, nothing: str = "") -> str:
    """Where he comes back to; of a post the page it came from, with what was typed (`told`), if that is kept."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    back = kept.page_of_request()
    key = kept.keep(back)
    if said := told if key else nothing:
        flash(said, "warning")
    return kept.with_key(back, key) if key else back


def _lead(target: str) -> Response:
    if is_fragment():
        answer = current_app.response_class("", 401)
        answer.headers["HX-Redirect"] = target
        return answer
    return redirect(target, 303)
