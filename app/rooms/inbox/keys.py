"""The keys of the inbox: what each does, and each person's switch for those that are a single letter (WCAG 2.1.4)."""

from __future__ import annotations

from typing import Any, Final

from flask import request, url_for

from app.platform.lists import choosing
from app.platform.registry import Words
from app.rooms.web.acting import me, now, session
from app.rooms.web.security import safe_target

SWITCH: Final = "inbox.keys"
KEYS: Final = (
    (
        Words("列表", "The list"),
        (
            ("j", Words("下一件", "Next case")),
            ("k", Words("上一件", "Case before")),
            ("Enter", Words("打开", "Open")),
            ("x", Words("勾选", "Tick")),
            ("Shift+x", Words("连续勾选到这一件", "Tick as far as here")),
            ("/", Words("搜索", "Search")),
        ),
    ),
    (
        Words("办理", "Deciding"),
        (
            ("a", Words("同意（按 Enter 确认后才提交）", "Approve (Enter confirms)")),
            ("r", Words("退回（先写意见）", "Send back (opinion first)")),
            ("d", Words("不同意（先写意见）", "Refuse (opinion first)")),
            ("t", Words("转办", "Hand on")),
            (
                "Ctrl+Enter",
                Words("提交已选的结果（再按 Enter 确认）", "Send the outcome chosen (Enter confirms)"),
            ),
            ("Esc", Words("取消，或返回列表", "Cancel, or back to the list")),
        ),
    ),
    (
        Words("前往", "Go to"),
        (
            ("g i", Words("待办", "To do")),
            ("g s", Words("我发起", "Started by me")),
            ("g d", Words("已办", "Done")),
            ("g c", Words("抄送", "Copies")),
            ("g f", Words("草稿", "Drafts")),
            ("?", Words("本页的快捷键", "These keys")),
        ),
    ),
)


def on() -> bool:
    """Whether single keys do anything for the person who acts. One statement."""
    return not choosing.is_off(SWITCH, session(), me())


def choose(*, on: bool) -> None:
    """Turn them on or off."""
    choosing.switch(SWITCH, on, session(), me(), now())


def shown() -> dict[str, Any]:
    """Every key with what it does, in groups."""
    back = safe_target(request.args.get("back"), url_for("inbox.box"))
    return {"single": on(), "back": back, "key_groups": KEYS}
