"""The sorts of notices that the runtime tells people of, and by which ways each goes where nobody has chosen."""

from __future__ import annotations

from app.platform.notices import Kind, kinds
from app.platform.registry import Words

ARRIVED, RETURNED, ENDED, COPIED = "arrived", "returned", "ended", "copied"
URGED, DUE, OVERDUE, WAITING = "urged", "due", "overdue", "waiting"
ASKED, ANSWERED = "asked", "answered"

_MAIL, _BOTH = frozenset({"email"}), frozenset({"email", "sms"})

kinds.enter(
    Kind(
        ARRIVED,
        Words("轮到我本人办理", "A task of mine"),
        Words(
            "指定由我办理、轮到我签署，以及转办、委托、加签给我的事项",
            "Given to me by name, my turn to sign, transferred, delegated, or signers added",
        ),
        _MAIL,
    ),
    Kind(
        RETURNED,
        Words("退回给我", "Sent back to me"),
        Words("我提交的内容被退回，附退回意见", "What I have submitted comes back, with the opinion"),
        _BOTH,
    ),
    Kind(
        ENDED,
        Words("我发起的事项办结", "My matter has ended"),
        Words("我发起的事项已办结或被撤销，附办理结果", "Ended or cancelled, with the outcome"),
        _BOTH,
    ),
    Kind(COPIED, Words("抄送给我", "Copied to me"), Words("他人抄送给我阅知的事项", "For my information")),
    Kind(
        ASKED,
        Words("请我答复", "Questions to me"),
        Words("他人就某件事项向我询问", "Somebody asks me about a matter"),
        _BOTH,
    ),
    Kind(
        ANSWERED,
        Words("我的询问有了答复", "Answers to me"),
        Words("我提出的询问已有答复", "A question of mine is answered"),
        _MAIL,
    ),
    Kind(URGED, Words("催办", "Reminders"), Words("他人催我办理", "Somebody asks me to go on"), _MAIL),
    Kind(
        DUE,
        Words("即将到期", "Due soon"),
        Words("我能办理的事项快到办理时限", "A task I can answer will be due soon"),
        _MAIL,
    ),
    Kind(
        OVERDUE,
        Words("超期", "Overdue"),
        Words("上报给我督促的超期事项", "An overdue task that is brought before me"),
        _MAIL,
    ),
    Kind(
        WAITING,
        Words("岗位待办每日提醒", "Tasks of my posts, daily"),
        Words(
            "每个工作日早上一次，告知我的岗位有多少件待办；没有待办时不发",
            "Once on the morning of each working day: how many tasks wait for my posts, if any",
        ),
        never=frozenset({"sms"}),
    ),
)
