"""How much of a number is shown where a mask is asked for (C-38): as the requirements say, or less, by a setting."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.platform import settings
from app.platform.forms import masking
from app.platform.registry import Words

PHONE: Final = "masks.phone"
ID_NUMBER: Final = "masks.id_number"
_WAYS: Final = {
    PHONE: {"usual": (3, 4, 4), "end": (0, 7, 4), "none": (0, 11, 0)},
    ID_NUMBER: {"usual": (3, 11, 4), "end": (0, 14, 4), "none": (0, 18, 0)},
}
_MASKS: Final = {PHONE: "phone", ID_NUMBER: "id"}

settings.define_group("privacy", Words("号码显示", "Numbers shown"))
settings.define(
    settings.Definition(
        PHONE,
        Words("手机号码的显示", "How phones are shown"),
        "choice",
        "usual",
        "privacy",
        (
            ("usual", Words("前3位和后4位：138****0001", "The first 3 and last 4: 138****0001")),
            ("end", Words("仅后4位：*******0001", "The last 4: *******0001")),
            ("none", Words("全部隐藏", "Nothing")),
        ),
    ),
    settings.Definition(
        ID_NUMBER,
        Words("证件号码的显示", "How identity numbers are shown"),
        "choice",
        "usual",
        "privacy",
        (
            (
                "usual",
                Words("前3位和后4位：130***********1234", "The first 3 and last 4: 130***********1234"),
            ),
            ("end", Words("仅后4位：**************1234", "The last 4: **************1234")),
            ("none", Words("全部隐藏", "Nothing")),
        ),
    ),
)


@settings.on_change
def install(_session: Session) -> None:
    """Let every mask of this process be what the settings say. What a system's own export asks for stays its own."""
    for key, mask in _MASKS.items():
        masking.MASKS[mask] = _WAYS[key][settings.value(key)]
