"""What each kind of history row is called; a room may leave some out, or call one as its readers do."""

from __future__ import annotations

from typing import Final

from app.platform.registry import Words

KINDS: Final = {
    "started": Words("发起", "Started"),
    "opened": Words("送达", "Arrived"),
    "closed": Words("不再需要", "Not needed any more"),
    "decided": Words("办理", "Decided"),
    "claimed": Words("签收", "Claimed"),
    "unclaimed": Words("放回", "Put back"),
    "worked": Words("系统处理", "Done by the system"),
    "failed": Words("系统处理失败", "Failed"),
    "amended": Words("更新内容", "Amended"),
    "signed": Words("签署", "Signed"),
    "advised": Words("提出意见", "Advised"),
    "transferred": Words("转办", "Transferred"),
    "delegated": Words("委托", "Delegated"),
    "added": Words("加签", "Signers added"),
    "removed": Words("减签", "Signers removed"),
    "copied": Words("抄送", "Copied"),
    "returned": Words("退回", "Sent back"),
    "withdrawn": Words("撤回", "Taken back"),
    "moved": Words("调整环节", "Moved"),
    "taken_away": Words("取消一支", "Branch closed"),
    "put_in": Words("增加一支", "Branch added"),
    "repaired": Words("流程修复", "Repaired"),
    "urged": Words("催办", "Urged"),
    "retried": Words("重试", "Retried"),
    "fired": Words("到期处理", "Time ran out"),
    "reminded": Words("催办提醒", "Reminded"),
    "escalated": Words("超期上报", "Escalated"),
    "rescheduled": Words("时限调整", "Deadline recounted"),
    "asked": Words("询问", "Asked"),
    "answered": Words("答复", "Answered"),
    "unasked": Words("收回询问", "Question taken back"),
    "suspended": Words("挂起", "Suspended"),
    "resumed": Words("恢复", "Resumed"),
    "variables": Words("修改变量", "Variables changed"),
    "migrated": Words("迁移版本", "Carried to another version"),
    "message": Words("收到消息", "Message received"),
    "signal": Words("收到信号", "Signal received"),
    "thrown": Words("发出消息", "Message sent"),
    "cancelled": Words("终止", "Cancelled"),
    "ended": Words("办结", "Completed"),
    "incident": Words("出现故障", "Held up"),
}
