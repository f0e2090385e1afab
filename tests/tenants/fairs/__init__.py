"""Fairs: organisers apply to hold a science fair in a district, the city decides (科普集市)."""

from app.platform.registry import MenuEntry, System, Words
from tests.tenants.fairs.roles import ROLES

SYSTEM = System(
    key="fairs",
    title=Words("科普集市管理系统", "Science fairs"),
    roles=ROLES,
    menu=(
        MenuEntry(Words("申请举办集市", "Hold a fair"), "fairs.apply", "f.application.start"),
        MenuEntry(
            Words("集市审核", "Review of fairs"), "list:applications", "f.application.review", "fairs.review"
        ),
    ),
    registers=True,
    first_page="portal.identity",
    settled="fairs/identity_is_fixed",
)
