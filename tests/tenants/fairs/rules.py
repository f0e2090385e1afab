"""Decisions of fairs as plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LABELS = {
    "full_name": "姓名",
    "gender": "性别",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "mobile": "手机号码",
    "email": "电子邮箱",
    "address": "通讯地址",
    "origin": "来自",
    "employer": "工作单位",
    "department": "部门",
    "position": "职务",
}


def is_complete(profile: Mapping[str, Any]) -> bool:
    """Whether every field that must be filled in is."""
    return all(profile.get(name) for name in LABELS)


def changed_since_print(printed: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """Labels of the fields whose value is another one than was printed."""
    return [words for name, words in LABELS.items() if printed.get(name) != present.get(name)]
