"""How what is kept of people is called on the room's pages, and how it is masked."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from app.platform.forms import masking
from app.platform.personnel.entering import Known
from app.platform.registry import Words

GENDERS: Mapping[str, Words] = {
    "male": Words("男", "Male"),
    "female": Words("女", "Female"),
}
SHOWN_FIELDS: Mapping[str, Words] = {
    "id_number": Words("身份证号码", "ID number"),
    "phone": Words("联系手机", "Phone"),
    "login_phone": Words("登录手机", "Login phone"),
    "email": Words("电子邮箱", "E-mail"),
}


def hidden(field: str, value: str | None) -> str:
    """A number under its mask; of a mail address the first letter and the house."""
    if not value:
        return ""
    if field == "email":
        name, _at, house = value.partition("@")
        return f"{name[:1]}***@{house}"
    return masking.masked(value, "id" if field == "id_number" else "phone")


def known_words(known: Known) -> str:
    """What is said of somebody who is entered already."""
    if known.id is None:
        return _("他不在您的管辖范围内，请联系上级管理员处理。")
    return _("该号码属于%(name)s。", name=known.name)
