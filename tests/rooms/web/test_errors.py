"""Every refusal is said in words, as a page or as problem details."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, default_exceptions

from app.extensions import db
from app.platform import engine
from app.platform.identity.messages import Refusal
from app.platform.registry import Refused, Words
from app.platform.runtime import errors
from app.rooms.web import guards
from app.rooms.web.guards import open_to_all

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CASES = [
    (errors.Unknown(), 404, "不存在"),
    (errors.Forbidden("p.x"), 403, "没有权限"),
    (
        errors.Forbidden("p.x", Words("学生和教师身份不可申请管理权限", "")),
        403,
        "学生和教师身份不可申请管理权限",
    ),
    (guards.Missing("p.x"), 403, "没有权限"),
    (errors.TaskTaken("李某", Words("通过", "Approved"), AT), 409, "该记录已被处理"),
    (errors.TaskTaken("李某", Words("通过", "Approved"), AT), 409, "2026-11-22 10:00"),
    (errors.InstanceChanged(), 409, "内容已发生变化"),
    (errors.HookRefused(Words("请勿重复申请", "Do not apply twice")), 422, "请勿重复申请"),
    (Refused("请选择项目和区县"), 422, "请选择项目和区县"),
    (errors.MissingOpinion(Words("不通过", "Rejected")), 422, "请填写意见"),
    (errors.BadOutcome("x"), 422, "没有您选择的办理结果"),
    (errors.KeyReused(), 422, "重复提交"),
    (Refusal("identity_fixed"), 422, "身份已确定"),
    (Refusal("unknown_person"), 404, "不存在"),
    (engine.Faulty("gate", "unknown_name"), 500, "流程运行出错"),
    (engine.Fuse("steps", 1000), 500, "流程运行出错"),
]


@pytest.fixture
def raising(app):
    """A page that raises what it is told."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    told = {}

    @app.route("/raise", methods=["GET"])
    @open_to_all
    def raise_it():
        raise told["error"]

    def tell(error):
        told["error"] = error
        return app.test_client()

    return tell


@pytest.mark.parametrize(("error", "status", "words"), CASES)
def test_a_refusal_is_a_page_in_words(raising, error, status, words):
    answer = raising(error).get("/raise")
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize(("error", "status", "words"), CASES)
def test_a_refusal_is_problem_details_for_a_program(raising, error, status, words):
    answer = raising(error).get("/raise", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json.keys()
    assert words in answer.json["title"] + answer.json["detail"]


@pytest.mark.parametrize("status", [code for code in default_exceptions if code != 412])
def test_every_http_error_has_a_page(raising, status):
    class Error(HTTPException):
        code = status

    answer = raising(Error()).get("/raise")
    assert answer.status_code == status
    assert "<h1>" in answer.get_data(as_text=True)


def test_a_failure_tells_nothing_but_its_number(raising):
    answer = raising(ValueError("a secret of the inside")).get("/raise")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret" not in page
    assert answer.headers["X-Request-ID"] in page


def test_an_error_of_the_database_does_not_say_with_which_values(app):
    """Errors are logged, and values may be personal (T20)."""
    with app.app_context(), pytest.raises(SQLAlchemyError) as caught:
        db.session.execute(text("SELECT nothing WHERE :number = 1"), {"number": "13040219850606123X"})
    assert "13040219850606123X" not in str(caught.value)


def test_a_refusal_speaks_the_language_asked_for(raising):
    answer = raising(errors.HookRefused(Words("请勿重复申请", "Do not apply twice"))).get("/raise?lang=en")
    assert "Do not apply twice" in answer.get_data(as_text=True)


def test_a_fragment_gets_a_fragment(raising):
    page = raising(errors.Unknown()).get("/raise", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in page
    assert "页面不存在" in page


def test_health_asks_the_database(app):
    answer = app.test_client().get("/health")
    assert answer.status_code == 200
    idle = {"waiting": 0, "running": 0, "overdue": 0, "failed": 0}
    assert answer.json == {"status": "up", "database": "reachable", "queue": idle}
