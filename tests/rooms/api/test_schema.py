"""The API against its own description, asked by a program that believes every word of it (schemathesis)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.platform.runtime.entities import Instance, Task
from app.rooms.api.openapi import document
from app.rooms.api.operations import OPERATIONS

load_all_checks()
WHO = ("组织者甲", "市级", "管理员", None)  # applicant, reviewer, manager, nobody
CHECKED = [
    CHECKS.get_one("not_a_server_error"),
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = {"small": 3, "full": 100}


@pytest.fixture(scope="module")
def schema(town) -> Any:
    with town.app.test_request_context():
        return schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def real(town) -> dict[str, list[str]]:
    """Ids that are there, so that what is generated meets something."""
    made = [town.world.apply("组织者甲"), town.world.to_review(town.settle())]
    with town.world.session() as session:
        tasks = [row.id for row in session.query(Task).filter(Task.instance_id.in_(made))]
        keys = sorted({row.process for row in session.query(Instance)})
    return {"task": tasks, "instance": made, "key": keys, "number": ["1"], "file": ["0" * 26]}


def ask(town, program, schema, real, name: str, who: str | None, count: int) -> None:
    """Generate requests for one operation and judge every answer."""
    operation = next(
        one.ok() for one in schema.get_all_operations() if one.ok().definition.raw["operationId"] == name
    )
    token = program(who).token
    headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {token}"} if token else {})}

    @given(case=operation.as_strategy(), pick=st.integers(0, 10**6), meets=st.booleans())
    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def judge(case: Any, pick: int, meets: bool) -> None:
        if meets:
            case.path_parameters = {
                key: real[key][pick % len(real[key])] if key in real else value
                for key, value in (case.path_parameters or {}).items()
            }
        answer = case.call(app=town.app, base_url="http://localhost", headers=headers)
        case.validate_response(answer, checks=CHECKED)

    judge()


NAMES = sorted(one.name for one in OPERATIONS)


@pytest.mark.parametrize("who", WHO, ids=["applicant", "reviewer", "manager", "nobody"])
def test_no_answer_is_an_error_of_ours_or_undocumented(town, program, schema, real, who) -> None:
    for name in NAMES:
        ask(town, program, schema, real, name, who, EXAMPLES["small"])


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", WHO, ids=["applicant", "reviewer", "manager", "nobody"])
def test_no_answer_is_ours_or_undocumented_at_length(town, program, schema, real, who, name) -> None:
    ask(town, program, schema, real, name, who, EXAMPLES["full"])
