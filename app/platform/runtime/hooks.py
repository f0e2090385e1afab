"""The platform's own actions that diagrams may name: `platform/grant`, `notify`, `start` and `webhook`.

Each writes only into the transaction it stands in: repeated, killed or rolled back, it has acted once or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app.platform import notices
from app.platform.identity import posts, regions
from app.platform.registry import Acting, Call, Hooks, Refused, Words, house
from app.platform.runtime import errors, instances

hooks = Hooks("platform")

DEPTH = 5  # processes that may start each other within one verb
_STARTING = "runtime.starting"


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


@hooks.action()
def notify(
    call: Call,
    to: str,
    title: str,
    text: str = "",
    channels: str = "in_app",
    subject: str = "*",
    title_en: str = "",
    text_en: str = "",
) -> None:
    """Tell somebody something: `to` is a person's id, `starter`, or `role@region` (`role@`: everywhere).

    `channels`: in_app, email, sms, separated by commas; in-app always, outside unless a person has refused it. A role
    is asked for `subject`.
    """
    notices.send(
        call.session,
        _people(call, to, subject),
        Words(title, title_en or title),
        Words(text, text_en or text),
        call.now,
        kind=notices.MESSAGE,
        instance=call.instance,
        channels=[channel.strip() for channel in channels.split(",") if channel.strip()],
    )


def _people(call: Call, to: str, subject: str) -> list[str]:
    """The people a notice is for. Raises `LookupError` for a role there is not."""
    if to == "starter":
        return [call.starter]
    role, at, region = to.partition("@")
    if not at:
        return [to]
    if role not in house.roles:
        raise LookupError(f"no role is called {role}")
    place = regions.path_of(call.session, region) if region else ""
    return [person for person, _ in posts.holders(call.session, role, place, subject, call.now)]


@hooks.action(returns={"started": str})
def start(
    call: Call, process: str, variables: str = "", title: str = "", business_key: str = ""
) -> Mapping[str, Any]:
    """Start another process as the person who acts, under his rights; its id becomes the variable `started`.

    `variables` names what it is handed, separated by commas: `district, total=amount` hands on `district`, and
    `amount` under the name `total`.
    """
    by = _with_posts(call)
    with _deeper(call.session):
        try:
            started = instances.start(
                call.session,
                process,
                by=by,
                post=by.post,
                now=call.now,
                data=_chosen(call.variables, variables),
                title=title or None,
                business_key=business_key or None,
            )
        except errors.Forbidden as refused:
            raise Refused("您无权发起下一个流程", "You may not start the next process") from refused
        except errors.Unknown as unknown:
            raise Refused("下一个流程尚未发布", "The next process is not published") from unknown
    return {"started": started.instance}


def _with_posts(call: Call) -> Acting:
    """The acting person with his posts of now: work done after the decision knows only who he is."""
    return (
        call.by if call.by.posts else replace(call.by, posts=posts.of(call.session, call.by.person, call.now))
    )


@contextmanager
def _deeper(session: Session) -> Iterator[None]:
    depth = session.info.get(_STARTING, 0)
    if depth >= DEPTH:
        raise Refused("流程相互发起的层数过多", "Too many processes start each other")
    session.info[_STARTING] = depth + 1
    try:
        yield
    finally:
        session.info[_STARTING] = depth


@hooks.action(when="after")
def webhook(call: Call, endpoint: str, event: str = "process.called", variables: str = "") -> None:
    """Tell a registered endpoint (by its name) of this step: instance, process, element, and `variables` as for start.

    The step is over when that is written down; sending it has its own three tries, then an incident on the instance.
    """
    data = {"instance": call.instance, "process": call.process, "element": call.element}
    data["variables"] = _chosen(call.variables, variables)  # type: ignore[assignment]
    notices.emit_to(call.session, endpoint, notices.Event(event[:40], data, call.instance), call.now)


def _chosen(variables: Mapping[str, Any], names: str) -> dict[str, Any]:
    """The variables that `names` lists, by the names they are to have; one that is not there is None."""
    chosen = {}
    for part in names.split(","):
        new, _, old = (piece.strip() for piece in part.partition("="))
        if new:
            chosen[new] = variables.get(old or new)
    return chosen
