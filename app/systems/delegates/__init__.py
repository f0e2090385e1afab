"""Delegates: a congress allots seats, units recommend and review people, report them, and the congress decides."""

from app.platform.registry import System, Words
from app.systems.delegates.roles import ROLES

SYSTEM = System(
    key="delegates",
    title=Words("代表大会", "Congress"),
    roles=ROLES,
)
