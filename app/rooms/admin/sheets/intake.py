"""The workbooks of people and units (C-04, C-07)."""

from __future__ import annotations

from app.platform.identity import roles
from app.platform.identity.entities import Account, HeldPost, Person, Unit
from app.platform.personnel import intake
from app.platform.registry import Words
from app.platform.sheets import Column, Sheet
from app.rooms.admin import sections

ID_TYPES = (
    ("resident_id", Words("居民身份证", "Resident identity card")),
    ("passport", Words("护照", "Passport")),
    ("hk_macao_permit", Words("港澳居民来往内地通行证", "Travel permit (Hong Kong, Macao)")),
    ("taiwan_permit", Words("台湾居民来往大陆通行证", "Travel permit (Taiwan)")),
    ("other", Words("其他证件", "Other document")),
)
YES_NO = (("yes", Words("是", "Yes")), ("no", Words("否", "No")))
SEXES = (("male", Words("男", "Male")), ("female", Words("女", "Female")))

UNITS = Sheet(
    key="units",
    title=Words("单位", "Units"),
    columns=(
        Column("name", Words("单位名称", "Unit"), required=True, longest=120, example="邯山区第一小学"),
        Column("region", Words("所在地区", "Region"), "region", required=True, example="河北省邯郸市邯山区"),
        Column(
            "parent",
            Words("上级单位", "Unit above"),
            longest=120,
            note=Words(
                "可不填；须在同一地区，可以是本表前面的单位",
                "Optional: of the same region, or above in this sheet",
            ),
        ),
    ),
    permission=roles.UNITS,
    same=("name", "region", "parent"),
    store=intake.store_units,
    prepare=intake.prepare,
    undo=intake.undo_units,
    count=intake.count_units,
    fills=(Unit,),
    tabs=sections.tabs_of("people"),
    note=Words(
        "一行一个单位。同一地区、同一上级下已有同名单位的，不重复建立。",
        "One unit a row. Where one of the same name is there already, under the same unit, none is added.",
    ),
)
PEOPLE = Sheet(
    key="people",
    title=Words("人员、账号与岗位", "People, accounts and posts"),
    columns=(
        Column("name", Words("姓名", "Name"), required=True, longest=50, example="张三"),
        Column("id_type", Words("证件类型", "ID type"), "choice", choices=ID_TYPES, example="居民身份证"),
        Column(
            "id_number",
            Words("证件号码", "ID number"),
            required=True,
            longest=30,
            example="130402199001010015",
        ),
        Column("gender", Words("性别", "Gender"), "choice", choices=SEXES),
        Column("phone", Words("手机号码", "Phone"), "phone", example="13800001234"),
        Column("email", Words("电子邮箱", "E-mail"), "email"),
        Column(
            "kept",
            Words("所属单位或地区", "Unit or region"),
            longest=200,
            example="河北省邯郸市邯山区",
            note=Words(
                "地区全称或代码，或单位全名；不填即为岗位所在地",
                "A region or a unit; if empty, where the post is",
            ),
        ),
        Column("account", Words("开通账号", "Account"), "choice", choices=YES_NO, example="是"),
        Column(
            "username",
            Words("用户名", "User name"),
            longest=30,
            example="hs*",
            note=Words(
                "不填则生成p0000001起的顺序号；填“hs*”则生成hs0000001起的顺序号",
                "Empty: numbered from p0000001 on; “hs*”: from hs0000001 on",
            ),
        ),
        Column("role", Words("角色", "Role"), longest=60, note=Words("角色名称或代码", "Its title or key")),
        Column("place", Words("任职地点", "Place of the post"), longest=200),
        Column(
            "subject",
            Words("事项", "Subject"),
            longest=60,
            note=Words(
                "角色须指定事项时填事项编号，*为全部",
                "The id of its subject, where the role has one; * for all",
            ),
        ),
        Column(
            "until",
            Words("岗位期限", "Post until"),
            "date",
            note=Words("含当日；不填为长期", "That day included"),
        ),
    ),
    permission=roles.PEOPLE,
    same=("id_number",),
    store=intake.store_people,
    prepare=intake.prepare,
    undo=intake.undo_people,
    count=intake.count_people,
    fills=(Person, Account, HeldPost),
    tabs=sections.tabs_of("people"),
    note=Words(
        "一行一人，至多一个账号、一个岗位。证件号码已登记的人员不会重复建立，只补上岗位和账号。新账号在“批量开户”中"
        "发送初始密码后才能登录；手机号码未被其他账号使用的，同时作为登录手机。",
        "One person a row, with one account and one post at most. Whoever is entered already only gets what he lacks. "
        "An account opens once its first password is sent (Accounts in batches); a phone no other account has is also "
        "signed in with.",
    ),
    then=(
        Words("为本次导入的人员发放初始密码", "Give these people their first passwords"),
        "/admin/accounts/batch",
    ),
)
SHEETS = (UNITS, PEOPLE)

sections.enter(
    sections.Section(
        "import_units",
        Words("导入单位", "Import units"),
        Words(
            "用Excel批量建立单位，查看导入记录和失败数据", "Enter units by Excel; records and refused rows"
        ),
        "import:units",
        frozenset({roles.UNITS}),
        "people",
        70,
    ),
    sections.Section(
        "import_people",
        Words("导入人员", "Import people"),
        Words(
            "用Excel批量登记人员、开户、授予岗位，查看导入记录",
            "Enter people, accounts and posts by Excel; records",
        ),
        "import:people",
        frozenset({roles.PEOPLE}),
        "people",
        71,
    ),
)
