"""What an administrator changes without a developer: values by key, felt everywhere at once."""

from app.platform.settings.definition import DEFINITIONS, GROUPS, BadSetting, Definition, define, define_group
from app.platform.settings.store import (
    all_values,
    catch_up,
    change,
    forget,
    is_changed,
    on_change,
    revision,
    stored,
    touch,
    value,
)

__all__ = [
    "DEFINITIONS",
    "GROUPS",
    "BadSetting",
    "Definition",
    "all_values",
    "catch_up",
    "change",
    "define",
    "define_group",
    "forget",
    "is_changed",
    "on_change",
    "revision",
    "stored",
    "touch",
    "value",
]
