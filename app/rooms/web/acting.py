"""Who acts, when, and on which database session: what every page hands down to the verbs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import Flask, Request, Response, current_app, g, request
from flask import session as page_session
from flask_login import UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.extensions import db, login
from app.platform import settings
from app.platform.data import sealing
from app.platform.identity import sessions, tokens
from app.platform.registry import Acting, house
from app.platform.runtime import substitutes

_COOKIE = "chengpi"


class Visitor(UserMixin):  # type: ignore[misc]
    """Flask-Login's user: nothing but the acting person at the door."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        self.id = acting.person


def attach(app: Flask) -> None:
    """Load the person from the session cookie; bind the page cookie's CSRF token to that session."""
    login.init_app(app)
    login.session_protection = None  # the token is ours and server-side
    login.request_loader(_load)
    app.before_request(_bind)
    app.context_processor(lambda: {"me": who(), "may": may, "now": now})


def me() -> Acting:
    """Return the person who acts. Only for views whose guard demands one."""
    acting = who()
    if acting is None:
        raise RuntimeError("nobody is signed in: the view's guard is open")
    return acting


def who() -> Acting | None:
    """Return the person who acts, or None."""
    user = g.get("_login_user") or current_user  # Flask-Login's own, once it has looked: a page asks often
    return cast(Acting, user.acting) if user and user.is_authenticated else None


def is_at_home() -> bool:
    """Say whether somebody is signed in and has finished arriving: only then do menu and bell speak of his matters."""
    acting = who()
    return acting is not None and not g.get("is_arriving") and getattr(acting, "must_prove", None) is None


def may(permission: str) -> bool:
    """Say whether the person, under the posts that count now, holds `permission`."""
    acting = who()
    if acting is None:
        return False
    posts = (acting.post,) if acting.post else acting.posts
    return permission in house.permissions(posts)


def now() -> datetime:
    """Return the moment of this request: one for all its statements, from the clock tests can set (C-18)."""
    if "now" not in g:
        g.now = current_app.extensions["chengpi"].clock().astimezone(UTC)
    return cast(datetime, g.now)


def session() -> Session:
    """Return the database session of this request."""
    return cast(Session, db.session())


def token() -> str | None:
    """Return the session token of the cookie, unchecked."""
    return request.cookies.get(cookie_name())


def cookie_name() -> str:
    """Return the name of the cookie that holds the session token."""
    return str(current_app.extensions["chengpi"].cookie(_COOKIE))


def hand_out(response: Response, value: str, person: str) -> None:
    """Put a new session token into the cookie; the page cookie starts anew with it.

    The page cookie remembers by a keyed mark whose browser this is, so that `kept` gives back only to them.
    """
    config = current_app.extensions["chengpi"]
    response.set_cookie(cookie_name(), value, secure=config.https, httponly=True, samesite="Lax", path="/")
    page_session.clear()
    page_session["of"] = _mark(value)
    page_session["whose"] = sealing.digest("kept-owner", person)


def take_back(response: Response) -> None:
    """Remove the session token from the browser."""
    config = current_app.extensions["chengpi"]
    response.delete_cookie(cookie_name(), secure=config.https, httponly=True, samesite="Lax", path="/")
    whose = page_session.get("whose")
    page_session.clear()
    if whose:  # another tab may still hold a page with something typed
        page_session["whose"] = whose


def bearer() -> str | None:
    """Return the token a program shows below /api, unchecked; where there is one, no cookie counts."""
    given = request.authorization
    is_api = request.path.startswith("/api/")
    return given.token if is_api and given is not None and given.type == "bearer" else None


def _load(_request: Request) -> Visitor | None:
    value = token()
    if shown := bearer():
        acting = tokens.acting(session(), shown, now())
    else:
        acting = _visit(value) if value else None
        if acting is not None and not acting.more:
            return Visitor(acting)
    if acting is None:
        _catch_up()
        return None
    return Visitor(substitutes.with_principals(session(), acting, now()))


def _catch_up() -> None:
    """A visitor, too, sees what was changed; where the database is away, what was known."""
    try:
        settings.catch_up(session())
    except SQLAlchemyError:
        session().rollback()


def _visit(value: str) -> sessions.Visit | None:
    """Who comes with the cookie, and whether he stands in for anybody: one statement."""
    guard = getattr(current_app.view_functions.get(request.endpoint or ""), "guard", None)
    counts = getattr(guard, "counts", True)
    return sessions.acting(session(), value, now(), more=substitutes.stands_in(now()), counts=counts)


def _mark(value: str | None) -> str:
    return sealing.digest("page-session", value)[:32] if value else ""


def _bind() -> None:
    """A CSRF token made for another session, or before logout, is worth nothing (T11)."""
    if request.endpoint == "static":
        return
    if page_session.get("of", "") != _mark(token()):
        page_session.pop("csrf_token", None)
        page_session["of"] = _mark(token())


def address() -> str:
    """Return where this request comes from."""
    return request.remote_addr or ""


def agent() -> str:
    """Return what the browser calls itself."""
    return (request.user_agent.string or "")[:200]
