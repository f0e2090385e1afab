"""Delegates: a congress allots seats, units recommend and review people, report them, and the congress decides."""

from app.platform.registry import MenuEntry, System, Words
from app.systems.delegates.happenings import HAPPENINGS
from app.systems.delegates.roles import ROLES

SYSTEM = System(
    key="delegates",
    title=Words("代表大会", "Congress"),
    roles=ROLES,
    registers=True,  # any number may register; only a reported one is given a post (D-04)
    menu=(
        MenuEntry(
            Words("大会信息及受邀单位配置", "Congresses and invited units"),
            "delegates.congress_list",
            "d.congress.edit",
        ),
        MenuEntry(Words("代表委员推选", "Election"), "delegates.election", "d.person.recommend"),
        MenuEntry(Words("代表委员推荐", "Recommendation"), "delegates.recommended", "d.person.recommend"),
        MenuEntry(Words("代表委员待审核", "Awaiting first review"), "list:first_review", "d.person.review"),
        MenuEntry(
            Words("代表委员审核通过待上报", "Waiting to be reported"), "delegates.waiting", "d.slate.report"
        ),
        MenuEntry(Words("代表委员审核不通过", "Rejected"), "list:rejected", "d.person.review"),
        MenuEntry(Words("审核通过已上报", "Reported"), "list:reported", "d.slate.report"),
        MenuEntry(Words("终审", "Final review"), "list:final_review", "d.person.decide"),
        MenuEntry(Words("登记表管理", "Registration forms"), "delegates.forms", "d.form.manage"),
        MenuEntry(Words("我的登记表", "My registration form"), "delegates.my_forms", "d.form.fill"),
        MenuEntry(Words("大会管理", "Congress affairs"), "delegates.affairs", "d.person.view"),
        MenuEntry(Words("我的应用", "My applications"), "delegates.applications", "d.person.view"),
    ),
    happenings=HAPPENINGS,
    sends=frozenset(
        {
            "delegates_congress_dates",
            "delegates_congress_over",
            "delegates_deadline_changed",
            "delegates_recommended",
            "delegates_remove",
            "delegates_report",
            "delegates_slate_begun",
            "delegates_withdraw",
        }
    ),
)
