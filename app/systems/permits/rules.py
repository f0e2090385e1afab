"""Decisions of permits as plain functions: complete profiles, what differs from a print, codes, a project's terms."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

REQUIRED = (
    "full_name",
    "gender",
    "id_type",
    "id_number",
    "mobile",
    "email",
    "address",
    "origin",
    "employer",
    "department",
    "position",
)
PRINTED = (*REQUIRED, "birth_date", "ethnicity", "landline", "postcode")
LABELS = {
    "full_name": "姓名",
    "gender": "性别",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "birth_date": "出生日期",
    "ethnicity": "民族",
    "mobile": "手机号码",
    "email": "电子邮箱",
    "landline": "固定电话",
    "address": "通讯地址",
    "postcode": "邮编",
    "origin": "来自",
    "employer": "工作单位",
    "department": "部门",
    "position": "职务",
}
NOT_IN_NAMES = '\\/:*?"<>|'


def profile_is_complete(profile: Mapping[str, Any]) -> bool:
    """Whether every field marked * of 基础建档 is filled in (P-08, P-09)."""
    return all(profile.get(name) for name in REQUIRED)


def changed_since_print(printed: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """Labels of the printed fields whose value is another one now (P-21)."""
    return [LABELS[name] for name in PRINTED if (printed.get(name) or None) != (present.get(name) or None)]


def form_file_name(person: str, district: str, project: str) -> str:
    """`姓名-区县-项目-权限申请表.pdf` (P-14); characters no file name may hold become `_` (C-30)."""
    return _as_file_name(f"{person}-{district}-{project}-权限申请表.pdf")


IN_DISTRICT_REVIEW = frozenset({"待区县审查"})
DISTRICT_PASSED = frozenset({"待市级审查", "市级审核通过", "市级审核不通过"})
DISTRICT_FAILED = frozenset({"已退回", "区县审查不通过"})
DISTRICT_REVIEWED = DISTRICT_PASSED | DISTRICT_FAILED
DISTRICT_PENDING = frozenset({"未提交", "未参赛", "已撤销"}) | IN_DISTRICT_REVIEW
SUBMITTED = IN_DISTRICT_REVIEW | DISTRICT_PASSED
CITY_PASSED, CITY_FAILED = frozenset({"市级审核通过"}), frozenset({"市级审核不通过"})
PENDING_WORDS, PASSED_WORDS, FAILED_WORDS = "尚未审核", "审核通过", "审核不通过"


def is_submitted(stage: str | None) -> bool:
    """提交参赛, 正式提交: whether it stands submitted; what was returned does not (P-24, P-30)."""
    return stage in SUBMITTED


def district_words(stage: str | None) -> str:
    """区县审查 of a declaration (EN-P6)."""
    if stage in DISTRICT_PASSED:
        return PASSED_WORDS
    return FAILED_WORDS if stage in DISTRICT_FAILED else PENDING_WORDS


def city_words(stage: str | None) -> str:
    """市级审查 of a declaration; 尚未审核 for whatever is not submitted (P-24, P-25, P-37)."""
    if stage in CITY_PASSED:
        return PASSED_WORDS
    return FAILED_WORDS if stage in CITY_FAILED else PENDING_WORDS


def why_not_reviewed(stage: str | None) -> tuple[str, str] | None:
    """Why the district cannot review it now, in Chinese and English; None where it can, or has (P-29)."""
    return {
        "未提交": ("尚未正式提交", "Not submitted yet"),
        "已退回": ("已退回，等待代表队重新提交", "Returned: the team has to submit again"),
        "未参赛": ("截止前未提交，未参赛", "Not submitted in time"),
        "已撤销": ("已撤销", "Cancelled"),
    }.get(stage or "未提交")


def review_words(stage: str) -> str:
    """区县审查 of a reviewed declaration as the summary prints it (P-32)."""
    return "审核通过" if stage in DISTRICT_PASSED else "审核不通过"


def changes_summary(before: str | None, after: str | None) -> bool:
    """Whether a declaration of one stage means something else to its summary in the other (P-31, P-36)."""
    return _part(before) != _part(after)


def _part(stage: str | None) -> str:
    for name, stages in (
        ("waits", IN_DISTRICT_REVIEW),
        ("passed", DISTRICT_PASSED),
        ("failed", DISTRICT_FAILED),
    ):
        if stage in stages:
            return name
    return ""


def summary_file_name(district: str, project: str) -> str:
    """`区县-项目-区县级审查及推荐表.pdf` (P-32); characters no file name may hold become `_` (C-30)."""
    return _as_file_name(f"{district}-{project}-区县级审查及推荐表.pdf")


def _as_file_name(name: str) -> str:
    return "".join("_" if letter in NOT_IN_NAMES or ord(letter) < 32 else letter for letter in name)


CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another; 31¹² is about 2⁵⁹
CODE_LENGTH = 12


def plain_code(typed: str) -> str:
    """An authorisation code as it is kept, from however it was typed; empty if it cannot be one."""
    letters = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(letter for letter in letters if letter not in " -–—\t")
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS) else ""


def shown_code(code: str) -> str:
    """A code as people read it out: `7K3M-Q9TX-4HWP`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def project_number(prefix: str, year: int, serial: int) -> str:
    """`R20240004`: prefix, year and a serial of at least four digits (P-40)."""
    return f"{prefix}{year:04}{serial:04}"


def end_of(day: date) -> datetime:
    """The last moment of a day in China."""
    return datetime.combine(day, time.max, CHINA).astimezone(UTC)


def moment_words(moment: datetime) -> str:
    """A moment as it is said in China: 2026-03-02 18:00."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a city lays down for a project (EN-P1)."""

    name: str
    prefix: str
    year: int | None
    categories: tuple[str, ...]
    groups: tuple[str, ...]
    declare_from: datetime | None
    declare_to: datetime | None
    review_to: datetime | None


def terms_complaints(terms: Terms) -> dict[str, tuple[str, str]]:
    """What is wrong with the terms of a project: by field, in Chinese and English."""
    found: dict[str, tuple[str, str]] = {}
    if not terms.name or len(terms.name) > 100:
        found["name"] = ("请填写项目名称，不超过100字", "Give a name of at most 100 characters")
    if len(terms.prefix) != 1 or not "A" <= terms.prefix <= "Z":
        found["prefix"] = ("编号前缀是一个大写字母", "The prefix is one capital letter")
    if terms.year is None or not 2000 <= terms.year <= 2100:
        found["year"] = ("请填写年度，如2026", "Give a year, such as 2026")
    for name, values, longest in (("categories", terms.categories, 60), ("groups", terms.groups, 20)):
        if not 1 <= len(values) <= 50 or any(len(value) > longest for value in values):
            found[name] = (
                f"请填写1至50项，每行一项，每项不超过{longest}字",
                f"One to fifty, one a line, each at most {longest} characters",
            )
        elif len(set(values)) < len(values):
            found[name] = ("有重复的项", "One of them stands there twice")
    return found | _window_complaints(terms)


def _window_complaints(terms: Terms) -> dict[str, tuple[str, str]]:
    found = {}
    if terms.declare_from is None:
        found["declare_from"] = ("请填写申报开始时间", "Say when declarations open")
    if terms.declare_to is None:
        found["declare_to"] = ("请填写申报截止时间", "Say when declarations close")
    elif terms.declare_from is not None and terms.declare_to <= terms.declare_from:
        found["declare_to"] = ("申报截止时间须晚于开始时间", "Declarations close after they open")
    elif terms.review_to is not None and terms.review_to < terms.declare_to:
        found["review_to"] = (
            "审查截止时间不能早于申报截止时间",
            "Reviews cannot end before declarations close",
        )
    return found
