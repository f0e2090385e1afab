"""Messages and signals that go out after the commit of the step that threw them, each as a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.platform.engine import Thrown
from app.platform.jobs import enqueue

if TYPE_CHECKING:
    from app.platform.runtime.stepping import Held


def hand_over(held: Held, thrown: Sequence[Thrown]) -> None:
    """Let messages go out after the commit, each as a job."""
    for number, each in enumerate(thrown):
        message = f"{held.id}:{held.revision}:{number}"
        enqueue(
            held.session,
            "runtime/message",
            {
                "message": message,
                "kind": each.kind,
                "name": each.name,
                "correlation": each.correlation,
                "data": dict(each.data),
                "by": held.by.person,
            },
            held.now,
            key=f"message:{message}",
            instance=held.id,
        )
