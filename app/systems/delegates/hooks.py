"""Everything the chains and forms of delegates may name."""

from app.platform.registry import Hooks
from app.systems.delegates import slate_hooks

hooks = Hooks("delegates")
slate_hooks.plug(hooks)
