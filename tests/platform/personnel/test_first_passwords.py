"""First passwords reach each person alone, last 72 hours, and go to nobody beyond the sender's right (C-07)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.platform import documents, notices
from app.platform.identity import passwords, posts
from app.platform.identity.entities import Account
from app.platform.jobs import errands
from app.platform.notices import outbox
from app.platform.notices.delivering import deliver
from app.platform.notices.entities import Notice
from app.platform.notices.settings import Settings
from app.platform.notices.sms import SmsFile
from app.platform.personnel import first_passwords
from app.platform.personnel.first_passwords import Choice
from app.platform.registry import house
from tests.platform.jobs.databases import KINDS, fresh
from tests.platform.personnel.bureau import HERE, NOW, Bureau, card, founded, person
from tests.platform.sheets.members import cells


@pytest.fixture(params=KINDS)
def bureau(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bureau]:
    with fresh(request.param, tmp_path) as address, founded(address, tmp_path) as bureau:
        first_passwords.plug()
        house.jobs[outbox.JOB] = deliver
        notices.use(Settings(sms=SmsFile(tmp_path / "sms.jsonl")))
        yield bureau
        notices.use(Settings())


def begin(bureau: Bureau, who: str, choice: Choice) -> errands.Standing:
    """Let a batch be worked to its end."""
    by = bureau.by(who)
    with bureau.sessions() as session:
        errand = first_passwords.begin(session, choice, by, bureau.at)
    bureau.work()
    with bureau.sessions() as session:
        found = errands.get(session, errand, by)
    assert found is not None
    return found


def sent(bureau: Bureau) -> list[dict[str, Any]]:
    """The text messages that have left."""
    path = bureau.folder / "sms.jsonl"
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def test_each_gets_a_password_of_his_own_and_the_result_has_none(bureau: Bureau) -> None:
    record = bureau.enter("here", [person(n, username="hs*") for n in range(12)] + [person(12, phone=None)])
    standing = begin(bureau, "here", Choice("unsent", record.id))
    assert (standing.state, standing.result["sent"], standing.result["not_reached"]) == ("done", 12, 1)
    texts = sent(bureau)
    secrets = {text["text"].split("初始密码为")[1].split("，")[0] for text in texts}
    assert len(texts) == len(secrets) == 12
    accounts = {one.username: one for _, one, _ in bureau.entered().values() if one}
    for text in texts:
        name = text["text"].split("用户名为")[1].split("，")[0]
        secret = text["text"].split("初始密码为")[1].split("，")[0]
        assert passwords.matches(accounts[name].password_hash, secret)
        assert accounts[name].password_until_at == NOW + timedelta(hours=72)
        assert accounts[name].must_change_password
    assert bureau.entered()[card(12)][1].password_hash == passwords.UNUSABLE  # type: ignore[union-attr]
    with bureau.sessions() as session:
        assert session.scalars(select(Notice.secret)).all() == [None] * 12
        found = documents.open_file(session, documents.settings().storage, standing.result["file"])
        assert found is not None
        rows = cells(found[1])
    assert len(rows) == 14
    assert not secrets & {str(cell) for row in rows for cell in row}
    assert begin(bureau, "here", Choice("unsent", record.id)).result["sent"] == 0


def test_people_without_an_account_get_one(bureau: Bureau) -> None:
    bureau.enter("here", [person(1, account=None), person(2, account=None)])
    assert begin(bureau, "here", Choice("without", prefix="jy")).result["sent"] == 2
    found = bureau.entered()
    assert {found[card(n)][1].username for n in (1, 2)} == {"jy0000001", "jy0000002"}  # type: ignore[union-attr]


def test_whom_one_could_not_give_all_one_sends_nothing(bureau: Bureau) -> None:
    bureau.enter("here", [person(1)])
    with bureau.sessions() as session:
        who = bureau.entered()[card(1)][0].id
        posts.grant(session, who, "bureau.secret", HERE, None, NOW, None)
    standing = begin(bureau, "here", Choice("unsent"))
    assert standing.result["sent"] == 0
    assert sent(bureau) == []
    assert begin(bureau, "there", Choice("unsent", people=(who,))).total == 0


def test_whoever_has_signed_in_is_left_alone(bureau: Bureau) -> None:
    bureau.enter("here", [person(1), person(2)])
    begin(bureau, "here", Choice("unsent"))
    with bureau.sessions() as session:
        account = session.get(Account, bureau.entered()[card(1)][0].id)
        assert account is not None
        account.first_sign_in_at, kept = NOW, account.password_hash
        session.commit()
    bureau.at = NOW + timedelta(hours=1)
    assert begin(bureau, "here", Choice("again")).result["sent"] == 1
    assert bureau.entered()[card(1)][1].password_hash == kept  # type: ignore[union-attr]
