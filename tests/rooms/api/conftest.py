"""The house behind its API: a program per person, whose every answer is compared with the description."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.platform import documents
from app.platform.identity import roles, tokens
from app.platform.runtime import instances, versions
from app.rooms.api.openapi import document
from tests import pages
from tests.pages import House
from tests.platform.jobs.databases import KINDS
from tests.platform.runtime import chains

Answer = Any


class Program:
    """Speaks to the API in somebody's name; an answer the description does not know fails the test."""

    def __init__(self, house: House, token: str | None, described: dict[str, Any]) -> None:
        self.client = house.app.test_client()
        self.token = token
        self.described = described

    def get(self, path: str, **more: Any) -> Answer:
        return self._ask("GET", path, **more)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **more: Any) -> Answer:
        headers = {**more.pop("headers", {}), **({"Idempotency-Key": key} if key else {})}
        return self._ask(
            "POST", path, **({"json": body} if body is not None else {}), headers=headers, **more
        )

    def delete(self, path: str, **more: Any) -> Answer:
        return self._ask("DELETE", path, **more)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = {
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            **more.pop("headers", {}),
        }
        url = path if path.startswith(("/health", "/api/")) else f"/api/v1{path}"
        answer = self.client.open(url, method=method, headers=headers, **more)
        mind(self.described, method, url.split("?")[0], answer)
        return answer


def mind(described: dict[str, Any], method: str, path: str, answer: Answer) -> None:
    """Fail unless the description knows this answer: its status, media type and shape."""
    operation = find(described, method, path)
    if operation is None:
        assert answer.status_code in (404, 405), (method, path, answer.status_code)
        assert answer.mimetype == "application/problem+json"
        return
    responses = operation["responses"]
    told = f"{method} {path}: {answer.status_code} {answer.get_data()[:400]!r}"
    assert str(answer.status_code) in responses, told
    content = responses[str(answer.status_code)]["content"]
    assert answer.mimetype in content, told
    if answer.is_json:
        schema = {**content[answer.mimetype]["schema"], "components": described["components"]}
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(answer.json)]
        assert not errors, (told, errors)


def find(described: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """The operation behind a path: the one with the fewest placeholders that fits."""
    steps = path.split("/")
    fitting = [
        (template.count("{"), operations[method.lower()])
        for template, operations in described["paths"].items()
        if method.lower() in operations
        and len(template.split("/")) == len(steps)
        and all(a == b or a.startswith("{") for a, b in zip(template.split("/"), steps, strict=True))
    ]
    return min(fitting, key=lambda one: one[0])[1] if fitting else None


@pytest.fixture(scope="module", params=KINDS)
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared_press: documents.Press
) -> Iterator[House]:
    """The whole house on each database there is, with the small chains and a platform administrator."""
    with pages.house_of(tmp_path_factory.mktemp("api"), shared_press, request.param) as house:
        house.app.config["PROPAGATE_EXCEPTIONS"] = False
        chains.furnish(house.world)
        house.world.enter("管理员", roles.ADMINISTRATOR.key)
        house.account("管理员", "administrator1")
        yield house
    versions.forget()


@pytest.fixture(scope="module")
def described(town: House) -> dict[str, Any]:
    with town.app.test_request_context():
        return document()


@pytest.fixture(scope="module")
def program(town: House, described: dict[str, Any]) -> Callable[[str | None], Program]:
    """`program("市级")`: a program with a token of hers; `program(None)` has none."""

    def make(name: str | None) -> Program:
        if name is None:
            return Program(town, None, described)
        with town.world.session() as session:
            _, secret = tokens.create(session, town.world.people[name], "tests", None, None, town.world.now)
        return Program(town, secret, described)

    return make


@pytest.fixture
def desk(town: House, program: Callable[[str], Program]) -> Callable[[], tuple[str, str]]:
    """Make an instance that waits at the city's desk: (instance, task)."""

    def make() -> tuple[str, str]:
        starter, by = program("组织者甲"), town.world.acting("组织者甲")
        with town.world.session() as session:
            started = instances.start(
                session, "tests_desk", by=by, post=None, now=town.world.now, data=chains.HANSHAN
            )
        sent = starter.post(f"/tasks/{started.tasks[0]}/complete", {"outcome": "send", "revision": 1})
        assert sent.status_code == 200, sent.json
        return started.instance, sent.json["next_tasks"][0]

    return make


def data(town: House) -> dict[str, Any]:
    """What the start form of the small chains asks for."""
    return {"project": town.world.project, "district": "130402"}


__all__ = ["Path", "Program", "data", "find", "mind"]
