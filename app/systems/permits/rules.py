"""Decisions of permits as plain functions: complete profiles, prints, what a stage means to a summary, file names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def review_words(stage: str) -> str:
    """区县审查 of a reviewed declaration as the summary prints it (P-32)."""
    return "审核通过" if stage in DISTRICT_PASSED else "审核不通过"


def changes_summary(before: str | None, after: str | None) -> bool:
    """Whether a declaration that went from one stage to another means something else to its summary now (P-31, P-36)."""
    return _part(before) != _part(after)


def _part(stage: str | None) -> str:
    for name, stages in (("waits", IN_DISTRICT_REVIEW), ("passed", DISTRICT_PASSED), ("failed", DISTRICT_FAILED)):
        if stage in stages:
            return name
    return ""


def summary_file_name(district: str, project: str) -> str:
    """`区县-项目-区县级审查及推荐表.pdf` (P-32); characters no file name may hold become `_` (C-30)."""
    return _as_file_name(f"{district}-{project}-区县级审查及推荐表.pdf")


def _as_file_name(name: str) -> str:
    return "".join("_" if letter in NOT_IN_NAMES or ord(letter) < 32 else letter for letter in name)
