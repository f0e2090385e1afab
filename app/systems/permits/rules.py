"""Decisions of permits as plain functions: when a profile is complete, what differs from a print, file names."""

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
    name = f"{person}-{district}-{project}-权限申请表.pdf"
    return "".join("_" if letter in NOT_IN_NAMES or ord(letter) < 32 else letter for letter in name)
