"""The platform's own actions that diagrams may name: `platform/grant`."""

from __future__ import annotations

from app.platform.identity import posts, regions
from app.platform.registry import Call, Hooks

hooks = Hooks("platform")


@hooks.action()
def grant(call: Call, role: str, place: str = "", subject: str = "*", person: str = "") -> None:
    """Give a role at a region for a subject, to `person` or to whoever started the instance (P-18)."""
    posts.grant(
        call.session,
        person or call.starter,
        role,
        regions.path_of(call.session, place) if place else "",
        subject,
        now=call.now,
        by=call.by,
        instance=call.instance,
    )
