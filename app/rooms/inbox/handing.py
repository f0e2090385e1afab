"""What a form of the inbox may ask for while it is read or drawn; regions are asked once per page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import g

from app.platform.forms import Given
from app.platform.runtime import asking
from app.rooms.inbox import shelf
from app.rooms.web.acting import me, now, session


def given(
    values: Mapping[str, Any],
    *,
    instance: str,
    process: str,
    element: str,
    starter: str,
    variables: Mapping[str, Any],
    outcome: str | None = None,
) -> Given:
    """Everything a form at a step of an instance is handed, in the name of who looks at it."""
    handed = asking.given(
        session(),
        values,
        shelf.file_facts,
        by=me(),
        now=now(),
        instance=instance,
        process=process,
        element=element,
        starter=starter,
        variables=variables,
        outcome=outcome,
    )
    return replace(
        handed, region=_once("regions", handed.region), children=_once("region_children", handed.children)
    )


def _once(name: str, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
    known: dict[Any, Any] = g.setdefault(name, {})

    def answer(about: Any) -> Any:
        if about not in known:
            known[about] = ask(about)
        return known[about]

    return answer
