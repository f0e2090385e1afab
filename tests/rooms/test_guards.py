"""Route x person x object: who gets what at every address of the rooms (T9, C-11, C-17, C-23).

The table is the expectation, written by hand; the routes are the application's own. A route without a row fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.platform import notices
from app.platform.jobs import errands
from app.platform.registry import Words, house
from app.platform.runtime import substitutes
from app.platform.runtime.entities import Question
from tests import empty_world
from tests.pages import House
from tests.platform.sheets.members import imported
from tests.rooms import factor_rows
from tests.rooms.matrix import (
    CITIES,
    NOBODY,
    ONLY_ORGANISERS,
    READ_REVIEW,
    STALE,
    UNKNOWN,
    Row,
    Town,
    arrived,
    check,
    everybody,
    program,
    routes,
    settle,
    to,
)
from tests.rooms.view_posts import saved

APPLICATION = "fairs_application"
NONSENSE = {"nonsense": 1}
AT_ONE = {"outcome": "nonsense", "revision": 1}
AT_99 = {"revision": 99}


def of_tasks(verb: str, body: Mapping[str, Any], mine: int, seen: int) -> dict[tuple[str, str], list[Row]]:
    """A verb at tasks: `mine` for whoever works there, `seen` for whoever may only read."""
    return {
        ("POST", f"/api/v1/tasks/<task>/{verb}"): [
            program({"city": mine, "owner": seen}, 404, body, task="review"),
            program(to(mine, "owner"), 404, body, task="draft_task"),
            program({"city": mine, "organiser": seen}, 404, body, task="others_review"),
            program(NOBODY, 404, body, task="absent"),
        ]
    }


def of_instances(path: str) -> dict[tuple[str, str], list[Row]]:
    """What is read of an instance."""
    return {
        ("GET", f"/api/v1/instances/<instance>{path}"): [
            program(READ_REVIEW, instance="in_review"),
            program(to(200, "owner"), instance="draft"),
            program(to(200, "organiser", "city"), instance="others_in_review"),
            program(NOBODY, instance="absent"),
        ]
    }


def asking(method: str, path: str) -> dict[tuple[str, str], list[Row]]:
    """Asking at a step that does not allow it: refused to whoever may read the task."""
    return {
        (method, f"/inbox/tasks/<task>/ask{path}"): [
            arrived(to(403, "city", "owner"), task="review"),
            arrived(to(403, "owner"), task="draft_task"),
            arrived(NOBODY, task="absent"),
        ]
    }


def malformed(path: str, **values: str) -> dict[tuple[str, str], list[Row]]:
    """A verb whose body is judged before anything is looked up: the same for everybody who is let in."""
    return {("POST", f"/api/v1{path}"): [program(NOBODY, 422, NONSENSE, **values)]}


def published(path: str) -> dict[tuple[str, str], list[Row]]:
    """What is published is there for everybody who is let in."""
    return {
        ("GET", f"/api/v1/processes/<key>{path}"): [
            program(NOBODY, 200, key=APPLICATION, number="1"),
            program(NOBODY, 404, key="absent", number="1"),
        ]
    }


def of_verbs(*verbs: str) -> dict[tuple[str, str], list[Row]]:
    """The pages of verbs that no step of the chain allows: denied to readers, and not there for anybody else."""
    return {
        (method, f"/inbox/tasks/<task>/{verb}"): [
            arrived(to(403, "city", "owner"), 404, STALE, task="review"),
            arrived(to(403, "owner"), 404, STALE, task="draft_task"),
            arrived(to(403, "city", "organiser"), 404, STALE, task="others_review"),
            arrived(NOBODY, 404, STALE, task="absent"),
        ]
        for verb in verbs
        for method in ("GET", "POST")
    }


def of_errands(path: str, method: str, own: int) -> dict[tuple[str, str], list[Row]]:
    """An errand is the business of whoever asked for it, and of nobody else."""
    return {
        (method, f"/errands/<errand>{path}"): [
            arrived(to(own, "owner"), errand="owners_errand"),
            arrived(NOBODY, errand="absent"),
        ]
    }


def of_imports(path: str, method: str, seen: int) -> dict[tuple[str, str], list[Row]]:
    """An import is seen by whoever may import at the same place."""
    where = {"system": "fairs", "key": "members"}
    return {
        (method, f"/<system>/imports/<key>/<record>{path}"): [
            arrived({"city": seen, "next_city": 404}, 403, **where, record="citys_import"),
            arrived(to(404, "city", "next_city"), 403, **where, record="absent"),
            arrived(NOBODY, 404, system="fairs", key="absent", record="citys_import"),
        ]
    }


def of_views(path: str, own: int, body: Mapping[str, Any] | None = None) -> dict[tuple[str, str], list[Row]]:
    """A view is its owner's, an office's nobody's beyond the office."""
    return {
        ("POST", f"/inbox/views/<view>{path}"): [
            arrived(to(own, "owner"), 404, body, view="owners_view"),
            arrived(to(own, "city"), 404, body, view="citys_view"),
            arrived(NOBODY, 404, body, view="absent"),
        ]
    }


def sheets_of(own: int) -> list[Row]:
    """A sheet is open to whoever holds its permission."""
    return [
        arrived(to(own, "city", "next_city"), 403, system="fairs", key="members"),
        arrived(NOBODY, 404, system="fairs", key="absent"),
        everybody(404, "arrived", system="absent", key="members"),
    ]


API: dict[tuple[str, str], list[Row]] = {
    ("GET", "/api/v1/openapi.json"): [everybody(200)],
    ("GET", "/api/v1/docs"): [everybody(200)],
    ("GET", "/api/v1/me"): [program(NOBODY, 200)],
    ("GET", "/api/v1/tasks"): [program(NOBODY, 200)],
    ("GET", "/api/v1/instances"): [program(NOBODY, 200)],
    ("GET", "/api/v1/incidents"): [program(NOBODY, 200)],
    ("GET", "/api/v1/processes"): [program(NOBODY, 200)],
    **published(""),
    **published("/versions/<int:number>"),
    **published("/versions/<int:number>/bpmn"),
    **published("/versions/<int:number>/forms"),
    ("POST", "/api/v1/processes/<key>/instances"): [
        program({**ONLY_ORGANISERS}, 422, {}, key=APPLICATION),
        program(NOBODY, 404, {}, key="absent"),
    ],
    ("POST", "/api/v1/deployments"): [program(NOBODY, 403)],
    **malformed("/messages"),
    **malformed("/migrations"),
    ("GET", "/api/v1/tasks/<task>"): [
        program(READ_REVIEW, task="review"),
        program(to(200, "owner"), task="draft_task"),
        program(to(200, "organiser", "city"), task="others_review"),
        program(NOBODY, task="absent"),
    ],
    **of_tasks("complete", AT_ONE, 422, 403),
    **of_tasks("draft", {"revision": 1}, 200, 403),
    **of_tasks("claim", AT_99, 409, 404),
    **of_tasks("unclaim", AT_99, 409, 404),
    **malformed("/tasks/<task>/return", task="review"),
    **malformed("/tasks/<task>/transfer", task="review"),
    **malformed("/tasks/<task>/delegate", task="review"),
    **malformed("/tasks/<task>/signers", task="review"),
    **malformed("/tasks/<task>/copy", task="review"),
    **malformed("/tasks/bulk"),
    **of_tasks("ask", {"to": "x", "text": "?", "revision": 1}, 403, 403),
    ("GET", "/api/v1/questions"): [program(NOBODY, 200)],
    ("POST", "/api/v1/questions/<question>/answer"): [
        program({"city": 403, "owner": 409}, 404, {"text": "."}, question="owners_question"),
        program(NOBODY, 404, {"text": "."}, question="absent"),
    ],
    ("POST", "/api/v1/questions/<question>/take-back"): [
        program({"city": 409, "owner": 409}, 404, {}, question="owners_question"),
        program(NOBODY, 404, {}, question="absent"),
    ],
    **of_instances(""),
    **of_instances("/history"),
    **of_instances("/diagram"),
    **malformed("/instances/<instance>/withdraw", instance="in_review"),
    **malformed("/instances/<instance>/cancel", instance="in_review"),
    **malformed("/instances/<instance>/suspend", instance="in_review"),
    **malformed("/instances/<instance>/resume", instance="in_review"),
    **malformed("/instances/<instance>/urge", instance="in_review"),
    **malformed("/instances/<instance>/variables", instance="in_review"),
    **malformed("/instances/<instance>/move", instance="in_review"),
    **malformed("/instances/<instance>/migrate", instance="in_review"),
    ("POST", "/api/v1/incidents/<incident>/retry"): [program(NOBODY, 404, {}, incident="absent")],
    ("POST", "/api/v1/files"): [program(NOBODY, 415)],
    ("GET", "/api/v1/files/<file>"): [
        program(READ_REVIEW, file="scan"),
        program(to(200, "owner"), file="drafts_file"),
        program(to(200, "owner"), file="loose_file"),
        program(to(200, "organiser", "city"), file="others_scan"),
        program(NOBODY, file="absent"),
    ],
}

API |= {
    ("GET", "/api/v1/webhooks"): [program(NOBODY, 403)],
    ("POST", "/api/v1/webhooks"): [program(NOBODY, 403)],
    ("DELETE", "/api/v1/webhooks/<webhook>"): [program(NOBODY, 403, webhook="absent")],
}

ROWS: dict[tuple[str, str], list[Row]] = {
    ("GET", "/"): [everybody(200, "welcome")],
    ("GET", "/static/<path:filename>"): [everybody(200, filename="chengpi.css"), everybody(404, filename="no")],
    ("GET", "/health"): [everybody(200)],
    ("GET", "/regions"): [everybody(200)],
    ("GET", "/agreement"): [everybody(200)],
    ("GET", "/privacy"): [everybody(200)],
    ("GET", "/captcha"): [everybody(200)],
    ("POST", "/captcha"): [everybody(422)],
    ("GET", "/captcha/<nonce>.png"): [everybody(200, nonce="captcha"), everybody(404, nonce="absent")],
    ("GET", "/login"): [Row("open", to(200, "visitor", "disabled"), 302)],
    ("POST", "/login"): [everybody(422)],
    ("GET", "/login/sms"): [Row("open", to(200, "visitor", "disabled"), 302)],
    ("POST", "/login/sms"): [everybody(422)],
    ("GET", "/forgot"): [everybody(200)],
    ("POST", "/forgot"): [everybody(422)],
    ("GET", "/forgot/password"): [everybody(303)],
    ("POST", "/forgot/password"): [everybody(303)],
    ("GET", "/account/phone"): [arrived({}, 200)],
    ("POST", "/account/phone"): [arrived({}, 422)],
    ("GET", "/account/email"): [arrived({}, 404)],
    ("POST", "/account/email"): [arrived({}, 404)],
    ("GET", "/register"): [everybody(302 if sum(one.registers for one in house.systems.values()) == 1 else 200)],
    ("GET", "/register/<system>"): [everybody(200, system="fairs"), everybody(404, system="absent")],
    ("POST", "/register/<system>"): [everybody(422, system="fairs"), everybody(404, system="absent")],
    ("GET", "/identity/<system>"): [
        Row("arriving", to(302, "owner", "organiser", *CITIES), 200, {"system": "fairs"}),
        everybody(404, "arriving", system="absent"),
    ],
    ("POST", "/identity/<system>"): [
        Row("arriving", to(302, "owner", "organiser", *CITIES), 422, {"system": "fairs"}),
        everybody(404, "arriving", system="absent"),
    ],
    ("GET", "/account"): [arrived(NOBODY, 200)],
    **factor_rows.ROWS,
    ("GET", "/notices"): [arrived(NOBODY, 200)],
    ("GET", "/notices/<notice>"): [
        arrived(to(303, "owner"), notice="owners_notice"),
        arrived(NOBODY, notice="absent"),
    ],
    ("POST", "/notices/read"): [arrived(NOBODY, 303)],
    ("GET", "/notices/settings"): [arrived(NOBODY, 200)],
    ("POST", "/notices/settings"): [arrived(NOBODY, 303)],
    ("GET", "/account/code"): [arrived(NOBODY, 200)],
    ("POST", "/account/code"): [arrived(NOBODY, 422)],
    ("GET", "/account/password"): [everybody(200, "arriving")],
    ("POST", "/account/password"): [everybody(422, "arriving")],
    ("POST", "/account/post"): [
        arrived(to(303, "district"), 404, {"post": "own_post"}),
        arrived(NOBODY, 404, {"post": "other_post"}),
        arrived(NOBODY, 404, {"post": "absent"}),
        arrived(NOBODY, 303),  # last: all posts count again
    ],
    ("POST", "/account/sessions/<device>/end"): [
        arrived(to(303, "owner"), 404, device="owners_device"),
        arrived(NOBODY, 404, device="absent"),
    ],
    ("POST", "/account/sessions/end-others"): [arrived(NOBODY, 303)],
    ("POST", "/account/tokens/<token>/revoke"): [
        arrived(to(303, "owner"), 404, token="owners_token"),
        arrived(NOBODY, 404, token="absent"),
    ],
    **API,
    ("GET", "/files/<file>"): [
        arrived(READ_REVIEW, file="scan"),
        arrived(READ_REVIEW, file="paper"),
        arrived(to(200, "owner"), file="drafts_file"),
        arrived(to(200, "owner"), file="loose_file"),
        arrived(to(200, "organiser", "city"), file="others_scan"),
        arrived(NOBODY, file="absent"),
    ],
    ("GET", "/files/<file>/pages/<int:number>"): [
        arrived(READ_REVIEW, file="scan", number="1"),
        arrived(READ_REVIEW, file="paper", number="1"),
        arrived(to(200, "owner"), file="drafts_file", number="1"),
        arrived(to(200, "owner"), file="loose_file", number="1"),
        arrived(to(200, "organiser", "city"), file="others_scan", number="1"),
        arrived(NOBODY, file="absent", number="1"),
    ],
    ("GET", "/files/<file>/compare"): [
        arrived(READ_REVIEW, file="scan"),
        arrived(to(200, "organiser", "city"), file="others_scan"),
        arrived(NOBODY, file="drafts_file"),
        arrived(NOBODY, file="absent"),
    ],
    ("GET", "/inbox/"): [arrived(NOBODY, 200)],
    ("POST", "/inbox/mode"): [arrived(NOBODY, 303)],
    ("GET", "/inbox/views"): [arrived(NOBODY, 200)],
    ("POST", "/inbox/views"): [
        arrived(NOBODY, 422, {"title": ""}),
        arrived(NOBODY, 403, {"title": "全部", "reach": "everybody"}),
    ],
    **of_views("", 422, {"title": ""}),
    **of_views("/move", 303),
    **of_views("/delete", 303),
    ("GET", "/inbox/instances/<instance>"): [
        arrived(READ_REVIEW, instance="in_review"),
        arrived(to(200, "owner"), instance="draft"),
        arrived(to(200, "organiser", "city"), instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("GET", "/inbox/instances/<instance>/paper"): [
        arrived(READ_REVIEW, instance="in_review"),
        arrived(to(200, "owner"), instance="draft"),
        arrived(to(200, "organiser", "city"), instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("GET", "/inbox/instances/<instance>/diagram"): [
        arrived(READ_REVIEW, instance="in_review"),
        arrived(to(200, "owner"), instance="draft"),
        arrived(to(200, "organiser", "city"), instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("GET", "/inbox/tasks/<task>"): [
        arrived(READ_REVIEW, task="review"),
        arrived(to(200, "owner"), task="draft_task"),
        arrived(to(200, "organiser", "city"), task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>"): [
        arrived({"city": 422, "owner": 403}, 404, UNKNOWN, task="review"),
        arrived(to(422, "owner"), 404, UNKNOWN, task="draft_task"),
        arrived({"city": 422, "organiser": 403}, 404, UNKNOWN, task="others_review"),
        arrived(NOBODY, 404, UNKNOWN, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/draft"): [
        arrived({"city": 204, "owner": 403}, task="review"),
        arrived(to(204, "owner"), task="draft_task"),
        arrived({"city": 204, "organiser": 403}, task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/letter"): [  # where nothing was named there is no letter
        arrived(NOBODY, task="review"),
        arrived(NOBODY, task="draft_task"),
        arrived(NOBODY, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/claim"): [
        arrived(to(409, "city"), 404, STALE, task="review"),
        arrived(to(409, "owner"), 404, STALE, task="draft_task"),
        arrived(to(409, "city"), 404, STALE, task="others_review"),
        arrived(NOBODY, 404, STALE, task="absent"),
    ],
    ("POST", "/inbox/tasks/<task>/unclaim"): [
        arrived(to(409, "city"), 404, STALE, task="review"),
        arrived(to(409, "owner"), 404, STALE, task="draft_task"),
        arrived(to(409, "city"), 404, STALE, task="others_review"),
        arrived(NOBODY, 404, STALE, task="absent"),
    ],
    **of_verbs("transfer", "delegate", "copy", "signers", "return"),
    ("GET", "/inbox/tasks/<task>/print"): [
        arrived(READ_REVIEW, task="review"),
        arrived(to(200, "owner"), task="draft_task"),
        arrived(to(200, "organiser", "city"), task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("GET", "/inbox/tasks/<task>/draft"): [
        arrived(READ_REVIEW, task="review"),
        arrived(to(200, "owner"), task="draft_task"),
        arrived(to(200, "organiser", "city"), task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("GET", "/inbox/instances/<instance>/withdraw"): [
        arrived(READ_REVIEW, instance="in_review"),
        arrived(to(200, "owner"), instance="draft"),
        arrived(to(200, "organiser", "city"), instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("POST", "/inbox/instances/<instance>/withdraw"): [
        arrived({"city": 409, "owner": 403}, instance="in_review"),
        arrived({"city": 409, "organiser": 403}, instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("POST", "/inbox/instances/<instance>/urge"): [
        arrived({"owner": 303, "city": 403}, instance="in_review"),
        arrived({"organiser": 303, "city": 403}, instance="others_in_review"),
        arrived(NOBODY, instance="absent"),
    ],
    ("GET", "/inbox/absence"): [arrived(NOBODY, 200)],
    ("POST", "/inbox/absence"): [arrived(NOBODY, 422)],
    ("POST", "/inbox/absence/<appointment>/end"): [
        arrived(to(303, "owner"), appointment="owners_absence"),
        arrived(NOBODY, appointment="absent"),
    ],
    ("GET", "/inbox/tasks/<task>/state"): [
        arrived(READ_REVIEW, task="review"),
        arrived(to(200, "owner"), task="draft_task"),
        arrived(to(200, "organiser", "city"), task="others_review"),
        arrived(NOBODY, task="absent"),
    ],
    ("GET", "/inbox/pulse"): [arrived(NOBODY, 200)],
    ("GET", "/inbox/keys"): [arrived(NOBODY, 200)],
    ("POST", "/inbox/keys"): [arrived(NOBODY, 303)],
    ("GET", "/inbox/questions"): [arrived(NOBODY, 200)],
    **asking("GET", ""),
    **asking("POST", ""),
    ("POST", "/inbox/questions/<question>/answer"): [
        arrived({"city": 403, "owner": 409}, 404, {"text": "."}, question="owners_question"),
        arrived(NOBODY, 404, {"text": "."}, question="absent"),
    ],
    ("POST", "/inbox/questions/<question>/take-back"): [
        arrived({"city": 302, "owner": 302}, 404, question="owners_question"),
        arrived(NOBODY, 404, question="absent"),
    ],
    ("GET", "/<system>/lists/<key>"): [
        arrived(CITIES, 403, system="fairs", key="applications"),
        arrived(NOBODY, 404, system="fairs", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    ("POST", "/inbox/together/of/<system>/<key>"): [
        everybody(404, "arrived", system="absent", key="applications"),
        arrived(NOBODY, 404, system="fairs", key="absent"),
    ],
    ("POST", "/inbox/together/ticked"): [arrived(NOBODY, 303)],
    ("GET", "/inbox/together"): [arrived(NOBODY, 200)],
    ("GET", "/inbox/phrases"): [arrived(NOBODY, 200)],
    ("POST", "/inbox/phrases"): [arrived(NOBODY, 422)],
    ("POST", "/inbox/phrases/<phrase>"): [arrived(NOBODY, 404, phrase="absent")],
    ("POST", "/inbox/together"): [arrived(NOBODY, 422)],
    ("GET", "/inbox/together/<errand>"): [
        arrived(NOBODY, errand="owners_errand"),  # an errand of another kind
        arrived(NOBODY, errand="absent"),
    ],
    ("GET", "/errands"): [arrived(NOBODY, 200)],
    **of_errands("", "GET", 200),
    **of_errands("/progress", "GET", 200),
    **of_errands("/stop", "POST", 303),
    **of_errands("/again", "POST", 303),
    ("POST", "/<system>/lists/<key>/columns"): [
        arrived(to(303, "city", "next_city"), 403, system="fairs", key="applications"),
        arrived(NOBODY, 404, system="fairs", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    ("POST", "/<system>/lists/<key>/views"): [
        arrived(to(422, "city", "next_city"), 403, system="fairs", key="applications"),
        arrived(NOBODY, 404, system="fairs", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    ("POST", "/<system>/lists/<key>/export"): [
        arrived(to(303, "city", "next_city"), 403, system="fairs", key="applications"),
        arrived(NOBODY, 404, system="fairs", key="absent"),
        everybody(404, "arrived", system="absent", key="applications"),
    ],
    **of_imports("", "GET", 200),
    **of_imports("/progress", "GET", 200),
    **of_imports("/failures.xlsx", "GET", 200),
    **of_imports("/undo", "POST", 303),
    ("GET", "/<system>/imports/<key>"): sheets_of(200),
    ("POST", "/<system>/imports/<key>"): sheets_of(422),
    ("GET", "/<system>/imports/<key>/template.xlsx"): sheets_of(200),
    ("GET", "/fairs/apply"): [arrived({**ONLY_ORGANISERS, "district": 200}, 200)],
    ("POST", "/fairs/apply"): [arrived(ONLY_ORGANISERS, 422)],
    ("POST", "/logout"): [everybody(303, "arriving")],  # last: who comes here is gone afterwards
}  # fmt: skip


def asked_once(town: Town) -> str:
    """A question that the owner was asked at his review, closed by now."""
    world = town.house.world
    with world.session() as session:
        question = Question(
            instance_id=town.objects["in_review"],
            task_id=town.objects["review"],
            asked_by_id=world.people["市级"],
            to_id=world.people["组织者甲"],
            text="?",
            asked_at=world.now,
            closed_at=world.now,
        )
        session.add(question)
        session.commit()
        return question.id


@pytest.fixture(scope="module")
def town(whole_house: House) -> Town:
    """Everybody, and an errand and an import of somebody's."""
    town, world = settle(whole_house), whole_house.world
    with world.session() as session:
        by = world.acting("组织者甲")
        errand = errands.begin(session, "test/none", Words("导出", "Export"), {}, by, world.now)
        (notice,) = notices.send(session, [by.person], Words("有事", "News"), Words("", ""), world.now)
        absence = substitutes.appoint(
            session,
            by.person,
            world.people["市级二"],
            world.now + timedelta(days=1),
            world.now + timedelta(days=2),
            None,
            by,
            world.now,
        )
    town.objects["owners_question"] = asked_once(town)
    town.objects |= {"owners_errand": errand, "citys_import": imported(world, world.acting("市级"))}
    town.objects["owners_absence"] = absence
    town.objects["owners_notice"] = notice
    town.objects["owners_view"] = saved(whole_house, "组织者甲")
    town.objects["citys_view"] = saved(whole_house, "市级", reach="office")
    return town


def test_every_route_of_the_rooms_has_a_row(town: Town) -> None:
    tenants = [f"{key}." for key, home in house.homes.items() if home == "app.systems"]
    tenants += [
        "admin.",
        "designer.",
        "monitor.",
        "metrics.",
        "office.",
    ]  # their tables are tests/rooms/<room>/test_guards.py
    found = {route[:2] for route in routes(town) if not route[2].startswith(tuple(tenants))}
    assert found == set(ROWS), "every route needs its row, and every row its route"


def test_every_system_with_pages_has_a_table_of_its_own() -> None:
    for path in (empty_world.ROOT / "app/systems").glob("*/pages*"):
        table = empty_world.ROOT / "tests/systems" / path.parent.name / "test_guards.py"
        assert table.exists(), f"{path.parent.name}: who gets what at its pages? ({table})"


@pytest.mark.parametrize("route", ROWS, ids=lambda route: " ".join(route))
def test_everybody_gets_what_the_table_says(town: Town, route: tuple[str, str]) -> None:
    check(town, route, ROWS[route])
