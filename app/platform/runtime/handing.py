"""What a step leaves to jobs, after its commit: the work of service tasks, messages and signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.platform.engine import Thrown, Token
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


def hand_to_worker(held: Held, token: Token) -> None:
    """Write down the job for a token that waits for work; one that is there already stays as it is."""
    enqueue(
        held.session,
        "runtime/work",
        {
            "instance": held.id,
            "element": token.element,
            "visit": token.visit,
            "action": token.action,
            "parameters": dict(token.parameters or {}),
            "own": dict(token.own),
            "by": held.by.person,
        },
        held.now,
        key=f"work:{held.id}:{token.visit}",
        instance=held.id,
    )
