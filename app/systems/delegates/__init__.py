"""Delegates: a congress allots seats, units recommend and review people, report them, and the congress decides."""

from app.platform.registry import MenuEntry, System, Words
from app.systems.delegates.roles import ROLES

SYSTEM = System(
    key="delegates",
    title=Words("代表大会", "Congress"),
    roles=ROLES,
    menu=(
        MenuEntry(Words("代表委员推选", "Election"), "delegates.election", "d.person.recommend"),
        MenuEntry(Words("代表委员推荐", "Recommendation"), "delegates.recommended", "d.person.recommend"),
        MenuEntry(Words("我的登记表", "My registration form"), "delegates.my_forms", "d.form.fill"),
    ),
)
