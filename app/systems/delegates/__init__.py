"""Delegates: a congress allots seats, units recommend and review people, report them, and the congress decides."""

from app.platform.registry import MenuEntry, System, Words
from app.systems.delegates.happenings import HAPPENINGS
from app.systems.delegates.roles import ROLES

SYSTEM = System(
    key="delegates",
    title=Words("代表大会", "Congress"),
    roles=ROLES,
    menu=(
        MenuEntry(
            Words("大会信息及受邀单位配置", "Congresses and invited units"),
            "delegates.congress_list",
            "d.congress.edit",
        ),
        MenuEntry(Words("受邀单位导入", "Import units"), "import:units", "d.congress.edit"),
        MenuEntry(Words("大会管理", "Congress affairs"), "delegates.affairs", "d.person.view"),
        MenuEntry(Words("我的应用", "My applications"), "delegates.applications", "d.person.view"),
    ),
    happenings=HAPPENINGS,
)
