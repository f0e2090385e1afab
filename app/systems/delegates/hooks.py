"""Everything the chains and forms of delegates may name."""

from app.platform.registry import Hooks

hooks = Hooks("delegates")
