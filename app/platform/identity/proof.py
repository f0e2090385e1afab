"""Who must show a second factor, and how far a session has got with it (C-50)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Literal

from app.platform import settings
from app.platform.registry import Post, Words, house

SETTING = "login.second_factor"
"""Whether anybody is asked for a second factor at all."""

Step = Literal["enrol", "code"]


class _House:
    """What holds in this process until an administrator says otherwise: on, but for demonstrations and tests."""

    is_on: ClassVar[bool] = True


settings.define(
    settings.Definition(
        SETTING,
        Words("两步验证", "Second factor"),
        "yes",
        lambda: _House.is_on,
        group="login",
        about=Words(
            "开启后，管理类岗位登录时须在密码之后再输入动态验证码；关闭后任何人都不再被要求",
            "On: holders of administrators' posts enter a code after the password. Off: nobody is asked for one",
        ),
    )
)


def use(is_on: bool) -> None:
    """Say what holds at this installation as long as the setting was not changed."""
    _House.is_on = is_on


def is_on() -> bool:
    """Whether a second factor is asked for at this installation now."""
    return bool(settings.value(SETTING))


def demanded(posts: Iterable[Post]) -> bool:
    """Whether one of the posts held now is a role whose holders must show a second factor."""
    return any(post.role in house.roles and house.roles[post.role].second_factor for post in posts)


def step(posts: Iterable[Post], confirmed_at: datetime | None, proved_at: datetime | None) -> Step | None:
    """What a session must do before anything else: set a second factor up, show it, or nothing.

    `confirmed_at` is when the person's factor was set up, `proved_at` when this session showed it. Whoever has one
    shows it, whether a post asks for it or not.
    """
    if not is_on():
        return None
    if confirmed_at is None:
        return "enrol" if demanded(posts) else None
    return "code" if proved_at is None or proved_at < confirmed_at else None
