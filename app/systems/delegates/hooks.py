"""Everything the chains and forms of delegates may name."""

from app.platform.registry import Hooks
from app.systems.delegates import congress_hooks, person_hooks

hooks = Hooks("delegates")
congress_hooks.plug(hooks)
person_hooks.plug(hooks)
