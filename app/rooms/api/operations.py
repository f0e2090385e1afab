"""Each operation is declared once: address, who may, what it takes and answers. Flask and OpenAPI read it from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
from flask import Blueprint, Response

from app.platform.data import transaction
from app.platform.registry import Words
from app.platform.runtime import receipts
from app.platform.runtime.errors import Unknown
from app.rooms.api.reading import Asked, read_body, read_form, read_key, read_query
from app.rooms.api.schemas import Schema
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs, open_to_all, signed_in

PREFIX = "/api/v1"
View = Callable[..., Any]

blueprint = Blueprint("api", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Operation:
    """What the contract says of one verb at one path; `media` maps media types of the answer to their schema."""

    name: str
    method: str
    path: str
    tag: str
    summary: Words
    status: int
    media: Mapping[str, Schema]
    body: Schema | None
    form: Schema | None
    query: Mapping[str, Schema]
    also: Mapping[int, Schema]
    refusals: tuple[int, ...]
    is_open: bool
    permission: str | None


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    tag: str,
    zh: str,
    en: str,
    answer: Schema | None = None,
    *,
    status: int = 200,
    media: Mapping[str, Schema] | None = None,
    body: Schema | None = None,
    form: Schema | None = None,
    query: Mapping[str, Schema] | None = None,
    also: Mapping[int, Schema] | None = None,
    refusals: tuple[int, ...] = (),
    is_open: bool = False,
    permission: str | None = None,
    prefix: str = PREFIX,
) -> Callable[[View], View]:
    """Register `view(asked, **ids)`; what it returns is the JSON of the answer, or a response of its own."""

    def register(view: View) -> View:
        made = Operation(
            view.__name__,
            method,
            prefix + path,
            tag,
            Words(zh, en),
            status,
            media or {"application/json": answer or {}},
            body,
            form,
            query or {},
            also or {},
            tuple(sorted({*_refusals(method, path, bool(body), bool(form), is_open), *refusals})),
            is_open,
            permission,
        )
        OPERATIONS.append(made)
        guard = open_to_all if is_open else needs(permission) if permission else signed_in
        blueprint.add_url_rule(
            made.path, endpoint=made.name, view_func=guard(_answering(made, view)), methods=[method]
        )
        return view

    return register


def _refusals(method: str, path: str, has_body: bool, has_form: bool, is_open: bool) -> set[int]:
    """The statuses any such operation may answer besides its own."""
    found = {422} if is_open else {401, 403, 422}
    if "<" in path:
        found.add(404)
    if method not in ("GET", "HEAD"):
        found |= {400, 409}
    if has_body or has_form:
        found |= {413, 415}
    return found


def _answering(made: Operation, view: View) -> View:
    @wraps(view)
    def run(**ids: Any) -> Response:
        if any("\0" in str(one) for one in ids.values()):
            raise Unknown(made.path)  # no table can hold such an id
        query, body, files = read_query(made.query), {}, ()
        if made.body is not None:
            body = read_body(made.body)
        elif made.form is not None:
            body, files = read_form(made.form)
        answer = view(Asked(query, body, files, read_key()), **ids)
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, tuple):
            return as_json(*answer)
        return as_json(answer, made.status)

    return run


def as_json(answer: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(answer), status, mimetype="application/json")


def once(
    asked: Asked, verb: str, parts: tuple[Any, ...], run: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Run a verb that keeps no receipts itself: it, what it does beside, and with a key its answer, in one transaction.

    The same key and body answers the first result again; another body raises `KeyReused`. The answer holds ids
    and states only: it is kept for a day.
    """
    if asked.key is None:
        with transaction(session()):
            return run()
    body, person = receipts.body_of(f"api:{verb}", *parts), me().person
    before = receipts.answered(session(), person, asked.key, body)
    if before is not None:
        return dict(before)
    try:
        with transaction(session()):
            answer = run()
            receipts.give(session(), person, asked.key, body, answer, now())
    except Exception:  # of two at once with one key the later is refused: the other one has committed by now
        session().rollback()
        before = receipts.answered(session(), person, asked.key, body)
        if before is None:
            raise
        return dict(before)
    return answer
