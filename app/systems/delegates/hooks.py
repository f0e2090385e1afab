"""Everything the chains and forms of delegates may name."""

from app.platform.registry import Hooks
from app.systems.delegates import (
    congress_hooks,
    forgetting,
    person_hooks,
    registration_form,
    rehearsed,
    slate_hooks,
    subjects,
)

hooks = Hooks("delegates")
congress_hooks.plug(hooks)
person_hooks.plug(hooks)
registration_form.plug(hooks)
rehearsed.plug(hooks)
slate_hooks.plug(hooks)
forgetting.plug(hooks)
subjects.plug(hooks)
