"""The first people come from the command line: accounts, posts and tokens, without SQL."""

from __future__ import annotations

import re

import pytest

from app.extensions import db
from app.platform.identity import accounts, posts, regions, tokens
from tests.rooms.conftest import Browser


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def command(*words: str):
        return runner.invoke(args=list(words))

    return command


def test_the_first_administrator_comes_from_two_commands(app, run, clock):
    made = run("person", "create", "boss", "--name", "王大明")
    assert made.exit_code == 0, made.output
    password = re.search(r"password: (\S+)", made.output)[1]
    done = run("grant", "boss", "platform.administrator")
    assert done.exit_code == 0, done.output
    with app.app_context():
        person = accounts.by_username(db.session(), "boss")
        assert accounts.get(db.session(), person).must_change_password
        assert [post.role for post in posts.of(db.session(), person, clock())] == ["platform.administrator"]
    browser = Browser(app.test_client())
    assert browser.sign_in("boss", password).status_code == 303
    assert "/account/password" in browser.client.get("/account").location


def test_a_role_is_granted_at_a_place_for_a_subject(app, run, clock):
    run("person", "create", "clerk", "--name", "王小明")
    with app.app_context():
        found = {
            "code": "13",
            "name": "河北省",
            "children": [{"code": "1304", "name": "邯郸市", "children": []}],
        }
        regions.load(db.session(), regions.from_published([found]), clock())
    done = run("grant", "clerk", "trial.city", "130400", "--subject", "robots")
    assert done.exit_code == 0, done.output
    with app.app_context():
        person = accounts.by_username(db.session(), "clerk")
        (post,) = posts.of(db.session(), person, clock())
        assert (post.place, post.subject) == ("130000/130400/", "robots")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant", "nobody", "trial.city"), "no account"),
        (("grant", "clerk", "trial.king"), "no role"),
        (("grant", "clerk", "trial.city", "999999"), "no such region"),
        (("person", "create", "clerk", "--name", "王小明"), "exists already"),
        (("person", "create", "x", "--name", "王小明"), "3 to 30"),
        (("token", "create", "nobody"), "no account"),
        (("token", "revoke", "absent"), "no such token"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(run, words, told):
    run("person", "create", "clerk", "--name", "王小明")
    done = run(*words)
    assert done.exit_code == 1
    assert told in done.output


def test_a_token_is_shown_once_listed_and_revoked(app, run, clock):
    run("person", "create", "robot", "--name", "王小明")
    secret = run("token", "create", "robot", "--name", "档案系统", "--days", "30").output.strip()
    assert re.fullmatch(r"chengpi_[\w-]{43}", secret)
    listed = run("token", "list", "robot").output
    assert "档案系统" in listed
    assert secret not in listed
    shown = {"Authorization": f"Bearer {secret}"}
    client = app.test_client()
    assert (
        client.get("/api/v1/me", headers=shown).json["username"] == "robot"
    )  # its password is still the first
    clock.forward(days=31)
    assert client.get("/api/v1/me", headers=shown).status_code == 401
    assert run("token", "list").output.strip().endswith("expired")
    assert run("token", "revoke", listed.split("\t")[0]).output == "revoked\n"
    assert run("token", "list", "robot").output.strip().endswith("revoked")


def test_a_person_sees_and_revokes_the_tokens_that_act_for_them(app, person, browser, clock):
    owner, other = person("wang", "trial.city"), person("zhao", "trial.city")
    with app.app_context():
        token, secret = tokens.create(db.session(), owner, "对账程序", None, None, clock())
        tokens.create(db.session(), other, "别人的", None, None, clock())
    browser.sign_in("wang")
    browser.get("/account")
    assert "对账程序" in browser.page
    assert "别人的" not in browser.page
    assert secret not in browser.page
    assert browser.post(f"/account/tokens/{token}/revoke").status_code == 303
    browser.get("/account")
    assert "对账程序" not in browser.page
    assert (
        app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    )
