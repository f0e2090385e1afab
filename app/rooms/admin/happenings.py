"""What the rows of the record are called: each kind of thing that is written down, in words."""

from __future__ import annotations

from typing import Final

from app.platform.registry import Words, house

SIGNING_IN: Final = {
    "account.signed_in": Words("登录成功", "Signed in"),
    "account.sign_in_failed": Words("登录失败", "Failed to sign in"),
    "account.signed_out": Words("退出登录", "Signed out"),
    "account.session_ended": Words("结束一个登录", "Ended a session"),
    "account.sessions_ended": Words("结束其他登录", "Ended other sessions"),
    "account.password_changed": Words("修改密码", "Changed the password"),
    "account.password_reset": Words("重置密码", "Reset a password"),
    "account.password_renewed": Words("凭验证码设置新密码", "Set a new password by a code"),
    "account.phone_changed": Words("更换登录手机", "Changed the phone signed in with"),
    "account.first_password": Words("发放初始密码", "Gave a first password"),
    "account.unlocked": Words("解除登录限制", "Lifted a pause of signing in"),
    "code.asked": Words("获取验证码", "Asked for a code"),
    "factor.set": Words("开启两步验证", "Turned a second factor on"),
    "factor.shown": Words("通过两步验证", "Passed the second factor"),
    "factor.refused": Words("两步验证失败", "Failed the second factor"),
    "factor.recovered": Words("使用恢复码", "Used a recovery code"),
    "factor.codes_renewed": Words("重新生成恢复码", "Drew new recovery codes"),
    "factor.turned_off": Words("关闭两步验证", "Turned the second factor off"),
    "factor.reset": Words("重置两步验证", "Reset a second factor"),
    "external.linked": Words("绑定统一身份认证", "Linked a single sign-on account"),
    "external.unlinked": Words("解除统一身份认证绑定", "Unlinked a single sign-on account"),
}
FAILURES: Final = frozenset({"account.sign_in_failed", "factor.refused", "codes.refused"})
TAKEN_OUT: Final = {
    "list.exported": Words("导出列表", "Exported a list"),
    "documents.zipped": Words("打包下载", "Packed documents"),
    "first_passwords.taken_out": Words("下载密码信封", "Took password slips out"),
}
REVEALED: Final = {
    "fields.revealed": Words("查看完整证件号码", "Saw numbers in full"),
    "person.revealed": Words("查看完整号码", "Saw a number in full"),
    "codes.shown": Words("查看权限码", "Read permission codes"),
}
OPERATIONS: Final = {
    "account.registered": Words("注册账号", "Registered"),
    "account.created": Words("开通账号", "Made an account"),
    "account.enabled": Words("启用账号", "Enabled an account"),
    "account.disabled": Words("禁用账号", "Disabled an account"),
    "account.closed": Words("注销账号", "Closed an account"),
    "person.added": Words("新增人员", "Added a person"),
    "person.changed": Words("修改人员信息", "Changed a person"),
    "person.moved": Words("变更所属单位或地区", "Put a person elsewhere"),
    "person.transferred": Words("人员调动", "Transferred a person"),
    "person.left": Words("离岗交接", "Handed over a leaver's work"),
    "identity.chosen": Words("选择身份", "Chose an identity"),
    "post.granted": Words("授予岗位", "Gave a post"),
    "post.widened": Words("延长岗位期限", "Prolonged a post"),
    "post.shortened": Words("缩短岗位期限", "Shortened a post"),
    "post.redated": Words("修改岗位期限", "Changed a post's dates"),
    "post.ended": Words("撤销岗位", "Ended a post"),
    "first_passwords.begun": Words("批量发放初始密码", "Gave out first passwords in a batch"),
    "codes.issued": Words("生成权限码", "Issued permission codes"),
    "codes.redeemed": Words("绑定权限码", "Redeemed a permission code"),
    "codes.refused": Words("权限码未通过", "A permission code was refused"),
    "codes.extended": Words("延长权限码有效期", "Extended permission codes"),
    "codes.revoked": Words("作废权限码", "Revoked permission codes"),
    "role.made": Words("新建角色", "Made a role"),
    "role.changed": Words("修改角色", "Changed a role"),
    "role.turned": Words("停用或启用角色", "Turned a role off or on"),
    "role.removed": Words("删除角色", "Removed a role"),
    "token.created": Words("新建令牌", "Made a token"),
    "token.revoked": Words("停用令牌", "Revoked a token"),
    "region.added": Words("新增地区", "Added a region"),
    "region.changed": Words("修改地区", "Changed a region"),
    "region.moved": Words("调整地区归属", "Moved a region"),
    "region.removed": Words("删除地区", "Removed a region"),
    "region.loaded": Words("更新地区表", "Loaded the regions"),
    "unit.added": Words("新增单位", "Added an organisation"),
    "unit.changed": Words("修改单位", "Changed an organisation"),
    "unit.moved": Words("调整单位归属", "Moved an organisation"),
    "unit.merged": Words("合并单位", "Merged two organisations"),
    "people.imported": Words("导入人员", "Imported people"),
    "people.import_undone": Words("撤销导入人员", "Undid an import of people"),
    "units.imported": Words("导入单位", "Imported organisations"),
    "units.import_undone": Words("撤销导入单位", "Undid an import of organisations"),
    "sheet.import_begun": Words("开始导入", "Began an import"),
    "sheet.imported": Words("导入表格", "Imported a workbook"),
    "sheet.undone": Words("撤销导入", "Undid an import"),
    "setting.changed": Words("修改设置", "Changed a setting"),
    "dictionary.seeded": Words("载入数据字典", "Loaded the dictionaries"),
    "dictionary.added": Words("新建字典", "Made a dictionary"),
    "dictionary.renamed": Words("修改字典名称", "Renamed a dictionary"),
    "dictionary.words": Words("修改字典条目", "Changed a dictionary's words"),
    "dictionary.turned": Words("停用或启用字典条目", "Turned a word off or on"),
    "channel.tried": Words("测试发送渠道", "Tried a way of sending"),
    "view.saved": Words("共享查询视图", "Shared a view"),
    "view.changed": Words("修改共享视图", "Changed a shared view"),
    "view.removed": Words("删除共享视图", "Removed a shared view"),
    "calendar.changed": Words("修改工作日历", "Changed the calendar"),
    "calendar.published": Words("更新法定节假日", "Published holidays changed"),
    "endpoint.added": Words("新增推送地址", "Added an endpoint"),
    "endpoint.removed": Words("删除推送地址", "Removed an endpoint"),
    "substitute.appointed": Words("指定代理人", "Appointed a substitute"),
    "substitute.ended": Words("结束代理", "Ended a substitution"),
    "task.assigned": Words("改派无人办理的任务", "Assigned an unattended task"),
    "unattended.told": Words("通知无人办理的任务", "Told of unattended tasks"),
    "incident.retried": Words("重试异常", "Retried an incident"),
    "deadlines.recounted": Words("重新计算时限", "Counted deadlines again"),
    "instance.erased": Words("到期清除流程", "Erased a case"),
    "audit.erased": Words("清除个人信息", "Erased personal data"),
    "audit.verified": Words("核验日志", "Verified the record"),
}
ELSEWHERE: Final = frozenset({*SIGNING_IN, *TAKEN_OUT, *REVEALED})
"""What is listed otherwise than among the operations."""
FACTS: Final = {
    "address": Words("地址", "Address"),
    "agent": Words("浏览器", "Browser"),
    "role": Words("角色", "Role"),
    "place": Words("地区或单位", "Place"),
    "subject": Words("事项", "Subject"),
    "post": Words("岗位编号", "Post"),
    "instance": Words("流程编号", "Case"),
    "fields": Words("字段", "Fields"),
    "reason": Words("理由", "Reason"),
    "before": Words("修改前", "Before"),
    "after": Words("修改后", "After"),
    "setting": Words("设置项", "Setting"),
    "list": Words("列表", "List"),
    "rows": Words("行数", "Rows"),
    "columns": Words("列", "Columns"),
    "filters": Words("筛选条件", "Filters"),
    "ticked": Words("勾选行数", "Ticked"),
    "file": Words("文件编号", "File"),
    "name": Words("名称", "Name"),
    "region": Words("地区", "Region"),
    "system": Words("系统", "System"),
    "broken": Words("不符的链", "Broken chains"),
    "first": Words("首处不符", "First break"),
    "count": Words("数量", "Count"),
    "way": Words("方式", "Way"),
    "why": Words("原因", "Why"),
    "which": Words("办理事项", "What for"),
    "import": Words("导入编号", "Import"),
    "batch": Words("批次编号", "Batch"),
    "until": Words("截止", "Until"),
    "from": Words("原在", "From"),
    "to": Words("到", "To"),
    "field": Words("字段", "Field"),
    "left": Words("剩余", "Left"),
    "moved": Words("移交", "Moved"),
    "released": Words("释放", "Released"),
    "posts": Words("岗位", "Posts"),
    "substitutions": Words("代理", "Substitutions"),
    "disabled": Words("停用账号", "Account shut"),
    "people": Words("人员", "People"),
    "accounts": Words("账号", "Accounts"),
    "known": Words("原已登记", "Known before"),
    "units": Words("单位", "Organisations"),
    "sheet": Words("表格", "Workbook"),
    "state": Words("状态", "State"),
    "good": Words("成功", "Good"),
    "bad": Words("失败", "Refused"),
    "created": Words("新增", "Added"),
    "username": Words("用户名", "User name"),
    "dictionary": Words("字典", "Dictionary"),
    "words": Words("条目", "Words"),
    "channel": Words("渠道", "Channel"),
    "went": Words("是否送达", "Went"),
    "purpose": Words("用途", "Purpose"),
    "issuer": Words("认证机构", "Issuer"),
    "by": Words("凭", "By"),
    "title": Words("标题", "Title"),
    "view": Words("视图编号", "View"),
    "reach": Words("共享范围", "Shared with"),
    "token": Words("令牌编号", "Token"),
    "endpoint": Words("推送地址编号", "Endpoint"),
    "process": Words("流程", "Process"),
    "processes": Words("流程", "Processes"),
    "substitute": Words("代理人编号", "Substitute"),
    "files": Words("文件", "Files"),
    "id": Words("编号", "Id"),
    "code": Words("代码", "Code"),
    "added": Words("新增", "Added"),
    "changed": Words("修改", "Changed"),
    "errand": Words("后台任务编号", "Task"),
    "account": Words("账号摘要", "Account's digest"),
}


VALUES: Final = {
    "which": {
        "unsent": Words("尚无密码的账号", "Accounts without a password"),
        "without": Words("尚无账号的人员", "People without an account"),
        "again": Words("从未登录的账号", "Accounts nobody has signed in with"),
    },
    "why": {
        "code_unknown": Words("无效、已使用或已过期", "Wrong, used or over"),
        "code_own": Words("本人发放的权限码", "A code of his own"),
        "issuer_void": Words("发放人已无权授予", "Its issuer may not give it any more"),
        "separation": Words("三员不能兼任", "Separation of administrators"),
    },
    "way": {
        "send": Words("短信或邮件", "SMS or e-mail"),
        "sent": Words("短信或邮件", "SMS or e-mail"),
        "both": Words("短信或邮件，其余打印", "SMS or e-mail, paper for the others"),
        "print": Words("密码信封", "Paper"),
        "paper": Words("密码信封", "Paper"),
    },
    "state": {
        "done": Words("已完成", "Done"),
        "stopped": Words("已停止", "Stopped"),
        "failed": Words("未能完成", "Failed"),
    },
}
"""What stands in a body as a code, in words."""


def named() -> dict[str, Words]:
    """Every kind of row that has words: the house's, then the systems' own."""
    own = {kind: words for system in house.systems.values() for kind, words in system.happenings.items()}
    return {**SIGNING_IN, **TAKEN_OUT, **REVEALED, **OPERATIONS, **own}


def operations() -> dict[str, Words]:
    """The kinds of operations, those of the systems with them."""
    return {kind: words for kind, words in named().items() if kind not in ELSEWHERE}


def of(kind: str) -> Words:
    """What a kind of row is called; a kind nobody has named yet is its own name."""
    return named().get(kind, Words(kind, kind))


def fact(key: str) -> Words:
    """What a part of a row's body is called."""
    return FACTS.get(key, Words(key, key))
