"""What identity answers when it says no: a code with parameters, and its sentence in both languages."""

from collections.abc import Mapping

from app.platform.registry import Words

MESSAGES: Mapping[str, Words] = {
    "captcha_wrong": Words(
        "验证码错误或已过期，请重新输入", "The captcha is wrong or has expired; please try again"
    ),
    "wrong_login": Words("账号或密码错误", "The account or the password is wrong"),
    "paused": Words(
        "登录失败次数过多，请{minutes}分钟后再试",
        "Too many failed attempts; please try again in {minutes} min",
    ),
    "account_disabled": Words("账号已被禁用", "This account has been disabled"),
    "password_expired": Words(
        "初始密码已过期，请联系管理员重置",
        "The initial password has expired; please ask an administrator for a new one",
    ),
    "account_exists": Words(
        "该账号已存在，已有账号则无需申请新账号",
        "This account exists already; whoever has an account needs no new one",
    ),
    "registration_closed": Words("该系统未开放注册", "This system is not open for registration"),
    "agreement_required": Words(
        "请先阅读并同意用户协议和隐私协议", "Please read and accept the user and privacy agreements first"
    ),
    "username_bad": Words(
        "用户名为3至30个字符，可用文字、数字、下划线、短横线和点，不能全为数字",
        "A user name has 3 to 30 letters, digits, underscores, hyphens or dots, and is not all digits",
    ),
    "name_required": Words("请填写姓名", "Please enter a name"),
    "name_bad": Words(
        "请填写真实姓名：最多50个字，不能有数字和特殊符号",
        "Please enter a real name: at most 50 characters, no digits or signs",
    ),
    "phone_bad": Words("请填写正确的手机号码", "Please enter a valid mobile phone number"),
    "password_short": Words(
        "密码至少10位；或至少8位，且包含大写字母、小写字母、数字、符号中的三种",
        "A password has at least 10 characters, or 8 with three of: capitals, small letters, digits, signs",
    ),
    "password_long": Words("密码不能超过{limit}位", "A password has at most {limit} characters"),
    "password_personal": Words(
        "密码不能包含姓名、手机号码或用户名",
        "A password does not contain the name, phone number or user name",
    ),
    "password_common": Words(
        "该密码过于常见，请换一个", "This password is too common; please choose another one"
    ),
    "password_same": Words("新密码不能与原密码相同", "The new password must differ from the old one"),
    "password_unequal": Words("两次输入的密码不一致", "The two passwords differ"),
    "old_password_wrong": Words("原密码错误", "The old password is wrong"),
    "no_account": Words("该人员没有账号", "This person has no account"),
    "unknown_person": Words("没有该人员", "There is no such person"),
    "unknown_region": Words("没有该地区", "There is no such region"),
    "unknown_unit": Words("没有该单位", "There is no such unit"),
    "unknown_role": Words("没有该角色", "There is no such role"),
    "unknown_token": Words("没有该令牌", "There is no such token"),
    "unknown_post": Words("没有该任职", "There is no such post"),
    "region_exists": Words("该地区代码已存在", "This region code exists already"),
    "region_bad": Words(
        "地区代码为2至12位大写字母或数字", "A region code has 2 to 12 capital letters or digits"
    ),
    "identity_not_open": Words("该身份不可自行选择", "This identity cannot be chosen by oneself"),
    "identity_fixed": Words("身份已确定，不可更改", "The identity is settled and cannot be changed"),
}


class Refusal(Exception):
    """Identity says no. `field` names the input it speaks of, where there is one."""

    def __init__(self, code: str, field: str | None = None, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.parameters = parameters

    def message(self, language: str) -> str:
        """Return the sentence in the reader's language."""
        return MESSAGES[self.code].said(language).format(**self.parameters)
