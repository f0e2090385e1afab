"""What the platform's own actions and their parameters are called where a designer chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.platform.registry import Words

ABOUT: Final[Mapping[str, Words]] = {
    "platform/notify": Words("发送通知", "Send a notice"),
    "platform/document": Words("生成文书", "Make a document"),
    "platform/grant": Words("授予角色", "Give a role"),
    "platform/start": Words("发起另一流程", "Start another process"),
    "platform/webhook": Words("通知外部系统", "Tell another system"),
}
PARAMETERS: Final[Mapping[str, Mapping[str, Words]]] = {
    "platform/notify": {
        "to": Words("通知谁", "Whom"),
        "title": Words("标题", "Title"),
        "text": Words("正文", "Text"),
        "channels": Words("方式（站内信 in_app、邮件 email、短信 sms）", "Ways (in_app, email, sms)"),
        "subject": Words("针对的对象", "Subject"),
        "title_en": Words("英文标题", "Title in English"),
        "text_en": Words("英文正文", "Text in English"),
    },
    "platform/grant": {
        "role": Words("角色代码", "Role"),
        "place": Words("任职地区代码", "Region"),
        "subject": Words("针对的对象", "Subject"),
        "person": Words("授予谁（不填为发起人）", "Whom (empty: the applicant)"),
    },
    "platform/start": {
        "process": Words("流程标识", "Process"),
        "variables": Words("带去的变量", "Variables handed on"),
        "title": Words("标题", "Title"),
        "business_key": Words("业务编号", "Business key"),
    },
}
BEGUN: Final[Mapping[str, Mapping[str, str]]] = {"platform/notify": {"to": '"starter"'}}
"""What parameters an action begins with when it is chosen, as expressions."""
EXAMPLES: Final[Mapping[str, Mapping[str, Mapping[str, Words]]]] = {
    "platform/notify": {"to": {'"starter"': Words("发起人", "The applicant")}}
}
"""Expressions a parameter usually is."""
