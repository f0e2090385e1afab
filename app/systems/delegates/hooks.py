"""Everything the chains and forms of delegates may name."""

from app.platform.registry import Hooks
from app.systems.delegates import forgetting, person_hooks, registration_form

hooks = Hooks("delegates")
person_hooks.plug(hooks)
registration_form.plug(hooks)
forgetting.plug(hooks)
