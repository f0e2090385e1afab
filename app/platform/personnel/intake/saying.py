"""What is said of rows that cannot be entered, in words that tell what to do."""

from __future__ import annotations

from app.platform.identity.messages import Refusal
from app.platform.registry import Words
from app.platform.sheets import Bad

UNKNOWN_PLACE = Words(
    "没有这个单位或地区，或不在您的管辖范围内。地区写全称或6位代码，单位写全名",
    "There is no such unit or region within your area. Write a region's full name or code, or a unit's name",
)
SEVERAL = Words(
    "有多个同名单位，请在前面写上地区全称，例如河北省邯郸市邯山区/第一小学",
    "Several units have this name: write the region's full name before it, as in 河北省邯郸市邯山区/第一小学",
)
OUTSIDE = Words("不在您的管辖范围内", "It lies outside your area")
KEPT_NEEDED = Words(
    "请填写所属单位或地区：没有岗位的人员须写明由谁管理",
    "Name the unit or region: somebody without a post has to be looked after somewhere",
)
SEVERAL_ROLES = Words(
    "有多个同名角色，请改写角色代码，例如{keys}", "Several roles have this title: write the key, as in {keys}"
)
NO_ROLE = Words("没有这个角色", "There is no such role")
NOT_POSTS = Words(
    "您在此处没有授予岗位的权限，只能导入人员；请清空岗位各列",
    "You do not give posts there, only enter people: leave the columns of the post empty",
)
ROLE_NEEDED = Words("填写了任职地点、事项或期限，请同时填写角色", "A place, subject or end needs a role")
TAKEN = Words(
    "用户名已被使用，请换一个，或留空由系统生成", "This user name is taken: choose another, or none"
)
TAKEN_HERE = Words("与本表另一行的用户名相同", "Another row of this workbook has the same user name")
NO_ACCOUNT = Words("填写了用户名，“开通账号”应为“是”", "A user name was given: “Account” should be yes")
DOUBLED = Words("本表前面已有这个证件号码", "An earlier row of this workbook has this number")
NOT_SEEN = Words(
    "该证件号码的人员不能由您登记，请联系上级管理员",
    "You cannot enter the person with this number; ask the administrator above you",
)
OTHER_NAME = Words(
    "该证件号码已登记，但姓名不同，请核对", "This number is entered already under another name; please check"
)
SELF = Words("不能给本人授予岗位或开通账号", "Nobody gives himself a post or an account")
HAS_ACCOUNT = Words(
    "该人员已有账号，“用户名”请留空", "This person has an account already: leave the user name empty"
)
NOT_HIS = Words(
    "该人员另有您无权授予的岗位，您不能为其开通账号",
    "This person has posts you could not give; you cannot make his account",
)
NO_LONGER = Words(
    "您导入所用的岗位刚刚结束，这一行没有导入",
    "The post you imported under has just ended: this row was not entered",
)
NO_UNIT_HERE = Words("您没有管理该地区单位的权限", "You do not look after the units of that region")
NO_PARENT = Words(
    "该地区没有这个上级单位，请先导入上级单位", "The region has no such unit: enter that one first"
)
COLUMNS = {"role": "role", "place": "place", "subject": "subject", "until": "until"}


def said(number: int, refused: Refusal, column: str = "role") -> Bad:
    """What identity refuses, as what is wrong with a cell of the row."""
    at = COLUMNS.get(refused.field or "", column)
    return Bad(number, at, Words(refused.message("zh"), refused.message("en")))
