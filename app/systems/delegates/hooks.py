"""Everything the chains and forms of delegates may name."""

from app.platform.registry import Hooks
from app.systems.delegates import person_hooks, slate_hooks

hooks = Hooks("delegates")
person_hooks.plug(hooks)
slate_hooks.plug(hooks)
